/* Results. */
#include "bench/result.h"

#include <stdlib.h>

#include "bench/metrics.h"

void sbmt_result_json(const struct sbmt_result *result, struct sbmt_json *json)
{
    const struct sbmt_experiment_config *config = result->config;
    sbmt_json_text(json, "task", config->task);
    sbmt_json_text(json, "protocol", sbmt_protocol_name(config->protocol));
    sbmt_json_text(json, "attention", sbmt_attention_name(config));
    sbmt_json_number(json, "seed", config->seed);
    if (result->steps > 0)
        sbmt_json_number(json, "steps", result->steps);
    if (result->ended_step > 0)
        sbmt_json_number(json, "ended_at_step", (double)result->ended_step);
    sbmt_json_number(json, "parameters", (double)result->parameters);
    sbmt_json_number(json, "step", (double)result->step);
    if (result->dev_step > 0) {
        sbmt_json_begin(json, "best_dev");
        sbmt_json_number(json, result->best_dev.name, result->best_dev.value);
        sbmt_json_number(json, "step", (double)result->dev_step);
        sbmt_json_end(json);
    }
    sbmt_json_begin(json, sbmt_split_name(result->split));
    if (!result->unlabelled) {
        sbmt_metrics_scores(&result->eval, json);
        sbmt_metrics_graphs(&result->eval, json);
    }
    sbmt_metrics_counts(&result->eval, json);
    sbmt_json_number(json, "seconds", result->eval.seconds);
    sbmt_json_end(json);
    if (result->majority >= 0)
        sbmt_json_number(json, "majority", result->majority);
    if (result->eval.density >= 0)
        sbmt_json_number(json, "density", result->eval.density);
    if (result->seconds >= 0)
        sbmt_json_number(json, "seconds", result->seconds);
    sbmt_json_text(json, "config", result->fingerprint);
    if (result->change_count > 0)
        sbmt_json_words(json, "changes", result->changes, result->change_count);
}

bool sbmt_result_is_chance(const struct sbmt_result *result)
{
    return result->majority >= 0 && result->eval.accuracy <= result->majority + 0.01;
}

double sbmt_result_majority(const struct sbmt_dataset *dataset)
{
    if (!dataset->labelled || dataset->task->target == SBMT_TARGET_SCORE ||
        dataset->task->target == SBMT_TARGET_MASKED)
        return -1;
    int64_t *histogram = calloc((size_t)dataset->task->classes, sizeof *histogram);
    if (histogram == NULL)
        return -1;
    sbmt_dataset_histogram(dataset, histogram);
    int64_t most = 0;
    for (int c = 0; c < dataset->task->classes; c++)
        most = histogram[c] > most ? histogram[c] : most;
    free(histogram);
    return (double)most / (double)sbmt_dataset_labels(dataset);
}
