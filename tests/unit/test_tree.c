/* Tests of source trees: the same files in a folder and in archives. */
#include "data/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/str.h"
#include "core/io/file.h"
#include "tests/archives.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static const char *const archives[] = {"source.tar.gz", "source.zip", NULL};

/* A data root, and what a walk has shown. */
struct world {
    struct temporary temporary;
    struct sbmt_tree tree;
    struct sbmt_str seen; /* "name=bytes " of each file, NUL as '0' */
    const char *unwanted, *stop;
    const char *only; /* last parts of names: no others are wanted */
    struct sbmt_error err;
};

static void world_make(struct world *world)
{
    *world = (struct world){.temporary = temporary_make()};
}

static void world_remove(struct world *world)
{
    sbmt_str_finish(&world->seen);
    temporary_remove(&world->temporary);
}

static bool open_tree(struct world *world)
{
    world->err = (struct sbmt_error){0};
    return sbmt_tree_open(&world->tree, world->temporary.folder, "source", archives, &world->err);
}

/* Writes a file and the folders above it. */
static void put(struct world *world, const char *name, const char *bytes, size_t size)
{
    const char *path = temporary_path(&world->temporary, name);
    char folder[512];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    ck_assert(sbmt_folder_make(folder, &world->err));
    temporary_put(path, bytes, size);
}

static void put_archive(struct world *world, const char *name, const char *format,
                        const char *filter, const struct member *members, int count)
{
    archives_put(temporary_path(&world->temporary, name), format, filter, members, count);
}

static bool wanted(void *context, const char *name)
{
    const struct world *world = context;
    if (world->only != NULL && strstr(world->only, strrchr(name, '/') + 1) == NULL)
        return false;
    return world->unwanted == NULL || strcmp(world->unwanted, name) != 0;
}

