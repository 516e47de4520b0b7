#include "unit.h"

#include <string.h>

#include "support/diag.h"
#include "support/source.h"

static struct span
at(const struct source *s, uint32_t line, uint32_t column)
{
	return (struct span){.source = s, .line = line, .column = column, .length = 1};
}

static const struct source *
given(struct compilation *c, const char *name)
{
	return source_new(c->arena, name, "a\nb\nc\n", 6);
}

TEST(every_kind_has_a_name_a_summary_and_an_explanation)
{
	for (size_t i = 0; i < DIAG_KINDS; i++) {
		const struct diag_entry *entry = &diag_catalogue[i];

		assert_int_equal(strspn(entry->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(entry->name));
		assert_true(entry->summary[0] != '\0' && entry->summary[strlen(entry->summary) - 1] != '.');
		assert_true(strlen(entry->explanation) > strlen(entry->summary));
	}
}

TEST(no_two_kinds_share_a_name)
{
	for (size_t i = 0; i < DIAG_KINDS; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(diag_catalogue[i].name, diag_catalogue[k].name);
}

TEST(the_same_words_at_the_same_place_are_said_once)
{
	struct compilation *c = unit_compilation();
	const struct source *s = given(c, "x.yaml");

	diag(&c->diags, DIAG_FILE_CHANGED, at(s, 1, 1), "'%s' changed", "a");
	diag_help(diag(&c->diags, DIAG_FILE_CHANGED, at(s, 1, 1), "'%s' changed", "a"), "dropped with it");
	diag(&c->diags, DIAG_FILE_CHANGED, at(s, 1, 1), "'%s' changed", "b");
	diag(&c->diags, DIAG_FILE_CHANGED, at(s, 2, 1), "'%s' changed", "a");
	assert_int_equal(c->diags.count, 3);
	assert_int_equal(c->diags.error_count, 3);
	assert_null(c->diags.list[0]->help);
}

TEST(labels_notes_and_help_stay_with_their_diagnostic)
{
	struct compilation *c = unit_compilation();
	const struct source *s = given(c, "x.yaml");

	diag_help(diag_note(diag_label(diag(&c->diags, DIAG_FILE_CHANGED, at(s, 1, 1), "x"), "l%d", 1), at(s, 3, 1), "n%d", 2), "h%d", 3);
	unit_expect(c, 0, DIAG_FILE_CHANGED, 1, 1);
	assert_string_equal(c->diags.list[0]->label, "l1");
	assert_int_equal(c->diags.list[0]->notes[0].at.line, 3);
	assert_string_equal(c->diags.list[0]->notes[0].text, "n2");
	assert_string_equal(c->diags.list[0]->help, "h3");
}

TEST(sorting_goes_by_source_of_first_appearance_then_line_then_column)
{
	struct compilation *c = unit_compilation();
	const struct source *z = given(c, "z.yaml"), *a = given(c, "a.yaml");

	diag(&c->diags, DIAG_FILE_CHANGED, at(z, 3, 1), "1");
	diag(&c->diags, DIAG_FILE_CHANGED, at(a, 1, 1), "2");
	diag(&c->diags, DIAG_FILE_CHANGED, at(z, 1, 2), "3");
	diag(&c->diags, DIAG_FILE_CHANGED, at(z, 1, 1), "4");
	diag(&c->diags, DIAG_FILE_CHANGED, at(z, 1, 1), "5");
	diagnostics_sort(&c->diags);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(c->diags.list[i]->text[0], "45312"[i]);
}

/* Records one error of each kind of CLASS. */
static void
record_class(struct compilation *c, enum diag_class class)
{
	for (enum diag_kind kind = 0; kind < DIAG_KINDS; kind++)
		if (diag_catalogue[kind].class == class && diag_catalogue[kind].severity != DIAG_WARNING)
			diag(&c->diags, kind, (struct span){0}, "x");
}

TEST(what_is_allowed_is_told_of_and_no_error)
{
	struct compilation *c = unit_compilation();

	c->diags.allowed[DIAG_GRUB_CANNOT_READ] = c->diags.allowed[DIAG_FILE_CHANGED] = true;
	assert_false(diag_is_error(diag(&c->diags, DIAG_GRUB_CANNOT_READ, (struct span){0}, "x")));
	assert_int_equal(c->diags.count, 1);
	assert_int_equal(diagnostics_status(&c->diags), 0);
	assert_true(diag_is_error(diag(&c->diags, DIAG_FILE_CHANGED, (struct span){0}, "no refusal")));
	assert_true(diag_is_error(diag(&c->diags, DIAG_MENU_PATH_MISSING, (struct span){0}, "another")));
	assert_int_equal(c->diags.error_count, 2);
}

TEST(the_exit_status_is_that_of_the_gravest_class)
{
	struct compilation *c = unit_compilation();

	assert_int_equal(diagnostics_status(&c->diags), 0);
	record_class(c, DIAG_ANSWER);
	assert_int_equal(diagnostics_status(&c->diags), 1);
	record_class(c, DIAG_OUTPUT);
	assert_int_equal(diagnostics_status(&c->diags), 5);
	record_class(c, DIAG_INPUT);
	assert_int_equal(diagnostics_status(&c->diags), 4);
	record_class(c, DIAG_MANIFEST);
	assert_int_equal(diagnostics_status(&c->diags), 3);
	record_class(c, DIAG_ANSWER);
	assert_int_equal(diagnostics_status(&c->diags), 3);
}
