/* Gathering examples and writing them. */
#include "data/builder.h"

#include <assert.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "core/io/checksum.h"
#include "core/io/safetensors.h"
#include "data/prepared.h"

bool sbmt_builder_open(struct sbmt_builder *builder, const struct sbmt_task *task,
                       const struct sbmt_form *form, const char *path, struct sbmt_error *err)
{
    assert(task->target == SBMT_TARGET_EXAMPLE);
    *builder = (struct sbmt_builder){.task = task, .form = form, .vocab = form->vocab};
    snprintf(builder->path, sizeof builder->path, "%s", path);
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    sbmt_digest_begin(&builder->digest, SBMT_DIGEST_SHA256);
    return sbmt_spool_open(&builder->tokens, dirname(folder), err);
}

/* Room for one more element of `size` bytes; NULL (and `failed`) without memory. */
static void *grow(struct sbmt_builder *builder, struct sbmt_column *column, size_t size)
{
    void *place = builder->failed ? NULL : sbmt_column_add(column, 1, size);
    builder->failed = place == NULL;
    return place;
}

void sbmt_builder_vocabulary(struct sbmt_builder *builder, int vocab, const char *words)
{
    builder->vocab = vocab;
    sbmt_str_printf(&builder->words, "%s", words);
    builder->failed = builder->failed || builder->words.failed;
}

static void add_offset(struct sbmt_builder *builder, int64_t offset)
{
    int64_t *place = grow(builder, &builder->offset, sizeof *place);
    if (place != NULL)
        *place = offset;
}

/* Tokens go on in blocks: digests of single ones would be slow. */
static void flush(struct sbmt_builder *builder)
{
    builder->sum = sbmt_checksum(builder->sum, builder->block, builder->waiting);
    sbmt_digest_add(&builder->digest, builder->block, builder->waiting);
    sbmt_spool_write(&builder->tokens, builder->block, builder->waiting);
    builder->waiting = 0;
}

static void keep(struct sbmt_builder *builder, int token)
{
    assert(token >= 0 && token < builder->vocab);
    const uint16_t wide = (uint16_t)token;
    const uint8_t narrow = (uint8_t)token;
    const bool bytes = sbmt_prepared_dtype(builder->vocab) == SBMT_DTYPE_U8;
    const void *stored = bytes ? (const void *)&narrow : (const void *)&wide;
    const size_t size = bytes ? sizeof narrow : sizeof wide;
    if (builder->waiting + size > sizeof builder->block)
        flush(builder);
    memcpy(builder->block + builder->waiting, stored, size);
    builder->waiting += size;
    builder->kept++;
}

void sbmt_builder_token(struct sbmt_builder *builder, int token)
{
    const struct sbmt_form *form = builder->form;
    const int room = form->end != 0 ? form->max_length - 1 : form->max_length;
    if (builder->length++ < room)
        keep(builder, token);
}

void sbmt_builder_end(struct sbmt_builder *builder)
{
    const struct sbmt_form *form = builder->form;
    assert(builder->length > 0);
    if (form->end != 0) {
        keep(builder, form->end);
        builder->length++;
    }
    if (builder->offset.used == 0)
        add_offset(builder, 0);
    add_offset(builder, builder->kept);
    int64_t *length = grow(builder, &builder->source_length, sizeof *length);
    if (length != NULL)
        *length = builder->length;
    builder->cut += builder->length > form->max_length;
    builder->length = 0;
}

void sbmt_builder_label(struct sbmt_builder *builder, int label)
{
    assert(label >= 0 && label < builder->task->classes);
    flush(builder);
    int32_t *place = grow(builder, &builder->label, sizeof *place);
    uint32_t *checksum = grow(builder, &builder->checksum, sizeof *checksum);
    if (place == NULL || checksum == NULL)
        return;
    *place = label;
    *checksum = builder->sum;
    builder->sum = 0;
}

int64_t sbmt_builder_count(const struct sbmt_builder *builder)
{
    return (int64_t)builder->label.used;
}

static struct sbmt_stored stored(const char *name, enum sbmt_dtype dtype, size_t count,
                                 const void *bytes)
{
    return (struct sbmt_stored){.name = name,
                                .dtype = dtype,
                                .rank = 1,
                                .shape = {(int64_t)count},
                                .count = count,
                                .bytes = bytes};
}

