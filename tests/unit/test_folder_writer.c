/* Tests of folders that appear whole or not at all. */
#include "core/io/folder_writer.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/file.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static const char *const parts[] = {"a", "b", NULL};

/* A folder "set" in a folder of its own. */
struct world {
    struct temporary temporary;
    struct sbmt_folder_writer writer;
    struct sbmt_error err;
};

static void world_make(struct world *world)
{
    *world = (struct world){.temporary = temporary_make()};
}

static const char *path_of(struct world *world, const char *name)
{
    return temporary_path(&world->temporary, name);
}

static bool begin(struct world *world, const char *name)
{
    return sbmt_folder_writer_open(&world->writer, path_of(world, name), parts, NULL, &world->err);
}

/* Folders a and b in a folder, and a file in each that says of whom it is, under that name. */
static void fill(const char *folder, const char *whose)
{
    char path[PATH_MAX + 100];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[i]);
        ck_assert(sbmt_folder_make(path, NULL));
        snprintf(path, sizeof path, "%s/%s/%s", folder, parts[i], whose);
        temporary_text(path, whose);
    }
}

/* A folder is that of one, whole, and nothing else stands beside it. */
static void assert_set(struct world *world, const char *name, const char *whose)
{
    char path[300];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", name, parts[i]);
        ck_assert_int_eq(temporary_count(path_of(world, path)), 1);
        snprintf(path, sizeof path, "%s/%s/%s", name, parts[i], whose);
        ck_assert(sbmt_file_exists(path_of(world, path)));
    }
    ck_assert_int_eq(temporary_count(path_of(world, name)), 2);
}

static void assert_alone(struct world *world, const char *whose)
{
    assert_set(world, "set", whose);
    ck_assert_int_eq(temporary_count(world->temporary.folder), 1);
}

static void write_set(struct world *world, const char *whose, bool stepwise)
{
    ck_assert_msg(begin(world, "set"), "%s", world->err.message);
    world->writer.stepwise = stepwise;
    fill(world->writer.temporary, whose);
    ck_assert_msg(sbmt_folder_writer_commit(&world->writer, &world->err), "%s", world->err.message);
    ck_assert_str_eq(world->writer.temporary, "");
}

START_TEST(test_replaces)
{
    for (int stepwise = 0; stepwise < 2; stepwise++) {
        struct world world;
        world_make(&world);
        write_set(&world, "one", stepwise);
        assert_alone(&world, "one");
        write_set(&world, "two", stepwise);
        assert_alone(&world, "two");
        temporary_remove(&world.temporary);
    }
}
END_TEST

START_TEST(test_abandons)
{
    struct world world;
    world_make(&world);
    ck_assert(begin(&world, "set"));
    fill(world.writer.temporary, "new");
    sbmt_folder_writer_abandon(&world.writer);
    ck_assert_int_eq(temporary_count(world.temporary.folder), 0);
    write_set(&world, "old", false);
    ck_assert(begin(&world, "set"));
    fill(world.writer.temporary, "new");
    assert_set(&world, "set", "old");
    sbmt_folder_writer_abandon(&world.writer);
    assert_alone(&world, "old");
    sbmt_folder_writer_abandon(&world.writer);
    temporary_remove(&world.temporary);
}
END_TEST

