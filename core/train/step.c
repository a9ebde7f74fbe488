/* A batch cut into shards, shards shared out to threads, results combined in a fixed order. */
#include "core/train/step.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/thread.h"
#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"
#include "core/train/shards.h"

/* Gradients are summed in pieces of this many reals, each piece by one thread. */
enum { PIECE = 1 << 14 };

/* What one shard gives. */
struct shard {
    real *grad; /* slab; NULL until the first training step */
    struct sbmt_stats stats;
    struct sbmt_densities *heads; /* of evaluations; one an entry of head_count */
    struct sbmt_error error;
    bool failed;
};

/* What one thread works with. */
struct worker {
    struct sbmt_arena saved, scratch;
};

/* The batch being computed. */
struct work {
    const struct sbmt_batch *batch;
    struct sbmt_partition partition;
    struct sbmt_outcome *outcome; /* one an example */
    uint64_t seed;
    uint32_t step;
    bool training;
    real *logits;     /* NULL, or in the order of the batch's labels */
    int *predictions; /* the same */
};

struct sbmt_stepper {
    const struct sbmt_model *model;
    const struct sbmt_params *params;
    const struct sbmt_kernels *kernels;
    struct sbmt_team *team;
    int shards, threads, head_count;
    struct sbmt_densities *heads; /* of a whole batch, then of each shard */
    struct shard *shard;
    struct worker *worker;
    struct sbmt_arena arena; /* of the batch: released after it */
    struct work work;
};

struct sbmt_stepper *sbmt_stepper_create(const struct sbmt_model *model,
                                         const struct sbmt_params *params, int shards, int threads,
                                         const char *cpu, size_t memory_limit,
                                         struct sbmt_error *err)
{
    const struct sbmt_kernels *kernels = sbmt_kernels_get(cpu, err);
    if (kernels == NULL)
        return NULL;
    sbmt_gemm_init();
    struct sbmt_stepper *stepper = calloc(1, sizeof *stepper);
    if (stepper == NULL) {
        sbmt_fail(err, SBMT_ERROR_MEMORY, "training: out of memory");
        return NULL;
    }
    *stepper = (struct sbmt_stepper){
        .model = model,
        .params = params,
        .kernels = kernels,
        .shards = shards,
        .threads = threads,
        .head_count = sbmt_model_heads(model),
        .shard = calloc((size_t)shards, sizeof *stepper->shard),
        .worker = calloc((size_t)threads, sizeof *stepper->worker),
    };
    const size_t heads = (size_t)stepper->head_count;
    stepper->heads = calloc((1 + (size_t)shards) * heads, sizeof *stepper->heads);
    if (stepper->shard == NULL || stepper->worker == NULL || stepper->heads == NULL) {
        sbmt_fail(err, SBMT_ERROR_MEMORY, "training: out of memory");
        sbmt_stepper_destroy(stepper);
        return NULL;
    }
    for (int s = 0; s < shards; s++)
        stepper->shard[s].heads = stepper->heads + (1 + (size_t)s) * heads;
    for (int t = 0; t < threads; t++)
        stepper->worker[t].saved.limit = stepper->worker[t].scratch.limit = memory_limit;
    stepper->team = sbmt_team_create(threads, err);
    if (stepper->team == NULL) {
        sbmt_stepper_destroy(stepper);
        return NULL;
    }
    return stepper;
}

void sbmt_stepper_destroy(struct sbmt_stepper *stepper)
{
    if (stepper == NULL)
        return;
    sbmt_team_destroy(stepper->team);
    for (int s = 0; stepper->shard != NULL && s < stepper->shards; s++)
        free(stepper->shard[s].grad);
    for (int t = 0; stepper->worker != NULL && t < stepper->threads; t++) {
        sbmt_arena_finish(&stepper->worker[t].saved);
        sbmt_arena_finish(&stepper->worker[t].scratch);
    }
    sbmt_arena_finish(&stepper->arena);
    free(stepper->heads);
    free(stepper->worker);
    free(stepper->shard);
    free(stepper);
}

