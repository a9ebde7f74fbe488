/* Tests of looking at the files of a source tree without reading them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/io/file.h"
#include "data/tree.h"
#include "tests/suite.h"
#include "tests/temporary.h"

/* A folder "source" under a data root. */
struct world {
    struct temporary temporary;
    struct sbmt_tree tree;
    struct sbmt_error err;
};

/* Writes a file that was changed at a time. */
static void put(struct world *world, const char *name, const char *text, int seconds)
{
    const struct timespec times[] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    const char *path = temporary_path(&world->temporary, name);
    temporary_text(path, text);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void world_make(struct world *world)
{
    static const char *const none[] = {NULL};
    *world = (struct world){.temporary = temporary_make()};
    ck_assert(sbmt_folder_make(temporary_path(&world->temporary, "source/a/deep"), NULL));
    ck_assert(sbmt_folder_make(temporary_path(&world->temporary, "source/b"), NULL));
    put(world, "source/a/deep/x", "X", 1000);
    put(world, "source/b/2", "two", 1000);
    put(world, "source/c.txt", "", 1000);
    ck_assert(sbmt_tree_open(&world->tree, world->temporary.folder, "source", none, &world->err));
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What a thorough look at some parts saw of their files, into *files; a quick one sees none. */
static void look(struct world *world, const char *const *parts, char files[SBMT_SHA256_HEX])
{
    struct sbmt_origin origin = {0};
    ck_assert(sbmt_tree_origin(&world->tree, parts, &origin, &world->err));
    ck_assert_str_eq(origin.files, "");
    origin.thorough = true;
    ck_assert_msg(sbmt_tree_origin(&world->tree, parts, &origin, &world->err), "%s",
                  world->err.message);
    memcpy(files, origin.files, SBMT_SHA256_HEX);
}

/* That a look sees another state of the parts than before, or the same. */
static void assert_look(struct world *world, const char *const *parts, const char *before,
                        bool changed)
{
    char now[SBMT_SHA256_HEX];
    look(world, parts, now);
    ck_assert_int_eq(strcmp(now, before) != 0, changed);
}

/* A file far below that is changed in place, keeps its size, or comes. */
START_TEST(test_files_below)
{
    struct world world;
    char before[SBMT_SHA256_HEX];
    world_make(&world);
    look(&world, PARTS("c.txt"), before);
    ck_assert_str_eq(before, "");
    look(&world, PARTS("a"), before);
    assert_look(&world, PARTS("a"), before, false);
    assert_look(&world, PARTS("a", "b"), before, true);
    put(&world, "source/a/deep/x", "X", 1001);
    assert_look(&world, PARTS("a"), before, true);
    put(&world, "source/a/deep/x", "XX", 1000);
    assert_look(&world, PARTS("a"), before, true);
    put(&world, "source/a/deep/x", "X", 1000);
    assert_look(&world, PARTS("a"), before, false);
    put(&world, "source/b/2", "other", 1000);
    assert_look(&world, PARTS("a"), before, false);
    put(&world, "source/a/deep/y", "", 1000);
    assert_look(&world, PARTS("a"), before, true);
    temporary_remove(&world.temporary);
}
END_TEST

SBMT_SUITE_MAIN("tree_look", test_files_below)
