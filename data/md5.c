/* MD5 by libcrypto. */
#include "data/md5.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

struct sbmt_md5 sbmt_md5(const void *bytes, size_t size)
{
    struct sbmt_md5 digest = {{0}};
    const int done = EVP_Digest(bytes, size, digest.bytes, NULL, EVP_md5(), NULL);
    assert(done == 1);
    (void)done;
    return digest;
}

int sbmt_md5_compare(const void *a, const void *b)
{
    const struct sbmt_md5 *left = a, *right = b;
    return memcmp(left->bytes, right->bytes, sizeof left->bytes);
}
