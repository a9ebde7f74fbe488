/* Runs read back from their folders: what tables, figures and reports are made of. */
#ifndef SBMT_BENCH_LEDGER_H
#define SBMT_BENCH_LEDGER_H

#include "bench/experiment_config.h"
#include "bench/yaml_tree.h"
#include "core/base/log.h"
#include "core/io/json.h"
#include "data/digest.h"

/** A line of metrics.jsonl; what it does not say is NAN. */
struct sbmt_ledger_point {
    double step, loss, accuracy, density, elapsed, tokens, norm;
    double steps;        /**< of training that a line is of */
    const double *heads; /**< of dev: (layers, heads) densities, NAN of a head without graphs; NULL:
                            no head has any */
};

/** Lines of one kind in their order. */
struct sbmt_ledger_curve {
    int count;
    struct sbmt_ledger_point *point;
};

/** What predictions.tsv says, which `sbmt eval --predictions` writes. */
struct sbmt_ledger_answers {
    int64_t count;                /**< examples; 0: there is no such file */
    int64_t labels;               /**< of all of them: one an example, or one a token */
    const int *right;             /**< (count) labels of an example that were predicted right */
    char digest[SBMT_SHA256_HEX]; /**< of the labels: equal where the examples are the same */
};

/** One run. Strings live in the ledger's arena. */
struct sbmt_ledger_run {
    const char *folder;
    struct sbmt_experiment_config config;
    const struct sbmt_yaml_node *options; /**< config.yaml as it stands */
    char fingerprint[SBMT_SHA256_HEX];    /**< of config.yaml */
    struct sbmt_json info, result;        /**< zeroed where the file is not there (yet) */
    bool finished;                        /**< there is a result.json */
    const char *split;                    /**< that result.json is about: "test" or "dev" */
    struct sbmt_ledger_curve train, dev;
    struct sbmt_ledger_answers answers;
};

/** All runs below some folders, in the order of tasks, kinds of attention and folders. */
struct sbmt_ledger {
    int count;
    struct sbmt_ledger_run *run;
    int missing;
    const char **missed; /**< (missing) lines about the cells of suites that have no result: not
                            begun, or failed and why */
};

/** Reads the runs in `folders` and up to three folders below each; a folder without anything of a
 * run is passed over. SBMT_ERROR_DATA where there is no run at all, with what became of
 * cells, where a run lacks config.yaml
 * or info.json or a file of it is damaged; SBMT_ERROR_CONFIG at the place where a configuration
 * cannot be understood. Half a line at the end of metrics.jsonl, as a killed run leaves it, is left
 * out. On failure nothing needs to be finished. */
SBMT_MUST_CHECK bool sbmt_ledger_open(struct sbmt_ledger *ledger, const char *const *folders,
                                      int count, struct sbmt_arena *arena, struct sbmt_error *err);

/** Frees what is not the arena's. Accepts a zeroed ledger. */
void sbmt_ledger_finish(struct sbmt_ledger *ledger);

/** Appends the command that goes on with a run that is not finished: `sbmt train`, or `sbmt bench
 * run` for a cell of a suite, DIR/cells/NAME beside DIR/cells.json. */
void sbmt_ledger_go_on(const struct sbmt_ledger_run *run, struct sbmt_str *out);

/** What of info.json tells where a split of the data comes from: a digest, or the version of a
 * generator. NULL: it does not say. */
const char *sbmt_ledger_origin(const struct sbmt_ledger_run *run, enum sbmt_split split);

/** The share of a run's answers that are right; NAN where there are none. They are those of its
 * result where it is the result's accuracy. */
double sbmt_ledger_answered(const struct sbmt_ledger_run *run);

/** A number of the result on its split: "accuracy", "loss", "f1", …; NAN: there is none. Where test
 * has no labels it is what the best weights had on dev. */
double sbmt_ledger_value(const struct sbmt_ledger_run *run, const char *metric);

/** The metric that a word stands for: "task" for that which chose the best weights of the run's
 * task (accuracy, if nothing is known), others for themselves. Lives as long as the ledger. */
const char *sbmt_ledger_metric(const struct sbmt_ledger_run *run, const char *word);

/** A finished run has the metric that the word stands for, or none is finished. SBMT_ERROR_USAGE
 * with the metrics there are. */
SBMT_MUST_CHECK bool sbmt_ledger_check_metric(const struct sbmt_ledger *ledger, const char *word,
                                              struct sbmt_error *err);

/** More of a metric is better: all are so but the loss. */
bool sbmt_ledger_higher_is_better(const char *metric);

/** A finished run that is no better than naming the most frequent class every time, to 1 %. */
bool sbmt_ledger_is_chance(const struct sbmt_ledger_run *run);

/** Finished runs that are no better than naming the most frequent class every time, to 1 %: appends
 * a line for those of one task with one share of that class. Returns how many lines. */
int sbmt_ledger_chance(const struct sbmt_ledger *ledger, struct sbmt_str *lines);

/** Reads a run's answers again, as its task's metrics compare them; in `arena`. Only of runs that
 * have some (run->answers.count). SBMT_ERROR_DATA, with file and line, for what is none of the
 * task's classes, or no number where it has scores. */
SBMT_MUST_CHECK bool sbmt_ledger_answers_load(const struct sbmt_ledger_run *run,
                                              struct sbmt_arena *arena,
                                              struct sbmt_answers *answers, struct sbmt_error *err);

/** What should not stand in one table: appends a line for the first pair of finished runs that are
 * of two versions of the program, and of one task with two protocols, with data of two origins, and
 * with scores on another number of examples. Returns how many lines. */
int sbmt_ledger_mixed(const struct sbmt_ledger *ledger, struct sbmt_str *lines);

#endif