static bool visit(void *context, const struct sbmt_tree_file *file, struct sbmt_error *err)
{
    struct world *world = context;
    const size_t path = strlen(world->tree.path), length = strlen(file->place);
    ck_assert_int_eq(strncmp(file->place, world->tree.path, path), 0);
    ck_assert_int_eq(file->place[path], world->tree.archived ? ':' : '/');
    if (world->only == NULL)
        ck_assert_str_eq(file->place + length - strlen(file->name), file->name);
    if (!world->tree.archived && world->only == NULL)
        ck_assert_uint_eq(length, path + 1 + strlen(file->name));
    if (world->stop != NULL && strcmp(world->stop, file->name) == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: stopped", file->place);
    sbmt_str_printf(&world->seen, "%s=", file->name);
    for (size_t i = 0; i < file->size; i++)
        sbmt_str_printf(&world->seen, "%c", file->bytes[i] == '\0' ? '0' : file->bytes[i]);
    sbmt_str_printf(&world->seen, " ");
    return true;
}

static bool walk(struct world *world, const char *prefix)
{
    const struct sbmt_tree_visitor visitor = {
        .wanted = wanted, .visit = visit, .context = world, .unpacks = world->only != NULL};
    world->err = (struct sbmt_error){0};
    sbmt_str_clear(&world->seen);
    return sbmt_tree_walk(&world->tree, prefix, &visitor, &world->err);
}

static void assert_walk(struct world *world, const char *prefix, const char *seen)
{
    ck_assert_msg(walk(world, prefix), "%s", world->err.message);
    ck_assert_str_eq(world->seen.text != NULL ? world->seen.text : "", seen);
}

/* The message of the last error: under the data root. */
static void assert_message(const struct world *world, const char *message)
{
    char wanted_message[1100];
    snprintf(wanted_message, sizeof wanted_message, "%s/%s", world->temporary.folder, message);
    ck_assert_str_eq(world->err.message, wanted_message);
    ck_assert_int_eq(world->err.kind, SBMT_ERROR_DATA);
}

static void put_folder(struct world *world)
{
    put(world, "source/b/2", "two", 3);
    put(world, "source/b/10", "ten", 3);
    put(world, "source/b.txt", "\0a\0", 3);
    put(world, "source/b-c", "", 0);
    put(world, "source/a/deep/x", "X", 1);
    put(world, "source/a/deep-er", "Y", 1);
    put(world, "outside", "no", 2);
}

/* In the order of whole names, although "b" comes before "b-c" among the names of the folder. */
static const char sorted[] = "a/deep-er=Y a/deep/x=X b-c= b.txt=0a0 b/10=ten b/2=two ";

START_TEST(test_folder)
{
    struct world world;
    world_make(&world);
    put_folder(&world);
    ck_assert_int_eq(mkfifo(temporary_path(&world.temporary, "source/pipe"), 0600), 0);
    ck_assert(open_tree(&world));
    ck_assert(!world.tree.archived);
    assert_walk(&world, "", sorted);
    assert_walk(&world, "b", "b-c= b.txt=0a0 b/10=ten b/2=two ");
    assert_walk(&world, "b/", "b/10=ten b/2=two ");
    assert_walk(&world, "b/1", "b/10=ten ");
    assert_walk(&world, "a/deep/", "a/deep/x=X ");
    assert_walk(&world, "c", "");
    world.unwanted = "b/10";
    assert_walk(&world, "b/", "b/2=two ");
    world.stop = "b.txt";
    ck_assert(!walk(&world, ""));
    ck_assert_str_eq(world.seen.text, "a/deep-er=Y a/deep/x=X b-c= ");
    assert_message(&world, "source/b.txt: stopped");
    world_remove(&world);
}
END_TEST

/* The folder itself may be a link. */
START_TEST(test_linked_folder)
{
    struct world world;
    world_make(&world);
    put(&world, "elsewhere/a", "1", 1);
    ck_assert_int_eq(symlink("elsewhere", temporary_path(&world.temporary, "source")), 0);
    ck_assert(open_tree(&world));
    assert_walk(&world, "", "a=1 ");
    world_remove(&world);
}
END_TEST

static void link_to(struct world *world, const char *to, const char *name)
{
    ck_assert_int_eq(symlink(to, temporary_path(&world->temporary, name)), 0);
}

/* Files and folders that are linked are as those that are there. */
START_TEST(test_links)
{
    struct world world;
    world_make(&world);
    put(&world, "outside/folder/2", "two", 3);
    put(&world, "outside/folder/10", "ten", 3);
    put(&world, "outside/file", "F", 1);
    put(&world, "source/b-c", "c", 1);
    put(&world, "source/b.txt", "t", 1);
    link_to(&world, "../outside/folder", "source/b");
    link_to(&world, "outside-too", "source/x");
    link_to(&world, "../outside/file", "source/outside-too");
    ck_assert_int_eq(mkfifo(temporary_path(&world.temporary, "outside/pipe"), 0600), 0);
    link_to(&world, "../outside/pipe", "source/pipe");
    ck_assert(open_tree(&world));
    assert_walk(&world, "", "b-c=c b.txt=t b/10=ten b/2=two outside-too=F x=F ");
    assert_walk(&world, "b/1", "b/10=ten ");
    assert_walk(&world, "x", "x=F ");
    world_remove(&world);
}
END_TEST

/* A link to a folder that it lies in shows nothing that is not seen already. */
START_TEST(test_links_in_circles)
{
    struct world world;
    world_make(&world);
    put(&world, "source/a/b/file", "1", 1);
    link_to(&world, ".", "source/self");
    link_to(&world, "..", "source/a/b/up");
    link_to(&world, "../../source", "source/a/top");
    ck_assert(open_tree(&world));
    assert_walk(&world, "", "a/b/file=1 ");
    /* Two that lead to each other's folder end where they come back. */
    put(&world, "source/c/file", "2", 1);
    link_to(&world, "../c", "source/a/c");
    link_to(&world, "../a", "source/c/a");
    assert_walk(&world, "", "a/b/file=1 a/c/file=2 c/a/b/file=1 c/file=2 ");
    world_remove(&world);
}
END_TEST

/* What a broken link stands for, a file or a folder, is missing. */
START_TEST(test_broken_link)
{
    struct world world;
    world_make(&world);
    put(&world, "source/a", "1", 1);
    put(&world, "source/b/2", "2", 1);
    link_to(&world, "nothing", "source/b/link");
    ck_assert(open_tree(&world));
    assert_walk(&world, "a", "a=1 ");
    assert_walk(&world, "b/2", "b/2=2 ");
    ck_assert(!walk(&world, ""));
    char wanted_message[600];
    snprintf(wanted_message, sizeof wanted_message,
             "%s: is a link that leads to nothing; mend or remove it",
             temporary_path(&world.temporary, "source/b/link"));
    ck_assert_str_eq(world.err.message, wanted_message);
    ck_assert_int_eq(world.err.kind, SBMT_ERROR_IO);
    ck_assert(!walk(&world, "b/link/below"));
    ck_assert_str_eq(world.err.message, wanted_message);
    world_remove(&world);
}
END_TEST

START_TEST(test_many_files)
{
    enum { FILES = 3000 };
    struct world world;
    struct sbmt_str all = {0};
    world_make(&world);
    put(&world, "source/0000", "x", 1);
    for (int i = FILES; i-- > 0;) {
        char name[32];
        snprintf(name, sizeof name, "source/%04d", i);
        temporary_put(temporary_path(&world.temporary, name), "x", 1);
    }
    for (int i = 0; i < FILES; i++)
        sbmt_str_printf(&all, "%04d=x ", i);
    ck_assert(open_tree(&world));
    assert_walk(&world, "", all.text);
    sbmt_str_finish(&all);
    world_remove(&world);
}
END_TEST

/* The folder wins over archives, the first archive over the second. */
START_TEST(test_which)
{
    struct world world;
    world_make(&world);
    ck_assert(!open_tree(&world));
    assert_message(&world, "source: not found, nor source.tar.gz, source.zip; --data DIR or "
                           "SBMT_DATA set the data root");
    /* A file of this name is no folder. */
    put(&world, "source", "", 0);
    ck_assert(!open_tree(&world));
    const struct member zip[] = {TEXT("source/a", "zip")}, tar[] = {TEXT("source/a", "tar")};
    put_archive(&world, "source.zip", "zip", "none", zip, 1);
    ck_assert(open_tree(&world));
    assert_walk(&world, "", "a=zip ");
    put_archive(&world, "source.tar.gz", "gnutar", "gzip", tar, 1);
    ck_assert(open_tree(&world));
    assert_walk(&world, "", "a=tar ");
    ck_assert_int_eq(remove(temporary_path(&world.temporary, "source")), 0);
    put(&world, "source/a", "folder", 6);
    ck_assert(open_tree(&world));
    assert_walk(&world, "", "a=folder ");
    world_remove(&world);
}
END_TEST

/* Members come in their order, under any leading folders, but only of the folder itself. */
START_TEST(test_archive)
{
    static const struct {
        const char *name, *format, *filter;
    } cases[] = {{"source.tar.gz", "gnutar", "gzip"},
                 {"source.tar.gz", "pax", "xz"},
                 {"source.tar.gz", "gnutar", "none"},
                 {"source.zip", "zip", "none"}};
    static const struct member members[] = {
        {.name = "source/"},
        TEXT("source/b/2", "two"),
        TEXT("./source/a", "\0a\0"),
        TEXT("source/b/10", "ten"),
        TEXT("source/empty", ""),
        TEXT("source.txt", "no"),
        TEXT("resource/b/2", "no"),
        TEXT("sources/b/2", "no"),
        TEXT("__MACOSX/source/b/._2", "no"),
        TEXT("b/source", "no"),
        TEXT("source/source/c", "inner"),
    };
    struct world world;
    world_make(&world);
    put_archive(&world, cases[_i].name, cases[_i].format, cases[_i].filter, members,
                sizeof members / sizeof members[0]);
    ck_assert(open_tree(&world));
    ck_assert(world.tree.archived);
    assert_walk(&world, "", "b/2=two a=0a0 b/10=ten empty= source/c=inner ");
    assert_walk(&world, "b/", "b/2=two b/10=ten ");
    assert_walk(&world, "z", "");
    world.unwanted = "b/2";
    assert_walk(&world, "b/", "b/10=ten ");
    world.stop = "b/10";
    ck_assert(!walk(&world, ""));
    char message[100];
    snprintf(message, sizeof message, "%s:source/b/10: stopped", cases[_i].name);
    assert_message(&world, message);
    world_remove(&world);
}
END_TEST

/* Files that could be lost without a word, or counted twice. */
START_TEST(test_archive_doubts)
{
#define LINK "which is not followed in an archive; unpack it and remove the archive"
    static const struct {
        struct member second;
        const char *message;
    } cases[] = {
        {TEXT("source/b/1", "again"), "source/b/1: is in the archive more than once; unpack it, "
                                      "which leaves the last one, and remove the archive"},
        {TEXT("./source/b/1", "again"), "./source/b/1: is in the archive more than once; unpack "
                                        "it, which leaves the last one, and remove the archive"},
        {TEXT("old/source/b/2", "old"),
         "old/source/b/2: is in another folder 'source' than 'source', where other files are; "
         "unpack the archive, remove it and leave one of the folders"},
        {TEXT("source/b/../b/2", "up"), "source/b/../b/2: has '..' in its name, as no file of a "
                                        "source; make the archive anew"},
        {{.name = "source/b/2", .hard = "source/b/1"},
         "source/b/2: is a link to 'source/b/1', " LINK},
        {{.name = "source/b/2", .link = "1"}, "source/b/2: is a link to '1', " LINK},
        {{.name = "source/b", .link = "c"}, "source/b: is a link to 'c', " LINK},
        {{.name = "source/c", .link = "b"}, NULL},
        {{.name = "source/b/unwanted", .hard = "source/b/1"}, NULL},
        {TEXT("old/source/c/2", "old"), NULL},
    };
    char message[300];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct member members[] = {TEXT("source/b/1", "one"), cases[i].second};
        struct world world;
        world_make(&world);
        world.unwanted = "b/unwanted";
        put_archive(&world, "source.tar.gz", "gnutar", "gzip", members, 2);
        ck_assert(open_tree(&world));
        if (cases[i].message == NULL) {
            assert_walk(&world, "b/", "b/1=one ");
        } else {
            ck_assert(!walk(&world, "b/"));
            snprintf(message, sizeof message, "source.tar.gz:%s", cases[i].message);
            assert_message(&world, message);
        }
        world_remove(&world);
    }
}
END_TEST

