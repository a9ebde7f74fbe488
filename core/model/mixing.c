/* Mixing of tokens in a layer, forward and backward. */
#include "core/model/mixing.h"

#include <stdio.h>
#include <string.h>

struct sbmt_mixing_saved {
    int n;
    real *query, *key, *value; /* (n, dim); NULL where the kind does not read them */
    real *attended;            /* (n, dim) heads side by side; NULL without an output projection */
    void **heads;              /* what each head's forward saved */
};

/* The projections one by one: which there are follows from the kind's inputs. */
enum { QUERY, KEY, VALUE, PROJECTIONS };

static bool reads(const struct sbmt_mixing *mixing, int projection)
{
    switch (mixing->ops->inputs) {
    case SBMT_INPUTS_QUERY_KEY_VALUE:
        return true;
    case SBMT_INPUTS_QUERY_VALUE:
        return projection != KEY;
    case SBMT_INPUTS_VALUE:
        return projection == VALUE;
    case SBMT_INPUTS_WHOLE:
        return false;
    }
    return false;
}

static bool is_whole(const struct sbmt_mixing *mixing)
{
    return mixing->ops->inputs == SBMT_INPUTS_WHOLE;
}

static struct sbmt_linear_params projection(const struct sbmt_mixing *mixing, int which)
{
    const struct sbmt_linear_params all[PROJECTIONS] = {mixing->query, mixing->key, mixing->value};
    return all[which];
}

bool sbmt_mixing_init(struct sbmt_mixing *mixing, const struct sbmt_model_config *config,
                      const char *prefix, int positions, void *state, struct sbmt_params *params,
                      struct sbmt_error *err)
{
    const int dim = config->dim;
    const enum sbmt_linear_start start = sbmt_model_linear_start(config);
    *mixing = (struct sbmt_mixing){
        .config = config,
        .ops = sbmt_attention_at(config->attention.index),
        .state = state,
    };
    mixing->heads = sbmt_model_attention_heads(config);
    mixing->d = dim / mixing->heads;
    char self[96];
    snprintf(self, sizeof self, "%sattention.self.", prefix);
    if (reads(mixing, QUERY))
        mixing->query = sbmt_linear_register(params, self, "query", dim, dim, start);
    if (reads(mixing, KEY))
        mixing->key = sbmt_linear_register(params, self, "key", dim, dim, start);
    if (reads(mixing, VALUE))
        mixing->value = sbmt_linear_register(params, self, "value", dim, dim, start);
    if (!is_whole(mixing))
        mixing->output = sbmt_linear_register(params, prefix, "attention.output.dense", dim, dim,
                                              start);
    const struct sbmt_attention_shape shape = {mixing->heads, mixing->d, positions};
    return mixing->ops->init == NULL ||
           mixing->ops->init(config->attention.config, &shape, self, params, state, err);
}

static bool saved_alloc(const struct sbmt_mixing *mixing, int n, struct sbmt_arena *arena,
                        struct sbmt_mixing_saved **out)
{
    const size_t wide = (size_t)n * (size_t)mixing->config->dim;
    struct sbmt_mixing_saved *saved = sbmt_arena_zalloc(arena, 1, sizeof *saved);
    if (saved == NULL)
        return false;
    *out = saved;
    saved->n = n;
    saved->heads = sbmt_arena_zalloc(arena, (size_t)mixing->heads, sizeof *saved->heads);
    real **const to[PROJECTIONS] = {&saved->query, &saved->key, &saved->value};
    for (int i = 0; i < PROJECTIONS; i++)
        if (reads(mixing, i))
            *to[i] = sbmt_arena_reals(arena, wide);
    if (!is_whole(mixing))
        saved->attended = sbmt_arena_reals(arena, wide);
    return !arena->failed;
}

static const real *columns(const real *x, size_t at)
{
    return x == NULL ? NULL : x + at;
}

/* A head is columns h·d … h·d+d−1 of the projections. */
static struct sbmt_head head_of(const struct sbmt_mixing *mixing,
                                const struct sbmt_mixing_saved *saved, const real *x, int head)
{
    const size_t at = (size_t)head * (size_t)mixing->d;
    return (struct sbmt_head){
        .index = head,
        .n = saved->n,
        .d = mixing->d,
        .stride = mixing->config->dim,
        .q = columns(saved->query, at),
        .k = columns(saved->key, at),
        .v = is_whole(mixing) ? x : saved->value + at,
        .dropout = mixing->config->attention_dropout,
    };
}

