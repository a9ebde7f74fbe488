/* One head of softmax and of SBM attention against torch's. */
#include <stdint.h>

#include "core/attention/attention.h"
#include "core/attention/membership.h"
#include "core/kernels/kernels.h"
#include "tests/golden/golden.h"
#include "tests/suite.h"

/* The prefix under which the layer's parameters are registered here. */
#define PREFIX "self."

/* Rows of q, k, v are further apart than d, as in a layer with several heads. */
enum { PADDING = 3 };

/* What torch called the layer's parameters, and what they are called here. */
static const char *const parameter_names[][2] = {
    {"clusters", PREFIX "clusters"},         {"w1", PREFIX "membership.dense.weight"},
    {"b1", PREFIX "membership.dense.bias"},  {"w2", PREFIX "membership.output.weight"},
    {"b2", PREFIX "membership.output.bias"},
};
enum { PARAMETERS = sizeof parameter_names / sizeof parameter_names[0] };

/* A head of a golden file: the case "n24" and so on. */
struct rig {
    struct sbmt_safetensors file;
    const char *name; /* of the case */
    const struct sbmt_attention_ops *ops;
    struct sbmt_arena arena, saved, scratch;
    void *config, *state;
    struct sbmt_params params;
    int n, d, stride;
    real *q, *k, *v, *dout, *out; /* (n, d), stride */
    real *dq, *dk, *dv;           /* (n, d), stride */
    real *grad;                   /* of the parameters */
    struct sbmt_stats stats;
    struct sbmt_mask_override override;
    struct sbmt_pass pass;
};

static real *reals(struct rig *rig, size_t count)
{
    real *values = sbmt_arena_zalloc(&rig->arena, count, sizeof *values);
    ck_assert_ptr_nonnull(values);
    return values;
}

/* A zeroed (n, d) with the head's stride, filled from the file where `name` is not NULL. */
static real *rows(struct rig *rig, const char *name)
{
    real *to = reals(rig, (size_t)rig->n * (size_t)rig->stride);
    if (name == NULL)
        return to;
    const struct sbmt_stored *stored = golden_tensor(&rig->file, SBMT_DTYPE_F32, "%s.%s", rig->name,
                                                     name);
    const float *values = stored->bytes;
    ck_assert_uint_eq(stored->count, (size_t)rig->n * (size_t)rig->d);
    for (int i = 0; i < rig->n; i++)
        for (int j = 0; j < rig->d; j++)
            to[i * rig->stride + j] = SBMT_R(values[i * rig->d + j]);
    return to;
}

/* Compares (n, d) with the head's stride with a tensor of the file. */
static void compare_rows(struct rig *rig, const char *what, const char *name, const real *found)
{
    real *packed = reals(rig, (size_t)rig->n * (size_t)rig->d);
    for (int i = 0; i < rig->n; i++)
        for (int j = 0; j < rig->d; j++)
            packed[i * rig->d + j] = found[i * rig->stride + j];
    golden_compare(what, packed,
                   golden_tensor(&rig->file, SBMT_DTYPE_F32, "%s.%s", rig->name, name));
}

static bool golden_mask(void *context, uint64_t sequence, int layer, int head, int row, int column)
{
    (void)sequence, (void)layer, (void)head;
    const struct sbmt_stored *mask = context;
    return ((const uint8_t *)mask->bytes)[row * mask->shape[1] + column] != 0;
}

static void load_inputs(struct rig *rig)
{
    rig->q = rows(rig, "q");
    rig->k = rows(rig, "k");
    rig->v = rows(rig, "v");
    rig->dout = rows(rig, "dout");
    rig->out = rows(rig, NULL);
    rig->dq = rows(rig, NULL);
    rig->dk = rows(rig, NULL);
    rig->dv = rows(rig, NULL);
}

/* Opens a file, sizes the head by q (n, d) and makes the kind's default options. */
static void rig_open(struct rig *rig, const char *kind, const char *file, const char *name)
{
    golden_open(&rig->file, file);
    rig->name = name;
    rig->ops = sbmt_attention_at(sbmt_variant_find(sbmt_attention_variant, kind));
    ck_assert_ptr_nonnull(rig->ops);
    const struct sbmt_stored *q = golden_tensor(&rig->file, SBMT_DTYPE_F32, "%s.q", name);
    rig->n = (int)q->shape[0];
    rig->d = (int)q->shape[1];
    rig->stride = rig->d + PADDING;
    load_inputs(rig);
    const struct sbmt_variant *variant = &rig->ops->variant;
    if (variant->fields != NULL) {
        rig->config = sbmt_arena_zalloc(&rig->arena, 1, variant->config_size);
        ck_assert_ptr_nonnull(rig->config);
        sbmt_fields_defaults(variant->fields, rig->config, &rig->arena);
    }
}

