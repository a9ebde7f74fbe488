/* Edges as events of a Poisson process: cost in proportion to the edges, not to the pairs.
 *
 * The proofs are in docs/sampling.md. In short, for row i: candidates are a Poisson process whose
 * intensity at column j is c·P_ij, drawn cluster by cluster (the intensity of cluster v is its row
 * weight times its column weights), so column j is a candidate with probability 1 − e^{−c·P_ij}; it
 * is kept with probability P_ij/(1 − e^{−c·P_ij}), which is at most 1 by the choice of c. */
#include "core/graph/draw.h"

#include "core/kernels/kernels.h"

/* Rows whose probabilities may come this near to 1 would need a large c: they look at every column.
 */
static const double largest_cap = 0.9;

/* Rows are numbered from here for the random numbers that keep or drop candidates. */
#define KEEPING_ROWS 0x80000000U

enum { EVENTS_AT_ONCE = 64, CLUSTERS_AT_ONCE = 16 };

/* Where a point of cluster v's column weights lies: their running sum in units of 2⁻³² of the
 * total, and for each of `columns` equal parts of it the column in which the part begins. */
struct table {
    uint32_t *until; /* (clusters, columns) */
    int32_t *begin;  /* (clusters, columns) */
    double *total;   /* (clusters) Σ_j column_weight_jv, added as `until` is */
    real *largest;   /* (clusters) max_j column_weight_jv */
};

/* A stream of standard exponential variates: those of one row. */
struct events {
    const struct sbmt_kernels *kernels;
    struct sbmt_rng_key key;
    uint32_t row;
    int next, block;
    real wait[EVENTS_AT_ONCE];
};

/* The state of a draw. */
struct process {
    const struct sbmt_edge_law *law;
    const struct sbmt_kernels *kernels;
    struct sbmt_rng_key key;
    struct table table;
    const struct sbmt_tiles *tiles; /* for rows that look at every column; NULL: there are none */
    uint64_t *candidate;            /* (columns) bits */
    int32_t *count;                 /* (columns) multiplicities, for weighted edges */
    int32_t *unsure;                /* (columns) positions in `column` that need P */
    real *probability;              /* (columns) */
    uint32_t *bits;                 /* (columns) */
};

static double next_event(struct events *events)
{
    if (events->next == EVENTS_AT_ONCE) {
        uint32_t bits[EVENTS_AT_ONCE];
        events->kernels->random_bits(events->key, events->row, (uint32_t)events->block,
                                     EVENTS_AT_ONCE / 4, bits);
        events->kernels->exponential(EVENTS_AT_ONCE, bits, events->wait);
        events->block += EVENTS_AT_ONCE / 4;
        events->next = 0;
    }
    return (double)events->wait[events->next++];
}

static void fill_begins(const uint32_t *until, int columns, int32_t *begin)
{
    int j = 0;
    for (int part = 0; part < columns; part++) {
        const uint64_t least = ((uint64_t)part << 32) / (uint64_t)columns;
        while (j < columns - 1 && until[j] <= least)
            j++;
        begin[part] = j;
    }
}

/* A few clusters at a time, so that a row's weights are read while its cache lines are there. */
static void fill_table(const struct sbmt_edge_law *law, struct table *table, int first,
                       int clusters)
{
    const int m = law->columns;
    for (int j = 0; j < m; j++)
        for (int v = 0; v < clusters; v++) {
            const real z = law->column_weight[(size_t)j * (size_t)law->width + (size_t)(first + v)];
            table->total[first + v] += (double)z;
            if (z > table->largest[first + v])
                table->largest[first + v] = z;
        }
    double scale[CLUSTERS_AT_ONCE], running[CLUSTERS_AT_ONCE] = {0};
    for (int v = 0; v < clusters; v++) {
        const double total = table->total[first + v];
        scale[v] = total > 0 ? 0x1p32 / total : 0;
    }
    for (int j = 0; j < m; j++)
        for (int v = 0; v < clusters; v++) {
            running[v] +=
                (double)law->column_weight[(size_t)j * (size_t)law->width + (size_t)(first + v)];
            const double at = running[v] * scale[v];
            table->until[(size_t)(first + v) * (size_t)m + (size_t)j] = at < 0x1p32 - 1
                                                                            ? (uint32_t)at
                                                                            : UINT32_MAX;
        }
    for (int v = first; v < first + clusters; v++) {
        uint32_t *until = table->until + (size_t)v * (size_t)m;
        until[m - 1] = UINT32_MAX;
        fill_begins(until, m, table->begin + (size_t)v * (size_t)m);
    }
}

