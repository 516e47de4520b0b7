/* rootc as a library, by what `make install` has put in its place: builds a manifest, and prints what it has to say. */
#include <rootc/rootc.h>

/* What is written, and that the call is about to return. */
static void
progress(void *out, const struct rootc_progress *p)
{
	if (p->begins && (p->phase == ROOTC_WRITING || p->phase == ROOTC_OVER))
		fprintf(out, p->phase == ROOTC_OVER ? "over\n" : "writing %s\n", p->what);
}

int
main(int count, char **argument)
{
	struct rootc *r = rootc_new(&(struct rootc_options){.jobs = 1, .progress = progress, .progress_of = stdout});
	struct rootc_built built;
	struct rootc_message m;
	enum rootc_status status = count == 3 ? rootc_build(r, argument[1], argument[2], &built) : ROOTC_USAGE;

	for (size_t i = 0; rootc_message(r, i, &m); i++)
		printf("%s:%u:%u: %s: %s [%s]\n", m.file ? m.file : "", m.line, m.column, m.is_error ? "error" : "warning", m.text, m.name);
	if (status == ROOTC_DONE)
		printf("%s %s\n", built.sha256, built.path);
	rootc_free(r);
	return (int)status;
}
