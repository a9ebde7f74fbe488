/* Models under measurement. */
#include "bench/speed_subject.h"

#include <stdio.h>
#include <string.h>

#include "bench/block_density.h"
#include "bench/config_load.h"
#include "bench/flops.h"
#include "core/attention/attention.h"
#include "core/base/rng.h"

/* The task's sizes, and what the density is found on: it does not depend on the length. */
enum { VOCAB = 16, CLASSES = 10, TRIAL_COUNT = 4, TRIAL_LENGTH = 512 };

bool sbmt_speed_batch_init(struct sbmt_speed_batch *batch, int count, int n,
                           struct sbmt_arena *arena, struct sbmt_error *err)
{
    const size_t tokens = (size_t)count * (size_t)n;
    int32_t *token = sbmt_arena_zalloc(arena, tokens, sizeof *token);
    int64_t *offset = sbmt_arena_zalloc(arena, (size_t)count + 1, sizeof *offset);
    int32_t *label = sbmt_arena_zalloc(arena, (size_t)count, sizeof *label);
    uint64_t *id = sbmt_arena_zalloc(arena, (size_t)count, sizeof *id);
    if (!sbmt_arena_check(arena, "batch", err))
        return false;
    for (int e = 0; e < count; e++) {
        const struct sbmt_rng_key key = {{(uint32_t)e, 11}};
        for (int i = 0; i < n; i++)
            token[(size_t)e * (size_t)n + (size_t)i] = (int32_t)sbmt_rng_below(key, 0, (uint32_t)i,
                                                                               VOCAB);
        label[e] = (int32_t)sbmt_rng_below(key, 1, 0, CLASSES);
        id[e] = (uint64_t)e;
        offset[e + 1] = (int64_t)(e + 1) * n;
    }
    batch->n = n;
    batch->batch = (struct sbmt_batch){
        .count = count, .segments = 1, .tokens = token, .offset = offset, .label = label, .id = id};
    return true;
}

static bool names_kind(const char *override)
{
    return strncmp(override, "model.attention=", 16) == 0 ||
           strncmp(override, "model.attention.kind=", 21) == 0;
}

/* The number of clusters of a block model, which has an exploration beside; NULL where the kind has
 * none. */
static int *clusters_of(const struct sbmt_variant_value *attention)
{
    const struct sbmt_field *fields = sbmt_attention_variant(attention->index)->fields;
    const bool blocks = fields != NULL && sbmt_field_find(fields, "exploration") != NULL;
    const struct sbmt_field *field = blocks ? sbmt_field_find(fields, "clusters") : NULL;
    return field != NULL ? (int *)(void *)((char *)attention->config + field->offset) : NULL;
}

bool sbmt_speed_config(const struct sbmt_speed_plan *plan, const char *kind,
                       struct sbmt_experiment_config *config, struct sbmt_arena *arena,
                       struct sbmt_error *err)
{
    const struct sbmt_field *field = sbmt_field_find(sbmt_model_fields, "attention");
    *config = (struct sbmt_experiment_config){0};
    sbmt_fields_defaults(sbmt_experiment_fields, config, arena);
    if (!sbmt_config_set_kind(field, &config->model.attention, kind, arena))
        return sbmt_fail(err, SBMT_ERROR_CONFIG, "unknown kind of attention '%.80s'", kind);
    if (!sbmt_arena_check(arena, "configuration", err))
        return false;
    int *clusters = clusters_of(&config->model.attention);
    if (clusters != NULL)
        *clusters = plan->clusters;
    for (int i = 0; i < plan->overrides_count; i++)
        if (!sbmt_is_of_other_kind(plan->overrides[i], config->model.attention.index) &&
            !sbmt_config_override(sbmt_experiment_fields, config, plan->overrides[i], arena, err))
            return false;
    return sbmt_model_config_check(&config->model, err);
}

