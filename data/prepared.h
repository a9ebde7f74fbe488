/* Prepared files: the examples of a split as a safetensors file that is mapped, not read.
 *
 * Tensors: `offsets` I64 (examples · segments + 1), `labels` I32 (examples), `tokens` U8 or U16 by
 * the size of the vocabulary. Metadata: task, version; of the source its name under the data root,
 * size, modification time and SHA-256; crc32 over the bytes of the tensors in that order. */
#ifndef SBMT_DATA_PREPARED_H
#define SBMT_DATA_PREPARED_H

#include "data/dataset.h"
#include "data/origin.h"

/** Examples being gathered for a prepared file. Memory failure is sticky and reported by
 *  sbmt_builder_write. */
struct sbmt_builder {
    const struct sbmt_task *task;
    const char *root; /**< borrowed */
    enum sbmt_split split;
    struct sbmt_origin origin; /**< the source before it was read */
    char source[PATH_MAX];     /**< for messages: root and name of the source */
    void *tokens;              /**< uint8_t or uint16_t */
    int64_t *offset;
    int32_t *label;
    size_t tokens_used, tokens_capacity, offsets_used, offsets_capacity, labels_used,
        labels_capacity;
    bool failed;
};

/** Begins by a look at the source that the examples will come from. */
SBMT_MUST_CHECK bool sbmt_builder_open(struct sbmt_builder *builder, const struct sbmt_task *task,
                                       const char *root, enum sbmt_split split,
                                       struct sbmt_error *err);

/** Adds a token (0 … vocab−1) to the sequence. */
void sbmt_builder_token(struct sbmt_builder *builder, int token);

/** Ends a sequence of at least one token. */
void sbmt_builder_end(struct sbmt_builder *builder);

/** Ends an example of task->segments sequences. */
void sbmt_builder_label(struct sbmt_builder *builder, int label);

/** Writes the file, whole or not at all. `digest` is the SHA-256 of the source, taken since
 * sbmt_builder_open. Fails with SBMT_ERROR_DATA if there are no examples or the source has changed
 * since then. */
SBMT_MUST_CHECK bool sbmt_builder_write(struct sbmt_builder *builder, const char *path,
                                        const char *digest, struct sbmt_error *err);

/** Frees. Accepts a zeroed builder. */
void sbmt_builder_close(struct sbmt_builder *builder);

/** Opens a prepared file into `dataset` (file, examples, digest, longest) and checks all that the
 * engine relies on: offsets rise, lengths are at most max_length, tokens and labels are within
 * bounds, the checksum is that of the tensors. A file of another task or version is an error too.
 */
SBMT_MUST_CHECK bool sbmt_prepared_open(struct sbmt_dataset *dataset, const char *path,
                                        struct sbmt_error *err);

/** True if an open prepared file was made from this source. */
bool sbmt_prepared_matches(const struct sbmt_safetensors *file, const struct sbmt_origin *origin);

#endif
