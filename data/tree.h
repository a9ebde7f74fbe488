/* The files below a folder that a source ships, unpacked or still in its archive.
 *
 * An archive holds the folder under any leading folders: "./aclImdb/train/pos/0_9.txt" and
 * "release/aclImdb/train/pos/0_9.txt" are both "train/pos/0_9.txt" below "aclImdb". */
#ifndef SBMT_DATA_TREE_H
#define SBMT_DATA_TREE_H

#include "data/origin.h"
#include "data/stream.h"

/** A file of more bytes than this is refused by sbmt_tree_walk. */
enum { SBMT_TREE_LARGEST = 1 << 28 };

/** A folder or an archive that holds it. It owns nothing that has to be freed. */
struct sbmt_tree {
    char path[PATH_MAX]; /**< of the folder or the archive */
    const char *folder;  /**< borrowed from the caller of sbmt_tree_open */
    size_t root;         /**< bytes of `path` that are the data root and its slash */
    bool archived;
    const struct sbmt_stream_watch *watch; /**< of all that is read; borrowed, set by whoever wants
                                              it, or NULL */
};

/** A file in memory. */
struct sbmt_tree_file {
    const char *name;           /**< below the folder: "train/pos/0_9.txt" */
    const unsigned char *bytes; /**< valid until the visit returns */
    size_t size;
    const char *place; /**< for messages: "datasets/aclImdb.tar.gz:aclImdb/train/pos/0_9.txt" */
};

/** Who is shown the files of a walk. */
struct sbmt_tree_visitor {
    /** Says before a file is read whether it is wanted; may be NULL: all are. */
    bool (*wanted)(void *context, const char *name);
    /** Returns false with *err to stop the walk. */
    bool (*visit)(void *context, const struct sbmt_tree_file *file, struct sbmt_error *err);
    void *context;
    bool unpacks; /**< files of folders may have .gz or .xz behind their names, as in
                     sbmt_tree_stream, which neither function sees */
};

/** Finds the folder ("aclImdb", or several deep) under the data root, or else the first of some
 * archives (names under the root, NULL-terminated) that exists. Fails with SBMT_ERROR_DATA that
 * lists what was looked for. Nothing is read yet. */
SBMT_MUST_CHECK bool sbmt_tree_open(struct sbmt_tree *tree, const char *root, const char *folder,
                                    const char *const *archives, struct sbmt_error *err);

/** Visits every wanted file whose name below the folder begins with `prefix` ("": all), in the
 * strcmp order of names if it is a folder, else in the order of the archive. One file at a time is
 * in memory. All that is no regular file is passed over.
 *
 * In a folder a link is the file or folder that it leads to, under its own name; one to a folder
 * that it lies in is passed over. A link that leads to nothing is SBMT_ERROR_IO where it, or files
 * below it, could be wanted.
 *
 * SBMT_ERROR_DATA is an archive that does not hold the folder, or holds it in several places, a
 * wanted file twice, a link that could be wanted, or a name in the folder with ".." in it. */
SBMT_MUST_CHECK bool sbmt_tree_walk(const struct sbmt_tree *tree, const char *prefix,
                                    const struct sbmt_tree_visitor *visitor,
                                    struct sbmt_error *err);

/** Opens a file below the folder: one of this name, or in a folder also with .gz or .xz behind it.
 * One that does not exist is SBMT_ERROR_DATA. */
SBMT_MUST_CHECK bool sbmt_tree_stream(const struct sbmt_tree *tree, const char *name,
                                      struct sbmt_stream *stream, struct sbmt_error *err);

/** Fails because the member of an archive is a link. */
bool sbmt_tree_refuse_link(const struct sbmt_stream *stream, struct sbmt_error *err);

/** The name below the folder of a member of an archive, a part of `member`; NULL: it is not in the
 * folder. */
const char *sbmt_tree_below(const struct sbmt_tree *tree, const char *member);

/** Looks at what a split is read from, without reading it: the archive; or else some `parts`, files
 * (as in sbmt_tree_stream) and folders below the folder, "" for itself, NULL-terminated. A folder
 * shows only what comes and goes directly in it, unless origin->thorough asks for every file below
 * it. The name is that of the part if there is only one. */
SBMT_MUST_CHECK bool sbmt_tree_origin(const struct sbmt_tree *tree, const char *const *parts,
                                      struct sbmt_origin *origin, struct sbmt_error *err);

#endif
