/* Where a data root keeps the files of Long Range Arena. */
#include "data/lra_release.h"

static bool is_in(struct sbmt_tree *tree, struct sbmt_origin *origin, const char *root,
                  const char *folder, const char *const *archives, const char *const *parts)
{
    return sbmt_tree_open(tree, root, folder, archives, NULL) &&
           sbmt_tree_origin(tree, parts, origin, NULL);
}

bool sbmt_lra_release_find(struct sbmt_tree *tree, struct sbmt_origin *origin, const char *root,
                           const struct sbmt_lra_place *place, const char *const *parts,
                           const char *advice, struct sbmt_error *err)
{
    static const char *const none[] = {NULL};
    static const char *const archives[] = {"lra_release.tar.gz",
                                           "lra_release.gz",
                                           "lra_release.tgz",
                                           "lra_release.tar.xz",
                                           "lra_release.tar",
                                           "lra_release.zip",
                                           NULL};
    return is_in(tree, origin, root, place->own, place->archives, parts) ||
           is_in(tree, origin, root, place->unpacked[0], none, parts) ||
           is_in(tree, origin, root, place->unpacked[1], none, parts) ||
           is_in(tree, origin, root, place->released, archives, parts) ||
           sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s/%s/%s: not found (nor the same with .gz or .xz, nor lra_release.gz or "
                     ".tar.gz); --data DIR or SBMT_DATA set the data root%s",
                     root, place->own, parts[0], advice);
}

bool sbmt_lra_files_find(const struct sbmt_lra_files *files, const char *root,
                         enum sbmt_split split, struct sbmt_tree *tree, struct sbmt_origin *origin,
                         struct sbmt_error *err)
{
    const char *const parts[] = {files->names[split], NULL};
    struct sbmt_tree own;
    return sbmt_lra_release_find(tree != NULL ? tree : &own, origin, root, &files->place, parts,
                                 files->advice, err);
}

bool sbmt_lra_files_open(const struct sbmt_lra_files *files, const char *root,
                         enum sbmt_split split, const struct sbmt_stream_watch *watch,
                         struct sbmt_lines *lines, struct sbmt_error *err)
{
    struct sbmt_tree tree;
    struct sbmt_origin origin = {0};
    struct sbmt_stream stream;
    if (!sbmt_lra_files_find(files, root, split, &tree, &origin, err))
        return false;
    tree.watch = watch;
    if (!sbmt_tree_stream(&tree, files->names[split], &stream, err) ||
        !sbmt_lines_open_stream(lines, &stream, err))
        return false;
    lines->skips_mark = true;
    return true;
}