bool sbmt_speed_check(const struct sbmt_speed_plan *plan, struct sbmt_arena *arena,
                      struct sbmt_error *err)
{
    struct sbmt_experiment_config config;
    for (int o = 0; o < plan->overrides_count; o++)
        if (names_kind(plan->overrides[o]))
            return sbmt_fail(err, SBMT_ERROR_USAGE, "%.80s: kinds are given with --attention",
                             plan->overrides[o]);
    for (int a = 0; a < plan->attentions; a++)
        if (!sbmt_speed_config(plan, plan->attention[a], &config, arena, err))
            return false;
    for (int o = 0; o < plan->overrides_count; o++) {
        bool used = false;
        for (int a = 0; a < plan->attentions; a++)
            used = used || !sbmt_is_of_other_kind(
                               plan->overrides[o],
                               sbmt_variant_find(sbmt_attention_variant, plan->attention[a]));
        /* The message is that of any configuration. */
        if (!used &&
            !sbmt_config_override(sbmt_experiment_fields, &config, plan->overrides[o], arena, err))
            return false;
    }
    return true;
}

static bool build(const struct sbmt_experiment_config *config, int positions,
                  struct sbmt_params *params, struct sbmt_model **model, struct sbmt_error *err)
{
    const struct sbmt_model_shape shape = {
        .vocab = VOCAB, .positions = positions, .classes = CLASSES, .segments = 1};
    *model = sbmt_model_create(&config->model, &shape, params, err);
    return *model != NULL;
}

bool sbmt_speed_has_density(const struct sbmt_speed_plan *plan, const char *kind, bool *has_density,
                            struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_experiment_config config;
    struct sbmt_params params = {0};
    struct sbmt_model *model = NULL;
    const bool built = sbmt_speed_config(plan, kind, &config, arena, err) &&
                       build(&config, 1, &params, &model, err);
    *has_density = built && sbmt_block_density_applies(&params);
    sbmt_model_destroy(model);
    sbmt_params_finish(&params);
    return built;
}

bool sbmt_speed_subject_init(struct sbmt_speed_subject *subject, const struct sbmt_speed_plan *plan,
                             const struct sbmt_speed_row *row, int threads,
                             struct sbmt_arena *arena, struct sbmt_error *err)
{
    *subject = (struct sbmt_speed_subject){
        .step = sbmt_arena_zalloc(arena, (size_t)plan->repeats, sizeof *subject->step),
        .inference = sbmt_arena_zalloc(arena, (size_t)plan->repeats, sizeof *subject->inference),
    };
    if (!sbmt_arena_check(arena, "measurements", err) ||
        !sbmt_speed_config(plan, row->attention, &subject->config, arena, err))
        return false;
    const int trial = row->n > TRIAL_LENGTH ? row->n : TRIAL_LENGTH;
    if (!build(&subject->config, trial, &subject->params, &subject->model, err) ||
        !sbmt_params_seal(&subject->params, (uint64_t)subject->config.seed, err))
        return false;
    subject->stepper = sbmt_stepper_create(
        subject->model, &subject->params, subject->config.train.shards, threads, plan->cpu, 0, err);
    if (subject->stepper == NULL)
        return false;
    if (row->target < 0)
        return true;
    /* On a stepper of its own, so that the peak of memory is that of the measurement. */
    struct sbmt_speed_batch batch;
    struct sbmt_stepper *stepper = sbmt_stepper_create(subject->model, &subject->params,
                                                       TRIAL_COUNT, threads, plan->cpu, 0, err);
    const bool set = stepper != NULL &&
                     sbmt_speed_batch_init(&batch, TRIAL_COUNT, TRIAL_LENGTH, arena, err) &&
                     sbmt_block_density_set(&subject->params, stepper, &batch.batch, row->target,
                                            err);
    sbmt_stepper_destroy(stepper);
    return set || sbmt_error_at(err, "%s", row->attention);
}

void sbmt_speed_subject_finish(struct sbmt_speed_subject *subject)
{
    sbmt_stepper_destroy(subject->stepper);
    sbmt_model_destroy(subject->model);
    sbmt_params_finish(&subject->params);
}

void sbmt_speed_subject_flops(const struct sbmt_speed_subject *subject, int batch,
                              struct sbmt_speed_row *row)
{
    const struct sbmt_model_config *model = &subject->config.model;
    const int rows = sbmt_model_length(model, row->n);
    const double n = rows, density = row->density > 0 ? row->density : 0;
    const int *clusters = clusters_of(&model->attention);
    const double k = clusters != NULL ? *clusters : 0;
    row->inference_flops = batch * (sbmt_flops_encoder(model, row->n, density) +
                                    sbmt_flops_answer(model, sbmt_model_shape(subject->model)));
    row->step_flops = 3 * row->inference_flops +
                      (double)batch * model->layers * model->heads * 4 * density * n * n * k;
}
