/* Published results: every file that ships, and every mistake with its line and column. */
#include "tests/suite.h"

#include <math.h>
#include <string.h>

#include "bench/published.h"
#include "data/metric.h"
#include "data/task.h"
#include "tests/temporary.h"

#define SHIPPED UNIT_DATA "/../../../configs/published"

static void load_shipped(const char *name, struct sbmt_published *published,
                         struct sbmt_arena *arena)
{
    struct sbmt_error err = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.yaml", SHIPPED, name);
    ck_assert_msg(sbmt_published_load(published, path, arena, &err), "%s", err.message);
}

static int column_of(const struct sbmt_published *published, const char *key)
{
    for (int i = 0; i < published->protocol->columns; i++)
        if (strcmp(published->protocol->column[i].key, key) == 0)
            return i;
    ck_abort_msg("no column %s", key);
}

static const struct sbmt_published_row *row_of(const struct sbmt_published *published,
                                               const char *model)
{
    for (int i = 0; i < published->count; i++)
        if (strcmp(published->rows[i].model, model) == 0)
            return &published->rows[i];
    ck_abort_msg("no row %s", model);
}

/* There is one file a protocol, and nothing else. */
START_TEST(all_files_load)
{
    static const int rows[] = {13, 14, 7, 12, 5, 1};
    int protocols = 0;
    for (; sbmt_published_protocol_at(protocols) != NULL; protocols++) {
        struct sbmt_arena arena = {0};
        struct sbmt_published published;
        const struct sbmt_published_protocol *protocol = sbmt_published_protocol_at(protocols);
        load_shipped(protocol->name, &published, &arena);
        ck_assert_ptr_eq(published.protocol, protocol);
        ck_assert_ptr_nonnull(published.doc);
        ck_assert_int_eq(published.count, rows[protocols]);
        sbmt_arena_finish(&arena);
    }
    ck_assert_int_eq(protocols, 6);
    ck_assert_int_eq(temporary_count(SHIPPED), protocols);
    ck_assert_ptr_null(sbmt_published_protocol_at(-1));
}
END_TEST

/* A column of a task that does not exist would stand in no table. */
START_TEST(columns_have_tasks)
{
    for (int p = 0; sbmt_published_protocol_at(p) != NULL; p++)
        for (int c = 0; c < sbmt_published_protocol_at(p)->columns; c++) {
            const char *task = sbmt_published_protocol_at(p)->column[c].task;
            ck_assert_msg(sbmt_task_find(task, NULL) != NULL, "%s", task);
        }
}
END_TEST

START_TEST(columns_have_metrics)
{
    struct sbmt_error err = {0};
    for (int p = 0; sbmt_published_protocol_at(p) != NULL; p++) {
        const struct sbmt_published_protocol *protocol = sbmt_published_protocol_at(p);
        ck_assert_int_gt(protocol->columns, 0);
        ck_assert_int_le(protocol->columns, SBMT_PUBLISHED_COLUMNS);
        for (int i = 0; i < protocol->columns; i++)
            ck_assert_msg(sbmt_metric_find(protocol->column[i].metric, &err) != NULL, "%s",
                          err.message);
    }
}
END_TEST

START_TEST(what_rows_hold)
{
    struct sbmt_arena arena = {0};
    struct sbmt_published published;
    load_shipped("sbm-paper", &published, &arena);
    const struct sbmt_published_row *row = row_of(&published, "SBM");
    ck_assert_double_eq(row->score[column_of(&published, "text")], 65.79);
    ck_assert_double_eq(row->density[column_of(&published, "text")], 26.10);
    ck_assert(isnan(row->score[column_of(&published, "path-x")]));
    ck_assert_double_eq(row->printed_average, 59.93);
    ck_assert(row->unverified);
    ck_assert_ptr_null(row->note);
    ck_assert_str_eq(row->source, "SBM-Transformer (arXiv 2210.15541)");
    ck_assert(isnan(row_of(&published, "Full")->density[column_of(&published, "text")]));
    for (int i = 0; i < published.count; i++)
        ck_assert(published.rows[i].unverified);

    load_shipped("glue-test", &published, &arena);
    row = row_of(&published, "BERT-Tiny");
    ck_assert_double_eq(row->score[column_of(&published, "mrpc-f1")], 81.1);
    ck_assert_double_eq(row->score[column_of(&published, "mrpc-accuracy")], 71.1);
    ck_assert_double_eq(row->score[column_of(&published, "cola")], 0);
    ck_assert(!row->unverified);
    sbmt_arena_finish(&arena);
}
END_TEST

/* The mean of a row's numbers; NAN where the source prints no average. */
static double mean_of(const struct sbmt_published *published, const struct sbmt_published_row *row)
{
    double sum = 0;
    int count = 0;
    for (int i = 0; i < published->protocol->columns; i++) {
        sum += isnan(row->score[i]) ? 0 : row->score[i];
        count += !isnan(row->score[i]);
    }
    return isnan(row->printed_average) ? (double)NAN : sum / count;
}

/* An average that a source prints of Long Range Arena is the mean of the numbers beside it, to the
 * last digit or one beside it: so a mistyped number is found. One source printed another. */
