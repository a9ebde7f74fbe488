/* One ListOps expression: drawn at random, evaluated, and written out. */
#ifndef SBMT_DATA_LISTOPS_TREE_H
#define SBMT_DATA_LISTOPS_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/rng.h"

enum { SBMT_LISTOPS_MOST_DEPTH = 64, SBMT_LISTOPS_MOST_ARGS = 64 };

/** How expressions are drawn. */
struct sbmt_listops_shape {
    int max_depth, max_args;
    int max_length; /**< the first length that is too long */
    double operator_probability;
};

/** An expression: its tokens as they are read, without parentheses. */
struct sbmt_listops_tree {
    int length;      /**< tokens; closing brackets count */
    uint8_t *tokens; /**< max_length ids of enum sbmt_listops_token */
    uint8_t *args;   /**< max_length; at an operator the number of its arguments */
};

/** Room for expressions of a shape. */
SBMT_MUST_CHECK bool sbmt_listops_tree_init(struct sbmt_listops_tree *tree, int max_length,
                                            struct sbmt_error *err);

/** Accepts a zeroed tree. */
void sbmt_listops_tree_finish(struct sbmt_listops_tree *tree);

/** Draws an expression under a key. False if it becomes too long; `length` then says how far it
 * came. */
bool sbmt_listops_tree_draw(struct sbmt_listops_tree *tree, const struct sbmt_listops_shape *shape,
                            struct sbmt_rng_key key);

/** The value, 0 … 9 (sbmt_listops_apply). */
int sbmt_listops_tree_value(const struct sbmt_listops_tree *tree);

/** A hash of the tokens; equal expressions have equal ones. */
uint64_t sbmt_listops_tree_hash(const struct sbmt_listops_tree *tree);

/** Bytes that hold the text of any expression of less than max_length tokens. */
size_t sbmt_listops_text_size(int max_length);

/** Writes the official text, in which every operator takes its arguments one by one in nested pairs
 * ("( ( ( [MAX 7 ) 4 ) ] )"), without NUL; returns its length. */
size_t sbmt_listops_tree_text(const struct sbmt_listops_tree *tree, char *text);

#endif
