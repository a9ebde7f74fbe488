/* Submissions to the leaderboard: what is written passes, and every mistake is named. */
#include "tests/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/str.h"
#include "core/io/file.h"
#include "data/glue/submission_check.h"
#include "data/zip_writer.h"
#include "tests/temporary.h"

static const char *const wnli_names[] = {"not_entailment", "entailment"},
                         *const numbers[] = {"0", "1"}, *const strange[] = {"0", "perhaps"};

/* A file's rows, `answer` in each. */
static void fill(const struct sbmt_submission_file *file, const char *answer, struct sbmt_str *out)
{
    sbmt_str_clear(out);
    sbmt_str_printf(out, "index\tprediction\n");
    for (int64_t i = 0; i < file->rows; i++)
        sbmt_str_printf(out, "%d\t%s\n", (int)i, answer);
}

static const struct sbmt_submission_file *file_named(const char *name)
{
    for (int i = 0; sbmt_submission_file_at(i) != NULL; i++)
        if (strcmp(sbmt_submission_file_at(i)->name, name) == 0)
            return sbmt_submission_file_at(i);
    ck_abort_msg("no file %s", name);
}

static void put(const char *path, const char *name, const char *text)
{
    struct sbmt_error err = {0};
    const struct sbmt_submission_part part = {name, text, strlen(text)};
    ck_assert_msg(sbmt_submission_put(path, &part, 1, &err), "%s", err.message);
}

static struct sbmt_submission_report verify(const char *path)
{
    struct sbmt_submission_report report = {0};
    struct sbmt_error err = {0};
    ck_assert_msg(sbmt_submission_verify(path, &report, &err), "%s", err.message);
    return report;
}

/* The problems of an archive with one member. */
static void expect(const char *path, const char *name, const char *text, int count,
                   const char *problems)
{
    remove(path);
    put(path, name, text);
    struct sbmt_submission_report report = verify(path);
    ck_assert_str_eq(report.text.text != NULL ? report.text.text : "", problems);
    ck_assert_int_eq(report.count, count);
    sbmt_submission_report_finish(&report);
}

START_TEST(a_complete_submission_is_good)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "glue.zip");
    struct sbmt_str text = {0};
    for (int i = 0; sbmt_submission_file_at(i) != NULL; i++) {
        const struct sbmt_submission_file *file = sbmt_submission_file_at(i);
        fill(file, file->answers[0].class != NULL ? file->answers[0].answer : "2.500", &text);
        put(path, file->name, text.text);
    }
    struct sbmt_submission_report report = verify(path);
    ck_assert_int_eq(report.count, 0);
    ck_assert_uint_eq(report.notes.length, 0);
    for (int i = 0; i < SBMT_SUBMISSION_FILES; i++)
        ck_assert(report.present[i] && report.rows[i] == sbmt_submission_file_at(i)->rows);
    sbmt_submission_report_finish(&report);
    sbmt_str_finish(&text);
    temporary_remove(&folder);
}
END_TEST

/* Answers of a model become the leaderboard's words, by the names of the classes. */
START_TEST(answers_are_written_as_the_leaderboard_wants_them)
{
    const struct sbmt_submission_file *file = file_named("WNLI.tsv");
    struct sbmt_task task = {.name = "glue/wnli", .classes = 2, .label_names = wnli_names};
    int32_t prediction[146] = {0};
    prediction[1] = 1;
    struct sbmt_answers answers = {.count = 146, .prediction = prediction};
    struct sbmt_str text = {0};
    struct sbmt_error err = {0};
    for (int i = 0; i < 2; i++) {
        sbmt_str_clear(&text);
        ck_assert(sbmt_submission_write(file, &task, &answers, &text, &err));
        ck_assert_int_eq(strncmp(text.text, "index\tprediction\n0\t0\n1\t1\n2\t0\n", 29), 0);
        task.label_names = numbers;
    }
    task.label_names = strange;
    ck_assert(!sbmt_submission_write(file, &task, &answers, &text, &err));
    ck_assert_str_eq(err.message,
                     "WNLI.tsv: the leaderboard has no answer for class 1 of glue/wnli");
    answers.count = 71;
    ck_assert(!sbmt_submission_write(file, &task, &answers, &text, &err));
    ck_assert_str_eq(err.message,
                     "WNLI.tsv: has to answer the 146 examples of the official test set, "
                     "but these are 71");
    sbmt_str_finish(&text);
}
END_TEST

