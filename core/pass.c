/* What passes count: densities, head by head. */
#include "core/pass.h"

/* The bucket that a density belongs to. */
static int bucket_of(double density)
{
    if (!(density > 0))
        return 0;
    const double bucket = ceil(SBMT_DENSITY_BUCKETS * density) - 1;
    return bucket > SBMT_DENSITY_BUCKETS - 1 ? SBMT_DENSITY_BUCKETS - 1 : (int)bucket;
}

void sbmt_densities_add(struct sbmt_densities *to, const struct sbmt_densities *from)
{
    if (from->count == 0)
        return;
    to->least = to->count == 0 ? from->least : fmin(to->least, from->least);
    to->most = to->count == 0 ? from->most : fmax(to->most, from->most);
    to->count += from->count;
    to->sum += from->sum;
    to->square_sum += from->square_sum;
    for (int b = 0; b < SBMT_DENSITY_BUCKETS; b++)
        to->bucket[b] += from->bucket[b];
}

void sbmt_pass_count_density(const struct sbmt_pass *pass, int head, double density)
{
    struct sbmt_stats *stats = pass->stats;
    stats->density += density;
    stats->density_count += 1;
    if (stats->heads == NULL)
        return;
    struct sbmt_densities one = {.count = 1,
                                 .sum = density,
                                 .square_sum = density * density,
                                 .least = density,
                                 .most = density};
    one.bucket[bucket_of(density)] = 1;
    sbmt_densities_add(&stats->heads[pass->layer * pass->heads + head], &one);
}
