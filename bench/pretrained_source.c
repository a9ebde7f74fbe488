/* Where weights to begin with come from. */
#include "bench/pretrained_source.h"

#include "bench/config_origin.h"
#include "bench/experiment.h"
#include "bench/pretrained.h"
#include "bench/pretrained_config.h"
#include "bench/run.h"
#include "core/io/file.h"

bool sbmt_pretrained_is_huggingface(const char *path)
{
    char config[SBMT_RUN_PATH];
    sbmt_run_path(path, "config.json", config);
    return sbmt_file_exists(config);
}

bool sbmt_pretrained_configure(const char *folder, struct sbmt_model_config *config,
                               struct sbmt_error *err)
{
    struct sbmt_arena arena = {0};
    struct sbmt_huggingface_config from;
    char path[SBMT_RUN_PATH];
    sbmt_run_path(folder, "config.json", path);
    const bool done = sbmt_huggingface_config_read(&from, path, &arena, err) &&
                      sbmt_pretrained_config_set(config, &from, path, err);
    sbmt_arena_finish(&arena);
    return done;
}

/* The configuration of the run that weights come from, if they come from one. */
static bool check_run(const char *folder, const struct sbmt_model_config *config,
                      struct sbmt_error *err)
{
    struct sbmt_arena arena = {0};
    struct sbmt_experiment_config stored;
    char path[SBMT_RUN_PATH];
    sbmt_run_path(folder, "config.yaml", path);
    const bool same = sbmt_experiment_stored(folder, &stored, &arena, err) &&
                      sbmt_pretrained_config_check(config, &stored.model, path, err);
    sbmt_arena_finish(&arena);
    return same;
}

static bool open_run(struct sbmt_huggingface_checkpoint *from, const char *folder,
                     const struct sbmt_model_config *config, struct sbmt_error *err)
{
    char best[SBMT_RUN_PATH], last[SBMT_RUN_PATH];
    sbmt_run_path(folder, "best.safetensors", best);
    sbmt_run_path(folder, "last.safetensors", last);
    return check_run(folder, config, err) &&
           sbmt_huggingface_open_weights(from, sbmt_file_exists(best) ? best : last, err);
}

static bool open_huggingface(struct sbmt_huggingface_checkpoint *from, const char *folder,
                             const struct sbmt_model_config *config, struct sbmt_error *err)
{
    struct sbmt_model_config source = *config;
    char path[SBMT_RUN_PATH];
    sbmt_run_path(folder, "config.json", path);
    if (!sbmt_pretrained_configure(folder, &source, err) ||
        !sbmt_pretrained_config_check(config, &source, path, err))
        return false;
    return sbmt_huggingface_open(from, folder, err);
}

bool sbmt_pretrained_open(struct sbmt_huggingface_checkpoint *from, const char *path,
                          const struct sbmt_model_config *config, struct sbmt_error *err)
{
    *from = (struct sbmt_huggingface_checkpoint){0};
    if (sbmt_run_exists(path))
        return open_run(from, path, config, err);
    if (sbmt_pretrained_is_huggingface(path))
        return open_huggingface(from, path, config, err);
    return sbmt_huggingface_open_weights(from, path, err);
}

/* That there is a row for every token that may come. */
static bool check_positions(const struct sbmt_huggingface_checkpoint *from,
                            const struct sbmt_experiment_config *config, const char *path,
                            int longest, bool texts, struct sbmt_error *err)
{
    const struct sbmt_model_config *model = &config->model;
    const struct sbmt_weight *table = sbmt_huggingface_find(
        from, "embeddings.position_embeddings.weight");
    if (model->position_embedding != SBMT_POSITION_LEARNED)
        return true; /* no table is taken */
    if (table == NULL || table->tensor.stored.rank != 2)
        return true; /* loading says so */
    const int64_t beside = model->first_position + (sbmt_model_length(model, longest) - longest);
    const int64_t most = table->tensor.stored.shape[0] - beside;
    if (longest <= most)
        return true;
    if (texts)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "tokenizer.max_length: %d is more than the %lld tokens that %s has "
                         "positions for; set it to that or less",
                         longest, (long long)most, path);
    return sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "model.init: %s has positions for %lld tokens, and sequences of %s have up to "
                     "%d",
                     path, (long long)most, config->task, longest);
}

bool sbmt_pretrained_check(const struct sbmt_experiment_config *config, struct sbmt_error *err)
{
    const struct sbmt_model_config *model = &config->model;
    if (model->init == NULL || model->init[0] == '\0')
        return true;
    const struct sbmt_task *task = sbmt_task_find(config->task, err);
    const struct sbmt_form *form = task != NULL ? sbmt_task_form(task, config->protocol, err)
                                                : NULL;
    struct sbmt_huggingface_checkpoint from;
    if (form != NULL && !sbmt_file_exists(model->init)) {
        sbmt_fail(err, SBMT_ERROR_CONFIG,
                  "model.init: there is no %s; name the folder of a run or of a model as Hugging "
                  "Face stores it, or a file of weights",
                  model->init);
        return sbmt_config_place_fail(config->model_init_place, "model.init", err);
    }
    if (form == NULL || !sbmt_pretrained_open(&from, model->init, model, err))
        return false;
    const bool texts = task->texts != NULL;
    const int longest = texts ? config->tokenizer.max_length : form->max_length;
    const bool fits = check_positions(&from, config, model->init, longest, texts, err);
    sbmt_huggingface_close(&from);
    return fits;
}
