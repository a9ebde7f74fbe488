/* One head of a kind of attention by itself. */
#include "bench/head_bench.h"

#include "bench/stopwatch.h"
#include "core/kernels/gemm.h"

/* The gradients of parameters come before those of the inputs in an arena of their own. */
struct desk {
    const struct sbmt_head_plan *plan;
    struct sbmt_arena arena, saved, scratch;
    struct sbmt_params params;
    void *state;
    struct sbmt_head head;
    struct sbmt_stats stats;
    struct sbmt_pass pass;
    void *kept; /* what the last forward left */
    real *out, *dout;
    struct sbmt_head_grad grad;
    struct sbmt_error *err;
    bool failed;
};

static bool run_forward(struct desk *desk)
{
    const struct sbmt_head_plan *plan = desk->plan;
    return plan->ops->forward(plan->config, desk->state, &desk->head, &desk->pass, &desk->kept,
                              desk->out, desk->err);
}

static void forward(void *context)
{
    struct desk *desk = context;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&desk->saved);
    desk->failed = !run_forward(desk) || desk->failed;
    sbmt_arena_release(&desk->saved, mark);
}

static void backward(void *context)
{
    struct desk *desk = context;
    const struct sbmt_head_plan *plan = desk->plan;
    desk->failed = !plan->ops->backward(plan->config, desk->state, &desk->head, &desk->pass,
                                        desk->kept, desk->dout, &desk->grad, desk->err) ||
                   desk->failed;
}

/* Normal numbers, as a normalised input's projections are. */
static real *filled(struct desk *desk, uint32_t row)
{
    const struct sbmt_rng_key key = {{12, 34}};
    const size_t count = (size_t)desk->plan->n * (size_t)desk->head.stride;
    real *x = sbmt_arena_reals(&desk->arena, count);
    for (size_t i = 0; x != NULL && i < count; i++)
        x[i] = SBMT_R(sbmt_rng_normal(key, row, (uint32_t)i));
    return x;
}

static bool build(struct desk *desk)
{
    const struct sbmt_head_plan *plan = desk->plan;
    const struct sbmt_attention_shape shape = {1, plan->d, plan->n};
    desk->state = sbmt_arena_zalloc(&desk->arena, 1, plan->ops->state_size + 1);
    if (desk->state == NULL)
        return sbmt_arena_check(&desk->arena, "benchmark", desk->err);
    return (plan->ops->init == NULL || plan->ops->init(plan->config, &shape, "self.", &desk->params,
                                                       desk->state, desk->err)) &&
           sbmt_params_seal(&desk->params, 1, desk->err);
}

static bool desk_init(struct desk *desk, const struct sbmt_head_plan *plan)
{
    const enum sbmt_attention_inputs inputs = plan->ops->inputs;
    const bool reads_query = inputs == SBMT_INPUTS_QUERY_KEY_VALUE ||
                             inputs == SBMT_INPUTS_QUERY_VALUE;
    const bool reads_key = inputs == SBMT_INPUTS_QUERY_KEY_VALUE;
    desk->plan = plan;
    if (!build(desk))
        return false;
    desk->head = (struct sbmt_head){.n = plan->n, .d = plan->d, .stride = plan->d * plan->heads};
    desk->head.v = filled(desk, 0);
    desk->head.q = reads_query ? filled(desk, 1) : NULL;
    desk->head.k = reads_key ? filled(desk, 2) : NULL;
    desk->out = filled(desk, 3);
    desk->dout = filled(desk, 4);
    desk->grad.dv = filled(desk, 5);
    desk->grad.dq = reads_query ? filled(desk, 6) : NULL;
    desk->grad.dk = reads_key ? filled(desk, 7) : NULL;
    desk->pass = (struct sbmt_pass){
        .kernels = plan->kernels,
        .value = desk->params.value,
        .grad = sbmt_arena_zalloc(&desk->arena, desk->params.size + 1, sizeof(real)),
        .saved = &desk->saved,
        .scratch = &desk->scratch,
        .stats = &desk->stats,
        .seed = 1,
        .batch_count = 1,
        .layers = 1,
        .heads = 1,
        .training = true,
    };
    return sbmt_arena_check(&desk->arena, "benchmark", desk->err);
}

static bool measure(struct desk *desk, struct sbmt_head_times *times)
{
    times->forward = sbmt_stopwatch_call(forward, desk);
    desk->stats = (struct sbmt_stats){0};
    if (desk->failed || !run_forward(desk))
        return false;
    times->saved_bytes = (double)desk->saved.used;
    times->density = desk->stats.density_count > 0 ? desk->stats.density / desk->stats.density_count
                                                   : -1;
    times->backward = sbmt_stopwatch_call(backward, desk);
    times->peak_bytes = (double)(desk->saved.peak + desk->scratch.peak);
    return !desk->failed;
}

bool sbmt_head_bench(const struct sbmt_head_plan *plan, struct sbmt_head_times *times,
                     struct sbmt_error *err)
{
    struct desk desk = {.err = err};
    sbmt_gemm_init();
    const bool done = desk_init(&desk, plan) && measure(&desk, times);
    sbmt_params_finish(&desk.params);
    sbmt_arena_finish(&desk.arena);
    sbmt_arena_finish(&desk.saved);
    sbmt_arena_finish(&desk.scratch);
    return done || sbmt_error_at(err, "%s, %d tokens", plan->ops->variant.name, plan->n);
}
