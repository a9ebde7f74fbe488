/* Shards of a batch: every example once, ascending, about equal cost, the same for the same
 * lengths. */
#include <string.h>

#include "core/base/rng.h"
#include "core/train/shards.h"
#include "tests/suite.h"

enum { MOST = 200 };

struct lengths {
    int count, segments;
    int64_t offset[2 * MOST + 1];
};

/* Lengths between `least` and `most`, heavily uneven where `skewed`. */
static struct lengths make(int count, int segments, int least, int most, bool skewed)
{
    struct lengths lengths = {.count = count, .segments = segments};
    const struct sbmt_rng_key key = {{(uint32_t)count, (uint32_t)most}};
    for (int s = 0; s < count * segments; s++) {
        double u = sbmt_rng_bits(key, 0, (uint32_t)s) * 0x1p-32;
        u = skewed ? u * u * u * u : u;
        lengths.offset[s + 1] = lengths.offset[s] + least + (int64_t)(u * (most - least));
    }
    return lengths;
}

static struct sbmt_batch batch_of(const struct lengths *lengths)
{
    return (struct sbmt_batch){
        .count = lengths->count, .segments = lengths->segments, .offset = lengths->offset};
}

/* Multiply-adds grow with the square of the length, and with the length itself: 400 is about where
 * the two are equal in a small model. */
static double cost(const struct lengths *lengths, int example)
{
    double total = 0;
    for (int s = example * lengths->segments; s < (example + 1) * lengths->segments; s++) {
        const double n = (double)(lengths->offset[s + 1] - lengths->offset[s]);
        total += n * (n + 400);
    }
    return total;
}

static void check(const struct lengths *lengths, int shards)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_partition partition;
    const struct sbmt_batch batch = batch_of(lengths);
    ck_assert(sbmt_batch_partition(&batch, shards, &arena, &partition, &err));
    ck_assert_int_eq(partition.shards, shards);
    ck_assert_int_eq(partition.begin[0], 0);
    ck_assert_int_eq(partition.begin[shards], lengths->count);
    int seen[MOST] = {0};
    double total = 0, heaviest = 0, largest = 0;
    for (int s = 0; s < shards; s++) {
        double load = 0;
        ck_assert_int_le(partition.begin[s], partition.begin[s + 1]);
        for (int i = partition.begin[s]; i < partition.begin[s + 1]; i++) {
            const int e = partition.order[i];
            ck_assert(e >= 0 && e < lengths->count && seen[e]++ == 0);
            ck_assert(i == partition.begin[s] || partition.order[i - 1] < e);
            load += cost(lengths, e);
            largest = cost(lengths, e) > largest ? cost(lengths, e) : largest;
        }
        total += load;
        heaviest = load > heaviest ? load : heaviest;
    }
    /* Costliest first never exceeds 4/3 of the best possible cut (Graham 1969), which is at least
     * the mean and at least the costliest example. */
    const double best = total / shards > largest ? total / shards : largest;
    ck_assert_msg(heaviest <= best * 4 / 3 + 1e-9, "%d examples, %d shards: %g, best %g",
                  lengths->count, shards, heaviest, best);
    sbmt_arena_finish(&arena);
}

START_TEST(every_example_is_in_one_shard)
{
    static const int counts[] = {0, 1, 2, 3, 7, 8, 9, 32, 127, 128, MOST};
    static const int shards[] = {1, 2, 3, 8, 13, 64, 300};
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
        for (size_t s = 0; s < sizeof shards / sizeof shards[0]; s++)
            for (int segments = 1; segments <= 2; segments++) {
                const struct lengths even = make(counts[c], segments, 100, 2000, false);
                const struct lengths skewed = make(counts[c], segments, 1, 4000, true);
                check(&even, shards[s]);
                check(&skewed, shards[s]);
            }
}
END_TEST

/* The mean load is a bound too loose for batches of many: these are balanced within a few percent.
 */
START_TEST(many_examples_are_balanced_well)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_partition partition;
    const struct lengths lengths = make(128, 1, 500, 2000, false);
    const struct sbmt_batch batch = batch_of(&lengths);
    ck_assert(sbmt_batch_partition(&batch, 8, &arena, &partition, &err));
    double total = 0, heaviest = 0;
    for (int s = 0; s < 8; s++) {
        double load = 0;
        for (int i = partition.begin[s]; i < partition.begin[s + 1]; i++)
            load += cost(&lengths, partition.order[i]);
        total += load;
        heaviest = load > heaviest ? load : heaviest;
    }
    ck_assert_double_le(heaviest, 1.03 * total / 8);
    sbmt_arena_finish(&arena);
}
END_TEST

/* Labels, tokens and identities have no say, nor what the arena held before; ties go by position.
 */
START_TEST(lengths_alone_decide)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_partition first, second;
    struct lengths lengths = make(50, 1, 1, 20, false); /* many equal lengths */
    struct sbmt_batch batch = batch_of(&lengths);
    ck_assert(sbmt_batch_partition(&batch, 8, &arena, &first, &err));
    memset(sbmt_arena_alloc(&arena, 5000), 0x5A, 5000);
    for (int s = 0; s <= 50; s++)
        lengths.offset[s] += 12345; /* a batch within a larger one */
    ck_assert(sbmt_batch_partition(&batch, 8, &arena, &second, &err));
    ck_assert_mem_eq(first.order, second.order, 50 * sizeof *first.order);
    ck_assert_mem_eq(first.begin, second.begin, 9 * sizeof *first.begin);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(equal_lengths_are_dealt_out_in_order)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_partition partition;
    const struct lengths lengths = make(10, 1, 7, 7, false);
    const struct sbmt_batch batch = batch_of(&lengths);
    ck_assert(sbmt_batch_partition(&batch, 4, &arena, &partition, &err));
    static const int order[10] = {0, 4, 8, 1, 5, 9, 2, 6, 3, 7}, begin[5] = {0, 3, 6, 8, 10};
    ck_assert_mem_eq(partition.order, order, sizeof order);
    ck_assert_mem_eq(partition.begin, begin, sizeof begin);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(a_full_arena_is_an_error)
{
    struct sbmt_arena arena = {.limit = 64};
    struct sbmt_error err = {0};
    struct sbmt_partition partition;
    const struct lengths lengths = make(100, 1, 7, 70, false);
    const struct sbmt_batch batch = batch_of(&lengths);
    ck_assert(!sbmt_batch_partition(&batch, 4, &arena, &partition, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
    sbmt_arena_finish(&arena);
}
END_TEST

SBMT_SUITE_MAIN("shards", every_example_is_in_one_shard, many_examples_are_balanced_well,
                lengths_alone_decide, equal_lengths_are_dealt_out_in_order,
                a_full_arena_is_an_error)
