/* The course of a run: metrics.jsonl and TensorBoard events, appended to while it runs.
 *
 * A line of metrics.jsonl is {"step", "loss", "accuracy", "density", "lr", "gradient_norm",
 * "tokens", "seconds", "elapsed"} for an optimiser step. Where it is for several it has their
 * number, "steps", means of loss, accuracy, density and the gradient's norm, all tokens and
 * seconds, and step and rate of the last. For an evaluation after a step it is {"step", "dev":
 * {"loss", "accuracy", "density", "count", "seconds", "best"}, "elapsed"}, with the keys of
 * sbmt_metrics_graphs where there are several and "metrics" as sbmt_metrics_scores sets it; "best"
 * goes by the task's first metric.
 *
 * "loss" is the mean over the examples of the mean over their labels, "accuracy" that over all
 * labels, whose number is "labels" where it is not "count". "density" is there for attention that
 * has one; "elapsed" is the time of all steps and evaluations so far, also over interruptions. */
#ifndef SBMT_BENCH_METRICS_H
#define SBMT_BENCH_METRICS_H

#include <stdio.h>

#include "bench/density_histograms.h"
#include "bench/tensorboard.h"
#include "core/base/log.h"
#include "core/io/json.h"
#include "core/train/loop.h"

/** An open course. All zero is a valid closed one. */
struct sbmt_metrics {
    FILE *file;
    struct sbmt_tensorboard board;
    double elapsed;               /**< seconds of training and evaluation so far */
    struct sbmt_train_event line; /**< sums over the steps since the last line */
    int line_steps;               /**< how many those are */
    char path[4096];
};

/** Opens the course of a run folder at a state: the lines of later steps, and of an evaluation that
 * is still pending, are cut off (the file is replaced whole), for they will be written anew. Lines
 * that are damaged or missing before them are warned about. */
SBMT_MUST_CHECK bool sbmt_metrics_open(struct sbmt_metrics *metrics, const char *folder,
                                       const struct sbmt_checkpoint *state,
                                       const struct sbmt_log *log, struct sbmt_error *err);

/** Counts a step in, and where `written` writes the line of all that have none yet. */
SBMT_MUST_CHECK bool sbmt_metrics_step(struct sbmt_metrics *metrics,
                                       const struct sbmt_train_event *event, bool written,
                                       struct sbmt_error *err);

/** Writes an evaluation with the mean density of each head's graphs, as "densities" {"layer 0 head
 * 1": …}, and to the events how they are distributed; `densities` may be NULL. */
SBMT_MUST_CHECK bool sbmt_metrics_eval(struct sbmt_metrics *metrics,
                                       const struct sbmt_eval_result *result,
                                       const struct sbmt_head_densities *densities, bool best,
                                       struct sbmt_error *err);

/** Sets the keys "graphs", "graph_accuracy" and "graph_deviation" where several graphs were drawn
 * for each example: how many, and mean and standard deviation of the accuracy by one of them. */
void sbmt_metrics_graphs(const struct sbmt_eval_result *result, struct sbmt_json *json);

/** Sets the keys "loss", "accuracy" where examples have labels, and "metrics" {name: value} where
 * the task has metrics of its own. */
void sbmt_metrics_scores(const struct sbmt_eval_result *result, struct sbmt_json *json);

/** Sets the key "count", "labels" where examples have several each, and "of" where not all examples
 * there are were evaluated: how many there are. */
void sbmt_metrics_counts(const struct sbmt_eval_result *result, struct sbmt_json *json);

/** Writes the line of steps that have none yet, for a run that goes on from here would not know of
 * them, and makes what was written durable. */
SBMT_MUST_CHECK bool sbmt_metrics_sync(struct sbmt_metrics *metrics, struct sbmt_error *err);

/** Closes. Accepts a zeroed struct. */
void sbmt_metrics_close(struct sbmt_metrics *metrics);

#endif
