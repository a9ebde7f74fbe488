/* A YAML document as a tree that remembers where everything stands. */
#ifndef SBMT_BENCH_YAML_TREE_H
#define SBMT_BENCH_YAML_TREE_H

#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/error.h"

enum sbmt_yaml_kind { SBMT_YAML_SCALAR, SBMT_YAML_LIST, SBMT_YAML_MAPPING };

/** What is read, as messages name it. */
struct sbmt_yaml_source {
    const char *name; /**< a path, or "command line: train.steps=5" */
    bool is_file;     /**< messages give line and column after the name */
};

/** A value. Lines and columns are counted from 1. */
struct sbmt_yaml_node {
    enum sbmt_yaml_kind kind;
    const struct sbmt_yaml_source *source; /**< where it stands; borrowed */
    int line, column;
    const char *text;             /**< of a scalar; else NULL */
    bool quoted;                  /**< the scalar is in quotes or a block: a text, not a number */
    struct sbmt_yaml_node *first; /**< entries of a list or mapping */
    struct sbmt_yaml_node *next;  /**< the next entry of the same list or mapping */
    const char *key;              /**< of an entry of a mapping; else NULL */
    int key_line, key_column;
};

/** Parses one document; the tree lives in `arena` and borrows `source`. NULL with SBMT_ERROR_CONFIG
 * for anything that is not YAML, and for what a configuration has no use for: anchors, aliases,
 * tags, a second document, duplicate keys. An empty document is a scalar without text (see
 * sbmt_yaml_is_null). */
struct sbmt_yaml_node *sbmt_yaml_parse(const char *text, size_t size,
                                       const struct sbmt_yaml_source *source,
                                       struct sbmt_arena *arena, struct sbmt_error *err);

/** Nothing was written, or `null` or `~`. */
bool sbmt_yaml_is_null(const struct sbmt_yaml_node *node);

/** The entry of a mapping with a key, or NULL. */
const struct sbmt_yaml_node *sbmt_yaml_entry(const struct sbmt_yaml_node *mapping, const char *key);

/** The value at a dotted path ("train.steps"), or NULL. */
const struct sbmt_yaml_node *sbmt_yaml_find(const struct sbmt_yaml_node *root, const char *path);

/** Fails with SBMT_ERROR_CONFIG and the place in front; returns false. */
__attribute__((format(printf, 5, 6))) bool sbmt_yaml_fail(const struct sbmt_yaml_source *source,
                                                          int line, int column,
                                                          struct sbmt_error *err,
                                                          const char *format, ...);

#endif
