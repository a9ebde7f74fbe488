/* Checks of submissions. */
#include "data/glue/submission_check.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char header[] = "index\tprediction";

/* A file being checked, line by line. */
struct check {
    struct sbmt_submission_report *report;
    const struct sbmt_submission_file *file;
    int place;        /* of the file in the table */
    const char *name; /* as the archive has it */
    int64_t line;     /* from 1 */
    bool headless;    /* the first line is a row */
    bool order_told, columns_told;
    int64_t wrong; /* rows whose answer cannot be */
    int64_t wrong_line;
    char wrong_answer[64];
    double most; /* the largest score */
};

__attribute__((format(printf, 2, 3))) static void problem(struct check *check, const char *format,
                                                          ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sbmt_str_make_plain(text);
    sbmt_str_printf(&check->report->text, "%s%s\n", check->name, text);
    check->report->count++;
    if (check->place >= 0)
        check->report->problems[check->place]++;
}

static void list_answers(const struct sbmt_submission_file *file, struct sbmt_str *out)
{
    for (int i = 0; file->answers[i].class != NULL; i++)
        sbmt_str_printf(out, "%s%s",
                        i == 0                       ? ""
                        : file->answers[i + 1].class ? ", "
                                                     : " or ",
                        file->answers[i].answer);
}

static bool is_answer(const struct sbmt_submission_file *file, const char *answer)
{
    for (const struct sbmt_submission_answer *a = file->answers; a->class != NULL; a++)
        if (strcmp(a->answer, answer) == 0)
            return true;
    return false;
}

/* A number of 0 … 5, into *score. */
static bool read_score(const char *text, double *score)
{
    char *end = NULL;
    *score = strtod(text, &end);
    return end != text && *end == '\0' && *score >= 0 && *score <= 5;
}

static void check_answer(struct check *check, const char *answer)
{
    double score = 0;
    const bool asks_score = check->file->answers[0].class == NULL;
    const bool good = asks_score ? read_score(answer, &score) : is_answer(check->file, answer);
    if (good && score > check->most)
        check->most = score;
    if (good || check->wrong++ > 0)
        return;
    check->wrong_line = check->line;
    snprintf(check->wrong_answer, sizeof check->wrong_answer, "%s", answer);
}

/* A line of data; it is changed in place. */
static void check_row(struct check *check, char *line)
{
    const int64_t expected = check->report->rows[check->place]++;
    char *tab = strchr(line, '\t');
    if (tab == NULL || strchr(tab + 1, '\t') != NULL) {
        if (!check->columns_told)
            problem(check,
                    ":%" PRId64 ": has to be two columns, index and prediction, with a tab between",
                    check->line);
        check->columns_told = true;
        return;
    }
    *tab = '\0';
    char *end = NULL;
    errno = 0;
    const long long index = strtoll(line, &end, 10);
    if ((end == line || *end != '\0' || errno != 0 || index != expected) && !check->order_told) {
        problem(check,
                ":%" PRId64 ": has index '%.40s' where %" PRId64
                " belongs: rows are numbered from 0 in the order of the test file",
                check->line, line, expected);
        check->order_told = true;
    }
    check_answer(check, tab + 1);
}

static void check_header(struct check *check, const char *line)
{
    if (strcmp(line, header) == 0)
        return;
    const bool is_row = line[0] >= '0' && line[0] <= '9';
    problem(check, ":1: %s, '%.60s'; it has to be 'index' and 'prediction' with a tab between",
            is_row ? "there is no header: the first line is a row" : "the header is another", line);
    check->headless = is_row;
}

/* The class that some answer is another name of. */
static const char *meant(const struct sbmt_submission_file *file, const char *answer)
{
    for (const struct sbmt_submission_answer *a = file->answers; a->class != NULL; a++)
        if (strcasecmp(a->class, answer) == 0 || strcasecmp(a->answer, answer) == 0)
            return a->answer;
    return NULL;
}

static void tell_wrong_answers(struct check *check)
{
    if (check->wrong == 0)
        return;
    const struct sbmt_submission_file *file = check->file;
    const char *answer = check->wrong_answer;
    struct sbmt_str allowed = {0};
    char *end = NULL;
    list_answers(file, &allowed);
    char rows[40];
    snprintf(rows, sizeof rows, "%" PRId64 " row%s", check->wrong, check->wrong == 1 ? "" : "s");
    const bool is_number = (strtod(answer, &end), end != answer && *end == '\0');
    if (file->answers[0].class == NULL)
        problem(check, ":%" PRId64 ": '%s' is no number of 0 to 5 (%s)%s", check->wrong_line,
                answer, rows, is_number ? "; clip the scores" : "; answers are scores");
    else if (meant(file, answer) != NULL)
        problem(check,
                ":%" PRId64 ": '%s' is what programs call the class; write %s (%s; allowed are %s)",
                check->wrong_line, answer, meant(file, answer), rows, allowed.text);
    else if (is_number && !is_answer(file, "0"))
        problem(check, ":%" PRId64 ": '%s' is the number of a class; write its name, %s (%s)",
                check->wrong_line, answer, allowed.text, rows);
    else
        problem(check, ":%" PRId64 ": '%s' is no answer here; allowed are %s (%s)",
                check->wrong_line, answer, allowed.text, rows);
    sbmt_str_finish(&allowed);
}

