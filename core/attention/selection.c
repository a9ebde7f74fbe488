/* The largest of many numbers, by their bits, eight at a time from the top (radix selection). */
#include "core/attention/selection.h"

#include <stdbool.h>
#include <string.h>

enum { DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

/* Negative numbers have their bits turned, others their sign; −0 counts as 0. */
static sbmt_rank rank_of(real x)
{
    const real positive_zero = x + 0;
    sbmt_rank bits;
    memcpy(&bits, &positive_zero, sizeof bits);
    const sbmt_rank sign = (sbmt_rank)1 << (SBMT_REAL_BITS - 1);
    return (bits & sign) != 0 ? ~bits : bits | sign;
}

/* A rank, and how many that are equal to it, which with all that are greater are the `most`
 * largest. */
struct threshold {
    sbmt_rank rank;
    int equals;
};

static struct threshold find_threshold(int count, const sbmt_rank *rank, int most)
{
    sbmt_rank prefix = 0, mask = 0;
    int rest = most; /* wanted of those with the prefix */
    for (int shift = SBMT_REAL_BITS - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
        int with_digit[DIGITS] = {0};
        for (int i = 0; i < count; i++)
            if ((rank[i] & mask) == prefix)
                with_digit[rank[i] >> shift & (DIGITS - 1)]++;
        int digit = DIGITS - 1;
        while (rest > with_digit[digit])
            rest -= with_digit[digit--];
        prefix |= (sbmt_rank)digit << shift;
        mask |= (sbmt_rank)(DIGITS - 1) << shift;
        if (rest == with_digit[digit])
            break; /* all with this prefix, the least of which the rest of its bits may be 0 */
    }
    return (struct threshold){prefix, rest};
}

void sbmt_select_largest(int count, const real *x, int most, int32_t *index, sbmt_rank *rank)
{
    for (int i = 0; i < count; i++)
        rank[i] = rank_of(x[i]);
    struct threshold least = find_threshold(count, rank, most);
    for (int i = 0, taken = 0; i < count && taken < most; i++) {
        const bool equal = rank[i] == least.rank;
        if (rank[i] > least.rank || (equal && least.equals > 0)) {
            index[taken++] = i;
            least.equals -= equal;
        }
    }
}