/* Registers the parameters, takes their values from the file and makes the pass. */
static void rig_seal(struct rig *rig, const char *cpu)
{
    struct sbmt_error err = {0};
    rig->state = sbmt_arena_zalloc(&rig->arena, 1, rig->ops->state_size + 1);
    ck_assert_ptr_nonnull(rig->state);
    if (rig->ops->init != NULL)
        ck_assert_msg(rig->ops->init(rig->config, &(struct sbmt_attention_shape){1, rig->d, rig->n},
                                     PREFIX, &rig->params, rig->state, &err),
                      "%s", err.message);
    ck_assert_msg(sbmt_params_seal(&rig->params, 1, &err), "%s", err.message);
    ck_assert(rig->params.count == 0 || rig->params.count == PARAMETERS);
    for (int i = 0; i < PARAMETERS && rig->params.count > 0; i++) {
        const struct sbmt_tensor *t = sbmt_params_find(&rig->params, parameter_names[i][1]);
        ck_assert_ptr_nonnull(t);
        golden_copy(
            golden_tensor(&rig->file, SBMT_DTYPE_F32, "%s.%s", rig->name, parameter_names[i][0]),
            t->size, rig->params.value + t->offset);
    }
    rig->grad = reals(rig, rig->params.size + 1);
    rig->pass = (struct sbmt_pass){
        .kernels = sbmt_kernels_get(cpu, &err),
        .value = rig->params.value,
        .grad = rig->grad,
        .saved = &rig->saved,
        .scratch = &rig->scratch,
        .stats = &rig->stats,
        .seed = 1,
        .step = 1,
        .batch_count = 1,
        .layers = 1,
        .heads = 1,
        .training = true,
    };
    ck_assert_msg(rig->pass.kernels != NULL, "%s", err.message);
}

static struct sbmt_head head_of(const struct rig *rig)
{
    return (struct sbmt_head){
        .n = rig->n,
        .d = rig->d,
        .stride = rig->stride,
        .q = rig->q,
        .k = rig->k,
        .v = rig->v,
    };
}

static void *run_forward(struct rig *rig)
{
    struct sbmt_error err = {0};
    void *saved = NULL;
    const struct sbmt_head head = head_of(rig);
    ck_assert_msg(
        rig->ops->forward(rig->config, rig->state, &head, &rig->pass, &saved, rig->out, &err), "%s",
        err.message);
    return saved;
}

static void run_both(struct rig *rig)
{
    struct sbmt_error err = {0};
    const void *saved = run_forward(rig);
    const struct sbmt_head head = head_of(rig);
    const struct sbmt_head_grad grad = {rig->dq, rig->dk, rig->dv};
    ck_assert_msg(rig->ops->backward(rig->config, rig->state, &head, &rig->pass, saved, rig->dout,
                                     &grad, &err),
                  "%s", err.message);
}

static void rig_close(struct rig *rig)
{
    sbmt_params_finish(&rig->params);
    sbmt_safetensors_close(&rig->file);
    sbmt_arena_finish(&rig->arena);
    sbmt_arena_finish(&rig->saved);
    sbmt_arena_finish(&rig->scratch);
}

static void check_softmax(const char *name, const char *cpu)
{
    struct rig rig = {0};
    rig_open(&rig, "softmax", "softmax_attention", name);
    rig_seal(&rig, cpu);
    run_both(&rig);
    compare_rows(&rig, cpu, "out", rig.out);
    compare_rows(&rig, cpu, "dq", rig.dq);
    compare_rows(&rig, cpu, "dk", rig.dk);
    compare_rows(&rig, cpu, "dv", rig.dv);
    rig_close(&rig);
}

