/* Masked words, from counters. */
#include "data/masking.h"

#include <string.h>

#include "core/base/rng.h"

/* Rows of random numbers of a sequence. */
enum { ROW_CHOICE, ROW_CHANGE, ROW_WORD, ROW_RESCUE };

struct sbmt_masking sbmt_masking_make(const struct sbmt_tokenizer *tokenizer, uint64_t seed)
{
    struct sbmt_masking masking = {
        .seed = seed,
        .vocab = tokenizer->vocabulary.count,
        .mask = tokenizer->special[SBMT_SPECIAL_MASK],
    };
    memcpy(masking.special, tokenizer->special, sizeof masking.special);
    for (int i = 1; i < SBMT_SPECIAL_COUNT; i++)
        for (int j = i; j > 0 && masking.special[j] < masking.special[j - 1]; j--) {
            const int32_t larger = masking.special[j - 1];
            masking.special[j - 1] = masking.special[j];
            masking.special[j] = larger;
        }
    return masking;
}

static bool is_special(const struct sbmt_masking *masking, int32_t token)
{
    bool special = false;
    for (int i = 0; i < SBMT_SPECIAL_COUNT; i++)
        special = special || masking->special[i] == token;
    return special;
}

/* True with this probability. */
static bool falls_below(uint32_t bits, double probability)
{
    return bits < probability * 0x1p32;
}

/* Any word but a special token: the numbers of those are passed over. */
static int32_t random_word(const struct sbmt_masking *masking, struct sbmt_rng_key key, int at)
{
    const uint32_t words = (uint32_t)(masking->vocab - SBMT_SPECIAL_COUNT);
    int32_t word = (int32_t)sbmt_rng_below(key, ROW_WORD, (uint32_t)at, words);
    for (int i = 0; i < SBMT_SPECIAL_COUNT; i++)
        word += word >= masking->special[i];
    return word;
}

/* What comes in the place of a chosen word. */
static int32_t change(const struct sbmt_masking *masking, struct sbmt_rng_key key, int at,
                      int32_t token)
{
    const uint32_t bits = sbmt_rng_bits(key, ROW_CHANGE, (uint32_t)at);
    if (falls_below(bits, 0.8))
        return masking->mask;
    return falls_below(bits, 0.9) ? random_word(masking, key, at) : token;
}

/* The index of word number `wanted` among those that are no special tokens; words counted into
 * *words. */
static int find_word(const struct sbmt_masking *masking, const int32_t *tokens, int n, int wanted,
                     int *words)
{
    *words = 0;
    for (int i = 0; i < n; i++)
        if (!is_special(masking, tokens[i]) && (*words)++ == wanted)
            return i;
    return -1;
}

/* Chooses places. */
static int choose(const struct sbmt_masking *masking, struct sbmt_rng_key key,
                  const int32_t *tokens, int n, int32_t *place)
{
    const double share = 0.15;
    int count = 0, words;
    for (int i = 0; i < n; i++)
        if (falls_below(sbmt_rng_bits(key, ROW_CHOICE, (uint32_t)i), share) &&
            !is_special(masking, tokens[i]))
            place[count++] = i;
    if (count > 0 || find_word(masking, tokens, n, n, &words) >= 0 || words == 0)
        return count;
    const uint32_t wanted = sbmt_rng_below(key, ROW_RESCUE, 0, (uint32_t)words);
    place[0] = find_word(masking, tokens, n, (int)wanted, &words);
    return 1;
}

int sbmt_masking_apply(const struct sbmt_masking *masking, uint32_t epoch, uint64_t sequence,
                       int32_t *tokens, int n, int32_t *place, int32_t *label)
{
    const struct sbmt_rng_place where = {
        .seed = masking->seed, .purpose = SBMT_RNG_MASK, .step = epoch, .sequence = sequence};
    const struct sbmt_rng_key key = sbmt_rng_derive(&where);
    const int count = choose(masking, key, tokens, n, place);
    for (int i = 0; i < count; i++) {
        label[i] = tokens[place[i]];
        tokens[place[i]] = change(masking, key, place[i], label[i]);
    }
    return count;
}
