/*
 * Preloaded, makes ioctl(FICLONERANGE) work on any file system, by copying: so that what is shared with an older image can be
 * tested where nothing can be shared. Only rootc's own calls are meant; every other ioctl fails.
 */
#include <errno.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BLOCK = 4096 };

int
ioctl(int fd, unsigned long request, ...)
{
	struct file_clone_range *range;
	off_t from, to;
	ssize_t done;
	va_list list;

	va_start(list, request);
	range = va_arg(list, void *);
	va_end(list);
	if (request != FICLONERANGE) {
		errno = ENOTTY;
		return -1;
	}
	if (range->src_offset % BLOCK || range->src_length % BLOCK || range->dest_offset % BLOCK) {
		errno = EINVAL;
		return -1;
	}
	from = (off_t)range->src_offset;
	to = (off_t)range->dest_offset;
	for (size_t left = range->src_length; left; left -= (size_t)done)
		if ((done = copy_file_range((int)range->src_fd, &from, fd, &to, left, 0)) <= 0)
			return -1;
	return 0;
}
