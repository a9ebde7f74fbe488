/* Tests of strict UTF-8: every code point there and back, every way to be wrong. */
#include <string.h>

#include "data/utf8.h"
#include "tests/suite.h"

START_TEST(test_every_code_point)
{
    for (int32_t point = 0; point < SBMT_UTF8_CODE_POINTS; point++) {
        if (point >= 0xD800 && point < 0xE000)
            continue;
        unsigned char bytes[5] = {0};
        int length = 0;
        const int put = sbmt_utf8_put(point, bytes);
        ck_assert_int_eq(put, point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
        /* Whatever stands behind it. */
        for (size_t size = (size_t)put; size <= sizeof bytes; size++) {
            ck_assert_int_eq(sbmt_utf8_next(bytes, size, &length), point);
            ck_assert_int_eq(length, put);
        }
        /* Cut at any place. */
        for (size_t size = 1; size < (size_t)put; size++) {
            ck_assert_int_eq(sbmt_utf8_next(bytes, size, &length), -1);
            ck_assert_int_eq(length, 1);
        }
    }
}
END_TEST

START_TEST(test_invalid)
{
    static const char *const cases[] = {
        /* Bytes that cannot begin a sequence. */
        "\x80", "\xBF", "\xC0", "\xC1", "\xF5", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF",
        /* Longer than need be: of U+0000, U+002F, U+007F, U+07FF, U+FFFF. */
        "\xC0\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF",
        /* Surrogates: the first and the last, and a pair of them. */
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xED\xA0\xBD\xED\xB8\x80",
        /* Past U+10FFFF. */
        "\xF4\x90\x80\x80", "\xF7\xBF\xBF\xBF",
        /* Bytes that cannot go on with it. */
        "\xC3(", "\xE2\x82(", "\xE2(\xAC", "\xF0\x9F\x98(", "\xF0\x9F(\x80", "\xC3\xC3\xA9"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int length = 0;
        ck_assert_msg(sbmt_utf8_next((const unsigned char *)cases[i], strlen(cases[i]), &length) ==
                          -1,
                      "case %zu", i);
        ck_assert_int_eq(length, 1);
    }
}
END_TEST

/* Behind a byte that is none, reading goes on with the next. */
START_TEST(test_goes_on)
{
    static const unsigned char text[] = "\xE2\x82"
                                        "a\xFF\xC3\xA9";
    static const int32_t wanted[] = {-1, -1, 'a', -1, 0xE9};
    size_t place = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        int length;
        ck_assert_int_eq(sbmt_utf8_next(text + place, sizeof text - 1 - place, &length), wanted[i]);
        place += (size_t)length;
    }
    ck_assert_uint_eq(place, sizeof text - 1);
}
END_TEST

SBMT_SUITE_MAIN("utf8", test_every_code_point, test_invalid, test_goes_on)
