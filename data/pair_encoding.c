/* Inputs of one and two sequences. */
#include "data/pair_encoding.h"

#include <assert.h>

int sbmt_pair_added(const struct sbmt_pair_format *format, bool pair)
{
    return pair ? 2 + format->separators : 2;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void sbmt_pair_truncate(size_t *a, size_t *b, size_t room)
{
    if (*a + *b <= room)
        return;
    size_t excess = *a + *b - room;
    size_t *longer = *a > *b ? a : b;
    const size_t surplus = smaller(excess, *a > *b ? *a - *b : *b - *a);
    *longer -= surplus;
    excess -= surplus;
    *a -= excess / 2;
    *b -= excess - excess / 2;
}

static void add(struct sbmt_token_list *tokens, struct sbmt_token_list *types, int32_t token,
                int32_t type)
{
    sbmt_token_list_add(tokens, token);
    if (types != NULL)
        sbmt_token_list_add(types, type);
}

void sbmt_pair_encode(const struct sbmt_pair_format *format, const struct sbmt_token_list *a,
                      const struct sbmt_token_list *b, size_t most, struct sbmt_token_list *tokens,
                      struct sbmt_token_list *types)
{
    const size_t added = (size_t)sbmt_pair_added(format, b != NULL);
    assert(most >= added);
    size_t first = a->count, second = b != NULL ? b->count : 0;
    if (b != NULL)
        sbmt_pair_truncate(&first, &second, most - added);
    else
        first = smaller(first, most - added);
    sbmt_token_list_clear(tokens);
    if (types != NULL)
        sbmt_token_list_clear(types);
    add(tokens, types, format->begin, 0);
    for (size_t i = 0; i < first; i++)
        add(tokens, types, a->id[i], 0);
    add(tokens, types, format->separator, 0);
    if (b == NULL)
        return;
    for (int i = 1; i < format->separators; i++)
        add(tokens, types, format->separator, 0);
    for (size_t i = 0; i < second; i++)
        add(tokens, types, b->id[i], format->types);
    add(tokens, types, format->separator, format->types);
}
