/* The files of the Large Movie Review Dataset (Maas et al. 2011). */
#ifndef SBMT_DATA_IMDB_H
#define SBMT_DATA_IMDB_H

#include "data/tree.h"

/** Finds the folder aclImdb under a data root, or an archive that holds it. */
SBMT_MUST_CHECK bool sbmt_imdb_open(struct sbmt_tree *tree, const char *root,
                                    struct sbmt_error *err);

/** Whether a file, by its name without folders, is a review: <id>_<rating>.txt, both numbers. */
bool sbmt_imdb_is_review(const char *file);

#endif
