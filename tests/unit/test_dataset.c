/* Tests of opening data sets: when a prepared file is used, made anew or refused; and of batches.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/io/checksum.h"
#include "core/io/file.h"
#include "data/dataset.h"
#include "data/preparation.h"
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
    *origin = (struct sbmt_origin){.name = "pairs.txt"};
    return sbmt_file_exists(path) ? sbmt_origin_add(origin, path, err)
                                  : sbmt_fail(err, SBMT_ERROR_DATA, "%s: not found", path);
}

static bool pairs_prepare(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    (void)err;
    struct sbmt_builder *builder = &preparation->builder[SBMT_SPLIT_DEV];
    FILE *file = fopen(preparation->place[SBMT_SPLIT_DEV], "r");
    ck_assert_ptr_nonnull(file);
    int length[2], token[2], label;
    while (fscanf(file, "%d %d %d %d %d", length, token, length + 1, token + 1, &label) == 5) {
        for (int s = 0; s < 2; s++) {
            for (int i = 0; i < length[s]; i++)
                sbmt_builder_token(builder, token[s] + i);
            sbmt_builder_end(builder);
        }
        sbmt_builder_label(builder, label);
    }
    fclose(file);
    return true;
}

static const char *const pair_labels[] = {"no", "yes"};

static const struct sbmt_form wide = {
    .name = "wide", .version = "pairs-1", .unit = "number", .vocab = 1000, .max_length = 8};

static const struct sbmt_task pairs = {
    .name = "test/pairs",
    .doc = "",
    .classes = 2,
    .segments = 2,
    .label_names = pair_labels,
    .forms = {&wide, NULL, &wide, NULL},
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
    snprintf(world->prepared, sizeof world->prepared, "%s/prepared/test-pairs.wide.dev.safetensors",
             world->temporary.folder);
    temporary_text(world->source, example_text);
}

static bool open_form(struct world *world, const struct sbmt_form *form)
{
    const struct sbmt_data_options options = {
        .root = world->temporary.folder, .seed = 1, .log = &world->log};
    world->notes[0] = '\0';
    world->err = (struct sbmt_error){0};
    return sbmt_dataset_open(&world->dataset, &pairs, form, SBMT_SPLIT_DEV, &options, &world->err);
}

/* That opening made the prepared file, saying `before` first; or did not, saying only that. */
static void assert_notes(const struct world *world, const char *before, bool made)
{
    char notes[2048];
    const int64_t count = world->dataset.examples.count;
    const int64_t tokens = world->dataset.examples.offset[2 * count];
    snprintf(notes, sizeof notes, "%s%s: preparing\n%s, dev: %d examples, %d numbers\n", before,
             world->source, world->source, (int)count, (int)tokens);
    ck_assert_str_eq(world->notes, made ? notes : before);
}

static void assert_opens(struct world *world, const char *before, bool made)
{
    ck_assert_msg(open_form(world, &wide), "%s", world->err.message);
    assert_notes(world, before, made);
    ck_assert_int_eq(world->dataset.examples.tokens16[0], 700);
    sbmt_dataset_close(&world->dataset);
    sbmt_dataset_close(&world->dataset);
}

static void assert_refused(struct world *world, const char *path, const char *message)
{
    char wanted[1100];
    snprintf(wanted, sizeof wanted, "%s: %s", path, message);
    ck_assert(!open_form(world, &wide));
    ck_assert_str_eq(world->err.message, wanted);
    ck_assert_int_eq(world->err.kind, SBMT_ERROR_DATA);
    sbmt_dataset_close(&world->dataset);
}

START_TEST(test_prepared_once)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "", true);
    assert_opens(&world, "", false);
    struct sbmt_safetensors file;
    ck_assert(sbmt_safetensors_open(&file, world.prepared, &world.err));
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "task"), "test/pairs");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "version"), "pairs-1");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "source"), "pairs.txt");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "source_size"), "37");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "form"), "wide");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "vocab"), "1000");
    /* By Python: hashlib.sha256 over the tokens as <u2, the offsets as <i8, the labels as <i4. */
    static const char digest[] = "34d03aa5b3adbce7fcdbdab46ff5f86be63539de278d1f194fb89cdf28f5cc19";
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "sha256"), digest);
    sbmt_safetensors_close(&file);
    ck_assert(open_form(&world, &wide));
    ck_assert_str_eq(world.dataset.digest, digest);
    ck_assert_int_eq(world.dataset.longest, 5);
    sbmt_dataset_close(&world.dataset);
    temporary_remove(&world.temporary);
}
END_TEST