/* An SBM head on the mask of the file. The regulariser is off. */
static void sbm_open(struct rig *rig, const char *name)
{
    rig_open(rig, "sbm", "sbm_attention", name);
    const struct sbmt_stored *clusters = golden_tensor(&rig->file, SBMT_DTYPE_F32, "%s.clusters",
                                                       name);
    const struct sbmt_field *fields = rig->ops->variant.fields;
    golden_set_int(fields, rig->config, "clusters", (int)clusters->shape[0]);
    golden_set_number(fields, rig->config, "exploration", 0.01);
    golden_set_number(fields, rig->config, "density_weight", 0);
}

static void sbm_seal(struct rig *rig, const char *cpu)
{
    const struct sbmt_stored *mask = golden_tensor(&rig->file, SBMT_DTYPE_U8, "%s.mask", rig->name);
    rig_seal(rig, cpu);
    rig->override = (struct sbmt_mask_override){golden_mask, (void *)(uintptr_t)mask};
    rig->pass.override = &rig->override;
}

/* All gradients against the tensors <case>.<form>.d…. */
static void compare_sbm_gradients(struct rig *rig, const char *cpu, const char *form)
{
    const struct {
        const char *name;
        const real *found;
    } inputs[] = {{"dq", rig->dq}, {"dk", rig->dk}, {"dv", rig->dv}};
    char name[64];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s.%s", form, inputs[i].name);
        compare_rows(rig, cpu, name, inputs[i].found);
    }
    for (int i = 0; i < PARAMETERS; i++) {
        const struct sbmt_tensor *t = sbmt_params_find(&rig->params, parameter_names[i][1]);
        golden_compare(cpu, rig->grad + t->offset,
                       golden_tensor(&rig->file, SBMT_DTYPE_F32, "%s.%s.d%s", rig->name, form,
                                     parameter_names[i][0]));
    }
}

static void check_ste(const char *name, const char *form, const char *cpu)
{
    struct rig rig = {0};
    sbm_open(&rig, name);
    golden_set_choice(rig.ops->variant.fields, rig.config, "ste", form);
    sbm_seal(&rig, cpu);
    run_both(&rig);
    compare_rows(&rig, cpu, "out", rig.out);
    compare_sbm_gradients(&rig, cpu, form);
    rig_close(&rig);
}

/* With dout = 0 only the regulariser is left. */
static void check_density(const char *name, const char *kind, const char *cpu)
{
    struct rig rig = {0};
    sbm_open(&rig, name);
    golden_set_number(rig.ops->variant.fields, rig.config, "density_weight", 0.5);
    golden_set_choice(rig.ops->variant.fields, rig.config, "density_gradient", kind);
    sbm_seal(&rig, cpu);
    rig.dout = rows(&rig, NULL);
    run_both(&rig);
    compare_sbm_gradients(&rig, cpu, kind);
    rig_close(&rig);
}

/* The (n, k) entries of a matrix whose rows are `width` apart. */
static real *without_padding(struct rig *rig, const real *x, int n, int k, int width)
{
    real *packed = reals(rig, (size_t)n * (size_t)k);
    for (int i = 0; i < n; i++)
        for (int v = 0; v < k; v++)
            packed[i * k + v] = x[i * width + v];
    return packed;
}

/* Y, Z, B, and P = min(Y·B·Zᵀ + exploration, 1). */
static void check_probabilities(const char *name)
{
    struct rig rig = {0};
    struct sbmt_memberships m;
    sbm_open(&rig, name);
    sbm_seal(&rig, sbmt_cpu_best());
    const struct sbmt_membership_params params = {
        .hidden_weight = sbmt_params_find(&rig.params, PREFIX "membership.dense.weight"),
        .hidden_bias = sbmt_params_find(&rig.params, PREFIX "membership.dense.bias"),
        .output_weight = sbmt_params_find(&rig.params, PREFIX "membership.output.weight"),
        .output_bias = sbmt_params_find(&rig.params, PREFIX "membership.output.bias"),
        .clusters = sbmt_params_find(&rig.params, PREFIX "clusters"),
    };
    const struct sbmt_head head = head_of(&rig);
    const int n = rig.n, k = (int)params.clusters->shape[1];
    ck_assert(sbmt_memberships_forward(&params, &head, k, &rig.pass, &rig.saved, &m));
    real *p = reals(&rig, (size_t)n * (size_t)n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            real sum = SBMT_R(0.01);
            for (int c = 0; c < k; c++)
                sum += m.mixed[i * m.width + c] * m.key.member[j * m.width + c];
            p[i * n + j] = sum < 1 ? sum : 1;
        }
    const real *y = without_padding(&rig, m.query.member, n, k, m.width);
    const real *z = without_padding(&rig, m.key.member, n, k, m.width);
    golden_compare("sbm", y, golden_tensor(&rig.file, SBMT_DTYPE_F32, "%s.y", name));
    golden_compare("sbm", z, golden_tensor(&rig.file, SBMT_DTYPE_F32, "%s.z", name));
    golden_compare("sbm", m.block, golden_tensor(&rig.file, SBMT_DTYPE_F32, "%s.b", name));
    golden_compare("sbm", p, golden_tensor(&rig.file, SBMT_DTYPE_F32, "%s.p", name));
    rig_close(&rig);
}

