/* predictions.tsv of a run: which labels it got right. */
#include <math.h>
#include <string.h>

#include "bench/ledger_run.h"
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
