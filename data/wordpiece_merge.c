/* Merging pairs of pieces, with counts kept up to date: a hash table of pairs, each with the words
 * it has been in, and a heap of pairs by count, whose stale items are put right when they come up.
 */
#include "data/wordpiece_merge.h"

#include <stdlib.h>
#include <string.h>

#include "data/heap.h"
#include "data/token_list.h"
#include "data/wordpiece.h"

enum { FIRST_SLOTS = 1 << 10 };

struct pair {
    int32_t left, right;
    int64_t count;                /* in the text, as it stands */
    struct sbmt_token_list words; /* where it is or has been; a word may be there twice */
    bool changed;                 /* is in the list of changed pairs */
};

struct merger {
    struct sbmt_vocabulary *pieces;
    struct sbmt_piece_words *words;
    struct pair *pair;
    int32_t *slot; /* hash table of pairs; −1: empty */
    uint32_t slots, pairs;
    struct sbmt_heap heap;          /* of pairs as frequent as they were when they were put there */
    struct sbmt_token_list changed; /* pairs that have become more frequent in this merge */
    bool failed;
};

/* The slot of a pair, or the empty one where it would be. */
static uint32_t find_slot(const struct merger *merger, int32_t left, int32_t right)
{
    uint32_t slot = sbmt_token_pair_hash(left, right) & (merger->slots - 1);
    for (;; slot = (slot + 1) & (merger->slots - 1)) {
        const int32_t pair = merger->slot[slot];
        if (pair < 0 || (merger->pair[pair].left == left && merger->pair[pair].right == right))
            return slot;
    }
}

/* Twice the slots, and room for half as many pairs. */
static void grow_table(struct merger *merger)
{
    const uint32_t slots = merger->slots == 0 ? FIRST_SLOTS : 2 * merger->slots;
    int32_t *slot = realloc(merger->slot, slots * sizeof *slot);
    if (slot != NULL)
        merger->slot = slot;
    struct pair *pair = realloc(merger->pair, slots / 2 * sizeof *pair);
    if (pair != NULL)
        merger->pair = pair;
    if (slot == NULL || pair == NULL) {
        merger->failed = true;
        return;
    }
    memset(slot, -1, slots * sizeof *slot);
    merger->slots = slots;
    for (uint32_t i = 0; i < merger->pairs; i++)
        slot[find_slot(merger, pair[i].left, pair[i].right)] = (int32_t)i;
}

/* The number of a pair, which is made where it is new; −1 where memory failed. */
static int32_t find_pair(struct merger *merger, int32_t left, int32_t right)
{
    if (2 * merger->pairs >= merger->slots)
        grow_table(merger);
    if (merger->failed)
        return -1;
    const uint32_t slot = find_slot(merger, left, right);
    if (merger->slot[slot] < 0) {
        merger->pair[merger->pairs] = (struct pair){.left = left, .right = right};
        merger->slot[slot] = (int32_t)merger->pairs++;
    }
    return merger->slot[slot];
}

/* Puts a pair into the heap: the more frequent first, then that of lower pieces. */
static void push(struct merger *merger, int32_t index)
{
    const struct pair *pair = &merger->pair[index];
    if (pair->count > 0)
        sbmt_heap_push(&merger->heap, (struct sbmt_heap_item){
                                          .order = -pair->count,
                                          .place = (int64_t)pair->left << 32 | pair->right,
                                          .value = index,
                                      });
    merger->failed = merger->failed || merger->heap.failed;
}

/* Adds the pairs of a word to the counts (sign 1), or takes them away (−1). Pairs with the piece
 * `made`, or all where it is −1, are new in this word: they note it, and will go into the heap. */
static void count_pairs(struct merger *merger, int word, int sign, int32_t made)
{
    const struct sbmt_piece_words *words = merger->words;
    const int32_t *piece = words->piece + words->begin[word];
    for (int i = 0; i + 1 < words->length[word]; i++) {
        const int32_t index = find_pair(merger, piece[i], piece[i + 1]);
        if (index < 0)
            return;
        struct pair *pair = &merger->pair[index];
        pair->count += sign * words->frequency[word];
        if (sign < 0 || (made >= 0 && piece[i] != made && piece[i + 1] != made))
            continue;
        sbmt_token_list_add(&pair->words, word);
        if (!pair->changed)
            sbmt_token_list_add(&merger->changed, index);
        pair->changed = true;
        merger->failed = merger->failed || pair->words.failed || merger->changed.failed;
    }
}

