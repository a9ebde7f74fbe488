/* Attention with expected edges, in tiles with an online softmax. */
#include "core/attention/expected.h"

#include <string.h>

#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"

enum { TILE_ROWS = 64, TILE_COLUMNS = 256 };

/* The rows being computed. */
struct tile {
    const struct sbmt_edge_law *law;
    const struct sbmt_head *head;
    const struct sbmt_kernels *kernels;
    real scale; /* 1/√d */
    int first, rows;
    real *score, *edge;      /* (TILE_ROWS, TILE_COLUMNS) */
    real largest[TILE_ROWS]; /* of the scores so far */
    real sum[TILE_ROWS];     /* Σ w·e^{s − largest} so far */
    double edges;            /* Σ w of all tiles */
};

/* Row i: its scores become weights on the scale of the largest score so far, and what it has summed
 * up before is brought to that scale. */
static void weigh_row(struct tile *tile, int i, int columns, real *out)
{
    real *score = tile->score + (size_t)i * TILE_COLUMNS;
    real *edge = tile->edge + (size_t)i * TILE_COLUMNS;
    sbmt_edge_law_mean(tile->law, columns, edge);
    tile->edges += (double)tile->kernels->sum(columns, edge);
    const real here = tile->scale * tile->kernels->max(columns, score);
    if (here > tile->largest[i]) {
        const real factor = real_exp(tile->largest[i] - here);
        tile->largest[i] = here;
        tile->sum[i] *= factor;
        for (int a = 0; a < tile->head->d; a++)
            out[a] *= factor;
    }
    tile->kernels->exp_sum(columns, score, tile->scale, tile->largest[i]);
    for (int j = 0; j < columns; j++)
        score[j] *= edge[j];
    tile->sum[i] += tile->kernels->sum(columns, score);
}

static void add_columns(struct tile *tile, int begin, int columns, real *out)
{
    const struct sbmt_edge_law *law = tile->law;
    const struct sbmt_head *head = tile->head;
    const size_t stride = (size_t)head->stride, width = (size_t)law->width;
    sbmt_gemm_nt(tile->rows, columns, head->d, head->q + (size_t)tile->first * stride, head->stride,
                 head->k + (size_t)begin * stride, head->stride, 0, tile->score, TILE_COLUMNS);
    sbmt_gemm_nt(tile->rows, columns, law->clusters, law->row_weight + (size_t)tile->first * width,
                 law->width, law->column_weight + (size_t)begin * width, law->width, 0, tile->edge,
                 TILE_COLUMNS);
    for (int i = 0; i < tile->rows; i++)
        weigh_row(tile, i, columns, out + (size_t)i * stride);
    sbmt_gemm(tile->rows, head->d, columns, tile->score, TILE_COLUMNS,
              head->v + (size_t)begin * stride, head->stride, 1, out, head->stride);
}

static void rows_forward(struct tile *tile, real *out)
{
    const struct sbmt_head *head = tile->head;
    for (int i = 0; i < tile->rows; i++) {
        tile->largest[i] = -SBMT_REAL_MAX;
        tile->sum[i] = 0;
        memset(out + (size_t)i * (size_t)head->stride, 0, (size_t)head->d * sizeof *out);
    }
    for (int begin = 0; begin < head->n; begin += TILE_COLUMNS)
        add_columns(tile, begin, head->n - begin < TILE_COLUMNS ? head->n - begin : TILE_COLUMNS,
                    out);
    for (int i = 0; i < tile->rows; i++)
        for (int a = 0; a < head->d && tile->sum[i] > 0; a++)
            out[(size_t)i * (size_t)head->stride + (size_t)a] /= tile->sum[i];
}

bool sbmt_expected_forward(const struct sbmt_edge_law *law, const struct sbmt_head *head,
                           struct sbmt_pass *pass, real *out, double *edges)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct tile tile = {
        .law = law,
        .head = head,
        .kernels = pass->kernels,
        .scale = 1 / real_sqrt(SBMT_R(head->d)),
        .score = sbmt_arena_zalloc(pass->scratch, TILE_ROWS * TILE_COLUMNS, sizeof(real)),
        .edge = sbmt_arena_zalloc(pass->scratch, TILE_ROWS * TILE_COLUMNS, sizeof(real)),
    };
    if (tile.score == NULL || tile.edge == NULL)
        return false;
    for (tile.first = 0; tile.first < head->n; tile.first += TILE_ROWS) {
        tile.rows = head->n - tile.first < TILE_ROWS ? head->n - tile.first : TILE_ROWS;
        rows_forward(&tile, out + (size_t)tile.first * (size_t)head->stride);
    }
    *edges = tile.edges;
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
