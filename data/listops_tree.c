/* ListOps expressions as arrays of tokens in reading order. */
#include "data/listops_tree.h"

#include <stdlib.h>
#include <string.h>

#include "data/listops_value.h"

bool sbmt_listops_tree_init(struct sbmt_listops_tree *tree, int max_length, struct sbmt_error *err)
{
    const size_t size = (size_t)max_length;
    *tree = (struct sbmt_listops_tree){.tokens = malloc(2 * size)};
    if (tree->tokens == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for an expression of %d tokens",
                         max_length);
    tree->args = tree->tokens + size;
    return true;
}

void sbmt_listops_tree_finish(struct sbmt_listops_tree *tree)
{
    free(tree->tokens);
    *tree = (struct sbmt_listops_tree){0};
}

/* The numbers under a key, in order. */
struct stream {
    struct sbmt_rng_key key;
    uint32_t counter[4], word[4];
    int used;
};

static uint32_t next_bits(struct stream *stream)
{
    if (stream->used == 4) {
        sbmt_philox(stream->counter, stream->key, stream->word);
        stream->counter[0]++;
        stream->used = 0;
    }
    return stream->word[stream->used++];
}

/* 0 … bound−1 */
static int next_below(struct stream *stream, int bound)
{
    return (int)((uint64_t)next_bits(stream) * (uint32_t)bound >> 32);
}

/* A tree being drawn. */
struct drawing {
    struct stream stream;
    const struct sbmt_listops_shape *shape;
    struct sbmt_listops_tree *tree;
    uint64_t threshold; /* of 32 random bits, below which a node is an operator */
};

static bool add(struct drawing *drawing, int token, int args)
{
    struct sbmt_listops_tree *tree = drawing->tree;
    if (tree->length + 1 >= drawing->shape->max_length)
        return false;
    tree->tokens[tree->length] = (uint8_t)token;
    tree->args[tree->length] = (uint8_t)args;
    tree->length++;
    return true;
}

static bool draw_node(struct drawing *drawing, int depth)
{
    struct stream *stream = &drawing->stream;
    const bool may_branch = depth < drawing->shape->max_depth;
    if (!may_branch || next_bits(stream) >= drawing->threshold)
        return add(drawing, SBMT_LISTOPS_DIGIT + next_below(stream, 10), 0);
    const int args = 2 + next_below(stream, drawing->shape->max_args - 1);
    if (!add(drawing, SBMT_LISTOPS_MIN + next_below(stream, SBMT_LISTOPS_OPERATORS), args))
        return false;
    for (int i = 0; i < args; i++)
        if (!draw_node(drawing, depth + 1))
            return false;
    return add(drawing, SBMT_LISTOPS_CLOSE, 0);
}

bool sbmt_listops_tree_draw(struct sbmt_listops_tree *tree, const struct sbmt_listops_shape *shape,
                            struct sbmt_rng_key key)
{
    struct drawing drawing = {.stream = {.key = key, .used = 4},
                              .shape = shape,
                              .tree = tree,
                              .threshold = (uint64_t)(shape->operator_probability * 0x1p32)};
    tree->length = 0;
    return draw_node(&drawing, 1);
}

/* The value of the node at *position, which moves behind it. */
static int value_at(const struct sbmt_listops_tree *tree, int *position)
{
    const int token = tree->tokens[*position], args = tree->args[*position];
    (*position)++;
    if (token >= SBMT_LISTOPS_DIGIT)
        return token - SBMT_LISTOPS_DIGIT;
    int64_t occurs[10] = {0};
    for (int i = 0; i < args; i++)
        occurs[value_at(tree, position)]++;
    (*position)++;
    return sbmt_listops_apply((enum sbmt_listops_token)token, occurs, args);
}

int sbmt_listops_tree_value(const struct sbmt_listops_tree *tree)
{
    int position = 0;
    return value_at(tree, &position);
}

uint64_t sbmt_listops_tree_hash(const struct sbmt_listops_tree *tree)
{
    /* FNV-1a, and a last mixing, since its high bits depend little on the last tokens. */
    uint64_t hash = 0xcbf29ce484222325U;
    for (int i = 0; i < tree->length; i++)
        hash = (hash ^ tree->tokens[i]) * 0x100000001b3U;
    hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15U;
    return hash ^ hash >> 29;
}

size_t sbmt_listops_text_size(int max_length)
{
    /* A node: "( " and " )" for its pair, " ", its word of at most 4; an operator has one pair
     * more and " ] )". */
    return 16 * ((size_t)max_length + 1);
}

static char *put(char *text, const char *word)
{
    const size_t length = strlen(word);
    memcpy(text, word, length);
    return text + length;
}

/* Writes the node at *position, which moves behind it; returns the end of the text. */
static char *text_at(const struct sbmt_listops_tree *tree, int *position, char *text)
{
    const int token = tree->tokens[*position], args = tree->args[*position];
    (*position)++;
    if (token >= SBMT_LISTOPS_DIGIT)
        return put(text, sbmt_listops_word((enum sbmt_listops_token)token));
    for (int i = 0; i <= args; i++)
        text = put(text, "( ");
    text = put(text, sbmt_listops_word((enum sbmt_listops_token)token));
    for (int i = 0; i < args; i++) {
        text = put(text, " ");
        text = text_at(tree, position, text);
        text = put(text, " )");
    }
    (*position)++;
    return put(text, " ] )");
}

size_t sbmt_listops_tree_text(const struct sbmt_listops_tree *tree, char *text)
{
    int position = 0;
    return (size_t)(text_at(tree, &position, text) - text);
}
