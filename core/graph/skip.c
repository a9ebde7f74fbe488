/* Independent edges by skipping from candidate to candidate: O(1) a candidate, none for the pairs
 * between them.
 *
 * With cap ≥ P_ij for every column of the row, candidates are independent with probability `cap`
 * each, so the gaps between them are geometric, ⌊E/−ln(1 − cap)⌋ with E standard exponential; a
 * candidate is kept with probability P_ij/cap. */
#include "core/graph/scan.h"

#include <string.h>

#include "core/kernels/kernels.h"

/* Rows are numbered from here for the random numbers that keep or drop candidates. */
#define KEEPING_ROWS 0x80000000U

enum { GAPS_AT_ONCE = 64 };

/* Candidates of a row into `columns`. */
static int candidates(const struct sbmt_scan *scan, int row, real cap, int32_t *columns)
{
    const int m = scan->law->columns;
    const real per_gap = SBMT_R(-1 / log1p(-(double)cap));
    int found = 0, at = -1;
    for (uint32_t block = 0;; block += GAPS_AT_ONCE / 4) {
        uint32_t bits[GAPS_AT_ONCE];
        real wait[GAPS_AT_ONCE];
        scan->kernels->random_bits(scan->key, (uint32_t)row, block, GAPS_AT_ONCE / 4, bits);
        scan->kernels->exponential(GAPS_AT_ONCE, bits, wait);
        const int more = scan->kernels->skip(GAPS_AT_ONCE, wait, per_gap, m, &at, columns + found);
        found += more;
        if (more < GAPS_AT_ONCE)
            return found;
    }
}

/* Takes the unsure candidates out of a row's `count` that are no edges; returns how many are left.
 */
static int filter(const struct sbmt_scan *scan, int count, int unsure, int32_t *columns)
{
    int kept = 0, from = 0; /* columns[0 … kept−1] are edges, columns[from …] still to come */
    for (int u = 0; u < unsure; u++) {
        const int at = scan->place[u];
        if (sbmt_scan_accepts(scan, u))
            continue;
        if (kept != from)
            memmove(columns + kept, columns + from, (size_t)(at - from) * sizeof *columns);
        kept += at - from;
        from = at + 1;
    }
    if (kept != from)
        memmove(columns + kept, columns + from, (size_t)(count - from) * sizeof *columns);
    return kept + count - from;
}

int sbmt_skip_row(const struct sbmt_scan *scan, int row, struct sbmt_scan_bounds bounds,
                  int32_t *columns)
{
    if (!(bounds.cap > 0))
        return 0;
    const int count = candidates(scan, row, bounds.cap, columns);
    scan->kernels->random_bits(scan->key, KEEPING_ROWS + (uint32_t)row, 0, (count + 3) / 4,
                               scan->bits);
    const struct sbmt_thinning by = {bounds.cap, bounds.scale, bounds.low, bounds.high};
    struct sbmt_unsure unsure = {0, scan->unsure, scan->place, scan->level};
    const int kept = scan->kernels->thin(count, columns, scan->bits, scan->along, &by, &unsure);
    sbmt_scan_ask(scan, row, unsure.count);
    return filter(scan, kept, unsure.count, columns);
}
