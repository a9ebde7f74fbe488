/* Digests of bytes, in lower-case hex: SHA-256 names the content of files; MD5 gives the order of
 * published data sets, and protects nothing. */
#ifndef SBMT_DATA_DIGEST_H
#define SBMT_DATA_DIGEST_H

#include <stddef.h>

#include "core/base/error.h"

enum { SBMT_SHA256_HEX = 65, SBMT_MD5_HEX = 33 }; /**< bytes of a digest in hex with its NUL */

enum sbmt_digest_kind { SBMT_DIGEST_SHA256, SBMT_DIGEST_MD5 };

/** A digest in progress. All zero is a valid one that is not. */
struct sbmt_digest {
    void *context; /**< NULL after a failure, which is sticky */
};

/** Begins. Must be finished, even if the digest is of no use any more. */
void sbmt_digest_begin(struct sbmt_digest *digest, enum sbmt_digest_kind kind);

void sbmt_digest_add(struct sbmt_digest *digest, const void *bytes, size_t size);

/** The digest of all bytes so far into hex (SBMT_SHA256_HEX or SBMT_MD5_HEX bytes; NULL: it is not
 * wanted). Fails if there was no memory, or the system's libcrypto refuses this kind. */
bool sbmt_digest_finish(struct sbmt_digest *digest, char *hex, struct sbmt_error *err);

/** The digest of some bytes. */
SBMT_MUST_CHECK bool sbmt_digest_bytes(enum sbmt_digest_kind kind, const void *bytes, size_t size,
                                       char *hex, struct sbmt_error *err);

/** The SHA-256 of a file's bytes. */
SBMT_MUST_CHECK bool sbmt_digest_file(const char *path, char hex[SBMT_SHA256_HEX],
                                      struct sbmt_error *err);

#endif
