/* One head of attention on the inputs of a golden file. */
#include "tests/golden/head.h"

enum { PADDING = 3 }; /* reals between rows */

real *golden_head_reals(struct golden_head *head, size_t count)
{
    real *values = sbmt_arena_zalloc(&head->arena, count, sizeof *values);
    ck_assert_ptr_nonnull(values);
    return values;
}

real *golden_head_rows(struct golden_head *head, const char *name)
{
    real *to = golden_head_reals(head, (size_t)head->n * (size_t)head->stride);
    if (name == NULL)
        return to;
    const struct sbmt_stored *stored = golden_tensor(&head->file, SBMT_DTYPE_F32, "%s.%s",
                                                     head->name, name);
    const float *values = stored->bytes;
    ck_assert_uint_eq(stored->count, (size_t)head->n * (size_t)head->d);
    for (int i = 0; i < head->n; i++)
        for (int j = 0; j < head->d; j++)
            to[i * head->stride + j] = SBMT_R(values[i * head->d + j]);
    return to;
}

void golden_head_compare(struct golden_head *head, const char *what, const char *name,
                         const real *found)
{
    real *packed = golden_head_reals(head, (size_t)head->n * (size_t)head->d);
    for (int i = 0; i < head->n; i++)
        for (int j = 0; j < head->d; j++)
            packed[i * head->d + j] = found[i * head->stride + j];
    golden_compare(what, packed,
                   golden_tensor(&head->file, SBMT_DTYPE_F32, "%s.%s", head->name, name));
}

static bool has(const struct golden_head *head, const char *name)
{
    char full[256];
    snprintf(full, sizeof full, "%s.%s", head->name, name);
    return sbmt_safetensors_find(&head->file, full) != NULL;
}

static void load_inputs(struct golden_head *head)
{
    head->q = has(head, "q") ? golden_head_rows(head, "q") : NULL;
    head->k = has(head, "k") ? golden_head_rows(head, "k") : NULL;
    head->v = golden_head_rows(head, "v");
    head->dout = golden_head_rows(head, "dout");
    head->out = golden_head_rows(head, NULL);
    head->dq = golden_head_rows(head, NULL);
    head->dk = golden_head_rows(head, NULL);
    head->dv = golden_head_rows(head, NULL);
}

void golden_head_open(struct golden_head *head, const char *kind, const char *file,
                      const char *name)
{
    golden_open(&head->file, file);
    head->name = name;
    head->ops = sbmt_attention_at(sbmt_variant_find(sbmt_attention_variant, kind));
    ck_assert_ptr_nonnull(head->ops);
    const struct sbmt_stored *v = golden_tensor(&head->file, SBMT_DTYPE_F32, "%s.v", name);
    head->n = (int)v->shape[0];
    head->d = (int)v->shape[1];
    head->stride = head->d + PADDING;
    load_inputs(head);
    const struct sbmt_variant *variant = &head->ops->variant;
    if (variant->fields != NULL) {
        head->config = sbmt_arena_zalloc(&head->arena, 1, variant->config_size);
        ck_assert_ptr_nonnull(head->config);
        sbmt_fields_defaults(variant->fields, head->config, &head->arena);
    }
}

void golden_head_seal(struct golden_head *head, int positions, const char *cpu)
{
    struct sbmt_error err = {0};
    head->state = sbmt_arena_zalloc(&head->arena, 1, head->ops->state_size + 1);
    ck_assert_ptr_nonnull(head->state);
    const struct sbmt_attention_shape shape = {1, head->d, positions};
    if (head->ops->init != NULL)
        ck_assert_msg(
            head->ops->init(head->config, &shape, GOLDEN_PREFIX, &head->params, head->state, &err),
            "%s", err.message);
    ck_assert_msg(sbmt_params_seal(&head->params, 1, &err), "%s", err.message);
    head->grad = golden_head_reals(head, head->params.size + 1);
    head->pass = (struct sbmt_pass){
        .kernels = sbmt_kernels_get(cpu, &err),
        .value = head->params.value,
        .grad = head->grad,
        .saved = &head->saved,
        .scratch = &head->scratch,
        .stats = &head->stats,
        .seed = 1,
        .step = 1,
        .batch_count = 1,
        .layers = 1,
        .heads = 1,
        .training = true,
    };
    ck_assert_msg(head->pass.kernels != NULL, "%s", err.message);
}

void golden_head_value(struct golden_head *head, const char *parameter, const char *stored)
{
    const struct sbmt_tensor *tensor = sbmt_params_find(&head->params, parameter);
    ck_assert_msg(tensor != NULL, "there is no such parameter: %s", parameter);
    golden_copy(golden_tensor(&head->file, SBMT_DTYPE_F32, "%s.%s", head->name, stored),
                tensor->size, head->params.value + tensor->offset);
}

static struct sbmt_head seen(const struct golden_head *head)
{
    return (struct sbmt_head){
        .n = head->n,
        .d = head->d,
        .stride = head->stride,
        .q = head->q,
        .k = head->k,
        .v = head->v,
    };
}

void *golden_head_forward(struct golden_head *head)
{
    struct sbmt_error err = {0};
    void *saved = NULL;
    const struct sbmt_head as_seen = seen(head);
    ck_assert_msg(head->ops->forward(head->config, head->state, &as_seen, &head->pass, &saved,
                                     head->out, &err),
                  "%s", err.message);
    return saved;
}

void golden_head_run(struct golden_head *head)
{
    struct sbmt_error err = {0};
    const void *saved = golden_head_forward(head);
    const struct sbmt_head as_seen = seen(head);
    const struct sbmt_head_grad grad = {head->dq, head->dk, head->dv};
    ck_assert_msg(head->ops->backward(head->config, head->state, &as_seen, &head->pass, saved,
                                      head->dout, &grad, &err),
                  "%s", err.message);
}

void golden_head_close(struct golden_head *head)
{
    sbmt_params_finish(&head->params);
    sbmt_safetensors_close(&head->file);
    sbmt_arena_finish(&head->arena);
    sbmt_arena_finish(&head->saved);
    sbmt_arena_finish(&head->scratch);
}
