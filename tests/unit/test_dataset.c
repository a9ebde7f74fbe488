/* Tests of opening data sets: when a prepared file is used, made anew or refused; and of batches.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/io/checksum.h"
#include "core/io/file.h"
#include "data/dataset.h"
#include "data/prepared.h"
#include "tests/suite.h"
#include "tests/temporary.h"

/* A task of pairs with wide tokens: its source file holds numbers, one example in five of them:
 * length and first token of either sequence, and the label. */
static bool pairs_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                         struct sbmt_origin *origin, struct sbmt_error *err)
{
    (void)task, (void)split;
    char path[512];
    snprintf(path, sizeof path, "%s/pairs.txt", root);
    if (sbmt_file_exists(path))
        return sbmt_origin_read(origin, root, path, err);
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s: not found", path);
}

static bool pairs_prepare(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                          const char *path, const struct sbmt_log *log, struct sbmt_error *err)
{
    struct sbmt_builder builder;
    char digest[SBMT_SHA256_HEX];
    if (!sbmt_builder_open(&builder, task, root, split, err) ||
        !sbmt_digest_file(builder.source, digest, err))
        return false;
    FILE *file = fopen(builder.source, "r");
    ck_assert_ptr_nonnull(file);
    int length[2], token[2], label;
    while (fscanf(file, "%d %d %d %d %d", length, token, length + 1, token + 1, &label) == 5) {
        for (int s = 0; s < 2; s++) {
            for (int i = 0; i < length[s]; i++)
                sbmt_builder_token(&builder, token[s] + i);
            sbmt_builder_end(&builder);
        }
        sbmt_builder_label(&builder, label);
    }
    fclose(file);
    const bool written = sbmt_builder_write(&builder, path, digest, err);
    sbmt_builder_close(&builder);
    sbmt_log_write(log, SBMT_LOG_NOTE, "prepared");
    return written;
}

static const char *const pair_labels[] = {"no", "yes"};

static const struct sbmt_task pairs = {
    .name = "test/pairs",
    .doc = "",
    .vocab = 1000,
    .classes = 2,
    .segments = 2,
    .max_length = 8,
    .label_names = pair_labels,
    .version = "pairs-1",
    .prepare = pairs_prepare,
    .source = pairs_source,
};

/* A data root with a source file, and what was logged last. */
struct world {
    struct temporary temporary;
    char source[512], prepared[512], notes[2048];
    struct sbmt_log log;
    struct sbmt_error err;
    struct sbmt_dataset dataset;
};

static void keep_note(void *context, enum sbmt_log_level level, const char *message)
{
    struct world *world = context;
    const size_t used = strlen(world->notes);
    snprintf(world->notes + used, sizeof world->notes - used, "%s%s\n",
             level == SBMT_LOG_WARNING ? "warning: " : "", message);
}

static const char example_text[] = "3 700 2 10 1\n1 999 4 0 0\n2 5 1 300 1\n";

static void world_make(struct world *world)
{
    *world = (struct world){.temporary = temporary_make()};
    world->log = (struct sbmt_log){.write = keep_note, .context = world};
    snprintf(world->source, sizeof world->source, "%s/pairs.txt", world->temporary.folder);
    snprintf(world->prepared, sizeof world->prepared, "%s/prepared/test-pairs.dev.safetensors",
             world->temporary.folder);
    temporary_text(world->source, example_text);
}

static bool open_task(struct world *world, const struct sbmt_task *task)
{
    world->notes[0] = '\0';
    world->err = (struct sbmt_error){0};
    return sbmt_dataset_open(&world->dataset, task, world->temporary.folder, SBMT_SPLIT_DEV, 1,
                             &world->log, &world->err);
}

static void assert_opens(struct world *world, const char *notes)
{
    ck_assert_msg(open_task(world, &pairs), "%s", world->err.message);
    ck_assert_str_eq(world->notes, notes);
    ck_assert_int_eq(world->dataset.examples.tokens16[0], 700);
    sbmt_dataset_close(&world->dataset);
    sbmt_dataset_close(&world->dataset);
}

static void assert_refused(struct world *world, const char *path, const char *message)
{
    char wanted[1100];
    snprintf(wanted, sizeof wanted, "%s: %s", path, message);
    ck_assert(!open_task(world, &pairs));
    ck_assert_str_eq(world->err.message, wanted);
    ck_assert_int_eq(world->err.kind, SBMT_ERROR_DATA);
    sbmt_dataset_close(&world->dataset);
}

