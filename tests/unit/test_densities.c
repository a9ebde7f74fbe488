/* Densities head by head: buckets, sums, and the same bytes for any number of threads. */
#include "tests/suite.h"

#include "core/attention/sbm_config.h"
#include "tests/unit/step_world.h"

enum { COUNT = 12, HEADS = 4 };

static const int lengths[16] = {33, 7, 64, 20, 1, 90, 12, 40, 25, 3, 77, 50, 8, 9, 10, 11};

static int bucket_of(double density)
{
    struct sbmt_densities heads[2] = {0};
    struct sbmt_stats stats = {.heads = heads, .head_count = 2};
    struct sbmt_pass pass = {.stats = &stats, .heads = 2};
    sbmt_pass_count_density(&pass, 1, density);
    ck_assert(heads[0].count == 0 && heads[1].count == 1 && heads[1].sum == density);
    ck_assert(heads[1].least == density && heads[1].most == density);
    ck_assert(stats.density == density && stats.density_count == 1);
    int found = -1;
    for (int b = 0; b < SBMT_DENSITY_BUCKETS; b++)
        if (heads[1].bucket[b] == 1)
            found = b;
    return found;
}

START_TEST(buckets)
{
    const int last = SBMT_DENSITY_BUCKETS - 1;
    ck_assert_int_eq(bucket_of(1), last);
    ck_assert_int_eq(bucket_of(0.99), last);
    ck_assert_int_eq(bucket_of(1.5), last);
    ck_assert_int_eq(bucket_of(0.97), last - 1);
    ck_assert_int_eq(bucket_of(0.51), last / 2 + 1);
    ck_assert_int_eq(bucket_of(0.49), last / 2);
    ck_assert_int_eq(bucket_of(0.03), 1);
    ck_assert_int_eq(bucket_of(0.00009), 0);
    ck_assert_int_eq(bucket_of(0), 0);
}
END_TEST

START_TEST(sums)
{
    struct sbmt_densities a = {0}, b = {0};
    const struct sbmt_densities one = {
        .count = 1, .sum = 0.5, .square_sum = 0.25, .least = 0.5, .most = 0.5, .bucket = {[3] = 1}};
    const struct sbmt_densities two = {.count = 2,
                                       .sum = 0.3,
                                       .square_sum = 0.05,
                                       .least = 0.1,
                                       .most = 0.2,
                                       .bucket = {[3] = 1, [4] = 1}};
    sbmt_densities_add(&a, &b);
    ck_assert(a.count == 0);
    sbmt_densities_add(&a, &two);
    sbmt_densities_add(&a, &one);
    sbmt_densities_add(&a, &b);
    ck_assert(a.count == 3 && a.sum == 0.8 && a.least == 0.1 && a.most == 0.5);
    ck_assert(a.bucket[3] == 2 && a.bucket[4] == 1);
}
END_TEST

static void evaluate(const struct step_world *world, int threads, struct sbmt_stats *stats,
                     struct sbmt_densities *heads)
{
    struct sbmt_stepper *stepper = step_world_stepper(world, 4, threads, NULL);
    struct sbmt_step_result result;
    struct sbmt_error err = {0};
    ck_assert(sbmt_stepper_train(stepper, &world->batch, 5, 1, &result, &err));
    ck_assert(result.stats.heads == NULL);
    for (int again = 0; again < 2; again++)
        ck_assert(sbmt_stepper_evaluate(stepper, &world->batch, 5, NULL, NULL, &result, &err));
    ck_assert_int_eq(result.stats.head_count, HEADS);
    memcpy(heads, result.stats.heads, HEADS * sizeof *heads);
    *stats = result.stats;
    sbmt_stepper_destroy(stepper);
}

START_TEST(evaluations_count_each_head)
{
    struct step_world world;
    struct sbmt_stats stats;
    struct sbmt_densities one[HEADS], three[HEADS];
    uint64_t ids[COUNT];
    for (int e = 0; e < COUNT; e++)
        ids[e] = (uint64_t)e;
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    step_world_fill(&world, COUNT, ids, lengths);
    evaluate(&world, 1, &stats, one);
    evaluate(&world, 3, &stats, three);
    ck_assert_mem_eq(one, three, sizeof one);
    double sum = 0;
    for (int h = 0; h < HEADS; h++) {
        double in_buckets = 0;
        ck_assert(one[h].count == COUNT && one[h].least <= one[h].most);
        ck_assert(one[h].sum >= COUNT * one[h].least && one[h].sum <= COUNT * one[h].most);
        for (int b = 0; b < SBMT_DENSITY_BUCKETS; b++)
            in_buckets += one[h].bucket[b];
        ck_assert(in_buckets == COUNT);
        sum += one[h].sum;
    }
    ck_assert_double_eq_tol(sum, stats.density, 1e-9);
    ck_assert(memcmp(&one[0], &one[1], sizeof one[0]) != 0);
    step_world_finish(&world);
}
END_TEST

SBMT_SUITE_MAIN("densities", buckets, sums, evaluations_count_each_head)
