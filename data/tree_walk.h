/* A walk through a source tree under way: what those through folders and through archives share. */
#ifndef SBMT_DATA_TREE_WALK_H
#define SBMT_DATA_TREE_WALK_H

#include "core/base/str.h"
#include "data/tree.h"

/** A folder that is being walked, in the one above it. */
struct sbmt_tree_level;

/** One buffer holds the bytes of every file in turn. */
struct sbmt_tree_walker {
    const struct sbmt_tree *tree;
    const char *prefix;
    const struct sbmt_tree_visitor *visitor;
    struct sbmt_str place; /**< in a folder: the path of the current file */
    size_t base;           /**< bytes of `place` in front of the name below the folder */
    const struct sbmt_tree_level *level; /**< in a folder: the one whose entries are looked at */
    unsigned char *bytes;
    size_t size, capacity;
};

/** Reads as sbmt_stream_read. */
typedef bool sbmt_tree_reader(void *source, void *bytes, size_t size, size_t *count,
                              struct sbmt_error *err);

/** sbmt_tree_reader of a struct sbmt_stream. */
bool sbmt_tree_read_stream(void *stream, void *bytes, size_t size, size_t *count,
                           struct sbmt_error *err);

/** Whether the visitor is to be shown a file. */
bool sbmt_tree_wants(const struct sbmt_tree_walker *walker, const char *name);

/** Whether there may be such a file in the folder `name`, which ends in a slash. */
bool sbmt_tree_wants_below(const struct sbmt_tree_walker *walker, const char *name);

/** Reads a file and shows it; `place` is for messages. */
SBMT_MUST_CHECK bool sbmt_tree_show(struct sbmt_tree_walker *walker, const char *name,
                                    const char *place, sbmt_tree_reader *read, void *source,
                                    struct sbmt_error *err);

/** Walks a tree that is a folder, and one that is an archive. */
SBMT_MUST_CHECK bool sbmt_tree_walk_folder(struct sbmt_tree_walker *walker, struct sbmt_error *err);
SBMT_MUST_CHECK bool sbmt_tree_walk_archive(struct sbmt_tree_walker *walker,
                                            struct sbmt_error *err);

#endif
