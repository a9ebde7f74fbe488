/* Runs paired by seed, and their answers by example. */
#include "bench/pairing.h"

#include <math.h>
#include <string.h>

#include "bench/comparison.h"

/* The runs that have a seed in common, and both a score. */
struct pairs {
    int count;
    const struct sbmt_ledger_run **first, **second;
};

const char *sbmt_pairing_name(enum sbmt_pairing_test test)
{
    static const char *const names[] = {NULL, "seeds", "examples"};
    return names[test];
}

static struct pairs find_pairs(const struct sbmt_pairing_set *first,
                               const struct sbmt_pairing_set *second, const char *metric,
                               struct sbmt_arena *arena)
{
    struct pairs pairs = {
        .first = sbmt_arena_zalloc(arena, (size_t)first->count, sizeof *pairs.first),
        .second = sbmt_arena_zalloc(arena, (size_t)first->count, sizeof *pairs.second),
    };
    if (pairs.first == NULL || pairs.second == NULL)
        return pairs;
    for (int a = 0; a < first->count; a++)
        for (int b = 0; b < second->count; b++)
            if (first->run[a]->config.seed == second->run[b]->config.seed &&
                !isnan(sbmt_ledger_value(first->run[a], metric)) &&
                !isnan(sbmt_ledger_value(second->run[b], metric))) {
                pairs.first[pairs.count] = first->run[a];
                pairs.second[pairs.count++] = second->run[b];
                break;
            }
    return pairs;
}

static bool are_of_result(const struct sbmt_ledger_run *run)
{
    return fabs(sbmt_ledger_answered(run) - sbmt_ledger_value(run, "accuracy")) < 1e-12;
}

/* All have answered the same labels. */
static bool have_answers(const struct pairs *pairs)
{
    for (int i = 0; i < pairs->count; i++) {
        const struct sbmt_ledger_answers *first = &pairs->first[i]->answers;
        const struct sbmt_ledger_answers *second = &pairs->second[i]->answers;
        const struct sbmt_ledger_answers *all = &pairs->first[0]->answers;
        if (first->count == 0 || second->count != first->count || all->count != first->count ||
            strcmp(first->digest, all->digest) != 0 || strcmp(second->digest, all->digest) != 0)
            return false;
    }
    return pairs->count > 0;
}

/* The answers are by the weights that the results are of. */
static bool are_of_results(const struct pairs *pairs)
{
    for (int i = 0; i < pairs->count; i++)
        if (!are_of_result(pairs->first[i]) || !are_of_result(pairs->second[i]))
            return false;
    return true;
}

static bool by_example(const struct pairs *pairs, struct sbmt_arena *scratch,
                       struct sbmt_significance *significance, struct sbmt_error *err)
{
    const int64_t count = pairs->first[0]->answers.count;
    int *difference = sbmt_arena_zalloc(scratch, (size_t)count, sizeof *difference);
    if (!sbmt_arena_check(scratch, "permutation test", err))
        return false;
    for (int i = 0; i < pairs->count; i++)
        for (int64_t e = 0; e < count; e++)
            difference[e] += pairs->first[i]->answers.right[e] - pairs->second[i]->answers.right[e];
    int64_t gained = 0, lost = 0, all = 0;
    for (int64_t e = 0; e < count; e++) {
        gained += difference[e] == 1;
        lost += difference[e] == -1;
        all += difference[e] != 0;
    }
    if (gained + lost < all)
        return sbmt_statistics_integers(difference, count, scratch, significance, err);
    *significance = sbmt_statistics_mcnemar(gained, lost);
    return true;
}

/* Reads the answers of one side; *same says whether they give the scores of the results, to the
 * digits that are written. */
