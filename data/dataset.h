/* Data sets: examples of a task in memory, whatever files they came from.
 *
 * A task is one file with a `const struct sbmt_task` at its foot and one line in data/list.h. */
#ifndef SBMT_DATA_DATASET_H
#define SBMT_DATA_DATASET_H

#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/io/safetensors.h"
#include "core/model/batch.h"
#include "data/digest.h"
#include "data/origin.h"

enum sbmt_split { SBMT_SPLIT_TRAIN, SBMT_SPLIT_DEV, SBMT_SPLIT_TEST, SBMT_SPLIT_COUNT };

/** "train", "dev", "test". */
const char *sbmt_split_name(enum sbmt_split split);

/** The examples of one split: packed tokens, mapped from a prepared file or made. */
struct sbmt_examples {
    int64_t count;          /**< 0: endless, made as they are asked for */
    const uint8_t *tokens8; /**< token ids; one of the two is NULL */
    const uint16_t *tokens16;
    const int64_t *offset; /**< count·segments + 1 */
    const int32_t *label;  /**< count, or as many as there are tokens where these have labels */
};

/** How a task's examples are made, where they are not read from files. */
struct sbmt_generator {
    int64_t count[SBMT_SPLIT_COUNT]; /**< examples of a split; 0: endless */
    /** Makes an example of one sequence from the random numbers under a key: at most max_length
     * tokens, and their labels or the one of the example. Returns the number of tokens, at least
     * 1. */
    int (*make)(struct sbmt_rng_key key, int32_t *tokens, int32_t *label);
};

/** What a task is, whatever the files. */
struct sbmt_task {
    const char *name; /**< "lra/listops" */
    const char *doc;  /**< one line with source */
    int vocab;        /**< token ids are 0 … vocab−1; at most 65536 */
    int classes, segments;
    enum sbmt_target target; /**< what a label belongs to; of tokens only in a task that is made */
    int max_length;          /**< longest sequence in tokens; longer ones are cut */
    const char *const *label_names;
    /** A word that stands for the tokenisation or the generator; a prepared file made with another
     * one is made anew, a run with another one is not resumed. */
    const char *version;
    /** Not NULL: the examples are made, and the two functions below are NULL. */
    const struct sbmt_generator *generator;
    /** Reads the source files under the data root and writes a prepared file to `path`. Messages
     * (what is read, how many were cut) go to `log`. */
    bool (*prepare)(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                    const char *path, const struct sbmt_log *log, struct sbmt_error *err);
    /** Looks at the source of a split under the root; where there is none, *err says what was
     * looked for and where to get it. */
    bool (*source)(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                   struct sbmt_origin *origin, struct sbmt_error *err);
};

/** Task by index in data/list.h; NULL past the end. */
const struct sbmt_task *sbmt_task_at(int index);

/** Task by name, or NULL with SBMT_ERROR_CONFIG that lists the known names and suggests the
 * nearest. */
const struct sbmt_task *sbmt_task_find(const char *name, struct sbmt_error *err);

/** One open split. */
struct sbmt_dataset {
    const struct sbmt_task *task;
    enum sbmt_split split;
    struct sbmt_examples examples;
    struct sbmt_safetensors file;
    char digest[SBMT_SHA256_HEX]; /**< SHA-256 of the source in hex; empty: none was read */
    uint64_t seed;                /**< of made examples */
    struct sbmt_arena made;       /**< memory of made examples */
    int64_t longest;              /**< tokens of the longest example */
    struct sbmt_arena arena;      /**< memory of the batch below, made for `capacity` examples */
    int capacity;
    int32_t *tokens, *label;
    int64_t *offset;
    uint64_t *id;
};

/** Opens a split. Of a task that is made: makes its examples, unless they are endless; those of
 * train follow from `seed`, those of dev and test are the same under every seed. Of any other,
 * where the seed has no effect: maps <root>/prepared/<task with '-' for '/'>.<split>.safetensors if
 * it was made from the source file as it is now (name, size, modification time, tokenisation
 * version), else prepares it first. With no write permission there, fails saying so. Without the
 * source file a prepared file is used as it is, with a note in `log`. A prepared file that is
 * damaged is made anew with a warning, and an error where there is no source. */
SBMT_MUST_CHECK bool sbmt_dataset_open(struct sbmt_dataset *dataset, const struct sbmt_task *task,
                                       const char *root, enum sbmt_split split, uint64_t seed,
                                       const struct sbmt_log *log, struct sbmt_error *err);

/** Accepts a zeroed one. */
void sbmt_dataset_close(struct sbmt_dataset *dataset);

/** The dataset as a source for training or evaluation; it borrows the dataset, which must not move.
 * Identities are index + (split << 56). Loading does not ask the heap for memory unless the batch
 * has more examples than any before. */
struct sbmt_source sbmt_dataset_source(struct sbmt_dataset *dataset);

/** How many labels its examples have: one each, or one a token. 0 where they are endless. */
int64_t sbmt_dataset_labels(const struct sbmt_dataset *dataset);

/** How often each class occurs, into histogram (task->classes). */
void sbmt_dataset_histogram(const struct sbmt_dataset *dataset, int64_t *histogram);

#endif
