/* JSON and the numbers in it. */
#include "tests/suite.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/number.h"
#include "core/io/json.h"

START_TEST(numbers_are_short)
{
    const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {5000, "5000"},
        {-3, "-3"},
        {0.1, "0.1"},
        {5e-4, "0.0005"},
        {1e-6, "1e-6"},
        {1e20, "1e20"},
        {100000, "100000"},
        {1e-300, "1e-300"},
        {NAN, "nan"},
        {-INFINITY, "-inf"},
        {-0.0, "-0"},
        {1.0 / 3, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[SBMT_NUMBER_TEXT];
        sbmt_number_text(cases[i].value, text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(numbers_read_back_exactly)
{
    uint64_t bits = 0x123456789ABCDEF1U;
    for (int i = 0; i < 100000; i++) {
        bits = bits * 6364136223846793005U + 1442695040888963407U;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        char text[SBMT_NUMBER_TEXT];
        sbmt_number_text(value, text);
        const double again = strtod(text, NULL);
        ck_assert_msg(memcmp(&again, &value, sizeof value) == 0, "%s", text);
    }
}
END_TEST

static struct sbmt_json example(void)
{
    struct sbmt_json json = sbmt_json_make();
    sbmt_json_number(&json, "step", 3);
    sbmt_json_text(&json, "name", "a \"b\": {c},\\\n");
    sbmt_json_begin(&json, "dev");
    sbmt_json_number(&json, "loss", 0.1 + 0.2);
    sbmt_json_bool(&json, "best", true);
    sbmt_json_end(&json);
    sbmt_json_number(&json, "bad", NAN);
    sbmt_json_text(&json, "none", NULL);
    return json;
}

START_TEST(objects_are_written_in_order)
{
    struct sbmt_json json = example();
    struct sbmt_str line = {0}, lines = {0};
    ck_assert(sbmt_json_print(&json, false, &line));
    ck_assert_str_eq(line.text,
                     "{\"step\":3,\"name\":\"a \\\"b\\\": {c},\\\\\\n\",\"dev\":{\"loss\":"
                     "0.30000000000000004,\"best\":true},\"bad\":null,\"none\":null}");
    ck_assert(sbmt_json_print(&json, true, &lines));
    ck_assert_str_eq(lines.text, "{\n"
                                 "  \"step\": 3,\n"
                                 "  \"name\": \"a \\\"b\\\": {c},\\\\\\n\",\n"
                                 "  \"dev\": {\n"
                                 "    \"loss\": 0.30000000000000004,\n"
                                 "    \"best\": true\n"
                                 "  },\n"
                                 "  \"bad\": null,\n"
                                 "  \"none\": null\n"
                                 "}");
    sbmt_json_finish(&json);
    sbmt_str_finish(&line);
    sbmt_str_finish(&lines);
}
END_TEST

START_TEST(lists_hold_objects_and_texts)
{
    struct sbmt_json json = sbmt_json_make();
    struct sbmt_str text = {0};
    sbmt_json_begin_list(&json, "rows");
    for (int i = 0; i < 2; i++) {
        sbmt_json_begin(&json, NULL);
        sbmt_json_number(&json, "i", i);
        sbmt_json_end(&json);
    }
    sbmt_json_end(&json);
    sbmt_json_begin_list(&json, "empty");
    sbmt_json_end(&json);
    sbmt_json_begin_list(&json, "texts");
    sbmt_json_text(&json, NULL, "a");
    sbmt_json_text(&json, NULL, NULL);
    sbmt_json_end(&json);
    ck_assert(sbmt_json_print(&json, false, &text));
    ck_assert_str_eq(text.text, "{\"rows\":[{\"i\":0},{\"i\":1}],\"empty\":[],"
                                "\"texts\":[\"a\",null]}");
    sbmt_json_finish(&json);
    sbmt_str_finish(&text);
}
END_TEST

START_TEST(objects_are_read)
{
    struct sbmt_json json = example(), again;
    struct sbmt_str text = {0};
    ck_assert(sbmt_json_print(&json, true, &text));
    ck_assert(sbmt_json_parse(&again, text.text, text.length));
    ck_assert_double_eq(sbmt_json_get_number(&again, "step", -1), 3);
    ck_assert_double_eq(sbmt_json_get_number(&again, "dev.loss", -1), 0.1 + 0.2);
    ck_assert_double_eq(sbmt_json_get_number(&again, "dev.lost", -1), -1);
    ck_assert_double_eq(sbmt_json_get_number(&again, "name", -1), -1);
    ck_assert_str_eq(sbmt_json_get_text(&again, "name"), "a \"b\": {c},\\\n");
    ck_assert_ptr_null(sbmt_json_get_text(&again, "step"));
    ck_assert(sbmt_json_has(&again, "dev"));
    ck_assert(!sbmt_json_has(&again, "test"));
    sbmt_json_finish(&json);
    sbmt_json_finish(&again);
    sbmt_str_finish(&text);
}
END_TEST

START_TEST(what_is_not_one_object_is_refused)
{
    const char *const texts[] = {"", "{", "[1]", "5", "{} {}", "{\"a\":}", "{\"a\":1}x"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct sbmt_json json;
        ck_assert_msg(!sbmt_json_parse(&json, texts[i], strlen(texts[i])), "%s", texts[i]);
    }
    struct sbmt_json json;
    ck_assert(!sbmt_json_parse(&json, "{}\n\0\0", 5)); /* the end of a file that was cut short */
}
END_TEST

START_TEST(lists_are_read)
{
    static const char text[] = "{\"rows\": [{\"n\": 1, \"t\": {\"u\": \"x\"}}, {\"n\": 2}, 3]}";
    struct sbmt_json json;
    struct sbmt_json_member member = {0};
    ck_assert(sbmt_json_parse(&json, text, sizeof text - 1));
    for (int i = 1; i <= 2; i++) {
        ck_assert(sbmt_json_next(&json, "rows", &member));
        ck_assert_ptr_null(member.key);
        ck_assert_int_eq(member.kind, SBMT_JSON_OBJECT);
        const struct sbmt_json row = sbmt_json_view(&member);
        ck_assert_double_eq(sbmt_json_get_number(&row, "n", -1), i);
        ck_assert_int_eq(sbmt_json_get_text(&row, "t.u") != NULL, i == 1);
    }
    ck_assert(sbmt_json_next(&json, "rows", &member));
    ck_assert_double_eq(member.number, 3);
    const struct sbmt_json none = sbmt_json_view(&member);
    ck_assert_double_eq(sbmt_json_get_number(&none, "n", -1), -1);
    ck_assert(!sbmt_json_next(&json, "rows", &member));
    sbmt_json_finish(&json);
}
END_TEST

START_TEST(members_come_in_order)
{
    static const char text[] = "{\"a\": {\"n\": 1.5, \"t\": \"x\", \"b\": true, \"z\": null, "
                               "\"l\": [1], \"o\": {}}, \"empty\": {}}";
    static const enum sbmt_json_kind kinds[] = {SBMT_JSON_NUMBER, SBMT_JSON_TEXT, SBMT_JSON_BOOL,
                                                SBMT_JSON_NULL,   SBMT_JSON_LIST, SBMT_JSON_OBJECT};
    struct sbmt_json json;
    ck_assert(sbmt_json_parse(&json, text, sizeof text - 1));
    struct sbmt_json_member member = {0}, none = {0};
    char keys[8] = "";
    double sum = 0;
    for (int i = 0; sbmt_json_next(&json, "a", &member); i++) {
        ck_assert_int_eq(member.kind, kinds[i]);
        strcat(keys, member.key);
        sum += member.number;
        ck_assert_int_eq(member.text != NULL, member.kind == SBMT_JSON_TEXT);
    }
    ck_assert_str_eq(keys, "ntbzlo");
    ck_assert_double_eq(sum, 2.5);
    ck_assert(!sbmt_json_next(&json, "empty", &none));
    ck_assert(!sbmt_json_next(&json, "a.n", &none));
    ck_assert(!sbmt_json_next(&json, "missing", &none));
    ck_assert(sbmt_json_next(&json, "", &none));
    ck_assert_str_eq(none.key, "a");
    sbmt_json_finish(&json);
}
END_TEST

/* Messages quote what files hold. */
START_TEST(what_is_written_is_utf8)
{
#define MARK "\xEF\xBF\xBD"
    static const char *const texts[][2] = {
        {"ä€\xF0\x9F\x98\x80", "ä€\xF0\x9F\x98\x80"},
        {"a\xFF\xFEz", "a" MARK MARK "z"},
        {"\xC3", MARK},
        {"\xC3(", MARK "("},
        {"\xE2\x82", MARK MARK},
        {"\xC0\xAF", MARK MARK},
        {"\xE0\x80\xAF", MARK MARK MARK},
        {"\xED\xA0\x80", MARK MARK MARK},
        {"\xF0\x80\x80\x80", MARK MARK MARK MARK},
        {"\xF4\x90\x80\x80", MARK MARK MARK MARK},
        {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
        {"\xF5\x80\x80\x80", MARK MARK MARK MARK},
        {"\x80", MARK},
    };
#undef MARK
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (int lines = 0; lines < 2; lines++) {
            struct sbmt_json json = sbmt_json_make();
            struct sbmt_str out = {0};
            char wanted[100];
            sbmt_json_text(&json, texts[i][0], texts[i][0]);
            ck_assert(sbmt_json_print(&json, lines == 1, &out));
            snprintf(wanted, sizeof wanted,
                     lines == 1 ? "{\n  \"%s\": \"%s\"\n}" : "{\"%s\":\"%s\"}", texts[i][1],
                     texts[i][1]);
            ck_assert_str_eq(out.text, wanted);
            sbmt_str_finish(&out);
            sbmt_json_finish(&json);
        }
}
END_TEST

SBMT_SUITE_MAIN("json", what_is_written_is_utf8, numbers_are_short, numbers_read_back_exactly,
                objects_are_written_in_order, lists_hold_objects_and_texts, objects_are_read,
                what_is_not_one_object_is_refused, members_come_in_order, lists_are_read)
