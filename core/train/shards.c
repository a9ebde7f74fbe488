/* Shards of about equal cost. */
#include "core/train/shards.h"

struct item {
    int example;
    double cost;
};

/* Quadratic in the length, as attention is, with the linear layers' share (a few hundred columns).
 */
static double cost_of(const struct sbmt_batch *batch, int example)
{
    double cost = 0;
    for (int s = 0; s < batch->segments; s++) {
        const int at = example * batch->segments + s;
        const double n = (double)(batch->offset[at + 1] - batch->offset[at]);
        cost += n * (n + 400);
    }
    return cost;
}

static bool comes_before(struct item a, struct item b)
{
    return a.cost != b.cost ? a.cost > b.cost : a.example < b.example;
}

/* Restores the heap below `at`: no item comes after its parent. */
static void sift_down(struct item *items, int count, int at)
{
    for (int child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && comes_before(items[child], items[child + 1]))
            child++;
        if (!comes_before(items[at], items[child]))
            return;
        const struct item swap = items[at];
        items[at] = items[child];
        items[child] = swap;
        at = child;
    }
}

/* Costliest first. Not qsort, which asks the heap for memory in every step. */
static void sort(struct item *items, int count)
{
    for (int i = count / 2 - 1; i >= 0; i--)
        sift_down(items, count, i);
    for (int last = count - 1; last > 0; last--) {
        const struct item latest = items[0];
        items[0] = items[last];
        items[last] = latest;
        sift_down(items, last, 0);
    }
}

static int least_loaded(const double *load, int shards)
{
    int best = 0;
    for (int s = 1; s < shards; s++)
        if (load[s] < load[best])
            best = s;
    return best;
}

bool sbmt_batch_partition(const struct sbmt_batch *batch, int shards, struct sbmt_arena *arena,
                          struct sbmt_partition *partition, struct sbmt_error *err)
{
    const size_t count = (size_t)batch->count;
    struct item *items = sbmt_arena_alloc(arena, count * sizeof *items);
    int *shard_of = sbmt_arena_alloc(arena, count * sizeof *shard_of);
    double *load = sbmt_arena_zalloc(arena, (size_t)shards, sizeof *load);
    int *order = sbmt_arena_alloc(arena, count * sizeof *order);
    int *begin = sbmt_arena_zalloc(arena, (size_t)shards + 1, sizeof *begin);
    if (!sbmt_arena_check(arena, "batch", err))
        return false;
    for (int e = 0; e < batch->count; e++)
        items[e] = (struct item){e, cost_of(batch, e)};
    sort(items, batch->count);
    for (int i = 0; i < batch->count; i++) {
        const int s = least_loaded(load, shards);
        load[s] += items[i].cost;
        shard_of[items[i].example] = s;
        begin[s + 1]++;
    }
    for (int s = 0; s < shards; s++)
        begin[s + 1] += begin[s];
    int *next = sbmt_arena_alloc(arena, (size_t)shards * sizeof *next);
    if (!sbmt_arena_check(arena, "batch", err))
        return false;
    for (int s = 0; s < shards; s++)
        next[s] = begin[s];
    for (int e = 0; e < batch->count; e++)
        order[next[shard_of[e]]++] = e;
    *partition = (struct sbmt_partition){shards, order, begin};
    return true;
}
