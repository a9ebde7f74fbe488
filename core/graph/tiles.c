/* Independent edges row by row, each row by the cheaper way: skipping from candidate to candidate;
 * all pairs by bounds of their probabilities; or all pairs by the probabilities themselves, which
 * for a tile of rows are a matrix product. */
#include "core/graph/draw.h"
#include "core/graph/scan.h"
#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"

enum { TILE_ROWS = 64 };

/* Nanoseconds on one core of a Zen 3 at 2.4 GHz (sbmt bench kernels); only their ratios matter. */
static const double scanned_pair = 0.75, candidate = 6;
static const double unsure_pair = 50, unsure_product = 0.05, tile_product = 0.021;

struct tile {
    struct sbmt_scan scan;
    struct sbmt_scan_bounds bounds[TILE_ROWS];
    real *probability; /* (TILE_ROWS, width) */
    int width;
};

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
    if (scan->law->method != SBMT_DRAW_CHEAPEST)
        return scan->law->method == SBMT_DRAW_SKIPS;
    return (double)b->cap * candidate < scanned_pair;
}

/* Fills the bounds of the tile's rows and returns what a pair costs by the cheapest way, with
 * *product set where that is the matrix product. */
static double tile_plan(struct tile *tile, int first, int count, bool *product)
{
    double cost = 0;
    for (int i = 0; i < count; i++) {
        tile->bounds[i] = sbmt_scan_bounds_of(&tile->scan, first + i);
        cost += pair_cost(&tile->scan, &tile->bounds[i], row_skips(&tile->scan, &tile->bounds[i]));
    }
    const double by_product = scanned_pair + tile_product * tile->scan.law->clusters;
    *product = tile->scan.law->method != SBMT_DRAW_SKIPS && cost / count > by_product;
    return *product ? by_product : cost / count;
}

static bool tile_init(struct tile *tile, const struct sbmt_edge_law *law, struct sbmt_pass *pass,
                      struct sbmt_rng_key key)
{
    tile->width = (law->columns + 15) & ~15;
    tile->probability = sbmt_arena_reals(pass->scratch, TILE_ROWS * (size_t)tile->width);
    return sbmt_scan_init(&tile->scan, law, pass->kernels, key, pass->scratch);
}

static int draw_row(const struct tile *tile, int row, int i, bool product, int32_t *columns)
{
    const struct sbmt_scan_bounds *bounds = &tile->bounds[i];
    if (product)
        return sbmt_scan_row_given(&tile->scan, row,
                                   tile->probability + (size_t)i * (size_t)tile->width, columns);
    if (row_skips(&tile->scan, bounds))
        return sbmt_skip_row(&tile->scan, row, *bounds, columns);
    return sbmt_scan_row(&tile->scan, row, *bounds, columns);
}

bool sbmt_graph_draw_tiles(const struct sbmt_edge_law *law, struct sbmt_pass *pass,
                           struct sbmt_rng_key key, int64_t *offset, struct sbmt_edge_list *list)
{
    struct tile tile;
    if (!tile_init(&tile, law, pass, key))
        return false;
    for (int first = 0; first < law->rows; first += TILE_ROWS) {
        const int count = law->rows - first < TILE_ROWS ? law->rows - first : TILE_ROWS;
        bool product;
        tile_plan(&tile, first, count, &product);
        if (product)
            sbmt_gemm_nt(count, law->columns, law->clusters,
                         law->row_weight + (size_t)first * (size_t)law->width, law->width,
                         law->column_weight, law->width, 0, tile.probability, tile.width);
        for (int i = 0; i < count; i++) {
            if (!sbmt_edge_list_reserve(list, law->columns))
                return false;
            list->count += draw_row(&tile, first + i, i, product, list->column + list->count);
            offset[first + i + 1] = list->count;
        }
    }
    return true;
}

double sbmt_graph_tiles_cost(const struct sbmt_edge_law *law, struct sbmt_pass *pass)
{
    struct tile tile;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    double cost = 0;
    if (tile_init(&tile, law, pass, (struct sbmt_rng_key){{0, 0}}))
        for (int first = 0; first < law->rows; first += TILE_ROWS) {
            const int count = law->rows - first < TILE_ROWS ? law->rows - first : TILE_ROWS;
            bool product;
            cost += count * tile_plan(&tile, first, count, &product);
        }
    sbmt_arena_release(pass->scratch, mark);
    return cost * law->columns;
}
