/* Where a data root keeps the files of Long Range Arena: by themselves, or in its release. */
#ifndef SBMT_DATA_LRA_RELEASE_H
#define SBMT_DATA_LRA_RELEASE_H

#include "data/lines.h"
#include "data/task.h"
#include "data/tree.h"

/** The folder of a task. */
struct sbmt_lra_place {
    const char *own, *released, *unpacked[2];
    const char *archives[6]; /**< NULL-terminated */
};

/** Its name under a data root, where it may also be an archive of a name below, and in the release,
 * which unpacks to one or two levels of lra_release/. Both are string literals. */
#define SBMT_LRA_PLACE(name, in_release)                                                           \
    {                                                                                              \
        .own = name, .released = in_release,                                                       \
        .unpacked = {"lra_release/" in_release, "lra_release/lra_release/" in_release},            \
        .archives = {name ".tar.gz", name ".tgz", name ".tar.xz", name ".tar", name ".zip", NULL}, \
    }

/** The files of a task that has one a split. */
struct sbmt_lra_files {
    struct sbmt_lra_place place;
    const char *names[SBMT_SPLIT_COUNT];
    const char *advice; /**< as below */
};

/** Finds the file of a split, as sbmt_lra_release_find does; `tree` may be NULL. */
SBMT_MUST_CHECK bool sbmt_lra_files_find(const struct sbmt_lra_files *files, const char *root,
                                         enum sbmt_split split, struct sbmt_tree *tree,
                                         struct sbmt_origin *origin, struct sbmt_error *err);

/** Opens it, to be read by lines; `watch` is told of its bytes. */
SBMT_MUST_CHECK bool sbmt_lra_files_open(const struct sbmt_lra_files *files, const char *root,
                                         enum sbmt_split split,
                                         const struct sbmt_stream_watch *watch,
                                         struct sbmt_lines *lines, struct sbmt_error *err);

/** Finds the files `parts` (as sbmt_tree_origin takes them) of a task and looks at them: in its own
 * folder or archive under the root, in the unpacked release, or in lra_release.tar.gz or
 * lra_release.gz, or its other forms. Without them SBMT_ERROR_DATA names what was looked for, and
 * goes on with `advice`. */
SBMT_MUST_CHECK bool sbmt_lra_release_find(struct sbmt_tree *tree, struct sbmt_origin *origin,
                                           const char *root, const struct sbmt_lra_place *place,
                                           const char *const *parts, const char *advice,
                                           struct sbmt_error *err);

#endif
