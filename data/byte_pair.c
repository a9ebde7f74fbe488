/* Merging bytes: a linked list of symbols and a heap of the pairs that may be merged. */
#include "data/byte_pair.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/utf8.h"
#include "data/lines.h"

enum { FIRST_SLOTS = 1 << 10, FIRST_WORD = 64 };

/* A token of the word and its neighbours. */
struct sbmt_merge_symbol {
    int32_t token; /* −1: became part of its left neighbour */
    int32_t before, after;
};

/* The slot of a pair, or the empty one where it would be. */
static uint32_t find_slot(const struct sbmt_byte_pair *pairs, int32_t left, int32_t right)
{
    uint32_t slot = sbmt_token_pair_hash(left, right) & (pairs->slots - 1);
    for (;; slot = (slot + 1) & (pairs->slots - 1)) {
        const struct sbmt_merge *merge = &pairs->merge[slot];
        if (merge->merged < 0 || (merge->left == left && merge->right == right))
            return slot;
    }
}

static bool grow_table(struct sbmt_byte_pair *pairs)
{
    const struct sbmt_byte_pair old = *pairs;
    const uint32_t slots = old.slots == 0 ? FIRST_SLOTS : 2 * old.slots;
    struct sbmt_merge *merge = malloc(slots * sizeof *merge);
    if (merge == NULL)
        return false;
    memset(merge, -1, slots * sizeof *merge);
    pairs->merge = merge;
    pairs->slots = slots;
    for (uint32_t i = 0; i < old.slots; i++)
        if (old.merge[i].merged >= 0)
            merge[find_slot(pairs, old.merge[i].left, old.merge[i].right)] = old.merge[i];
    free(old.merge);
    return true;
}

/* The token of a part of a line of merges, which must be in the vocabulary. */
static bool find_token(const struct sbmt_byte_pair *pairs, const struct sbmt_lines *lines,
                       const char *text, size_t length, int32_t *token, struct sbmt_error *err)
{
    *token = sbmt_vocabulary_find(pairs->vocabulary, text, length);
    if (*token >= 0)
        return true;
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": '%.*s' is not in the vocabulary",
                     lines->path, lines->number, (int)(length < 100 ? length : 100), text);
}

static bool add_merge(struct sbmt_byte_pair *pairs, const struct sbmt_lines *lines,
                      struct sbmt_error *err)
{
    char *text = lines->text, *space = memchr(text, ' ', lines->length);
    const size_t left = space != NULL ? (size_t)(space - text) : 0;
    const size_t right = space != NULL ? lines->length - left - 1 : 0;
    if (left == 0 || right == 0 || memchr(space + 1, ' ', right) != NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s:%" PRId64 ": expected two tokens with a blank between them",
                         lines->path, lines->number);
    struct sbmt_merge merge = {.rank = pairs->count};
    if (!find_token(pairs, lines, text, left, &merge.left, err) ||
        !find_token(pairs, lines, space + 1, right, &merge.right, err))
        return false;
    memmove(space, space + 1, right);
    if (!find_token(pairs, lines, text, left + right, &merge.merged, err))
        return false;
    if (2 * (uint32_t)pairs->count >= pairs->slots && !grow_table(pairs))
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for the merges", lines->path);
    struct sbmt_merge *slot = &pairs->merge[find_slot(pairs, merge.left, merge.right)];
    if (slot->merged >= 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": these two were merged before",
                         lines->path, lines->number);
    *slot = merge;
    pairs->count++;
    return true;
}

static bool read_merges(struct sbmt_byte_pair *pairs, struct sbmt_lines *lines,
                        struct sbmt_error *err)
{
    static const char version[] = "#version";
    for (;;) {
        if (!sbmt_lines_next(lines, err))
            return false;
        if (lines->text == NULL)
            return true;
        if (lines->number == 1 && strncmp(lines->text, version, sizeof version - 1) == 0)
            continue;
        if (!add_merge(pairs, lines, err))
            return false;
    }
}

static bool find_bytes(struct sbmt_byte_pair *pairs, const char *path, struct sbmt_error *err)
{
    for (int byte = 0; byte < 256; byte++) {
        char text[SBMT_UTF8_BYTES];
        const size_t length = (size_t)sbmt_utf8_put(sbmt_byte_pair_character((unsigned char)byte),
                                                    text);
        pairs->byte_token[byte] = sbmt_vocabulary_find(pairs->vocabulary, text, length);
        if (pairs->byte_token[byte] < 0)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: the vocabulary that belongs to it has no token '%.*s' for the "
                             "byte 0x%02X",
                             path, (int)length, text, (unsigned)byte);
    }
    return true;
}

