/* Names of weights: prefixes that are replaced, and two suffixes. */
#include "data/huggingface/names.h"

#include <string.h>

enum { FAMILIES = 2 };

/* A name that begins in one way begins in the other ways elsewhere. The longest beginning counts,
 * and stands above shorter ones. */
static const struct row {
    const char *canonical;
    const char *stored[FAMILIES]; /* by family */
} rows[] = {
    {"embeddings.", {"bert.embeddings.", "roberta.embeddings."}},
    {"encoder.", {"bert.encoder.", "roberta.encoder."}},
    {"pooler.", {"bert.pooler.", "roberta.pooler."}},
    {"cls.predictions.transform.dense.", {"cls.predictions.transform.dense.", "lm_head.dense."}},
    {"cls.predictions.transform.LayerNorm.",
     {"cls.predictions.transform.LayerNorm.", "lm_head.layer_norm."}},
    {"cls.predictions.", {"cls.predictions.", "lm_head."}},
    {"classifier.dense.", {"classifier.dense.", "classifier.dense."}},
    {"classifier.", {"classifier.", "classifier.out_proj."}},
};

/* Last words of the oldest names, with the dot before them, and today's. */
static const char *const suffixes[][2] = {
    {".gamma", "weight"},
    {".beta", "bias"},
};

static bool begins(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool ends(const char *name, const char *suffix)
{
    const size_t length = strlen(name), end = strlen(suffix);
    return length >= end && strcmp(name + length - end, suffix) == 0;
}

/* `begin`, then the name without `cut` bytes at its end, then `end`. */
static char *join(struct sbmt_arena *arena, const char *begin, const char *name, size_t cut,
                  const char *end)
{
    const size_t first = strlen(begin), middle = strlen(name) - cut, last = strlen(end);
    char *joined = sbmt_arena_zalloc(arena, first + middle + last + 1, 1);
    if (joined == NULL)
        return NULL;
    memcpy(joined, begin, first);
    memcpy(joined + first, name, middle);
    memcpy(joined + first + middle, end, last);
    return joined;
}

bool sbmt_huggingface_is_weight(const char *stored)
{
    return !ends(stored, "embeddings.position_ids") && !ends(stored, "embeddings.token_type_ids");
}

const char *sbmt_huggingface_canonical(const char *stored, struct sbmt_arena *arena)
{
    const char *begin = "", *end = "", *rest = stored;
    size_t cut = 0, longest = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int family = 0; family < FAMILIES; family++) {
            const char *prefix = rows[i].stored[family];
            if (strlen(prefix) <= longest || !begins(stored, prefix))
                continue;
            longest = strlen(prefix);
            begin = rows[i].canonical;
            rest = stored + longest;
        }
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (!ends(stored, suffixes[i][0]))
            continue;
        cut = strlen(suffixes[i][0]) - 1;
        end = suffixes[i][1];
    }
    return join(arena, begin, rest, cut, end);
}

const char *sbmt_huggingface_stored(const char *canonical, enum sbmt_huggingface_family family,
                                    struct sbmt_arena *arena)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (begins(canonical, rows[i].canonical))
            return join(arena, rows[i].stored[family], canonical + strlen(rows[i].canonical), 0,
                        "");
    return join(arena, "", canonical, 0, "");
}