/* The columns of a head in what the heads read, if they do. */
static void show(const struct sbmt_mixing *mixing, const struct sbmt_pass *pass, const char *name,
                 int n, const real *x)
{
    for (int h = 0; x != NULL && h < mixing->heads; h++)
        sbmt_pass_show_head(pass, name, h, n, mixing->d, mixing->config->dim, x + h * mixing->d);
}

bool sbmt_mixing_forward(const struct sbmt_mixing *mixing, int n, const real *x, real *y,
                         struct sbmt_pass *pass, struct sbmt_mixing_saved **saved_out,
                         struct sbmt_error *err)
{
    struct sbmt_mixing_saved *saved;
    if (!saved_alloc(mixing, n, pass->saved, &saved))
        return sbmt_arena_check(pass->saved, "encoder layer", err);
    *saved_out = saved;
    real *const to[PROJECTIONS] = {saved->query, saved->key, saved->value};
    for (int i = 0; i < PROJECTIONS; i++)
        if (to[i] != NULL)
            sbmt_linear_params_forward(pass, projection(mixing, i), n, x, to[i]);
    real *attended = is_whole(mixing) ? y : saved->attended;
    for (int h = 0; h < mixing->heads; h++) {
        const struct sbmt_head head = head_of(mixing, saved, x, h);
        if (!mixing->ops->forward(mixing->config->attention.config, mixing->state, &head, pass,
                                  &saved->heads[h], attended + h * mixing->d, err))
            return false;
    }
    static const char *const names[PROJECTIONS] = {"query", "key", "value"};
    for (int i = 0; i < PROJECTIONS; i++)
        show(mixing, pass, names[i], n, to[i]);
    show(mixing, pass, "attended", n, attended);
    if (!is_whole(mixing))
        sbmt_linear_params_forward(pass, mixing->output, n, attended, y);
    return true;
}

/* Through the heads: adds to the gradients of what they read, given that of their outputs. */
static bool heads_backward(const struct sbmt_mixing *mixing, const struct sbmt_mixing_saved *saved,
                           const real *x, const real *dattended, real *const to[PROJECTIONS],
                           struct sbmt_pass *pass, struct sbmt_error *err)
{
    for (int h = 0; h < mixing->heads; h++) {
        const struct sbmt_head head = head_of(mixing, saved, x, h);
        const size_t at = (size_t)h * (size_t)mixing->d;
        const struct sbmt_head_grad grad = {
            .dq = to[QUERY] == NULL ? NULL : to[QUERY] + at,
            .dk = to[KEY] == NULL ? NULL : to[KEY] + at,
            .dv = to[VALUE] + at,
        };
        if (!mixing->ops->backward(mixing->config->attention.config, mixing->state, &head, pass,
                                   saved->heads[h], dattended + at, &grad, err))
            return false;
    }
    return true;
}

bool sbmt_mixing_backward(const struct sbmt_mixing *mixing, const struct sbmt_mixing_saved *saved,
                          const real *x, const real *dy, real *dx, struct sbmt_pass *pass,
                          struct sbmt_error *err)
{
    const int n = saved->n;
    const size_t wide = (size_t)n * (size_t)mixing->config->dim;
    real *dattended = sbmt_arena_reals(pass->scratch, wide);
    if (is_whole(mixing) && dattended != NULL) {
        memcpy(dattended, dy, wide * sizeof *dy);
        memset(dx, 0, wide * sizeof *dx);
        return heads_backward(mixing, saved, x, dattended,
                              (real *const[PROJECTIONS]){NULL, NULL, dx}, pass, err);
    }
    real *to[PROJECTIONS] = {NULL};
    for (int i = 0; i < PROJECTIONS; i++)
        if (reads(mixing, i))
            to[i] = sbmt_arena_zalloc(pass->scratch, wide, sizeof(real));
    if (pass->scratch->failed)
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    sbmt_linear_params_backward(pass, mixing->output, n, saved->attended, dy, 0, dattended);
    if (!heads_backward(mixing, saved, x, dattended, to, pass, err))
        return false;
    static const char *const names[PROJECTIONS] = {"gradient.query", "gradient.key",
                                                   "gradient.value"};
    for (int i = 0; i < PROJECTIONS; i++)
        show(mixing, pass, names[i], n, to[i]);
    real keep = 0; /* the first one overwrites dx, the others add */
    for (int i = 0; i < PROJECTIONS; i++)
        if (to[i] != NULL) {
            sbmt_linear_params_backward(pass, projection(mixing, i), n, x, to[i], keep, dx);
            keep = 1;
        }
    return true;
}
