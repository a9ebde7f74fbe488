/* Tests of digests against published and independently computed digests. */
#include <string.h>

#include "data/digest.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static void assert_digest(const void *bytes, size_t size, const char *wanted)
{
    struct sbmt_error err = {0};
    char hex[SBMT_SHA256_HEX];
    ck_assert(sbmt_digest_bytes(SBMT_DIGEST_SHA256, bytes, size, hex, &err));
    ck_assert_str_eq(hex, wanted);
}

/* The messages of FIPS 180-2, appendix B, and the empty one. */
START_TEST(test_known_answers)
{
    assert_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
END_TEST

/* Lengths around the end of a block, where the padding takes another block. */
START_TEST(test_block_ends)
{
    char text[119];
    memset(text, 'x', sizeof text);
    assert_digest(text, 55, "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072");
    assert_digest(text, 56, "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e");
    assert_digest(text, 64, "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
    assert_digest(text, 119, "000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c");
}
END_TEST

static const char million[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

START_TEST(test_pieces)
{
    char text[500];
    memset(text, 'a', sizeof text);
    struct sbmt_digest digest;
    struct sbmt_error err = {0};
    char hex[SBMT_SHA256_HEX];
    sbmt_digest_begin(&digest, SBMT_DIGEST_SHA256);
    size_t left = 1000000;
    for (size_t piece = 0; left > 0; piece = (piece + 37) % sizeof text) {
        const size_t count = piece < left ? piece : left;
        sbmt_digest_add(&digest, text, count);
        left -= count;
    }
    ck_assert(sbmt_digest_finish(&digest, hex, &err));
    ck_assert_str_eq(hex, million);
}
END_TEST

/* Of RFC 1321, appendix A.5. */
START_TEST(test_md5)
{
    struct sbmt_error err = {0};
    char hex[SBMT_MD5_HEX];
    ck_assert(sbmt_digest_bytes(SBMT_DIGEST_MD5, "", 0, hex, &err));
    ck_assert_str_eq(hex, "d41d8cd98f00b204e9800998ecf8427e");
    ck_assert(sbmt_digest_bytes(SBMT_DIGEST_MD5, "message digest", 14, hex, &err));
    ck_assert_str_eq(hex, "f96b697d7cb7938d525a2f31aaf161d0");
}
END_TEST

/* What was never begun has no digest. */
START_TEST(test_zeroed)
{
    struct sbmt_error err = {0};
    struct sbmt_digest digest = {0};
    char hex[SBMT_SHA256_HEX];
    sbmt_digest_add(&digest, "a", 1);
    ck_assert(!sbmt_digest_finish(&digest, hex, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
}
END_TEST

START_TEST(test_file)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    struct sbmt_error err = {0};
    char *bytes = malloc(1000000), hex[SBMT_SHA256_HEX], wanted[600];
    memset(bytes, 'a', 1000000);
    temporary_put(path, bytes, 1000000);
    ck_assert(sbmt_digest_file(path, hex, &err));
    ck_assert_str_eq(hex, million);
    free(bytes);
    ck_assert(!sbmt_digest_file(temporary_path(&temporary, "absent"), hex, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    ck_assert(!sbmt_digest_file(temporary.folder, hex, &err));
    snprintf(wanted, sizeof wanted, "%s: cannot read: Is a directory", temporary.folder);
    ck_assert_str_eq(err.message, wanted);
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("digest", test_known_answers, test_block_ends, test_pieces, test_md5, test_zeroed,
                test_file)
