/* The supports of consecutive rows of α-entmax attention: scores tile by tile, thresholds,
 * weights. */
#include "core/attention/entmax_strip.h"

#include "core/base/integer.h"

/* Keys of which only the largest score is looked at first, and keys whose columns stay in the first
 * level of cache. */
enum { GROUP = 32, TILE_KEYS = 128 };

/* More than the roundings of a threshold: a bound that must not be above it is lowered by this
 * share of its terms. */
static const real slack = SBMT_R(1e-5);

bool sbmt_entmax_strip_init(struct sbmt_entmax_strip *strip, const struct sbmt_entmax *entmax,
                            const struct sbmt_head *head, const struct sbmt_kernels *kernels,
                            struct sbmt_arena *scratch)
{
    const size_t n = (size_t)head->n;
    const size_t room = n * (size_t)sbmt_int_min(head->n, SBMT_ENTMAX_STRIP_EDGES);
    const int ld = (head->n + 15) / 16 * 16 + 16;
    *strip = (struct sbmt_entmax_strip){
        .entmax = entmax,
        .head = head,
        .kernels = kernels,
        .scale = 1 / real_sqrt(SBMT_R(head->d)),
        .room = (int64_t)room,
        .ld = ld,
        .key_turned = sbmt_arena_reals(scratch, (size_t)head->d * (size_t)ld),
        .score = sbmt_arena_reals(scratch, (size_t)sbmt_int_min(head->n, SBMT_ENTMAX_TILE_ROWS) *
                                               (size_t)ld),
        .y = sbmt_arena_reals(scratch, n),
        .work = sbmt_arena_reals(scratch, n),
        .candidate = sbmt_arena_alloc(scratch, (n + 16) * sizeof *strip->candidate),
        .offset = sbmt_arena_alloc(scratch, (n + 1) * sizeof *strip->offset),
        .column = sbmt_arena_alloc(scratch, (room + 16) * sizeof *strip->column),
        .weight = sbmt_arena_reals(scratch, room),
    };
    if (scratch->failed)
        return false;
    for (int j = 0; j < head->n; j++)
        for (int t = 0; t < head->d; t++)
            strip->key_turned[(size_t)t * (size_t)ld + (size_t)j] =
                head->k[(size_t)j * (size_t)head->stride + (size_t)t];
    return true;
}

/* The columns whose y is above `from`, and by rounding perhaps some more. */
static int candidates(const struct sbmt_entmax_strip *strip, const real *score, real largest,
                      real from, int32_t *column)
{
    const real below = -from / strip->scale;
    const real margin = slack * (below + (largest < 0 ? -largest : largest));
    return strip->kernels->above(strip->head->n, score, largest - below - margin, column);
}

/* A row's threshold. The largest scores of groups of keys give a lower bound of it, for far fewer
 * numbers than a row has; what is above that bound gives the threshold itself. */
static real threshold_of(const struct sbmt_entmax_strip *strip, const real *score, real *largest)
{
    const struct sbmt_entmax *entmax = strip->entmax;
    const int n = strip->head->n, groups = (n + GROUP - 1) / GROUP;
    for (int g = 0; g < groups; g++)
        strip->y[g] = strip->kernels->max(sbmt_int_min(n - g * GROUP, GROUP), score + g * GROUP);
    *largest = strip->kernels->max(groups, strip->y);
    for (int g = 0; g < groups; g++)
        strip->y[g] = strip->scale * (strip->y[g] - *largest);
    const real least = -1 / entmax->epsilon;
    const real bound = entmax->threshold(entmax, strip->kernels, groups, strip->y, strip->work,
                                         least);
    const real from = bound * (1 + slack) > least ? bound * (1 + slack) : least;
    const int count = candidates(strip, score, *largest, from, strip->candidate);
    for (int e = 0; e < count; e++)
        strip->y[e] = strip->scale * (score[strip->candidate[e]] - *largest);
    return entmax->threshold(entmax, strip->kernels, count, strip->y, strip->work, from);
}

/* Appends a row's support. A row without one has scores that are not numbers, and must not look
 * sound. */
static void append(struct sbmt_entmax_strip *strip, const real *score, real largest, real threshold)
{
    const struct sbmt_entmax *entmax = strip->entmax;
    const real scale = strip->scale, least = entmax->least;
    const int64_t at = strip->offset[strip->rows];
    int32_t *column = strip->column + at;
    real *weight = strip->weight + at;
    const int count = candidates(strip, score, largest, threshold, column);
    int kept = 0;
    for (int e = 0; e < count; e++) {
        const int32_t key = column[e];
        const real above = scale * (score[key] - largest) - threshold;
        column[kept] = key;
        weight[kept] = above;
        kept += above > least;
    }
    entmax->weights(entmax, strip->kernels, kept, weight);
    if (kept == 0) {
        column[kept] = 0;
        weight[kept++] = SBMT_R(NAN);
    }
    strip->offset[++strip->rows] = at + kept;
}

/* The scores of some rows, not scaled. */
static void make_scores(const struct sbmt_entmax_strip *strip, int row, int count)
{
    const struct sbmt_head *head = strip->head;
    const real *q = head->q + (size_t)row * (size_t)head->stride;
    for (int key = 0; key < head->n; key += TILE_KEYS)
        strip->kernels->product(count, sbmt_int_min(head->n - key, TILE_KEYS), head->d, false, q,
                                head->stride, 1, strip->key_turned + key, strip->ld,
                                strip->score + key, strip->ld);
}

static void add_tile(struct sbmt_entmax_strip *strip, int row, int count,
                     const struct sbmt_entmax_rows *rows, bool find)
{
    make_scores(strip, row, count);
    for (int i = 0; i < count; i++) {
        const real *score = strip->score + (size_t)i * (size_t)strip->ld;
        if (find)
            rows->threshold[row + i] = threshold_of(strip, score, &rows->largest[row + i]);
        append(strip, score, rows->largest[row + i], rows->threshold[row + i]);
    }
}

struct sbmt_entmax_support sbmt_entmax_strip_next(struct sbmt_entmax_strip *strip, int first,
                                                  const struct sbmt_entmax_rows *rows, bool find)
{
    const int n = strip->head->n;
    strip->rows = 0;
    strip->offset[0] = 0;
    for (int row = first; row < n; row = first + strip->rows) {
        const int count = sbmt_int_min(n - row, SBMT_ENTMAX_TILE_ROWS);
        if (strip->offset[strip->rows] + (int64_t)count * n > strip->room)
            break;
        add_tile(strip, row, count, rows, find);
    }
    return (struct sbmt_entmax_support){
        .first = first,
        .graph = {.rows = strip->rows,
                  .columns = n,
                  .offset = strip->offset,
                  .column = strip->column},
        .weight = strip->weight,
    };
}