static bool finish_digest(struct sbmt_builder *builder, char hex[SBMT_SHA256_HEX],
                          struct sbmt_error *err)
{
    struct sbmt_digest *digest = &builder->digest;
    sbmt_digest_add(digest, builder->offset.values, builder->offset.used * sizeof(int64_t));
    sbmt_digest_add(digest, builder->label.values, builder->label.used * sizeof(int32_t));
    return sbmt_digest_finish(digest, hex, err);
}

static bool write_file(struct sbmt_builder *builder, const struct sbmt_stored *tensors, int count,
                       const char *const *metadata, int pairs, struct sbmt_error *err)
{
    struct sbmt_writer writer = {0};
    /* The last tensor is the one that waits on disk. */
    const bool written =
        sbmt_safetensors_begin(&writer, builder->path, tensors, count, metadata, pairs, err) &&
        sbmt_safetensors_bytes(&writer, tensors, count - 1, err) &&
        sbmt_spool_copy(&builder->tokens, builder->path, &writer, builder->watch, err) &&
        sbmt_writer_commit(&writer, err);
    sbmt_writer_abandon(&writer);
    return written;
}

bool sbmt_builder_write(struct sbmt_builder *builder, const struct sbmt_origin *origin,
                        const char *place, struct sbmt_error *err)
{
    const size_t count = builder->label.used;
    if (builder->failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for its examples", place);
    if (count == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no examples", place);
    assert(builder->offset.used == count * (size_t)builder->task->segments + 1);
    /* Wider elements first keeps every tensor aligned. */
    const struct sbmt_stored tensors[] = {
        stored("offsets", SBMT_DTYPE_I64, builder->offset.used, builder->offset.values),
        stored("source_lengths", SBMT_DTYPE_I64, builder->source_length.used,
               builder->source_length.values),
        stored("labels", SBMT_DTYPE_I32, count, builder->label.values),
        stored("checksums", SBMT_DTYPE_U32, count, builder->checksum.values),
        stored("tokens", sbmt_prepared_dtype(builder->vocab), (size_t)builder->kept, NULL),
    };
    enum { TENSORS = sizeof tensors / sizeof tensors[0] };
    char digest[SBMT_SHA256_HEX], size[32], mtime[32], vocab[32], checksum[SBMT_CHECKSUM_TEXT];
    if (!finish_digest(builder, digest, err))
        return false;
    snprintf(size, sizeof size, "%" PRId64, origin->size);
    snprintf(mtime, sizeof mtime, "%" PRId64, origin->mtime);
    snprintf(vocab, sizeof vocab, "%d", builder->vocab);
    sbmt_checksum_text(sbmt_checksum_tensors(0, tensors, TENSORS - 1), checksum);
    const char *const values[SBMT_PREPARED_KEYS] = {
        [SBMT_PREPARED_TASK] = builder->task->name,
        [SBMT_PREPARED_FORM] = builder->form->name,
        [SBMT_PREPARED_VERSION] = builder->form->version,
        [SBMT_PREPARED_VOCAB] = vocab,
        [SBMT_PREPARED_WORDS] = builder->words.text != NULL ? builder->words.text
                                                            : builder->form->unit,
        [SBMT_PREPARED_SOURCE] = origin->name,
        [SBMT_PREPARED_SIZE] = size,
        [SBMT_PREPARED_MTIME] = mtime,
        [SBMT_PREPARED_FILES] = origin->files,
        [SBMT_PREPARED_DIGEST] = digest,
        [SBMT_PREPARED_CHECKSUM] = checksum,
    };
    const char *metadata[2 * SBMT_PREPARED_KEYS];
    for (int i = 0; i < SBMT_PREPARED_KEYS; i++) {
        metadata[2 * i] = sbmt_prepared_key((enum sbmt_prepared_key)i);
        metadata[2 * i + 1] = values[i];
    }
    return write_file(builder, tensors, TENSORS, metadata, SBMT_PREPARED_KEYS, err);
}

void sbmt_builder_close(struct sbmt_builder *builder)
{
    if (builder->digest.context != NULL)
        sbmt_digest_finish(&builder->digest, NULL, NULL);
    sbmt_spool_close(&builder->tokens);
    sbmt_str_finish(&builder->words);
    sbmt_column_finish(&builder->offset);
    sbmt_column_finish(&builder->source_length);
    sbmt_column_finish(&builder->label);
    sbmt_column_finish(&builder->checksum);
    *builder = (struct sbmt_builder){0};
}
