/* The result of a run, and of an evaluation. */
#ifndef SBMT_BENCH_RESULT_H
#define SBMT_BENCH_RESULT_H

#include "bench/experiment_config.h"
#include "core/io/json.h"
#include "core/train/loop.h"
#include "data/dataset.h"

/** What weights of a run achieve on a split. */
struct sbmt_result {
    const struct sbmt_experiment_config *config; /**< borrowed */
    int64_t parameters;
    int64_t step;                 /**< optimiser steps behind the weights */
    int steps;                    /**< the whole run's, as planned; 0: unknown */
    struct sbmt_score best_dev;   /**< best on dev during training, of what chose the weights */
    int64_t ended_step;           /**< where patience ended the run; 0: it went to its last step */
    int64_t dev_step;             /**< where it was; 0: nowhere */
    enum sbmt_split split;        /**< evaluated */
    bool unlabelled;              /**< it has no labels: nothing is known but the count */
    struct sbmt_eval_result eval; /**< on that split */
    double majority; /**< share of the split's most frequent class; −1: there are no classes */
    double seconds;  /**< training so far, interruptions left out; −1: unknown */
    char fingerprint[SBMT_SHA256_HEX]; /**< of the run's configuration */
    const char *const *changes;        /**< "key=value" made to it for an evaluation; borrowed */
    int change_count;
};

/** Sets the keys of result.json: task, protocol, attention, seed, steps, [ended_at_step,]
 * parameters, step, best_dev {accuracy or whatever chose the weights, step}, the split's name
 * {loss, accuracy, [metrics {…},] [graphs, graph_accuracy, graph_deviation as sbmt_metrics_graphs
 * sets them,] count, [labels,] seconds}, majority, density (of the split, where the attention has
 * one), seconds, config (the fingerprint of the run's) and, where an evaluation changed it,
 * changes; bench/run_account.h adds to those of a run. Accuracies, densities and the majority are
 * shares of 1. */
void sbmt_result_json(const struct sbmt_result *result, struct sbmt_json *json);

/** The accuracy is no better than naming the most frequent class every time, to within 1 %. False
 * where there are no classes. */
bool sbmt_result_is_chance(const struct sbmt_result *result);

/** The share of the most frequent class of a data set; −1 where it has no classes or no labels, and
 * without memory. */
double sbmt_result_majority(const struct sbmt_dataset *dataset);

#endif
