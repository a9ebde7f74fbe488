/* Prepared files: gathering and writing, opening and checking. */
#include "data/prepared.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/checksum.h"

enum { LARGEST_BYTE_VOCAB = 256 };

static const char key_task[] = "task", key_version[] = "version", key_name[] = "source",
                  key_size[] = "source_size", key_mtime[] = "source_mtime_ns",
                  key_digest[] = "source_sha256", key_checksum[] = "crc32";

static size_t token_size(const struct sbmt_task *task)
{
    return task->vocab <= LARGEST_BYTE_VOCAB ? sizeof(uint8_t) : sizeof(uint16_t);
}

static enum sbmt_dtype token_dtype(const struct sbmt_task *task)
{
    return task->vocab <= LARGEST_BYTE_VOCAB ? SBMT_DTYPE_U8 : SBMT_DTYPE_U16;
}

bool sbmt_builder_open(struct sbmt_builder *builder, const struct sbmt_task *task, const char *root,
                       enum sbmt_split split, struct sbmt_error *err)
{
    assert(task->target == SBMT_TARGET_EXAMPLE);
    *builder = (struct sbmt_builder){.task = task, .root = root, .split = split};
    if (!task->source(task, root, split, &builder->origin, err))
        return false;
    const int length = snprintf(builder->source, sizeof builder->source, "%s/%s", root,
                                builder->origin.name);
    return (length >= 0 && (size_t)length < sizeof builder->source) ||
           sbmt_fail(err, SBMT_ERROR_IO, "%.200s…: the name of this data root is too long", root);
}

/* Room for one more element; NULL (and `failed`) without memory. */
static void *grow(struct sbmt_builder *builder, void *memory, size_t used, size_t *capacity,
                  size_t size)
{
    if (builder->failed)
        return NULL;
    if (used < *capacity)
        return memory;
    const size_t wanted = *capacity == 0 ? 1024 : 2 * *capacity;
    void *grown = realloc(memory, wanted * size);
    if (grown == NULL)
        builder->failed = true;
    else
        *capacity = wanted;
    return grown;
}

void sbmt_builder_token(struct sbmt_builder *builder, int token)
{
    assert(token >= 0 && token < builder->task->vocab);
    const size_t size = token_size(builder->task), used = builder->tokens_used;
    void *tokens = grow(builder, builder->tokens, used, &builder->tokens_capacity, size);
    if (tokens == NULL)
        return;
    builder->tokens = tokens;
    if (size == sizeof(uint8_t))
        ((uint8_t *)tokens)[used] = (uint8_t)token;
    else
        ((uint16_t *)tokens)[used] = (uint16_t)token;
    builder->tokens_used++;
}

static void add_offset(struct sbmt_builder *builder)
{
    int64_t *offset = grow(builder, builder->offset, builder->offsets_used,
                           &builder->offsets_capacity, sizeof *offset);
    if (offset == NULL)
        return;
    builder->offset = offset;
    offset[builder->offsets_used++] = (int64_t)builder->tokens_used;
}

void sbmt_builder_end(struct sbmt_builder *builder)
{
    if (builder->offsets_used == 0) {
        const size_t used = builder->tokens_used;
        builder->tokens_used = 0;
        add_offset(builder);
        builder->tokens_used = used;
    }
    add_offset(builder);
}

void sbmt_builder_label(struct sbmt_builder *builder, int label)
{
    assert(label >= 0 && label < builder->task->classes);
    int32_t *labels = grow(builder, builder->label, builder->labels_used, &builder->labels_capacity,
                           sizeof *labels);
    if (labels == NULL)
        return;
    builder->label = labels;
    labels[builder->labels_used++] = label;
}

/* The digest belongs to what was read only if the source has not changed meanwhile. */
static bool check_unchanged(const struct sbmt_builder *builder, struct sbmt_error *err)
{
    struct sbmt_origin now;
    if (!builder->task->source(builder->task, builder->root, builder->split, &now, err))
        return false;
    return sbmt_origin_equal(&now, &builder->origin) ||
           sbmt_fail(err, SBMT_ERROR_DATA, "%s: changed while it was read; try again",
                     builder->source);
}

