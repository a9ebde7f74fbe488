/* Configurations from YAML: every type, and every mistake with its line and column. */
#include "tests/suite.h"

#include <string.h>

#include "bench/config_load.h"
#include "tests/temporary.h"
#include "tests/unit/options_table.h"

/* Loads a text over the defaults; false with the message in *err. */
static bool load_bytes(const char *text, size_t size, struct outer *config,
                       struct sbmt_arena *arena, struct sbmt_error *err)
{
    const struct sbmt_yaml_source source = {.name = "t.yaml", .is_file = true};
    sbmt_fields_defaults(outer_fields, config, arena);
    const struct sbmt_yaml_node *root = sbmt_yaml_parse(text, size, &source, arena, err);
    return root != NULL && sbmt_config_apply(outer_fields, config, "", root, arena, err);
}

static void expect_error_of_bytes(const char *text, size_t size, const char *message)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct outer config;
    ck_assert_msg(!load_bytes(text, size, &config, &arena, &err), "accepted: %s", text);
    ck_assert_str_eq(err.message, message);
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    sbmt_arena_finish(&arena);
}

static void expect_error(const char *text, const char *message)
{
    expect_error_of_bytes(text, strlen(text), message);
}

START_TEST(every_type_is_read)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct outer config;
    const char *text = "# comment\n"
                       "count: +12\n"
                       "rate: 5e-4\n"
                       "fast: false\n"
                       "name: 'a b'\n"
                       "mode: medium\n"
                       "inner: {depth: 9, scale: .5}\n"
                       "shape:\n"
                       "  side: 4\n"
                       "  kind: square\n";
    ck_assert_msg(load_bytes(text, strlen(text), &config, &arena, &err), "%s", err.message);
    ck_assert_int_eq(config.count, 12);
    ck_assert_double_eq(config.rate, 5e-4);
    ck_assert(!config.fast);
    ck_assert_str_eq(config.name, "a b");
    ck_assert_int_eq(config.mode, 1);
    ck_assert_int_eq(config.inner.depth, 9);
    ck_assert_double_eq(config.inner.scale, 0.5);
    ck_assert_int_eq(config.shape.index, 1);
    const struct square *square = config.shape.config;
    ck_assert_int_eq(square->side, 4);
    ck_assert_str_eq(square->colour, "red");
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(what_is_not_named_keeps_its_default)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct outer config;
    const char *text = "inner:\nshape: square\nname: null\n";
    ck_assert_msg(load_bytes(text, strlen(text), &config, &arena, &err), "%s", err.message);
    ck_assert_int_eq(config.count, -7);
    ck_assert_int_eq(config.inner.depth, 3);
    ck_assert_ptr_null(config.name);
    ck_assert_int_eq(((const struct square *)config.shape.config)->side, 11);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(unknown_and_duplicate_keys)
{
    expect_error("count: 1\nrat: 1\n", "t.yaml:2:1: unknown key 'rat'; did you mean 'rate'?");
    expect_error("zzzzzz: 1\n", "t.yaml:1:1: unknown key 'zzzzzz'; the keys here are count, rate, "
                                "fast, name, mode, inner, shape, extends");
    expect_error("inner:\n  dept: 1\n", "t.yaml:2:3: unknown key 'dept'; did you mean 'depth'?");
    expect_error("shape: {kind: square, sid: 1}\n",
                 "t.yaml:1:23: unknown key 'sid'; did you mean 'side'?");
    expect_error("shape: {kind: point, side: 1}\n",
                 "t.yaml:1:22: unknown key 'side'; this kind has no options");
    expect_error("count: 1\nrate: 1\ncount: 2\n",
                 "t.yaml:3:1: duplicate key 'count'; it stands on line 1 already");
    expect_error("[a]: 1\n", "t.yaml:1:1: a key must be a word");
}
END_TEST

START_TEST(wrong_types)
{
    expect_error("count: 50k\n", "t.yaml:1:8: count: expected an integer, got '50k'");
    expect_error("count: 1.5\n", "t.yaml:1:8: count: expected an integer, got '1.5'");
    expect_error("count: '5'\n", "t.yaml:1:8: count: expected an integer, got the text '5'");
    expect_error("count:\n", "t.yaml:1:7: count: expected an integer, got nothing");
    expect_error("count: -\n", "t.yaml:1:8: not YAML: block sequence entries are not allowed in "
                               "this context");
    expect_error("count: [1]\n", "t.yaml:1:8: count: expected an integer, got a list");
    expect_error("count: {a: 1}\n", "t.yaml:1:8: count: expected an integer, got a mapping");
    expect_error("rate: fast\n", "t.yaml:1:7: rate: expected a number, got 'fast'");
    expect_error("rate: nan\n", "t.yaml:1:7: rate: expected a number, got 'nan'");
    expect_error("rate: 0x1\n", "t.yaml:1:7: rate: expected a number, got '0x1'");
    expect_error("rate: 1e\n", "t.yaml:1:7: rate: expected a number, got '1e'");
    expect_error("fast: yes\n", "t.yaml:1:7: fast: expected true or false, got 'yes'");
    expect_error("name: [a]\n", "t.yaml:1:7: name: expected a text, got a list");
    expect_error("mode: mediun\n", "t.yaml:1:7: mode: expected one of slow, medium, quick, got "
                                   "'mediun'; did you mean 'medium'?");
    expect_error("mode: 1\n", "t.yaml:1:7: mode: expected one of slow, medium, quick, got '1'");
    expect_error("inner: 5\n", "t.yaml:1:8: inner: expected a mapping of options, got '5'");
    expect_error("inner: {depth: x}\n", "t.yaml:1:16: inner.depth: expected an integer, got 'x'");
}
END_TEST