/* As pairs_prepare, but the source gets another time meanwhile. */
static bool meddling_prepare(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    const struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 1000, .tv_nsec = 1}};
    ck_assert(pairs_prepare(preparation, err));
    ck_assert_int_eq(utimensat(AT_FDCWD, preparation->place[SBMT_SPLIT_DEV], times, 0), 0);
    return true;
}

START_TEST(test_source_changes_meanwhile)
{
    struct world world;
    world_make(&world);
    struct sbmt_task meddling = pairs;
    meddling.prepare = meddling_prepare;
    char wanted[600];
    const struct sbmt_data_options options = {.root = world.temporary.folder};
    ck_assert(
        !sbmt_dataset_open(&world.dataset, &meddling, &wide, SBMT_SPLIT_DEV, &options, &world.err));
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
    assert_opens(&world, "", true);
    char note[700];
    snprintf(note, sizeof note, "%s: its source has changed; it is made anew\n", world.prepared);
    /* Another size; then the same size at another time. */
    temporary_text(world.source, "1 700 1 1 0\n");
    assert_opens(&world, note, true);
    assert_opens(&world, "", false);
    const struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 1000, .tv_nsec = 1}};
    ck_assert_int_eq(utimensat(AT_FDCWD, world.source, times, 0), 0);
    assert_opens(&world, note, true);
    assert_opens(&world, "", false);
    /* Another tokenisation. */
    struct sbmt_form newer = wide;
    newer.version = "pairs-2";
    ck_assert(open_form(&world, &newer));
    snprintf(
        note, sizeof note,
        "warning: %s: was not made for task test/pairs, form wide, version pairs-2; it is made "
        "anew\n",
        world.prepared);
    assert_notes(&world, note, true);
    sbmt_dataset_close(&world.dataset);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_source_absent)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "", true);
    ck_assert_int_eq(unlink(world.source), 0);
    char note[700];
    snprintf(note, sizeof note, "%s: used without its source file, which is absent\n",
             world.prepared);
    assert_opens(&world, note, false);
    ck_assert_int_eq(truncate(world.prepared, 100), 0);
    ck_assert(!open_form(&world, &wide));
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

/* Nothing is computed that could not be put in its place, or not be read there. */
START_TEST(test_unreadable)
{
    struct world world;
    char wanted[700];
    world_make(&world);
    assert_opens(&world, "", true);
    ck_assert_int_eq(chmod(world.prepared, 0), 0);
    const bool was_root = temporary_drop_rights(&world.temporary);
    snprintf(wanted, sizeof wanted,
             "%s: cannot open: Permission denied; make it readable, or remove it", world.prepared);
    ck_assert(!open_form(&world, &wide));
    ck_assert_str_eq(world.err.message, wanted);
    ck_assert_str_eq(world.notes, "");
    temporary_regain_rights(was_root);
    ck_assert_int_eq(unlink(world.prepared), 0);
    ck_assert_int_eq(symlink("elsewhere", world.prepared), 0);
    snprintf(wanted, sizeof wanted,
             "%s: cannot open: No such file or directory; make it readable, or remove it",
             world.prepared);
    ck_assert(!open_form(&world, &wide));
    ck_assert_str_eq(world.err.message, wanted);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_damaged_is_made_anew)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "", true);
    ck_assert_int_eq(truncate(world.prepared, 100), 0);
    ck_assert(open_form(&world, &wide));
    ck_assert_int_eq(strncmp(world.notes, "warning: ", 9), 0);
    ck_assert_ptr_nonnull(strstr(world.notes, "truncated"));
    ck_assert_ptr_nonnull(strstr(world.notes, "; it is made anew\n"));
    sbmt_dataset_close(&world.dataset);
    assert_opens(&world, "", false);
    temporary_remove(&world.temporary);
}
END_TEST

/* The tensors of a prepared file, to be spoilt one at a time. */
struct tensors {
    int64_t offset[5], length[4];
    int32_t label[2];
    uint32_t checksum[2];
    uint16_t token[6];
    int labels;
    enum sbmt_dtype dtype;
    const char *vocab;
};

static struct sbmt_stored stored(const char *name, enum sbmt_dtype dtype, int count,
                                 const void *bytes)
{
    return (struct sbmt_stored){.name = name,
                                .dtype = dtype,
                                .rank = 1,
                                .shape = {count},
                                .count = (size_t)count,
                                .bytes = bytes};
}

