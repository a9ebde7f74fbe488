/* The task lra/listops: files in the official format of Long Range Arena. */
#include "data/listops.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "data/lines.h"
#include "data/listops_value.h"
#include "data/lra_release.h"
#include "data/preparation.h"

enum { LONGEST_WORD = 4, SHOWN = 40 };

static const char header[] = "Source\tTarget";

const char *sbmt_listops_word(enum sbmt_listops_token token)
{
    static const char *const words[SBMT_LISTOPS_VOCAB] = {
        "", "[MIN", "[MAX", "[MED", "[SM", "]", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    return words[token];
}

/* A row being read. */
struct reader {
    struct sbmt_lines lines;
    struct sbmt_preparation *preparation;
    struct sbmt_builder *builder;
    struct sbmt_listops_value value; /* of the row */
};

/* The id of a word without parentheses, or −1. */
static int find_token(const char *word, size_t length)
{
    if (length == 1) {
        if (word[0] >= '0' && word[0] <= '9')
            return SBMT_LISTOPS_DIGIT + (word[0] - '0');
        /* Sources that have been cleaned already hold X for the closing bracket. */
        return word[0] == ']' || word[0] == 'X' ? SBMT_LISTOPS_CLOSE : -1;
    }
    for (int token = SBMT_LISTOPS_MIN; token <= SBMT_LISTOPS_SM; token++) {
        const char *known = sbmt_listops_word(token);
        if (strlen(known) == length && memcmp(known, word, length) == 0)
            return token;
    }
    return -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_skipped(char c)
{
    return is_space(c) || c == '(' || c == ')';
}

/* Fails at a byte of the current line, showing the word there. */
static bool fail_at(const struct reader *reader, size_t begin, size_t end, const char *what,
                    struct sbmt_error *err)
{
    const size_t length = end - begin < SHOWN ? end - begin : SHOWN;
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ":%zu: %s '%.*s%s'", reader->lines.path,
                     reader->lines.number, begin + 1, what, (int)length, reader->lines.text + begin,
                     end - begin > SHOWN ? "…" : "");
}

/* A token that stands at a place of the line, to the builder if it can stand there. */
static bool put_token(struct reader *reader, int token, size_t begin, size_t end,
                      struct sbmt_error *err)
{
    if (token < 0)
        return fail_at(reader, begin, end, "unknown token", err);
    const char *wrong = sbmt_listops_value_add(&reader->value, (enum sbmt_listops_token)token,
                                               begin);
    if (wrong != NULL)
        return fail_at(reader, begin, end, wrong, err);
    sbmt_builder_token(reader->builder, token);
    return true;
}

/* The expression is whole: its operators are closed. */
static bool end_source(struct reader *reader, int64_t count, struct sbmt_error *err)
{
    const char *text = reader->lines.text;
    if (count == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ":1: the expression is empty",
                         reader->lines.path, reader->lines.number);
    if (!reader->value.complete) {
        const size_t begin = sbmt_listops_value_open(&reader->value);
        size_t end = begin;
        while (!is_skipped(text[end]) && text[end] != '\t')
            end++;
        return fail_at(reader, begin, end, "the closing bracket is missing of", err);
    }
    sbmt_builder_end(reader->builder);
    return true;
}

/* The tokens of the first column, `size` bytes long, and their value. Parentheses count for nothing
 * wherever they stand, as in every published pipeline. */
static bool read_source(struct reader *reader, size_t size, struct sbmt_error *err)
{
    const char *text = reader->lines.text;
    int64_t count = 0;
    size_t i = 0;
    sbmt_listops_value_begin(&reader->value);
    for (;;) {
        while (i < size && is_skipped(text[i]))
            i++;
        if (i == size)
            break;
        const size_t begin = i;
        char word[LONGEST_WORD + 1];
        size_t length = 0;
        for (; i < size && !is_space(text[i]); i++)
            if (!is_skipped(text[i]) && length < sizeof word)
                word[length++] = text[i];
        if (!put_token(reader, find_token(word, length), begin, i, err))
            return false;
        count++;
    }
    return end_source(reader, count, err);
}

static bool read_row(struct reader *reader, struct sbmt_error *err)
{
    const char *text = reader->lines.text;
    const size_t length = reader->lines.length;
    const char *tab = memchr(text, '\t', length);
    if (tab == NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s:%" PRId64 ":%zu: the column Target is missing (no tab in this line)",
                         reader->lines.path, reader->lines.number, length + 1);
    const size_t target = (size_t)(tab - text) + 1;
    const char *second = memchr(text + target, '\t', length - target);
    if (second != NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s:%" PRId64 ":%zu: a third column; expected Source and Target only",
                         reader->lines.path, reader->lines.number, (size_t)(second - text) + 2);
    if (!read_source(reader, target - 1, err))
        return false;
    if (length - target != 1 || text[target] < '0' || text[target] > '9')
        return fail_at(reader, target, length, "the target must be a digit, not", err);
    if (text[target] - '0' != reader->value.value)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s:%" PRId64 ":%zu: the target is %c, but the value of the expression is "
                         "%d",
                         reader->lines.path, reader->lines.number, target + 1, text[target],
                         reader->value.value);
    sbmt_builder_label(reader->builder, text[target] - '0');
    return true;
}

