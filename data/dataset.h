/* Data sets: examples of a task in memory, whatever files they came from. */
#ifndef SBMT_DATA_DATASET_H
#define SBMT_DATA_DATASET_H

#include "core/base/arena.h"
#include "core/io/safetensors.h"
#include "data/column.h"
#include "data/digest.h"
#include "data/masking.h"
#include "data/texts.h"
#include "data/tokenizer_config.h"

/** The examples of one split: packed tokens, mapped from a prepared file or made. */
struct sbmt_examples {
    int64_t count;          /**< 0: endless, made as they are asked for */
    const uint8_t *tokens8; /**< token ids; one of the two is NULL */
    const uint16_t *tokens16;
    const int64_t *offset; /**< count·segments + 1 */
    const int32_t *label;  /**< count, or as many as there are tokens where these have labels; −1:
                              none; NULL where examples have scores, or words are masked */
    const double *score;   /**< count: as files have them, −1: none; else NULL */
    const int32_t *second; /**< count: tokens of an example before those of type 1; NULL: all are of
                              type 0 */
    const int64_t *source_length; /**< count·segments: tokens before they were cut; NULL if made */
    const uint32_t *checksum; /**< count: of the bytes of an example's tokens; NULL but in prepared
                                 files */
};

/** Memory of examples that were texts; `examples` shows what is in it. */
struct sbmt_text_examples {
    struct sbmt_tokenizer tokenizer; /**< what made their tokens; the data set must not move */
    struct sbmt_column tokens, offset, label, score, second, source_length;
};

/** How a data set is opened; all borrowed. Black tokens are masked only where examples have labels,
 * not tokens. */
struct sbmt_data_options {
    const char *root; /**< of the data files */
    bool thorough; /**< look at every source file (data/origin.h) before a prepared one is used */
    uint64_t seed; /**< of made examples and of masks of train */
    struct sbmt_emulation emulate;
    const struct sbmt_tokenizer_config *tokenizer; /**< of tasks of texts; else may be NULL */
    const struct sbmt_text_names *files;           /**< NULL: the official ones */
    const struct sbmt_log *log;
};

/** One open split. */
struct sbmt_dataset {
    const struct sbmt_task *task;
    const struct sbmt_form *form;
    enum sbmt_split split;
    bool masks_black;
    bool labelled;  /**< examples have labels, scores or words that are masked; official test files
                       of GLUE have none, and  what batches say in their place (class 0, score 0)
                       means nothing */
    int vocab;      /**< token ids are 0 … vocab−1 */
    int max_length; /**< longest sequence in tokens that there may be */
    struct sbmt_examples examples;
    struct sbmt_text_examples texts; /**< memory of the examples of a task of texts */
    struct sbmt_masking masking;     /**< of SBMT_TARGET_MASKED */
    int64_t masked;                  /**< words that it masks in epoch 0 */
    struct sbmt_safetensors file;
    char digest[SBMT_SHA256_HEX]; /**< SHA-256 of the examples in hex; empty: they are made */
    uint64_t seed;                /**< of made examples and of masks */
    struct sbmt_arena made;       /**< memory of made examples, and of train with dev in it */
    int64_t longest;              /**< tokens of the longest example */
    struct sbmt_arena arena;      /**< memory of the batch below, made for `capacity` examples */
    int capacity;
    int32_t *tokens, *label, *position, *type, *place;
    double *score;
    int64_t *offset, *place_offset;
    uint64_t *id;
};

/** Opens a split under a form of its task. Of a task that is made: makes its examples, unless they
 * are endless; those of train follow from the seed, those of dev and test are the same under every
 * seed. Of one whose examples are texts: reads and tokenises them, into memory. Of any other: maps
 * its prepared file (data/preparation.h), which is made first where it is missing, damaged or older
 * than its source. Mapping costs no time that grows with the tokens: those of an example are
 * checked when it is loaded. */
SBMT_MUST_CHECK bool sbmt_dataset_open(struct sbmt_dataset *dataset, const struct sbmt_task *task,
                                       const struct sbmt_form *form, enum sbmt_split split,
                                       const struct sbmt_data_options *options,
                                       struct sbmt_error *err);

/** Accepts a zeroed one. */
void sbmt_dataset_close(struct sbmt_dataset *dataset);

/** The identity of an example: index + (split << 56). */
uint64_t sbmt_dataset_identity(const struct sbmt_dataset *dataset, int64_t index);

/** The dataset as a source for training or evaluation; it borrows the dataset, which must not move.
 * Loading does not ask the heap for memory unless the batch
 * has more examples than any before. Tokens that do not have their checksum are SBMT_ERROR_DATA. */
struct sbmt_source sbmt_dataset_source(struct sbmt_dataset *dataset);

/** How many labels its examples have: one each, or one a token, or one a word that is masked in
 * epoch 0. 0 where they are endless. */
int64_t sbmt_dataset_labels(const struct sbmt_dataset *dataset);

/** How often each class occurs, into histogram (task->classes); examples without a label do not
 * count. */
void sbmt_dataset_histogram(const struct sbmt_dataset *dataset, int64_t *histogram);

#endif
