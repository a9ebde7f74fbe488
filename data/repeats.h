/* Examples that occur more than once, and the middle of lengths: what surveys of data share. */
#ifndef SBMT_DATA_REPEATS_H
#define SBMT_DATA_REPEATS_H

#include <stddef.h>
#include <stdint.h>

/** An example among others. */
struct sbmt_seen {
    uint64_t digest; /**< of its content, as sbmt_digest_step makes it */
    int64_t index;   /**< in its split */
    double answer;   /**< label or score */
};

/** How often examples occurred before. */
struct sbmt_repeats {
    int64_t repeated;     /**< examples whose content occurred before */
    int64_t contradicted; /**< those of them with another answer than the one before */
};

/** FNV-1a: begin with SBMT_DIGEST_START and take in one value after the other. Equal digests of
 * unequal content would want some 2^32 examples. */
#define SBMT_DIGEST_START 0xcbf29ce484222325U
static inline uint64_t sbmt_digest_step(uint64_t digest, uint64_t value)
{
    return (digest ^ value) * 0x100000001b3U;
}

/** Counts repeats; sorts `seen` (count) by digest and index. */
struct sbmt_repeats sbmt_repeats_count(struct sbmt_seen *seen, size_t count);

/** How many of the digests b occur among a. Sorts both. */
int64_t sbmt_repeats_shared(uint64_t *a, int64_t a_count, uint64_t *b, int64_t b_count);

/** The median of `count` numbers, at least one. Sorts them. */
double sbmt_median_of(int64_t *numbers, size_t count);

#endif