static bool process_init(struct process *process, const struct sbmt_edge_law *law,
                         const struct sbmt_tiles *tiles, struct sbmt_pass *pass,
                         struct sbmt_rng_key key)
{
    struct sbmt_arena *arena = pass->scratch;
    const size_t k = (size_t)law->clusters, m = (size_t)law->columns;
    *process = (struct process){
        .law = law,
        .kernels = pass->kernels,
        .key = key,
        .tiles = tiles,
        .table = {.until = sbmt_arena_alloc(arena, k * m * sizeof(uint32_t)),
                  .begin = sbmt_arena_alloc(arena, k * m * sizeof(int32_t)),
                  .total = sbmt_arena_zalloc(arena, k, sizeof(double)),
                  .largest = sbmt_arena_zalloc(arena, k, sizeof(real))},
        .candidate = sbmt_arena_zalloc(arena, m / 64 + 1, sizeof(uint64_t)),
        .count = sbmt_arena_zalloc(arena, m, sizeof(int32_t)),
        .unsure = sbmt_arena_alloc(arena, m * sizeof(int32_t)),
        .probability = sbmt_arena_reals(arena, m + 16),
        .bits = sbmt_arena_alloc(arena, (m + 4) * sizeof(uint32_t)),
    };
    if (arena->failed)
        return false;
    for (int v = 0; v < law->clusters; v += CLUSTERS_AT_ONCE)
        fill_table(law, &process->table, v,
                   law->clusters - v < CLUSTERS_AT_ONCE ? law->clusters - v : CLUSTERS_AT_ONCE);
    return true;
}

static void mark(struct process *process, int32_t column)
{
    process->candidate[column / 64] |= (uint64_t)1 << (column % 64);
    if (process->law->kind == SBMT_EDGES_POISSON)
        process->count[column]++;
}

/* The column at a point of cluster v's weights, given as a share of their total in [0, 1). */
static int32_t column_at(const struct process *process, int v, double share)
{
    const int m = process->law->columns;
    const double scaled = share * 0x1p32;
    const uint32_t at = scaled < 0x1p32 - 1 ? (uint32_t)scaled : UINT32_MAX - 1;
    const uint32_t *until = process->table.until + (size_t)v * (size_t)m;
    int32_t j =
        process->table.begin[(size_t)v * (size_t)m + (size_t)((uint64_t)at * (uint64_t)m >> 32)];
    while (until[j] <= at)
        j++;
    return j;
}

/* Walks the row's intervals, one a cluster and one for the shift, from event to event. */
static void mark_candidates(struct process *process, int row, double factor)
{
    const struct sbmt_edge_law *law = process->law;
    const real *weight = law->row_weight + (size_t)row * (size_t)law->width;
    struct events events = {process->kernels, process->key, (uint32_t)row, EVENTS_AT_ONCE, 0, {0}};
    double until_next = next_event(&events);
    for (int v = 0; v < law->clusters; v++) {
        const double length = factor * (double)weight[v] * process->table.total[v];
        while (until_next < length) {
            mark(process, column_at(process, v, until_next / length));
            until_next += next_event(&events);
        }
        until_next -= length;
    }
    const double length = factor * (double)law->shift * law->columns;
    while (until_next < length) {
        const int32_t j = (int32_t)(until_next / length * law->columns);
        mark(process, j < law->columns ? j : law->columns - 1);
        until_next += next_event(&events);
    }
}

