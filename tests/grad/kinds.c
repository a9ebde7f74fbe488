/* What the gradient tests have to know about single kinds of attention. */
#include "tests/grad/kinds.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/base/rng.h"

enum { MOST = 6 };

/* Options by name, and parts of names of parameters that have no effect. A kind that is not here
 * has its defaults, and every parameter has an effect. */
static const struct {
    const char *kind;
    struct {
        const char *key;
        double value;
    } options[MOST];
    const char *ignores[MOST];
} settings[] = {
    /* What is added to all scores of a row changes no weight: a key's bias. */
    {"softmax", {{0}}, {".self.key.bias"}},
    {"sparsemax", {{0}}, {".self.key.bias"}},
    {"entmax15", {{0}}, {".self.key.bias"}},
    {"alpha-entmax", {{0}}, {".self.key.bias"}},
    {"sinkhorn", {{"block", 3}, {"iterations", 2}}, {0}},
    /* An exploration of 1 puts every probability at its bound, where it passes no gradient on: only
     * then is a loss with a given graph differentiable. test_sbm.c has the other gradients. */
    {"sbm",
     {{"clusters", 5}, {"exploration", 1}},
     {".self.key.bias", ".self.membership.", ".self.clusters"}},
    /* As published its outputs are √(n·d) times as long as its inputs, and a difference of 1e-5 in
     * those is no small one in these. */
    {"fnet", {{"norm", 1}}, {NULL}},
    {"reformer", {{"chunk", 5}}, {0}},
    /* Centroids learn by a loss of their own alone, which the golden vectors hold. Keys are
     * normalised by themselves, so that even their bias has an effect. */
    {"routing", {{"clusters", 3}, {"window", 5}, {"centroid_weight", 0}}, {".self.centroids"}},
    {"local", {{"window", 2}}, {".self.key.bias"}},
    {"longformer", {{"window", 4}}, {".self.key.bias"}},
    {"bigbird", {{"block", 2}, {"window", 1}, {"global", 1}, {"random", 1}}, {".self.key.bias"}},
    {"sparse-transformer", {{"pattern", 1}, {"stride", 3}, {"summaries", 1}}, {".self.key.bias"}},
    {"conv", {{"width", 11}}, {0}},
    /* Few iterations: with more, differences have rounding errors of small singular values. */
    {"nystrom", {{"landmarks", 5}, {"iterations", 3}, {"conv", 3}}, {".self.key.bias"}},
    /* Its rows are not normalised: a large gamma keeps the loss, and its rounding errors, small. */
    {"skyformer", {{"landmarks", 12}, {"iterations", 3}, {"gamma", 10}}, {0}},
    /* Without a normaliser the loss grows with the length, and the error of differences with it. */
    {"linear", {{"length", 1 << 17}}, {NULL}},
    {"performer", {{"features", 6}, {"kernel", 1}}, {NULL}},
    {"linformer", {{"projected", 4}}, {NULL}},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

/* Kinds for which differences with the numbers of stream 1 show too little somewhere (derivatives
 * near 0, sums over all positions, kinks of a ReLU), and a stream with which they do not. */
static const struct {
    const char *kind;
    uint64_t stream;
} streams[] = {
    {"linformer", 16},
    {"cosformer", 3},
    {"synthesizer-random", 3},
};

/* Parts of names of parameters that a kind never learns: they have no gradient. */
static const struct {
    const char *kind, *part;
} frozen[] = {
    {"performer", ".self.random_features"},
};

static int find(int kind)
{
    const char *name = sbmt_attention_at(kind)->variant.name;
    int i = 0;
    while (i < SETTINGS && strcmp(settings[i].kind, name) != 0)
        i++;
    return i;
}

static void set(const struct sbmt_field *fields, void *config, const char *key, double value)
{
    const struct sbmt_field *field = sbmt_field_find(fields, key);
    ck_assert_msg(field != NULL, "there is no such option: %s", key);
    void *member = (char *)config + field->offset;
    if (field->type == SBMT_FIELD_NUMBER)
        *(double *)member = value;
    else if (field->type == SBMT_FIELD_BOOL)
        *(bool *)member = value != 0;
    else
        *(int *)member = (int)value;
}

void *kind_config(int kind, struct sbmt_arena *arena)
{
    const struct sbmt_variant *variant = sbmt_attention_variant(kind);
    const int row = find(kind);
    if (variant->fields == NULL)
        return NULL;
    void *config = sbmt_arena_zalloc(arena, 1, variant->config_size);
    ck_assert_ptr_nonnull(config);
    sbmt_fields_defaults(variant->fields, config, arena);
    for (int i = 0; row < SETTINGS && i < MOST && settings[row].options[i].key != NULL; i++)
        set(variant->fields, config, settings[row].options[i].key, settings[row].options[i].value);
    return config;
}

void kind_fill(int kind, struct sbmt_params *params, double deviation)
{
    uint64_t stream = 1;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++)
        if (strcmp(streams[i].kind, sbmt_attention_at(kind)->variant.name) == 0)
            stream = streams[i].stream;
    gradient_fill(params->value, params->size, deviation, stream);
}

static bool is_frozen(int kind, const char *parameter)
{
    for (size_t i = 0; i < sizeof frozen / sizeof frozen[0]; i++)
        if (strcmp(frozen[i].kind, sbmt_attention_at(kind)->variant.name) == 0 &&
            strstr(parameter, frozen[i].part) != NULL)
            return true;
    return false;
}

static bool is_ignored(int kind, const char *parameter)
{
    const int row = find(kind);
    for (int i = 0; row < SETTINGS && i < MOST && settings[row].ignores[i] != NULL; i++)
        if (strstr(parameter, settings[row].ignores[i]) != NULL)
            return true;
    return false;
}

static void expect_frozen(const char *what, const struct sbmt_tensor *tensor, const real *gradient)
{
    ck_assert_msg(tensor->fixed, "%s is not fixed", what);
    for (size_t i = 0; i < tensor->size; i++)
        ck_assert_msg(!(gradient[i] < 0 || gradient[i] > 0), "%s has a gradient", what);
}

void kind_expect(int kind, const struct gradient_problem *problem, const struct sbmt_tensor *tensor,
                 real *value, const real *gradient, const char *where)
{
    char what[160];
    snprintf(what, sizeof what, "%s%s: %s", sbmt_attention_at(kind)->variant.name, where,
             tensor->name);
    if (is_frozen(kind, tensor->name))
        expect_frozen(what, tensor, gradient);
    else
        (is_ignored(kind, tensor->name) ? gradient_expect_none : gradient_expect)(
            what, problem, tensor->size, value, gradient);
}

static bool mask(void *context, uint64_t sequence, int layer, int head, int row, int column)
{
    (void)context;
    const uint32_t where[4] = {(uint32_t)row, (uint32_t)column, (uint32_t)(2 * layer + head),
                               (uint32_t)sequence};
    uint32_t bits[4];
    sbmt_philox(where, (struct sbmt_rng_key){{1, 2}}, bits);
    return row != 3 && sbmt_rng_unit(bits[0]) < 0.45F;
}

const struct sbmt_mask_override kind_mask = {.mask = mask};
