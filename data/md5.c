/* Orders by MD5. */
#include "data/md5.h"

#include <string.h>

bool sbmt_md5(const void *bytes, size_t size, struct sbmt_md5 *digest, struct sbmt_error *err)
{
    return sbmt_digest_bytes(SBMT_DIGEST_MD5, bytes, size, digest->hex, err);
}

int sbmt_md5_compare(const void *a, const void *b)
{
    const struct sbmt_md5 *left = a, *right = b;
    return strcmp(left->hex, right->hex);
}
