/* The files of GLUE (Wang et al. 2019): <root>/glue/<task>/{train,dev,test}.tsv, tables with tabs
 * between columns, in which quotes are characters like any other. */
#ifndef SBMT_DATA_GLUE_FILES_H
#define SBMT_DATA_GLUE_FILES_H

#include "data/texts.h"

/** Columns of a file without a header, counted from 0. */
struct sbmt_glue_columns {
    int least, most; /**< how many a row has; 0, 0: there are no such files */
    int text[SBMT_TEXT_PARTS], label;
};

/** A file under <root>/glue, and how many rows the official one has. */
struct sbmt_glue_file {
    const char *name;
    int64_t rows;
};

/** The files of a task. */
struct sbmt_glue {
    struct sbmt_glue_file split[SBMT_SPLIT_COUNT];
    const char
        *text[SBMT_TEXT_PARTS]; /**< names of columns in headers; the second NULL: one text */
    const char *label;          /**< likewise; of a test file usually missing */
    struct sbmt_glue_columns bare;
    const char *const *words; /**< how files, and submissions, write the classes; NULL: scores */
    const char *earlier;      /**< what a file with more rows than the official one is; NULL: any */
    bool from_release;        /**< may also be made from the two files of the MSR corpus */
};

/** The files of a task of GLUE; NULL: it is none. */
const struct sbmt_glue *sbmt_glue_of(const struct sbmt_task *task);

/** sbmt_task.source: the official file of a split. */
bool sbmt_glue_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                      struct sbmt_origin *origin, struct sbmt_error *err);

/** sbmt_texts.read. */
bool sbmt_glue_read(const struct sbmt_task *task, const struct sbmt_text_query *query,
                    const struct sbmt_text_visitor *visitor, struct sbmt_text_file *file,
                    struct sbmt_error *err);

#endif