/* Folders may hold single files packed, each once. */
START_TEST(test_packed_files)
{
    struct world world;
    world_make(&world);
    put(&world, "source/b/plain", "plain", 5);
    const char *const names[] = {"source/b/plain.gz", "source/b/one.gz", "source/b/one.xz",
                                 "source/b/two.xz", "source/b/unwanted.gz"};
    for (int i = 0; i < 5; i++)
        archives_compress(temporary_path(&world.temporary, names[i]),
                          strstr(names[i], ".gz") != NULL ? "gzip" : "xz", names[i] + 9, 5);
    world.only = "one two plain";
    ck_assert(open_tree(&world));
    assert_walk(&world, "b/", "b/one=one.g b/plain=plain b/two=two.x ");
    assert_walk(&world, "b/two", "b/two=two.x ");
    put(&world, "source/b/two.xz", "two", 3);
    ck_assert(!walk(&world, ""));
    assert_message(&world, "source/b/two.xz: is named .xz but is not an xz file");
    world_remove(&world);
}
END_TEST

START_TEST(test_archive_refusals)
{
    static const struct member members[] = {TEXT("other/a", "a"), TEXT("source", "b")};
    struct world world;
    world_make(&world);
    put_archive(&world, "source.tar.gz", "gnutar", "gzip", members, 2);
    ck_assert(open_tree(&world));
    ck_assert(!walk(&world, ""));
    assert_message(&world, "source.tar.gz: holds no files in a folder 'source'");
    put(&world, "source.tar.gz", "no archive", 10);
    ck_assert(!walk(&world, ""));
    assert_message(&world, "source.tar.gz: damaged, or no archive (Unrecognized archive format)");
    world_remove(&world);
}
END_TEST

