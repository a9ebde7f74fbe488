/* What a folder of a source tree holds, in the order in which it is walked. */
#ifndef SBMT_DATA_TREE_LISTING_H
#define SBMT_DATA_TREE_LISTING_H

#include <dirent.h>

#include "core/base/error.h"
#include "core/base/str.h"

/** Entries of a folder, owned. Folders have a slash behind them, which makes their order that of
 * the names of the files in them. All zero is a valid empty one. */
struct sbmt_tree_listing {
    struct sbmt_str text; /**< one after the other, each with a NUL */
    const char **entries; /**< views into `text`, sorted by strcmp */
    size_t count;
};

/** Lists regular files and folders, and links as what they lead to. A link that leads to nothing is
 * listed as a folder, which it may have been and which cannot be opened. Fails with SBMT_ERROR_IO
 * and no place in front. Call sbmt_tree_listing_finish in any case. */
SBMT_MUST_CHECK bool sbmt_tree_list(struct sbmt_tree_listing *listing, DIR *folder,
                                    struct sbmt_error *err);

/** Frees the entries. Accepts a zeroed listing. */
void sbmt_tree_listing_finish(struct sbmt_tree_listing *listing);

/** True if a name in an open folder is a link. */
bool sbmt_tree_is_link(int folder, const char *name);

#endif
