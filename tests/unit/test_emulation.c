/* Tests of the quirks of published code: dev that is test, black pixels that are left out, last
 * batches that are dropped. */
#include "bench/experiment.h"
#include "data/preparation.h"
#include "tests/unit/task_world.h"

/* A task of pairs of images: dev holds dark ones, test a single pair. */
static bool images_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                          struct sbmt_origin *origin, struct sbmt_error *err)
{
    (void)task, (void)split;
    char path[512];
    snprintf(path, sizeof path, "%s/images", root);
    *origin = (struct sbmt_origin){.name = "images"};
    return sbmt_origin_add(origin, path, err);
}

static void put(struct sbmt_builder *builder, const char *pixels)
{
    for (const char *pixel = pixels; *pixel != '\0'; pixel++)
        sbmt_builder_token(builder, *pixel - '0');
    sbmt_builder_end(builder);
}

static bool images_prepare(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    static const char *const images[SBMT_SPLIT_COUNT][5] = {
        {NULL}, {"00102", "0000", "3", "450", NULL}, {"0506", "7", NULL}};
    (void)err;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        struct sbmt_builder *builder = &preparation->builder[split];
        if (!sbmt_preparation_wants(preparation, (enum sbmt_split)split))
            continue;
        for (int i = 0; images[split][i] != NULL; i += 2) {
            put(builder, images[split][i]);
            put(builder, images[split][i + 1]);
            sbmt_builder_label(builder, i / 2);
        }
    }
    return true;
}

static const char *const image_labels[] = {"no", "yes"};

static const struct sbmt_form form = {
    .name = "dark", .version = "images-1", .unit = "pixel", .vocab = 256, .max_length = 8};

static const struct sbmt_task images = {
    .name = "test/images",
    .doc = "",
    .classes = 2,
    .segments = 2,
    .label_names = image_labels,
    .forms = {&form},
    .source = images_source,
    .prepare = images_prepare,
};

static void images_make(struct task_world *world, bool mask_black, bool dev_is_test)
{
    *world = (struct task_world){
        .temporary = temporary_make(),
        .task = &images,
        .emulate = {.mask_black = mask_black, .dev_is_test = dev_is_test},
    };
    task_world_put(world, "images", "");
    task_world_open(world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_DEV);
}

static void load(struct task_world *world, const int64_t *order, int count,
                 struct sbmt_batch *batch)
{
    const struct sbmt_source source = sbmt_dataset_source(&world->dataset);
    ck_assert_msg(source.load(source.context, order, NULL, count, batch, &world->err), "%s",
                  world->err.message);
}

/* Without the quirk black pixels are pixels, and nothing says where they stand. */
START_TEST(test_black_stays)
{
    static const int32_t tokens[] = {0, 0, 1, 0, 2, 0, 0, 0, 0};
    struct task_world world;
    struct sbmt_batch batch;
    images_make(&world, false, false);
    load(&world, (const int64_t[]){0}, 1, &batch);
    ck_assert_int_eq(batch.offset[2], 9);
    ck_assert_mem_eq(batch.tokens, tokens, sizeof tokens);
    ck_assert_ptr_null(batch.position);
    task_world_remove(&world);
}
END_TEST

/* Black pixels are gone from every sequence and the others keep their positions; an image that is
 * all black keeps its first pixel. The prepared file knows nothing of it. */
START_TEST(test_black_is_masked)
{
    static const int32_t tokens[] = {3, 4, 5, 1, 2, 0, 3, 4, 5};
    static const int32_t positions[] = {0, 0, 1, 2, 4, 0, 0, 0, 1};
    static const int64_t offsets[] = {0, 1, 3, 5, 6, 7, 9};
    struct task_world world;
    struct sbmt_batch batch;
    images_make(&world, true, false);
    ck_assert_int_eq(world.dataset.examples.offset[4], 13);
    load(&world, (const int64_t[]){1, 0, 1}, 3, &batch);
    ck_assert_mem_eq(batch.offset, offsets, sizeof offsets);
    ck_assert_mem_eq(batch.tokens, tokens, sizeof tokens);
    ck_assert_mem_eq(batch.position, positions, sizeof positions);
    ck_assert_int_eq(batch.label[0], 1);
    ck_assert_int_eq(batch.label[1], 0);
    task_world_remove(&world);
}
END_TEST

