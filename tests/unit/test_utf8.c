/* Tests of strict UTF-8: every code point there and back, every way to be wrong. */
#include <stdbool.h>
#include <string.h>

#include "core/io/utf8.h"
#include "tests/suite.h"

/* A code point of `wanted` bytes is written as such, read whatever stands behind it, and none when
 * it is cut at any place. Compared without Check, which would take long. */
static bool is_good(int32_t point, int wanted)
{
    unsigned char bytes[5] = {0};
    bool good = sbmt_utf8_put(point, bytes) == wanted;
    for (int size = 1; size <= (int)sizeof bytes; size++) {
        int length = 0;
        const int32_t read = sbmt_utf8_next(bytes, (size_t)size, &length);
        good = good &&
               (size < wanted ? read == -1 && length == 1 : read == point && length == wanted);
    }
    return good;
}

START_TEST(test_every_code_point)
{
    static const int32_t begin[] = {0, 0x80, 0x800, 0xE000, 0x10000};
    static const int32_t end[] = {0x80, 0x800, 0xD800, 0x10000, SBMT_UTF8_CODE_POINTS};
    static const int length[] = {1, 2, 3, 3, 4};
    for (int range = 0; range < 5; range++)
        for (int32_t point = begin[range]; point < end[range]; point++)
            if (!is_good(point, length[range]))
                ck_abort_msg("U+%04X", (unsigned)point);
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
        ck_assert_msg(sbmt_utf8_next(cases[i], strlen(cases[i]), &length) == -1, "case %zu", i);
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

static int64_t first_invalid(const char *text)
{
    return sbmt_utf8_first_invalid(text, strlen(text));
}

START_TEST(test_first_invalid)
{
    ck_assert_int_eq(first_invalid(""), -1);
    ck_assert_int_eq(first_invalid("aé☃𝄞"), -1);
    ck_assert_int_eq(first_invalid("\xFF"), 0);
    ck_assert_int_eq(first_invalid("aé\xED\xA0\x80z\xFF"), 3);
    ck_assert_int_eq(first_invalid("ab\xE2\x98"), 2);
}
END_TEST

SBMT_SUITE_MAIN("utf8", test_every_code_point, test_invalid, test_goes_on, test_first_invalid)
