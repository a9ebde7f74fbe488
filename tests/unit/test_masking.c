/* Tests of masked words: shares within their binomial bounds, and what the choice depends on. */
#include "data/masking.h"

#include <math.h>
#include <string.h>

#include "tests/suite.h"

enum { VOCAB = 1000, LENGTH = 128, SEQUENCES = 2000, MASK = 4 };

static const struct sbmt_masking masking = {
    .seed = 3, .vocab = VOCAB, .mask = MASK, .special = {0, 1, 2, 3, MASK}};

/* One sequence before and after. */
struct masked {
    int32_t before[LENGTH], tokens[LENGTH], place[LENGTH], label[LENGTH];
    int count;
};

/* [CLS], words with a [SEP] in their midst, [SEP]. */
static void apply(struct masked *masked, uint32_t epoch, uint64_t sequence)
{
    for (int i = 0; i < LENGTH; i++)
        masked->before[i] = 5 + (int32_t)((sequence * 131 + (uint64_t)i * 7) % (VOCAB - 5));
    masked->before[0] = 2;
    masked->before[LENGTH / 2] = masked->before[LENGTH - 1] = 3;
    memcpy(masked->tokens, masked->before, sizeof masked->tokens);
    masked->count = sbmt_masking_apply(&masking, epoch, sequence, masked->tokens, LENGTH,
                                       masked->place, masked->label);
}

/* That a count is what a probability gives, within four standard deviations. */
static void assert_share(const char *what, double count, double trials, double probability)
{
    const double bound = 4 * sqrt(trials * probability * (1 - probability));
    ck_assert_msg(fabs(count - trials * probability) < bound, "%s: %.0f of %.0f, not %g", what,
                  count, trials, probability);
}

START_TEST(shares_are_those_of_bert)
{
    static struct masked masked;
    double chosen = 0, hidden = 0, kept = 0, changed = 0, low = 0;
    for (int s = 0; s < SEQUENCES; s++) {
        apply(&masked, 0, (uint64_t)s);
        chosen += masked.count;
        for (int c = 0; c < masked.count; c++) {
            const int32_t now = masked.tokens[masked.place[c]];
            ck_assert_int_eq(masked.label[c], masked.before[masked.place[c]]);
            hidden += now == MASK;
            kept += now == masked.label[c];
            changed += now != MASK && now != masked.label[c];
            low += now != MASK && now != masked.label[c] && now < 5 + (VOCAB - 5) / 2;
        }
    }
    assert_share("chosen", chosen, (double)SEQUENCES * (LENGTH - 3), 0.15);
    assert_share("[MASK]", hidden, chosen, 0.8);
    /* One in VOCAB − 5 random words is the word itself. */
    assert_share("kept", kept, chosen, 0.1 + 0.1 / (VOCAB - 5));
    assert_share("changed", changed, chosen, 0.1 - 0.1 / (VOCAB - 5));
    assert_share("words of the lower half", low, changed, 0.5);
}
END_TEST

START_TEST(nothing_else_is_touched)
{
    static struct masked masked;
    for (int s = 0; s < SEQUENCES; s++) {
        apply(&masked, 1, (uint64_t)s);
        int next = 0;
        for (int i = 0; i < LENGTH; i++) {
            const bool chosen = next < masked.count && masked.place[next] == i;
            next += chosen;
            if (!chosen)
                ck_assert_int_eq(masked.tokens[i], masked.before[i]);
            else
                ck_assert(masked.before[i] > MASK && masked.tokens[i] >= MASK &&
                          masked.tokens[i] < VOCAB);
        }
        ck_assert_int_eq(next, masked.count);
    }
}
END_TEST

START_TEST(epochs_and_sequences_differ)
{
    static struct masked first, again, epoch, other;
    int same_epoch = 0, same_sequence = 0;
    for (int s = 0; s < 100; s++) {
        apply(&first, 0, (uint64_t)s);
        apply(&again, 0, (uint64_t)s);
        ck_assert_mem_eq(first.tokens, again.tokens, sizeof first.tokens);
        ck_assert_int_eq(first.count, again.count);
        apply(&epoch, 1, (uint64_t)s);
        apply(&other, 0, (uint64_t)s + 1);
        same_epoch += first.count == epoch.count &&
                      memcmp(first.place, epoch.place, (size_t)first.count * 4) == 0;
        same_sequence += first.count == other.count &&
                         memcmp(first.place, other.place, (size_t)first.count * 4) == 0;
    }
    ck_assert_int_eq(same_epoch + same_sequence, 0);
}
END_TEST

START_TEST(one_word_at_least_is_chosen)
{
    int32_t place[3], label[3];
    for (uint64_t s = 0; s < 200; s++) {
        int32_t tokens[3] = {2, 77, 3};
        ck_assert_int_eq(sbmt_masking_apply(&masking, 0, s, tokens, 3, place, label), 1);
        ck_assert_int_eq(place[0], 1);
        ck_assert_int_eq(label[0], 77);
        int32_t none[2] = {2, 3};
        ck_assert_int_eq(sbmt_masking_apply(&masking, 0, s, none, 2, place, label), 0);
    }
}
END_TEST

SBMT_SUITE_MAIN("masking", shares_are_those_of_bert, nothing_else_is_touched,
                epochs_and_sequences_differ, one_word_at_least_is_chosen)
