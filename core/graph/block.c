/* Blocks of a graph. */
#include "core/graph/block.h"

#include <string.h>

/* 224 rows or keys of 64 columns take 56 KiB, about the first level of cache; half as many would
 * fit better, but with half the edges a call. In a sparser graph blocks are larger, so that a row
 * or key has some dozens of edges in a block: below that, calls cost more than cache misses, even
 * of the second level, where 4096 rows of 64 columns have 1 MiB. Sides are whole words of bits. */
enum { LEAST_SIDE = 224, MOST_SIDE = 4096, EDGES_AT_ONCE = 48 };

_Static_assert((int)MOST_SIDE <= (int)SBMT_TURNED_ROWS, "blocks are turned at once");

/* The side where a graph is made of full pieces, bands for instance: they fill small blocks, and
 * small blocks leave out more of what is between them. */
enum { FINE_SIDE = 64 };

/* Rows that are passed over together where none of them has an edge. */
enum { GROUP = 64 };

/* The most edges of a block of more than one row, edge arrays of 128 KiB, or of up to 1 MiB where a
 * block is expected to have as many. */
enum { LEAST_EDGES = 1 << 15, MOST_EDGES = 1 << 18 };

_Static_assert((int)MOST_EDGES <= (int)SBMT_TURNED_EDGES && (int)MOST_SIDE <= (int)LEAST_EDGES,
               "the edges of a block, even of one whole row, can be turned");

/* Above this share of its pairs a block is cheaper by products of whole matrices: with AVX-512 from
 * about 0.45 on, with AVX2 from 0.65 on. */
static const double dense_share = 0.55;

/* Above this share of its pairs a block of bits is turned sooner pair by pair than edge by edge. */
static const double turned_share = 0.06;

/* How full small blocks must be, and how many times as full as others, to be worth their calls. */
static const double fine_fill = 0.7, fine_gain = 1.1;

/* The first edge from `e` on, below `end`, whose key is not below `limit`. The last few are counted
 * without a branch on each. */
static int64_t advance(const int32_t *column, int64_t e, int64_t end, int limit)
{
    while (e + 8 <= end && column[e + 7] < limit)
        e += 8;
    const int few = end - e < 8 ? (int)(end - e) : 8;
    int below = 0;
    for (int i = 0; i < few; i++)
        below += column[e + i] < limit;
    return e + below;
}

/* The keys of the walk's row from its cursor on, those of the block: sets *column to them and
 * returns how many. Bits go behind the block's `edges` so far. */
static int row_keys(const struct sbmt_block_walk *walk, const struct sbmt_block *block,
                    const int32_t **column)
{
    const struct sbmt_graph *graph = walk->graph;
    if (graph->bits != NULL) {
        int32_t *found = walk->found + block->edges;
        const uint32_t *bits = graph->bits + (size_t)walk->row * (size_t)graph->words;
        *column = found;
        return walk->kernels->set_bits(sbmt_graph_words(block->keys), bits + walk->key / 32,
                                       walk->key, found);
    }
    const int64_t from = walk->cursor[walk->row];
    *column = graph->column + from;
    return (int)(advance(graph->column, from, graph->offset[walk->row + 1],
                         block->first_key + block->keys) -
                 from);
}

/* How full a graph is where it has edges: the share of pairs that are edges, among the stretches of
 * `width` keys in which a row has any. Some hundred rows tell. */
static double fill_of(const struct sbmt_graph *graph, int width)
{
    if (graph->bits != NULL) /* drawn pair by pair, about as full everywhere */
        return (double)sbmt_graph_edges(graph) / ((double)graph->rows * graph->columns);
    const int step = graph->rows / 128 | 1;
    double edges = 0, pairs = 0;
    for (int i = 0; i < graph->rows; i += step) {
        const int64_t end = graph->offset[i + 1];
        for (int64_t e = graph->offset[i]; e < end;) {
            const int first = graph->column[e] / width * width;
            const int limit = graph->columns - first < width ? graph->columns : first + width;
            const int64_t next = advance(graph->column, e, end, limit);
            edges += (double)(next - e);
            pairs += limit - first;
            e = next;
        }
    }
    return pairs > 0 ? edges / pairs : 0;
}

