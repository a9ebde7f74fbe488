/* Prepared files: opening and checking. */
#include "data/prepared.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/checksum.h"

enum { LARGEST_BYTE_VOCAB = 256, LARGEST_VOCAB = 65536 };

const char *sbmt_prepared_key(enum sbmt_prepared_key key)
{
    static const char *const keys[SBMT_PREPARED_KEYS] = {
        "task",         "form",   "version",     "vocab",
        "words",        "source", "source_size", "source_mtime_ns",
        "source_files", "sha256", "crc32"};
    return keys[key];
}

enum sbmt_dtype sbmt_prepared_dtype(int vocab)
{
    return vocab <= LARGEST_BYTE_VOCAB ? SBMT_DTYPE_U8 : SBMT_DTYPE_U16;
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
        if (end - begin > dataset->form->max_length)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: sequence %" PRId64 " has %" PRId64 " tokens, over the limit of "
                             "%d",
                             path, i, end - begin, dataset->form->max_length);
    }
    for (int64_t i = 0; i < examples->count; i++) {
        const int64_t length = examples->offset[(i + 1) * segments] -
                               examples->offset[i * segments];
        if (length > dataset->longest)
            dataset->longest = length;
    }
    return true;
}

static bool check_labels(const struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_examples *examples = &dataset->examples;
    for (int64_t i = 0; i < examples->count; i++)
        if (examples->label[i] < 0 || examples->label[i] >= dataset->task->classes)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: tensor 'labels' holds %" PRId32 " at element %" PRId64,
                             dataset->file.path, examples->label[i], i);
    return true;
}

/* Damage that leaves every value within its bounds. */
static bool check_checksum(const struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_safetensors *file = &dataset->file;
    char checksum[SBMT_CHECKSUM_TEXT];
    uint32_t sum = 0;
    for (int i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, "tokens") != 0)
            sum = sbmt_checksum_tensors(sum, &file->tensors[i], 1);
    sbmt_checksum_text(sum, checksum);
    const char *key = sbmt_prepared_key(SBMT_PREPARED_CHECKSUM);
    const char *stored = sbmt_safetensors_metadata(file, key);
    return (stored != NULL && strcmp(stored, checksum) == 0) ||
           sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: damaged: its tensors do not have the checksum in metadata '%s'",
                     file->path, key);
}

/* A tensor of one axis; count −1: any. */
static const struct sbmt_stored *need(const struct sbmt_dataset *dataset, const char *name,
                                      enum sbmt_dtype dtype, int64_t count, struct sbmt_error *err)
{
    return sbmt_safetensors_need(&dataset->file, name, dtype, count < 0 ? -1 : 1, &count, err);
}

/* The tensors of the right types and sizes, and what the index holds. */
static bool check_tensors(struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const enum sbmt_dtype dtype = sbmt_prepared_dtype(dataset->vocab);
    const struct sbmt_stored *tokens = need(dataset, "tokens", dtype, -1, err);
    const struct sbmt_stored *labels = tokens == NULL
                                           ? NULL
                                           : need(dataset, "labels", SBMT_DTYPE_I32, -1, err);
    if (labels == NULL)
        return false;
    const int64_t count = (int64_t)labels->count, sequences = count * dataset->task->segments;
    const struct sbmt_stored *offsets = need(dataset, "offsets", SBMT_DTYPE_I64, sequences + 1,
                                             err);
    const struct sbmt_stored *lengths =
        offsets == NULL ? NULL : need(dataset, "source_lengths", SBMT_DTYPE_I64, sequences, err);
    const struct sbmt_stored *checksums =
        lengths == NULL ? NULL : need(dataset, "checksums", SBMT_DTYPE_U32, count, err);
    if (checksums == NULL)
        return false;
    if (count == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no examples", dataset->file.path);
    const bool narrow = dtype == SBMT_DTYPE_U8;
    dataset->examples = (struct sbmt_examples){.count = count,
                                               .tokens8 = narrow ? tokens->bytes : NULL,
                                               .tokens16 = narrow ? NULL : tokens->bytes,
                                               .offset = offsets->bytes,
                                               .label = labels->bytes,
                                               .source_length = lengths->bytes,
                                               .checksum = checksums->bytes};
    return check_offsets(dataset, (int64_t)tokens->count, err) && check_labels(dataset, err);
}

static bool same(const struct sbmt_safetensors *file, enum sbmt_prepared_key key,
                 const char *wanted)
{
    const char *value = sbmt_safetensors_metadata(file, sbmt_prepared_key(key));
    return value != NULL && strcmp(value, wanted) == 0;
}

static bool read_vocab(struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_safetensors *file = &dataset->file;
    const char *key = sbmt_prepared_key(SBMT_PREPARED_VOCAB);
    const char *text = sbmt_safetensors_metadata(file, key);
    char *end = NULL;
    const long vocab = text != NULL ? strtol(text, &end, 10) : 0;
    if (text == NULL || end == text || *end != '\0' || vocab < 1 || vocab > LARGEST_VOCAB ||
        (dataset->form->vocab != 0 && vocab != dataset->form->vocab))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: metadata '%s' is missing or not that of its form", file->path, key);
    dataset->vocab = (int)vocab;
    return true;
}

static bool check_metadata(struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_safetensors *file = &dataset->file;
    const struct sbmt_form *form = dataset->form;
    if (!same(file, SBMT_PREPARED_TASK, dataset->task->name) ||
        !same(file, SBMT_PREPARED_FORM, form->name) ||
        !same(file, SBMT_PREPARED_VERSION, form->version))
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: was not made for task %s, form %s, version %s",
                         file->path, dataset->task->name, form->name, form->version);
    const char *key = sbmt_prepared_key(SBMT_PREPARED_DIGEST);
    const char *digest = sbmt_safetensors_metadata(file, key);
    if (digest == NULL || strlen(digest) != SBMT_SHA256_HEX - 1)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: metadata '%s' is missing or no SHA-256",
                         file->path, key);
    memcpy(dataset->digest, digest, SBMT_SHA256_HEX);
    return read_vocab(dataset, err);
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

