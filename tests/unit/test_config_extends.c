/* Configuration files that extend others: what is merged, what replaces, and where mistakes are. */
#include "tests/suite.h"

#include <string.h>

#include "bench/config_load.h"
#include "core/io/file.h"
#include "tests/temporary.h"
#include "tests/unit/options_table.h"

/* A folder of configuration files, and what one of them gives. */
struct world {
    struct temporary folder;
    struct sbmt_arena arena;
    struct sbmt_error err;
    struct outer config;
};

static struct world world_make(void)
{
    return (struct world){.folder = temporary_make()};
}

static void world_finish(struct world *world)
{
    sbmt_arena_finish(&world->arena);
    temporary_remove(&world->folder);
}

static void put(struct world *world, const char *name, const char *text)
{
    temporary_text(temporary_path(&world->folder, name), text);
}

static bool load(struct world *world, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s", temporary_path(&world->folder, name));
    world->err = (struct sbmt_error){0};
    sbmt_fields_defaults(outer_fields, &world->config, &world->arena);
    const struct sbmt_yaml_node *root = sbmt_config_read(outer_fields, path, &world->arena,
                                                         &world->err);
    return root != NULL &&
           sbmt_config_apply(outer_fields, &world->config, "", root, &world->arena, &world->err);
}

static void expect_loaded(struct world *world, const char *name)
{
    ck_assert_msg(load(world, name), "%s", world->err.message);
}

/* The message, with the folder's name left out. */
static void expect_error(struct world *world, const char *name, const char *message)
{
    ck_assert_msg(!load(world, name), "accepted: %s", name);
    ck_assert_int_eq(world->err.kind, SBMT_ERROR_CONFIG);
    const size_t length = strlen(world->folder.folder) + 1;
    char found[sizeof world->err.message] = "";
    const char *rest = world->err.message;
    for (const char *at; (at = strstr(rest, world->folder.folder)) != NULL; rest = at + length)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%.*s", (int)(at - rest),
                 rest);
    snprintf(found + strlen(found), sizeof found - strlen(found), "%s", rest);
    ck_assert_str_eq(found, message);
}

START_TEST(keys_override_and_sections_merge)
{
    struct world world = world_make();
    put(&world, "base.yaml", "count: 5\nname: base\nrate: 0.5\ninner: {depth: 4, scale: 0.75}\n");
    put(&world, "small.yaml", "extends: base.yaml\nname: null\ncount: 6\ninner:\n  depth: 9\n");
    expect_loaded(&world, "small.yaml");
    ck_assert_int_eq(world.config.count, 6);
    ck_assert_ptr_null(world.config.name);
    ck_assert_double_eq(world.config.rate, 0.5);
    ck_assert_int_eq(world.config.inner.depth, 9);
    ck_assert_double_eq(world.config.inner.scale, 0.75);
    ck_assert_int_eq(world.config.mode, 2);
    /* A section without a word in it says nothing. */
    put(&world, "empty.yaml", "inner:\nextends: small.yaml\n");
    expect_loaded(&world, "empty.yaml");
    ck_assert_int_eq(world.config.inner.depth, 9);
    ck_assert_int_eq(world.config.count, 6);
    /* The base is as it was. */
    expect_loaded(&world, "base.yaml");
    ck_assert_str_eq(world.config.name, "base");
    world_finish(&world);
}
END_TEST

START_TEST(kinds_merge_or_replace)
{
    static const struct {
        const char *base, *over;
        int index, side;
        const char *colour;
    } cases[] = {
        {"{kind: square, side: 4, colour: blue}", "{kind: square, side: 5}", 1, 5, "blue"},
        {"{kind: square, side: 4, colour: blue}", "{side: 5}", 1, 5, "blue"},
        {"{kind: square, side: 4, colour: blue}", "square", 1, 4, "blue"},
        {"square", "{side: 5}", 1, 5, "red"},
        {"square", "{kind: square, side: 5}", 1, 5, "red"},
        {"{kind: square, side: 4}", "point", 0, 0, NULL},
        {"{kind: square, side: 4}", "{kind: point}", 0, 0, NULL},
        {"point", "{kind: square, colour: blue}", 1, 11, "blue"},
    };
    struct world world = world_make();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, "shape: %s\n", cases[i].base);
        put(&world, "base.yaml", text);
        snprintf(text, sizeof text, "extends: base.yaml\nshape: %s\n", cases[i].over);
        put(&world, "over.yaml", text);
        expect_loaded(&world, "over.yaml");
        ck_assert_int_eq(world.config.shape.index, cases[i].index);
        if (cases[i].colour == NULL)
            continue;
        const struct square *square = world.config.shape.config;
        ck_assert_int_eq(square->side, cases[i].side);
        ck_assert_str_eq(square->colour, cases[i].colour);
    }
    /* From square to point and back: the defaults, not what the first file said. */
    put(&world, "base.yaml", "shape: {kind: square, side: 4}\n");
    put(&world, "over.yaml", "extends: base.yaml\nshape: point\n");
    put(&world, "third.yaml", "extends: over.yaml\nshape: square\n");
    expect_loaded(&world, "third.yaml");
    ck_assert_int_eq(((const struct square *)world.config.shape.config)->side, 11);
    world_finish(&world);
}
END_TEST

