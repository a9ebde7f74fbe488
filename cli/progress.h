/* How training goes, on stderr: a bar that is repainted on a terminal, plain lines elsewhere. */
#ifndef SBMT_CLI_PROGRESS_H
#define SBMT_CLI_PROGRESS_H

#include "bench/experiment.h"

/** A mean that forgets: of about the last 20 values. */
struct sbmt_smooth {
    double sum, weight;
};

/** All zero is a valid start. */
struct sbmt_progress {
    const struct sbmt_train_config *config; /**< NULL: an evaluation without training */
    bool terminal;
    bool painted; /**< a bar stands on the current line */
    int64_t step;
    struct sbmt_smooth loss, accuracy, density, tokens, seconds;
    bool has_accuracy, has_density;
    double eval_seconds; /**< of the last evaluation */
    double shown;        /**< when something was shown last, by the monotonic clock */
};

enum { SBMT_COUNT_TEXT = 24 };

/** A number of examples as text; 0 is "endless". */
void sbmt_progress_count(int64_t count, char text[SBMT_COUNT_TEXT]);

/** Begins at a step with a line that says what is trained. */
void sbmt_progress_start(struct sbmt_progress *progress, const struct sbmt_experiment_start *start);

/** After a step. */
void sbmt_progress_step(struct sbmt_progress *progress, const struct sbmt_train_event *event);

/** After an evaluation: a line that stays. */
void sbmt_progress_eval(struct sbmt_progress *progress, const struct sbmt_eval_result *result,
                        bool best);

/** Watches evaluations: shows how far they are, and stops at Ctrl-C (cli/interrupt.h). */
struct sbmt_train_observer sbmt_progress_observer(struct sbmt_progress *progress);

/** Takes the bar away. */
void sbmt_progress_end(struct sbmt_progress *progress);

#endif
