/* Random numbers from counters: Philox 4x32-10 (Salmon et al., SC 2011).
 *
 * There are no streams and no state. Every use names what it is for (a purpose and where in the
 * computation it stands), which gives a key; the numbers under a key are indexed. So a number does
 * not depend on who computes it or when, and the backward pass can compute it again. */
#ifndef SBMT_CORE_BASE_RNG_H
#define SBMT_CORE_BASE_RNG_H

#include <stdint.h>

#include "core/base/real.h"

/** What random numbers are for. The values are part of the file format of a run: resuming an old
 *  checkpoint must find the same numbers, so never renumber. */
enum sbmt_rng_purpose {
    SBMT_RNG_INIT = 1,      /**< initial weights; `sequence` is a hash of the tensor's name */
    SBMT_RNG_SHUFFLE = 2,   /**< the order of examples in an epoch */
    SBMT_RNG_GENERATE = 3,  /**< generated data */
    SBMT_RNG_DROPOUT = 4,   /**< hidden dropout; `head` is the site */
    SBMT_RNG_ATTENTION = 5, /**< dropout of attention weights */
    SBMT_RNG_GRAPH = 6,     /**< edges of a graph */
    SBMT_RNG_FEATURES = 7,  /**< directions of random features; `step` is the number of the draw */
    SBMT_RNG_LANDMARKS = 8, /**< rows that stand for all others */
    SBMT_RNG_HASH = 9,      /**< rotations of locality-sensitive hashing */
    SBMT_RNG_STATISTICS = 10, /**< permutation tests and bootstraps of results */
    SBMT_RNG_MASK = 11,       /**< words to be guessed; `step` is the epoch */
};

/** Where in a computation random numbers are used. */
struct sbmt_rng_place {
    uint64_t seed;
    enum sbmt_rng_purpose purpose;
    uint32_t step; /**< optimiser step, or epoch */
    uint32_t layer, head;
    uint64_t sequence; /**< identity of the example in its data set, or a hash */
};

/** A key: 2^32 rows of 2^32 blocks of 128 random bits. */
struct sbmt_rng_key {
    uint32_t word[2];
};

/** One Philox 4x32-10 block: 128 random bits for a 128-bit counter under a 64-bit key. */
static inline void sbmt_philox(const uint32_t counter[4], struct sbmt_rng_key key, uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key.word[0], k1 = key.word[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t product0 = (uint64_t)0xD2511F53U * c0;
        const uint64_t product1 = (uint64_t)0xCD9E8D57U * c2;
        const uint32_t n0 = (uint32_t)(product1 >> 32) ^ c1 ^ k0;
        const uint32_t n2 = (uint32_t)(product0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)product1;
        c3 = (uint32_t)product0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/** The key of a place: different places give independent keys. */
struct sbmt_rng_key sbmt_rng_derive(const struct sbmt_rng_place *place);

/** Number `index` of row `row` under a key: 32 random bits. For bulk use see the kernel table's
 *  `random_bits`, which gives the same numbers. */
uint32_t sbmt_rng_bits(struct sbmt_rng_key key, uint32_t row, uint32_t index);

/** Uniform in [0, 1), 24 bits, from 32 random bits. */
static inline float sbmt_rng_unit(uint32_t bits)
{
    return (float)(bits >> 8) * 0x1p-24F;
}

/** Uniform in 0 … bound−1 without bias worth measuring (bound < 2^31): a multiplication of 64
 * random bits, numbers 2·index and 2·index+1 of the row. */
uint32_t sbmt_rng_below(struct sbmt_rng_key key, uint32_t row, uint32_t index, uint32_t bound);

/** Standard normal number `index` of row `row` (Box–Muller, in double). */
double sbmt_rng_normal(struct sbmt_rng_key key, uint32_t row, uint32_t index);

/** The normal numbers 0 … count−1 of a row, as sbmt_rng_normal gives them, at half the work. */
void sbmt_rng_normals(struct sbmt_rng_key key, uint32_t row, int count, real *out);

/** A permutation of 0 … count−1 into `order` (Fisher–Yates under the key). */
void sbmt_rng_permutation(struct sbmt_rng_key key, int count, int *order);

/** FNV-1a of a string, to make a place of a name. */
uint64_t sbmt_rng_hash(const char *text);

#endif