/* The room for a block's edges, some more than there are on average. */
static int room_for_edges(double pairs, double fill)
{
    const double wanted = 1.25 * fill * pairs;
    const int most = wanted > MOST_EDGES    ? MOST_EDGES
                     : wanted > LEAST_EDGES ? (int)wanted
                                            : LEAST_EDGES;
    return pairs < most ? (int)pairs : most;
}

/* Sets the rows and keys of a block, as many as give a line of it EDGES_AT_ONCE edges on average,
 * and the most edges. */
static void choose_side(struct sbmt_block_walk *walk)
{
    const double fill = fill_of(walk->graph, LEAST_SIDE);
    const int wanted = EDGES_AT_ONCE < fill * MOST_SIDE ? (int)(EDGES_AT_ONCE / fill) : MOST_SIDE;
    int side = wanted / 32 * 32 > LEAST_SIDE ? wanted / 32 * 32 : LEAST_SIDE;
    if (walk->graph->bits == NULL &&
        fill * LEAST_SIDE / FINE_SIDE > fine_fill) { /* the most that fine blocks can have */
        const double fine = fill_of(walk->graph, FINE_SIDE);
        if (fine > fine_fill && fine > fine_gain * fill)
            side = FINE_SIDE;
    }
    walk->most_rows = side;
    walk->most_keys = side;
    walk->may_be_dense = side == FINE_SIDE || fill > dense_share / 2;
    const int rows = walk->graph->rows < side ? walk->graph->rows : side;
    const int keys = walk->graph->columns < side ? walk->graph->columns : side;
    walk->most_edges = room_for_edges((double)rows * keys, fill);
}

/* The least key among a row's edges from `e` on, or a bound of it. */
static int32_t next_key(const struct sbmt_graph *graph, int row, int64_t e)
{
    if (graph->bits != NULL)
        return 0;
    return e < graph->offset[row + 1] ? graph->column[e] : INT32_MAX;
}

static void begin_rows(struct sbmt_block_walk *walk)
{
    const struct sbmt_graph *graph = walk->graph;
    memcpy(walk->cursor, graph->offset, (size_t)graph->rows * sizeof *walk->cursor);
    for (int i = 0; i < graph->rows; i++) {
        const int32_t key = next_key(graph, i, graph->offset[i]);
        int32_t *rest = &walk->rest[i / GROUP];
        *rest = i % GROUP == 0 || key < *rest ? key : *rest;
    }
}

bool sbmt_block_walk_init(struct sbmt_block_walk *walk, const struct sbmt_graph *graph,
                          const struct sbmt_kernels *kernels, bool turns,
                          struct sbmt_arena *scratch)
{
    *walk = (struct sbmt_block_walk){.graph = graph, .kernels = kernels};
    choose_side(walk);
    const int rows = graph->rows < walk->most_rows ? graph->rows : walk->most_rows;
    const int keys = graph->columns < walk->most_keys ? graph->columns : walk->most_keys;
    const size_t side = (size_t)walk->most_keys, edges = (size_t)walk->most_edges;
    const size_t groups = (size_t)graph->rows / GROUP + 1;
    walk->cursor = sbmt_arena_alloc(scratch, (size_t)graph->rows * sizeof *walk->cursor);
    walk->rest = sbmt_arena_alloc(scratch, groups * sizeof *walk->rest);
    walk->from = sbmt_arena_alloc(scratch, side * sizeof *walk->from);
    walk->begin = sbmt_arena_alloc(scratch, (side + 1) * sizeof *walk->begin);
    walk->column = sbmt_arena_alloc(scratch, side * sizeof *walk->column);
    if (graph->bits != NULL) /* and the row that turns out not to fit */
        walk->found = sbmt_arena_alloc(scratch, (edges + side + 16) * sizeof *walk->found);
    if (turns) {
        walk->turned_begin = sbmt_arena_alloc(scratch, (side + 2) * sizeof(int));
        walk->turned = sbmt_arena_alloc(scratch, (edges + 16) * sizeof *walk->turned);
        walk->turned_next = sbmt_arena_alloc(scratch, (side + 16) * sizeof *walk->turned_next);
    }
    if (walk->may_be_dense)
        sbmt_dense_init(&walk->dense, rows, keys, scratch);
    if (scratch->failed)
        return false;
    begin_rows(walk);
    return true;
}

/* Where the keys end that begin at walk->key. */
static int key_limit(const struct sbmt_block_walk *walk)
{
    const int rest = walk->graph->columns - walk->key;
    return walk->key + (rest < walk->most_keys ? rest : walk->most_keys);
}

