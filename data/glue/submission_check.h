/* Checking a submission to the GLUE leaderboard before it is sent: everything that it would refuse,
 * or would count as wrong answers, and what to do about it. */
#ifndef SBMT_DATA_GLUE_SUBMISSION_CHECK_H
#define SBMT_DATA_GLUE_SUBMISSION_CHECK_H

#include "data/glue/submission.h"

/** What was found. All zero is a valid empty report. */
struct sbmt_submission_report {
    bool present[SBMT_SUBMISSION_FILES]; /**< by the places of sbmt_submission_file_at */
    int64_t rows[SBMT_SUBMISSION_FILES];
    int problems[SBMT_SUBMISSION_FILES]; /**< of each file */
    int count;                           /**< of all problems, those of other members too */
    struct sbmt_str text;                /**< the problems, a line each, with the file in front */
    struct sbmt_str notes;               /**< what is no mistake but worth a look, likewise */
};

/** Checks an archive into an empty report. Fails for what cannot be read as a zip archive. */
SBMT_MUST_CHECK bool sbmt_submission_verify(const char *path, struct sbmt_submission_report *report,
                                            struct sbmt_error *err);

/** Accepts a zeroed report. */
void sbmt_submission_report_finish(struct sbmt_submission_report *report);

#endif