static void begin_shard(const struct sbmt_stepper *stepper, struct shard *shard)
{
    const size_t heads = (size_t)stepper->head_count;
    shard->stats = (struct sbmt_stats){0};
    shard->failed = false;
    if (stepper->work.training) {
        memset(shard->grad, 0, stepper->params->size * sizeof *shard->grad);
        return;
    }
    memset(shard->heads, 0, heads * sizeof *shard->heads);
    shard->stats.heads = shard->heads;
    shard->stats.head_count = stepper->head_count;
}

/* All examples of one shard, on one thread. */
static void run_shard(void *context, int index, int worker_index)
{
    struct sbmt_stepper *stepper = context;
    const struct work *work = &stepper->work;
    struct worker *worker = &stepper->worker[worker_index];
    struct shard *shard = &stepper->shard[index];
    begin_shard(stepper, shard);
    struct sbmt_pass pass = {
        .kernels = stepper->kernels,
        .value = stepper->params->value,
        .grad = work->training ? shard->grad : NULL,
        .saved = &worker->saved,
        .scratch = &worker->scratch,
        .stats = &shard->stats,
        .seed = work->seed,
        .step = work->step,
        .batch_count = work->batch->count,
        .training = work->training,
    };
    const int64_t classes = sbmt_model_shape(stepper->model)->classes;
    const struct sbmt_partition *partition = &work->partition;
    for (int i = partition->begin[index]; i < partition->begin[index + 1] && !shard->failed; i++) {
        const int example = partition->order[i];
        const int64_t first = sbmt_batch_labels(work->batch, example).first;
        real *logits = work->logits != NULL ? work->logits + first * classes : NULL;
        int *predictions = work->predictions != NULL ? work->predictions + first : NULL;
        shard->failed = !sbmt_model_example(stepper->model, work->batch, example, &pass, logits,
                                            predictions, &work->outcome[example], &shard->error);
    }
}

/* One piece of every slab: shard s takes s + 1, s takes s + 2, s takes s + 4, … into shard 0's. */
static void reduce_piece(void *context, int piece, int worker)
{
    (void)worker;
    struct sbmt_stepper *stepper = context;
    const size_t begin = (size_t)piece * PIECE;
    const size_t size = stepper->params->size;
    const size_t end = begin + PIECE < size ? begin + PIECE : size;
    for (int stride = 1; stride < stepper->shards; stride *= 2)
        for (int s = 0; s + stride < stepper->shards; s += 2 * stride) {
            real *to = stepper->shard[s].grad;
            const real *from = stepper->shard[s + stride].grad;
            for (size_t i = begin; i < end; i++)
                to[i] += from[i];
        }
}

static bool slabs_ready(struct sbmt_stepper *stepper, struct sbmt_error *err)
{
    const size_t bytes = (stepper->params->size * sizeof(real) + 63) & ~(size_t)63;
    for (int s = 0; s < stepper->shards; s++) {
        if (stepper->shard[s].grad == NULL)
            stepper->shard[s].grad = aligned_alloc(64, bytes);
        if (stepper->shard[s].grad == NULL)
            return sbmt_fail(err, SBMT_ERROR_MEMORY,
                             "training: out of memory for the gradients of %d shards; use fewer "
                             "(train.shards)",
                             stepper->shards);
    }
    return true;
}

static void collect_heads(struct sbmt_stepper *stepper, struct sbmt_stats *stats)
{
    memset(stepper->heads, 0, (size_t)stepper->head_count * sizeof *stepper->heads);
    for (int s = 0; s < stepper->shards; s++)
        for (int h = 0; h < stepper->head_count; h++)
            sbmt_densities_add(&stepper->heads[h], &stepper->shard[s].heads[h]);
    stats->heads = stepper->heads;
    stats->head_count = stepper->head_count;
}

