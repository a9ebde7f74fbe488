/* Tasks whose examples are texts: what their readers hand on, row by row, and say of a file. */
#ifndef SBMT_DATA_TEXTS_H
#define SBMT_DATA_TEXTS_H

#include <limits.h>

#include "data/task.h"

enum { SBMT_TEXT_PARTS = 2 };

/** The section `files:`: names of files in a task's folder in place of the official ones; NULL: the
 * official one. */
struct sbmt_text_names {
    const char *train, *dev, *test;
};

/** The table of the section. */
extern const struct sbmt_field sbmt_text_names_fields[];

/** The name for a split; `names` may be NULL. */
const char *sbmt_text_name(const struct sbmt_text_names *names, enum sbmt_split split);

/** An example, borrowed for one visit. */
struct sbmt_text_row {
    const char *text[SBMT_TEXT_PARTS]; /**< text[1] is NULL where an example is one text */
    size_t size[SBMT_TEXT_PARTS];
    int32_t label; /**< −1: none */
    double score;  /**< of SBMT_TARGET_SCORE, as the file has it; −1: none */
    const char *path;
    int64_t line; /**< in `path` */
};

/** Who is shown the rows of a file. */
struct sbmt_text_visitor {
    /** Returns false with *err to stop reading. */
    bool (*visit)(void *context, const struct sbmt_text_row *row, struct sbmt_error *err);
    void *context;
};

/** What is read: a split under a data root. */
struct sbmt_text_query {
    const char *root;
    enum sbmt_split split;
    const char *name; /**< of a file in place of the official one; NULL: none */
};

/** What was found beside the rows. */
struct sbmt_text_file {
    char place[PATH_MAX];            /**< of the file, for messages */
    int64_t rows;                    /**< handed on */
    int64_t official;                /**< that the complete file has; 0: not known */
    bool labelled;                   /**< rows have labels or scores */
    bool byte_order_mark;            /**< the file begins with one */
    bool unended;                    /**< the last line has no newline */
    int64_t skipped;                 /**< rows of train or dev that are broken */
    struct sbmt_error skipped_first; /**< what is wrong with the first of them, and where */
    int64_t quote_lost; /**< lines that a reader to which quotes mean something would join to those
                           before them, as Python's csv module does */
};

/** How a task's texts are read. */
struct sbmt_texts {
    /** Reads a split into a visitor, and *file. A broken row of train or dev is skipped and
     * counted; one of test is SBMT_ERROR_DATA with path:line, for answers go by row. */
    bool (*read)(const struct sbmt_task *task, const struct sbmt_text_query *query,
                 const struct sbmt_text_visitor *visitor, struct sbmt_text_file *file,
                 struct sbmt_error *err);
    bool documents;    /**< texts are documents without labels, packed into sequences */
    const void *files; /**< more about it, for the task's own functions */
};

/** A line that says what a file was, and warnings of skipped rows and of a count that is not the
 * official one. */
void sbmt_text_file_report(const struct sbmt_text_file *file, const struct sbmt_log *log);

#endif
