/* Answers drawn anew, and the metrics of what was drawn. */
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
    struct drawn drawn = {.answers = comparison->first};
    const size_t count = (size_t)comparison->first.count;
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

/* Puts example j of some answers at place i. */
static void put(struct drawn *drawn, int64_t i, const struct sbmt_answers *answers, int64_t j)
{
    if (drawn->label != NULL) {
        drawn->label[i] = answers->label[j];
        drawn->prediction[i] = answers->prediction[j];
    } else {
        drawn->target[i] = answers->target[j];
        drawn->score[i] = answers->score[j];
    }
}

/* The metric of `first`, minus that of `second` where it has examples. */
static bool difference_of(const struct sbmt_metric *metric, const struct sbmt_answers *first,
                          const struct sbmt_answers *second, struct sbmt_arena *scratch,
                          double *difference, struct sbmt_error *err)
{
    struct sbmt_metric_value of_first, of_second = {0};
    if (!metric->compute(first, scratch, &of_first, err) ||
        (second->count > 0 && !metric->compute(second, scratch, &of_second, err)))
        return false;
    *difference = of_first.value - of_second.value;
    return true;
}

static struct sbmt_significance mcnemar(const struct sbmt_answers *first,
                                        const struct sbmt_answers *second)
{
    int64_t only_first = 0, only_second = 0;
    for (int64_t i = 0; i < first->count; i++) {
        const bool one = first->prediction[i] == first->label[i];
        const bool other = second->prediction[i] == second->label[i];
        only_first += one && !other;
        only_second += other && !one;
    }
    return sbmt_statistics_mcnemar(only_first, only_second);
}

bool sbmt_comparison_permutation(const struct sbmt_comparison *comparison, int draws,
                                 struct sbmt_arena *scratch, struct sbmt_significance *significance,
                                 struct sbmt_error *err)
{
    const struct sbmt_answers *first = &comparison->first, *second = &comparison->second;
    assert(first->count == second->count);
    if (comparison->metric == &sbmt_metric_accuracy) {
        *significance = mcnemar(first, second);
        return true;
    }
    const struct sbmt_rng_key key = sbmt_statistics_key(SBMT_STATISTICS_FLIPS);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    struct drawn one = make_drawn(comparison, scratch), other = make_drawn(comparison, scratch);
    double observed, difference;
    if (!sbmt_arena_check(scratch, "permutation test", err) ||
        !difference_of(comparison->metric, first, second, scratch, &observed, err))
        return false;
    int64_t hits = 0;
    for (int draw = 0; draw < draws; draw++) {
        for (int64_t i = 0; i < first->count; i++) {
            const bool flips = sbmt_statistics_flips(key, draw, i);
            put(&one, i, flips ? second : first, i);
            put(&other, i, flips ? first : second, i);
        }
        if (!difference_of(comparison->metric, &one.answers, &other.answers, scratch, &difference,
                           err))
            return false;
        hits += fabs(difference) >= fabs(observed) - 1e-12;
    }
    sbmt_arena_release(scratch, mark);
    *significance = (struct sbmt_significance){.p = (double)(hits + 1) / (draws + 1.0),
                                               .draws = draws};
    return true;
}

bool sbmt_comparison_bootstrap(const struct sbmt_comparison *comparison, int draws,
                               double confidence, struct sbmt_arena *scratch,
                               struct sbmt_interval *interval, struct sbmt_error *err)
{
    const struct sbmt_answers *first = &comparison->first, *second = &comparison->second;
    const int64_t count = first->count;
    assert(count > 0 && count <= INT32_MAX && draws > 0);
    const struct sbmt_rng_key key = sbmt_statistics_key(SBMT_STATISTICS_RESAMPLES);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    struct drawn one = make_drawn(comparison, scratch), other = make_drawn(comparison, scratch);
    double *differences = sbmt_arena_alloc(scratch, (size_t)draws * sizeof *differences);
    if (!sbmt_arena_check(scratch, "bootstrap", err))
        return false;
    other.answers.count = second->count;
    for (int draw = 0; draw < draws; draw++) {
        for (int64_t i = 0; i < count; i++) {
            const int64_t from = sbmt_rng_below(key, (uint32_t)draw, (uint32_t)i, (uint32_t)count);
            put(&one, i, first, from);
            if (second->count > 0)
                put(&other, i, second, from);
        }
        if (!difference_of(comparison->metric, &one.answers, &other.answers, scratch,
                           &differences[draw], err))
            return false;
    }
    *interval = sbmt_statistics_interval(differences, draws, confidence);
    sbmt_arena_release(scratch, mark);
    return true;
}