/* Of a model of score/5: three decimals, and nothing outside 0 … 5. */
START_TEST(scores_are_scaled_and_clipped)
{
    const struct sbmt_submission_file *file = file_named("STS-B.tsv");
    const struct sbmt_task task = {.name = "glue/sts-b", .target = SBMT_TARGET_SCORE};
    double *score = calloc(1379, sizeof *score);
    score[0] = 0.5;
    score[1] = -0.2;
    score[2] = 1.3;
    score[3] = 0.12345;
    const struct sbmt_answers answers = {.count = 1379, .score = score};
    struct sbmt_str text = {0};
    struct sbmt_error err = {0};
    ck_assert(sbmt_submission_write(file, &task, &answers, &text, &err));
    const char *expected = "index\tprediction\n0\t2.500\n1\t0.000\n2\t5.000\n3\t0.617\n";
    ck_assert_int_eq(strncmp(text.text, expected, strlen(expected)), 0);
    sbmt_str_finish(&text);
    free(score);
}
END_TEST

START_TEST(other_members_of_an_archive_stay)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "glue.zip");
    size_t size, again;
    put(path, "RTE.tsv", "one");
    put(path, "WNLI.tsv", "two");
    put(path, "RTE.tsv", "three");
    struct sbmt_stream stream;
    struct sbmt_error err = {0};
    struct sbmt_str bytes = {0};
    const char *name;
    static const char *const expected[][2] = {{"WNLI.tsv", "two"}, {"RTE.tsv", "three"}};
    ck_assert(sbmt_submission_open(&stream, path, &err));
    for (int i = 0; i < 2; i++) {
        ck_assert(sbmt_stream_member(&stream, &name, &err));
        ck_assert_str_eq(name, expected[i][0]);
        ck_assert(sbmt_submission_read(&stream, &bytes, &err));
        ck_assert_str_eq(bytes.text, expected[i][1]);
    }
    ck_assert(sbmt_stream_member(&stream, &name, &err));
    ck_assert_ptr_null(name);
    sbmt_stream_close(&stream);
    sbmt_str_finish(&bytes);
    /* The same members give the same bytes, and nothing else is left in the folder. */
    char *first = temporary_get(path, &size);
    put(path, "RTE.tsv", "three");
    char *second = temporary_get(path, &again);
    ck_assert_uint_eq(size, again);
    ck_assert_mem_eq(first, second, size);
    ck_assert_int_eq(temporary_count(folder.folder), 1);
    free(first);
    free(second);
    temporary_remove(&folder);
}
END_TEST

/* A broken archive is refused and left as it is. */
START_TEST(what_is_no_archive_stays_untouched)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "glue.zip");
    const struct sbmt_submission_part part = {"RTE.tsv", "one", 3};
    struct sbmt_submission_report report = {0};
    struct sbmt_error err = {0};
    size_t size, again;
    temporary_text(path, "index\tprediction\n");
    ck_assert(!sbmt_submission_put(path, &part, 1, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "glue.zip: is not a zip archive"));
    ck_assert(!sbmt_submission_verify(path, &report, &err));
    remove(path);
    put(path, "WNLI.tsv", "0123456789012345678901234567890123456789 and more");
    char *bytes = temporary_get(path, &size);
    for (size_t cut = 10; cut < size; cut += 7) {
        temporary_put(path, bytes, cut);
        err = (struct sbmt_error){0};
        ck_assert(!sbmt_submission_put(path, &part, 1, &err));
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        char *left = temporary_get(path, &again);
        ck_assert_uint_eq(again, cut);
        ck_assert_mem_eq(left, bytes, cut);
        free(left);
    }
    ck_assert_int_eq(temporary_count(folder.folder), 1);
    free(bytes);
    ck_assert(!sbmt_submission_verify(temporary_path(&folder, "none.zip"), &report, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "none.zip"));
    temporary_remove(&folder);
}
END_TEST

/* The file with one row changed, by its line. */
static void fill_with(const struct sbmt_submission_file *file, const char *answer, int line,
                      const char *changed, struct sbmt_str *out)
{
    sbmt_str_clear(out);
    sbmt_str_printf(out, "%s", line == 1 ? changed : "index\tprediction\n");
    for (int i = 0; i < (int)file->rows; i++) {
        if (line == i + 2)
            sbmt_str_printf(out, "%s", changed);
        else
            sbmt_str_printf(out, "%d\t%s\n", i, answer);
    }
}

