/* What complete data sets are known to hold. */
#ifndef SBMT_DATA_MANIFEST_H
#define SBMT_DATA_MANIFEST_H

#include "data/dataset.h"

/** One split of a complete data set under a form. */
struct sbmt_manifest_row {
    const char *task, *form; /**< form NULL: any */
    enum sbmt_split split;
    int64_t count;
    const char *digest; /**< SHA-256 of the examples (sbmt_dataset.digest); NULL: not known */
};

/** The row of an open split; NULL: nothing is known of it. */
const struct sbmt_manifest_row *sbmt_manifest_find(const struct sbmt_dataset *dataset);

#endif