static bool load_side(const struct sbmt_ledger_run *const *run, int count,
                      const struct sbmt_metric *metric, struct sbmt_arena *scratch,
                      struct sbmt_answers *answers, bool *same, struct sbmt_error *err)
{
    for (int i = 0; i < count; i++) {
        struct sbmt_metric_value value;
        if (!sbmt_ledger_answers_load(run[i], scratch, &answers[i], err) ||
            !metric->compute(&answers[i], scratch, &value, err))
            return false;
        *same = *same && fabs(value.value - sbmt_ledger_value(run[i], metric->name)) < 1e-4;
    }
    return true;
}

/* The test of a metric that is no mean over examples. Without one where the answers are not those
 * of the results. */
static bool by_metric(const struct pairs *pairs, const struct sbmt_metric *metric,
                      struct sbmt_arena *scratch, enum sbmt_pairing_test *test,
                      struct sbmt_significance *significance, struct sbmt_error *err)
{
    const size_t count = (size_t)pairs->count;
    struct sbmt_answers *first = sbmt_arena_zalloc(scratch, count, sizeof *first);
    struct sbmt_answers *second = sbmt_arena_zalloc(scratch, count, sizeof *second);
    bool same = true;
    if (!sbmt_arena_check(scratch, "permutation test", err) ||
        !load_side(pairs->first, pairs->count, metric, scratch, first, &same, err) ||
        !load_side(pairs->second, pairs->count, metric, scratch, second, &same, err))
        return false;
    *test = same ? SBMT_PAIRING_BY_EXAMPLE : SBMT_PAIRING_NONE;
    const struct sbmt_comparison comparison = {metric, pairs->count, first, second};
    return !same ||
           sbmt_comparison_permutation(&comparison, SBMT_PAIRING_DRAWS, scratch, significance, err);
}

static bool by_seed(const struct pairs *pairs, const char *metric, struct sbmt_arena *scratch,
                    struct sbmt_significance *significance, struct sbmt_error *err)
{
    double *difference = sbmt_arena_zalloc(scratch, (size_t)pairs->count, sizeof *difference);
    if (!sbmt_arena_check(scratch, "permutation test", err))
        return false;
    for (int i = 0; i < pairs->count; i++)
        difference[i] = sbmt_ledger_value(pairs->first[i], metric) -
                        sbmt_ledger_value(pairs->second[i], metric);
    *significance = sbmt_statistics_permutation(difference, pairs->count);
    return true;
}

/* Of fewer seeds than a test over them needs. */
static bool by_answers(const struct pairs *pairs, const char *name, struct sbmt_arena *scratch,
                       enum sbmt_pairing_test *test, struct sbmt_significance *significance,
                       struct sbmt_error *err)
{
    const struct sbmt_metric *metric = sbmt_metric_find(name, NULL);
    if (metric == NULL || !have_answers(pairs))
        return true;
    if (metric != &sbmt_metric_accuracy)
        return by_metric(pairs, metric, scratch, test, significance, err);
    if (!are_of_results(pairs))
        return true;
    *test = SBMT_PAIRING_BY_EXAMPLE;
    return by_example(pairs, scratch, significance, err);
}

bool sbmt_pairing_compare(const struct sbmt_pairing_set *first,
                          const struct sbmt_pairing_set *second, const char *metric,
                          struct sbmt_arena *scratch, enum sbmt_pairing_test *test, double *p,
                          struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const struct pairs pairs = find_pairs(first, second, metric, scratch);
    struct sbmt_significance significance = {.p = (double)NAN};
    if (!sbmt_arena_check(scratch, "pairs of runs", err))
        return false;
    const bool by_seeds = pairs.count >= SBMT_PAIRING_SEEDS;
    *test = by_seeds ? SBMT_PAIRING_BY_SEED : SBMT_PAIRING_NONE;
    const bool done = by_seeds ? by_seed(&pairs, metric, scratch, &significance, err)
                               : by_answers(&pairs, metric, scratch, test, &significance, err);
    sbmt_arena_release(scratch, mark);
    *p = significance.p;
    return done;
}
