/* Orders of published code. */
#include "data/permutation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/md5.h"

struct place {
    struct sbmt_md5 digest; /* first: sbmt_md5_compare looks at it */
    int32_t index;
};

bool sbmt_permutation_hashed(const char *word, int64_t count, int32_t *order,
                             struct sbmt_error *err)
{
    struct place *places = calloc((size_t)count, sizeof *places);
    if (places == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory to order %" PRId64 " examples", count);
    bool hashed = true;
    for (int64_t i = 0; i < count && hashed; i++) {
        char key[64];
        const int length = snprintf(key, sizeof key, "%s%" PRId64, word, i);
        places[i].index = (int32_t)i;
        hashed = sbmt_md5(key, (size_t)length, &places[i].digest, err);
    }
    qsort(places, (size_t)count, sizeof *places, sbmt_md5_compare);
    for (int64_t i = 0; i < count; i++)
        order[i] = places[i].index;
    free(places);
    return hashed;
}

/* The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998). */
enum { WORDS = 624, MIDDLE = 397 };

struct twister {
    uint32_t word[WORDS];
    int used;
};

static void seed_twister(struct twister *twister, uint32_t seed)
{
    twister->word[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++) {
        const uint32_t before = twister->word[i - 1];
        twister->word[i] = 1812433253U * (before ^ before >> 30) + i;
    }
    twister->used = WORDS;
}

static void twist(struct twister *twister)
{
    uint32_t *word = twister->word;
    for (int i = 0; i < WORDS; i++) {
        const uint32_t mixed = (word[i] & 0x80000000U) | (word[(i + 1) % WORDS] & 0x7FFFFFFFU);
        word[i] = word[(i + MIDDLE) % WORDS] ^ mixed >> 1 ^ ((mixed & 1) != 0 ? 0x9908B0DFU : 0);
    }
    twister->used = 0;
}

static uint32_t next_number(struct twister *twister)
{
    if (twister->used == WORDS)
        twist(twister);
    uint32_t y = twister->word[twister->used++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680U;
    y ^= y << 15 & 0xEFC60000U;
    return y ^ y >> 18;
}

void sbmt_permutation_torch(uint32_t seed, int64_t count, int32_t *order)
{
    struct twister twister;
    seed_twister(&twister, seed);
    for (int64_t i = 0; i < count; i++)
        order[i] = (int32_t)i;
    for (int64_t i = 0; i < count - 1; i++) {
        const int64_t other = i + next_number(&twister) % (uint32_t)(count - i);
        const int32_t kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}
