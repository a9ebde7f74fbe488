/* Independent edges row by row, each row by the cheaper way: skipping from candidate to candidate;
 * all pairs by bounds of their probabilities; or all pairs by the probabilities themselves, which
 * for a tile of rows are a matrix product. */
#include "core/graph/draw.h"
#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"

enum { TILE_ROWS = 64 };

/* Nanoseconds, between those of an AVX2 and an AVX-512 machine; only their ratios matter. A pair's
 * is from sbmt bench kernels, a candidate's such that whole steps of sbmt bench speed are fastest
 * at densities from 0.03 to 0.1. They are the same everywhere, as the random numbers follow from
 * the choice. */
static const double scanned_pair = 0.55, candidate = 8;
static const double unsure_pair = 50, unsure_product = 0.05, tile_product = 0.021;

static double at_most_one(double x)
{
    return x < 1 ? x : 1;
}

/* What a pair costs on average when drawn by bounds: its share of being looked at, and of having a
 * number between the bounds. */
static double pair_cost(const struct sbmt_scan *scan, const struct sbmt_scan_bounds *b, bool skips)
{
    const double unsure = unsure_pair + unsure_product * scan->law->clusters;
    const double looking = skips ? (double)b->cap * candidate : scanned_pair;
    return looking + at_most_one((double)(b->high - b->low)) * unsure;
}

static bool row_skips(const struct sbmt_scan *scan, const struct sbmt_scan_bounds *b)
{
    if (scan->law->method == SBMT_DRAW_CHEAPEST)
        return (double)b->cap * candidate < scanned_pair;
    return scan->law->method == SBMT_DRAW_SKIPS && b->cap < 1;
}

static int rows_of(const struct sbmt_edge_law *law, int first)
{
    return law->rows - first < TILE_ROWS ? law->rows - first : TILE_ROWS;
}

/* The bounds of a tile's rows, and its cheapest way; returns what a row costs for each column. */
static double plan_tile(struct sbmt_tiles *tiles, int first, int count)
{
    const struct sbmt_edge_law *law = tiles->scan.law;
    double cost = 0;
    for (int i = first; i < first + count; i++) {
        struct sbmt_scan_bounds *bounds = &tiles->bounds[i];
        *bounds = sbmt_scan_bounds_of(&tiles->scan, i);
        cost += pair_cost(&tiles->scan, bounds, row_skips(&tiles->scan, bounds));
    }
    const double product = count * (scanned_pair + tile_product * law->clusters);
    const bool by_product = law->method != SBMT_DRAW_SKIPS && cost > product;
    tiles->by_product[first / TILE_ROWS] = by_product;
    return by_product ? product : cost;
}

bool sbmt_tiles_plan(struct sbmt_tiles *tiles, const struct sbmt_edge_law *law,
                     const struct sbmt_edge_sums *sums, struct sbmt_pass *pass,
                     struct sbmt_rng_key key)
{
    const size_t rows = (size_t)law->rows;
    *tiles = (struct sbmt_tiles){
        .bounds = sbmt_arena_alloc(pass->scratch, rows * sizeof *tiles->bounds),
        .by_product = sbmt_arena_zalloc(pass->scratch, rows / TILE_ROWS + 1,
                                        sizeof *tiles->by_product),
    };
    if (!sbmt_scan_init(&tiles->scan, law, sums, pass->kernels, key, pass->scratch))
        return false;
    for (int first = 0; first < law->rows; first += TILE_ROWS)
        tiles->cost += law->columns * plan_tile(tiles, first, rows_of(law, first));
    return true;
}

/* P_ij − shift of a tile's rows, `width` apart. */
static void multiply(const struct sbmt_edge_law *law, int first, int count, real *probability,
                     int width)
{
    sbmt_gemm_nt(count, law->columns, law->clusters,
                 law->row_weight + (size_t)first * (size_t)law->width, law->width,
                 law->column_weight, law->width, 0, probability, width);
}

static bool skip_row(const struct sbmt_tiles *tiles, int row, struct sbmt_edge_list *list)
{
    int32_t *columns = sbmt_edge_list_row(list);
    if (columns == NULL)
        return false;
    sbmt_edge_list_end_row(list, sbmt_skip_row(&tiles->scan, row, tiles->bounds[row], columns),
                           NULL);
    return true;
}

bool sbmt_tiles_scan_row(const struct sbmt_tiles *tiles, int row, struct sbmt_edge_list *list)
{
    uint32_t *edges = sbmt_edge_list_bits(list);
    if (edges == NULL)
        return false;
    sbmt_edge_list_end_bits(list, sbmt_scan_row(&tiles->scan, row, tiles->bounds[row], edges));
    return true;
}

/* The same given the row's P_ij − shift. */
static bool scan_row_given(const struct sbmt_tiles *tiles, int row, const real *probability,
                           struct sbmt_edge_list *list)
{
    uint32_t *edges = sbmt_edge_list_bits(list);
    if (edges == NULL)
        return false;
    sbmt_edge_list_end_bits(list, sbmt_scan_row_given(&tiles->scan, row, probability, edges));
    return true;
}

/* `probability` is the row's, or NULL. */
static bool draw_row(const struct sbmt_tiles *tiles, int row, const real *probability,
                     struct sbmt_edge_list *list)
{
    if (probability != NULL)
        return scan_row_given(tiles, row, probability, list);
    return row_skips(&tiles->scan, &tiles->bounds[row]) ? skip_row(tiles, row, list)
                                                        : sbmt_tiles_scan_row(tiles, row, list);
}

bool sbmt_tiles_draw(const struct sbmt_tiles *tiles, struct sbmt_pass *pass,
                     struct sbmt_edge_list *list)
{
    const struct sbmt_edge_law *law = tiles->scan.law;
    const int width = (law->columns + 15) & ~15;
    real *probability = sbmt_arena_reals(pass->scratch, TILE_ROWS * (size_t)width);
    if (probability == NULL)
        return false;
    for (int first = 0; first < law->rows; first += TILE_ROWS) {
        const int count = rows_of(law, first);
        const bool by_product = tiles->by_product[first / TILE_ROWS];
        if (by_product)
            multiply(law, first, count, probability, width);
        for (int i = 0; i < count; i++) {
            const real *given = by_product ? probability + (size_t)i * (size_t)width : NULL;
            if (!draw_row(tiles, first + i, given, list))
                return false;
        }
    }
    return true;
}
