/* Answers that change sides, and the metrics of what comes of it. */
#include "bench/comparison.h"

#include <assert.h>
#include <math.h>

/* Answers with room of their own, to be filled from others. */
struct drawn {
    struct sbmt_answers answers;
    int32_t *label, *prediction;
    double *target, *score;
};

static struct drawn make_drawn(const struct sbmt_comparison *comparison, struct sbmt_arena *arena)
{
    struct drawn drawn = {.answers = comparison->first[0]};
    const size_t count = (size_t)comparison->first[0].count;
    if (comparison->metric->answer == SBMT_ANSWER_CLASS) {
        drawn.label = sbmt_arena_alloc(arena, count * sizeof *drawn.label);
        drawn.prediction = sbmt_arena_alloc(arena, count * sizeof *drawn.prediction);
        drawn.answers.label = drawn.label;
        drawn.answers.prediction = drawn.prediction;
    } else {
        drawn.target = sbmt_arena_alloc(arena, count * sizeof *drawn.target);
        drawn.score = sbmt_arena_alloc(arena, count * sizeof *drawn.score);
        drawn.answers.target = drawn.target;
        drawn.answers.score = drawn.score;
    }
    return drawn;
}

/* Puts an example of some answers at its place. */
static void put(struct drawn *drawn, const struct sbmt_answers *answers, int64_t i)
{
    if (drawn->label != NULL) {
        drawn->label[i] = answers->label[i];
        drawn->prediction[i] = answers->prediction[i];
    } else {
        drawn->target[i] = answers->target[i];
        drawn->score[i] = answers->score[i];
    }
}

/* Adds the metric of `first` minus that of `second`. */
static bool add_difference(const struct sbmt_metric *metric, const struct sbmt_answers *first,
                           const struct sbmt_answers *second, struct sbmt_arena *scratch,
                           double *sum, struct sbmt_error *err)
{
    struct sbmt_metric_value of_first, of_second;
    if (!metric->compute(first, scratch, &of_first, err) ||
        !metric->compute(second, scratch, &of_second, err))
        return false;
    *sum += of_first.value - of_second.value;
    return true;
}

static bool observe(const struct sbmt_comparison *comparison, struct sbmt_arena *scratch,
                    double *sum, struct sbmt_error *err)
{
    *sum = 0;
    for (int p = 0; p < comparison->pairs; p++)
        if (!add_difference(comparison->metric, &comparison->first[p], &comparison->second[p],
                            scratch, sum, err))
            return false;
    return true;
}

/* The two models of a seed learnt the same; of all seeds the same examples change sides. */
static bool draw_once(const struct sbmt_comparison *comparison, int draw, struct drawn *one,
                      struct drawn *other, struct sbmt_arena *scratch, double *sum,
                      struct sbmt_error *err)
{
    const struct sbmt_rng_key key = sbmt_statistics_key();
    *sum = 0;
    for (int p = 0; p < comparison->pairs; p++) {
        const struct sbmt_answers *first = &comparison->first[p], *second = &comparison->second[p];
        for (int64_t i = 0; i < first->count; i++) {
            const bool flips = sbmt_statistics_flips(key, draw, i);
            put(one, flips ? second : first, i);
            put(other, flips ? first : second, i);
        }
        if (!add_difference(comparison->metric, &one->answers, &other->answers, scratch, sum, err))
            return false;
    }
    return true;
}

bool sbmt_comparison_permutation(const struct sbmt_comparison *comparison, int draws,
                                 struct sbmt_arena *scratch, struct sbmt_significance *significance,
                                 struct sbmt_error *err)
{
    assert(comparison->pairs > 0 && comparison->first[0].count > 0);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    struct drawn one = make_drawn(comparison, scratch), other = make_drawn(comparison, scratch);
    double observed, sum;
    if (!sbmt_arena_check(scratch, "permutation test", err) ||
        !observe(comparison, scratch, &observed, err))
        return false;
    int64_t hits = 0;
    for (int draw = 0; draw < draws; draw++) {
        if (!draw_once(comparison, draw, &one, &other, scratch, &sum, err))
            return false;
        hits += fabs(sum) >= fabs(observed) - 1e-12;
    }
    sbmt_arena_release(scratch, mark);
    *significance = (struct sbmt_significance){.p = (double)(hits + 1) / (draws + 1.0),
                                               .draws = draws};
    return true;
}
