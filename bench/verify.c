/* The files of a run against each other. */
#include "bench/verify_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run.h"
#include "core/base/number.h"
#include "core/io/safetensors.h"

bool sbmt_verify_fail(const struct sbmt_ledger_run *run, const char *key, const char *has,
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
           sbmt_verify_fail(run, key, has != NULL ? has : "missing", where,
                            wanted != NULL ? wanted : "none", err);
}

bool sbmt_verify_number(const struct sbmt_ledger_run *run, const char *key, const char *where,
                        double wanted, double tolerance, struct sbmt_error *err)
{
    char has_text[SBMT_NUMBER_TEXT], wanted_text[SBMT_NUMBER_TEXT];
    const double has = sbmt_json_get_number(&run->result, key, (double)NAN);
    if (fabs(has - wanted) <= tolerance)
        return true;
    sbmt_number_text(has, has_text);
    sbmt_number_text(wanted, wanted_text);
    return sbmt_verify_fail(run, key, isnan(has) ? "missing" : has_text, where,
                            isnan(wanted) ? "none" : wanted_text, err);
}

static bool check_config(const struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    const struct sbmt_experiment_config *config = &run->config;
    return same_text(run, "config", "config.yaml", run->fingerprint, err) &&
           same_text(run, "config", "info.json", sbmt_json_get_text(&run->info, "config"), err) &&
           same_text(run, "task", "config.yaml", config->task, err) &&
           same_text(run, "protocol", "config.yaml", sbmt_protocol_name(config->protocol), err) &&
           same_text(run, "attention", "config.yaml", sbmt_attention_name(config), err) &&
           sbmt_verify_number(run, "seed", "config.yaml", config->seed, 0, err) &&
           sbmt_verify_number(run, "seed", "info.json",
                              sbmt_json_get_number(&run->info, "seed", (double)NAN), 0, err);
}

/* The configuration counts steps or epochs; of the latter info.json has the steps. */
static bool check_steps(const struct sbmt_ledger_run *run, struct sbmt_verification *verification,
                        struct sbmt_error *err)
{
    const int configured = run->config.train.steps;
    const bool told = sbmt_json_has(&run->info, "steps");
    if (!sbmt_json_has(&run->result, "steps"))
        return true;
    if (configured == 0 && !told)
        verification->steps = "info.json has none";
    return (configured == 0 ||
            sbmt_verify_number(run, "steps", "config.yaml", configured, 0, err)) &&
           (!told ||
            sbmt_verify_number(run, "steps", "info.json",
                               sbmt_json_get_number(&run->info, "steps", (double)NAN), 0, err));
}

/* A text that both the result and info.json have. */
static bool same_as_info(const struct sbmt_ledger_run *run, const char *key, const char *info_key,
                         struct sbmt_error *err)
{
    const char *told = sbmt_json_get_text(&run->info, info_key);
    return told == NULL || !sbmt_json_has(&run->result, key) ||
           same_text(run, key, "info.json", told, err);
}

/* Results of early versions do not say what they were made of. */
static bool check_info(const struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    static const char *const origins[] = {"sha256", "generator"};
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
            char key[64];
            snprintf(key, sizeof key, "data.%s.%s", sbmt_split_name((enum sbmt_split)split),
                     origins[i]);
            if (!same_as_info(run, key, key, err))
                return false;
        }
    return same_as_info(run, "machine.version", "version", err);
}

static double parameters_of(const struct sbmt_safetensors *file)
{
    double count = 0;
    for (int i = 0; i < file->count; i++)
        count += (double)file->tensors[i].count;
    return count;
}

static bool check_weights(const struct sbmt_ledger_run *run, struct sbmt_verification *verification,
                          struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    struct sbmt_safetensors file;
    const bool counted = sbmt_json_has(&run->result, "parameters");
    sbmt_run_path(run->folder, "best.safetensors", path);
    if (!sbmt_file_exists(path)) {
        verification->parameters = counted ? "there is no best.safetensors" : NULL;
        return true;
    }
    if (!sbmt_safetensors_open(&file, path, err))
        return false;
    const char *step = sbmt_safetensors_metadata(&file, "step");
    const bool same = same_text(run, "config", "best.safetensors",
                                sbmt_safetensors_metadata(&file, "fingerprint"), err) &&
                      sbmt_verify_number(run, "step", "best.safetensors",
                                         step != NULL ? strtod(step, NULL) : (double)NAN, 0, err) &&
                      (!counted || sbmt_verify_number(run, "parameters", "best.safetensors",
                                                      parameters_of(&file), 0, err));
    sbmt_safetensors_close(&file);
    return same;
}

bool sbmt_verify_run(const struct sbmt_ledger_run *run, struct sbmt_verification *verification,
                     struct sbmt_arena *scratch, struct sbmt_error *err)
{
    *verification = (struct sbmt_verification){0};
    return check_config(run, err) && check_steps(run, verification, err) && check_info(run, err) &&
           sbmt_verify_course(run, verification, err) && check_weights(run, verification, err) &&
           sbmt_verify_answers(run, verification, scratch, err);
}

/* FLOPs follow from the density, and from what metrics.jsonl has itself. */
const char *sbmt_verify_lack(const struct sbmt_verification *verification, const char *measure,
                             const char *metric)
{
    const bool of_loss = strcmp(metric, "loss") == 0;
    const struct {
        const char *measure, *lack;
    } all[] = {
        {"score", of_loss ? verification->loss : verification->score},
        {"density", verification->density},
        {"flops", verification->density},
        {"time", verification->time},
        {"steps", verification->steps},
        {"parameters", verification->parameters},
        {"loss", verification->loss},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].measure, measure) == 0)
            return all[i].lack;
    return NULL;
}