/* An archive that ends too early, or in which a byte has changed, is an error even if all files
 * were visited. */
START_TEST(test_damaged_archive)
{
    static const struct member members[] = {TEXT("source/a", "some text in a file")};
    struct world world;
    world_make(&world);
    put_archive(&world, "source.tar.gz", "gnutar", "gzip", members, 1);
    ck_assert(open_tree(&world));
    size_t size;
    char *bytes = temporary_get(world.tree.path, &size);
    temporary_put(world.tree.path, bytes, size - 1);
    ck_assert(!walk(&world, ""));
    assert_message(&world, "source.tar.gz: the gzip data ends here: truncated");
    bytes[size - 5] = (char)(bytes[size - 5] ^ 1);
    temporary_put(world.tree.path, bytes, size);
    ck_assert(!walk(&world, ""));
    assert_message(&world, "source.tar.gz: damaged gzip data (incorrect data check)");
    free(bytes);
    world_remove(&world);
}
END_TEST

/* A checksum of zip tells which file is damaged. */
START_TEST(test_damaged_member)
{
    static const struct member members[] = {TEXT("source/a", "fine"), TEXT("source/b", "broken")};
    struct world world;
    world_make(&world);
    struct archive *archive = archive_write_new();
    ck_assert_int_eq(archive_write_set_format_zip(archive), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_zip_set_compression_store(archive), ARCHIVE_OK);
    const char *path = temporary_path(&world.temporary, "source.zip");
    ck_assert_int_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
    archives_add(archive, &members[0]);
    archives_add(archive, &members[1]);
    archive_write_free(archive);
    size_t size;
    char *bytes = temporary_get(path, &size);
    *(char *)memmem(bytes, size, "broken", 6) = 'B';
    temporary_put(path, bytes, size);
    free(bytes);
    ck_assert(open_tree(&world));
    ck_assert(!walk(&world, ""));
    ck_assert_str_eq(world.seen.text, "a=fine ");
    ck_assert_ptr_nonnull(
        strstr(world.err.message, "/source.zip:source/b: damaged or truncated ("));
    ck_assert_int_eq(world.err.kind, SBMT_ERROR_DATA);
    world_remove(&world);
}
END_TEST

