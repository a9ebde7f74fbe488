/* A step does not ask the heap for memory once it has seen the largest batch: every allocation of
 * this program, in the C library too, goes through the counters below. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "core/train/adamw.h"
#include "tests/suite.h"
#include "tests/unit/step_world.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define COUNTED 1

/* The C library's own functions under their other names. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_int allocations;

void *malloc(size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
    *result = aligned_alloc(alignment, size);
    return *result == NULL;
}

static int count(void)
{
    return atomic_load(&allocations);
}

START_TEST(allocations_are_counted)
{
    const int before = count();
    void *volatile a = malloc(10), *volatile b = calloc(2, 5);
    void *volatile c = aligned_alloc(64, 64);
    a = realloc(a, 20);
    ck_assert_int_eq(count(), before + 4);
    free(a);
    free(b);
    free(c);
}
END_TEST
#endif

enum { EXAMPLES = 100, STEPS = 6 };

/* Ragged batches, of other examples in every step: those of `first` and after. */
static void fill(struct step_world *world, int examples, uint64_t first)
{
    static const int lengths[16] = {64, 1,   2,  65, 17,  210, 128, 33,
                                    7,  129, 90, 3,  180, 16,  100, 31};
    uint64_t id[EXAMPLES];
    for (int e = 0; e < examples; e++)
        id[e] = first + (uint64_t)e;
    step_world_fill(world, examples, id, lengths);
}

/* A training step with all that belongs to it, and an evaluation. No assertions: Check's allocate.
 */
static bool step(struct step_world *world, struct sbmt_stepper *stepper, uint32_t number,
                 struct sbmt_error *err)
{
    static const struct sbmt_train_config config = {
        .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-6, .weight_decay = 0.01};
    struct sbmt_step_result result;
    if (!sbmt_stepper_train(stepper, &world->batch, 1, number, &result, err))
        return false;
    real *grad = sbmt_stepper_gradient(stepper);
    sbmt_gradient_clip(grad, world->params.size, 1);
    sbmt_adamw_update(&world->params, grad, 1e-3, number, &config);
    return sbmt_stepper_evaluate(stepper, &world->batch, 1, NULL, NULL, &result, err);
}

#ifdef COUNTED
START_TEST(a_step_asks_for_no_memory)
{
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++) {
        struct step_world world;
        struct sbmt_error err = {0};
        step_world_init(&world, kind);
        struct sbmt_stepper *stepper = step_world_stepper(&world, 4, 1, NULL);
        fill(&world, EXAMPLES, 0);
        ck_assert(step(&world, stepper, 1, &err));
        for (uint32_t s = 2; s <= STEPS; s++) {
            fill(&world, EXAMPLES - 7 * (int)s, 1000 * s);
            const int before = count();
            const bool done = step(&world, stepper, s, &err);
            const int allocated = count() - before;
            ck_assert_msg(done, "%s", err.message);
            ck_assert_msg(allocated == 0, "%s: %d allocations in step %u",
                          sbmt_attention_at(kind)->variant.name, allocated, s);
        }
        sbmt_stepper_destroy(stepper);
        step_world_finish(&world);
    }
}
END_TEST

SBMT_SUITE_MAIN("step_heap", allocations_are_counted, a_step_asks_for_no_memory)
#else
/* Under a sanitizer, or with another C library, the steps run uncounted. */
START_TEST(steps_of_ragged_batches)
{
    struct step_world world;
    struct sbmt_error err = {0};
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    struct sbmt_stepper *stepper = step_world_stepper(&world, 4, 1, NULL);
    for (uint32_t s = 1; s <= STEPS; s++) {
        fill(&world, EXAMPLES - 7 * (int)s, 1000 * s);
        ck_assert_msg(step(&world, stepper, s, &err), "%s", err.message);
    }
    sbmt_stepper_destroy(stepper);
    step_world_finish(&world);
}
END_TEST

SBMT_SUITE_MAIN("step_heap", steps_of_ragged_batches)
#endif
