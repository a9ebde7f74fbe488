/* A table with an option of every type, for tests of what reads and writes configurations. */
#ifndef SBMT_TESTS_UNIT_OPTIONS_TABLE_H
#define SBMT_TESTS_UNIT_OPTIONS_TABLE_H

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
    bool fast;
    const char *name;
    int mode;
    struct inner inner;
    struct sbmt_variant_value shape;
};

static const char *const mode_words[] = {"slow", "medium", "quick", NULL};

static const struct sbmt_field inner_fields[] = {
    SBMT_INT(struct inner, depth, 3, 1, 9, "levels"),
    SBMT_NUMBER(struct inner, scale, 0.25, 0, 1, "a share"),
    SBMT_FIELDS_END,
};

static const struct sbmt_field square_fields[] = {
    SBMT_INT(struct square, side, 11, 1, 99, "length of a side", .evaluation = true),
    SBMT_STRING(struct square, colour, "red", "a colour"),
    SBMT_FIELDS_END,
};

static const struct sbmt_variant shapes[] = {
    {.name = "point", .doc = "no extent"},
    {.name = "square",
     .doc = "four sides",
     .fields = square_fields,
     .config_size = sizeof(struct square)},
};

static inline const struct sbmt_variant *shape_at(int index)
{
    return index >= 0 && index < 2 ? &shapes[index] : NULL;
}

static const struct sbmt_field outer_fields[] = {
    SBMT_INT(struct outer, count, -7, -10, 1000000000, "a count"),
    SBMT_NUMBER(struct outer, rate, 1e-6, 0, 1, "a rate"),
    SBMT_BOOL(struct outer, fast, true, "on or off"),
    SBMT_STRING(struct outer, name, NULL, "a name"),
    SBMT_CHOICE(struct outer, mode, mode_words, 2, "a word"),
    SBMT_SECTION(struct outer, inner, inner_fields, "a section"),
    SBMT_VARIANT(struct outer, shape, shape_at, 0, "a kind"),
    SBMT_FIELDS_END,
};

#endif