START_TEST(test_prepared_once)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "prepared\n");
    assert_opens(&world, "");
    struct sbmt_safetensors file;
    ck_assert(sbmt_safetensors_open(&file, world.prepared, &world.err));
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "task"), "test/pairs");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "version"), "pairs-1");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "source"), "pairs.txt");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "source_size"), "37");
    char digest[SBMT_SHA256_HEX];
    ck_assert(sbmt_digest_file(world.source, digest, &world.err));
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "source_sha256"), digest);
    sbmt_safetensors_close(&file);
    ck_assert(open_task(&world, &pairs));
    ck_assert_str_eq(world.dataset.digest, digest);
    ck_assert_int_eq(world.dataset.longest, 5);
    sbmt_dataset_close(&world.dataset);
    temporary_remove(&world.temporary);
}
END_TEST

/* As pairs_prepare, but the source gets another time meanwhile. */
static bool meddling_prepare(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                             const char *path, const struct sbmt_log *log, struct sbmt_error *err)
{
    (void)log;
    const struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 1000, .tv_nsec = 1}};
    struct sbmt_builder builder;
    ck_assert(sbmt_builder_open(&builder, task, root, split, err));
    for (int s = 0; s < 2; s++) {
        sbmt_builder_token(&builder, 1);
        sbmt_builder_end(&builder);
    }
    sbmt_builder_label(&builder, 0);
    ck_assert_int_eq(utimensat(AT_FDCWD, builder.source, times, 0), 0);
    const bool written = sbmt_builder_write(&builder, path, "", err);
    sbmt_builder_close(&builder);
    return written;
}

START_TEST(test_source_changes_meanwhile)
{
    struct world world;
    world_make(&world);
    struct sbmt_task meddling = pairs;
    meddling.prepare = meddling_prepare;
    char wanted[600];
    ck_assert(!open_task(&world, &meddling));
    snprintf(wanted, sizeof wanted, "%s: changed while it was read; try again", world.source);
    ck_assert_str_eq(world.err.message, wanted);
    ck_assert(!sbmt_file_exists(world.prepared));
    sbmt_dataset_close(&world.dataset);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_source_changes)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "prepared\n");
    char note[700];
    snprintf(note, sizeof note, "%s: its source file has changed; it is made anew\nprepared\n",
             world.prepared);
    /* Another size; then the same size at another time. */
    temporary_text(world.source, "1 700 1 1 0\n");
    assert_opens(&world, note);
    assert_opens(&world, "");
    const struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 1000, .tv_nsec = 1}};
    ck_assert_int_eq(utimensat(AT_FDCWD, world.source, times, 0), 0);
    assert_opens(&world, note);
    assert_opens(&world, "");
    /* Another tokenisation. */
    struct sbmt_task newer = pairs;
    newer.version = "pairs-2";
    ck_assert(open_task(&world, &newer));
    snprintf(note, sizeof note,
             "warning: %s: was not made for task test/pairs, tokenisation pairs-2; it is made "
             "anew\nprepared\n",
             world.prepared);
    ck_assert_str_eq(world.notes, note);
    sbmt_dataset_close(&world.dataset);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_source_absent)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "prepared\n");
    ck_assert_int_eq(unlink(world.source), 0);
    char note[700];
    snprintf(note, sizeof note, "%s: used without its source file, which is absent\n",
             world.prepared);
    assert_opens(&world, note);
    ck_assert_int_eq(truncate(world.prepared, 100), 0);
    ck_assert(!open_task(&world, &pairs));
    ck_assert_int_eq(world.err.kind, SBMT_ERROR_DATA);
    ck_assert_int_eq(strncmp(world.err.message, world.prepared, strlen(world.prepared)), 0);
    ck_assert_ptr_nonnull(strstr(world.err.message, "truncated"));
    ck_assert_ptr_nonnull(strstr(world.err.message, "; its source file is absent"));
    sbmt_dataset_close(&world.dataset);
    ck_assert_int_eq(unlink(world.prepared), 0);
    assert_refused(&world, world.source, "not found");
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_damaged_is_made_anew)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "prepared\n");
    ck_assert_int_eq(truncate(world.prepared, 100), 0);
    ck_assert(open_task(&world, &pairs));
    ck_assert_int_eq(strncmp(world.notes, "warning: ", 9), 0);
    ck_assert_ptr_nonnull(strstr(world.notes, "truncated"));
    ck_assert_ptr_nonnull(strstr(world.notes, "; it is made anew\nprepared\n"));
    sbmt_dataset_close(&world.dataset);
    assert_opens(&world, "");
    temporary_remove(&world.temporary);
}
END_TEST