bool sbmt_builder_write(struct sbmt_builder *builder, const char *path, const char *digest,
                        struct sbmt_error *err)
{
    if (builder->failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for its examples", builder->source);
    if (builder->labels_used == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no examples", builder->source);
    assert(builder->offsets_used == builder->labels_used * (size_t)builder->task->segments + 1);
    char size[32], mtime[32], checksum[SBMT_CHECKSUM_TEXT];
    if (!check_unchanged(builder, err))
        return false;
    snprintf(size, sizeof size, "%" PRId64, builder->origin.size);
    snprintf(mtime, sizeof mtime, "%" PRId64, builder->origin.mtime);
    /* Wider elements first keeps every tensor aligned. */
    const struct sbmt_stored tensors[] = {
        {.name = "offsets",
         .dtype = SBMT_DTYPE_I64,
         .rank = 1,
         .shape = {(int64_t)builder->offsets_used},
         .count = builder->offsets_used,
         .bytes = builder->offset},
        {.name = "labels",
         .dtype = SBMT_DTYPE_I32,
         .rank = 1,
         .shape = {(int64_t)builder->labels_used},
         .count = builder->labels_used,
         .bytes = builder->label},
        {.name = "tokens",
         .dtype = token_dtype(builder->task),
         .rank = 1,
         .shape = {(int64_t)builder->tokens_used},
         .count = builder->tokens_used,
         .bytes = builder->tokens},
    };
    sbmt_checksum_text(sbmt_checksum_tensors(0, tensors, 3), checksum);
    const char *const metadata[] = {
        key_task,     builder->task->name,
        key_version,  builder->task->version,
        key_name,     builder->origin.name,
        key_size,     size,
        key_mtime,    mtime,
        key_digest,   digest,
        key_checksum, checksum,
    };
    return sbmt_safetensors_write(path, tensors, 3, metadata,
                                  (int)(sizeof metadata / sizeof metadata[0] / 2), err);
}

void sbmt_builder_close(struct sbmt_builder *builder)
{
    free(builder->tokens);
    free(builder->offset);
    free(builder->label);
    *builder = (struct sbmt_builder){0};
}

static bool check_offsets(struct sbmt_dataset *dataset, int64_t tokens, struct sbmt_error *err)
{
    const struct sbmt_examples *examples = &dataset->examples;
    const char *path = dataset->file.path;
    const int segments = dataset->task->segments;
    const int64_t sequences = examples->count * segments;
    if (examples->offset[0] != 0 || examples->offset[sequences] != tokens)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: tensor 'offsets' does not span 'tokens'", path);
    /* Compared by neighbours first, so that no difference below can overflow. */
    for (int64_t i = 0; i < sequences; i++) {
        const int64_t begin = examples->offset[i], end = examples->offset[i + 1];
        if (begin < 0 || end <= begin || end > tokens)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: tensor 'offsets' does not rise at element %" PRId64, path, i + 1);
        if (end - begin > dataset->task->max_length)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: sequence %" PRId64 " has %" PRId64 " tokens, over the limit of "
                             "%d",
                             path, i, end - begin, dataset->task->max_length);
    }
    for (int64_t i = 0; i < examples->count; i++) {
        const int64_t length = examples->offset[(i + 1) * segments] -
                               examples->offset[i * segments];
        if (length > dataset->longest)
            dataset->longest = length;
    }
    return true;
}

static bool check_values(const struct sbmt_dataset *dataset, int64_t tokens, struct sbmt_error *err)
{
    const struct sbmt_examples *examples = &dataset->examples;
    for (int64_t i = 0; i < examples->count; i++)
        if (examples->label[i] < 0 || examples->label[i] >= dataset->task->classes)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: tensor 'labels' holds %" PRId32 " at element %" PRId64,
                             dataset->file.path, examples->label[i], i);
    int largest = 0;
    if (examples->tokens8 != NULL)
        for (int64_t i = 0; i < tokens; i++)
            largest = examples->tokens8[i] > largest ? examples->tokens8[i] : largest;
    else
        for (int64_t i = 0; i < tokens; i++)
            largest = examples->tokens16[i] > largest ? examples->tokens16[i] : largest;
    if (largest >= dataset->task->vocab)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: tensor 'tokens' holds %d, the vocabulary has %d words",
                         dataset->file.path, largest, dataset->task->vocab);
    return true;
}

