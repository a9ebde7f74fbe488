/* SHA-256, after FIPS 180-4. */
#include "data/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1 << 18 };

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int count)
{
    return x >> count | x << (32 - count);
}

static void extend(const unsigned char *block, uint32_t schedule[64])
{
    for (int i = 0; i < 16; i++)
        schedule[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                      (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        const uint32_t early = schedule[i - 15], late = schedule[i - 2];
        const uint32_t sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3;
        const uint32_t sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10;
        schedule[i] = schedule[i - 16] + sigma0 + schedule[i - 7] + sigma1;
    }
}

static void compress(uint32_t state[8], const unsigned char *block)
{
    uint32_t schedule[64];
    extend(block, schedule);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        const uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
        const uint32_t choice = (e & f) ^ (~e & g);
        const uint32_t first = h + sum1 + choice + constants[i] + schedule[i];
        const uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
        const uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + sum0 + majority;
    }
    const uint32_t last[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; i++)
        state[i] += last[i];
}

void sbmt_sha256_init(struct sbmt_sha256 *sha)
{
    *sha = (struct sbmt_sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sbmt_sha256_update(struct sbmt_sha256 *sha, const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    size_t used = (size_t)(sha->length % sizeof sha->block);
    sha->length += size;
    while (size > 0) {
        if (used == 0 && size >= sizeof sha->block) {
            compress(sha->state, next);
            next += sizeof sha->block;
            size -= sizeof sha->block;
            continue;
        }
        const size_t room = sizeof sha->block - used;
        const size_t count = size < room ? size : room;
        memcpy(sha->block + used, next, count);
        next += count;
        size -= count;
        used = (used + count) % sizeof sha->block;
        if (used == 0)
            compress(sha->state, sha->block);
    }
}

void sbmt_sha256_finish(struct sbmt_sha256 *sha, char hex[SBMT_SHA256_HEX])
{
    const uint64_t bits = sha->length * 8;
    unsigned char end[8];
    for (int i = 0; i < 8; i++)
        end[i] = (unsigned char)(bits >> (56 - 8 * i));
    sbmt_sha256_update(sha, "\x80", 1);
    while (sha->length % sizeof sha->block != sizeof sha->block - sizeof end)
        sbmt_sha256_update(sha, "", 1);
    sbmt_sha256_update(sha, end, sizeof end);
    for (int i = 0; i < 8; i++)
        snprintf(hex + 8 * i, 9, "%08x", (unsigned)sha->state[i]);
}

static bool digest_stream(struct sbmt_sha256 *sha, int descriptor, char *chunk, const char *path,
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
        sbmt_sha256_update(sha, chunk, (size_t)count);
    }
}

bool sbmt_sha256_file(const char *path, char hex[SBMT_SHA256_HEX], struct sbmt_error *err)
{
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return sbmt_fail_errno(err, "%s: cannot open", path);
    char *chunk = malloc(CHUNK);
    struct sbmt_sha256 sha;
    sbmt_sha256_init(&sha);
    const bool read = chunk != NULL ? digest_stream(&sha, descriptor, chunk, path, err)
                                    : sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", path);
    if (read)
        sbmt_sha256_finish(&sha, hex);
    free(chunk);
    close(descriptor);
    return read;
}