/* What is left by who was killed at every step, and what becomes of it. */
START_TEST(test_leftovers)
{
    static const struct {
        const char *set, *partial, *replaced, *kept;
    } cases[] = {
        {NULL, "new", NULL, NULL},   {"old", "new", NULL, "old"}, {"new", "old", NULL, "new"},
        {NULL, "new", "old", "old"}, {"new", NULL, "old", "new"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct world world;
        world_make(&world);
        if (cases[c].set != NULL)
            fill(path_of(&world, "set"), cases[c].set);
        if (cases[c].partial != NULL)
            fill(path_of(&world, "set.partial"), cases[c].partial);
        if (cases[c].replaced != NULL)
            fill(path_of(&world, "set.replaced"), cases[c].replaced);
        ck_assert_msg(begin(&world, "set"), "%s", world.err.message);
        ck_assert_int_eq(temporary_count(world.writer.temporary), 0);
        sbmt_folder_writer_abandon(&world.writer);
        if (cases[c].kept != NULL)
            assert_alone(&world, cases[c].kept);
        else
            ck_assert_int_eq(temporary_count(world.temporary.folder), 0);
        write_set(&world, "newest", false);
        assert_alone(&world, "newest");
        temporary_remove(&world.temporary);
    }
}
END_TEST

/* A file of somebody else's, wherever it stands, is not removed. */
START_TEST(test_keeps_what_is_not_its_own)
{
    static const char *const folders[] = {"set", "set.partial", "set.replaced"};
    char name[300], wanted[600];
    for (int f = 0; f < 3; f++) {
        struct world world;
        world_make(&world);
        fill(path_of(&world, "set"), "old");
        fill(path_of(&world, folders[f]), "old");
        snprintf(name, sizeof name, "%s/notes", folders[f]);
        temporary_text(path_of(&world, name), "");
        ck_assert(!begin(&world, "set"));
        snprintf(wanted, sizeof wanted,
                 "%s: holds 'notes', which is no part of what is replaced here; move it away",
                 path_of(&world, folders[f]));
        ck_assert_str_eq(world.err.message, wanted);
        ck_assert_str_eq(world.writer.temporary, "");
        ck_assert(sbmt_file_exists(path_of(&world, name)));
        ck_assert(sbmt_file_exists(path_of(&world, "set/a/old")));
        temporary_remove(&world.temporary);
    }
}
END_TEST

/* Nor one that came while the new folder was filled. */
START_TEST(test_keeps_what_came_later)
{
    struct world world;
    char wanted[600];
    world_make(&world);
    write_set(&world, "old", false);
    ck_assert(begin(&world, "set"));
    fill(world.writer.temporary, "new");
    temporary_text(path_of(&world, "set/notes"), "");
    ck_assert(!sbmt_folder_writer_commit(&world.writer, &world.err));
    snprintf(wanted, sizeof wanted, "%s: cannot remove what was replaced: Directory not empty",
             path_of(&world, "set.partial"));
    ck_assert_str_eq(world.err.message, wanted);
    assert_set(&world, "set", "new");
    ck_assert(sbmt_file_exists(path_of(&world, "set.partial/notes")));
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_one_at_a_time)
{
    struct world world;
    struct sbmt_folder_writer other;
    char wanted[600];
    world_make(&world);
    ck_assert(begin(&world, "set"));
    fill(world.writer.temporary, "new");
    ck_assert(!sbmt_folder_writer_open(&other, path_of(&world, "set"), parts, NULL, &world.err));
    snprintf(wanted, sizeof wanted, "%s: another process is at work here; wait for it",
             path_of(&world, "set.partial"));
    ck_assert_str_eq(world.err.message, wanted);
    ck_assert(sbmt_folder_writer_commit(&world.writer, &world.err));
    assert_alone(&world, "new");
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_link)
{
    struct world world;
    struct stat status;
    world_make(&world);
    fill(path_of(&world, "elsewhere/real"), "old");
    ck_assert_int_eq(symlink("elsewhere/real", path_of(&world, "set")), 0);
    write_set(&world, "new", false);
    assert_set(&world, "elsewhere/real", "new");
    ck_assert_int_eq(temporary_count(path_of(&world, "elsewhere")), 1);
    ck_assert_int_eq(lstat(path_of(&world, "set"), &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    /* Links in the old folder are removed, not what they lead to. */
    temporary_text(path_of(&world, "precious"), "");
    ck_assert_int_eq(symlink("../../../precious", path_of(&world, "elsewhere/real/a/link")), 0);
    write_set(&world, "newer", false);
    assert_set(&world, "elsewhere/real", "newer");
    ck_assert(sbmt_file_exists(path_of(&world, "precious")));
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_refusals)
{
    struct world world;
    char wanted[600];
    world_make(&world);
    temporary_text(path_of(&world, "file"), "");
    ck_assert(!begin(&world, "file"));
    snprintf(wanted, sizeof wanted, "%s: is a file where a folder is needed",
             path_of(&world, "file"));
    ck_assert_str_eq(world.err.message, wanted);
    ck_assert_int_eq(symlink("nothing", path_of(&world, "link")), 0);
    ck_assert(!begin(&world, "link"));
    snprintf(wanted, sizeof wanted,
             "%s: is a link to a folder that does not exist; make that folder or remove the link",
             path_of(&world, "link"));
    ck_assert_str_eq(world.err.message, wanted);
    ck_assert_int_eq(temporary_count(world.temporary.folder), 2);
    temporary_remove(&world.temporary);
}
END_TEST

static bool begin_marked(struct world *world, const char *mark)
{
    return sbmt_folder_writer_open(&world->writer, path_of(world, "set"), parts, mark, &world->err);
}

static bool is_wanted(void *context, const char *name)
{
    return strcmp(context, name) == 0;
}

/* What is left of the same thing is gone on with, of anything else it is removed. */
START_TEST(test_resumes)
{
    struct world world;
    world_make(&world);
    ck_assert_msg(begin_marked(&world, "one"), "%s", world.err.message);
    ck_assert(!world.writer.resumed);
    fill(world.writer.temporary, "first");
    sbmt_folder_writer_leave(&world.writer);
    sbmt_folder_writer_leave(&world.writer);
    ck_assert(begin_marked(&world, "one"));
    ck_assert(world.writer.resumed);
    ck_assert(sbmt_file_exists(path_of(&world, "set.partial/a/first")));
    fill(world.writer.temporary, "second");
    char wanted[] = "second";
    ck_assert(sbmt_folder_writer_keep(&world.writer, "a", is_wanted, wanted, &world.err));
    ck_assert(sbmt_folder_writer_keep(&world.writer, "b", is_wanted, wanted, &world.err));
    ck_assert_msg(sbmt_folder_writer_commit(&world.writer, &world.err), "%s", world.err.message);
    assert_alone(&world, "second");
    static const char *const others[] = {"on", "ones", "", NULL};
    for (int i = 0; i < 4; i++) {
        ck_assert(begin_marked(&world, "one"));
        ck_assert(!world.writer.resumed);
        fill(world.writer.temporary, "third");
        sbmt_folder_writer_leave(&world.writer);
        ck_assert(begin_marked(&world, others[i]));
        ck_assert(!world.writer.resumed);
        ck_assert(!sbmt_file_exists(path_of(&world, "set.partial/a")));
        sbmt_folder_writer_abandon(&world.writer);
        assert_alone(&world, "second");
    }
    temporary_remove(&world.temporary);
}
END_TEST

SBMT_SUITE_MAIN("folder_writer", test_resumes, test_replaces, test_abandons, test_leftovers,
                test_keeps_what_is_not_its_own, test_keeps_what_came_later, test_one_at_a_time,
                test_link, test_refusals)