/* The tensors of the right types and sizes, and what they hold. */
static bool check_tensors(struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_task *task = dataset->task;
    const struct sbmt_stored *tokens = sbmt_safetensors_need(&dataset->file, "tokens",
                                                             token_dtype(task), -1, NULL, err);
    if (tokens == NULL)
        return false;
    const struct sbmt_stored *labels = sbmt_safetensors_need(&dataset->file, "labels",
                                                             SBMT_DTYPE_I32, -1, NULL, err);
    if (labels == NULL)
        return false;
    const int64_t shape[] = {(int64_t)labels->count * task->segments + 1};
    const struct sbmt_stored *offsets = sbmt_safetensors_need(&dataset->file, "offsets",
                                                              SBMT_DTYPE_I64, 1, shape, err);
    if (offsets == NULL)
        return false;
    if (labels->count == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no examples", dataset->file.path);
    const bool narrow = tokens->dtype == SBMT_DTYPE_U8;
    dataset->examples = (struct sbmt_examples){.count = (int64_t)labels->count,
                                               .tokens8 = narrow ? tokens->bytes : NULL,
                                               .tokens16 = narrow ? NULL : tokens->bytes,
                                               .offset = offsets->bytes,
                                               .label = labels->bytes};
    return check_offsets(dataset, (int64_t)tokens->count, err) &&
           check_values(dataset, (int64_t)tokens->count, err);
}

static bool same(const struct sbmt_safetensors *file, const char *key, const char *wanted)
{
    const char *value = sbmt_safetensors_metadata(file, key);
    return value != NULL && strcmp(value, wanted) == 0;
}

static bool check_metadata(struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_safetensors *file = &dataset->file;
    const struct sbmt_task *task = dataset->task;
    if (!same(file, key_task, task->name) || !same(file, key_version, task->version))
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: was not made for task %s, tokenisation %s",
                         file->path, task->name, task->version);
    const char *digest = sbmt_safetensors_metadata(file, key_digest);
    if (digest == NULL || strlen(digest) != SBMT_SHA256_HEX - 1)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: metadata '%s' is missing or no SHA-256",
                         file->path, key_digest);
    memcpy(dataset->digest, digest, SBMT_SHA256_HEX);
    return true;
}

/* Damage that leaves every value within its bounds. */
static bool check_checksum(const struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_safetensors *file = &dataset->file;
    char checksum[SBMT_CHECKSUM_TEXT];
    sbmt_checksum_text(sbmt_checksum_tensors(0, file->tensors, file->count), checksum);
    return same(file, key_checksum, checksum) ||
           sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: damaged: its tensors do not have the checksum in metadata '%s'",
                     file->path, key_checksum);
}

bool sbmt_prepared_open(struct sbmt_dataset *dataset, const char *path, struct sbmt_error *err)
{
    dataset->longest = 0;
    if (!sbmt_safetensors_open(&dataset->file, path, err))
        return false;
    if (check_metadata(dataset, err) && check_tensors(dataset, err) && check_checksum(dataset, err))
        return true;
    sbmt_safetensors_close(&dataset->file);
    return false;
}

bool sbmt_prepared_matches(const struct sbmt_safetensors *file, const struct sbmt_origin *origin)
{
    char size[32], mtime[32];
    snprintf(size, sizeof size, "%" PRId64, origin->size);
    snprintf(mtime, sizeof mtime, "%" PRId64, origin->mtime);
    return same(file, key_name, origin->name) && same(file, key_size, size) &&
           same(file, key_mtime, mtime);
}
