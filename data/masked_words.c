/* The task text/masked-words: what stood where words are hidden? Pretraining on documents of any
 * kind.
 *
 * Documents are in <root>/text, a folder or an archive of .txt files, each perhaps compressed, with
 * empty lines between documents; without it, every review of aclImdb is one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/str.h"
#include "data/imdb.h"
#include "data/lines.h"
#include "data/texts.h"

/* Documents being read. */
struct reader {
    struct sbmt_tree tree;
    const struct sbmt_text_visitor *visitor;
    struct sbmt_text_file *file;
    struct sbmt_str document; /* the current one */
    int64_t line;             /* where it began */
};

static bool ends_in(const char *name, const char *ending)
{
    const size_t length = strlen(name), tail = strlen(ending);
    return length > tail && strcmp(name + length - tail, ending) == 0;
}

static bool is_text(void *context, const char *name)
{
    (void)context;
    static const char *const endings[] = {".txt", ".txt.gz", ".txt.bz2", ".txt.xz", ".txt.zst"};
    bool is = false;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        is = is || ends_in(name, endings[i]);
    return is;
}

/* What is compressed once more within an archive is not read. */
static bool is_plain_text(void *context, const char *name)
{
    (void)context;
    return ends_in(name, ".txt");
}

/* Reviews with and without labels. */
static bool is_review(void *context, const char *name)
{
    (void)context;
    static const char *const folders[] = {"train/neg/", "train/pos/", "train/unsup/", "test/neg/",
                                          "test/pos/"};
    bool is = false;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        is = is || (strncmp(name, folders[i], strlen(folders[i])) == 0 &&
                    sbmt_imdb_is_review(name + strlen(folders[i])));
    return is;
}

static bool show(struct reader *reader, const char *place, int64_t line, const char *text,
                 size_t size, struct sbmt_error *err)
{
    const struct sbmt_text_row row = {
        .text = {text}, .size = {size}, .label = -1, .score = -1, .path = place, .line = line};
    reader->file->rows++;
    return reader->visitor->visit(reader->visitor->context, &row, err);
}

static bool visit_review(void *context, const struct sbmt_tree_file *file, struct sbmt_error *err)
{
    return show(context, file->place, 1, (const char *)file->bytes, file->size, err);
}

static bool end_document(struct reader *reader, const char *place, struct sbmt_error *err)
{
    struct sbmt_str *document = &reader->document;
    if (document->failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s:%" PRId64 ": no memory for this document",
                         place, reader->line);
    const bool shown = document->length == 0 ||
                       show(reader, place, reader->line, document->text, document->length, err);
    document->length = 0;
    return shown;
}

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    return true;
}

/* One line more. */
static bool take_line(struct reader *reader, const char *place, int64_t number, const char *text,
                      size_t length, struct sbmt_error *err)
{
    if (is_blank(text, length))
        return end_document(reader, place, err);
    if (reader->document.length == 0)
        reader->line = number;
    else
        sbmt_str_append(&reader->document, "\n", 1);
    sbmt_str_append(&reader->document, text, length);
    return true;
}

static bool read_lines(struct reader *reader, struct sbmt_lines *lines, struct sbmt_error *err)
{
    for (;;) {
        if (!sbmt_lines_next(lines, err))
            return false;
        if (lines->text == NULL)
            return end_document(reader, lines->path, err);
        if (!take_line(reader, lines->path, lines->number, lines->text, lines->length, err))
            return false;
    }
}

/* A file of an archive, whose lines are in memory. */
static bool visit_member(void *context, const struct sbmt_tree_file *file, struct sbmt_error *err)
{
    struct reader *reader = context;
    const char *text = (const char *)file->bytes, *end = text + file->size;
    for (int64_t number = 1; text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline != NULL ? newline : end;
        const bool returned = stop > text && stop[-1] == '\r';
        if (!take_line(reader, file->place, number, text, (size_t)(stop - text) - returned, err))
            return false;
        text = newline != NULL ? newline + 1 : end;
    }
    return end_document(reader, file->place, err);
}