/* Whether the walk's row begins a group that has no edges below `limit`. */
static bool is_empty_group(const struct sbmt_block_walk *walk, int limit)
{
    return walk->row % GROUP == 0 && walk->rest[walk->row / GROUP] >= limit;
}

/* Moves the walk to the next row, or row of the next keys, that is not in an empty group. */
static bool find_row(struct sbmt_block_walk *walk)
{
    const struct sbmt_graph *graph = walk->graph;
    for (; walk->key < graph->columns; walk->key += walk->most_keys) {
        const int limit = key_limit(walk);
        while (walk->row < graph->rows && is_empty_group(walk, limit))
            walk->row += GROUP;
        if (walk->row < graph->rows)
            return true;
        walk->row = 0;
    }
    return false;
}

/* Passes over `count` edges of the row. */
static void pass_row(struct sbmt_block_walk *walk, int count)
{
    const int64_t to = walk->cursor[walk->row] + count;
    const int32_t key = next_key(walk->graph, walk->row, to);
    int32_t *rest = &walk->rest[walk->row / GROUP];
    *rest = walk->row % GROUP == 0 || key < *rest ? key : *rest;
    walk->cursor[walk->row++] = to;
}

bool sbmt_block_next(struct sbmt_block_walk *walk, struct sbmt_block *block)
{
    const struct sbmt_graph *graph = walk->graph;
    if (!find_row(walk))
        return false;
    const int limit = key_limit(walk);
    *block = (struct sbmt_block){
        .kernels = walk->kernels,
        .graph = graph,
        .first = walk->row,
        .first_key = walk->key,
        .keys = limit - walk->key,
        .from = walk->from,
        .begin = walk->begin,
        .column = walk->column,
    };
    walk->begin[0] = 0;
    while (walk->row < graph->rows && block->rows < walk->most_rows &&
           !is_empty_group(walk, limit)) {
        const int count = row_keys(walk, block, &walk->column[block->rows]);
        if (block->edges + count > walk->most_edges)
            break;
        walk->from[block->rows] = walk->cursor[walk->row];
        pass_row(walk, count);
        block->edges += count;
        walk->begin[++block->rows] = block->edges;
    }
    if (walk->may_be_dense && block->edges > dense_share * block->rows * block->keys)
        block->dense = &walk->dense;
    return true;
}

/* A counting sort. begin[j + 2] counts the edges of key j, then begin[j + 1] is where its next edge
 * goes, in the end where key j + 1 begins. */
static void turn_list(const struct sbmt_block_walk *walk, const struct sbmt_block *block)
{
    int *begin = walk->turned_begin;
    memset(begin, 0, ((size_t)block->keys + 2) * sizeof *begin);
    for (int i = 0; i < block->rows; i++) {
        int count;
        const int32_t *column = sbmt_block_row(block, i, &count);
        for (int e = 0; e < count; e++)
            begin[column[e] - block->first_key + 2]++;
    }
    for (int j = 0; j < block->keys; j++)
        begin[j + 2] += begin[j + 1];
    for (int i = 0; i < block->rows; i++) {
        int count;
        const int32_t *column = sbmt_block_row(block, i, &count);
        for (int e = 0; e < count; e++) {
            const int to = begin[column[e] - block->first_key + 1]++;
            walk->turned[to] = sbmt_turned(i, block->begin[i] + e);
        }
    }
}

static void turn_bits(const struct sbmt_block_walk *walk, const struct sbmt_block *block)
{
    const struct sbmt_graph *graph = block->graph;
    memcpy(walk->turned_next, block->begin, (size_t)block->rows * sizeof *walk->turned_next);
    block->kernels->turn_bits(block->rows, block->keys,
                              graph->bits + (size_t)block->first * (size_t)graph->words +
                                  block->first_key / 32,
                              graph->words, walk->turned_next, walk->turned_begin, walk->turned);
}

void sbmt_block_turn(const struct sbmt_block_walk *walk, struct sbmt_block *block)
{
    if (block->dense != NULL)
        return;
    if (block->graph->bits != NULL && block->edges > turned_share * block->rows * block->keys)
        turn_bits(walk, block);
    else
        turn_list(walk, block);
    block->turned_begin = walk->turned_begin;
    block->turned = walk->turned;
}