/* Sums in the order of the batch and of the shards: the same bytes whoever computed what. */
static void collect(struct sbmt_stepper *stepper, struct sbmt_step_result *result)
{
    const struct work *work = &stepper->work;
    const struct sbmt_batch *batch = work->batch;
    *result = (struct sbmt_step_result){
        .count = batch->count,
        .tokens = batch->offset[batch->count * batch->segments] - batch->offset[0],
        .scores = batch->target == SBMT_TARGET_SCORE,
        .draws = work->training ? 1 : sbmt_model_draws(stepper->model),
    };
    for (int e = 0; e < batch->count; e++) {
        const struct sbmt_outcome *outcome = &work->outcome[e];
        result->loss_sum += outcome->loss;
        result->labels += outcome->labels;
        result->correct += outcome->correct;
        for (int d = 0; d < result->draws; d++)
            result->draw_correct[d] += outcome->draw_correct[d];
    }
    for (int s = 0; s < stepper->shards; s++) {
        const struct sbmt_stats *stats = &stepper->shard[s].stats;
        result->stats.edges += stats->edges;
        result->stats.density += stats->density;
        result->stats.density_count += stats->density_count;
    }
    if (!work->training)
        collect_heads(stepper, &result->stats);
}

static bool run(struct sbmt_stepper *stepper, struct sbmt_step_result *result,
                struct sbmt_error *err)
{
    struct work *work = &stepper->work;
    work->outcome = sbmt_arena_alloc(&stepper->arena,
                                     (size_t)work->batch->count * sizeof *work->outcome);
    if (work->outcome == NULL)
        return sbmt_arena_check(&stepper->arena, "batch", err);
    if (!sbmt_batch_partition(work->batch, stepper->shards, &stepper->arena, &work->partition, err))
        return false;
    sbmt_team_run(stepper->team, stepper->shards, run_shard, stepper);
    for (int s = 0; s < stepper->shards; s++)
        if (stepper->shard[s].failed) {
            if (err != NULL)
                *err = stepper->shard[s].error;
            return false;
        }
    if (work->training)
        sbmt_team_run(stepper->team, (int)((stepper->params->size + PIECE - 1) / PIECE),
                      reduce_piece, stepper);
    collect(stepper, result);
    return true;
}

bool sbmt_stepper_train(struct sbmt_stepper *stepper, const struct sbmt_batch *batch, uint64_t seed,
                        uint32_t step, struct sbmt_step_result *result, struct sbmt_error *err)
{
    if (!slabs_ready(stepper, err))
        return false;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&stepper->arena);
    stepper->work = (struct work){.batch = batch, .seed = seed, .step = step, .training = true};
    const bool done = run(stepper, result, err);
    sbmt_arena_release(&stepper->arena, mark);
    return done;
}

real *sbmt_stepper_gradient(struct sbmt_stepper *stepper)
{
    return stepper->shard[0].grad;
}

bool sbmt_stepper_evaluate(struct sbmt_stepper *stepper, const struct sbmt_batch *batch,
                           uint64_t seed, real *logits, int *predictions,
                           struct sbmt_step_result *result, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&stepper->arena);
    stepper->work = (struct work){
        .batch = batch, .seed = seed, .logits = logits, .predictions = predictions};
    const bool done = run(stepper, result, err);
    sbmt_arena_release(&stepper->arena, mark);
    return done;
}

size_t sbmt_stepper_peak_bytes(const struct sbmt_stepper *stepper)
{
    size_t peak = 0;
    for (int t = 0; t < stepper->threads; t++) {
        const size_t bytes = stepper->worker[t].saved.peak + stepper->worker[t].scratch.peak;
        peak = bytes > peak ? bytes : peak;
    }
    return peak;
}

const char *sbmt_stepper_cpu(const struct sbmt_stepper *stepper)
{
    return stepper->kernels->cpu;
}
