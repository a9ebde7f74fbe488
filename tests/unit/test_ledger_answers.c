/* Tables of predictions: what they say, and every way to be none. */
#include "tests/suite.h"

#include "bench/ledger_run.h"
#include "tests/temporary.h"

static bool read_table(const char *text, struct sbmt_ledger_answers *answers,
                       struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "predictions.tsv");
    temporary_text(path, text);
    const bool done = sbmt_ledger_answers_read(answers, path, arena, err);
    temporary_remove(&temporary);
    return done;
}

START_TEST(answers_are_read)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_ledger_answers first, second, others;
    ck_assert(
        read_table("index\tlabel\tprediction\n0\ta\ta\n1\tb\ta\n2\ta\taa\n", &first, &arena, &err));
    ck_assert_int_eq(first.count, 3);
    ck_assert(first.right[0] && !first.right[1] && !first.right[2]);
    ck_assert(
        read_table("index\tlabel\tprediction\n0\ta\tb\n1\tb\tb\n2\ta\ta\n", &second, &arena, &err));
    ck_assert_str_eq(first.digest, second.digest);
    ck_assert(
        read_table("index\tlabel\tprediction\n0\ta\tb\n1\ta\tb\n2\ta\ta\n", &others, &arena, &err));
    ck_assert_str_ne(first.digest, others.digest);
    ck_assert_int_eq(first.labels, 3);
    sbmt_arena_finish(&arena);
}
END_TEST

/* Tokens of a sequence are no examples of their own. */
START_TEST(labels_of_an_example_are_counted)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_ledger_answers answers;
    ck_assert(read_table("index\tposition\tlabel\tprediction\n7\t0\t1\t1\n7\t1\t1\t0\n7\t2\t1\t1\n"
                         "71\t0\t1\t1\n8\t0\t1\t0\n",
                         &answers, &arena, &err));
    ck_assert_int_eq(answers.count, 3);
    ck_assert_int_eq(answers.labels, 5);
    ck_assert_int_eq(answers.right[0], 2);
    ck_assert_int_eq(answers.right[1], 1);
    ck_assert_int_eq(answers.right[2], 0);
    sbmt_arena_finish(&arena);
}
END_TEST

static const struct {
    const char *text;
    int line;
} broken[] = {
    {"", 1},
    {"index\tlabel\n", 1},
    {"index\tlabel\tprediction\n0\ta\n", 2},
    {"index\tlabel\tprediction\n0\ta\ta\n0\ta\ta\ta\n", 3},
    {"index\tlabel\tprediction\n0\ta\ta", 2}, /* cut short */
    {"index\tposition\tlabel\tprediction\n0\ta\ta\n", 2},
};

enum { BROKEN = sizeof broken / sizeof broken[0] };

START_TEST(what_is_none)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_ledger_answers answers;
    char place[64];
    snprintf(place, sizeof place, "predictions.tsv:%d: not a line of predictions", broken[_i].line);
    ck_assert(!read_table(broken[_i].text, &answers, &arena, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_msg(strstr(err.message, place) != NULL, "%s", err.message);
    sbmt_arena_finish(&arena);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {answers_are_read, 1}, {labels_of_an_example_are_counted, 1}, {what_is_none, BROKEN}};
    return sbmt_suite_run_loops("ledger_answers", tests, 3);
}
