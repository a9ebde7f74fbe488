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
    double dev_accuracy;          /**< best on dev during training; −1: none */
    int64_t dev_step;             /**< where it was */
    enum sbmt_split split;        /**< evaluated */
    struct sbmt_eval_result eval; /**< on that split */
    double majority;              /**< share of the split's most frequent class */
    double seconds;               /**< training so far, interruptions left out; −1: unknown */
    char fingerprint[SBMT_SHA256_HEX]; /**< of the run's configuration */
    const char *const *changes;        /**< "key=value" made to it for an evaluation; borrowed */
    int change_count;
};

/** Sets the keys of result.json: task, protocol, attention, seed, steps, parameters, step, best_dev
 * {accuracy, step}, the split's name {loss, accuracy, [graphs, graph_accuracy, graph_deviation as
 * sbmt_metrics_graphs sets them,] count, [labels,] seconds}, majority, density (of the
 * split, where the attention has one), seconds, config (the fingerprint of the run's) and, where an
 * evaluation changed it, changes; bench/run_account.h adds to those of a run. Accuracies, densities
 * and the majority are shares of 1. */
void sbmt_result_json(const struct sbmt_result *result, struct sbmt_json *json);

/** The accuracy is no better than naming the most frequent class every time, to within 1 %. */
bool sbmt_result_is_chance(const struct sbmt_result *result);

/** The share of the most frequent class of a data set; −1 without memory. */
double sbmt_result_majority(const struct sbmt_dataset *dataset);

#endif