START_TEST(values_out_of_bounds)
{
    expect_error("rate: 3\n", "t.yaml:1:7: rate: 3 is not within [0, 1]");
    expect_error("rate: 1e999\n", "t.yaml:1:7: rate: 1e999 is not within [0, 1]");
    expect_error("count: -11\n", "t.yaml:1:8: count: -11 is not within [-10, 1000000000]");
    expect_error("count: 99999999999999999999\n",
                 "t.yaml:1:8: count: 99999999999999999999 is not within [-10, 1000000000]");
    expect_error("inner:\n  depth: 0\n", "t.yaml:2:10: inner.depth: 0 is not within [1, 9]");
}
END_TEST

START_TEST(kinds)
{
    expect_error("shape: squre\n",
                 "t.yaml:1:8: shape: unknown kind 'squre'; did you mean 'square'?");
    expect_error("shape: {kind: circle}\n",
                 "t.yaml:1:15: shape.kind: unknown kind 'circle'; the kinds are point, square");
    expect_error("shape: {side: 3}\n",
                 "t.yaml:1:8: shape: 'kind' is missing; the kinds are point, square");
    expect_error("shape: [square]\n", "t.yaml:1:8: shape: expected a kind, or a mapping with "
                                      "'kind' and its options, got a list");
    expect_error("shape: {kind: square, side: 100}\n",
                 "t.yaml:1:29: shape.side: 100 is not within [1, 99]");
}
END_TEST

START_TEST(what_is_not_supported_or_not_yaml)
{
    expect_error("count: &a 1\n",
                 "t.yaml:1:8: anchors (&name) are not supported; write the value out");
    expect_error("count: *a\n",
                 "t.yaml:1:8: aliases (*name) are not supported; write the value out");
    expect_error("count: !!int 1\n", "t.yaml:1:8: tags (!name) are not supported; leave it out");
    expect_error("count: 1\n---\ncount: 2\n",
                 "t.yaml:2:1: a second document (---); one file holds one configuration");
    expect_error("inner: {depth: 1\n", "t.yaml:2:1: not YAML: while parsing a flow mapping, did "
                                       "not find expected ',' or '}'");
    expect_error("count: 1\n\trate: 1\n",
                 "t.yaml:2:1: not YAML: while scanning a plain scalar, found a tab character that "
                 "violates indentation");
    expect_error("name: \"a\\0b\"\n", "t.yaml:1:7: a text must not hold the character \\0");
    const char bytes[] = "count: 1\nname: \xFF\n";
    expect_error_of_bytes(bytes, sizeof bytes - 1,
                          "t.yaml:2:7: not YAML: invalid leading UTF-8 octet");
    char deep[201];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    deep[200] = '\0';
    char text[256];
    snprintf(text, sizeof text, "name: %s\n", deep);
    expect_error(text, "t.yaml:1:39: nested too deeply");
}
END_TEST

START_TEST(files_that_are_no_configuration)
{
    struct temporary folder = temporary_make();
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    char expected[600];
    const char *path = temporary_path(&folder, "none.yaml");
    ck_assert_ptr_null(sbmt_config_read(outer_fields, path, &arena, &err));
    snprintf(expected, sizeof expected, "%s: cannot open: No such file or directory", path);
    ck_assert_str_eq(err.message, expected);
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    const char *const texts[][2] = {
        {"", "1:1: empty; expected a mapping of options"},
        {"# only this\n", "1:1: empty; expected a mapping of options"},
        {"\n- a\n", "2:1: expected a mapping of options (key: value), got a list"},
        {"words\n", "1:1: expected a mapping of options (key: value), got a single value"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        temporary_text(path, texts[i][0]);
        ck_assert_ptr_null(sbmt_config_read(outer_fields, path, &arena, &err));
        snprintf(expected, sizeof expected, "%s:%s", path, texts[i][1]);
        ck_assert_str_eq(err.message, expected);
    }
    sbmt_arena_finish(&arena);
    temporary_remove(&folder);
}
END_TEST

SBMT_SUITE_MAIN("config_load", every_type_is_read, what_is_not_named_keeps_its_default,
                unknown_and_duplicate_keys, wrong_types, values_out_of_bounds, kinds,
                what_is_not_supported_or_not_yaml, files_that_are_no_configuration)
