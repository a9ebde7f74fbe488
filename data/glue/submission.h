/* What the GLUE leaderboard takes: a flat zip archive with a file a task, "index<TAB>prediction"
 * and a row for each example of the official test set. (gluebenchmark.com/faq; names, rows and
 * answers as in jiant's benchmarks.) */
#ifndef SBMT_DATA_GLUE_SUBMISSION_H
#define SBMT_DATA_GLUE_SUBMISSION_H

#include "core/base/str.h"
#include "data/stream.h"
#include "data/task.h"

enum { SBMT_SUBMISSION_FILES = 11 };

/** A class as data sets and Hugging Face's programs call it, and as the leaderboard does. */
struct sbmt_submission_answer {
    const char *class, *answer;
};

/** One official file. */
struct sbmt_submission_file {
    const char *name;  /**< "MNLI-mm.tsv" */
    const char *task;  /**< whose test examples it answers: "glue/mnli-mm" */
    const char *model; /**< the task whose models do: "glue/mnli" */
    int64_t rows;      /**< of the official test set */
    int64_t
        dev_rows;  /**< of dev, which is sent in by mistake; 0: it has as many, or there is none */
    bool optional; /**< the leaderboard scores a submission without it */
    /** What the answers may be, ended by NULLs; none: numbers of 0 … 5, three decimals. */
    const struct sbmt_submission_answer *answers;
};

/** File by its place in the order of the leaderboard; NULL past the end. */
const struct sbmt_submission_file *sbmt_submission_file_at(int index);

/** Number `place`, counted from 0, of the files that a model of a task answers: one, or the three
 * of MNLI. NULL past the last. */
const struct sbmt_submission_file *sbmt_submission_file_of(const char *task, int place);

/** SBMT_ERROR_USAGE for a task without files. */
SBMT_MUST_CHECK bool sbmt_submission_check_task(const struct sbmt_task *task,
                                                struct sbmt_error *err);

/** Appends a file with a model's answers. SBMT_ERROR_DATA where they are not as many as the
 * official test set has examples, SBMT_ERROR_CONFIG for a class that the file has no answer for.
 * Scores, of 0 … 1, become numbers of 0 … 5. */
SBMT_MUST_CHECK bool sbmt_submission_write(const struct sbmt_submission_file *file,
                                           const struct sbmt_task *task,
                                           const struct sbmt_answers *answers, struct sbmt_str *out,
                                           struct sbmt_error *err);

/** Opens a zip archive; any other file is SBMT_ERROR_DATA. */
SBMT_MUST_CHECK bool sbmt_submission_open(struct sbmt_stream *stream, const char *path,
                                          struct sbmt_error *err);

/** Reads the member a stream is at into `bytes`, which is cleared first. */
SBMT_MUST_CHECK bool sbmt_submission_read(struct sbmt_stream *stream, struct sbmt_str *bytes,
                                          struct sbmt_error *err);

/** Whether files can be put into a zip archive of this name, which need not be there. */
SBMT_MUST_CHECK bool sbmt_submission_check_path(const char *path, struct sbmt_error *err);

/** A file for an archive. */
struct sbmt_submission_part {
    const char *name, *text; /**< borrowed */
    size_t size;
};

/** Puts files into a zip archive, in place of any of the same names; the archive is made where
 * there is none, and its other members stay as they are. The new one appears whole or not at all.
 * Processes take turns, so that none loses what another puts in. */
SBMT_MUST_CHECK bool sbmt_submission_put(const char *path, const struct sbmt_submission_part *parts,
                                         int count, struct sbmt_error *err);

#endif
