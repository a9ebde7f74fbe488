/* Tests of Pathfinder as files: names, lines, pictures, and what stopping leaves. */
#include "tests/suite.h"

#include <string.h>

#include "core/io/file.h"
#include "data/pathfinder_generate.h"
#include "data/png.h"
#include "tests/temporary.h"

#define HARD "pathfinder32/curv_contour_length_14"

static void generate(int side, const struct sbmt_pathfinder_options *options)
{
    struct sbmt_error err = {0};
    ck_assert_msg(sbmt_pathfinder_generate(side, options, NULL, NULL, &err), "%s", err.message);
}

static char *get(struct temporary *temporary, const char *name, size_t *size)
{
    return temporary_get(temporary_path(temporary, name), size);
}

/* A picture under the set's folder is whole. */
static void check_picture(struct temporary *temporary, const char *set, const char *folder,
                          const char *file, int side)
{
    char name[256];
    size_t size;
    static uint8_t pixels[256 * 256];
    struct sbmt_error err = {0};
    snprintf(name, sizeof name, "%s/%s/%s", set, folder, file);
    char *bytes = get(temporary, name, &size);
    ck_assert_msg(sbmt_png_read(name, bytes, size, side, side, pixels, &err), "%s", err.message);
    free(bytes);
}

/* Every line has its picture and the columns that are wanted behind the label. */
static int check_batch(struct temporary *temporary, const char *set, int batch, int side,
                       const char *columns)
{
    char name[256], folder[32], file[32], rest[64], wanted[32];
    size_t size;
    int lines = 0, number, label, used;
    snprintf(name, sizeof name, "%s/metadata/%d.npy", set, batch);
    char *text = get(temporary, name, &size);
    for (const char *line = text; *line != '\0'; line += used, lines++) {
        used = 0;
        ck_assert_int_eq(
            sscanf(line, "%31s %31s %d %d %63[^\n]%n", folder, file, &number, &label, rest, &used),
            5);
        ck_assert_int_eq(line[used++], '\n');
        snprintf(wanted, sizeof wanted, "imgs/%d", batch);
        ck_assert_str_eq(folder, wanted);
        snprintf(wanted, sizeof wanted, "sample_%d.png", lines);
        ck_assert_str_eq(file, wanted);
        ck_assert_int_eq(number, lines);
        ck_assert(label == 0 || label == 1);
        ck_assert_str_eq(rest, columns);
        check_picture(temporary, set, folder, file, side);
    }
    free(text);
    return lines;
}

START_TEST(files_are_laid_out_as_released)
{
    struct temporary temporary = temporary_make();
    struct sbmt_pathfinder_options options = {
        .out = temporary.folder, .count = 1003, .seed = 1, .contour_length = 14};
    generate(32, &options);
    ck_assert_int_eq(check_batch(&temporary, HARD, 0, 32, "1.0 14 4 2 0.5 1 1"), 1000);
    ck_assert_int_eq(check_batch(&temporary, HARD, 1, 32, "1.0 14 4 2 0.5 1 1"), 3);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, HARD "/imgs")), 2);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, HARD "/imgs/1")), 3);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, HARD "/metadata")), 2);
    options.count = 3;
    options.contour_length = 6;
    generate(32, &options);
    ck_assert_int_eq(
        check_batch(&temporary, "pathfinder32/curv_baseline", 0, 32, "1.0 6 2 2 0.5 1 1"), 3);
    options.contour_length = 9;
    generate(256, &options);
    ck_assert_int_eq(
        check_batch(&temporary, "pathfinder256/curv_contour_length_9", 0, 256, "1.8 9 3 5 2.0 3 1"),
        3);
    temporary_remove(&temporary);
}
END_TEST

/* The lines are those of the original generator, but for labels. */
START_TEST(lines_are_the_originals)
{
    struct temporary temporary = temporary_make();
    const struct sbmt_pathfinder_options options = {
        .out = temporary.folder, .count = 3, .contour_length = 14};
    size_t size, wanted_size;
    generate(32, &options);
    char *text = get(&temporary, HARD "/metadata/0.npy", &size);
    char *wanted = temporary_get(UNIT_DATA "/pathfinder/metadata.npy", &wanted_size);
    ck_assert_uint_eq(size, wanted_size);
    for (size_t i = 0; i < size; i++) {
        const bool of_batch = i > 0 && wanted[i - 1] == '/';
        const bool of_label = i > 3 && strncmp(wanted + i + 1, " 1.0", 4) == 0;
        ck_assert_msg(text[i] == wanted[i] || of_batch || of_label, "byte %zu", i);
    }
    free(text);
    free(wanted);
    temporary_remove(&temporary);
}
END_TEST

