/* Tests of reading Pathfinder: pictures by the metadata, splits, and every defect. */
#include "data/pathfinder_generate.h"
#include "data/pathfinder_names.h"
#include "data/permutation.h"
#include "data/png.h"
#include "tests/unit/task_world.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, FOLDERS = 2, IN_FOLDER = 10, ALL = FOLDERS * IN_FOLDER };

#define HARD "pathfinder32/curv_contour_length_14"

static int label_of(int folder, int number)
{
    return (folder + number) % 3 == 0;
}

static void put_picture(struct task_world *world, const char *name, int side, int grey)
{
    uint8_t pixels[64 * 64] = {0}, bytes[1 << 14];
    size_t size;
    ck_assert_uint_ge(sizeof bytes, sbmt_png_room(side, side));
    pixels[0] = (uint8_t)grey;
    pixels[side * side - 1] = 255;
    ck_assert(sbmt_png_write(pixels, side, side, bytes, &size, NULL));
    temporary_put(temporary_path(&world->temporary, name), bytes, size);
}

/* Pictures whose first pixel tells which they are, 1 … ALL. */
static void pathfinder_make(struct task_world *world)
{
    task_world_make(world, "lra/pathfinder32");
    task_world_folder(world, HARD "/metadata");
    for (int f = 0; f < FOLDERS; f++) {
        char name[200], text[4096] = "";
        snprintf(name, sizeof name, HARD "/imgs/%d", f);
        task_world_folder(world, name);
        for (int i = 0; i < IN_FOLDER; i++) {
            snprintf(name, sizeof name, HARD "/imgs/%d/sample_%d.png", f, i);
            put_picture(world, name, SIDE, f * IN_FOLDER + i + 1);
            snprintf(text + strlen(text), sizeof text - strlen(text),
                     "imgs/%d sample_%d.png %d %d 1.0 14 5 2 0.5 1 1\n", f, i, i, label_of(f, i));
        }
        snprintf(name, sizeof name, HARD "/metadata/%d.npy", f);
        task_world_put(world, name, text);
    }
}

static const enum sbmt_protocol hashed = SBMT_PROTOCOL_SBM_PAPER, torch = SBMT_PROTOCOL_S4;

/* Every picture is in one split, in the order of the metadata, with its label. */
static void assert_splits(struct task_world *world, enum sbmt_protocol protocol,
                          const int32_t *order)
{
    static const int counts[SBMT_SPLIT_COUNT] = {16, 2, 2};
    int first = 0;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        const struct sbmt_examples *examples = task_world_open(world, protocol,
                                                               (enum sbmt_split)split);
        int found = 0;
        ck_assert_int_eq(examples->count, counts[split]);
        for (int row = 0; row < ALL; row++) {
            bool is_here = false;
            for (int i = first; i < first + counts[split]; i++)
                is_here = is_here || order[i] == row;
            if (!is_here)
                continue;
            ck_assert_int_eq(examples->offset[found], (int64_t)found * PIXELS);
            ck_assert_int_eq(task_world_token(world, (int64_t)found * PIXELS), row + 1);
            ck_assert_int_eq(task_world_token(world, (int64_t)(found + 1) * PIXELS - 1), 255);
            ck_assert_int_eq(examples->label[found], label_of(row / IN_FOLDER, row % IN_FOLDER));
            found++;
        }
        ck_assert_int_eq(found, counts[split]);
        first += counts[split];
    }
}

START_TEST(test_splits)
{
    struct task_world world;
    int32_t order[ALL];
    pathfinder_make(&world);
    sbmt_permutation_torch(42, ALL, order);
    assert_splits(&world, torch, order);
    ck_assert(sbmt_permutation_hashed("hard", ALL, order, NULL));
    assert_splits(&world, hashed, order);
    task_world_remove(&world);
}
END_TEST

/* Metadata changed in place leaves the folder as it was: only a thorough look sees it. A file that
 * does not say what its source was made of is made anew by that look. */