/* Takes the marks off again: the marked columns in order, and how many. */
static int collect(struct process *process, int32_t *columns)
{
    int found = 0;
    for (int word = 0; word <= process->law->columns / 64; word++) {
        uint64_t bits = process->candidate[word];
        process->candidate[word] = 0;
        for (; bits != 0; bits &= bits - 1)
            columns[found++] = word * 64 + __builtin_ctzll(bits);
    }
    return found;
}

/* Keeps candidates of a row with probability P/(1 − e^{−cP}). That is never below 1/c, so most are
 * decided without P. */
static int keep(struct process *process, int row, int found, double factor, int32_t *columns)
{
    const struct sbmt_edge_law *law = process->law;
    process->kernels->random_bits(process->key, KEEPING_ROWS + (uint32_t)row, 0, (found + 3) / 4,
                                  process->bits);
    const float sure = (float)(1 / factor);
    int unsure = 0;
    for (int e = 0; e < found; e++) {
        process->unsure[unsure] = columns[e];
        unsure += sbmt_rng_unit(process->bits[e]) >= sure;
    }
    if (unsure == 0)
        return found;
    process->kernels->gather_dot(law->clusters, unsure, process->unsure,
                                 law->row_weight + (size_t)row * (size_t)law->width,
                                 law->column_weight, law->width, 1, process->probability);
    int kept = 0, looked = 0;
    for (int e = 0; e < found; e++) {
        const float unit = sbmt_rng_unit(process->bits[e]);
        columns[kept] = columns[e];
        if (unit < sure) {
            kept++;
            continue;
        }
        const double p = (double)process->probability[looked++] + (double)law->shift;
        kept += (double)unit * -expm1(-factor * p) < p;
    }
    return kept;
}

/* The largest that P_ij can be in the row. */
static double row_cap(const struct process *process, int row)
{
    const struct sbmt_edge_law *law = process->law;
    const real *weight = law->row_weight + (size_t)row * (size_t)law->width;
    return (double)process->kernels->dot(law->clusters, weight, process->table.largest) +
           (double)law->shift;
}

/* The edges of a row among its candidates, and how many. */
static int draw_columns(struct process *process, int row, double cap, int32_t *columns)
{
    if (process->law->kind != SBMT_EDGES_BERNOULLI) {
        mark_candidates(process, row, 1);
        return collect(process, columns);
    }
    if (!(cap > 0))
        return 0;
    const double factor = -log1p(-cap) / cap;
    mark_candidates(process, row, factor);
    return keep(process, row, collect(process, columns), factor, columns);
}

static bool draw_row(struct process *process, int row, struct sbmt_edge_list *list)
{
    const double cap = row_cap(process, row);
    if (process->law->kind == SBMT_EDGES_BERNOULLI && cap > largest_cap)
        return sbmt_tiles_scan_row(process->tiles, row, list);
    int32_t *columns = sbmt_edge_list_row(list);
    if (columns == NULL)
        return false;
    const int found = draw_columns(process, row, cap, columns);
    sbmt_edge_list_end_row(list, found, process->count);
    for (int e = 0; list->weighted && e < found; e++)
        process->count[columns[e]] = 0;
    return true;
}

bool sbmt_process_draw(const struct sbmt_edge_law *law, const struct sbmt_tiles *tiles,
                       struct sbmt_pass *pass, struct sbmt_rng_key key, struct sbmt_edge_list *list)
{
    struct process process;
    if (!process_init(&process, law, tiles, pass, key))
        return false;
    for (int i = 0; i < law->rows; i++)
        if (!draw_row(&process, i, list))
            return false;
    return true;
}
