/* The files of a run against each other. */
#include "bench/verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run.h"
#include "core/base/number.h"
#include "core/io/safetensors.h"

static bool fail(const struct sbmt_ledger_run *run, const char *key, const char *has,
                 const char *where, const char *wanted, struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s/result.json: %s is %.80s, but %s has %.80s; the files are not of one run",
                     run->folder, key, has, where, wanted);
}

static bool same_text(const struct sbmt_ledger_run *run, const char *key, const char *where,
                      const char *wanted, struct sbmt_error *err)
{
    const char *has = sbmt_json_get_text(&run->result, key);
    return (has != NULL && wanted != NULL && strcmp(has, wanted) == 0) ||
           fail(run, key, has != NULL ? has : "missing", where, wanted != NULL ? wanted : "none",
                err);
}

/* Numbers within a tolerance; a missing one is no number and equals nothing. */
static bool same_number(const struct sbmt_ledger_run *run, const char *key, const char *where,
                        double wanted, double tolerance, struct sbmt_error *err)
{
    char has_text[SBMT_NUMBER_TEXT], wanted_text[SBMT_NUMBER_TEXT];
    const double has = sbmt_json_get_number(&run->result, key, (double)NAN);
    if (fabs(has - wanted) <= tolerance)
        return true;
    sbmt_number_text(has, has_text);
    sbmt_number_text(wanted, wanted_text);
    return fail(run, key, has_text, where, wanted_text, err);
}

static bool check_config(const struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    const struct sbmt_experiment_config *config = &run->config;
    return same_text(run, "config", "config.yaml", run->fingerprint, err) &&
           same_text(run, "config", "info.json", sbmt_json_get_text(&run->info, "config"), err) &&
           same_text(run, "task", "config.yaml", config->task, err) &&
           same_text(run, "protocol", "config.yaml", sbmt_protocol_name(config->protocol), err) &&
           same_text(run, "attention", "config.yaml", sbmt_attention_name(config), err) &&
           same_number(run, "seed", "config.yaml", config->seed, 0, err) &&
           same_number(run, "seed", "info.json",
                       sbmt_json_get_number(&run->info, "seed", (double)NAN), 0, err);
}

/* Metrics other than accuracy do not stand in the curve that is read. */
static bool check_best(const struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    const double step = sbmt_json_get_number(&run->result, "best_dev.step", (double)NAN);
    const struct sbmt_ledger_point *at = NULL, *best = NULL;
    if (!sbmt_json_has(&run->result, "best_dev"))
        return run->dev.count == 0 ||
               fail(run, "best_dev", "missing", "metrics.jsonl", "evaluations", err);
    for (int i = 0; i < run->dev.count; i++) {
        const struct sbmt_ledger_point *point = &run->dev.point[i];
        at = point->step == step ? point : at;
        best = best == NULL || point->accuracy > best->accuracy ? point : best;
    }
    if (at == NULL)
        return same_number(run, "best_dev.step", "metrics.jsonl", (double)NAN, 0, err);
    if (!same_number(run, "step", "best_dev.step", step, 0, err))
        return false;
    return !sbmt_json_has(&run->result, "best_dev.accuracy") ||
           (same_number(run, "best_dev.accuracy", "metrics.jsonl", at->accuracy, 0, err) &&
            same_number(run, "best_dev.accuracy", "metrics.jsonl", best->accuracy, 0, err));
}

static bool check_weights(const struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    struct sbmt_safetensors file;
    sbmt_run_path(run->folder, "best.safetensors", path);
    if (!sbmt_file_exists(path))
        return true;
    if (!sbmt_safetensors_open(&file, path, err))
        return false;
    const char *step = sbmt_safetensors_metadata(&file, "step");
    const bool same = same_text(run, "config", "best.safetensors",
                                sbmt_safetensors_metadata(&file, "fingerprint"), err) &&
                      same_number(run, "step", "best.safetensors",
                                  step != NULL ? strtod(step, NULL) : (double)NAN, 0, err);
    sbmt_safetensors_close(&file);
    return same;
}

/* The accuracy is computed anew from the predictions, where they are kept. */
static bool check_predictions(const struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    char key[64];
    snprintf(key, sizeof key, "%s.accuracy", run->split);
    return run->answers.count == 0 || !sbmt_json_has(&run->result, key) ||
           same_number(run, key, "predictions.tsv", sbmt_ledger_answered(run), 1e-12, err);
}

bool sbmt_verify_run(const struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    return check_config(run, err) && check_best(run, err) && check_weights(run, err) &&
           check_predictions(run, err);
}
