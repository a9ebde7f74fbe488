/* What tells whether the source of prepared data is still the same, without reading it.
 *
 * A quick look sees files that are a source by themselves, and what comes and goes directly in
 * folders; a thorough one also every file below them, each by its size and time. */
#ifndef SBMT_DATA_ORIGIN_H
#define SBMT_DATA_ORIGIN_H

#include <limits.h>
#include <stdint.h>

#include "core/base/error.h"
#include "data/digest.h"

/** The source of a split: a file, several files or folders. */
struct sbmt_origin {
    bool thorough;               /**< how to look: set by who asks, before the look */
    char name[PATH_MAX];         /**< under the data root */
    int64_t size;                /**< bytes of its files; a folder counts for none */
    int64_t mtime;               /**< of what was changed last; nanoseconds since 1970 */
    char files[SBMT_SHA256_HEX]; /**< of a thorough look at several files: SHA-256 of their names,
                                    sizes and times; else empty */
};

/** Looks at a file or folder and adds it to what was looked at before: sizes are added up, the
 * latest time stays. */
SBMT_MUST_CHECK bool sbmt_origin_add(struct sbmt_origin *origin, const char *path,
                                     struct sbmt_error *err);

/** True if nothing has changed between two looks of one kind. */
bool sbmt_origin_equal(const struct sbmt_origin *a, const struct sbmt_origin *b);

#endif