static void tell_count(struct check *check)
{
    const struct sbmt_submission_file *file = check->file;
    const int64_t rows = check->report->rows[check->place];
    if (rows == file->rows)
        return;
    const char *why = "";
    if (rows == file->dev_rows)
        why = ", and dev as many as this has: answer the test set";
    else if (rows < file->rows)
        why = ": a reader that honours quotes or skips rows loses some";
    problem(check, ": has %" PRId64 " rows; the official test set has %" PRId64 "%s", rows,
            file->rows, why);
}

static void note_small_scores(struct check *check)
{
    if (check->file->answers[0].class == NULL && check->wrong == 0 && check->most <= 1)
        sbmt_str_printf(&check->report->notes,
                        "%s: no score is above 1, though they go to 5: scores of a model that was "
                        "trained on score/5 are to be multiplied by 5\n",
                        check->name);
}

/* The bytes of a file, which are changed in place. */
static void check_text(struct check *check, char *text, size_t length)
{
    bool carriage_told = false;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        problem(check, ": begins with a byte order mark; save it as UTF-8 without one");
        text += 3;
        length -= 3;
    }
    for (char *end = text + length; text < end;) {
        char *stop = memchr(text, '\n', (size_t)(end - text));
        char *next = stop != NULL ? stop + 1 : end;
        stop = stop != NULL ? stop : end;
        check->line++;
        if (stop > text && stop[-1] == '\r') {
            stop--;
            if (!carriage_told)
                problem(check, ": lines end with CR LF; save it with LF alone (sed -i 's/\\r$//')");
            carriage_told = true;
        }
        *stop = '\0';
        if (check->line == 1)
            check_header(check, text);
        if (check->line > 1 || check->headless)
            check_row(check, text);
        text = next;
    }
    if (check->line == 0)
        problem(check, ": is empty");
}

static const struct sbmt_submission_file *find(const char *name, bool exact, int *place)
{
    const struct sbmt_submission_file *file;
    for (int i = 0; (file = sbmt_submission_file_at(i)) != NULL; i++)
        if ((exact ? strcmp : strcasecmp)(file->name, name) == 0) {
            *place = i;
            return file;
        }
    *place = -1;
    return NULL;
}

/* True for a file of the leaderboard, into the check; what is wrong with the name is told. */
static bool identify(struct check *check)
{
    const char *slash = strrchr(check->name, '/');
    const char *base = slash != NULL ? slash + 1 : check->name;
    int place;
    check->file = find(base, true, &place);
    if (check->file == NULL) {
        const struct sbmt_submission_file *near = find(base, false, &place);
        check->place = -1;
        if (near != NULL)
            problem(check, ": is not a name of the leaderboard; call it %s", near->name);
        else
            problem(check, ": is no file of the leaderboard; leave it out");
        return false;
    }
    check->place = place;
    if (slash != NULL)
        problem(check, ": is in a folder; the archive has to be flat (zip -j)");
    if (check->report->present[place])
        problem(check, ": is in the archive twice");
    return !check->report->present[place];
}

static bool check_member(struct sbmt_submission_report *report, const char *member,
                         struct sbmt_stream *stream, struct sbmt_error *err)
{
    char name[256];
    struct check check = {.report = report, .name = name, .place = -1};
    snprintf(name, sizeof name, "%s", member);
    sbmt_str_make_plain(name);
    struct sbmt_str bytes = {0};
    if (!identify(&check))
        return true;
    report->present[check.place] = true;
    const bool read = sbmt_submission_read(stream, &bytes, err);
    if (read && bytes.length == 0)
        problem(&check, ": is empty");
    else if (read)
        check_text(&check, bytes.text, bytes.length);
    if (read) {
        tell_wrong_answers(&check);
        tell_count(&check);
        note_small_scores(&check);
    }
    sbmt_str_finish(&bytes);
    return read;
}

bool sbmt_submission_verify(const char *path, struct sbmt_submission_report *report,
                            struct sbmt_error *err)
{
    struct sbmt_stream stream;
    const char *name = NULL;
    if (!sbmt_submission_open(&stream, path, err))
        return false;
    bool done = sbmt_stream_member(&stream, &name, err);
    while (done && name != NULL)
        done = check_member(report, name, &stream, err) && sbmt_stream_member(&stream, &name, err);
    sbmt_stream_close(&stream);
    if (done && (report->text.failed || report->notes.failed))
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", path);
    return done;
}

void sbmt_submission_report_finish(struct sbmt_submission_report *report)
{
    sbmt_str_finish(&report->text);
    sbmt_str_finish(&report->notes);
    *report = (struct sbmt_submission_report){0};
}
