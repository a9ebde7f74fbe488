/* The supports of consecutive rows of α-entmax attention. */
#ifndef SBMT_CORE_ATTENTION_ENTMAX_STRIP_H
#define SBMT_CORE_ATTENTION_ENTMAX_STRIP_H

#include "core/attention/entmax.h"
#include "core/graph/graph.h"

/** A tile of scores stays in the second level of cache. A strip has room for STRIP_EDGES edges a
 * row of the whole head: one of up to MOST_KEPT·n edges has all rows. */
enum {
    SBMT_ENTMAX_TILE_ROWS = 32,
    SBMT_ENTMAX_STRIP_EDGES = 160,
    SBMT_ENTMAX_MOST_KEPT = SBMT_ENTMAX_STRIP_EDGES - SBMT_ENTMAX_TILE_ROWS,
};

/** What forward finds of each row: enough to have its weights again. */
struct sbmt_entmax_rows {
    real *largest;   /**< (n) of q·k, not scaled */
    real *threshold; /**< (n) c, of scaled scores relative to the largest */
};

/** Rows first … first+graph.rows−1: which keys have a weight, and the weights, one an edge. */
struct sbmt_entmax_support {
    int first;
    struct sbmt_graph graph;
    const real *weight;
};

/** Working memory for one strip of rows after another. */
struct sbmt_entmax_strip {
    const struct sbmt_entmax *entmax;
    const struct sbmt_head *head;
    const struct sbmt_kernels *kernels;
    real scale;       /**< of scores: 1/√d */
    int64_t room;     /**< edges */
    int rows;         /**< of this strip so far */
    int ld;           /**< of a tile of scores and of keys by columns */
    real *key_turned; /**< (d, ld) */
    real *score;      /**< (rows of a tile, ld) */
    real *y, *work;   /**< (n) */
    int32_t *candidate;
    int64_t *offset;
    int32_t *column;
    real *weight; /**< (room) */
};

/** Allocates in `scratch`. False when memory is out (the arena's sticky failure). */
bool sbmt_entmax_strip_init(struct sbmt_entmax_strip *strip, const struct sbmt_entmax *entmax,
                            const struct sbmt_head *head, const struct sbmt_kernels *kernels,
                            struct sbmt_arena *scratch);

/** The supports of the rows from `first` on: as many rows as there is sure to be room for. Fills in
 * `rows` with `find`, and else reads it. The result lasts until the next strip. */
struct sbmt_entmax_support sbmt_entmax_strip_next(struct sbmt_entmax_strip *strip, int first,
                                                  const struct sbmt_entmax_rows *rows, bool find);

#endif
