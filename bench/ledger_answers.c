/* predictions.tsv of a run: which labels it got right, and all that it answered. */
#include <math.h>
#include <string.h>

#include "bench/config_value.h"
#include "bench/ledger_run.h"
#include "bench/run.h"
#include "core/io/file.h"

/* A line: everything up to the label, and whether the prediction is the label. */
static bool read_line(const char *line, size_t length, int fields, struct sbmt_digest *digest,
                      bool *right)
{
    const char *end = line + length, *label = line, *tab;
    for (int i = 0; i < fields - 2; i++) {
        tab = memchr(label, '\t', (size_t)(end - label));
        if (tab == NULL)
            return false;
        label = tab + 1;
    }
    tab = memchr(label, '\t', (size_t)(end - label));
    if (tab == NULL || memchr(tab + 1, '\t', (size_t)(end - tab - 1)) != NULL)
        return false;
    const size_t size = (size_t)(tab - label);
    *right = (size_t)(end - tab - 1) == size && memcmp(label, tab + 1, size) == 0;
    sbmt_digest_add(digest, line, (size_t)(tab - line));
    sbmt_digest_add(digest, "\n", 1);
    return true;
}

/* Both lines begin with the same index. */
static bool same_example(const char *line, const char *before)
{
    const size_t length = strcspn(line, "\t");
    return before != NULL && strncmp(line, before, length) == 0 && before[length] == '\t';
}

static bool fail(const char *path, int line, struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s:%d: not a line of predictions; write the table again with sbmt eval RUN "
                     "--predictions",
                     path, line);
}

/* The fields of a line as its heading names them; 0: not the heading of predictions. */
static int fields_of(const char *line, size_t length)
{
    static const char *const heads[] = {"index\tlabel\tprediction",
                                        "index\tposition\tlabel\tprediction"};
    for (int i = 0; i < 2; i++)
        if (strlen(heads[i]) == length && memcmp(line, heads[i], length) == 0)
            return 3 + i;
    return 0;
}

/* Reads all lines; `right` has room for each. The labels of an example follow each other. */
static bool read_lines(const char *text, size_t size, const char *path, int *right,
                       struct sbmt_ledger_answers *answers, struct sbmt_error *err)
{
    struct sbmt_digest digest;
    const char *before = NULL;
    int fields = 0, line = 1;
    bool good = true, is_right = false;
    sbmt_digest_begin(&digest, SBMT_DIGEST_SHA256);
    for (size_t at = 0; good && at < size; line++) {
        const char *newline = memchr(text + at, '\n', size - at);
        const size_t length = newline != NULL ? (size_t)(newline - text) - at : size - at;
        if (line == 1) {
            good = (fields = fields_of(text, length)) > 0;
        } else if (newline == NULL || !read_line(text + at, length, fields, &digest, &is_right)) {
            good = false;
        } else {
            answers->count += !same_example(text + at, before);
            answers->labels++;
            right[answers->count - 1] += is_right;
            before = text + at;
        }
        at += length + 1;
    }
    const bool digested = sbmt_digest_finish(&digest, good ? answers->digest : NULL, err);
    return good && line > 1 ? digested : fail(path, line - (line > 1), err);
}

bool sbmt_ledger_answers_read(struct sbmt_ledger_answers *answers, const char *path,
                              struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_mapping file;
    *answers = (struct sbmt_ledger_answers){0};
    if (!sbmt_mapping_open(&file, path, err))
        return false;
    size_t lines = 1;
    for (size_t i = 0; i < file.size; i++)
        lines += file.bytes[i] == '\n';
    int *right = sbmt_arena_zalloc(arena, lines, sizeof *right);
    answers->right = right;
    const bool read = sbmt_arena_check(arena, path, err) &&
                      read_lines((const char *)file.bytes, file.size, path, right, answers, err);
    sbmt_mapping_close(&file);
    return read;
}

