/* info.json of a run. */
#include "bench/run_info.h"

#include <string.h>

#include "bench/config_write.h"
#include "bench/info.h"

/* What tells where the examples of a split come from: a file by its digest, a generator by its
 * version. */
static const char *origin_key(const struct sbmt_dataset *dataset)
{
    return dataset->digest[0] != '\0' ? "sha256" : "generator";
}

static const char *origin_of(const struct sbmt_dataset *dataset)
{
    return dataset->digest[0] != '\0' ? dataset->digest : dataset->form->version;
}

void sbmt_run_info_data(const struct sbmt_experiment *experiment, struct sbmt_json *json)
{
    sbmt_json_begin(json, "data");
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        const struct sbmt_dataset *dataset = &experiment->set[split];
        sbmt_json_begin(json, sbmt_split_name((enum sbmt_split)split));
        sbmt_json_text(json, origin_key(dataset), origin_of(dataset));
        if (dataset->examples.count > 0)
            sbmt_json_number(json, "count", (double)dataset->examples.count);
        sbmt_json_end(json);
    }
    sbmt_json_end(json);
}

bool sbmt_run_info_write(const struct sbmt_run *run, const struct sbmt_experiment *experiment,
                         int64_t step, struct sbmt_error *err)
{
    struct sbmt_json json = sbmt_info_json(sbmt_stepper_cpu(experiment->stepper));
    sbmt_json_number(&json, "threads", experiment->threads);
    sbmt_json_number(&json, "seed", experiment->config->seed);
    sbmt_json_text(&json, "config", experiment->fingerprint);
    sbmt_json_number(&json, "steps", experiment->train.steps);
    sbmt_json_number(&json, "warmup_steps", experiment->train.warmup_steps);
    sbmt_json_number(&json, "started_at_step", (double)step);
    sbmt_run_info_data(experiment, &json);
    if (experiment->init_digest[0] != '\0') {
        sbmt_json_begin(&json, "init");
        sbmt_json_text(&json, "path", experiment->config->model.init);
        sbmt_json_text(&json, "sha256", experiment->init_digest);
        sbmt_json_end(&json);
    }
    const bool written = sbmt_run_write_json(run, "info.json", &json, err);
    sbmt_json_finish(&json);
    return written;
}

bool sbmt_run_info_begun_with(const char *folder, const struct sbmt_experiment_config *config)
{
    struct sbmt_json json = {0};
    char fingerprint[SBMT_SHA256_HEX];
    if (!sbmt_config_fingerprint(sbmt_experiment_fields, config, fingerprint, NULL) ||
        !sbmt_run_read_json(folder, "info.json", &json, NULL))
        return false;
    const char *begun = sbmt_json_get_text(&json, "config");
    const bool same = begun != NULL && strcmp(begun, fingerprint) == 0;
    sbmt_json_finish(&json);
    return same;
}

void sbmt_run_info_init(const char *folder, char sha256[SBMT_SHA256_HEX])
{
    struct sbmt_json json = {0};
    sha256[0] = '\0';
    if (!sbmt_run_read_json(folder, "info.json", &json, NULL))
        return;
    const char *text = sbmt_json_get_text(&json, "init.sha256");
    if (text != NULL)
        snprintf(sha256, SBMT_SHA256_HEX, "%s", text);
    sbmt_json_finish(&json);
}

/* The source of a split is the one that info.json names, as far as it names one. */
static bool same_data(const struct sbmt_json *json, const struct sbmt_experiment *experiment,
                      enum sbmt_split split)
{
    char key[64];
    const struct sbmt_dataset *dataset = &experiment->set[split];
    snprintf(key, sizeof key, "data.%s.%s", sbmt_split_name(split), origin_key(dataset));
    const char *origin = sbmt_json_get_text(json, key);
    return origin == NULL || strcmp(origin, origin_of(dataset)) == 0;
}

static bool fail_data(const char *folder, const struct sbmt_experiment *experiment,
                      enum sbmt_split split, const char *root, struct sbmt_error *err)
{
    const struct sbmt_task *task = experiment->task;
    if (task->generator != NULL)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "%s: a resumed run keeps its data, and %s was made by another generator "
                         "than %s; go on with the program that began the run",
                         folder, sbmt_split_name(split), experiment->form->version);
    return sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "%s: a resumed run keeps its data, and %s under %s is from another "
                     "file; give the root of the run's own data with --data",
                     folder, sbmt_split_name(split), root);
}

static bool check_data(const char *folder, const struct sbmt_json *json,
                       const struct sbmt_experiment *experiment, const char *root,
                       struct sbmt_error *err)
{
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        if (!same_data(json, experiment, (enum sbmt_split)split))
            return fail_data(folder, experiment, (enum sbmt_split)split, root, err);
    return true;
}

bool sbmt_run_info_check(const char *folder, const struct sbmt_experiment *experiment,
                         const char *root, const struct sbmt_log *log, struct sbmt_error *err)
{
    struct sbmt_json json = {0};
    struct sbmt_error reason = {0};
    if (!sbmt_run_read_json(folder, "info.json", &json, &reason)) {
        sbmt_log_write(log, SBMT_LOG_WARNING,
                       "%s; whether the data is that of the run cannot be told", reason.message);
        return true;
    }
    const bool same = check_data(folder, &json, experiment, root, err);
    const char *begun = sbmt_json_get_text(&json, "cpu_used");
    const char *now = sbmt_stepper_cpu(experiment->stepper);
    if (same && begun != NULL && strcmp(begun, now) != 0)
        sbmt_log_write(log, SBMT_LOG_WARNING,
                       "%s: was run with %s kernels and goes on with %s: the last bits of its "
                       "weights will be others; --cpu %s keeps them",
                       folder, begun, now, begun);
    sbmt_json_finish(&json);
    return same;
}

int sbmt_run_info_steps(const char *folder, const struct sbmt_train_config *train)
{
    struct sbmt_json json = {0};
    if (train->epochs == 0 || !sbmt_run_read_json(folder, "info.json", &json, NULL))
        return train->steps;
    const double steps = sbmt_json_get_number(&json, "steps", 0);
    sbmt_json_finish(&json);
    return steps >= 0 && steps <= 1e9 ? (int)steps : 0;
}

void sbmt_run_info_compare(const char *folder, const struct sbmt_experiment *experiment,
                           enum sbmt_split split, const char *root, const struct sbmt_log *log)
{
    struct sbmt_json json = {0};
    if (!sbmt_run_read_json(folder, "info.json", &json, NULL))
        return;
    const bool same = same_data(&json, experiment, split);
    if (!same && experiment->task->generator != NULL)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %s was made by another generator than %s", folder,
                       sbmt_split_name(split), experiment->form->version);
    else if (!same)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %s under %s is from another file than the run's",
                       folder, sbmt_split_name(split), root);
    sbmt_json_finish(&json);
}
