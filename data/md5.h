/* Orders of published splits, which are by MD5. */
#ifndef SBMT_DATA_MD5_H
#define SBMT_DATA_MD5_H

#include "data/digest.h"

/** A digest as its first member lets structs be sorted. */
struct sbmt_md5 {
    char hex[SBMT_MD5_HEX];
};

/** The digest of some bytes. */
SBMT_MUST_CHECK bool sbmt_md5(const void *bytes, size_t size, struct sbmt_md5 *digest,
                              struct sbmt_error *err);

/** For qsort of structs that begin with a digest. */
int sbmt_md5_compare(const void *a, const void *b);

#endif
