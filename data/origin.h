/* What tells whether the source of prepared data is still the same, without reading it. */
#ifndef SBMT_DATA_ORIGIN_H
#define SBMT_DATA_ORIGIN_H

#include <limits.h>
#include <stdint.h>

#include "core/base/error.h"

/** The source of a split: a file, several files or folders. */
struct sbmt_origin {
    char name[PATH_MAX]; /**< under the data root */
    int64_t size;        /**< bytes of its files; a folder counts for none */
    int64_t mtime;       /**< of what was changed last; nanoseconds since 1970 */
};

/** Looks at a source file or folder under a data root. */
SBMT_MUST_CHECK bool sbmt_origin_read(struct sbmt_origin *origin, const char *root,
                                      const char *path, struct sbmt_error *err);

/** Adds one more file or folder: sizes are added up, the latest time stays. */
SBMT_MUST_CHECK bool sbmt_origin_add(struct sbmt_origin *origin, const char *path,
                                     struct sbmt_error *err);

/** True if nothing has changed between two looks. */
bool sbmt_origin_equal(const struct sbmt_origin *a, const struct sbmt_origin *b);

#endif