static int largest_token(const struct sbmt_examples *examples, int64_t begin, int64_t end)
{
    int largest = 0;
    if (examples->tokens8 != NULL)
        for (int64_t i = begin; i < end; i++)
            largest = examples->tokens8[i] > largest ? examples->tokens8[i] : largest;
    else
        for (int64_t i = begin; i < end; i++)
            largest = examples->tokens16[i] > largest ? examples->tokens16[i] : largest;
    return largest;
}

/* One of the protocols that read a task in this form. */
static const char *protocol_of(const struct sbmt_dataset *dataset)
{
    int protocol = 0;
    while (protocol < SBMT_PROTOCOL_COUNT - 1 && dataset->task->forms[protocol] != dataset->form)
        protocol++;
    return sbmt_protocol_words[protocol];
}

bool sbmt_prepared_check(const struct sbmt_dataset *dataset, int64_t index, struct sbmt_error *err)
{
    const struct sbmt_examples *examples = &dataset->examples;
    const int segments = dataset->task->segments;
    const int64_t begin = examples->offset[index * segments];
    const int64_t end = examples->offset[(index + 1) * segments];
    const bool narrow = examples->tokens8 != NULL;
    const void *tokens = narrow ? (const void *)(examples->tokens8 + begin)
                                : (const void *)(examples->tokens16 + begin);
    const size_t size = (size_t)(end - begin) * (narrow ? sizeof(uint8_t) : sizeof(uint16_t));
    if (sbmt_checksum(0, tokens, size) != examples->checksum[index])
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: damaged: the tokens of example %" PRId64 " do not have their "
                         "checksum; 'sbmt data prepare %s --protocol %s' makes it anew",
                         dataset->file.path, index, dataset->task->name, protocol_of(dataset));
    const int largest = largest_token(examples, begin, end);
    return largest < dataset->vocab ||
           sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: example %" PRId64 " holds the token %d, the vocabulary has %d",
                     dataset->file.path, index, largest, dataset->vocab);
}

enum sbmt_prepared_match sbmt_prepared_compare(const struct sbmt_safetensors *file,
                                               const struct sbmt_origin *origin)
{
    char size[32], mtime[32];
    snprintf(size, sizeof size, "%" PRId64, origin->size);
    snprintf(mtime, sizeof mtime, "%" PRId64, origin->mtime);
    if (!same(file, SBMT_PREPARED_SOURCE, origin->name) || !same(file, SBMT_PREPARED_SIZE, size) ||
        !same(file, SBMT_PREPARED_MTIME, mtime))
        return SBMT_PREPARED_CHANGED;
    if (origin->files[0] == '\0' || same(file, SBMT_PREPARED_FILES, origin->files))
        return SBMT_PREPARED_SAME;
    const char *key = sbmt_prepared_key(SBMT_PREPARED_FILES);
    return sbmt_safetensors_metadata(file, key) == NULL ? SBMT_PREPARED_UNKNOWN
                                                        : SBMT_PREPARED_CHANGED;
}
