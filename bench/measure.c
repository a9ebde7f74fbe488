/* Measures of runs. */
#include "bench/measure.h"

#include <math.h>
#include <string.h>

#include "bench/flops.h"
#include "core/attention/attention.h"

bool sbmt_measure_is_percent(const char *metric)
{
    return strcmp(metric, "loss") != 0;
}

static double score(const struct sbmt_ledger_run *run, const char *metric)
{
    return sbmt_ledger_value(run, metric) * (sbmt_measure_is_percent(metric) ? 100 : 1);
}

static double density(const struct sbmt_ledger_run *run, const char *metric)
{
    (void)metric;
    return 100 * sbmt_json_get_number(&run->result, "density", (double)NAN);
}

static double minutes(const struct sbmt_ledger_run *run, const char *metric)
{
    (void)metric;
    return sbmt_json_get_number(&run->result, "seconds", (double)NAN) / 60;
}

/* The result knows them also where the configuration counts epochs. */
static double steps(const struct sbmt_ledger_run *run, const char *metric)
{
    (void)metric;
    const int configured = run->config.train.steps;
    return sbmt_json_get_number(&run->result, "steps", configured > 0 ? configured : (double)NAN);
}

static double parameters(const struct sbmt_ledger_run *run, const char *metric)
{
    (void)metric;
    return sbmt_json_get_number(&run->result, "parameters", (double)NAN);
}

static double loss(const struct sbmt_ledger_run *run, const char *metric)
{
    (void)metric;
    return sbmt_ledger_value(run, "loss");
}

double sbmt_measure_length(const struct sbmt_ledger_run *run)
{
    double tokens = 0, steps = 0;
    for (int i = 0; i < run->train.count; i++)
        if (run->train.point[i].tokens > 0) {
            tokens += run->train.point[i].tokens;
            steps += run->train.point[i].steps;
        }
    const struct sbmt_task *task = sbmt_task_find(run->config.task, NULL);
    const double sequences = steps * run->config.train.batch_size *
                             (task != NULL ? task->segments : 1);
    return steps > 0 ? tokens / sequences : (double)NAN;
}

double sbmt_measure_flops(const struct sbmt_ledger_run *run)
{
    const struct sbmt_model_config *model = &run->config.model;
    const double length = sbmt_measure_length(run);
    if (isnan(length))
        return (double)NAN;
    const int n = length < 1 ? 1 : (int)lround(length);
    const double share = sbmt_json_get_number(&run->result, "density", 0);
    struct sbmt_model_config softmax = *model;
    softmax.attention = (struct sbmt_variant_value){
        .index = sbmt_variant_find(sbmt_attention_variant, "softmax")};
    return sbmt_flops_attention(model, n, share) / sbmt_flops_attention(&softmax, n, 1);
}

static double flops(const struct sbmt_ledger_run *run, const char *metric)
{
    (void)metric;
    return sbmt_measure_flops(run);
}

static const struct sbmt_measure measures[] = {
    {"score", NULL, NULL, SBMT_TABLE_FIXED, 2, true, score},
    {"n", "seeds", NULL, SBMT_TABLE_COUNT, 0, false, NULL},
    {"p", "p", NULL, SBMT_TABLE_CHANCE, 3, false, NULL},
    {"density", "density, %",
     "Density: edges of the graphs, of all pairs of tokens of the test set.", SBMT_TABLE_FIXED, 2,
     false, density},
    {"flops", "FLOPs, × softmax",
     "FLOPs: of attention alone, by the formula of its kind at the mean length of the sequences "
     "and "
     "the density measured, over those of softmax attention.",
     SBMT_TABLE_FIXED, 3, false, flops},
    {"time", "time, min",
     "Time: wall clock of the training; machines and threads are those of each run's info.json.",
     SBMT_TABLE_FIXED, 1, false, minutes},
    {"steps", "steps", NULL, SBMT_TABLE_COUNT, 0, false, steps},
    {"parameters", "parameters", NULL, SBMT_TABLE_COUNT, 0, false, parameters},
    {"loss", "loss", NULL, SBMT_TABLE_FIXED, 4, true, loss},
};

enum { MEASURES = sizeof measures / sizeof measures[0] };

const struct sbmt_measure *sbmt_measure_at(int index)
{
    return index >= 0 && index < MEASURES ? &measures[index] : NULL;
}

const struct sbmt_measure *sbmt_measure_find(const char *name, struct sbmt_error *err)
{
    struct sbmt_str names = {0};
    for (int i = 0; i < MEASURES; i++) {
        if (strcmp(measures[i].name, name) == 0) {
            sbmt_str_finish(&names);
            return &measures[i];
        }
        sbmt_str_printf(&names, "%s%s", i > 0 ? ", " : "", measures[i].name);
    }
    sbmt_fail(err, SBMT_ERROR_USAGE, "--show: '%.40s' is none of %s", name, names.text);
    sbmt_str_finish(&names);
    return NULL;
}
