/* Reading a file of GLUE, row by row. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/utf8.h"
#include "data/glue/place.h"
#include "data/glue/quotes.h"
#include "data/lines.h"

enum { MOST_COLUMNS = 32, ABSENT = -1 };

/* Columns 1 and 2 of the MSR corpus are the ids of a pair. */
enum { FIRST_ID = 1, SECOND_ID = 2 };

/* A file being read. */
struct reader {
    const struct sbmt_task *task;
    const struct sbmt_glue *glue;
    enum sbmt_split split;
    struct sbmt_glue_place place;
    struct sbmt_lines lines;
    struct sbmt_quotes quotes;
    struct sbmt_glue_columns columns;
    struct sbmt_str dev_ids;         /* of the MSR corpus */
    const char *field[MOST_COLUMNS]; /* of the current line */
    size_t size[MOST_COLUMNS];
    int count;
    struct sbmt_text_file *file;
};

const struct sbmt_glue *sbmt_glue_of(const struct sbmt_task *task)
{
    const bool is = task->texts != NULL && task->texts->read == sbmt_glue_read;
    return is ? task->texts->files : NULL;
}

bool sbmt_glue_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                      struct sbmt_origin *origin, struct sbmt_error *err)
{
    const struct sbmt_text_query query = {.root = root, .split = split};
    struct sbmt_glue_place place;
    if (!sbmt_glue_find(&place, sbmt_glue_of(task), &query, err))
        return false;
    const char *const parts[] = {place.name, NULL};
    return sbmt_tree_origin(&place.tree, parts, origin, err);
}

/* Cuts the line at its tabs. */
static void split_line(struct reader *reader, const char *text, size_t length)
{
    const char *end = text + length;
    reader->count = 0;
    for (;;) {
        const char *tab = memchr(text, '\t', (size_t)(end - text));
        const char *stop = tab != NULL ? tab : end;
        if (reader->count < MOST_COLUMNS) {
            reader->field[reader->count] = text;
            reader->size[reader->count] = (size_t)(stop - text);
        }
        reader->count++;
        if (tab == NULL)
            return;
        text = tab + 1;
    }
}

static bool field_is(const struct reader *reader, int column, const char *word)
{
    const size_t length = strlen(word);
    return reader->size[column] == length && memcmp(reader->field[column], word, length) == 0;
}

/* The column of a name in the header, which is the current line; ABSENT: there is none. */
static int find_column(const struct reader *reader, const char *name)
{
    for (int c = 0; name != NULL && c < reader->count && c < MOST_COLUMNS; c++)
        if (field_is(reader, c, name))
            return c;
    return ABSENT;
}

/* The next line, with its columns; lines.text is NULL behind the last. */
static bool next_line(struct reader *reader, struct sbmt_error *err)
{
    struct sbmt_lines *lines = &reader->lines;
    if (!sbmt_lines_next(lines, err))
        return false;
    if (lines->text == NULL)
        return true;
    const char *text = lines->text;
    size_t length = lines->length;
    const size_t mark = lines->number == 1 ? sbmt_utf8_mark(text, length) : 0;
    reader->file->byte_order_mark = reader->file->byte_order_mark || mark > 0;
    text += mark;
    length -= mark;
    reader->file->unended = lines->unended;
    sbmt_quotes_line(&reader->quotes, text, length);
    split_line(reader, text, length);
    return true;
}

/* Finds the columns by the names in the header, or takes those of files without one. *header says
 * whether the current line is one. */
static bool find_columns(struct reader *reader, bool *header, struct sbmt_error *err)
{
    const struct sbmt_glue *glue = reader->glue;
    struct sbmt_glue_columns *columns = &reader->columns;
    *columns = (struct sbmt_glue_columns){
        .least = reader->count,
        .most = reader->count,
        .text = {find_column(reader, glue->text[0]), find_column(reader, glue->text[1])},
        .label = find_column(reader, glue->label),
    };
    const bool pair = glue->text[1] != NULL;
    *header = columns->text[0] != ABSENT && (!pair || columns->text[1] != ABSENT);
    if (!*header && glue->bare.least <= reader->count && reader->count <= glue->bare.most)
        *columns = glue->bare;
    else if (!*header)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:1: no column is called '%s'%s%s%s",
                         reader->lines.path, glue->text[0], pair ? ", or none '" : "",
                         pair ? glue->text[1] : "", pair ? "'" : "");
    if (columns->label == ABSENT && reader->split != SBMT_SPLIT_TEST)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s:1: no column is called '%s': is this the file of a test?",
                         reader->lines.path, glue->label);
    if (reader->place.released && reader->split == SBMT_SPLIT_TEST)
        columns->label = ABSENT;
    reader->file->labelled = columns->label != ABSENT;
    return true;
}

static bool fail_field(const struct reader *reader, int column, const char *wanted,
                       struct sbmt_error *err)
{
    const size_t size = reader->size[column];
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": '%.*s' in column %d is not %s",
                     reader->lines.path, reader->lines.number, (int)(size < 40 ? size : 40),
                     reader->field[column], column + 1, wanted);
}

