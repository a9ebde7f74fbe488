/* Data sets: examples of a task in memory, whatever files they came from. */
#ifndef SBMT_DATA_DATASET_H
#define SBMT_DATA_DATASET_H

#include "core/base/arena.h"
#include "core/io/safetensors.h"
#include "data/digest.h"
#include "data/task.h"

/** The examples of one split: packed tokens, mapped from a prepared file or made. */
struct sbmt_examples {
    int64_t count;          /**< 0: endless, made as they are asked for */
    const uint8_t *tokens8; /**< token ids; one of the two is NULL */
    const uint16_t *tokens16;
    const int64_t *offset; /**< count·segments + 1 */
    const int32_t *label;  /**< count, or as many as there are tokens where these have labels */
    const int64_t *source_length; /**< count·segments: tokens before they were cut; NULL if made */
    const uint32_t *checksum;     /**< count: of the bytes of an example's tokens; NULL if made */
};

/** How a data set is opened; all borrowed. Black tokens are masked only where examples have labels,
 * not tokens. */
struct sbmt_data_options {
    const char *root; /**< of the data files */
    uint64_t seed;    /**< of made examples of train */
    struct sbmt_emulation emulate;
    const struct sbmt_log *log;
};

/** One open split. */
struct sbmt_dataset {
    const struct sbmt_task *task;
    const struct sbmt_form *form;
    enum sbmt_split split;
    bool masks_black;
    bool labelled; /**< examples have labels or scores; official test files of GLUE have none */
    int vocab;     /**< token ids are 0 … vocab−1 */
    struct sbmt_examples examples;
    struct sbmt_safetensors file;
    char digest[SBMT_SHA256_HEX]; /**< SHA-256 of the examples in hex; empty: they are made */
    uint64_t seed;                /**< of made examples */
    struct sbmt_arena made;       /**< memory of made examples */
    int64_t longest;              /**< tokens of the longest example */
    struct sbmt_arena arena;      /**< memory of the batch below, made for `capacity` examples */
    int capacity;
    int32_t *tokens, *label, *position;
    int64_t *offset;
    uint64_t *id;
};

/** Opens a split under a form of its task. Of a task that is made: makes its examples, unless they
 * are endless; those of train follow from the seed, those of dev and test are the same under every
 * seed. Of any other: maps its prepared file (data/preparation.h), which is made first where it is
 * missing, damaged or older than its source. Costs no time that grows with the tokens: those of an
 * example are checked when it is loaded. */
SBMT_MUST_CHECK bool sbmt_dataset_open(struct sbmt_dataset *dataset, const struct sbmt_task *task,
                                       const struct sbmt_form *form, enum sbmt_split split,
                                       const struct sbmt_data_options *options,
                                       struct sbmt_error *err);

/** Accepts a zeroed one. */
void sbmt_dataset_close(struct sbmt_dataset *dataset);

/** The dataset as a source for training or evaluation; it borrows the dataset, which must not move.
 * Identities are index + (split << 56). Loading does not ask the heap for memory unless the batch
 * has more examples than any before. Tokens that do not have their checksum are SBMT_ERROR_DATA. */
struct sbmt_source sbmt_dataset_source(struct sbmt_dataset *dataset);

/** How many labels its examples have: one each, or one a token. 0 where they are endless. */
int64_t sbmt_dataset_labels(const struct sbmt_dataset *dataset);

/** How often each class occurs, into histogram (task->classes). */
void sbmt_dataset_histogram(const struct sbmt_dataset *dataset, int64_t *histogram);

#endif