static const struct {
    const char *file, *answer;
    int line;
    const char *changed;
    const char *text;
} mistakes[] = {
    {"WNLI.tsv", "1", 0, "", ""},
    {"WNLI.tsv", "entailment", 0, "",
     "WNLI.tsv:2: 'entailment' is what programs call the class; write 1 (146 rows; allowed are "
     "0 "
     "or 1)\n"},
    {"CoLA.tsv", "acceptable", 0, "",
     "CoLA.tsv:2: 'acceptable' is what programs call the class; write 1 (1063 rows; allowed "
     "are 0 "
     "or 1)\n"},
    {"RTE.tsv", "1", 0, "",
     "RTE.tsv:2: '1' is the number of a class; write its name, entailment or not_entailment "
     "(3000 rows)\n"},
    {"RTE.tsv", "entailment", 5, "3\tmaybe\n",
     "RTE.tsv:5: 'maybe' is no answer here; allowed are entailment or not_entailment (1 "
     "row)\n"},
    {"MNLI-m.tsv", "neutral", 5, "3\tNeutral\n",
     "MNLI-m.tsv:5: 'Neutral' is what programs call the class; write neutral (1 row; allowed "
     "are "
     "entailment, neutral or contradiction)\n"},
    {"STS-B.tsv", "2.5", 3, "1\t5.01\n",
     "STS-B.tsv:3: '5.01' is no number of 0 to 5 (1 row); clip the scores\n"},
    {"STS-B.tsv", "2.5", 3, "1\tnan\n",
     "STS-B.tsv:3: 'nan' is no number of 0 to 5 (1 row); clip the scores\n"},
    {"STS-B.tsv", "similar", 0, "",
     "STS-B.tsv:2: 'similar' is no number of 0 to 5 (1379 rows); answers are scores\n"},
    {"WNLI.tsv", "1", 4, "5\t1\n",
     "WNLI.tsv:4: has index '5' where 2 belongs: rows are numbered from 0 in the order of the "
     "test file\n"},
    {"WNLI.tsv", "1", 4, "2,1\n",
     "WNLI.tsv:4: has to be two columns, index and prediction, with a tab between\n"},
    {"WNLI.tsv", "1", 4, "2\t1\t0\n",
     "WNLI.tsv:4: has to be two columns, index and prediction, with a tab between\n"},
    {"WNLI.tsv", "1", 4, "",
     "WNLI.tsv:4: has index '3' where 2 belongs: rows are numbered from 0 in the order of the "
     "test file\n"
     "WNLI.tsv: has 145 rows; the official test set has 146: a reader that honours "
     "quotes or skips rows loses some\n"},
    {"WNLI.tsv", "1", 1, "id\tlabel\n",
     "WNLI.tsv:1: the header is another, 'id?label'; it has to be 'index' and 'prediction' "
     "with a "
     "tab between\n"},
    {"WNLI.tsv", "1", 1, "",
     "WNLI.tsv:1: there is no header: the first line is a row, '0?1'; it has to be 'index' and "
     "'prediction' with a tab between\n"},
    {"WNLI.tsv", "1", 1, "index\tprediction\r\n",
     "WNLI.tsv: lines end with CR LF; save it with LF alone (sed -i 's/\\r$//')\n"},
    {"WNLI.tsv", "1", 1, "\xEF\xBB\xBFindex\tprediction\n",
     "WNLI.tsv: begins with a byte order mark; save it as UTF-8 without one\n"},
};

START_TEST(every_mistake_is_named)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "glue.zip");
    struct sbmt_str text = {0};
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        int problems = 0;
        for (const char *c = mistakes[i].text; *c != '\0'; c++)
            problems += *c == '\n';
        fill_with(file_named(mistakes[i].file), mistakes[i].answer, mistakes[i].line,
                  mistakes[i].changed, &text);
        expect(path, mistakes[i].file, text.text, problems, mistakes[i].text);
    }
    sbmt_str_finish(&text);
    temporary_remove(&folder);
}
END_TEST

