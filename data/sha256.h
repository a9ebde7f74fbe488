/* SHA-256 (FIPS 180-4): names the content of source files. */
#ifndef SBMT_DATA_SHA256_H
#define SBMT_DATA_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

enum { SBMT_SHA256_HEX = 65 }; /**< bytes of a digest in hex with its NUL */

/** A digest in progress. */
struct sbmt_sha256 {
    uint32_t state[8];
    uint64_t length; /**< bytes so far */
    unsigned char block[64];
};

void sbmt_sha256_init(struct sbmt_sha256 *sha);

void sbmt_sha256_update(struct sbmt_sha256 *sha, const void *bytes, size_t size);

/** The digest of all bytes so far in lower-case hex; `sha` is used up. */
void sbmt_sha256_finish(struct sbmt_sha256 *sha, char hex[SBMT_SHA256_HEX]);

/** The digest of a file's bytes. */
SBMT_MUST_CHECK bool sbmt_sha256_file(const char *path, char hex[SBMT_SHA256_HEX],
                                      struct sbmt_error *err);

#endif
