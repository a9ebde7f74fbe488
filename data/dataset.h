/* Data sets: examples of a task in memory, whatever files they came from.
 *
 * A task is one file with a `const struct sbmt_task` at its foot and one line in data/list.h. */
#ifndef SBMT_DATA_DATASET_H
#define SBMT_DATA_DATASET_H

#include "core/base/log.h"
#include "core/io/safetensors.h"
#include "core/model/batch.h"
#include "data/sha256.h"

enum sbmt_split { SBMT_SPLIT_TRAIN, SBMT_SPLIT_DEV, SBMT_SPLIT_TEST, SBMT_SPLIT_COUNT };

/** "train", "dev", "test". */
const char *sbmt_split_name(enum sbmt_split split);

/** The examples of one split: packed tokens, mapped from a prepared file. */
struct sbmt_examples {
    int64_t count;
    const uint8_t *tokens8; /**< token ids; one of the two is NULL */
    const uint16_t *tokens16;
    const int64_t *offset; /**< count·segments + 1 */
    const int32_t *label;  /**< count */
};

/** What a task is, whatever the files. */
struct sbmt_task {
    const char *name; /**< "lra/listops" */
    const char *doc;  /**< one line with source */
    int vocab;        /**< token ids are 0 … vocab−1; at most 65536 */
    int classes, segments;
    int max_length; /**< longest sequence in tokens; longer ones are cut */
    const char *const *label_names;
    /** A word that stands for the tokenisation; a prepared file made with another one is made anew.
     */
    const char *version;
    /** Reads the source files under the data root and writes a prepared file to `path`. Messages
     * (what is read, how many were cut) go to `log`. */
    bool (*prepare)(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                    const char *path, const struct sbmt_log *log, struct sbmt_error *err);
    /** The source file of a split under the root, which exists, into `path`; otherwise *err says
     * what was looked for and where to get it. */
    bool (*source)(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                   char *path, size_t size, struct sbmt_error *err);
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
    char digest[SBMT_SHA256_HEX]; /**< SHA-256 of the source file in hex: goes into info.json */
    int64_t longest;              /**< tokens of the longest example */
    struct sbmt_arena arena;      /**< memory of the batch below, made for `capacity` examples */
    int capacity;
    int32_t *tokens, *label;
    int64_t *offset;
    uint64_t *id;
};

/** Opens a split: maps <root>/prepared/<task with '-' for '/'>.<split>.safetensors if it was made
 * from the source file as it is now (name, size, modification time, tokenisation version), else
 * prepares it first. With no write permission there, fails saying so. Without the source file a
 * prepared file is used as it is, with a note in `log`. A prepared file that is damaged is made
 * anew with a warning, and an error where there is no source. */
SBMT_MUST_CHECK bool sbmt_dataset_open(struct sbmt_dataset *dataset, const struct sbmt_task *task,
                                       const char *root, enum sbmt_split split,
                                       const struct sbmt_log *log, struct sbmt_error *err);

/** Accepts a zeroed one. */
void sbmt_dataset_close(struct sbmt_dataset *dataset);

/** The dataset as a source for training or evaluation; it borrows the dataset, which must not move.
 * Identities are index + (split << 56). Loading does not ask the heap for memory unless the batch
 * has more examples than any before. */
struct sbmt_source sbmt_dataset_source(struct sbmt_dataset *dataset);

/** How often each class occurs, into histogram (task->classes). */
void sbmt_dataset_histogram(const struct sbmt_dataset *dataset, int64_t *histogram);

#endif
