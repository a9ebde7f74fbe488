/* Sparse Transformer attention (Child et al. 2019, arXiv 1904.10509, section 4.3): two sets of keys
 * A¹ and A² that reach every token in two steps, with l for `stride` and c for `summaries`.
 *
 * The paper's model is autoregressive: its sets hold only keys j ≤ i. Those of an encoder are the
 * same with what is behind and what is ahead treated alike:
 *
 *   strided   A¹ = {j : |i − j| ≤ l},         A² = {j : (i − j) mod l = 0}
 *   fixed     A¹ = {j : ⌊j/l⌋ = ⌊i/l⌋},       A² = {j : j is among the last c of its block}
 *
 * where blocks are of l tokens. Behind a query nothing changes, but for the end of the sequence: a
 * short last block has its summaries too, its last c tokens, since no other block could see it
 * otherwise. In the paper nothing comes after it. (The code of Long Range Arena also takes the
 * first token of every block as a summary.)
 *
 * Heads are merged, each having A¹ ∪ A², or split, even ones having A¹ and odd ones A²: the paper's
 * second and third way to combine the sets. */
#include "core/attention/pattern.h"

enum pattern { PATTERN_STRIDED, PATTERN_FIXED };
static const char *const pattern_words[] = {"strided", "fixed", NULL};

enum heads { HEADS_MERGED, HEADS_SPLIT };
static const char *const heads_words[] = {"merged", "split", NULL};

enum { DEFAULT_SUMMARIES = 8 };

struct config {
    int pattern; /* enum pattern */
    int stride, summaries;
    int heads; /* enum heads */
};

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_CHOICE(ROW, pattern, pattern_words, PATTERN_STRIDED,
                "strided: keys at most a stride away, and all at multiples of it; or fixed: keys "
                "of the query's block, and the last ones of every block"),
    SBMT_INT(ROW, stride, 128, 1, 1 << 24, "the stride, and the tokens of a block"),
    SBMT_INT(ROW, summaries, DEFAULT_SUMMARIES, 1, 1 << 24,
             "last keys of a block that all attend to with pattern: fixed"),
    SBMT_CHOICE(ROW, heads, heads_words, HEADS_MERGED,
                "both sets of keys in every head, or by turns the first set and the second"),
    SBMT_FIELDS_END,
};
#undef ROW

static bool check(const void *config_in, struct sbmt_error *err)
{
    const struct config *config = config_in;
    if (config->pattern == PATTERN_STRIDED && config->summaries != DEFAULT_SUMMARIES)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "summaries: pattern: strided has none; choose pattern: fixed or leave "
                         "them out");
    if (config->pattern == PATTERN_FIXED && config->summaries > config->stride)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "summaries: %d are more than the %d tokens of a block; choose fewer, or "
                         "a larger stride",
                         config->summaries, config->stride);
    return true;
}

/* What a row needs to know: the options, and which of the sets the head has. */
struct sets {
    const struct config *config;
    bool near, far; /* A¹, A² */
};

/* The keys from first to end−1 that are congruent to `residue`, which is below the stride. */
static int congruent(int residue, int stride, int first, int end, int32_t *keys)
{
    int count = 0;
    const int behind = first > residue ? (first - residue + stride - 1) / stride : 0;
    for (int64_t j = residue + (int64_t)behind * stride; j < end; j += stride)
        keys[count++] = (int32_t)j;
    return count;
}

static int strided_row(const void *context, int n, int i, int32_t *keys)
{
    const struct sets *sets = context;
    const int stride = sets->config->stride, residue = i % stride;
    int first = i, end = i, count = 0;
    if (sets->near) {
        first = i > stride ? i - stride : 0;
        end = i + stride + 1 < n ? i + stride + 1 : n;
    }
    if (sets->far)
        count += congruent(residue, stride, 0, first, keys);
    count += sbmt_pattern_range(first, end, keys + count);
    if (sets->far)
        count += congruent(residue, stride, end, n, keys + count);
    return count;
}

static int fixed_row(const void *context, int n, int i, int32_t *keys)
{
    const struct sets *sets = context;
    const int stride = sets->config->stride, summaries = sets->config->summaries;
    const int own = i / stride, blocks = (n - 1) / stride + 1;
    int count = 0;
    for (int b = sets->far ? 0 : own; b < (sets->far ? blocks : own + 1); b++) {
        const int first = b * stride, end = n - first > stride ? first + stride : n;
        const bool whole = end - first <= summaries || (sets->near && b == own);
        count += sbmt_pattern_range(whole ? first : end - summaries, end, keys + count);
    }
    return count;
}

static struct sets sets_init(const void *config_in, const struct sbmt_head *head)
{
    const struct config *config = config_in;
    const bool merged = config->heads == HEADS_MERGED, even = head->index % 2 == 0;
    return (struct sets){.config = config, .near = merged || even, .far = merged || !even};
}

static struct sbmt_pattern pattern_of(const struct sets *sets)
{
    const bool strided = sets->config->pattern == PATTERN_STRIDED;
    return (struct sbmt_pattern){strided ? strided_row : fixed_row, sets};
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)state;
    const struct sets sets = sets_init(config, head);
    const struct sbmt_pattern pattern = pattern_of(&sets);
    return sbmt_pattern_forward(&pattern, head, pass, saved, out, err);
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)state;
    const struct sets sets = sets_init(config, head);
    const struct sbmt_pattern pattern = pattern_of(&sets);
    return sbmt_pattern_backward(&pattern, head, pass, saved, dout, grad, err);
}

extern const struct sbmt_attention_ops sbmt_attention_sparse_transformer;
const struct sbmt_attention_ops sbmt_attention_sparse_transformer = {
    .variant = {.name = "sparse-transformer",
                .doc = "keys near each query, and every so many tokens, in both directions (Child "
                       "et al. 2019)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n·(stride + n·summaries/stride)·d)",
    .check = check,
    .forward = forward,
    .backward = backward,
    .cost = sbmt_pattern_cost,
};
