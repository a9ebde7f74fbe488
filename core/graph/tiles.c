/* Independent edges by tiles: probabilities by a matrix product, compared with uniform numbers. */
#include "core/graph/draw.h"
#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"

enum { TILE_ROWS = 64 };

bool sbmt_graph_draw_tiles(const struct sbmt_edge_law *law, struct sbmt_pass *pass,
                           struct sbmt_rng_key key, int64_t *offset, struct sbmt_edge_list *list)
{
    const size_t width = ((size_t)law->columns + 15) & ~(size_t)15;
    real *tile = sbmt_arena_reals(pass->scratch, TILE_ROWS * width);
    uint32_t *bits = sbmt_arena_alloc(pass->scratch, (width + 4) * sizeof *bits);
    if (tile == NULL || bits == NULL)
        return false;
    for (int first = 0; first < law->rows; first += TILE_ROWS) {
        const int count = law->rows - first < TILE_ROWS ? law->rows - first : TILE_ROWS;
        sbmt_gemm_nt(count, law->columns, law->clusters,
                     law->row_weight + (size_t)first * (size_t)law->width, law->width,
                     law->column_weight, law->width, 0, tile, (int)width);
        for (int i = 0; i < count; i++) {
            const int row = first + i;
            if (!sbmt_edge_list_reserve(list, law->columns))
                return false;
            pass->kernels->random_bits(key, (uint32_t)row, 0, (law->columns + 3) / 4, bits);
            list->count += pass->kernels->draw(law->columns, tile + (size_t)i * width, law->shift,
                                               bits, 0, list->column + list->count);
            offset[row + 1] = list->count;
        }
    }
    return true;
}