START_TEST(test_dev_is_test)
{
    struct task_world world;
    struct sbmt_batch batch;
    images_make(&world, false, false);
    ck_assert_int_eq(world.dataset.examples.count, 2);
    task_world_remove(&world);
    images_make(&world, false, true);
    ck_assert_int_eq(world.dataset.examples.count, 1);
    ck_assert_int_eq(world.dataset.split, SBMT_SPLIT_TEST);
    task_world_tokens(&world, 0, (const int[]){0, 5, 0, 6}, 4);
    load(&world, (const int64_t[]){0}, 1, &batch);
    ck_assert_uint_eq(batch.id[0], (uint64_t)SBMT_SPLIT_TEST << 56);
    char digest[SBMT_SHA256_HEX];
    memcpy(digest, world.dataset.digest, sizeof digest);
    task_world_open(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_TEST);
    ck_assert_str_eq(world.notes, "");
    ck_assert_str_eq(world.dataset.digest, digest);
    task_world_remove(&world);
}
END_TEST

/* How many of the 2000 dev examples of the synthetic task an evaluation counts. */
static int64_t evaluated(bool drop_last, int batch_size)
{
    struct temporary temporary = temporary_make();
    struct sbmt_arena arena = {0};
    struct sbmt_experiment_config config;
    struct sbmt_experiment experiment;
    struct sbmt_error err = {0};
    const struct sbmt_experiment_options options = {.data = temporary.folder, .threads = 1};
    const char *path = temporary_path(&temporary, "config.yaml");
    char size[40];
    snprintf(size, sizeof size, "train.batch_size=%d", batch_size);
    const char *const overrides[] = {
        "train.shards=1", size, drop_last ? "emulate.drop_last=true" : "emulate.drop_last=false"};
    temporary_text(path, "task: synthetic/repeated-tokens\n");
    ck_assert_msg(sbmt_experiment_config_load(&config, path, overrides, 3, &arena, &err), "%s",
                  err.message);
    ck_assert_msg(sbmt_experiment_open(&experiment, &config, 1U << SBMT_SPLIT_DEV, &options, &err),
                  "%s", err.message);
    const int64_t count = sbmt_experiment_evaluated(&experiment, SBMT_SPLIT_DEV).count;
    sbmt_experiment_close(&experiment);
    sbmt_arena_finish(&arena);
    temporary_remove(&temporary);
    return count;
}

START_TEST(test_drop_last)
{
    ck_assert_int_eq(evaluated(false, 128), 2000);
    ck_assert_int_eq(evaluated(true, 128), 1920);
    ck_assert_int_eq(evaluated(true, 100), 2000);
    ck_assert_int_eq(evaluated(true, 2000), 2000);
    /* Where no batch is full, all are counted. */
    ck_assert_int_eq(evaluated(true, 2001), 2000);
}
END_TEST

/* Tokens that have labels cannot be left out, and texts have no black ones. */
START_TEST(test_nothing_is_black)
{
    static const struct {
        const char *task, *message;
    } cases[] = {{"synthetic/repeated-tokens",
                  "every token of synthetic/repeated-tokens has a label, and none can be left out"},
                 {"lra/text", "the examples of lra/text are no pictures; leave it out"},
                 {"lra/listops", "the examples of lra/listops are no pictures; leave it out"},
                 {"lra/image", NULL},
                 {"synthetic/pathfinder32", NULL}};
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "config.yaml");
    char wanted[700], text[200];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sbmt_arena arena = {0};
        struct sbmt_experiment_config config;
        struct sbmt_error err = {0};
        snprintf(text, sizeof text, "task: %s\nemulate:\n  mask_black: true\n", cases[i].task);
        temporary_text(path, text);
        const bool loaded = sbmt_experiment_config_load(&config, path, NULL, 0, &arena, &err);
        ck_assert_msg(loaded == (cases[i].message == NULL), "%s", cases[i].task);
        if (!loaded) {
            snprintf(wanted, sizeof wanted, "%s:3:15: emulate.mask_black: %s", path,
                     cases[i].message);
            ck_assert_str_eq(err.message, wanted);
            ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
        }
        sbmt_arena_finish(&arena);
    }
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("emulation", test_black_stays, test_black_is_masked, test_dev_is_test,
                test_drop_last, test_nothing_is_black)