double sbmt_ledger_answered(const struct sbmt_ledger_run *run)
{
    int64_t right = 0;
    for (int64_t i = 0; i < run->answers.count; i++)
        right += run->answers.right[i];
    return run->answers.count > 0 ? (double)right / (double)run->answers.labels : (double)NAN;
}

/* The class of this name; −1 where there is none. */
static int class_of(const struct sbmt_task *task, const char *text, size_t length)
{
    int class = 0;
    for (; class < task->classes; class ++) {
        struct sbmt_str name = {0};
        sbmt_task_class(task, class, &name);
        const bool same = !name.failed && name.length == length &&
                          memcmp(name.text, text, length) == 0;
        sbmt_str_finish(&name);
        if (same)
            return class;
    }
    return -1;
}

/* What answers are read into. */
struct reading {
    const struct sbmt_task *task;
    int32_t *class[2]; /* labels and predictions; NULL where the task has scores */
    double *score[2];
};

static struct reading make_reading(const struct sbmt_ledger_run *run, struct sbmt_arena *arena)
{
    struct reading reading = {.task = sbmt_task_find(run->config.task, NULL)};
    const size_t labels = (size_t)run->answers.labels;
    const bool scores = reading.task != NULL && reading.task->target == SBMT_TARGET_SCORE;
    for (int side = 0; side < 2 && scores; side++)
        reading.score[side] = sbmt_arena_alloc(arena, labels * sizeof(double));
    for (int side = 0; side < 2 && !scores; side++)
        reading.class[side] = sbmt_arena_alloc(arena, labels * sizeof(int32_t));
    return reading;
}

/* One side of answer number i. */
static bool read_side(struct reading *reading, int side, int64_t i, const char *text, size_t length)
{
    static const struct sbmt_field row = {
        .key = "score", .type = SBMT_FIELD_NUMBER, .min = -1e300, .max = 1e300};
    char number[32];
    if (reading->class[side] != NULL) {
        reading->class[side][i] = class_of(reading->task, text, length);
        return reading->class[side][i] >= 0;
    }
    if (length >= sizeof number)
        return false;
    memcpy(number, text, length);
    number[length] = '\0';
    return sbmt_value_parse(&row, &reading->score[side][i], number, false, NULL, NULL);
}

/* The last two fields of each line, which are there: the ledger has read them. */
static bool read_answers(struct reading *reading, const char *text, size_t size, const char *path,
                         struct sbmt_error *err)
{
    const char *line = (const char *)memchr(text, '\n', size) + 1;
    for (int64_t i = 0; line < text + size; i++) {
        const char *end = memchr(line, '\n', (size_t)(text + size - line));
        const char *prediction = end, *label;
        while (prediction[-1] != '\t')
            prediction--;
        label = prediction - 1;
        while (label[-1] != '\t')
            label--;
        if (!read_side(reading, 0, i, label, (size_t)(prediction - 1 - label)) ||
            !read_side(reading, 1, i, prediction, (size_t)(end - prediction)))
            return fail(path, (int)i + 2, err);
        line = end + 1;
    }
    return true;
}

bool sbmt_ledger_answers_load(const struct sbmt_ledger_run *run, struct sbmt_arena *arena,
                              struct sbmt_answers *answers, struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    struct sbmt_mapping file;
    struct reading reading = make_reading(run, arena);
    sbmt_run_path(run->folder, "predictions.tsv", path);
    if (!sbmt_arena_check(arena, path, err) || !sbmt_mapping_open(&file, path, err))
        return false;
    const bool read = read_answers(&reading, (const char *)file.bytes, file.size, path, err);
    sbmt_mapping_close(&file);
    *answers = (struct sbmt_answers){
        .count = run->answers.labels,
        .classes = reading.task != NULL ? reading.task->classes : 0,
        .label = reading.class[0],
        .prediction = reading.class[1],
        .target = reading.score[0],
        .score = reading.score[1],
    };
    return read;
}
