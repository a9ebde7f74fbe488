/* Checks of the kernels that go from candidate to candidate. */
#include <string.h>

#include "tests/kernels/checks.h"

enum { SLACK = 16, LONGEST = 4099 /* of check_sizes */ };

/* Waits, some of which lead exactly to the last column and exactly beyond it. */
static void check_skip_row(struct trial *trial, int count, float per_gap, int limit)
{
    trial_begin(trial, count % 2);
    float *wait = trial_floats(trial, count, 0, 2);
    if (count > 2)
        wait[count / 2] = (float)(limit / 2) / per_gap;
    int32_t *found = trial_array(trial, (size_t)count + SLACK);
    int32_t *expected = trial_array(trial, (size_t)count + SLACK);
    int at = -1, to = -1;
    const int more = trial->set->skip(count, wait, per_gap, limit, &at, found);
    const int wanted = trial->reference->skip(count, wait, per_gap, limit, &to, expected);
    if (more != wanted || at != to)
        trial_fail(trial, "count = %d: %d columns up to %d, expected %d up to %d", count, more, at,
                   wanted, to);
    else if (memcmp(found, expected, (size_t)more * sizeof *found) != 0)
        trial_fail(trial, "count = %d: other columns than the reference's", count);
    trial_check_slack(trial, "skip");
}

void check_skip(struct trial *trial)
{
    static const int limits[] = {0, 1, 7, 100, 16384};
    for (const int *count = check_sizes; *count >= 0; count++)
        for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
            check_skip_row(trial, *count, 0.4F, limits[l]); /* all gaps are 0 */
            check_skip_row(trial, *count, 3, limits[l]);
            check_skip_row(trial, *count, 1e9F, limits[l]);
            check_skip_row(trial, *count, __builtin_inff(), limits[l]);
        }
}

static struct sbmt_unsure unsure_arrays(struct trial *trial, int count)
{
    const size_t room = (size_t)count + SLACK;
    return (struct sbmt_unsure){-1, trial_array(trial, room), trial_array(trial, room),
                                trial_array(trial, room)};
}

static bool same_unsure(const struct sbmt_unsure *a, const struct sbmt_unsure *b)
{
    const size_t size = (size_t)a->count * sizeof(int32_t);
    return a->count == b->count && memcmp(a->column, b->column, size) == 0 &&
           memcmp(a->place, b->place, size) == 0 && memcmp(a->level, b->level, size) == 0;
}

/* Every fifth candidate lies on one of the bounds: the comparisons are strict. */
static void check_thin_row(struct trial *trial, int count, struct sbmt_thinning by)
{
    enum { COLUMNS = 1000 };
    trial_begin(trial, count % 2);
    float *along = trial_floats(trial, COLUMNS, 0, 1);
    uint32_t *bits = trial_array(trial, (size_t)count);
    int32_t *columns = trial_array(trial, (size_t)count + SLACK);
    for (int e = 0; e < count; e++) {
        bits[e] = trial_bits(trial);
        columns[e] = (int32_t)(trial_bits(trial) % COLUMNS);
        if (e % 5 == 0 && by.scale > 0)
            along[columns[e]] =
                (sbmt_rng_unit(bits[e]) * by.cap - (e % 10 == 0 ? by.low : by.high)) / by.scale;
    }
    int32_t *others = trial_copy(trial, columns);
    struct sbmt_unsure unsure = unsure_arrays(trial, count);
    const int kept = trial->set->thin(count, columns, bits, along, &by, &unsure);
    trial_check_slack(trial, "thin");
    int32_t place[LONGEST], column[LONGEST];
    float level[LONGEST];
    struct sbmt_unsure doubtful = {-1, column, place, level};
    const int wanted = trial->reference->thin(count, others, bits, along, &by, &doubtful);
    if (kept != wanted)
        trial_fail(trial, "count = %d: %d candidates, expected %d", count, kept, wanted);
    else if (memcmp(columns, others, (size_t)kept * sizeof *columns) != 0)
        trial_fail(trial, "count = %d: other columns than the reference's", count);
    else if (!same_unsure(&unsure, &doubtful))
        trial_fail(trial, "count = %d: other unsure ones than the reference's", count);
}

void check_thin(struct trial *trial)
{
    static const struct sbmt_thinning by[] = {
        {0.5F, 0.1F, 0.2F, 0.25F}, {1, 1, 0, 0}, {0.02F, 0, 0.01F, 0.01F}, {0.9F, 1, -1, 1}};
    for (const int *count = check_sizes; *count >= 0; count++)
        for (size_t b = 0; b < sizeof by / sizeof by[0]; b++)
            check_thin_row(trial, *count, by[b]);
}