/* A is never kept, but values that are columns of the identity make the output columns of A. */
static void check_weights(const char *name)
{
    struct rig rig = {0};
    sbm_open(&rig, name);
    sbm_seal(&rig, sbmt_cpu_best());
    const int n = rig.n, d = rig.d;
    real *weights = reals(&rig, (size_t)n * (size_t)n);
    for (int first = 0; first < n; first += d) {
        const int columns = n - first < d ? n - first : d;
        rig.v = rows(&rig, NULL);
        for (int c = 0; c < columns; c++)
            rig.v[(first + c) * rig.stride + c] = 1;
        run_forward(&rig);
        for (int i = 0; i < n; i++)
            for (int c = 0; c < columns; c++)
                weights[i * n + first + c] = rig.out[i * rig.stride + c];
    }
    golden_compare("sbm", weights, golden_tensor(&rig.file, SBMT_DTYPE_F32, "%s.a", name));
    rig_close(&rig);
}

/* In evaluation, with the expected edges of a law. */
static void check_expected(const char *name, const char *law, const char *cpu)
{
    struct rig rig = {0};
    char tensor[64];
    sbm_open(&rig, name);
    golden_set_choice(rig.ops->variant.fields, rig.config, "graph", law);
    golden_set_choice(rig.ops->variant.fields, rig.config, "mask", "expected");
    rig_seal(&rig, cpu);
    rig.pass.training = false;
    run_forward(&rig);
    snprintf(tensor, sizeof tensor, "mean.%s", law);
    compare_rows(&rig, cpu, tensor, rig.out);
    rig_close(&rig);
}

/* Every comparison runs with the best kernels of this machine and with the plain C ones. */
static const char *cpu_of(int i)
{
    return i == 0 ? "c" : sbmt_cpu_best();
}

START_TEST(softmax_agrees_with_torch)
{
    for (int i = 0; i < 2; i++) {
        check_softmax("n40", cpu_of(i));
        check_softmax("n33", cpu_of(i));
    }
}
END_TEST

START_TEST(sbm_probabilities_agree_with_torch)
{
    check_probabilities("n24");
    check_probabilities("n17");
}
END_TEST

START_TEST(sbm_weights_agree_with_torch)
{
    check_weights("n24");
    check_weights("n17");
}
END_TEST

START_TEST(sbm_gradients_of_each_form_agree_with_torch)
{
    static const char *const forms[] = {"score", "plain", "clipped"};
    for (int i = 0; i < 2; i++)
        for (int form = 0; form < 3; form++) {
            check_ste("n24", forms[form], cpu_of(i));
            check_ste("n17", forms[form], cpu_of(i));
        }
}
END_TEST

START_TEST(sbm_regulariser_agrees_with_torch)
{
    static const char *const kinds[] = {"sampled", "expected"};
    for (int i = 0; i < 2; i++)
        for (int kind = 0; kind < 2; kind++) {
            check_density("n24", kinds[kind], cpu_of(i));
            check_density("n17", kinds[kind], cpu_of(i));
        }
}
END_TEST

START_TEST(sbm_with_expected_edges_agrees_with_torch)
{
    static const char *const laws[] = {"bernoulli", "poisson", "poisson-simple"};
    for (int i = 0; i < 2; i++)
        for (int law = 0; law < 3; law++) {
            check_expected("n24", laws[law], cpu_of(i));
            check_expected("n17", laws[law], cpu_of(i));
        }
}
END_TEST

SBMT_SUITE_MAIN("golden_attention", softmax_agrees_with_torch, sbm_probabilities_agree_with_torch,
                sbm_weights_agree_with_torch, sbm_gradients_of_each_form_agree_with_torch,
                sbm_regulariser_agrees_with_torch, sbm_with_expected_edges_agrees_with_torch)