START_TEST(paths_are_relative_to_the_file_that_names_them)
{
    struct world world = world_make();
    struct sbmt_error err = {0};
    char text[600];
    ck_assert(sbmt_folder_make(temporary_path(&world.folder, "a/b"), &err));
    put(&world, "base.yaml", "count: 1\nrate: 0.5\n");
    put(&world, "a/middle.yaml", "extends: ../base.yaml\ncount: 2\n");
    put(&world, "a/b/last.yaml", "extends: '../middle.yaml'\n");
    expect_loaded(&world, "a/b/last.yaml");
    ck_assert_int_eq(world.config.count, 2);
    ck_assert_double_eq(world.config.rate, 0.5);
    snprintf(text, sizeof text, "extends: %s\n", temporary_path(&world.folder, "base.yaml"));
    put(&world, "a/b/last.yaml", text);
    expect_loaded(&world, "a/b/last.yaml");
    ck_assert_int_eq(world.config.count, 1);
    world_finish(&world);
}
END_TEST

START_TEST(mistakes_are_where_they_stand)
{
    struct world world = world_make();
    put(&world, "over.yaml", "extends: base.yaml\ncount: 1\n");
    put(&world, "base.yaml", "\nrate: 3\n");
    expect_error(&world, "over.yaml", "base.yaml:2:7: rate: 3 is not within [0, 1]");
    put(&world, "base.yaml", "inner: {dept: 3}\n");
    expect_error(&world, "over.yaml", "base.yaml:1:9: unknown key 'dept'; did you mean 'depth'?");
    put(&world, "base.yaml", "inner: {\n");
    expect_error(&world, "over.yaml",
                 "base.yaml:2:1: not YAML: while parsing a flow node, did not "
                 "find expected node content");
    put(&world, "base.yaml", "");
    expect_error(&world, "over.yaml", "base.yaml:1:1: empty; expected a mapping of options");
    put(&world, "base.yaml", "count: 2\n");
    put(&world, "over.yaml", "extends: base.yaml\ncount: 1\nshape: {side: 3}\n");
    expect_error(&world, "over.yaml",
                 "over.yaml:3:8: shape: 'kind' is missing; the kinds are point, square");
    put(&world, "base.yaml", "shape: squre\n");
    expect_error(&world, "over.yaml",
                 "base.yaml:1:8: shape.kind: unknown kind 'squre'; did you mean 'square'?");
    put(&world, "base.yaml", "shape: {kind: point}\n");
    expect_error(&world, "over.yaml",
                 "over.yaml:3:9: unknown key 'side'; this kind has no options");
    put(&world, "base.yaml", "shape: square\n");
    put(&world, "over.yaml", "extends: base.yaml\nshape: [square]\n");
    expect_error(&world, "over.yaml",
                 "over.yaml:2:8: shape: expected a kind, or a mapping with "
                 "'kind' and its options, got a list");
    put(&world, "base.yaml", "inner: {depth: 2}\n");
    put(&world, "over.yaml", "extends: base.yaml\ninner: 5\n");
    expect_error(&world, "over.yaml",
                 "over.yaml:2:8: inner: expected a mapping of options, got '5'");
    world_finish(&world);
}
END_TEST

START_TEST(what_cannot_be_extended)
{
    struct world world = world_make();
    put(&world, "over.yaml", "count: 1\nextends: none.yaml\n");
    expect_error(&world, "over.yaml",
                 "over.yaml:2:10: extends: none.yaml: cannot open: No such file or directory");
    const char *const wrong[] = {"", "[a.yaml]", "{a: b}", "''", "~"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[60], message[120];
        snprintf(text, sizeof text, "extends: %s\n", wrong[i]);
        put(&world, "over.yaml", text);
        snprintf(message, sizeof message,
                 "over.yaml:1:%d: extends: expected the path of another configuration file",
                 wrong[i][0] == '\0' ? 9 : 10);
        expect_error(&world, "over.yaml", message);
    }
    put(&world, "over.yaml", "inner: {extends: base.yaml}\n");
    expect_error(&world, "over.yaml",
                 "over.yaml:1:9: unknown key 'extends'; the keys here are depth, scale");
    world_finish(&world);
}
END_TEST

START_TEST(circles_and_long_chains)
{
    struct world world = world_make();
    put(&world, "a.yaml", "extends: ./a.yaml\n");
    expect_error(&world, "a.yaml",
                 "a.yaml:1:10: extends: this file extends itself, directly or through others");
    put(&world, "a.yaml", "extends: b.yaml\n");
    put(&world, "b.yaml", "count: 1\nextends: a.yaml\n");
    expect_error(&world, "a.yaml",
                 "b.yaml:2:10: extends: this file extends itself, directly or through others");
    char name[20], text[40];
    for (int i = 1; i <= 9; i++) {
        snprintf(name, sizeof name, "c%d.yaml", i);
        snprintf(text, sizeof text, "extends: c%d.yaml\n", i - 1);
        put(&world, name, text);
    }
    put(&world, "c1.yaml", "count: 77\n");
    expect_loaded(&world, "c8.yaml");
    ck_assert_int_eq(world.config.count, 77);
    expect_error(&world, "c9.yaml",
                 "c2.yaml:1:10: extends: too many files that extend each other; "
                 "at most 8 may");
    world_finish(&world);
}
END_TEST

SBMT_SUITE_MAIN("config_extends", keys_override_and_sections_merge, kinds_merge_or_replace,
                paths_are_relative_to_the_file_that_names_them, mistakes_are_where_they_stand,
                what_cannot_be_extended, circles_and_long_chains)
