/* Densities of graphs as TensorBoard's histograms. */
#include "bench/density_histograms.h"

#include <stdlib.h>

enum { TAG = 64 };

/* The upper ends of the buckets; nothing is above the last. */
static void fill_limits(double *limit)
{
    for (int b = 0; b < SBMT_DENSITY_BUCKETS; b++)
        limit[b] = (b + 1) / (double)SBMT_DENSITY_BUCKETS;
}

static struct sbmt_histogram histogram_of(const char *tag, const struct sbmt_densities *densities,
                                          const double *limit)
{
    return (struct sbmt_histogram){
        .tag = tag,
        .count = densities->count,
        .least = densities->least,
        .most = densities->most,
        .sum = densities->sum,
        .square_sum = densities->square_sum,
        .buckets = SBMT_DENSITY_BUCKETS,
        .limit = limit,
        .bucket = densities->bucket,
    };
}

bool sbmt_density_histograms(struct sbmt_tensorboard *board,
                             const struct sbmt_head_densities *densities, int64_t step,
                             double wall_time, struct sbmt_error *err)
{
    const int count = densities->layers * densities->heads;
    double limit[SBMT_DENSITY_BUCKETS], graphs = 0;
    for (int i = 0; i < count; i++)
        graphs += densities->of[i].count;
    if (graphs == 0)
        return true;
    struct sbmt_histogram *histograms = calloc((size_t)count, sizeof *histograms);
    char(*tags)[TAG] = calloc((size_t)count, sizeof *tags);
    bool done = histograms != NULL && tags != NULL;
    if (!done)
        sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", board->path);
    fill_limits(limit);
    for (int i = 0; i < count && done; i++) {
        snprintf(tags[i], TAG, "dev/density/layer %d head %d", i / densities->heads,
                 i % densities->heads);
        histograms[i] = histogram_of(tags[i], &densities->of[i], limit);
    }
    done = done && sbmt_tensorboard_histograms(board, step, wall_time, histograms, count, err);
    free(tags);
    free(histograms);
    return done;
}
