/* The order of examples: whole epochs, fresh permutations, any part in any order. */
#include "tests/suite.h"

#include <stdint.h>
#include <string.h>

#include "core/train/order.h"

enum { COUNT = 103, BATCH = 16, EPOCHS = 4, TOTAL = COUNT * EPOCHS };

/* All examples of the first epochs, in batches that span them. */
static void draw(uint64_t seed, int64_t *indices)
{
    struct sbmt_order order;
    struct sbmt_error err = {0};
    ck_assert(sbmt_order_init(&order, seed, COUNT, &err));
    for (int first = 0; first < TOTAL; first += BATCH)
        sbmt_order_fill(&order, first, TOTAL - first < BATCH ? TOTAL - first : BATCH,
                        indices + first);
    sbmt_order_finish(&order);
    ck_assert_ptr_null(order.permutation);
}

START_TEST(each_epoch_visits_each_example_once)
{
    int64_t indices[TOTAL];
    draw(7, indices);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        int seen[COUNT] = {0};
        for (int i = 0; i < COUNT; i++) {
            const int64_t index = indices[epoch * COUNT + i];
            ck_assert_int_ge(index, 0);
            ck_assert_int_lt(index, COUNT);
            ck_assert_int_eq(seen[index]++, 0);
        }
        for (int before = 0; before < epoch; before++)
            ck_assert_mem_ne(indices + epoch * COUNT, indices + before * COUNT,
                             COUNT * sizeof indices[0]);
    }
}
END_TEST

START_TEST(the_order_depends_on_the_seed_alone)
{
    int64_t first[TOTAL], again[TOTAL], other[TOTAL];
    draw(7, first);
    draw(7, again);
    draw(8, other);
    ck_assert_mem_eq(first, again, sizeof first);
    ck_assert_mem_ne(first, other, COUNT * sizeof first[0]);
}
END_TEST

/* As after a resume: the middle of a run without what came before, and batches of other sizes. */
START_TEST(any_part_can_be_asked_for)
{
    int64_t all[TOTAL], part[TOTAL];
    draw(7, all);
    struct sbmt_order order;
    struct sbmt_error err = {0};
    ck_assert(sbmt_order_init(&order, 7, COUNT, &err));
    sbmt_order_fill(&order, 250, 100, part);
    ck_assert_mem_eq(part, all + 250, 100 * sizeof part[0]);
    sbmt_order_fill(&order, 3, 10, part);
    ck_assert_mem_eq(part, all + 3, 10 * sizeof part[0]);
    sbmt_order_fill(&order, 1, TOTAL - 1, part);
    ck_assert_mem_eq(part, all + 1, (TOTAL - 1) * sizeof part[0]);
    sbmt_order_finish(&order);
}
END_TEST

START_TEST(an_endless_source_is_read_in_order)
{
    struct sbmt_order order;
    struct sbmt_error err = {0};
    ck_assert(sbmt_order_init(&order, 7, 0, &err));
    int64_t indices[3];
    const int64_t far = (int64_t)1 << 40;
    sbmt_order_fill(&order, far, 3, indices);
    ck_assert(indices[0] == far && indices[1] == far + 1 && indices[2] == far + 2);
    sbmt_order_finish(&order);
}
END_TEST

START_TEST(one_example_and_too_many)
{
    struct sbmt_order order;
    struct sbmt_error err = {0};
    ck_assert(sbmt_order_init(&order, 7, 1, &err));
    int64_t indices[3];
    sbmt_order_fill(&order, 5, 3, indices);
    ck_assert(indices[0] == 0 && indices[1] == 0 && indices[2] == 0);
    sbmt_order_finish(&order);
    ck_assert(!sbmt_order_init(&order, 7, (int64_t)1 << 31, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "2147483648 examples"));
    sbmt_order_finish(&order);
}
END_TEST

SBMT_SUITE_MAIN("order", each_epoch_visits_each_example_once, the_order_depends_on_the_seed_alone,
                any_part_can_be_asked_for, an_endless_source_is_read_in_order,
                one_example_and_too_many)
