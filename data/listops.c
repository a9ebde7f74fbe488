/* The task lra/listops: files in the official format of Long Range Arena. */
#include "data/listops.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "data/dataset.h"
#include "data/lines.h"
#include "data/prepared.h"
#include "data/tree.h"

enum { MAX_LENGTH = 2000, LONGEST_WORD = 4, SHOWN = 40 };

static const char header[] = "Source\tTarget";

const char *sbmt_listops_word(enum sbmt_listops_token token)
{
    static const char *const words[SBMT_LISTOPS_VOCAB] = {
        "", "[MIN", "[MAX", "[MED", "[SM", "]", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    return words[token];
}

/* A row being read, and what has been counted so far. */
struct reader {
    struct sbmt_lines lines;
    struct sbmt_builder builder;
    int64_t cut; /* expressions longer than MAX_LENGTH */
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
    char word[SHOWN + 1];
    const size_t length = end - begin < SHOWN ? end - begin : SHOWN;
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)reader->lines.text[begin + i];
        word[i] = c < 0x20 || c == 0x7F ? '?' : (char)c;
    }
    word[length] = '\0';
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ":%zu: %s '%s%s'", reader->lines.path,
                     reader->lines.number, begin + 1, what, word, end - begin > SHOWN ? "…" : "");
}

/* The tokens of the first column, `size` bytes long. Parentheses count for nothing wherever they
 * stand, as in every published pipeline. */
static bool read_source(struct reader *reader, size_t size, struct sbmt_error *err)
{
    const char *text = reader->lines.text;
    int64_t count = 0;
    size_t i = 0;
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
        const int token = find_token(word, length);
        if (token < 0)
            return fail_at(reader, begin, i, "unknown token", err);
        if (count++ < MAX_LENGTH)
            sbmt_builder_token(&reader->builder, token);
    }
    if (count == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ":1: the expression is empty",
                         reader->lines.path, reader->lines.number);
    reader->cut += count > MAX_LENGTH;
    sbmt_builder_end(&reader->builder);
    return true;
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
    sbmt_builder_label(&reader->builder, text[target] - '0');
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
        if (!read_row(reader, err))
            return false;
    }
    if (reader->lines.number == 1)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:2:1: there are no rows after the header",
                         reader->lines.path);
    return true;
}

static void report(const struct reader *reader, const struct sbmt_log *log)
{
    const struct sbmt_builder *builder = &reader->builder;
    sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %zu examples, %zu tokens", builder->source,
                   builder->labels_used, builder->tokens_used);
    if (reader->cut > 0)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %" PRId64 " expressions were cut to %d tokens",
                       builder->source, reader->cut, MAX_LENGTH);
}

/* The file of a split. */
static const char *name_of(enum sbmt_split split)
{
    static const char *const names[SBMT_SPLIT_COUNT] = {"basic_train.tsv", "basic_val.tsv",
                                                        "basic_test.tsv"};
    return names[split];
}

/* Where the file of a split is; or the names that were looked for. */
static bool find_tree(const char *root, enum sbmt_split split, struct sbmt_tree *tree,
                      struct sbmt_origin *origin, struct sbmt_error *err)
{
    static const char *const none[] = {NULL}, *const release[] = {"lra_release.tar.gz",
                                                                  "lra_release.gz", NULL};
    static const struct {
        const char *folder;
        const char *const *archives;
    } places[] = {{"listops", none},
                  {"lra_release/listops-1000", none},
                  {"lra_release/lra_release/listops-1000", none},
                  {"listops-1000", release}};
    const char *const parts[] = {name_of(split), NULL};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (sbmt_tree_open(tree, root, places[i].folder, places[i].archives, NULL) &&
            sbmt_tree_origin(tree, parts, origin, NULL))
            return true;
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s/listops/%s: not found (nor the same with .gz or .xz, nor "
                     "lra_release.tar.gz); --data DIR or SBMT_DATA set the data root, and 'sbmt "
                     "data generate listops --out DIR' makes such files",
                     root, parts[0]);
}

static bool find_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                        struct sbmt_origin *origin, struct sbmt_error *err)
{
    (void)task;
    struct sbmt_tree tree;
    return find_tree(root, split, &tree, origin, err);
}

/* Reads all rows from the source and writes them. */
static bool convert(struct reader *reader, const struct sbmt_tree *tree, const char *name,
                    const char *path, struct sbmt_error *err)
{
    const char *const parts[] = {name, NULL};
    struct sbmt_stream stream;
    char digest[SBMT_SHA256_HEX];
    return sbmt_tree_stream(tree, name, &stream, err) &&
           sbmt_lines_open_stream(&reader->lines, &stream, err) && read_rows(reader, err) &&
           sbmt_tree_digest(tree, parts, digest, err) &&
           sbmt_builder_write(&reader->builder, path, digest, err);
}

static bool prepare(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                    const char *path, const struct sbmt_log *log, struct sbmt_error *err)
{
    struct reader reader = {0};
    struct sbmt_tree tree;
    struct sbmt_origin origin;
    if (!find_tree(root, split, &tree, &origin, err) ||
        !sbmt_builder_open(&reader.builder, task, root, split, err))
        return false;
    sbmt_log_write(log, SBMT_LOG_NOTE, "%s: preparing", reader.builder.source);
    const bool prepared = convert(&reader, &tree, name_of(split), path, err);
    if (prepared)
        report(&reader, log);
    sbmt_lines_close(&reader.lines);
    sbmt_builder_close(&reader.builder);
    return prepared;
}

static const char *const labels[SBMT_LISTOPS_CLASSES] = {"0", "1", "2", "3", "4",
                                                         "5", "6", "7", "8", "9"};

const struct sbmt_task sbmt_task_listops = {
    .name = "lra/listops",
    .doc = "value of a nested list expression, 500-2000 tokens (Nangia and Bowman 2018; Tay et al. "
           "2021)",
    .vocab = SBMT_LISTOPS_VOCAB,
    .classes = SBMT_LISTOPS_CLASSES,
    .segments = 1,
    .max_length = MAX_LENGTH,
    .label_names = labels,
    .version = "listops-1",
    .prepare = prepare,
    .source = find_source,
};