static bool read_score(const struct reader *reader, int column, double *score,
                       struct sbmt_error *err)
{
    char text[32], *end = text;
    const size_t size = reader->size[column];
    if (size > 0 && size < sizeof text) {
        memcpy(text, reader->field[column], size);
        text[size] = '\0';
        *score = strtod(text, &end);
    }
    const bool good = end != text && *end == '\0' && *score >= 0 &&
                      *score <= reader->task->most_score;
    return good || fail_field(reader, column, "a score from 0 to 5", err);
}

static bool read_label(const struct reader *reader, struct sbmt_text_row *row,
                       struct sbmt_error *err)
{
    const int column = reader->columns.label;
    if (column == ABSENT)
        return true;
    if (reader->glue->words == NULL)
        return read_score(reader, column, &row->score, err);
    for (int c = 0; c < reader->task->classes; c++)
        if (field_is(reader, column, reader->glue->words[c])) {
            row->label = c;
            return true;
        }
    return fail_field(reader, column, "a label of this task", err);
}

/* The current line as a row. */
static bool read_row(const struct reader *reader, struct sbmt_text_row *row, struct sbmt_error *err)
{
    const struct sbmt_glue_columns *columns = &reader->columns;
    if (reader->count < columns->least || reader->count > columns->most)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": has %d columns; expected %d",
                         reader->lines.path, reader->lines.number, reader->count, columns->least);
    *row = (struct sbmt_text_row){
        .label = -1, .score = -1, .path = reader->lines.path, .line = reader->lines.number};
    for (int p = 0; p < SBMT_TEXT_PARTS && reader->glue->text[p] != NULL; p++) {
        row->text[p] = reader->field[columns->text[p]];
        row->size[p] = reader->size[columns->text[p]];
    }
    return read_label(reader, row, err);
}

/* False for a row of the MSR corpus that is of train where dev is read, or the other way round. */
static bool is_of_split(const struct reader *reader)
{
    if (!reader->place.released || reader->split == SBMT_SPLIT_TEST || reader->count <= SECOND_ID)
        return true;
    const size_t size = reader->size[FIRST_ID] + 1 + reader->size[SECOND_ID];
    const bool dev = sbmt_glue_is_dev(&reader->dev_ids, reader->field[FIRST_ID], size);
    return dev == (reader->split == SBMT_SPLIT_DEV);
}

/* Answers to test go by row: none may be left out there. */
static bool use_line(struct reader *reader, const struct sbmt_text_visitor *visitor,
                     struct sbmt_error *err)
{
    struct sbmt_text_row row;
    struct sbmt_text_file *file = reader->file;
    struct sbmt_error broken = {0};
    if (!is_of_split(reader))
        return true;
    if (read_row(reader, &row, &broken)) {
        file->rows++;
        return visitor->visit(visitor->context, &row, err);
    }
    if (reader->split == SBMT_SPLIT_TEST)
        return sbmt_fail(err, broken.kind, "%s", broken.message);
    if (file->skipped++ == 0)
        file->skipped_first = broken;
    return true;
}

static bool read_lines(struct reader *reader, const struct sbmt_text_visitor *visitor,
                       struct sbmt_error *err)
{
    bool header;
    if (!next_line(reader, err))
        return false;
    if (reader->lines.text == NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: is empty", reader->lines.path);
    if (!find_columns(reader, &header, err) || (!header && !use_line(reader, visitor, err)))
        return false;
    for (;;) {
        if (!next_line(reader, err))
            return false;
        if (reader->lines.text == NULL)
            return true;
        if (!use_line(reader, visitor, err))
            return false;
    }
}

static bool check_edition(const struct reader *reader, struct sbmt_error *err)
{
    const struct sbmt_text_file *file = reader->file;
    return reader->glue->earlier == NULL || file->rows <= file->official ||
           sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: has %" PRId64 " rows; the official file has %" PRId64 ": this is %s",
                     file->place, file->rows, file->official, reader->glue->earlier);
}

static bool open_file(struct reader *reader, const struct sbmt_text_query *query,
                      struct sbmt_error *err)
{
    struct sbmt_stream stream;
    const struct sbmt_glue_place *place = &reader->place;
    if (!sbmt_glue_find(&reader->place, reader->glue, query, err) ||
        (place->released && query->split != SBMT_SPLIT_TEST &&
         !sbmt_glue_read_ids(place, &reader->dev_ids, err)) ||
        !sbmt_tree_stream(&place->tree, place->name, &stream, err) ||
        !sbmt_lines_open_stream(&reader->lines, &stream, err))
        return false;
    strncpy(reader->file->place, reader->lines.path, sizeof reader->file->place - 1);
    return true;
}

bool sbmt_glue_read(const struct sbmt_task *task, const struct sbmt_text_query *query,
                    const struct sbmt_text_visitor *visitor, struct sbmt_text_file *file,
                    struct sbmt_error *err)
{
    struct reader reader = {
        .task = task, .glue = sbmt_glue_of(task), .split = query->split, .file = file};
    *file = (struct sbmt_text_file){.official = reader.glue->split[query->split].rows};
    const bool read = open_file(&reader, query, err) && read_lines(&reader, visitor, err) &&
                      check_edition(&reader, err);
    file->quote_lost = reader.quotes.joined;
    sbmt_lines_close(&reader.lines);
    sbmt_str_finish(&reader.dev_ids);
    return read;
}
