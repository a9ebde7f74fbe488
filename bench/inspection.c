/* A finished run, opened to be looked into. */
#include "bench/inspection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run.h"
#include "bench/run_checkpoint.h"
#include "bench/run_info.h"
#include "bench/scoring.h"
#include "core/attention/attention.h"
#include "core/attention/sbm_config.h"
#include "core/io/file.h"
#include "core/kernels/kernels.h"
#include "data/token_text.h"

bool sbmt_inspection_open(struct sbmt_inspection *inspection, const char *folder,
                          const char *checkpoint, enum sbmt_split split, const char *const *changes,
                          int change_count, const struct sbmt_experiment_options *options,
                          struct sbmt_arena *arena, struct sbmt_error *err)
{
    *inspection = (struct sbmt_inspection){.split = split};
    struct sbmt_evaluation *evaluation = &inspection->evaluation;
    struct sbmt_experiment *experiment = &inspection->experiment;
    inspection->kernels = sbmt_kernels_get(options->cpu, err);
    if (inspection->kernels == NULL ||
        !sbmt_evaluation_load(evaluation, folder, changes, change_count, arena, err) ||
        !sbmt_experiment_open(experiment, &evaluation->config, 1U << split, options, err))
        return false;
    sbmt_run_info_compare(folder, experiment, split, options->data, options->log);
    if (sbmt_run_checkpoint_read(folder, checkpoint, &experiment->params, false, &inspection->state,
                                 evaluation->fingerprint, err))
        return true;
    sbmt_inspection_close(inspection);
    return false;
}

void sbmt_inspection_close(struct sbmt_inspection *inspection)
{
    sbmt_experiment_close(&inspection->experiment);
    *inspection = (struct sbmt_inspection){0};
}

bool sbmt_inspection_densities(struct sbmt_inspection *inspection, int64_t limit,
                               const struct sbmt_train_observer *observer,
                               const struct sbmt_head_densities *densities,
                               struct sbmt_eval_result *result, struct sbmt_error *err)
{
    struct sbmt_experiment *experiment = &inspection->experiment;
    const struct sbmt_experiment_config *config = experiment->config;
    const struct sbmt_source source = sbmt_experiment_evaluated(experiment, inspection->split);
    struct sbmt_train_observer watching = *observer;
    watching.densities = densities->of;
    struct sbmt_scoring scoring;
    sbmt_scoring_init(&scoring, experiment->task, NULL);
    const struct sbmt_eval_job job = {
        .stepper = experiment->stepper,
        .source = &source,
        .batch_size = config->train.batch_size,
        .limit = limit,
        .seed = (uint64_t)config->seed,
        .scorer = sbmt_inspection_labelled(inspection) ? &scoring.scorer : NULL,
        .observer = &watching,
    };
    return sbmt_evaluate(&job, NULL, result, NULL, err);
}

/* Buffers of one pass over an example. */
struct desk {
    struct sbmt_arena saved, scratch;
    struct sbmt_stats stats;
};

static struct sbmt_pass pass_over(const struct sbmt_inspection *inspection, struct desk *desk,
                                  const struct sbmt_probe *probe)
{
    return (struct sbmt_pass){
        .kernels = inspection->kernels,
        .value = inspection->experiment.params.value,
        .saved = &desk->saved,
        .scratch = &desk->scratch,
        .stats = &desk->stats,
        .seed = (uint64_t)inspection->experiment.config->seed,
        .batch_count = 1,
        .probe = probe,
    };
}

static void desk_finish(struct desk *desk)
{
    sbmt_arena_finish(&desk->saved);
    sbmt_arena_finish(&desk->scratch);
}

static bool load(struct sbmt_inspection *inspection, int64_t index, struct sbmt_batch *batch,
                 struct sbmt_error *err)
{
    struct sbmt_dataset *dataset = &inspection->experiment.set[inspection->split];
    const struct sbmt_source source = sbmt_dataset_source(dataset);
    if (index < 0 || (source.count != 0 && index >= source.count))
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--example %" PRId64 ": the examples of %s are 0 to %" PRId64, index,
                         sbmt_split_name(inspection->split), source.count - 1);
    return source.load(source.context, &index, NULL, 1, batch, err);
}

/* Only SBM attention has a way of evaluating that it cannot be trained by. */
static bool check_backward(const struct sbmt_experiment_config *config, struct sbmt_error *err)
{
    const struct sbmt_variant_value *attention = &config->model.attention;
    if (strcmp(sbmt_attention_name(config), "sbm") != 0 ||
        ((const struct sbmt_sbm_config *)attention->config)->mask != SBMT_MASK_EXPECTED)
        return true;
    return sbmt_fail(err, SBMT_ERROR_USAGE,
                     "--gradients: expected edges have none; add model.attention.mask=sampled");
}

static bool examined_alloc(const struct sbmt_inspection *inspection, bool gradients,
                           struct sbmt_examined *examined, struct sbmt_error *err)
{
    const size_t labels = (size_t)examined->labels;
    struct sbmt_arena *arena = &examined->capture.arena;
    examined->logits = sbmt_arena_reals(arena,
                                        labels * (size_t)sbmt_inspection_classes(inspection));
    examined->prediction = sbmt_arena_alloc(arena, labels * sizeof *examined->prediction);
    if (gradients)
        examined->gradient = sbmt_arena_zalloc(arena, inspection->experiment.params.size,
                                               sizeof(real));
    return sbmt_arena_check(arena, "inspection", err);
}

/* Without a gradient a pass is an evaluation, which may draw several graphs; with one it draws one.
 */