START_TEST(test_too_large)
{
    struct world world;
    world_make(&world);
    put(&world, "source/large", "", 0);
    const char *path = temporary_path(&world.temporary, "source/large");
    ck_assert_int_eq(truncate(path, (off_t)SBMT_TREE_LARGEST + 1), 0);
    ck_assert(open_tree(&world));
    ck_assert(!walk(&world, ""));
    assert_message(&world, "source/large: is larger than 256 MiB, and no file of a source");
    world_remove(&world);
}
END_TEST

static void assert_stream(struct world *world, const char *name, const char *wanted_bytes)
{
    struct sbmt_stream stream;
    char bytes[100];
    size_t size, end;
    ck_assert_msg(sbmt_tree_stream(&world->tree, name, &stream, &world->err), "%s",
                  world->err.message);
    ck_assert(sbmt_stream_read(&stream, bytes, sizeof bytes - 1, &size, &world->err));
    ck_assert(sbmt_stream_read(&stream, bytes + size, 1, &end, &world->err));
    ck_assert_uint_eq(end, 0);
    bytes[size] = '\0';
    ck_assert_str_eq(bytes, wanted_bytes);
    sbmt_stream_close(&stream);
}

START_TEST(test_stream)
{
    static const struct member members[] = {TEXT("x/source/b/c", "member"), TEXT("c", "no")};
    struct world world;
    struct sbmt_stream stream;
    world_make(&world);
    put_archive(&world, "source.zip", "zip", "none", members, 2);
    ck_assert(open_tree(&world));
    assert_stream(&world, "b/c", "member");
    ck_assert(!sbmt_tree_stream(&world.tree, "c", &stream, &world.err));
    assert_message(&world, "source.zip: holds no file 'source/c'");
    put(&world, "source/b/c", "plain", 5);
    archives_compress(temporary_path(&world.temporary, "source/b/c.xz"), "xz", "xz", 2);
    archives_compress(temporary_path(&world.temporary, "source/b/c.gz"), "gzip", "gzip", 4);
    ck_assert(open_tree(&world));
    assert_stream(&world, "b/c", "plain");
    ck_assert_int_eq(remove(temporary_path(&world.temporary, "source/b/c")), 0);
    assert_stream(&world, "b/c", "gzip");
    ck_assert_int_eq(remove(temporary_path(&world.temporary, "source/b/c.gz")), 0);
    assert_stream(&world, "b/c", "xz");
    ck_assert_int_eq(remove(temporary_path(&world.temporary, "source/b/c.xz")), 0);
    ck_assert(!sbmt_tree_stream(&world.tree, "b/c", &stream, &world.err));
    assert_message(&world, "source/b/c: not found, nor the same with .gz or .xz");
    world_remove(&world);
}
END_TEST