/* The tensors of a prepared file, to be spoilt one at a time. */
struct tensors {
    int64_t offset[5];
    int32_t label[2];
    uint16_t token[6];
    int labels;
    enum sbmt_dtype dtype;
};

static void put_prepared(const struct world *world, const struct tensors *tensors)
{
    const struct sbmt_stored stored[] = {
        {.name = "offsets", .dtype = SBMT_DTYPE_I64, .rank = 1, .shape = {5}, 5, tensors->offset},
        {.name = "labels",
         .dtype = SBMT_DTYPE_I32,
         1,
         {tensors->labels},
         (size_t)tensors->labels,
         tensors->label},
        {.name = "tokens", .dtype = tensors->dtype, .rank = 1, .shape = {6}, 6, tensors->token},
    };
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    char checksum[SBMT_CHECKSUM_TEXT];
    sbmt_checksum_text(sbmt_checksum_tensors(0, stored, 3), checksum);
    const char *const metadata[] = {"task",          "test/pairs", "version", "pairs-1",
                                    "source_sha256", zeros,        "crc32",   checksum};
    ck_assert(sbmt_safetensors_write(world->prepared, stored, 3, metadata, 4, NULL));
}

START_TEST(test_broken_prepared)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "prepared\n");
    ck_assert_int_eq(unlink(world.source), 0);
    static const struct tensors good = {
        {0, 1, 3, 4, 6}, {0, 1}, {1, 2, 3, 4, 5, 999}, 2, SBMT_DTYPE_U16};
    struct tensors bad = good;
    put_prepared(&world, &good);
    ck_assert_msg(open_task(&world, &pairs), "%s", world.err.message);
    sbmt_dataset_close(&world.dataset);
#define SPOIL(change, message)                                                                     \
    bad = good;                                                                                    \
    bad.change;                                                                                    \
    put_prepared(&world, &bad);                                                                    \
    assert_refused(&world, world.prepared, message "; its source file is absent")
    SPOIL(offset[0] = 1, "tensor 'offsets' does not span 'tokens'");
    SPOIL(offset[4] = 7, "tensor 'offsets' does not span 'tokens'");
    SPOIL(offset[1] = 0, "tensor 'offsets' does not rise at element 1");
    SPOIL(offset[2] = INT64_MAX, "tensor 'offsets' does not rise at element 2");
    SPOIL(offset[2] = INT64_MIN, "tensor 'offsets' does not rise at element 2");
    SPOIL(offset[3] = 6, "tensor 'offsets' does not rise at element 4");
    SPOIL(label[1] = 2, "tensor 'labels' holds 2 at element 1");
    SPOIL(label[0] = -1, "tensor 'labels' holds -1 at element 0");
    SPOIL(token[3] = 1000, "tensor 'tokens' holds 1000, the vocabulary has 1000 words");
    SPOIL(labels = 1, "tensor 'offsets' has shape [5], not [3]");
    SPOIL(dtype = SBMT_DTYPE_I16, "tensor 'tokens' has dtype I16, not U16");
#undef SPOIL
    put_prepared(&world, &good);
    struct sbmt_task shorter = pairs;
    shorter.max_length = 1;
    ck_assert(!open_task(&world, &shorter));
    ck_assert_ptr_nonnull(
        strstr(world.err.message, "sequence 1 has 2 tokens, over the limit of 1"));
    sbmt_dataset_close(&world.dataset);
    temporary_remove(&world.temporary);
}
END_TEST

