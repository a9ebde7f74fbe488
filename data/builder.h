/* Writing a prepared file: examples are gathered, tokens on disk, and the file appears whole. */
#ifndef SBMT_DATA_BUILDER_H
#define SBMT_DATA_BUILDER_H

#include "core/base/str.h"
#include "data/column.h"
#include "data/digest.h"
#include "data/spool.h"
#include "data/task.h"

/** Examples being gathered. Failures of memory and of the disk are sticky and reported by
 * sbmt_builder_write. All zero is a valid closed one. */
struct sbmt_builder {
    const struct sbmt_task *task;
    const struct sbmt_form *form;
    char path[PATH_MAX];   /**< of the prepared file */
    int vocab;             /**< token ids are below */
    struct sbmt_str words; /**< what the token ids stand for, for readers */
    int64_t cut;           /**< sequences that were longer than the form's max_length */
    int64_t kept;          /**< tokens so far */
    int64_t length;        /**< tokens of the sequence so far, those past max_length included */
    struct sbmt_column offset, source_length, label, checksum;
    struct sbmt_spool tokens;
    struct sbmt_digest digest;
    uint32_t sum; /**< CRC-32 of the example's tokens so far */
    unsigned char block[4096];
    size_t waiting;                        /**< bytes in the block */
    bool failed;                           /**< no memory */
    const struct sbmt_stream_watch *watch; /**< told of bytes that are written; may be NULL */
};

/** Begins the prepared file `path`, in whose folder the tokens wait without a name. */
SBMT_MUST_CHECK bool sbmt_builder_open(struct sbmt_builder *builder, const struct sbmt_task *task,
                                       const struct sbmt_form *form, const char *path,
                                       struct sbmt_error *err);

/** Sets the vocabulary of a form that has none of its own, before the first token. `words` is
 * recorded for readers and copied. */
void sbmt_builder_vocabulary(struct sbmt_builder *builder, int vocab, const char *words);

/** Adds a token (0 … vocab−1) to the sequence. Those past the form's max_length, of which its end
 * token takes one place, are counted, not kept. */
void sbmt_builder_token(struct sbmt_builder *builder, int token);

/** Ends a sequence of at least one token, with the form's end token if it has one. */
void sbmt_builder_end(struct sbmt_builder *builder);

/** Ends an example of task->segments sequences. */
void sbmt_builder_label(struct sbmt_builder *builder, int label);

/** Examples so far. */
int64_t sbmt_builder_count(const struct sbmt_builder *builder);

/** Writes the file, whole or not at all. `place` names the source in messages. Fails with
 * SBMT_ERROR_DATA if there are no examples. */
SBMT_MUST_CHECK bool sbmt_builder_write(struct sbmt_builder *builder,
                                        const struct sbmt_origin *origin, const char *place,
                                        struct sbmt_error *err);

/** Frees, and removes what has not appeared. Accepts a zeroed builder. */
void sbmt_builder_close(struct sbmt_builder *builder);

#endif