/* What is made of some options, to be compared. */
struct made {
    char *picture, *lines; /* the last of 20 pictures */
    size_t picture_size, lines_size;
};

static struct made make(int count, int seed)
{
    struct temporary temporary = temporary_make();
    const struct sbmt_pathfinder_options options = {
        .out = temporary.folder, .count = count, .seed = seed, .contour_length = 14};
    struct made made;
    generate(32, &options);
    made.picture = get(&temporary, HARD "/imgs/0/sample_19.png", &made.picture_size);
    made.lines = get(&temporary, HARD "/metadata/0.npy", &made.lines_size);
    temporary_remove(&temporary);
    return made;
}

/* The same options give the same bytes, fewer pictures are the first ones, another seed others. */
START_TEST(pictures_follow_the_seed)
{
    const struct made one = make(20, 7), more = make(30, 7), other = make(20, 8);
    ck_assert_uint_eq(one.picture_size, more.picture_size);
    ck_assert_mem_eq(one.picture, more.picture, one.picture_size);
    ck_assert_uint_lt(one.lines_size, more.lines_size);
    ck_assert_mem_eq(one.lines, more.lines, one.lines_size);
    ck_assert(one.picture_size != other.picture_size ||
              memcmp(one.picture, other.picture, one.picture_size) != 0);
    ck_assert_str_ne(one.lines, other.lines);
    const struct made all[] = {one, more, other};
    for (int i = 0; i < 3; i++) {
        free(all[i].picture);
        free(all[i].lines);
    }
}
END_TEST

START_TEST(nothing_is_replaced_unasked)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_pathfinder_options options = {
        .out = temporary.folder, .count = 2, .contour_length = 14};
    size_t size, again;
    generate(32, &options);
    char *before = get(&temporary, HARD "/metadata/0.npy", &size);
    options.count = 5;
    ck_assert(!sbmt_pathfinder_generate(32, &options, NULL, NULL, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_USAGE);
    ck_assert_ptr_nonnull(
        strstr(err.message, "curv_contour_length_14: exists; --force replaces it"));
    char *after = get(&temporary, HARD "/metadata/0.npy", &again);
    ck_assert_str_eq(before, after);
    options.force = true;
    generate(32, &options);
    ck_assert_int_eq(check_batch(&temporary, HARD, 0, 32, "1.0 14 4 2 0.5 1 1"), 5);
    free(before);
    free(after);
    temporary_remove(&temporary);
}
END_TEST

/* A smaller set has nothing of the larger one. */
START_TEST(all_is_replaced)
{
    struct temporary temporary = temporary_make();
    struct sbmt_pathfinder_options options = {
        .out = temporary.folder, .count = 1005, .contour_length = 14};
    generate(32, &options);
    options.count = 3;
    options.force = true;
    generate(32, &options);
    ck_assert_int_eq(check_batch(&temporary, HARD, 0, 32, "1.0 14 4 2 0.5 1 1"), 3);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, HARD "/metadata")), 1);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, HARD "/imgs")), 1);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, HARD "/imgs/0")), 3);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "pathfinder32")), 1);
    temporary_remove(&temporary);
}
END_TEST

static bool stop_at(void *context, int64_t done, int64_t total)
{
    ck_assert_int_eq(total, 1500);
    return done < *(const int *)context;
}

/* Stopped, nothing is made, and an old set is as it was. */
START_TEST(stopping_leaves_what_was)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    int most = 1200;
    struct sbmt_pathfinder_options options = {
        .out = temporary.folder, .count = 1500, .contour_length = 14, .force = true};
    const struct sbmt_generation_watch watch = {&most, stop_at};
    ck_assert(!sbmt_pathfinder_generate(32, &options, &watch, NULL, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_INTERRUPTED);
    ck_assert_ptr_nonnull(strstr(
        err.message, "/" HARD ": stopped after 1200 of 1500 pictures; the same command goes on "
                     "with them"));
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "pathfinder32")), 1);
    options.count = 5;
    generate(32, &options);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "pathfinder32")), 1);
    options.count = 1500;
    options.seed = 1;
    ck_assert(!sbmt_pathfinder_generate(32, &options, &watch, NULL, &err));
    ck_assert_int_eq(check_batch(&temporary, HARD, 0, 32, "1.0 14 4 2 0.5 1 1"), 5);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, HARD "/metadata")), 1);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "pathfinder32")), 2);
    temporary_remove(&temporary);
}
END_TEST

/* Counts reports, of which there is one for ten pictures, and stops after some. */
struct counting {
    int reports, most;
};