START_TEST(test_changed_in_place)
{
    static const char path[] = "prepared/lra-pathfinder32.hashed.train.safetensors";
    struct task_world world;
    pathfinder_make(&world);
    task_world_open(&world, hashed, SBMT_SPLIT_TRAIN);
    world.thorough = true;
    task_world_open(&world, hashed, SBMT_SPLIT_TRAIN);
    ck_assert_str_eq(world.notes, "");
    task_world_run(&world,
                   "sed 2d " HARD "/metadata/1.npy > cut; cat cut > " HARD "/metadata/1.npy");
    world.thorough = false;
    task_world_open(&world, hashed, SBMT_SPLIT_TRAIN);
    ck_assert_str_eq(world.notes, "");
    world.thorough = true;
    task_world_open(&world, hashed, SBMT_SPLIT_TRAIN);
    ck_assert_ptr_nonnull(strstr(world.notes, "its source has changed; it is made anew\n"));
    ck_assert_int_eq(world.dataset.examples.count, 15);
    sbmt_dataset_close(&world.dataset);
    char command[300];
    snprintf(command, sizeof command, "sed -i s/source_files/source_filed/ %s", path);
    task_world_run(&world, command);
    world.thorough = false;
    task_world_open(&world, hashed, SBMT_SPLIT_TRAIN);
    ck_assert_str_eq(world.notes, "");
    world.thorough = true;
    task_world_open(&world, hashed, SBMT_SPLIT_TRAIN);
    ck_assert_ptr_nonnull(strstr(world.notes, ": made by an earlier version, which did not record "
                                              "its files; it is made anew\n"));
    task_world_open(&world, hashed, SBMT_SPLIT_TRAIN);
    ck_assert_str_eq(world.notes, "");
    task_world_remove(&world);
}
END_TEST

START_TEST(test_archives)
{
    static const char *const commands[] = {
        "tar -czf pathfinder32.tar.gz pathfinder32 && rm -r pathfinder32",
        ("mkdir lra_release && mv pathfinder32 lra_release/ && "
         "tar -czf lra_release.gz lra_release && rm -r lra_release"),
        "mkdir -p lra_release/lra_release && mv pathfinder32 lra_release/lra_release/"};
    struct task_world plain;
    pathfinder_make(&plain);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct task_world world;
        pathfinder_make(&world);
        task_world_run(&world, commands[i]);
        for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
            task_world_same(&plain, &world, hashed, (enum sbmt_split)split);
        task_world_remove(&world);
    }
    task_world_remove(&plain);
}
END_TEST

/* As sample_172.png of the released baseline: left out, and said. */
START_TEST(test_empty_picture)
{
    struct task_world world;
    pathfinder_make(&world);
    task_world_put(&world, HARD "/imgs/0/sample_7.png", "");
    int64_t count = 0;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        count += task_world_open(&world, torch, (enum sbmt_split)split)->count;
        if (split == 0)
            ck_assert_ptr_nonnull(strstr(world.notes, "warning: " HARD "/imgs/0/sample_7.png: is "
                                                      "empty; the picture is left out\n"));
        for (int64_t e = 0; e < world.dataset.examples.count; e++)
            ck_assert_int_ne(task_world_token(&world, e * PIXELS), 8);
    }
    ck_assert_int_eq(count, ALL - 1);
    task_world_remove(&world);
}
END_TEST

START_TEST(test_left_over)
{
    struct task_world world;
    pathfinder_make(&world);
    task_world_run(&world, "sed -i 3d " HARD "/metadata/1.npy");
    task_world_open(&world, torch, SBMT_SPLIT_TRAIN);
    ck_assert_ptr_nonnull(strstr(
        world.notes, "warning: pathfinder32: 1 pictures are in no metadata; they are left out\n"));
    task_world_remove(&world);
}
END_TEST

/* A picture that two rows are about counts twice, as published readers count it, and it is said. */
START_TEST(test_repeated)
{
    struct task_world world;
    pathfinder_make(&world);
    task_world_run(&world, "sed -i -n 'p;2p;4p' " HARD "/metadata/0.npy");
    int64_t count = 0;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        count += task_world_open(&world, torch, (enum sbmt_split)split)->count;
    ck_assert_int_eq(count, ALL + 2);
    task_world_open(&world, hashed, SBMT_SPLIT_TRAIN);
    ck_assert_ptr_nonnull(strstr(world.notes,
                                 "warning: pathfinder32: curv_contour_length_14/metadata/0.npy:3: "
                                 "imgs/0/sample_1.png has a row already; it counts twice\n"));
    ck_assert_ptr_nonnull(strstr(world.notes, "warning: pathfinder32: 2 rows of metadata are about "
                                              "a picture that has one already\n"));
    ck_assert_ptr_null(strstr(world.notes, "in no metadata"));
    task_world_remove(&world);
}
END_TEST

