/* Option tables: defaults of every type, sections, variants with options of their own, look-up. */
#include "tests/suite.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/field.h"

struct inner {
    int depth;
    double scale;
};

struct square {
    int side;
    const char *colour;
};

struct outer {
    int count;
    double rate;
    bool fast, safe;
    const char *name, *nothing;
    int mode;
    struct inner inner;
    struct sbmt_variant_value shape, plain;
};

static const char *const mode_words[] = {"slow", "medium", "quick", NULL};

static const struct sbmt_field inner_fields[] = {
    SBMT_INT(struct inner, depth, 3, 1, 9, "levels"),
    SBMT_NUMBER(struct inner, scale, 0.25, 0, 1, "a share"),
    SBMT_FIELDS_END,
};

static const struct sbmt_field square_fields[] = {
    SBMT_INT(struct square, side, 11, 1, 99, "length of a side"),
    SBMT_STRING(struct square, colour, "red", "a colour"),
    SBMT_FIELDS_END,
};

static const struct sbmt_variant shapes[] = {
    {.name = "point", .doc = "no options"},
    {.name = "square",
     .doc = "two options",
     .fields = square_fields,
     .config_size = sizeof(struct square)},
};

static const struct sbmt_variant *shape_at(int index)
{
    return index >= 0 && index < 2 ? &shapes[index] : NULL;
}

static const struct sbmt_field outer_fields[] = {
    SBMT_INT(struct outer, count, -7, -10, 10, "a count"),
    SBMT_NUMBER(struct outer, rate, 5e-4, 0, 1, "a rate"),
    SBMT_BOOL(struct outer, fast, true, "on"),
    SBMT_BOOL(struct outer, safe, false, "off"),
    SBMT_STRING(struct outer, name, "anon", "a name"),
    SBMT_STRING(struct outer, nothing, NULL, "no default"),
    SBMT_CHOICE(struct outer, mode, mode_words, 2, "a word"),
    SBMT_SECTION(struct outer, inner, inner_fields, "a section"),
    SBMT_VARIANT(struct outer, shape, shape_at, 1, "a kind with options"),
    SBMT_VARIANT(struct outer, plain, shape_at, 0, "a kind without"),
    SBMT_FIELDS_END,
};

START_TEST(defaults_fill_every_type)
{
    struct sbmt_arena arena = {0};
    struct outer config;
    memset(&config, 0xEE, sizeof config);
    sbmt_fields_defaults(outer_fields, &config, &arena);
    ck_assert_int_eq(config.count, -7);
    ck_assert_double_eq(config.rate, 5e-4);
    ck_assert(config.fast);
    ck_assert(!config.safe);
    ck_assert_str_eq(config.name, "anon");
    ck_assert_ptr_null(config.nothing);
    ck_assert_int_eq(config.mode, 2);
    ck_assert_int_eq(config.inner.depth, 3);
    ck_assert_double_eq(config.inner.scale, 0.25);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(variants_get_options_of_their_own)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct outer config;
    memset(&config, 0xEE, sizeof config);
    sbmt_fields_defaults(outer_fields, &config, &arena);
    ck_assert(sbmt_arena_check(&arena, "configuration", &err));
    ck_assert_int_eq(config.shape.index, 1);
    const struct square *square = config.shape.config;
    ck_assert_ptr_nonnull(square);
    ck_assert_int_eq(square->side, 11);
    ck_assert_str_eq(square->colour, "red");
    ck_assert_int_eq(config.plain.index, 0);
    ck_assert_ptr_null(config.plain.config);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(no_memory_for_a_variant_is_a_sticky_failure)
{
    struct sbmt_arena arena = {.limit = 1};
    struct sbmt_error err = {0};
    struct outer config;
    sbmt_fields_defaults(outer_fields, &config, &arena);
    ck_assert_ptr_null(config.shape.config);
    ck_assert(!sbmt_arena_check(&arena, "configuration", &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(rows_are_found_by_key)
{
    const struct sbmt_field *row = sbmt_field_find(outer_fields, "rate");
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(row->type, SBMT_FIELD_NUMBER);
    ck_assert_uint_eq(row->offset, offsetof(struct outer, rate));
    ck_assert_double_eq(row->max, 1);
    ck_assert_str_eq(row->doc, "a rate");
    ck_assert_ptr_null(sbmt_field_find(outer_fields, "depth"));
    ck_assert_ptr_null(sbmt_field_find(outer_fields, "rat"));
    ck_assert_ptr_null(sbmt_field_find(outer_fields, ""));
}
END_TEST

START_TEST(variants_are_found_by_name)
{
    ck_assert_int_eq(sbmt_variant_find(shape_at, "point"), 0);
    ck_assert_int_eq(sbmt_variant_find(shape_at, "square"), 1);
    ck_assert_int_eq(sbmt_variant_find(shape_at, "circle"), -1);
}
END_TEST

SBMT_SUITE_MAIN("field", defaults_fill_every_type, variants_get_options_of_their_own,
                no_memory_for_a_variant_is_a_sticky_failure, rows_are_found_by_key,
                variants_are_found_by_name)
