/* Overrides `key=value`: dotted keys, kinds, and messages that name the command line. */
#include "tests/suite.h"

#include <stdio.h>
#include <string.h>

#include "bench/config_change.h"
#include "bench/config_load.h"
#include "tests/unit/options_table.h"

static void expect_error(const char *assignment, const char *message)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct outer config;
    char expected[600];
    sbmt_fields_defaults(outer_fields, &config, &arena);
    ck_assert_msg(!sbmt_config_override(outer_fields, &config, assignment, &arena, &err),
                  "accepted: %s", assignment);
    snprintf(expected, sizeof expected, "command line: %s: %s", assignment, message);
    ck_assert_str_eq(err.message, expected);
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    sbmt_arena_finish(&arena);
}

static void set(struct outer *config, const char *assignment, struct sbmt_arena *arena)
{
    struct sbmt_error err = {0};
    ck_assert_msg(sbmt_config_override(outer_fields, config, assignment, arena, &err), "%s",
                  err.message);
}

START_TEST(values_are_set_by_dotted_keys)
{
    struct sbmt_arena arena = {0};
    struct outer config;
    sbmt_fields_defaults(outer_fields, &config, &arena);
    set(&config, "count=5", &arena);
    set(&config, "rate=0.5", &arena);
    set(&config, "inner.depth=8", &arena);
    set(&config, "inner={scale: 0.75}", &arena);
    set(&config, "name=a=b", &arena);
    set(&config, "count=6", &arena);
    ck_assert_int_eq(config.count, 6);
    ck_assert_double_eq(config.rate, 0.5);
    ck_assert_int_eq(config.inner.depth, 8);
    ck_assert_double_eq(config.inner.scale, 0.75);
    ck_assert_str_eq(config.name, "a=b");
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(another_kind_resets_its_options)
{
    struct sbmt_arena arena = {0};
    struct outer config;
    sbmt_fields_defaults(outer_fields, &config, &arena);
    set(&config, "shape.kind=square", &arena);
    set(&config, "shape.side=5", &arena);
    ck_assert_int_eq(((const struct square *)config.shape.config)->side, 5);
    set(&config, "shape.kind=square", &arena);
    ck_assert_int_eq(((const struct square *)config.shape.config)->side, 5);
    set(&config, "shape=point", &arena);
    ck_assert_int_eq(config.shape.index, 0);
    ck_assert_ptr_null(config.shape.config);
    set(&config, "shape.kind=square", &arena);
    ck_assert_int_eq(((const struct square *)config.shape.config)->side, 11);
    set(&config, "shape={kind: square, side: 2}", &arena);
    ck_assert_int_eq(((const struct square *)config.shape.config)->side, 2);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(mistakes_name_the_command_line)
{
    expect_error("count", "expected KEY=VALUE, as in train.steps=200");
    expect_error("=5", "expected KEY=VALUE, as in train.steps=200");
    expect_error("coumt=5", "unknown key 'coumt'; did you mean 'count'?");
    expect_error("inner.dept=5", "unknown key 'inner.dept'; did you mean 'inner.depth'?");
    expect_error("inner.=5", "unknown key 'inner.'; the keys here are depth, scale");
    expect_error("count.x=5", "'count' is a single value, it has no keys");
    expect_error("shape.kind.kind=point", "'shape.kind' is a single value, it has no keys");
    expect_error("shape.side=5", "unknown key 'shape.side'; this kind has no options");
    expect_error("shape.kind=squar", "unknown kind 'squar'; did you mean 'square'?");
    expect_error("shape.kind=[point]", "expected the name of a kind");
    expect_error("count=50k", "expected an integer, got '50k'");
    expect_error("count=", "expected an integer, got nothing");
    expect_error("rate=3", "3 is not within [0, 1]");
    expect_error("inner=5", "expected a mapping of options, got '5'");
    expect_error("name={",
                 "not YAML: while parsing a flow node, did not find expected node content");
}
END_TEST

static void expect_change(struct outer *config, const char *change, enum sbmt_error_kind kind,
                          const char *message)
{
    struct sbmt_error err = {0};
    const bool allowed = sbmt_config_change_check(outer_fields, config, &change, 1, &err);
    ck_assert_msg(allowed == (message == NULL), "%s: %s", change, err.message);
    if (message != NULL) {
        char expected[600];
        snprintf(expected, sizeof expected, "command line: %s: %s", change, message);
        ck_assert_str_eq(err.message, expected);
        ck_assert_int_eq(err.kind, kind);
    }
}

START_TEST(an_evaluation_changes_its_own_options_only)
{
    struct sbmt_arena arena = {0};
    struct outer config;
    sbmt_fields_defaults(outer_fields, &config, &arena);
    expect_change(&config, "count=5", SBMT_ERROR_USAGE,
                  "the run's weights were trained with this option as it is; an evaluation can "
                  "change nothing with this kind of attention");
    expect_change(&config, "shape.side=3", SBMT_ERROR_CONFIG,
                  "unknown key 'shape.side'; this kind has no options");
    set(&config, "shape.kind=square", &arena);
    expect_change(&config, "shape.side=3", SBMT_ERROR_CONFIG, NULL);
    const char *const changes[] = {"shape.side=3", "shape.colour=red", "shape.kind=point"};
    for (int i = 1; i < 3; i++)
        expect_change(&config, changes[i], SBMT_ERROR_USAGE,
                      "the run's weights were trained with this option as it is; an evaluation can "
                      "change shape.side");
    struct sbmt_error err = {0};
    ck_assert(!sbmt_config_change_check(outer_fields, &config, changes, 2, &err));
    ck_assert(sbmt_config_change_check(outer_fields, &config, changes, 1, &err));
    sbmt_arena_finish(&arena);
}
END_TEST

SBMT_SUITE_MAIN("config_override", values_are_set_by_dotted_keys, another_kind_resets_its_options,
                mistakes_name_the_command_line, an_evaluation_changes_its_own_options_only)