/* Names of files, each with a NUL, gathered before any is read. */
static bool gather(void *context, const char *name)
{
    if (is_text(NULL, name))
        sbmt_str_append(context, name, strlen(name) + 1);
    return false;
}

static bool read_file(struct reader *reader, const char *name, struct sbmt_error *err)
{
    struct sbmt_stream stream;
    struct sbmt_lines lines = {0};
    const bool read = sbmt_tree_stream(&reader->tree, name, &stream, err) &&
                      sbmt_lines_open_stream(&lines, &stream, err) &&
                      read_lines(reader, &lines, err);
    sbmt_lines_close(&lines);
    return read;
}

/* Files of a folder are read as they come, however large, and may be compressed. */
static bool read_folder(struct reader *reader, struct sbmt_error *err)
{
    struct sbmt_str names = {0};
    const struct sbmt_tree_visitor visitor = {
        .wanted = gather, .visit = visit_member, .context = &names};
    bool read = sbmt_tree_walk(&reader->tree, "", &visitor, err);
    if (read && names.failed)
        read = sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for its names", reader->tree.path);
    for (size_t at = 0; read && at < names.length; at += strlen(names.text + at) + 1)
        read = read_file(reader, names.text + at, err);
    sbmt_str_finish(&names);
    return read;
}

/* Text first; *reviews says that it is the reviews instead. */
static bool open_tree(const char *root, struct sbmt_tree *tree, bool *reviews,
                      struct sbmt_error *err)
{
    static const char *const archives[] = {"text.tar.gz", "text.tar.xz", "text.zip", NULL};
    *reviews = !sbmt_tree_open(tree, root, "text", archives, NULL);
    return !*reviews || sbmt_imdb_open(tree, root, NULL) ||
           sbmt_fail(
               err, SBMT_ERROR_DATA,
               "%s/text: not found, nor text.tar.gz, text.tar.xz, text.zip, nor aclImdb or an "
               "archive of it; put .txt files there, with empty lines between documents",
               root);
}

static bool find_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                        struct sbmt_origin *origin, struct sbmt_error *err)
{
    (void)task, (void)split;
    static const char *const parts[] = {"", NULL};
    struct sbmt_tree tree;
    bool reviews;
    return open_tree(root, &tree, &reviews, err) && sbmt_tree_origin(&tree, parts, origin, err);
}

static bool read_documents(const struct sbmt_task *task, const struct sbmt_text_query *query,
                           const struct sbmt_text_visitor *visitor, struct sbmt_text_file *file,
                           struct sbmt_error *err)
{
    (void)task;
    bool reviews;
    struct reader reader = {.visitor = visitor, .file = file};
    *file = (struct sbmt_text_file){0};
    if (!open_tree(query->root, &reader.tree, &reviews, err))
        return false;
    snprintf(file->place, sizeof file->place, "%s", reader.tree.path);
    const struct sbmt_tree_visitor walk = {.wanted = reviews ? is_review : is_plain_text,
                                           .visit = reviews ? visit_review : visit_member,
                                           .context = &reader};
    const bool read = reviews || reader.tree.archived ? sbmt_tree_walk(&reader.tree, "", &walk, err)
                                                      : read_folder(&reader, err);
    sbmt_str_finish(&reader.document);
    return read && (file->rows > 0 ||
                    sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no documents", file->place));
}

static const struct sbmt_form packed = {
    .name = "packed-tokens", .version = "masked-1", .unit = "token"};

static const struct sbmt_texts texts = {.read = read_documents, .documents = true};

const struct sbmt_task sbmt_task_masked_words = {
    .name = "text/masked-words",
    .doc = "which words are hidden in a text; pretraining (Devlin et al. 2019; Liu et al. 2019)",
    .segments = 1,
    .target = SBMT_TARGET_MASKED,
    .forms = {[SBMT_PROTOCOL_BERT] = &packed},
    .texts = &texts,
    .source = find_source,
};
