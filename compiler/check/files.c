/* Files and devices, one by one. */

#include "check/rules.h"

#include <inttypes.h>
#include <string.h>

#include "model/capability.h"
#include "model/xattr.h"
#include "support/compilation.h"

enum {
	MOST_DEVICES = 16384, /* far above any real /dev */
	MOST_MINOR = 1048575,
};

bool
check_links(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->file_count; i++) {
		const struct m_file *f = &m->files[i];

		if (!f->link.v || !f->mode.given)
			continue;
		diag_help(diag(&c->diags, DIAG_MODE_OF_LINK, f->mode.at, "the link '%s' has no mode of its own", f->path),
			"leave 'mode' out, or give it to what the link leads to");
		good = false;
	}
	return good;
}

bool
check_capabilities(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->file_count; i++)
		for (size_t k = 0; k < m->files[i].xattrs.count; k++) {
			const struct m_pair *pair = &m->files[i].xattrs.v[k];
			const struct m_text *other = &m->files[i].capabilities;
			const unsigned char *value;
			size_t size;

			if (strcmp(pair->name, CAPABILITY_XATTR) != 0)
				continue;
			value = xattr_decode(c->arena, pair->value.v, &size);
			if (other->given)
				diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, pair->key_at, "'%s' and 'capabilities' exclude each other", pair->name),
					other->at, "'capabilities' is here");
			else if (!capability_is_valid(value, size))
				diag_help(diag(&c->diags, DIAG_CAPABILITIES_MALFORMED, pair->value.at, "'%s' is no value that Linux takes for '%s'",
					pair->value.v, pair->name), "write 'capabilities', such as cap_net_raw+ep, instead");
			else
				continue;
			good = false;
		}
	return good;
}

bool
check_device_count(struct compilation *c, const struct manifest *m)
{
	uint64_t count = 0;

	for (size_t i = 0; i < m->device_count; i++) {
		struct device_range range = device_range(m->devices[i].path);

		count += range.high - range.low + 1;
		if (count <= MOST_DEVICES)
			continue;
		diag_label(diag(&c->diags, DIAG_DEVICES_TOO_MANY, m->devices[i].key_at, "the devices up to '%s' are too many", m->devices[i].path),
			"%" PRIu64 ", and at most %d", count, (int)MOST_DEVICES);
		return false;
	}
	return true;
}

bool
check_device_minors(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->device_count; i++) {
		const struct m_device *device = &m->devices[i];
		struct device_range range = device_range(device->path);
		uint64_t last = device->minor.v + (range.high - range.low);

		if (last <= MOST_MINOR)
			continue;
		diag_label(diag(&c->diags, DIAG_VALUE_OUT_OF_RANGE, device->minor.at, "the minors of '%s' go up to %" PRIu64, device->path, last),
			"possible: up to %d", (int)MOST_MINOR);
		good = false;
	}
	return good;
}