bool sbmt_byte_pair_open(struct sbmt_byte_pair *pairs, const struct sbmt_vocabulary *vocabulary,
                         const char *path, struct sbmt_error *err)
{
    *pairs = (struct sbmt_byte_pair){.vocabulary = vocabulary};
    struct sbmt_lines lines;
    if (!sbmt_lines_open(&lines, path, err))
        return false;
    const bool open = find_bytes(pairs, path, err) && read_merges(pairs, &lines, err);
    sbmt_lines_close(&lines);
    if (!open)
        sbmt_byte_pair_close(pairs);
    return open;
}

void sbmt_byte_pair_close(struct sbmt_byte_pair *pairs)
{
    free(pairs->merge);
    free(pairs->symbol);
    sbmt_heap_finish(&pairs->candidates);
    *pairs = (struct sbmt_byte_pair){0};
}

/* The merge of the symbol at `place` with the one behind it; NULL: there is none. */
static const struct sbmt_merge *find_merge(const struct sbmt_byte_pair *pairs, int32_t place)
{
    const struct sbmt_merge_symbol *symbol = pairs->symbol;
    if (place < 0 || symbol[place].token < 0 || symbol[place].after < 0 || pairs->slots == 0)
        return NULL;
    const struct sbmt_merge *merge =
        &pairs->merge[find_slot(pairs, symbol[place].token, symbol[symbol[place].after].token)];
    return merge->merged >= 0 ? merge : NULL;
}

/* Makes the symbol at `place` and the one behind it a candidate, which counts only while their
 * merge still has this rank. */
static void offer(struct sbmt_byte_pair *pairs, int32_t place)
{
    const struct sbmt_merge *merge = find_merge(pairs, place);
    if (merge != NULL)
        sbmt_heap_push(&pairs->candidates,
                       (struct sbmt_heap_item){.order = merge->rank, .place = place});
}

/* Takes the symbol behind `place` into it. */
static void join(struct sbmt_merge_symbol *symbol, int32_t place, int32_t merged)
{
    const int32_t gone = symbol[place].after, after = symbol[gone].after;
    symbol[place].token = merged;
    symbol[place].after = after;
    symbol[gone].token = -1;
    if (after >= 0)
        symbol[after].before = place;
}

static bool reserve(struct sbmt_byte_pair *pairs, size_t length)
{
    if (length <= pairs->capacity)
        return true;
    const size_t capacity = length < FIRST_WORD ? FIRST_WORD : length + length / 2;
    struct sbmt_merge_symbol *symbol = realloc(pairs->symbol, capacity * sizeof *symbol);
    if (symbol == NULL)
        return false;
    pairs->symbol = symbol;
    pairs->capacity = capacity;
    return true;
}

static void encode_word(struct sbmt_byte_pair *pairs, const char *word, int32_t length,
                        struct sbmt_token_list *out)
{
    struct sbmt_merge_symbol *symbol = pairs->symbol;
    for (int32_t i = 0; i < length; i++)
        symbol[i] = (struct sbmt_merge_symbol){pairs->byte_token[(unsigned char)word[i]], i - 1,
                                               i + 1 < length ? i + 1 : -1};
    for (int32_t i = 0; i < length; i++)
        offer(pairs, i);
    while (pairs->candidates.count > 0) {
        const struct sbmt_heap_item best = sbmt_heap_pop(&pairs->candidates);
        const int32_t place = (int32_t)best.place;
        const struct sbmt_merge *merge = find_merge(pairs, place);
        if (merge == NULL || merge->rank != best.order)
            continue;
        join(symbol, place, merge->merged);
        offer(pairs, symbol[place].before);
        offer(pairs, place);
    }
    for (int32_t i = 0; i >= 0; i = symbol[i].after)
        sbmt_token_list_add(out, symbol[i].token);
}

void sbmt_byte_pair_encode(struct sbmt_byte_pair *pairs, const char *text, size_t length,
                           struct sbmt_token_list *out)
{
    for (size_t i = 0; i < length;) {
        const size_t size = sbmt_byte_pair_word(text + i, length - i);
        if (size > INT32_MAX || !reserve(pairs, size)) {
            out->failed = true;
            return;
        }
        encode_word(pairs, text + i, (int32_t)size, out);
        i += size;
    }
    out->failed = out->failed || pairs->candidates.failed;
}

void sbmt_byte_pair_decode(const struct sbmt_vocabulary *vocabulary, const int32_t *tokens,
                           size_t count, struct sbmt_str *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t length;
        int bytes;
        const char *token = sbmt_vocabulary_token(vocabulary, tokens[i], &length);
        for (size_t j = 0; j < length; j += (size_t)bytes) {
            const int32_t character = sbmt_utf8_next(token + j, length - j, &bytes);
            const int byte = sbmt_byte_pair_byte(character);
            const char plain = (char)byte;
            sbmt_str_append(out, byte >= 0 ? &plain : token + j, byte >= 0 ? 1 : (size_t)bytes);
        }
    }
}
