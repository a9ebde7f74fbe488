/* MD5 (RFC 1321), only because published splits are ordered by it. */
#ifndef SBMT_DATA_MD5_H
#define SBMT_DATA_MD5_H

#include <stddef.h>

/** A digest; memcmp compares two as the numbers that their hexadecimal digits are. */
struct sbmt_md5 {
    unsigned char bytes[16];
};

struct sbmt_md5 sbmt_md5(const void *bytes, size_t size);

/** For qsort of structs that begin with a digest. */
int sbmt_md5_compare(const void *a, const void *b);

#endif
