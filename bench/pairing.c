/* Runs paired by seed, and their answers by example. */
#include "bench/pairing.h"

#include <math.h>
#include <string.h>

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

/* All have answered the same labels, and by the weights that the results are of. */
static bool have_answers(const struct pairs *pairs)
{
    for (int i = 0; i < pairs->count; i++) {
        const struct sbmt_ledger_answers *first = &pairs->first[i]->answers;
        const struct sbmt_ledger_answers *second = &pairs->second[i]->answers;
        const struct sbmt_ledger_answers *all = &pairs->first[0]->answers;
        if (first->count == 0 || second->count != first->count || all->count != first->count ||
            strcmp(first->digest, all->digest) != 0 || strcmp(second->digest, all->digest) != 0 ||
            !are_of_result(pairs->first[i]) || !are_of_result(pairs->second[i]))
            return false;
    }
    return pairs->count > 0;
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
    return sbmt_statistics_integers(difference, count, scratch, significance, err);
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
    *test = SBMT_PAIRING_NONE;
    if (pairs.count >= SBMT_PAIRING_SEEDS)
        *test = SBMT_PAIRING_BY_SEED;
    else if (strcmp(metric, "accuracy") == 0 && have_answers(&pairs))
        *test = SBMT_PAIRING_BY_EXAMPLE;
    const bool done = *test == SBMT_PAIRING_NONE ||
                      (*test == SBMT_PAIRING_BY_SEED
                           ? by_seed(&pairs, metric, scratch, &significance, err)
                           : by_example(&pairs, scratch, &significance, err));
    sbmt_arena_release(scratch, mark);
    *p = significance.p;
    return done;
}
