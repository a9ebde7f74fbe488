/* Digests, by OpenSSL's libcrypto. */
#include "data/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 1 << 18 };

static const EVP_MD *method(enum sbmt_digest_kind kind)
{
    return kind == SBMT_DIGEST_MD5 ? EVP_md5() : EVP_sha256();
}

static void give_up(struct sbmt_digest *digest)
{
    EVP_MD_CTX_free(digest->context);
    digest->context = NULL;
}

void sbmt_digest_begin(struct sbmt_digest *digest, enum sbmt_digest_kind kind)
{
    digest->context = EVP_MD_CTX_new();
    if (digest->context != NULL && EVP_DigestInit_ex(digest->context, method(kind), NULL) != 1)
        give_up(digest);
}

void sbmt_digest_add(struct sbmt_digest *digest, const void *bytes, size_t size)
{
    if (digest->context != NULL && EVP_DigestUpdate(digest->context, bytes, size) != 1)
        give_up(digest);
}

static void write_hex(const unsigned char *bytes, unsigned count, char *hex)
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < count; i++) {
        *hex++ = digits[bytes[i] >> 4];
        *hex++ = digits[bytes[i] & 15];
    }
    *hex = '\0';
}

bool sbmt_digest_finish(struct sbmt_digest *digest, char *hex, struct sbmt_error *err)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned count = 0;
    const bool done = digest->context != NULL &&
                      EVP_DigestFinal_ex(digest->context, bytes, &count) == 1;
    give_up(digest);
    if (!done)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "a digest: no memory, or refused by libcrypto");
    if (hex != NULL)
        write_hex(bytes, count, hex);
    return true;
}

bool sbmt_digest_bytes(enum sbmt_digest_kind kind, const void *bytes, size_t size, char *hex,
                       struct sbmt_error *err)
{
    struct sbmt_digest digest;
    sbmt_digest_begin(&digest, kind);
    sbmt_digest_add(&digest, bytes, size);
    return sbmt_digest_finish(&digest, hex, err);
}

static bool add_stream(struct sbmt_digest *digest, int descriptor, void *chunk, const char *path,
                       struct sbmt_error *err)
{
    for (;;) {
        const ssize_t count = read(descriptor, chunk, CHUNK);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return sbmt_fail_errno(err, "%s: cannot read", path);
        if (count == 0)
            return true;
        sbmt_digest_add(digest, chunk, (size_t)count);
    }
}

bool sbmt_digest_file(const char *path, char hex[SBMT_SHA256_HEX], struct sbmt_error *err)
{
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return sbmt_fail_errno(err, "%s: cannot open", path);
    char *chunk = malloc(CHUNK);
    struct sbmt_digest digest;
    sbmt_digest_begin(&digest, SBMT_DIGEST_SHA256);
    bool read = chunk != NULL ? add_stream(&digest, descriptor, chunk, path, err)
                              : sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", path);
    /* Finished in any case: it holds memory. */
    read = sbmt_digest_finish(&digest, hex, read ? err : NULL) && read;
    free(chunk);
    close(descriptor);
    return read;
}
