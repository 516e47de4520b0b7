/*
 * Preloaded, makes all clocks say what the environment's CLOCK does, in seconds since 1970, and at each question a day less than at
 * the one before: so that whatever depends on the time, or on its going forward, shows.
 */
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

enum { DAY = 86400 };

static time_t
now(void)
{
	static long asked;
	const char *clock = getenv("CLOCK");

	return (time_t)(clock ? atoll(clock) : 0) - DAY * asked++;
}

time_t
time(time_t *out)
{
	time_t t = now();

	if (out)
		*out = t;
	return t;
}

int
gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	(void)zone;
	*out = (struct timeval){.tv_sec = now()};
	return 0;
}

int
clock_gettime(clockid_t id, struct timespec *out)
{
	(void)id;
	*out = (struct timespec){.tv_sec = now()};
	return 0;
}
