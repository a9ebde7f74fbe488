/* Prepared files: the examples of a split as a safetensors file that is mapped, not read.
 *
 * Tensors: `offsets` I64 (examples · segments + 1), `source_lengths` I64 (examples · segments):
 * tokens before cutting, `labels` I32 (examples), `checksums` U32 (examples): CRC-32 of an
 * example's tokens, `tokens` U8 or U16 by the size of the vocabulary. Metadata: task, form,
 * version, vocab, words (what the ids stand for); of the source its name under the data root, size
 * and modification time, and the digest of a thorough look (data/origin.h); sha256 over tokens,
 * offsets and labels; crc32 over all tensors but `tokens`, in that order. */
#ifndef SBMT_DATA_PREPARED_H
#define SBMT_DATA_PREPARED_H

#include "data/dataset.h"

/** Keys of the metadata. */
enum sbmt_prepared_key {
    SBMT_PREPARED_TASK,
    SBMT_PREPARED_FORM,
    SBMT_PREPARED_VERSION,
    SBMT_PREPARED_VOCAB,
    SBMT_PREPARED_WORDS,
    SBMT_PREPARED_SOURCE,
    SBMT_PREPARED_SIZE,
    SBMT_PREPARED_MTIME,
    SBMT_PREPARED_FILES,
    SBMT_PREPARED_DIGEST,
    SBMT_PREPARED_CHECKSUM,
    SBMT_PREPARED_KEYS,
};

/** The name of a key in the file. */
const char *sbmt_prepared_key(enum sbmt_prepared_key key);

/** How tokens of a vocabulary are stored. */
enum sbmt_dtype sbmt_prepared_dtype(int vocab);

/** Opens a prepared file into `dataset` (file, examples, digest, vocab, longest) and checks all of
 * its index: offsets rise, lengths are at most max_length, labels are within bounds, the checksum
 * is that of the tensors. A file of another task, form or version is an error too. Tokens are left
 * to sbmt_prepared_check. */
SBMT_MUST_CHECK bool sbmt_prepared_open(struct sbmt_dataset *dataset, const char *path,
                                        struct sbmt_error *err);

/** Checks the tokens of an example: their checksum, and that they are below the vocabulary. */
SBMT_MUST_CHECK bool sbmt_prepared_check(const struct sbmt_dataset *dataset, int64_t index,
                                         struct sbmt_error *err);

/** How an open prepared file compares with a look at its source. */
enum sbmt_prepared_match {
    SBMT_PREPARED_SAME,
    SBMT_PREPARED_UNKNOWN, /**< by a quick look the same; it was made by a version that did not
                              record what the thorough one saw */
    SBMT_PREPARED_CHANGED,
};

/** Compares by what the look saw. */
enum sbmt_prepared_match sbmt_prepared_compare(const struct sbmt_safetensors *file,
                                               const struct sbmt_origin *origin);

#endif