/* Puts the pairs that have become more frequent into the heap. */
static void push_changed(struct merger *merger)
{
    for (size_t i = 0; i < merger->changed.count; i++) {
        merger->pair[merger->changed.id[i]].changed = false;
        push(merger, merger->changed.id[i]);
    }
    sbmt_token_list_clear(&merger->changed);
}

/* The piece that two make: their text, the second without its mark. */
static int32_t make_piece(struct merger *merger, int32_t left, int32_t right)
{
    struct sbmt_vocabulary *pieces = merger->pieces;
    const size_t mark = strlen(SBMT_WORDPIECE_CONTINUATION);
    size_t first, second;
    struct sbmt_str text = {0};
    const char *begin = sbmt_vocabulary_token(pieces, left, &first);
    const char *end = sbmt_vocabulary_token(pieces, right, &second);
    sbmt_str_append(&text, begin, first);
    sbmt_str_append(&text, end + mark, second - mark);
    int32_t made = text.failed ? -1 : sbmt_vocabulary_find(pieces, text.text, text.length);
    if (made < 0 && !text.failed)
        made = sbmt_vocabulary_add(pieces, text.text, text.length);
    sbmt_str_finish(&text);
    merger->failed = merger->failed || made < 0;
    return made;
}

static bool has_pair(const struct sbmt_piece_words *words, int word, int32_t left, int32_t right)
{
    const int32_t *piece = words->piece + words->begin[word];
    for (int i = 0; i + 1 < words->length[word]; i++)
        if (piece[i] == left && piece[i + 1] == right)
            return true;
    return false;
}

/* Merges a pair in one word, from the left. */
static void merge_word(struct sbmt_piece_words *words, int word, int32_t left, int32_t right,
                       int32_t made)
{
    int32_t *piece = words->piece + words->begin[word];
    const int length = words->length[word];
    int kept = 0;
    for (int i = 0; i < length; i++) {
        const bool here = i + 1 < length && piece[i] == left && piece[i + 1] == right;
        piece[kept++] = here ? made : piece[i];
        i += here;
    }
    words->length[word] = kept;
}

static void merge_pair(struct merger *merger, int32_t index)
{
    const int32_t left = merger->pair[index].left, right = merger->pair[index].right;
    const int32_t made = make_piece(merger, left, right);
    /* The list is taken away from the pair: the table may move while it is read. */
    struct sbmt_token_list in = merger->pair[index].words;
    merger->pair[index].words = (struct sbmt_token_list){0};
    for (size_t i = 0; i < in.count && !merger->failed; i++) {
        if (!has_pair(merger->words, in.id[i], left, right))
            continue;
        count_pairs(merger, in.id[i], -1, made);
        merge_word(merger->words, in.id[i], left, right, made);
        count_pairs(merger, in.id[i], 1, made);
    }
    sbmt_token_list_finish(&in);
    push_changed(merger);
}

bool sbmt_wordpiece_merge(struct sbmt_vocabulary *pieces, struct sbmt_piece_words *words, int size,
                          int64_t least, struct sbmt_error *err)
{
    struct merger merger = {.pieces = pieces, .words = words};
    for (int word = 0; word < words->count && !merger.failed; word++)
        count_pairs(&merger, word, 1, -1);
    push_changed(&merger);
    while (!merger.failed && pieces->count < size && merger.heap.count > 0) {
        const struct sbmt_heap_item best = sbmt_heap_pop(&merger.heap);
        const int64_t count = merger.pair[best.value].count, then = -best.order;
        if (count < then)
            push(&merger, best.value);
        else if (count == then && count < least)
            break;
        else if (count == then)
            merge_pair(&merger, best.value);
    }
    for (uint32_t i = 0; i < merger.pairs; i++)
        sbmt_token_list_finish(&merger.pair[i].words);
    free(merger.pair);
    free(merger.slot);
    sbmt_heap_finish(&merger.heap);
    sbmt_token_list_finish(&merger.changed);
    return !merger.failed || sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for pairs of pieces");
}
