/* Tasks: what is learnt, and how each protocol reads its files.
 *
 * A task is one file with a `const struct sbmt_task` at its foot and one line in data/list.h. */
#ifndef SBMT_DATA_TASK_H
#define SBMT_DATA_TASK_H

#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/base/str.h"
#include "core/model/batch.h"
#include "data/origin.h"
#include "data/protocol.h"

enum sbmt_split { SBMT_SPLIT_TRAIN, SBMT_SPLIT_DEV, SBMT_SPLIT_TEST, SBMT_SPLIT_COUNT };

/** "train", "dev", "test". */
const char *sbmt_split_name(enum sbmt_split split);

/** How examples look under a protocol. */
struct sbmt_form {
    const char *name;    /**< stands in the names of prepared files: "bytes-3000" */
    const char *version; /**< another word whenever the same source or seed gives other examples: a
                            prepared file made with another one is made anew, a run not resumed */
    const char *unit;    /**< what a token is: "byte", "pixel" */
    int vocab; /**< token ids are 0 … vocab−1, at most 65536; 0: prepared files tell, or the
                  tokenizer */
    int max_length; /**< longest sequence in tokens; longer ones are cut; 0: the section
                       `tokenizer:` says */
    int end;        /**< a token that ends every sequence, the cut ones too; 0: none */
    bool joint;     /**< all splits come from one source, and are prepared together */
    double value_mean, value_deviation; /**< of tokens as numbers; 0, 0: they are not numbers */
    const void *reading;                /**< more about it, for the task's own functions */
    int picture_width; /**< pixels a row of sequences that are pictures; 0: they are none */
    /** Appends what a token stands for, as it is in the source; `words` is what prepared files say
     * of their vocabulary, or NULL. NULL: tokens are numbers. */
    void (*write)(const char *words, int32_t token, struct sbmt_str *out);
    bool spaced; /**< with blanks between tokens, as numbers have them */
};

/** How a task's examples are made, where they are not read from files. */
struct sbmt_generator {
    int64_t count[SBMT_SPLIT_COUNT]; /**< examples of a split; 0: endless */
    /** Makes an example of one sequence from the random numbers under a key: at most max_length
     * tokens, and their labels or the one of the example. Returns the number of tokens, at least
     * 1. */
    int (*make)(struct sbmt_rng_key key, int32_t *tokens, int32_t *label);
};

struct sbmt_preparation;
struct sbmt_metric;
struct sbmt_texts;

/** What a task is, whatever the files. */
struct sbmt_task {
    const char *name; /**< "lra/listops" */
    const char *doc;  /**< one line with source */
    int classes, segments;
    enum sbmt_target
        target; /**< what a label belongs to; of tokens only in a task that is made; of
                   masked words `classes` is 0, for the vocabulary is what is guessed */
    const char *const *label_names; /**< of the classes, in their order; NULL: they are numbers */
    /** What answers are measured by, ended by NULL: the first chooses the best weights. NULL:
     * accuracy or, where words are guessed, the loss. */
    const struct sbmt_metric *const *metrics;
    /** Of SBMT_TARGET_SCORE: scores are 0 … this in files, and divided by it in batches. */
    double most_score;
    const struct sbmt_form *forms[SBMT_PROTOCOL_COUNT]; /**< NULL: none under this protocol */
    bool apart; /**< large, or rarely wanted: commands about data take it only where it is named */
    bool dev_of_train; /**< published code that takes test for dev learns from dev as well: so does
                          emulate.dev_is_test */
    /** Not NULL: the examples are made, and the two functions below are NULL. */
    const struct sbmt_generator *generator;
    /** Not NULL: the examples are texts (data/texts.h), which become tokens in memory whenever a
     * data set is opened, and `prepare` is NULL. */
    const struct sbmt_texts *texts;
    /** Finds the source of a split under the root and looks at it; otherwise *err says what was
     * looked for and where to get it. */
    bool (*source)(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                   struct sbmt_origin *origin, struct sbmt_error *err);
    /** Reads the source into the builders of a preparation. */
    bool (*prepare)(struct sbmt_preparation *preparation, struct sbmt_error *err);
};

/** Task by index in data/list.h; NULL past the end. */
const struct sbmt_task *sbmt_task_at(int index);

/** Task by name, or NULL with SBMT_ERROR_CONFIG that lists the known names and suggests the
 * nearest. */
const struct sbmt_task *sbmt_task_find(const char *name, struct sbmt_error *err);

/** The form of a task under a protocol, or NULL with SBMT_ERROR_CONFIG that lists the protocols
 * the task has. */
const struct sbmt_form *sbmt_task_form(const struct sbmt_task *task, int protocol,
                                       struct sbmt_error *err);

/** Appends what a class is called: its name or, where classes have none, its number. */
void sbmt_task_class(const struct sbmt_task *task, int class, struct sbmt_str *out);

#endif