START_TEST(test_defects)
{
    static const struct {
        const char *command, *message;
    } cases[] = {
        {"rm -r " HARD "/metadata/*",
         "pathfinder32: there is no metadata in curv_contour_length_14/metadata"},
        {"rm " HARD "/imgs/1/sample_4.png",
         "pathfinder32: curv_contour_length_14/metadata/1.npy:5: there is no picture "
         "imgs/1/sample_4.png"},
        {"sed -i '2s/ 1 / 2 /;2s/ 0 1.0/ 2 1.0/' " HARD "/metadata/0.npy",
         "pathfinder32: curv_contour_length_14/metadata/0.npy:2: expected folder, file, a number "
         "and the label 0 or 1, not 'imgs/0 sample_1.png 2 2 1.0 14 5 2 0.5 1 1'"},
        {"sed -n '3s/ 2 1 1.0/ 2 0 1.0/p' " HARD "/metadata/1.npy > more; cat more >> " HARD
         "/metadata/1.npy",
         "pathfinder32: curv_contour_length_14/metadata/1.npy:11: imgs/1/sample_2.png has the "
         "label 0 here and 1 in an earlier row"},
        {"echo nothing >> " HARD "/metadata/0.npy",
         "pathfinder32: curv_contour_length_14/metadata/0.npy:11: expected folder, file, a number "
         "and the label 0 or 1, not 'nothing'"},
        {": > " HARD "/metadata/1.npy",
         HARD "/metadata/1.npy: is empty; expected a row for each picture"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_world world;
        pathfinder_make(&world);
        task_world_run(&world, cases[i].command);
        task_world_refuses(&world, hashed, SBMT_SPLIT_TRAIN, cases[i].message);
        task_world_remove(&world);
    }
}
END_TEST

/* A row is read to the letter, and so are the names of files. */
START_TEST(test_rows)
{
    static const struct {
        const char *text;
        int label; /* −1: it is none */
    } cases[] = {
        {"imgs/0 sample_1.png 2 1", 1},
        {"imgs/123456789012345678 sample_1.png x 0 1.0 14", 0},
        {"imgs/0\tsample_1.png  2 1\r", 1},
        {"imgs/0 sample_1.png 2 1.9", -1},
        {"imgs/0 sample_1.png 2 1junk 3", -1},
        {"imgs/0 sample_1.png 2 4294967297", -1},
        {"imgs/0 sample_1.png 2 -1", -1},
        {"imgs/0 sample_1.png 2 +1", -1},
        {"imgs/0 sample_1.png 2 01", -1},
        {"imgs/0 sample_1.png 2 ", -1},
        {"imgs/0 sample_1.png 1", -1},
        {"imgs/0 sample_1.png1 2 1", -1},
        {"imgs/0sample_1.png 2 1", -1},
        {"imgs/00 sample_1.png 2 1", -1},
        {"imgs/0 sample_-1.png 2 1", -1},
        {"imgs/0 sample_1234567890123456789.png 2 1", -1},
        {" imgs/0 sample_1.png 2 1", -1},
        {"", -1},
    };
    int64_t folder, number;
    int label;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bool is = sbmt_pathfinder_is_row(cases[i].text, &folder, &number, &label);
        ck_assert_msg(is == (cases[i].label >= 0), "%s", cases[i].text);
        ck_assert(!is || label == cases[i].label);
    }
    ck_assert(sbmt_pathfinder_is_picture("imgs/12/sample_345.png", &folder, &number));
    ck_assert_int_eq(folder, 12);
    ck_assert_int_eq(number, 345);
    ck_assert(sbmt_pathfinder_is_sheet("metadata/67.npy", &number));
    ck_assert_int_eq(number, 67);
    static const char *const names[] = {"imgs/1/sample_2.png.gz", "imgs/1/._sample_2.png",
                                        "imgs/1/sample_02.png",   "imgs/ 1/sample_2.png",
                                        "metadata/1.npy.tmp",     "metadata/+1.npy"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert(!sbmt_pathfinder_is_picture(names[i], &folder, &number) &&
                  !sbmt_pathfinder_is_sheet(names[i], &number));
}
END_TEST

/* A mark of the byte order is no part of the first row. */
START_TEST(test_byte_order_mark)
{
    struct task_world plain, marked;
    pathfinder_make(&plain);
    pathfinder_make(&marked);
    task_world_run(&marked, "sed -i '1s/^/\\xEF\\xBB\\xBF/' " HARD "/metadata/0.npy");
    task_world_same(&plain, &marked, hashed, SBMT_SPLIT_TRAIN);
    task_world_remove(&plain);
    task_world_remove(&marked);
}
END_TEST

/* What libpng says of damage follows the name of the file. */
START_TEST(test_broken_pictures)
{
    static const char name[] = HARD "/imgs/1/sample_0.png";
    struct task_world world;
    pathfinder_make(&world);
    put_picture(&world, name, 64, 1);
    ck_assert(!task_world_try(&world, hashed, SBMT_SPLIT_TRAIN));
    ck_assert_int_eq(world.err.kind, SBMT_ERROR_DATA);
    ck_assert_int_eq(strncmp(task_world_below(&world, world.err.message), name, strlen(name)), 0);
    ck_assert_ptr_nonnull(strstr(world.err.message, "64"));
    task_world_put(&world, name, "no picture");
    ck_assert(!task_world_try(&world, hashed, SBMT_SPLIT_TRAIN));
    ck_assert_int_eq(strncmp(task_world_below(&world, world.err.message), name, strlen(name)), 0);
    put_picture(&world, name, SIDE, 1);
    ck_assert_int_eq(truncate(temporary_path(&world.temporary, name), 60), 0);
    ck_assert(!task_world_try(&world, hashed, SBMT_SPLIT_TRAIN));
    ck_assert_int_eq(strncmp(task_world_below(&world, world.err.message), name, strlen(name)), 0);
    task_world_remove(&world);
}
END_TEST

/* Every size and set that can be made has a task that reads it. */
START_TEST(test_sets)
{
    static const struct {
        const char *task;
        int side, length;
    } cases[] = {{"lra/pathfinder32", 32, 14},
                 {"lra/pathfinder32-easy", 32, 6},
                 {"lra/pathfinder32-intermediate", 32, 9},
                 {"lra/pathfinder64", 64, 14},
                 {"lra/pathx", 128, 14},
                 {"lra/pathfinder256", 256, 14}};
    static const enum sbmt_protocol protocols[] = {SBMT_PROTOCOL_GOOGLE, SBMT_PROTOCOL_S4};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_world world;
        task_world_make(&world, cases[i].task);
        const struct sbmt_pathfinder_options options = {
            .out = world.temporary.folder, .count = 10, .contour_length = cases[i].length};
        ck_assert(sbmt_pathfinder_generate(cases[i].side, &options, NULL, NULL, &world.err));
        for (int p = 0; p < 2; p++) {
            ck_assert_int_eq(task_world_open(&world, protocols[p], SBMT_SPLIT_TRAIN)->count, 8);
            ck_assert_int_eq(world.dataset.longest, cases[i].side * cases[i].side);
            ck_assert_int_eq(world.task->forms[protocols[p]]->picture_width, cases[i].side);
        }
        task_world_remove(&world);
    }
}
END_TEST