static bool read_header(struct reader *reader, struct sbmt_error *err)
{
    if (!sbmt_lines_next(&reader->lines, err))
        return false;
    if (reader->lines.text == NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s:1:1: the file is empty; expected the header Source<TAB>Target",
                         reader->lines.path);
    if (reader->lines.length != sizeof header - 1 || strcmp(reader->lines.text, header) != 0)
        return fail_at(reader, 0, reader->lines.length,
                       "expected the header Source<TAB>Target, not", err);
    return true;
}

static bool read_rows(struct reader *reader, struct sbmt_error *err)
{
    if (!read_header(reader, err))
        return false;
    for (;;) {
        if (!sbmt_lines_next(&reader->lines, err))
            return false;
        if (reader->lines.text == NULL)
            break;
        if (!read_row(reader, err) || !sbmt_preparation_count(reader->preparation, err))
            return false;
    }
    if (reader->lines.number == 1)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:2:1: there are no rows after the header",
                         reader->lines.path);
    return true;
}

static const struct sbmt_lra_files files = {
    .place = SBMT_LRA_PLACE("listops", "listops-1000"),
    .names = {"basic_train.tsv", "basic_val.tsv", "basic_test.tsv"},
    .advice = ", and 'sbmt data generate listops --out DIR' makes such files",
};

static bool find_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                        struct sbmt_origin *origin, struct sbmt_error *err)
{
    (void)task;
    return sbmt_lra_files_find(&files, root, split, NULL, origin, err);
}

static bool prepare(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    bool prepared = true;
    for (int split = 0; split < SBMT_SPLIT_COUNT && prepared; split++) {
        if (!sbmt_preparation_wants(preparation, (enum sbmt_split)split))
            continue;
        struct reader reader = {.preparation = preparation,
                                .builder = &preparation->builder[split]};
        prepared = sbmt_lra_files_open(&files, preparation->root, (enum sbmt_split)split,
                                       &preparation->reading, &reader.lines, err) &&
                   read_rows(&reader, err) &&
                   sbmt_preparation_write(preparation, (enum sbmt_split)split, err);
        sbmt_lines_close(&reader.lines);
        sbmt_listops_value_finish(&reader.value);
    }
    return prepared;
}

static const char *const labels[SBMT_LISTOPS_CLASSES] = {"0", "1", "2", "3", "4",
                                                         "5", "6", "7", "8", "9"};

static void write_word(const char *words, int32_t token, struct sbmt_str *out)
{
    (void)words;
    if (token < SBMT_LISTOPS_VOCAB)
        sbmt_str_printf(out, "%s", sbmt_listops_word((enum sbmt_listops_token)token));
}

static const struct sbmt_form words = {
    .name = "words-2000",
    .version = "listops-1",
    .unit = "word",
    .vocab = SBMT_LISTOPS_VOCAB,
    .max_length = 2000,
    .write = write_word,
    .spaced = true,
};

static const struct sbmt_form ended_words = {
    .name = "words-2048-end",
    .version = "listops-1",
    .unit = "word",
    .vocab = SBMT_LISTOPS_VOCAB + 1,
    .max_length = 2048,
    .end = SBMT_LISTOPS_END,
    .write = write_word,
    .spaced = true,
};

const struct sbmt_task sbmt_task_listops = {
    .name = "lra/listops",
    .doc = "value of a nested list expression, 500-2000 tokens (Nangia and Bowman 2018; Tay et al. "
           "2021)",
    .classes = SBMT_LISTOPS_CLASSES,
    .segments = 1,
    .label_names = labels,
    .forms = {&words, &words, &words, &ended_words},
    .prepare = prepare,
    .source = find_source,
};