START_TEST(averages_are_those_of_the_rows)
{
    int averages = 0, others = 0;
    for (int p = 0; p < 4; p++) {
        struct sbmt_arena arena = {0};
        struct sbmt_published published;
        load_shipped(sbmt_published_protocol_at(p)->name, &published, &arena);
        for (int r = 0; r < published.count; r++) {
            const struct sbmt_published_row *row = &published.rows[r];
            const double mean = mean_of(&published, row);
            const bool other = p == 0 && strcmp(row->model, "Sinkhorn") == 0;
            ck_assert_msg(isnan(mean) || other == (fabs(mean - row->printed_average) > 0.011),
                          "%s, %s: the average is %.3f, printed is %.2f", published.protocol->name,
                          row->model, mean, row->printed_average);
            averages += !isnan(mean);
            others += other;
        }
        sbmt_arena_finish(&arena);
    }
    ck_assert_int_eq(averages, 11 + 11 + 7 + 5);
    ck_assert_int_eq(others, 1);
}
END_TEST

#define ROW "  - {model: a, source: b, scores: {text: 1}}\n"

static const struct {
    const char *text, *message;
} mistakes[] = {
    {"protocol: s4\n", "1:1: 'rows' is missing"},
    {"rows: []\n", "1:1: 'protocol' is missing"},
    {"protocol: s5\nrows: []\n",
     "1:11: protocol: expected one of google, nystromformer, sbm-paper, s4, glue-test, "
     "glue-dev, got 's5'; did you mean 's4'?"},
    {"protocol: s4\nrow: []\n", "2:1: unknown key 'row'; did you mean 'rows'?"},
    {"protocol: s4\naverages: 3\n",
     "2:1: unknown key 'averages'; the keys here are protocol, doc, rows"},
    {"protocol: s4\nrows: {}\n", "2:7: rows: expected a list (- model: …)"},
    {"protocol: s4\nrows:\n", "2:6: rows: expected a list (- model: …)"},
    {"protocol: s4\nrows: [S4]\n", "2:8: expected a row (model: …, source: …, scores: {…})"},
    {"protocol: s4\nrows:\n" ROW "  - {model: a}\n", "4:5: rows[1]: 'source' is missing"},
    {"protocol: s4\nrows:\n  - {source: a, scores: {text: 1}}\n",
     "3:5: rows[0]: 'model' is missing"},
    {"protocol: s4\nrows:\n  - {model: a, source: b}\n", "3:5: rows[0]: 'scores' is missing"},
    {"protocol: s4\nrows:\n  - {model: a, source: b, scores: {}}\n",
     "3:5: rows[0]: 'scores' is missing"},
    {"protocol: s4\nrows:\n" ROW ROW "", "4:5: rows[1]: 'a' from this source is rows[0] "
                                         "already"},
    {"protocol: s4\nrows:\n  - {model: a, source: b, scores: {texts: 1}}\n",
     "3:36: unknown key 'texts'; did you mean 'text'?"},
    {"protocol: s4\nrows:\n  - {model: a, source: b, scores: {cola: 1}}\n",
     "3:36: unknown key 'cola'; the keys here are listops, text, retrieval, image, "
     "pathfinder, path-x"},
    {"protocol: s4\nrows:\n  - {model: a, source: b, scores: {text: 101}}\n",
     "3:42: rows[0].scores.text: 101 is not within [-100, 100]"},
    {"protocol: s4\nrows:\n  - {model: a, source: b, scores: {text: FAIL}}\n",
     "3:42: rows[0].scores.text: expected a number, got 'FAIL'"},
    {"protocol: s4\nrows:\n  - {model: a, source: b, scores: {text: 1}, density: {text: -1}}\n",
     "3:62: rows[0].density.text: -1 is not within [0, 100]"},
    {"protocol: s4\nrows:\n  - {model: a, source: b, scores: {text: 1}, verified: true}\n",
     "3:46: unknown key 'verified'; did you mean 'unverified'?"},
};

START_TEST(mistakes_have_places)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "p.yaml");
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct sbmt_arena arena = {0};
        struct sbmt_error err = {0};
        struct sbmt_published published;
        temporary_text(path, mistakes[i].text);
        ck_assert_msg(!sbmt_published_load(&published, path, &arena, &err), "accepted: %s",
                      mistakes[i].text);
        ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
        ck_assert_msg(strncmp(err.message, path, strlen(path)) == 0, "%s", err.message);
        ck_assert_str_eq(err.message + strlen(path) + 1, mistakes[i].message);
        sbmt_arena_finish(&arena);
    }
    temporary_remove(&folder);
}
END_TEST

START_TEST(no_rows_are_no_mistake)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "p.yaml");
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_published published;
    temporary_text(path, "protocol: google\nrows: []\n");
    ck_assert_msg(sbmt_published_load(&published, path, &arena, &err), "%s", err.message);
    ck_assert_int_eq(published.count, 0);
    ck_assert_str_eq(published.protocol->name, "google");
    ck_assert_ptr_null(published.doc);
    sbmt_arena_finish(&arena);
    temporary_remove(&folder);
}
END_TEST

SBMT_SUITE_MAIN("published", all_files_load, columns_have_tasks, columns_have_metrics,
                what_rows_hold, averages_are_those_of_the_rows, mistakes_have_places,
                no_rows_are_no_mistake)