static void put_prepared(const struct world *world, struct tensors *tensors)
{
    /* Tokens of examples 0 and 1 are the first three and the last three. */
    for (int e = 0; e < 2; e++)
        tensors->checksum[e] = sbmt_checksum(0, tensors->token + 3 * e, 3 * sizeof(uint16_t));
    const struct sbmt_stored list[] = {
        stored("offsets", SBMT_DTYPE_I64, 5, tensors->offset),
        stored("source_lengths", SBMT_DTYPE_I64, 2 * tensors->labels, tensors->length),
        stored("labels", SBMT_DTYPE_I32, tensors->labels, tensors->label),
        stored("checksums", SBMT_DTYPE_U32, tensors->labels, tensors->checksum),
        stored("tokens", tensors->dtype, 6, tensors->token),
    };
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    char checksum[SBMT_CHECKSUM_TEXT];
    sbmt_checksum_text(sbmt_checksum_tensors(0, list, 4), checksum);
    const char *const metadata[] = {"task",  "test/pairs",   "form",   "wide", "version", "pairs-1",
                                    "vocab", tensors->vocab, "sha256", zeros,  "crc32",   checksum};
    ck_assert(sbmt_safetensors_write(world->prepared, list, 5, metadata, 6, NULL));
}

START_TEST(test_broken_prepared)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "", true);
    ck_assert_int_eq(unlink(world.source), 0);
    struct tensors good = {.offset = {0, 1, 3, 4, 6},
                           .length = {1, 2, 1, 2},
                           .label = {0, 1},
                           .token = {1, 2, 3, 4, 5, 999},
                           .labels = 2,
                           .dtype = SBMT_DTYPE_U16,
                           .vocab = "1000"};
    struct tensors bad = good;
    put_prepared(&world, &good);
    ck_assert_msg(open_form(&world, &wide), "%s", world.err.message);
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
    SPOIL(vocab = "999", "metadata 'vocab' is missing or not that of its form");
    SPOIL(vocab = "1000x", "metadata 'vocab' is missing or not that of its form");
    SPOIL(labels = 1, "tensor 'offsets' has shape [5], not [3]");
    SPOIL(dtype = SBMT_DTYPE_I16, "tensor 'tokens' has dtype I16, not U16");
#undef SPOIL
    put_prepared(&world, &good);
    struct sbmt_form shorter = wide;
    shorter.max_length = 1;
    ck_assert(!open_form(&world, &shorter));
    ck_assert_ptr_nonnull(
        strstr(world.err.message, "sequence 1 has 2 tokens, over the limit of 1"));
    sbmt_dataset_close(&world.dataset);
    temporary_remove(&world.temporary);
}
END_TEST

static bool load_all(struct world *world)
{
    const struct sbmt_source source = sbmt_dataset_source(&world->dataset);
    struct sbmt_batch batch;
    static const int64_t all[] = {0, 1, 2};
    return source.load(source.context, all, NULL, (int)source.count, &batch, &world->err);
}

/* Whatever byte of the tensors changes, though to a value that could be: the index when the file is
 * opened, tokens when they are loaded. */
START_TEST(test_no_damage_goes_unseen)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "", true);
    ck_assert_int_eq(unlink(world.source), 0);
    size_t size;
    uint64_t header;
    char *bytes = temporary_get(world.prepared, &size);
    memcpy(&header, bytes, sizeof header);
    const size_t first = sizeof header + (size_t)header, tokens = size - 13 * sizeof(uint16_t);
    for (size_t i = first; i < size; i++) {
        bytes[i] ^= 1;
        temporary_put(world.prepared, bytes, size);
        ck_assert_msg(open_form(&world, &wide) == (i >= tokens), "byte %zu", i);
        ck_assert_msg(i < tokens || !load_all(&world), "byte %zu", i);
        ck_assert_int_eq(world.err.kind, SBMT_ERROR_DATA);
        sbmt_dataset_close(&world.dataset);
        bytes[i] ^= 1;
    }
    char wanted[700];
    bytes[size - 1] ^= 1;
    temporary_put(world.prepared, bytes, size);
    ck_assert(open_form(&world, &wide));
    ck_assert(!load_all(&world));
    snprintf(wanted, sizeof wanted,
             "%s: damaged: the tokens of example 2 do not have their checksum; 'sbmt data prepare "
             "test/pairs --protocol google' makes it anew",
             world.prepared);
    ck_assert_str_eq(world.err.message, wanted);
    sbmt_dataset_close(&world.dataset);
    bytes[size - 1] ^= 1;
    bytes[first] ^= 1;
    temporary_put(world.prepared, bytes, size);
    assert_refused(&world, world.prepared,
                   "tensor 'offsets' does not span 'tokens'; its source file is absent");
    free(bytes);
    temporary_remove(&world.temporary);
}
END_TEST