static bool compute(const struct sbmt_inspection *inspection, struct sbmt_examined *examined,
                    struct sbmt_error *err)
{
    const struct sbmt_model *model = inspection->experiment.model;
    struct sbmt_capture *capture = &examined->capture;
    const struct sbmt_probe probe = sbmt_capture_probe(capture);
    struct desk desk = {0};
    struct sbmt_pass pass = pass_over(inspection, &desk,
                                      examined->gradient == NULL ? &probe : NULL);
    bool done = sbmt_model_example(model, &examined->batch, 0, &pass, examined->logits,
                                   examined->prediction, &examined->outcome, err);
    if (done && examined->gradient != NULL) {
        struct sbmt_outcome outcome;
        pass.probe = &probe;
        pass.grad = examined->gradient;
        done = sbmt_model_example(model, &examined->batch, 0, &pass, NULL, NULL, &outcome, err);
    }
    desk_finish(&desk);
    return done && sbmt_arena_check(&capture->arena, "inspection", err);
}

bool sbmt_inspection_examine(struct sbmt_inspection *inspection, int64_t index, bool gradients,
                             struct sbmt_examined *examined, struct sbmt_error *err)
{
    *examined = (struct sbmt_examined){.index = index};
    if ((gradients && !check_backward(inspection->experiment.config, err)) ||
        !load(inspection, index, &examined->batch, err))
        return false;
    examined->labels = sbmt_batch_labels(&examined->batch, 0).count;
    if (examined_alloc(inspection, gradients, examined, err) && compute(inspection, examined, err))
        return true;
    sbmt_examined_finish(examined);
    return false;
}

void sbmt_examined_finish(struct sbmt_examined *examined)
{
    sbmt_capture_finish(&examined->capture);
    *examined = (struct sbmt_examined){0};
}

/* The logits of each draw, which the model has the mean of. */
struct drawn {
    real *logits;
    size_t size; /* of a draw */
    int draws;
};

static void keep_logits(void *context, const struct sbmt_probed *probed)
{
    struct drawn *drawn = context;
    if (strcmp(probed->name, "logits") == 0 && probed->step < (uint32_t)drawn->draws)
        memcpy(drawn->logits + probed->step * drawn->size, probed->value,
               drawn->size * sizeof *drawn->logits);
}

bool sbmt_inspection_draws(struct sbmt_inspection *inspection, const struct sbmt_examined *examined,
                           int draws, real *logits, struct sbmt_error *err)
{
    const struct sbmt_model *model = inspection->experiment.model;
    struct drawn drawn = {logits, 0, draws};
    drawn.size = (size_t)examined->labels * (size_t)sbmt_inspection_classes(inspection);
    const struct sbmt_probe probe = {keep_logits, &drawn};
    struct desk desk = {0};
    struct sbmt_pass pass = pass_over(inspection, &desk, &probe);
    bool done = true;
    for (int d = 0; d < draws && done; d += sbmt_model_draws(model)) {
        struct sbmt_outcome outcome;
        pass.step = (uint32_t)d;
        done = sbmt_model_example(model, &examined->batch, 0, &pass, NULL, NULL, &outcome, err);
    }
    desk_finish(&desk);
    return done;
}

void sbmt_examined_softmax(int classes, const real *logits, double *probability)
{
    double largest = -INFINITY, sum = 0;
    for (int c = 0; c < classes; c++)
        largest = fmax(largest, (double)logits[c]);
    for (int c = 0; c < classes; c++)
        sum += probability[c] = exp((double)logits[c] - largest);
    for (int c = 0; c < classes; c++)
        probability[c] /= sum;
}

struct sbmt_head_walk sbmt_examined_heads(const struct sbmt_inspection *inspection,
                                          const struct sbmt_examined *examined, int layer, int head)
{
    const struct sbmt_model_config *model = &inspection->experiment.config->model;
    return (struct sbmt_head_walk){.capture = &examined->capture,
                                   .layers = model->layers,
                                   .heads = model->heads,
                                   .only_layer = layer,
                                   .only_head = head};
}

int sbmt_examined_rows(const struct sbmt_inspection *inspection,
                       const struct sbmt_examined *examined, int segment)
{
    return sbmt_model_length(&inspection->experiment.config->model,
                             sbmt_batch_sequence(&examined->batch, 0, segment).n);
}

void sbmt_examined_token(const struct sbmt_inspection *inspection,
                         const struct sbmt_examined *examined, int segment, int row,
                         struct sbmt_str *out)
{
    const struct sbmt_sequence sequence = sbmt_batch_sequence(&examined->batch, 0, segment);
    const int before = sbmt_examined_rows(inspection, examined, segment) - sequence.n;
    if (row < before)
        sbmt_str_printf(out, "[class]");
    else
        sbmt_token_text(&inspection->experiment.set[inspection->split],
                        sequence.tokens + row - before, 1, out);
}

int sbmt_inspection_classes(const struct sbmt_inspection *inspection)
{
    return sbmt_model_shape(inspection->experiment.model)->classes;
}

bool sbmt_inspection_labelled(const struct sbmt_inspection *inspection)
{
    return inspection->experiment.set[inspection->split].labelled;
}

double sbmt_inspection_score(const struct sbmt_inspection *inspection, double score)
{
    return inspection->experiment.task->most_score * score;
}

void sbmt_inspection_class(const struct sbmt_inspection *inspection, int class,
                           struct sbmt_str *out)
{
    const struct sbmt_task *task = inspection->experiment.task;
    const int32_t word = class;
    if (task->target == SBMT_TARGET_MASKED)
        sbmt_token_text(&inspection->experiment.set[inspection->split], &word, 1, out);
    else
        sbmt_task_class(task, class, out);
}
