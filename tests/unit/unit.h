#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/closure.h"
#include "support/compilation.h"

/* One test; TEST makes it and puts it on the list that unit.c runs. */
struct unit_test {
	const char *name, *file;
	void (*run)(void **state);
	struct unit_test *next;
};

void unit_register(struct unit_test *);

/* TEST(what_it_proves_as_a_sentence) { ... } */
#define TEST(name) \
	static void test_##name(void **state); \
	static struct unit_test unit_test_##name = {#name, __FILE__, test_##name, NULL}; \
	__attribute__((constructor)) static void \
	unit_register_##name(void) \
	{ \
		unit_register(&unit_test_##name); \
	} \
	static void \
	test_##name(void **state __attribute__((unused)))

/* A fresh compilation, freed when the test ends, however it ends. */
struct compilation *unit_compilation(void);

/* A copy of REASON that lives as long as C. */
const struct reason *unit_reason(struct compilation *c, struct reason reason);

/* Diagnostic INDEX of C is of KIND and stands at LINE and COLUMN (0, 0: no place). */
#define unit_expect(c, index, kind, line, column) \
	unit_expect_at((c), (index), (kind), (line), (column), __FILE__, __LINE__)
void unit_expect_at(const struct compilation *, size_t index, enum diag_kind, uint32_t line, uint32_t column,
	const char *file, int at);

/* C has no diagnostics; the first one is shown if it has. */
#define unit_expect_none(c) unit_expect_none_at((c), __FILE__, __LINE__)
void unit_expect_none_at(const struct compilation *, const char *file, int at);

#endif