/* A token outside of the vocabulary in a file whose checksums are right. */
START_TEST(test_token_outside)
{
    struct world world;
    world_make(&world);
    assert_opens(&world, "", true);
    ck_assert_int_eq(unlink(world.source), 0);
    struct tensors tensors = {.offset = {0, 1, 3, 4, 6},
                              .length = {1, 2, 1, 2},
                              .label = {0, 1},
                              .token = {1, 2, 3, 4, 5, 1000},
                              .labels = 2,
                              .dtype = SBMT_DTYPE_U16,
                              .vocab = "1000"};
    put_prepared(&world, &tensors);
    ck_assert_msg(open_form(&world, &wide), "%s", world.err.message);
    ck_assert(!load_all(&world));
    ck_assert_ptr_nonnull(
        strstr(world.err.message, "example 1 holds the token 1000, the vocabulary has 1000"));
    sbmt_dataset_close(&world.dataset);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_forms)
{
    struct sbmt_error err = {0};
    ck_assert_ptr_eq(sbmt_task_form(&pairs, SBMT_PROTOCOL_SBM_PAPER, &err), &wide);
    ck_assert_ptr_null(sbmt_task_form(&pairs, SBMT_PROTOCOL_S4, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    ck_assert_str_eq(err.message, "test/pairs has no protocol 's4'; it has: google, sbm-paper");
}
END_TEST

START_TEST(test_no_place_for_prepared)
{
    struct world world;
    world_make(&world);
    const char *folder = temporary_path(&world.temporary, "prepared");
    temporary_text(folder, "");
    char wanted[600];
    ck_assert(!open_form(&world, &wide));
    snprintf(wanted, sizeof wanted, "%s: is a file where a folder is needed", folder);
    ck_assert_str_eq(world.err.message, wanted);
    ck_assert_str_eq(world.notes, "");
    ck_assert_int_eq(unlink(folder), 0);
    /* The superuser may write anywhere. */
    if (geteuid() != 0) {
        ck_assert_int_eq(mkdir(folder, 0555), 0);
        ck_assert(!open_form(&world, &wide));
        ck_assert_ptr_nonnull(strstr(world.err.message, ": cannot write prepared data here: "
                                                        "Permission denied; make it writable, or "
                                                        "give with --data or SBMT_DATA"));
        ck_assert_int_eq(rmdir(folder), 0);
        ck_assert_int_eq(chmod(world.temporary.folder, 0555), 0);
        ck_assert(!open_form(&world, &wide));
        ck_assert_ptr_nonnull(strstr(world.err.message, ": cannot write prepared data here: "
                                                        "Permission denied; make the data root "
                                                        "writable, or give"));
        ck_assert_int_eq(chmod(world.temporary.folder, 0755), 0);
    }
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_no_examples)
{
    struct world world;
    world_make(&world);
    temporary_text(world.source, "");
    assert_refused(&world, world.source, "holds no examples of dev");
    ck_assert_int_eq(temporary_count(temporary_path(&world.temporary, "prepared")), 0);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_batches)
{
    struct world world;
    world_make(&world);
    ck_assert(open_form(&world, &wide));
    const struct sbmt_source source = sbmt_dataset_source(&world.dataset);
    ck_assert_int_eq(source.count, 3);
    struct sbmt_batch batch;
    static const int64_t order[] = {2, 0, 2, 1};
    ck_assert(source.load(source.context, order, NULL, 4, &batch, &world.err));
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
        ck_assert(source.load(source.context, longest, NULL, count, &batch, &world.err));
        ck_assert_int_eq(batch.offset[2 * count], 5 * count);
        ck_assert_ptr_eq(batch.tokens, memory);
        ck_assert_uint_eq(world.dataset.arena.reserved, reserved);
    }
    static const int64_t outside[] = {0, 3};
    ck_assert(!source.load(source.context, outside, NULL, 2, &batch, &world.err));
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
                test_source_absent, test_unreadable, test_damaged_is_made_anew,
                test_broken_prepared, test_no_damage_goes_unseen, test_token_outside, test_forms,
                test_no_place_for_prepared, test_no_examples, test_batches, test_names)