static void set_time(struct world *world, const char *name, int seconds)
{
    const struct timespec times[] = {{.tv_sec = seconds}, {.tv_sec = seconds, .tv_nsec = 7}};
    ck_assert_int_eq(utimensat(AT_FDCWD, temporary_path(&world->temporary, name), times, 0), 0);
}

static void assert_origin(struct world *world, const char *const *parts, const char *name,
                          int64_t size, int seconds)
{
    struct sbmt_origin origin = {0};
    ck_assert_msg(sbmt_tree_origin(&world->tree, parts, &origin, &world->err), "%s",
                  world->err.message);
    ck_assert_str_eq(origin.name, name);
    ck_assert_int_eq(origin.size, size);
    ck_assert_int_eq(origin.mtime, (int64_t)seconds * 1000000000 + 7);
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(test_origin)
{
    static const struct member members[] = {TEXT("source/b/2", "two")};
    struct world world;
    struct sbmt_origin origin = {0};
    world_make(&world);
    put_folder(&world);
    archives_compress(temporary_path(&world.temporary, "source/c.gz"), "gzip", "ccc", 3);
    struct stat gz;
    ck_assert_int_eq(stat(temporary_path(&world.temporary, "source/c.gz"), &gz), 0);
    set_time(&world, "source/b/2", 1000);
    set_time(&world, "source/b.txt", 3000);
    set_time(&world, "source/c.gz", 2000);
    set_time(&world, "source/a", 4000);
    set_time(&world, "source/b", 5000);
    set_time(&world, "source", 6000);
    ck_assert(open_tree(&world));
    assert_origin(&world, PARTS("b/2"), "source/b/2", 3, 1000);
    assert_origin(&world, PARTS("c"), "source/c.gz", gz.st_size, 2000);
    assert_origin(&world, PARTS("b/2", "b.txt", "c"), "source", 6 + gz.st_size, 3000);
    assert_origin(&world, PARTS("b", "a"), "source", 0, 5000);
    assert_origin(&world, PARTS("", "a"), "source", 0, 6000);
    ck_assert(!sbmt_tree_origin(&world.tree, PARTS("b", "d"), &origin, &world.err));
    assert_message(&world, "source/d: not found, nor the same with .gz or .xz");
    put_archive(&world, "source.zip", "zip", "none", members, 1);
    set_time(&world, "source.zip", 7000);
    struct stat zip;
    ck_assert_int_eq(stat(temporary_path(&world.temporary, "source.zip"), &zip), 0);
    world.tree = (struct sbmt_tree){0};
    ck_assert(sbmt_tree_open(&world.tree, world.temporary.folder, "absent", archives, &world.err));
    assert_origin(&world, PARTS("b", "d"), "source.zip", zip.st_size, 7000);
    world_remove(&world);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {test_folder, 1},
        {test_linked_folder, 1},
        {test_links, 1},
        {test_links_in_circles, 1},
        {test_broken_link, 1},
        {test_many_files, 1},
        {test_which, 1},
        {test_archive, 4},
        {test_archive_doubts, 1},
        {test_packed_files, 1},
        {test_archive_refusals, 1},
        {test_damaged_archive, 1},
        {test_damaged_member, 1},
        {test_too_large, 1},
        {test_stream, 1},
        {test_origin, 1},
    };
    return sbmt_suite_run_loops("tree", tests, (int)(sizeof tests / sizeof tests[0]));
}
