/* Where a data root keeps the files of Long Range Arena: by themselves, or in its release. */
#ifndef SBMT_DATA_LRA_RELEASE_H
#define SBMT_DATA_LRA_RELEASE_H

#include "data/tree.h"

/** Finds the files `parts` (as sbmt_tree_origin takes them) of a task and looks at them: under
 * <root>/<folder>, else in the release, unpacked (with one or two levels of lra_release/) or as
 * lra_release.tar.gz or lra_release.gz, whose folder is `released`. Without them SBMT_ERROR_DATA
 * names what was looked for, and goes on with `advice`. */
SBMT_MUST_CHECK bool sbmt_lra_release_find(struct sbmt_tree *tree, struct sbmt_origin *origin,
                                           const char *root, const char *folder,
                                           const char *released, const char *const *parts,
                                           const char *advice, struct sbmt_error *err);

#endif
