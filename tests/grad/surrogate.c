/* One SBM head by plain loops. */
#include "tests/grad/surrogate.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static double *doubles(int count)
{
    double *x = calloc((size_t)count, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

/* out = W·x + b. */
static void affine(int d, const real *weight, const real *bias, const double *x, double *out)
{
    for (int a = 0; a < d; a++) {
        out[a] = bias[a];
        for (int b = 0; b < d; b++)
            out[a] += weight[a * d + b] * x[b];
    }
}

/* σ(MLP(x)·Cᵀ) of one token. */
static void membership(const struct surrogate *s, const real *x, double *member)
{
    const int d = s->d;
    double *input = doubles(3 * d), *hidden = input + d, *projected = hidden + d;
    for (int a = 0; a < d; a++)
        input[a] = x[a];
    affine(d, s->weight1, s->bias1, input, hidden);
    for (int a = 0; a < d; a++)
        hidden[a] = fmax(hidden[a], 0);
    affine(d, s->weight2, s->bias2, hidden, projected);
    for (int v = 0; v < s->clusters; v++) {
        double along = 0;
        for (int a = 0; a < d; a++)
            along += projected[a] * s->cluster[v * d + a];
        member[v] = 1 / (1 + exp(-along));
    }
    free(input);
}

/* B: softmax over all pairs of clusters. */
static double *block_matrix(const struct surrogate *s)
{
    const int k = s->clusters;
    double *block = doubles(k * k), total = 0;
    for (int u = 0; u < k; u++)
        for (int v = 0; v < k; v++) {
            for (int a = 0; a < s->d; a++)
                block[u * k + v] += s->cluster[u * s->d + a] * s->cluster[v * s->d + a];
            total += block[u * k + v] = exp(block[u * k + v]);
        }
    for (int i = 0; i < k * k; i++)
        block[i] /= total;
    return block;
}

/* Y·B·Zᵀ, without exploration; zeros where it does not matter. The caller frees it. */
static double *edge_probabilities(const struct surrogate *s)
{
    const int n = s->n, k = s->clusters;
    if (s->fixed)
        return doubles(n * n);
    double *y = doubles(n * k), *z = doubles(n * k), *mixed = doubles(n * k);
    double *block = block_matrix(s), *probability = doubles(n * n);
    for (int i = 0; i < n; i++) {
        membership(s, s->q + i * s->stride, y + i * k);
        membership(s, s->k + i * s->stride, z + i * k);
    }
    for (int i = 0; i < n; i++)
        for (int v = 0; v < k; v++)
            for (int u = 0; u < k; u++)
                mixed[i * k + v] += y[i * k + u] * block[u * k + v];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            for (int v = 0; v < k; v++)
                probability[i * n + j] += mixed[i * k + v] * z[j * k + v];
    free(y);
    free(z);
    free(mixed);
    free(block);
    return probability;
}

static double score(const struct surrogate *s, int i, int j)
{
    double product = 0;
    for (int a = 0; a < s->d; a++)
        product += s->q[i * s->stride + a] * s->k[j * s->stride + a];
    return product / sqrt(s->d);
}

/* The dropout factor of a half-word of a row of random numbers. */
static double kept(const struct surrogate *s, int row, int half_word)
{
    const uint32_t bits = sbmt_rng_bits(s->dropout_key, (uint32_t)row, (uint32_t)half_word / 2);
    const uint32_t half = half_word % 2 == 0 ? bits & 0xFFFFU : bits >> 16;
    return half < s->dropout_threshold ? 0 : 65536.0 / (65536 - s->dropout_threshold);
}

/* Row i of A, and its dropout factors; `gain` (n) is P − P⁰. */
static void attend_row(const struct surrogate *s, int i, const double *gain, double *weight,
                       double *factor)
{
    double total = 0;
    int e = 0; /* edges of earlier rows */
    for (int at = 0; at < i * s->n; at++)
        e += s->mask[at] != 0;
    for (int j = 0; j < s->n; j++) {
        weight[j] = factor[j] = 0;
        if (!s->mask[i * s->n + j])
            continue;
        double x = score(s, i, j);
        if (s->form == SURROGATE_SCORE)
            x *= 1 + gain[j];
        else if (s->form == SURROGATE_PLAIN)
            x += gain[j];
        weight[j] = exp(x) * (s->multiplicity != NULL ? s->multiplicity[i * s->n + j] : 1);
        total += weight[j];
        /* Graphs by edges are one block here, so the numbers of all edges are those of row 0. */
        factor[j] = s->by_pairs ? kept(s, i, j) : kept(s, 0, e++);
    }
    for (int j = 0; j < s->n && total > 0; j++)
        weight[j] /= total;
}

/* w_i·v_j: what the loss gains from a unit of weight. */
static double value_of(const struct surrogate *s, int i, int j)
{
    double along = 0;
    for (int a = 0; a < s->d; a++)
        along += s->w[i * s->stride + a] * s->v[j * s->stride + a];
    return along;
}

static double bounded(const struct surrogate *s, double p)
{
    return p < 1 || s->unbounded ? p : 1;
}

void surrogate_expand(struct surrogate *s)
{
    const int n = s->n;
    double *raw = edge_probabilities(s), *none = doubles(3 * n);
    double *weight = none + n, *factor = weight + n;
    for (int i = 0; i < n; i++) {
        double mean = 0;
        attend_row(s, i, none, weight, factor);
        for (int j = 0; j < n; j++)
            mean += weight[j] * factor[j] * value_of(s, i, j);
        for (int j = 0; j < n; j++) {
            s->probability[i * n + j] = bounded(s, raw[i * n + j] + s->exploration);
            s->dscore[i * n + j] = weight[j] * (factor[j] * value_of(s, i, j) - mean);
        }
    }
    free(raw);
    free(none);
}

double surrogate_loss(const struct surrogate *s)
{
    const int n = s->n;
    double *raw = edge_probabilities(s), *gain = doubles(3 * n);
    double *weight = gain + n, *factor = weight + n;
    double loss = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            gain[j] = bounded(s, raw[i * n + j] + s->exploration) - s->probability[i * n + j];
        attend_row(s, i, gain, weight, factor);
        for (int j = 0; j < n; j++) {
            loss += s->expected_share * raw[i * n + j];
            if (!s->mask[i * n + j])
                continue;
            loss += weight[j] * factor[j] * value_of(s, i, j) + s->sampled_share * gain[j];
            if (s->form == SURROGATE_CLIPPED)
                loss += fmax(-1, fmin(1, s->dscore[i * n + j])) * gain[j];
        }
    }
    free(raw);
    free(gain);
    return loss;
}