START_TEST(dev_in_place_of_test_is_seen)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "glue.zip");
    struct sbmt_submission_file dev = *file_named("WNLI.tsv");
    struct sbmt_str text = {0};
    dev.rows = dev.dev_rows;
    fill(&dev, "1", &text);
    expect(path, "WNLI.tsv", text.text, 1,
           "WNLI.tsv: has 71 rows; the official test set has 146, and dev as many as this has: "
           "answer the test set\n");
    expect(path, "WNLI.tsv", "", 2,
           "WNLI.tsv: is empty\nWNLI.tsv: has 0 rows; the official test set has 146: a reader that "
           "honours quotes or skips rows loses some\n");
    sbmt_str_finish(&text);
    temporary_remove(&folder);
}
END_TEST

START_TEST(names_and_folders)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "glue.zip");
    struct sbmt_str text = {0};
    fill(file_named("WNLI.tsv"), "1", &text);
    expect(path, "glue/WNLI.tsv", text.text, 1,
           "glue/WNLI.tsv: is in a folder; the archive has to be flat (zip -j)\n");
    expect(path, "wnli.tsv", text.text, 1,
           "wnli.tsv: is not a name of the leaderboard; call it WNLI.tsv\n");
    expect(path, "predict_results_wnli.txt", text.text, 1,
           "predict_results_wnli.txt: is no file of the leaderboard; leave it out\n");
    put(path, "WNLI.tsv", text.text);
    put(path, "x/WNLI.tsv", text.text);
    struct sbmt_submission_report report = verify(path);
    ck_assert_ptr_nonnull(strstr(report.text.text, "x/WNLI.tsv: is in the archive twice\n"));
    sbmt_submission_report_finish(&report);
    sbmt_str_finish(&text);
    temporary_remove(&folder);
}
END_TEST

/* Children put a member each into one archive, all at once. */
START_TEST(processes_lose_no_member)
{
    enum { CHILDREN = 8, TIMES = 5 };
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "glue.zip");
    pid_t child[CHILDREN];
    for (int c = 0; c < CHILDREN; c++) {
        child[c] = fork();
        ck_assert_int_ge(child[c], 0);
        for (int t = 0; child[c] == 0 && t < TIMES; t++) {
            struct sbmt_error err = {0};
            char name[32];
            snprintf(name, sizeof name, "%d.%d", c, t);
            const struct sbmt_submission_part part = {name, name, strlen(name)};
            if (!sbmt_submission_put(path, &part, 1, &err))
                _exit(1);
        }
        if (child[c] == 0)
            _exit(0);
    }
    for (int c = 0; c < CHILDREN; c++) {
        int status;
        ck_assert_int_eq(waitpid(child[c], &status, 0), child[c]);
        ck_assert_int_eq(status, 0);
    }
    struct sbmt_error err = {0};
    struct sbmt_stream stream = {0};
    const char *name = NULL;
    int members = 0;
    ck_assert_msg(sbmt_submission_open(&stream, path, &err), "%s", err.message);
    for (; sbmt_stream_member(&stream, &name, &err) && name != NULL; members++)
        continue;
    sbmt_stream_close(&stream);
    ck_assert_int_eq(members, CHILDREN * TIMES);
    ck_assert(!sbmt_file_exists(temporary_path(&folder, "glue.zip.lock")));
    temporary_remove(&folder);
}
END_TEST

START_TEST(small_scores_are_noted)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "glue.zip");
    struct sbmt_str text = {0};
    fill(file_named("STS-B.tsv"), "0.75", &text);
    put(path, "STS-B.tsv", text.text);
    struct sbmt_submission_report report = verify(path);
    ck_assert_int_eq(report.count, 0);
    ck_assert_ptr_nonnull(strstr(report.notes.text, "STS-B.tsv: no score is above 1"));
    sbmt_submission_report_finish(&report);
    sbmt_str_finish(&text);
    temporary_remove(&folder);
}
END_TEST

SBMT_SUITE_MAIN("submission", a_complete_submission_is_good,
                answers_are_written_as_the_leaderboard_wants_them, scores_are_scaled_and_clipped,
                other_members_of_an_archive_stay, what_is_no_archive_stays_untouched,
                every_mistake_is_named, dev_in_place_of_test_is_seen, names_and_folders,
                processes_lose_no_member, small_scores_are_noted)