START_TEST(test_made_sizes)
{
    static const struct {
        const char *task;
        int side;
    } cases[] = {{"synthetic/pathfinder32", 32},
                 {"synthetic/pathfinder64", 64},
                 {"synthetic/pathx", 128},
                 {"synthetic/pathfinder256", 256}};
    static int32_t tokens[256 * 256];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct sbmt_task *task = sbmt_task_find(cases[i].task, NULL);
        const struct sbmt_form *form = task->forms[SBMT_PROTOCOL_GOOGLE];
        const struct sbmt_rng_place place = {.seed = 1, .purpose = SBMT_RNG_GENERATE};
        int32_t label = -1;
        const int length = task->generator->make(sbmt_rng_derive(&place), tokens, &label);
        ck_assert_int_eq(length, cases[i].side * cases[i].side);
        ck_assert_int_eq(form->max_length, length);
        ck_assert_int_eq(form->picture_width, cases[i].side);
        ck_assert(label == 0 || label == 1);
    }
}
END_TEST

START_TEST(test_absent)
{
    struct task_world world;
    task_world_make(&world, "lra/pathx");
    task_world_refuses(
        &world, torch, SBMT_SPLIT_TRAIN,
        "pathfinder128/curv_contour_length_14/metadata: not found (nor the same with .gz or .xz, "
        "nor lra_release.gz or .tar.gz); --data DIR or SBMT_DATA set the data root; 'sbmt data "
        "generate "
        "pathfinder128 --out DIR' makes such files");
    task_world_remove(&world);
}
END_TEST

/* Made pictures are the same whenever they are asked for, and both labels occur. */
START_TEST(test_made)
{
    struct task_world world;
    task_world_make(&world, "synthetic/pathfinder32");
    task_world_open(&world, hashed, SBMT_SPLIT_TRAIN);
    const struct sbmt_source source = sbmt_dataset_source(&world.dataset);
    struct sbmt_batch batch;
    static const int64_t indices[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0};
    ck_assert(source.load(source.context, indices, NULL, 13, &batch, &world.err));
    ck_assert_mem_eq(batch.tokens, batch.tokens + 12 * PIXELS, PIXELS * sizeof *batch.tokens);
    ck_assert_mem_ne(batch.tokens, batch.tokens + PIXELS, PIXELS * sizeof *batch.tokens);
    int joined = 0;
    for (int e = 0; e < 12; e++)
        joined += batch.label[e];
    ck_assert(joined > 0 && joined < 12);
    task_world_remove(&world);
}
END_TEST

SBMT_SUITE_MAIN("pathfinder_files", test_splits, test_changed_in_place, test_archives,
                test_empty_picture, test_left_over, test_repeated, test_rows, test_byte_order_mark,
                test_defects, test_broken_pictures, test_sets, test_made_sizes, test_absent,
                test_made)
