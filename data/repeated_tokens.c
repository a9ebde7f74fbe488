/* The task synthetic/repeated-tokens: which integers of a sequence occur in it more than once?
 *
 * Every token must be compared with every other: attention that leaves pairs out has to find those
 * that count. The synthetic task of Cho et al. 2022 (arXiv 2210.15541): sequences are n integers
 * uniform in 1 … n, of which a share of 1 − (1 − 1/n)^(n−1), 63 %, is repeated. */
#include "data/task.h"

/* Tokens of a sequence, and integers they are drawn from: token t stands for the integer t + 1. */
enum { N = 256 };

enum { SINGLE, REPEATED, CLASSES };

/* Dev and test are this project's own: the paper does not give their size. */
enum { EVALUATED = 2000 };

static int make(struct sbmt_rng_key key, int32_t *tokens, int32_t *label)
{
    int count[N] = {0};
    for (int i = 0; i < N; i++) {
        tokens[i] = (int32_t)sbmt_rng_below(key, 0, (uint32_t)i, N);
        count[tokens[i]]++;
    }
    for (int i = 0; i < N; i++)
        label[i] = count[tokens[i]] > 1 ? REPEATED : SINGLE;
    return N;
}

static const struct sbmt_generator generator = {
    .count = {[SBMT_SPLIT_DEV] = EVALUATED, [SBMT_SPLIT_TEST] = EVALUATED},
    .make = make,
};

static const char *const labels[CLASSES] = {"single", "repeated"};

static const struct sbmt_form form = {
    .name = "integers-256",
    .version = "repeated-tokens-1",
    .unit = "integer",
    .vocab = N,
    .max_length = N,
};

const struct sbmt_task sbmt_task_repeated_tokens = {
    .name = "synthetic/repeated-tokens",
    .doc = "whether each of 256 integers in 1-256 occurs elsewhere in its sequence (Cho et al. "
           "2022)",
    .classes = CLASSES,
    .segments = 1,
    .target = SBMT_TARGET_TOKEN,
    .label_names = labels,
    .forms = {&form, &form, &form, &form},
    .generator = &generator,
};
