/* Where a data root keeps the files of Long Range Arena. */
#include "data/lra_release.h"

#include <stdio.h>

bool sbmt_lra_release_find(struct sbmt_tree *tree, struct sbmt_origin *origin, const char *root,
                           const char *folder, const char *released, const char *const *parts,
                           const char *advice, struct sbmt_error *err)
{
    static const char *const none[] = {NULL};
    static const char *const archives[] = {"lra_release.tar.gz", "lra_release.gz", NULL};
    if (sbmt_tree_open(tree, root, folder, none, NULL) &&
        sbmt_tree_origin(tree, parts, origin, NULL))
        return true;
    /* The unpacked release is a data root of its own. */
    static const char *const levels[] = {"lra_release", "lra_release/lra_release"};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        char below[PATH_MAX];
        const int length = snprintf(below, sizeof below, "%s/%s", root, levels[i]);
        if (length >= 0 && (size_t)length < sizeof below &&
            sbmt_tree_open(tree, below, released, none, NULL) &&
            sbmt_tree_origin(tree, parts, origin, NULL))
            return true;
    }
    if (sbmt_tree_open(tree, root, released, archives, NULL) &&
        sbmt_tree_origin(tree, parts, origin, NULL))
        return true;
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s/%s/%s: not found (nor the same with .gz or .xz, nor lra_release.tar.gz); "
                     "--data DIR or SBMT_DATA set the data root%s",
                     root, folder, parts[0], advice);
}
