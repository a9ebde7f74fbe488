/* Every pair of a row at once: random half-words against bounds of the probabilities. */
#include "core/graph/scan.h"

#include "core/kernels/kernels.h"

/* Rows are numbered from here for the lower halves of the uniform numbers. */
#define LOWER_ROWS 0x80000000U

static void find_share(int clusters, const double *sum, real *share)
{
    double total = 0;
    for (int v = 0; v < clusters; v++)
        total += sum[v];
    for (int v = 0; v < clusters; v++)
        share[v] = total > 0 ? SBMT_R(sum[v] / total) : 0;
}

static void find_extremes(const struct sbmt_edge_law *law, real *least, real *most)
{
    for (int v = 0; v < law->clusters; v++)
        least[v] = law->columns > 0 ? SBMT_R(SBMT_REAL_MAX) : 0;
    for (int j = 0; j < law->columns; j++) {
        const real *weight = law->column_weight + (size_t)j * (size_t)law->width;
        for (int v = 0; v < law->clusters; v++) {
            least[v] = weight[v] < least[v] ? weight[v] : least[v];
            most[v] = weight[v] > most[v] ? weight[v] : most[v];
        }
    }
}

bool sbmt_scan_init(struct sbmt_scan *scan, const struct sbmt_edge_law *law,
                    const struct sbmt_edge_sums *sums, const struct sbmt_kernels *kernels,
                    struct sbmt_rng_key key, struct sbmt_arena *arena)
{
    const size_t k = (size_t)law->clusters, m = (size_t)law->columns, room = m + SBMT_EDGE_SLACK;
    *scan = (struct sbmt_scan){
        .law = law,
        .kernels = kernels,
        .key = key,
        .share = sbmt_arena_zalloc(arena, k, sizeof(real)),
        .along = sbmt_arena_reals(arena, room),
        .least = sbmt_arena_zalloc(arena, k, sizeof(real)),
        .most = sbmt_arena_zalloc(arena, k, sizeof(real)),
        .margin = SBMT_R((law->clusters + 8) * (SBMT_REAL_BITS == 32 ? 0x1p-23 : 0x1p-52)),
        .bits = sbmt_arena_alloc(arena, room * sizeof(uint32_t)),
        .unsure = sbmt_arena_alloc(arena, room * sizeof(int32_t)),
        .level = sbmt_arena_reals(arena, room),
        .place = sbmt_arena_alloc(arena, room * sizeof(int32_t)),
        .probability = sbmt_arena_reals(arena, room),
    };
    if (arena->failed)
        return false;
    find_share(law->clusters, sums->rows, scan->share);
    find_extremes(law, scan->least, scan->most);
    for (int j = 0; j < law->columns; j++)
        scan->along[j] = kernels->dot(law->clusters, scan->share,
                                      law->column_weight + (size_t)j * (size_t)law->width);
    return true;
}

/* A row's weights are scale·share and a rest of both signs, and the columns' extremes bound what
 * the rest contributes. */
struct sbmt_scan_bounds sbmt_scan_bounds_of(const struct sbmt_scan *scan, int row)
{
    const struct sbmt_edge_law *law = scan->law;
    const real *weight = law->row_weight + (size_t)row * (size_t)law->width;
    const real scale = scan->kernels->sum(law->clusters, weight);
    real bounds[3];
    scan->kernels->rest_bounds(law->clusters, weight, scan->share, scale, scan->least, scan->most,
                               bounds);
    const real largest = bounds[2] + law->shift, margin = scan->margin * largest;
    return (struct sbmt_scan_bounds){
        .scale = scale,
        .low = law->shift + bounds[0] - margin,
        .high = law->shift + bounds[1] + margin,
        .cap = largest + margin,
    };
}

void sbmt_scan_ask(const struct sbmt_scan *scan, int row, int unsure)
{
    const struct sbmt_edge_law *law = scan->law;
    if (unsure > 0)
        scan->kernels->gather_dot(law->clusters, unsure, scan->unsure,
                                  law->row_weight + (size_t)row * (size_t)law->width,
                                  law->column_weight, law->width, 1, scan->probability);
}

/* Takes the unsure candidates out that are no edges; returns how many. */
static int filter(const struct sbmt_scan *scan, int unsure, uint32_t *edges)
{
    int out = 0;
    for (int u = 0; u < unsure; u++)
        if (!sbmt_scan_accepts(scan, u)) {
            edges[scan->unsure[u] / 32] &= ~(1U << (scan->unsure[u] % 32));
            out++;
        }
    return out;
}

static uint32_t half_word(uint32_t word, int32_t column)
{
    return column % 2 == 0 ? word & 0xFFFFU : word >> 16;
}

/* The candidates of a row into `edges`, the unsure ones with their levels. A pair's uniform number
 * has 16 bits from the row's numbers; where they do not decide, 16 more follow. */
static int candidates(const struct sbmt_scan *scan, int row, const real *along,
                      struct sbmt_scan_bounds bounds, uint32_t *edges, int *unsure)
{
    const int m = scan->law->columns;
    scan->kernels->random_bits(scan->key, (uint32_t)row, 0, (m + 7) / 8, scan->bits);
    const int count = scan->kernels->scan(m, along, bounds.scale, bounds.low, bounds.high,
                                          scan->bits, edges, scan->unsure, unsure);
    for (int u = 0; u < *unsure; u++) {
        const int32_t column = scan->unsure[u];
        const uint32_t more = sbmt_rng_bits(scan->key, LOWER_ROWS + (uint32_t)row,
                                            (uint32_t)column / 2);
        const uint32_t upper = half_word(scan->bits[column / 2], column);
        scan->level[u] = SBMT_R(sbmt_rng_unit(upper << 16 | half_word(more, column)));
    }
    return count;
}

int sbmt_scan_row(const struct sbmt_scan *scan, int row, struct sbmt_scan_bounds bounds,
                  uint32_t *edges)
{
    int unsure;
    const int count = candidates(scan, row, scan->along, bounds, edges, &unsure);
    sbmt_scan_ask(scan, row, unsure);
    return count - filter(scan, unsure, edges);
}

int sbmt_scan_row_given(const struct sbmt_scan *scan, int row, const real *probability,
                        uint32_t *edges)
{
    const struct sbmt_scan_bounds bounds = {1, scan->law->shift, scan->law->shift, 0};
    int unsure;
    const int count = candidates(scan, row, probability, bounds, edges, &unsure);
    for (int u = 0; u < unsure; u++)
        scan->probability[u] = probability[scan->unsure[u]];
    return count - filter(scan, unsure, edges);
}
