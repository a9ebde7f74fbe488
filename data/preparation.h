/* Prepared files of a data root: <root>/prepared/<task with '-' for
 * '/'>.<form>.<split>.safetensors, made from source files when they are first asked for. */
#ifndef SBMT_DATA_PREPARATION_H
#define SBMT_DATA_PREPARATION_H

#include "data/builder.h"
#include "data/dataset.h"

/** How far a preparation is. */
struct sbmt_preparation_progress {
    int64_t examples;   /**< read so far */
    int64_t read, size; /**< bytes of the source, packed as they are there; size 0: nobody knows */
};

/** Who watches. It is called several times a second; false stops with SBMT_ERROR_INTERRUPTED. */
struct sbmt_preparation_watch {
    void *context;
    bool (*report)(void *context, const struct sbmt_preparation_progress *progress);
};

/** Splits of a task being made. */
struct sbmt_preparation {
    const struct sbmt_task *task;
    const struct sbmt_form *form;
    const char *root;
    const struct sbmt_log *log;
    unsigned splits; /**< those to be made: bits 1 << enum sbmt_split */
    struct sbmt_origin origin[SBMT_SPLIT_COUNT];
    char place[SBMT_SPLIT_COUNT][PATH_MAX];        /**< of the source, for messages */
    struct sbmt_builder builder[SBMT_SPLIT_COUNT]; /**< to be filled in: those of `splits` */
    const struct sbmt_preparation_watch *watch;    /**< may be NULL */
    struct sbmt_preparation_progress progress;
    unsigned written;                 /**< those of `splits` whose files are there */
    struct sbmt_stream_watch reading; /**< for whatever reads the source */
    struct sbmt_stream_watch writing; /**< for whatever else takes its time */
};

/** Opens the prepared file of a data set whose task, form and split are set, if it was made from
 * the source as it is now (name, size, modification time, version of the form; if
 * options->thorough, also every file below its folders), else makes it first, with those of the
 * other splits where all come from one source. With no write permission there, fails saying so.
 * Without the source a prepared file is used as it is, with a note in `log`. A prepared file whose
 * index is damaged is made anew with a warning, and an error where there is no source. */
SBMT_MUST_CHECK bool sbmt_preparation_open(struct sbmt_dataset *dataset,
                                           const struct sbmt_data_options *options,
                                           struct sbmt_error *err);

/** Sets `splits` to those that have to be made: all that have a source, if `force`; else those of
 * them whose prepared file is not up to date, looked at thoroughly, or damaged, for which all of it
 * is read. A task without any source is an error, and splits without one are warned about. */
SBMT_MUST_CHECK bool sbmt_preparation_choose(struct sbmt_preparation *preparation, bool force,
                                             struct sbmt_error *err);

/** Makes the prepared files of `preparation->splits` (task, form, root, log and watch are set),
 * whether or not they are there. All appear, or those appear that were complete before an error. */
SBMT_MUST_CHECK bool sbmt_preparation_make(struct sbmt_preparation *preparation,
                                           struct sbmt_error *err);

/** Writes the file of a split that the task has filled in, before it goes on with others; what it
 * has not written is written at the end. */
SBMT_MUST_CHECK bool sbmt_preparation_write(struct sbmt_preparation *preparation,
                                            enum sbmt_split split, struct sbmt_error *err);

/** Counts an example that was read, and tells the watcher now and then: asked to stop, it returns
 * false with SBMT_ERROR_INTERRUPTED. */
SBMT_MUST_CHECK bool sbmt_preparation_count(struct sbmt_preparation *preparation,
                                            struct sbmt_error *err);

/** Asks the watcher whether to go on: for each of many examples that were read before. */
SBMT_MUST_CHECK bool sbmt_preparation_go_on(struct sbmt_preparation *preparation, size_t example,
                                            struct sbmt_error *err);

/** True if a split is among those to be made. */
bool sbmt_preparation_wants(const struct sbmt_preparation *preparation, enum sbmt_split split);

/** True if a split can be opened, as a prepared file or from its source; otherwise *err says what
 * was looked for. Nothing is read. */
SBMT_MUST_CHECK bool sbmt_preparation_available(const struct sbmt_task *task,
                                                const struct sbmt_form *form, const char *root,
                                                enum sbmt_split split, struct sbmt_error *err);

/** The name of the prepared file of a split. */
SBMT_MUST_CHECK bool sbmt_preparation_path(const struct sbmt_task *task,
                                           const struct sbmt_form *form, const char *root,
                                           enum sbmt_split split, char path[PATH_MAX],
                                           struct sbmt_error *err);

#endif
