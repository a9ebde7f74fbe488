/* Words into pieces, by walks in the vocabulary's trie. */
#include "data/wordpiece.h"

#include <string.h>

struct sbmt_wordpiece sbmt_wordpiece_make(const struct sbmt_vocabulary *vocabulary, int32_t unknown)
{
    return (struct sbmt_wordpiece){
        .vocabulary = vocabulary,
        .unknown = unknown,
        .continued = sbmt_trie_walk(&vocabulary->trie, SBMT_WORDPIECE_CONTINUATION,
                                    strlen(SBMT_WORDPIECE_CONTINUATION)),
    };
}

/* The longest piece at the front of a text, below a node; returns its bytes, 0 if there is none. */
static size_t find_longest(const struct sbmt_trie *trie, uint32_t node, const char *text,
                           size_t length, int32_t *piece)
{
    size_t longest = 0;
    for (size_t i = 0; i < length; i++) {
        node = sbmt_trie_step(trie, node, text[i]);
        if (node == 0)
            break;
        if (trie->value[node] >= 0) {
            *piece = trie->value[node];
            longest = i + 1;
        }
    }
    return longest;
}

void sbmt_wordpiece_cut(const struct sbmt_wordpiece *wordpiece, const char *word, size_t length,
                        int characters, struct sbmt_token_list *out)
{
    const struct sbmt_trie *trie = &wordpiece->vocabulary->trie;
    const size_t begin = out->count;
    bool known = characters <= SBMT_WORDPIECE_LONGEST;
    for (size_t used = 0; known && used < length;) {
        int32_t piece;
        const uint32_t node = used == 0 ? 0 : wordpiece->continued;
        const size_t count = used > 0 && node == 0
                                 ? 0
                                 : find_longest(trie, node, word + used, length - used, &piece);
        known = count > 0;
        if (known)
            sbmt_token_list_add(out, piece);
        used += count;
    }
    if (known)
        return;
    out->count = begin;
    sbmt_token_list_add(out, wordpiece->unknown);
}