static bool count_reports(void *context, int64_t done, int64_t total)
{
    struct counting *counting = context;
    (void)done, (void)total;
    return ++counting->reports < counting->most;
}

static void digest_of(struct temporary *temporary, char digest[100])
{
    char command[600];
    snprintf(command, sizeof command,
             "cd '%s' && find " HARD " -type f | sort | xargs md5sum | md5sum", temporary->folder);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    ck_assert_ptr_nonnull(fgets(digest, 100, pipe));
    ck_assert_int_eq(pclose(pipe), 0);
}

/* Stopped or killed, the same command goes on behind the whole thousands that can be read; any
 * other one begins anew. */
START_TEST(stopped_it_goes_on)
{
    enum { STOPPED = 101, REST = 3, ALL = 102 }; /* reports */
    static const struct {
        const char *damage; /* done to the unfinished set */
        int reports;
    } cases[] = {{"true", REST},
                 {"touch imgs/1/sample_7.png.1.0.tmp metadata/1.npy.1.0.tmp; mkdir imgs/2", REST},
                 {"rm imgs/0/sample_999.png; touch imgs/0/sample_999.png", ALL},
                 {"sed -i 's/seed 3/seed 4/' .unfinished", ALL}};
    struct temporary whole = temporary_make(), stopped = temporary_make();
    char wanted[100], digest[100], command[1000];
    struct sbmt_error err = {0};
    struct counting counting = {.most = STOPPED};
    const struct sbmt_generation_watch watch = {&counting, count_reports};
    struct sbmt_pathfinder_options options = {
        .out = whole.folder, .count = 1020, .seed = 3, .contour_length = 14};
    generate(32, &options);
    digest_of(&whole, wanted);
    options.out = stopped.folder;
    ck_assert(!sbmt_pathfinder_generate(32, &options, &watch, NULL, &err));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct temporary temporary = temporary_make();
        snprintf(command, sizeof command,
                 "cp -al '%s/pathfinder32' '%s/' && cd '%s/" HARD ".partial' && %s", stopped.folder,
                 temporary.folder, temporary.folder, cases[i].damage);
        ck_assert_int_eq(system(command), 0);
        options.out = temporary.folder;
        counting = (struct counting){.most = 1000};
        ck_assert_msg(sbmt_pathfinder_generate(32, &options, &watch, NULL, &err), "%s",
                      err.message);
        ck_assert_int_eq(counting.reports, cases[i].reports);
        digest_of(&temporary, digest);
        ck_assert_str_eq(digest, wanted);
        ck_assert_int_eq(temporary_count(temporary_path(&temporary, HARD)), 2);
        ck_assert_int_eq(temporary_count(temporary_path(&temporary, "pathfinder32")), 1);
        temporary_remove(&temporary);
    }
    temporary_remove(&stopped);
    temporary_remove(&whole);
}
END_TEST

/* What a killed generation leaves is no part of the set, and gone after the next. */
START_TEST(leftovers_are_removed)
{
    struct temporary temporary = temporary_make();
    const struct sbmt_pathfinder_options options = {
        .out = temporary.folder, .count = 2, .contour_length = 14};
    ck_assert(sbmt_folder_make(temporary_path(&temporary, HARD ".partial/imgs/7"), NULL));
    temporary_text(temporary_path(&temporary, HARD ".partial/imgs/7/sample_0.png.1.0.tmp"), "x");
    generate(32, &options);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "pathfinder32")), 1);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, HARD "/imgs")), 1);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(wrong_options_are_refused)
{
    struct sbmt_error err = {0};
    struct sbmt_pathfinder_options options = {.count = 1, .contour_length = 14};
    ck_assert(!sbmt_pathfinder_generate(32, &options, NULL, NULL, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_USAGE);
    ck_assert_str_eq(err.message, "--out: a folder to write the pictures under is needed");
    char name[5000];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    options.out = name;
    ck_assert(!sbmt_pathfinder_generate(32, &options, NULL, NULL, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "this name is too long"));
    options.out = "/nowhere";
    options.contour_length = 7;
    ck_assert(!sbmt_pathfinder_generate(32, &options, NULL, NULL, &err));
    ck_assert_str_eq(err.message, "--contour-length: 7; there are 6, 9 and 14");
}
END_TEST

SBMT_SUITE_MAIN("pathfinder_generate", files_are_laid_out_as_released, lines_are_the_originals,
                pictures_follow_the_seed, nothing_is_replaced_unasked, all_is_replaced,
                stopping_leaves_what_was, stopped_it_goes_on, leftovers_are_removed,
                wrong_options_are_refused)
