/* Configurations as text: the same again when read, differences, fingerprints, the reference. */
#include "tests/suite.h"

#include <string.h>

#include "bench/config_load.h"
#include "bench/config_write.h"
#include "tests/unit/options_table.h"

static void load(const char *text, struct outer *config, struct sbmt_arena *arena)
{
    const struct sbmt_yaml_source source = {.name = "t.yaml", .is_file = true};
    struct sbmt_error err = {0};
    sbmt_fields_defaults(outer_fields, config, arena);
    const struct sbmt_yaml_node *root = sbmt_yaml_parse(text, strlen(text), &source, arena, &err);
    ck_assert_msg(root != NULL && sbmt_config_apply(outer_fields, config, "", root, arena, &err),
                  "%s", err.message);
}

static const char full_text[] = "count: 12\n"
                                "rate: 0.1\n"
                                "fast: false\n"
                                "name: lra/listops\n"
                                "mode: slow\n"
                                "inner:\n"
                                "  depth: 4\n"
                                "  scale: 1.0e-7\n"
                                "shape:\n"
                                "  kind: square\n"
                                "  side: 3\n"
                                "  colour: \"#a \\\"b\\\"\"\n";

START_TEST(all_values_are_written)
{
    struct sbmt_arena arena = {0};
    struct sbmt_str text = {0};
    struct outer config;
    sbmt_fields_defaults(outer_fields, &config, &arena);
    sbmt_config_write(outer_fields, &config, &text);
    ck_assert_str_eq(text.text, "count: -7\n"
                                "rate: 1.0e-6\n"
                                "fast: true\n"
                                "name: null\n"
                                "mode: quick\n"
                                "inner:\n"
                                "  depth: 3\n"
                                "  scale: 0.25\n"
                                "shape:\n"
                                "  kind: point\n");
    sbmt_str_finish(&text);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    struct sbmt_arena arena = {0};
    struct sbmt_str first = {0}, second = {0};
    struct outer config, again;
    load(full_text, &config, &arena);
    sbmt_config_write(outer_fields, &config, &first);
    ck_assert_str_eq(first.text, full_text);
    load(first.text, &again, &arena);
    sbmt_config_write(outer_fields, &again, &second);
    ck_assert_str_eq(second.text, first.text);
    ck_assert_str_eq(((const struct square *)again.shape.config)->colour, "#a \"b\"");
    sbmt_str_finish(&first);
    sbmt_str_finish(&second);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(texts_of_every_look_read_back)
{
    const char *const names[] = {"",     "null", "~",   "true",     "5",     "1e3",
                                 "a: b", "- x",  "a#b", " a",       "a\nb",  "\\",
                                 "'q'",  "NO",   "{x}", "\x7F\x01", "plain", "\xC3\xA9t\xC3\xA9"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct sbmt_arena arena = {0};
        struct sbmt_str text = {0};
        struct outer config, again;
        sbmt_fields_defaults(outer_fields, &config, &arena);
        config.name = names[i];
        sbmt_config_write(outer_fields, &config, &text);
        load(text.text, &again, &arena);
        ck_assert_ptr_nonnull(again.name);
        ck_assert_str_eq(again.name, names[i]);
        sbmt_str_finish(&text);
        sbmt_arena_finish(&arena);
    }
}
END_TEST

/* The difference between a configuration and the same with one override. */
static void expect_difference(const char *assignment, const char *expected)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_str what = {0};
    struct outer a, b;
    char hex_a[SBMT_SHA256_HEX], hex_b[SBMT_SHA256_HEX];
    load(full_text, &a, &arena);
    load(full_text, &b, &arena);
    ck_assert(sbmt_config_override(outer_fields, &b, assignment, &arena, &err));
    ck_assert(sbmt_config_fingerprint(outer_fields, &a, hex_a, &err));
    ck_assert(sbmt_config_fingerprint(outer_fields, &b, hex_b, &err));
    ck_assert_uint_eq(strlen(hex_a), 64);
    ck_assert_int_eq(sbmt_config_difference(outer_fields, &a, &b, &what), expected != NULL);
    if (expected != NULL) {
        ck_assert_str_eq(what.text, expected);
        ck_assert_str_ne(hex_a, hex_b);
    } else {
        ck_assert_str_eq(hex_a, hex_b);
    }
    sbmt_str_finish(&what);
    sbmt_arena_finish(&arena);
}

START_TEST(differences_name_the_option)
{
    expect_difference("count=12", NULL);
    expect_difference("rate=0.10", NULL);
    expect_difference("count=13", "count: 12, not 13");
    expect_difference("rate=0.10000000000000002", "rate: 0.1, not 0.10000000000000002");
    expect_difference("fast=true", "fast: false, not true");
    expect_difference("name=null", "name: lra/listops, not null");
    expect_difference("inner.depth=5", "inner.depth: 4, not 5");
    expect_difference("shape.side=5", "shape.side: 3, not 5");
    expect_difference("shape.kind=point", "shape.kind: square, not point");
}
END_TEST

START_TEST(the_reference_has_every_row)
{
    struct sbmt_str text = {0};
    sbmt_config_markdown(outer_fields, &text);
    ck_assert_ptr_nonnull(
        strstr(text.text, "| `count` | integer in [-10, 1000000000] | `-7` | a count |\n"));
    ck_assert_ptr_nonnull(strstr(text.text, "| `name` | a text | none | a name |\n"));
    ck_assert_ptr_nonnull(
        strstr(text.text, "| `mode` | one of slow, medium, quick | `quick` | a word |\n"));
    ck_assert_ptr_nonnull(strstr(text.text, "\n## `inner:`\n\nA section.\n"));
    ck_assert_ptr_nonnull(strstr(text.text, "\n### `shape: square`\n\nFour sides.\n"));
    ck_assert_ptr_nonnull(strstr(text.text, "| `side` | integer in [1, 99] | `11` | length"));
    sbmt_str_finish(&text);
}
END_TEST

START_TEST(help_stays_within_its_width)
{
    struct sbmt_str text = {0};
    sbmt_config_help(outer_fields, 60, &text);
    for (const char *line = text.text; *line != '\0'; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 60);
    ck_assert_ptr_nonnull(strstr(text.text, "a count (integer in [-10,"));
    ck_assert_ptr_nonnull(strstr(text.text, "    depth "));
    sbmt_str_finish(&text);
}
END_TEST

SBMT_SUITE_MAIN("config_write", all_values_are_written, what_is_written_reads_back,
                texts_of_every_look_read_back, differences_name_the_option,
                the_reference_has_every_row, help_stays_within_its_width)
