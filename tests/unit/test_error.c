/* Errors as values: kinds, texts, places, and messages longer than their room. */
#include "tests/suite.h"

#include <errno.h>
#include <string.h>

#include "core/base/error.h"

START_TEST(fail_fills_kind_and_message)
{
    struct sbmt_error err = {0};
    ck_assert(
        !sbmt_fail(&err, SBMT_ERROR_CONFIG, "%s:%d:%d: unknown key '%s'", "a.yaml", 3, 7, "lrr"));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    ck_assert_str_eq(err.message, "a.yaml:3:7: unknown key 'lrr'");
}
END_TEST

START_TEST(no_error_to_fill_is_allowed)
{
    ck_assert(!sbmt_fail(NULL, SBMT_ERROR_DATA, "x"));
    ck_assert(!sbmt_fail_errno(NULL, "x"));
    ck_assert(!sbmt_error_at(NULL, "x"));
}
END_TEST

START_TEST(errno_is_appended_in_words)
{
    struct sbmt_error err = {0};
    errno = ENOSPC;
    ck_assert(!sbmt_fail_errno(&err, "%s: cannot write", "run/last.safetensors"));
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    ck_assert_str_eq(err.message, "run/last.safetensors: cannot write: No space left on device");
}
END_TEST

START_TEST(place_goes_in_front_and_the_kind_stays)
{
    struct sbmt_error err = {0};
    ck_assert(!sbmt_fail(&err, SBMT_ERROR_DATA, "unknown token '%s'", "[MUL"));
    ck_assert(!sbmt_error_at(&err, "%s:%d:%d", "basic_val.tsv", 12, 5));
    ck_assert_str_eq(err.message, "basic_val.tsv:12:5: unknown token '[MUL'");
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
}
END_TEST

START_TEST(long_messages_are_cut_and_ended)
{
    char text[3000];
    memset(text, 'm', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct sbmt_error err = {0};
    ck_assert(!sbmt_fail(&err, SBMT_ERROR_DATA, "%s", text));
    ck_assert_uint_eq(strlen(err.message), sizeof err.message - 1);
    ck_assert(!sbmt_error_at(&err, "file.tsv:%d", 9));
    ck_assert_int_eq(strncmp(err.message, "file.tsv:9: mmm", 15), 0);
    ck_assert_uint_lt(strlen(err.message), sizeof err.message);
    errno = EACCES;
    ck_assert(!sbmt_fail_errno(&err, "%s", text));
    ck_assert_uint_eq(strlen(err.message), sizeof err.message - 1);
}
END_TEST

START_TEST(a_long_place_leaves_room_for_the_message)
{
    char place[2000];
    memset(place, 'p', sizeof place - 1);
    place[sizeof place - 1] = '\0';
    struct sbmt_error err = {0};
    ck_assert(!sbmt_fail(&err, SBMT_ERROR_DATA, "unknown token"));
    ck_assert(!sbmt_error_at(&err, "%s", place));
    ck_assert_ptr_nonnull(strstr(err.message, "pp: unknown token"));
}
END_TEST

START_TEST(a_message_stays_a_line_whatever_it_quotes)
{
    struct sbmt_error err = {0};
    ck_assert(!sbmt_fail(&err, SBMT_ERROR_DATA, "the label '%s' is not 0 or 1",
                         "\x1b[2J\n\177"
                         "1"));
    ck_assert(!sbmt_error_at(&err, "%s:%d", "a\tb.tsv", 3));
    ck_assert_str_eq(err.message, "a?b.tsv:3: the label '?[2J??1' is not 0 or 1");
    errno = ENOENT;
    ck_assert(!sbmt_fail_errno(&err, "%s", "two\rlines"));
    ck_assert_str_eq(err.message, "two?lines: No such file or directory");
}
END_TEST

SBMT_SUITE_MAIN("error", fail_fills_kind_and_message, no_error_to_fill_is_allowed,
                errno_is_appended_in_words, place_goes_in_front_and_the_kind_stays,
                long_messages_are_cut_and_ended, a_long_place_leaves_room_for_the_message,
                a_message_stays_a_line_whatever_it_quotes)