/* Whatever byte of the tensors changes, though to a value that could be. */
START_TEST(test_no_damage_goes_unseen)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "prepared\n");
    ck_assert_int_eq(unlink(world.source), 0);
    size_t size;
    uint64_t header;
    char *bytes = temporary_get(world.prepared, &size);
    memcpy(&header, bytes, sizeof header);
    for (size_t i = sizeof header + (size_t)header; i < size; i++) {
        bytes[i] ^= 1;
        temporary_put(world.prepared, bytes, size);
        ck_assert_msg(!open_task(&world, &pairs), "byte %zu", i);
        ck_assert_int_eq(world.err.kind, SBMT_ERROR_DATA);
        bytes[i] ^= 1;
    }
    bytes[size - 2] ^= 1;
    temporary_put(world.prepared, bytes, size);
    assert_refused(&world, world.prepared,
                   "damaged: its tensors do not have the checksum in metadata 'crc32'; its source "
                   "file is absent");
    free(bytes);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_no_place_for_prepared)
{
    struct world world;
    world_make(&world);
    const char *folder = temporary_path(&world.temporary, "prepared");
    temporary_text(folder, "");
    char wanted[600];
    ck_assert(!open_task(&world, &pairs));
    snprintf(wanted, sizeof wanted, "%s: is a file where a folder is needed", folder);
    ck_assert_str_eq(world.err.message, wanted);
    ck_assert_str_eq(world.notes, "");
    ck_assert_int_eq(unlink(folder), 0);
    /* The superuser may write anywhere. */
    if (geteuid() != 0) {
        ck_assert_int_eq(mkdir(folder, 0555), 0);
        ck_assert(!open_task(&world, &pairs));
        ck_assert_ptr_nonnull(strstr(world.err.message, "cannot write prepared data here"));
    }
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_no_examples)
{
    struct world world;
    world_make(&world);
    temporary_text(world.source, "");
    assert_refused(&world, world.source, "holds no examples");
    ck_assert_int_eq(temporary_count(temporary_path(&world.temporary, "prepared")), 0);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_batches)
{
    struct world world;
    world_make(&world);
    ck_assert(open_task(&world, &pairs));
    const struct sbmt_source source = sbmt_dataset_source(&world.dataset);
    ck_assert_int_eq(source.count, 3);
    struct sbmt_batch batch;
    static const int64_t order[] = {2, 0, 2, 1};
    ck_assert(source.load(source.context, order, 4, &batch, &world.err));
    static const int32_t tokens[] = {5, 6, 300, 700, 701, 702, 10, 11, 5, 6, 300, 999, 0, 1, 2, 3};
    static const int64_t offsets[] = {0, 2, 3, 6, 8, 10, 11, 12, 16};
    static const int32_t labels[] = {1, 1, 1, 0};
    ck_assert_int_eq(batch.count, 4);
    ck_assert_int_eq(batch.segments, 2);
    ck_assert_mem_eq(batch.offset, offsets, sizeof offsets);
    ck_assert_mem_eq(batch.tokens, tokens, sizeof tokens);
    ck_assert_mem_eq(batch.label, labels, sizeof labels);
    for (int e = 0; e < 4; e++)
        ck_assert_uint_eq(batch.id[e], (uint64_t)order[e] + (1ULL << 56));
    /* Later batches of at most this many examples use the same memory, whatever their tokens. */
    const size_t reserved = world.dataset.arena.reserved;
    const int32_t *memory = batch.tokens;
    for (int count = 0; count <= 4; count++) {
        static const int64_t longest[] = {0, 0, 0, 0};
        ck_assert(source.load(source.context, longest, count, &batch, &world.err));
        ck_assert_int_eq(batch.offset[2 * count], 5 * count);
        ck_assert_ptr_eq(batch.tokens, memory);
        ck_assert_uint_eq(world.dataset.arena.reserved, reserved);
    }
    static const int64_t outside[] = {0, 3};
    ck_assert(!source.load(source.context, outside, 2, &batch, &world.err));
    ck_assert_ptr_nonnull(strstr(world.err.message, "there is no example 3 among 3"));
    sbmt_dataset_close(&world.dataset);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_names)
{
    ck_assert_str_eq(sbmt_split_name(SBMT_SPLIT_TRAIN), "train");
    ck_assert_str_eq(sbmt_split_name(SBMT_SPLIT_DEV), "dev");
    ck_assert_str_eq(sbmt_split_name(SBMT_SPLIT_TEST), "test");
    for (int i = 0; sbmt_task_at(i) != NULL; i++)
        ck_assert_ptr_eq(sbmt_task_find(sbmt_task_at(i)->name, NULL), sbmt_task_at(i));
    struct sbmt_error err = {0};
    ck_assert_ptr_null(sbmt_task_find("quite another thing", &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message, "unknown task 'quite another thing'; known tasks: "));
}
END_TEST

SBMT_SUITE_MAIN("dataset", test_prepared_once, test_source_changes, test_source_changes_meanwhile,
                test_source_absent, test_damaged_is_made_anew, test_broken_prepared,
                test_no_damage_goes_unseen, test_no_place_for_prepared, test_no_examples,
                test_batches, test_names)
