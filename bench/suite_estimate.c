/* Time left of a suite. */
#include "bench/suite_estimate.h"

#include <string.h>

/* A mean of what has been added; −1 before. */
struct mean {
    double sum;
    int count;
};

static double value_of(struct mean mean)
{
    return mean.count > 0 ? mean.sum / mean.count : -1;
}

static void add(struct mean *mean, double value)
{
    if (value >= 0) {
        mean->sum += value;
        mean->count++;
    }
}

static bool is_alike(const struct sbmt_cell *a, const struct sbmt_cell *b)
{
    return strcmp(a->config.task, b->config.task) == 0 &&
           a->config.model.attention.index == b->config.model.attention.index &&
           a->config.train.steps == b->config.train.steps &&
           a->config.train.epochs == b->config.train.epochs;
}

/* By the finished cells that are like this one. */
static double by_others(const struct sbmt_suite *suite, const struct sbmt_cell_progress *progress,
                        int cell)
{
    struct mean mean = {0};
    for (int i = 0; i < suite->count; i++)
        if (progress[i].finished && is_alike(&suite->cell[i], &suite->cell[cell]))
            add(&mean, progress[i].seconds);
    return value_of(mean);
}

/* The whole time of a running cell, by the steps it has done. */
static double by_itself(const struct sbmt_cell_progress *progress)
{
    if (!progress->running || progress->step < 1 || progress->seconds < 0)
        return -1;
    return progress->seconds * (double)progress->steps / (double)progress->step;
}

static double estimate(const struct sbmt_suite *suite, const struct sbmt_cell_progress *progress,
                       int cell)
{
    const double others = by_others(suite, progress, cell);
    return others >= 0 ? others : by_itself(&progress[cell]);
}

double sbmt_suite_seconds_left(const struct sbmt_suite *suite,
                               const struct sbmt_cell_progress *progress, int jobs)
{
    struct mean all = {0};
    double left = 0, longest = 0;
    for (int i = 0; i < suite->count; i++)
        add(&all, progress[i].finished ? progress[i].seconds : estimate(suite, progress, i));
    if (all.count == 0)
        return -1;
    for (int i = 0; i < suite->count; i++) {
        if (progress[i].finished || progress[i].failed)
            continue;
        double whole = estimate(suite, progress, i);
        whole = whole >= 0 ? whole : value_of(all);
        const double done = progress[i].steps > 0
                                ? (double)progress[i].step / (double)progress[i].steps
                                : 0;
        const double rest = whole * (done < 1 ? 1 - done : 0);
        left += rest;
        longest = rest > longest ? rest : longest;
    }
    return left / jobs > longest ? left / jobs : longest;
}
