/* One head of SBM attention against torch's. */
#include <stdint.h>

#include "core/attention/membership.h"
#include "tests/golden/head.h"
#include "tests/suite.h"

/* What torch called the layer's parameters, and what they are called here. */
static const char *const parameter_names[][2] = {
    {"clusters", GOLDEN_PREFIX "clusters"},
    {"w1", GOLDEN_PREFIX "membership.dense.weight"},
    {"b1", GOLDEN_PREFIX "membership.dense.bias"},
    {"w2", GOLDEN_PREFIX "membership.output.weight"},
    {"b2", GOLDEN_PREFIX "membership.output.bias"},
};
enum { PARAMETERS = sizeof parameter_names / sizeof parameter_names[0] };

static bool golden_mask(void *context, uint64_t sequence, int layer, int head, int row, int column)
{
    (void)sequence, (void)layer, (void)head;
    const struct sbmt_stored *mask = context;
    return ((const uint8_t *)mask->bytes)[row * mask->shape[1] + column] != 0;
}

/* An SBM head on the mask of the file. The regulariser is off. */
static void sbm_open(struct golden_head *head, const char *name)
{
    golden_head_open(head, "sbm", "sbm_attention", name);
    const struct sbmt_stored *clusters = golden_tensor(&head->file, SBMT_DTYPE_F32, "%s.clusters",
                                                       name);
    const struct sbmt_field *fields = head->ops->variant.fields;
    golden_set_int(fields, head->config, "clusters", (int)clusters->shape[0]);
    golden_set_number(fields, head->config, "exploration", 0.01);
    golden_set_number(fields, head->config, "density_weight", 0);
}

static void sbm_seal(struct golden_head *head, const char *cpu)
{
    golden_head_seal(head, head->n, cpu);
    ck_assert_int_eq(head->params.count, PARAMETERS);
    for (int i = 0; i < PARAMETERS; i++)
        golden_head_value(head, parameter_names[i][1], parameter_names[i][0]);
    const struct sbmt_stored *mask = golden_tensor(&head->file, SBMT_DTYPE_U8, "%s.mask",
                                                   head->name);
    head->override = (struct sbmt_mask_override){golden_mask, (void *)(uintptr_t)mask};
    head->pass.override = &head->override;
}

/* All gradients against the tensors <case>.<form>.d…. */
static void compare_sbm_gradients(struct golden_head *head, const char *cpu, const char *form)
{
    const struct {
        const char *name;
        const real *found;
    } inputs[] = {{"dq", head->dq}, {"dk", head->dk}, {"dv", head->dv}};
    char name[64];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s.%s", form, inputs[i].name);
        golden_head_compare(head, cpu, name, inputs[i].found);
    }
    for (int i = 0; i < PARAMETERS; i++) {
        const struct sbmt_tensor *t = sbmt_params_find(&head->params, parameter_names[i][1]);
        golden_compare(cpu, head->grad + t->offset,
                       golden_tensor(&head->file, SBMT_DTYPE_F32, "%s.%s.d%s", head->name, form,
                                     parameter_names[i][0]));
    }
}

static void check_ste(const char *name, const char *form, const char *cpu)
{
    struct golden_head head = {0};
    sbm_open(&head, name);
    golden_set_choice(head.ops->variant.fields, head.config, "ste", form);
    sbm_seal(&head, cpu);
    golden_head_run(&head);
    golden_head_compare(&head, cpu, "out", head.out);
    compare_sbm_gradients(&head, cpu, form);
    golden_head_close(&head);
}

/* With dout = 0 only the regulariser is left. */
static void check_density(const char *name, const char *kind, const char *cpu)
{
    struct golden_head head = {0};
    sbm_open(&head, name);
    golden_set_number(head.ops->variant.fields, head.config, "density_weight", 0.5);
    golden_set_choice(head.ops->variant.fields, head.config, "density_gradient", kind);
    sbm_seal(&head, cpu);
    head.dout = golden_head_rows(&head, NULL);
    golden_head_run(&head);
    compare_sbm_gradients(&head, cpu, kind);
    golden_head_close(&head);
}

/* The (n, k) entries of a matrix whose rows are `width` apart. */
static real *without_padding(struct golden_head *head, const real *x, int n, int k, int width)
{
    real *packed = golden_head_reals(head, (size_t)n * (size_t)k);
    for (int i = 0; i < n; i++)
        for (int v = 0; v < k; v++)
            packed[i * k + v] = x[i * width + v];
    return packed;
}

