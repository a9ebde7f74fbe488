/* BigBird attention (Zaheer et al. 2020, arXiv 2007.14062, section 2), the internal construction
 * (ITC): tokens are taken in blocks, and the queries of a block have the keys of the blocks around
 * it, of global blocks, which also have all keys themselves, and of random blocks.
 *
 * Global are the first and the last block, as in the published code; of an odd number the first
 * ones are one more. The window ends with the sequence; the figures of the paper wrap it around.
 * Random blocks are drawn without replacement from those that a query does not have yet. The
 * published code means the same, but for positions near the ends, where a block may be drawn
 * twice, and up to an optional horizon. It draws once for a layer and head; so does `redraw:
 * never`. The last block may be short. */
#include <string.h>

#include "core/attention/pattern.h"

enum { MOST_PART = 64, MOST_BLOCKS = 3 * MOST_PART };

enum redraw { REDRAW_NEVER, REDRAW_STEP };
static const char *const redraw_words[] = {"never", "step", NULL};

struct config {
    int block, window, global, random;
    int redraw; /* enum redraw */
};

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, block, 64, 1, 1 << 24, "tokens of a block"),
    SBMT_INT(ROW, window, 3, 1, MOST_PART, "blocks around a query, its own in the middle; odd"),
    SBMT_INT(ROW, global, 2, 0, MOST_PART,
             "blocks that attend to all and are attended by all: by turns the first and the last"),
    SBMT_INT(ROW, random, 3, 0, MOST_PART, "random blocks for each block of queries"),
    SBMT_CHOICE(ROW, redraw, redraw_words, REDRAW_NEVER,
                "random blocks: drawn once for each layer, head and number of blocks (published), "
                "or anew for each sequence at each step"),
    SBMT_FIELDS_END,
};
#undef ROW

static bool check(const void *config_in, struct sbmt_error *err)
{
    const struct config *config = config_in;
    return config->window % 2 == 1 ||
           sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "window: %d is even, but a query's own block is in the middle; choose an odd "
                     "number of blocks",
                     config->window);
}

/* What a row needs to know. */
struct blocks {
    const struct config *config;
    struct sbmt_rng_key key; /* row q, number t: random block t of query block q */
};

/* Ascending, without repetition. */
struct block_set {
    int count;
    int block[MOST_BLOCKS];
};

static bool is_global(const struct config *config, int count, int block)
{
    return block < (config->global + 1) / 2 || block >= count - config->global / 2;
}

/* Adds block number `rank` of those that are not in the set. */
static void add_other(struct block_set *set, int rank)
{
    int at = 0;
    while (at < set->count && set->block[at] <= rank + at)
        at++;
    memmove(set->block + at + 1, set->block + at, (size_t)(set->count - at) * sizeof *set->block);
    set->block[at] = rank + at;
    set->count++;
}

/* The blocks of keys, of `count`, that a block of queries has. */
static void blocks_of(const struct blocks *blocks, int count, int query, struct block_set *set)
{
    const struct config *config = blocks->config;
    const int side = config->window / 2;
    set->count = 0;
    for (int b = 0; b < (config->global + 1) / 2; b++)
        set->block[set->count++] = b;
    for (int b = query - side; b <= query + side; b++)
        if (b >= 0 && b < count && !is_global(config, count, b))
            set->block[set->count++] = b;
    for (int b = count - config->global / 2; b < count; b++)
        set->block[set->count++] = b;
    for (int t = 0; t < config->random && set->count < count; t++)
        add_other(set, (int)sbmt_rng_below(blocks->key, (uint32_t)query, (uint32_t)t,
                                           (uint32_t)(count - set->count)));
}

static int row(const void *context, int n, int i, int32_t *keys)
{
    const struct blocks *blocks = context;
    const int size = blocks->config->block, count = (n - 1) / size + 1, query = i / size;
    if (is_global(blocks->config, count, query))
        return sbmt_pattern_range(0, n, keys);
    struct block_set set;
    int written = 0;
    blocks_of(blocks, count, query, &set);
    for (int b = 0; b < set.count; b++) {
        const int first = set.block[b] * size, end = first + size;
        written += sbmt_pattern_range(first, end < n ? end : n, keys + written);
    }
    return written;
}

static struct blocks blocks_init(const void *config_in, const struct sbmt_head *head,
                                 const struct sbmt_pass *pass)
{
    const struct config *config = config_in;
    struct sbmt_pass place = *pass;
    if (config->redraw == REDRAW_NEVER) {
        place.step = 0;
        place.sequence = 0;
    }
    return (struct blocks){config, sbmt_pass_key(&place, SBMT_RNG_GRAPH, head->index)};
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)state;
    const struct blocks blocks = blocks_init(config, head, pass);
    const struct sbmt_pattern pattern = {row, &blocks};
    return sbmt_pattern_forward(&pattern, head, pass, saved, out, err);
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)state;
    const struct blocks blocks = blocks_init(config, head, pass);
    const struct sbmt_pattern pattern = {row, &blocks};
    return sbmt_pattern_backward(&pattern, head, pass, saved, dout, grad, err);
}

extern const struct sbmt_attention_ops sbmt_attention_bigbird;
const struct sbmt_attention_ops sbmt_attention_bigbird = {
    .variant = {.name = "bigbird",
                .doc = "blocks of keys: around the query, global and random ones (Zaheer et al. "
                       "2020)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n·(window + global + random)·block·d)",
    .check = check,
    .forward = forward,
    .backward = backward,
    .cost = sbmt_pattern_cost,
};