/* Y, Z, B, and P = min(Y·B·Zᵀ + exploration, 1). */
static void check_probabilities(const char *name)
{
    struct golden_head head = {0};
    struct sbmt_memberships m;
    sbm_open(&head, name);
    sbm_seal(&head, sbmt_cpu_best());
    const struct sbmt_membership_params params = {
        .hidden_weight = sbmt_params_find(&head.params, GOLDEN_PREFIX "membership.dense.weight"),
        .hidden_bias = sbmt_params_find(&head.params, GOLDEN_PREFIX "membership.dense.bias"),
        .output_weight = sbmt_params_find(&head.params, GOLDEN_PREFIX "membership.output.weight"),
        .output_bias = sbmt_params_find(&head.params, GOLDEN_PREFIX "membership.output.bias"),
        .clusters = sbmt_params_find(&head.params, GOLDEN_PREFIX "clusters"),
    };
    const struct sbmt_head seen = {
        .n = head.n, .d = head.d, .stride = head.stride, .q = head.q, .k = head.k, .v = head.v};
    const int n = head.n, k = (int)params.clusters->shape[1];
    const struct sbmt_probe probe = {0}; /* Y is kept for whoever looks */
    head.pass.probe = &probe;
    ck_assert(sbmt_memberships_forward(&params, &seen, k, &head.pass, &head.saved, &m));
    real *p = golden_head_reals(&head, (size_t)n * (size_t)n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            real sum = SBMT_R(0.01);
            for (int c = 0; c < k; c++)
                sum += m.mixed[i * m.width + c] * m.key[j * m.width + c];
            p[i * n + j] = sum < 1 ? sum : 1;
        }
    const real *y = without_padding(&head, m.query, n, k, m.width);
    const real *z = without_padding(&head, m.key, n, k, m.width);
    golden_compare("sbm", y, golden_tensor(&head.file, SBMT_DTYPE_F32, "%s.y", name));
    golden_compare("sbm", z, golden_tensor(&head.file, SBMT_DTYPE_F32, "%s.z", name));
    golden_compare("sbm", m.block, golden_tensor(&head.file, SBMT_DTYPE_F32, "%s.b", name));
    golden_compare("sbm", p, golden_tensor(&head.file, SBMT_DTYPE_F32, "%s.p", name));
    golden_head_close(&head);
}

/* A is never kept, but values that are columns of the identity make the output columns of A. */
static void check_weights(const char *name)
{
    struct golden_head head = {0};
    sbm_open(&head, name);
    sbm_seal(&head, sbmt_cpu_best());
    const int n = head.n, d = head.d;
    real *weights = golden_head_reals(&head, (size_t)n * (size_t)n);
    for (int first = 0; first < n; first += d) {
        const int columns = n - first < d ? n - first : d;
        head.v = golden_head_rows(&head, NULL);
        for (int c = 0; c < columns; c++)
            head.v[(first + c) * head.stride + c] = 1;
        golden_head_forward(&head);
        for (int i = 0; i < n; i++)
            for (int c = 0; c < columns; c++)
                weights[i * n + first + c] = head.out[i * head.stride + c];
    }
    golden_compare("sbm", weights, golden_tensor(&head.file, SBMT_DTYPE_F32, "%s.a", name));
    golden_head_close(&head);
}

/* In evaluation, with the expected edges of a law. */
static void check_expected(const char *name, const char *law, const char *cpu)
{
    struct golden_head head = {0};
    char tensor[64];
    sbm_open(&head, name);
    golden_set_choice(head.ops->variant.fields, head.config, "graph", law);
    golden_set_choice(head.ops->variant.fields, head.config, "mask", "expected");
    sbm_seal(&head, cpu);
    head.pass.training = false;
    golden_head_forward(&head);
    snprintf(tensor, sizeof tensor, "mean.%s", law);
    golden_head_compare(&head, cpu, tensor, head.out);
    golden_head_close(&head);
}

/* Every comparison runs with the best kernels of this machine and with the plain C ones. */
static const char *cpu_of(int i)
{
    return i == 0 ? "c" : sbmt_cpu_best();
}

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

SBMT_SUITE_MAIN("golden_sbm", sbm_probabilities_agree_with_torch, sbm_weights_agree_with_torch,
                sbm_gradients_of_each_form_agree_with_torch, sbm_regulariser_agrees_with_torch,
                sbm_with_expected_edges_agrees_with_torch)
