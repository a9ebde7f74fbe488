/* The task lra/retrieval: does one paper cite the other? The pairs of the ACL Anthology Network as
 * Long Range Arena ships them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/utf8.h"
#include "data/column.h"
#include "data/lines.h"
#include "data/lra_release.h"
#include "data/md5.h"
#include "data/preparation.h"
#include "data/text_form.h"

enum { LABEL, FIRST_ID, SECOND_ID, FIRST_TEXT, SECOND_TEXT, COLUMNS };

enum { CLASSES = 2 };

static const struct sbmt_lra_files files = {
    .place = SBMT_LRA_PLACE("aan", "tsv_data"),
    .names = {"new_aan_pairs.train.tsv", "new_aan_pairs.eval.tsv", "new_aan_pairs.test.tsv"},
    .advice = "",
};

/* The two ids of a row, to find pairs that occur twice. */
struct pair {
    struct sbmt_md5 ids; /* with the tab between them; first: sbmt_md5_compare looks at it */
    int64_t line;
};

/* A file being read. */
struct reader {
    struct sbmt_lines lines;
    const char *column[COLUMNS]; /* of the current line */
    size_t size[COLUMNS];
    struct sbmt_column pairs;
    int64_t invalid;       /* rows with bytes that are no UTF-8 */
    int64_t invalid_place; /* line of the first one */
    size_t invalid_byte;   /* and its column */
};

/* Cuts the line at its tabs: quotes are characters like any other. */
static bool split_row(struct reader *reader, struct sbmt_error *err)
{
    const struct sbmt_lines *lines = &reader->lines;
    const char *next = lines->text, *end = lines->text + lines->length;
    int count = 0;
    for (;;) {
        const char *tab = memchr(next, '\t', (size_t)(end - next));
        const char *stop = tab != NULL ? tab : end;
        if (count < COLUMNS) {
            reader->column[count] = next;
            reader->size[count] = (size_t)(stop - next);
        }
        count++;
        if (tab == NULL)
            break;
        next = tab + 1;
    }
    return count == COLUMNS ||
           sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s:%" PRId64 ": has %d columns; expected 5: label, two ids, two texts",
                     lines->path, lines->number, count);
}

/* "0", "1", or the same as a number with zeros behind the point. */
static bool read_label(const struct reader *reader, int *label, struct sbmt_error *err)
{
    const char *text = reader->column[LABEL];
    const size_t size = reader->size[LABEL];
    bool good = size >= 1 && (text[0] == '0' || text[0] == '1') &&
                (size == 1 || (size > 2 && text[1] == '.'));
    for (size_t i = 2; i < size; i++)
        good = good && text[i] == '0';
    *label = good ? text[0] - '0' : 0;
    return good ||
           sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ":1: the label '%.*s' is not 0 or 1",
                     reader->lines.path, reader->lines.number, (int)(size < 40 ? size : 40), text);
}

static bool note_row(struct reader *reader, struct sbmt_error *err)
{
    const size_t ids = reader->size[FIRST_ID] + 1 + reader->size[SECOND_ID];
    struct pair *pair = sbmt_column_add(&reader->pairs, 1, sizeof *pair);
    if (pair == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for its ids", reader->lines.path);
    pair->line = reader->lines.number;
    if (!sbmt_md5(reader->column[FIRST_ID], ids, &pair->ids, err))
        return false;
    for (int c = FIRST_TEXT; c <= SECOND_TEXT; c++) {
        const char *text = reader->column[c];
        const int64_t place = sbmt_utf8_first_invalid(text, reader->size[c]);
        if (place < 0)
            continue;
        if (reader->invalid++ == 0) {
            reader->invalid_place = reader->lines.number;
            reader->invalid_byte = (size_t)(text - reader->lines.text) + (size_t)place + 1;
        }
        break;
    }
    return true;
}

/* What is done with a row. */
typedef bool row_function(void *context, struct reader *reader, struct sbmt_error *err);

static bool read_rows(const struct sbmt_preparation *preparation, enum sbmt_split split,
                      struct reader *reader, row_function *use, void *context,
                      struct sbmt_error *err)
{
    if (!sbmt_lra_files_open(&files, preparation->root, split, &preparation->reading,
                             &reader->lines, err))
        return false;
    for (;;) {
        if (!sbmt_lines_next(&reader->lines, err))
            return false;
        if (reader->lines.text == NULL)
            return true;
        if (!split_row(reader, err) || !use(context, reader, err))
            return false;
    }
}

static void reader_close(struct reader *reader)
{
    sbmt_lines_close(&reader->lines);
    sbmt_column_finish(&reader->pairs);
}

/* Dirt that the format is known for: counted and said, never left out. */
static void report_dirt(struct reader *reader, const struct sbmt_log *log)
{
    struct pair *pairs = reader->pairs.values;
    int64_t repeated = 0, first = 0;
    if (reader->pairs.used > 0)
        qsort(pairs, reader->pairs.used, sizeof *pairs, sbmt_md5_compare);
    for (size_t i = 1; i < reader->pairs.used; i++)
        if (sbmt_md5_compare(&pairs[i], &pairs[i - 1]) == 0) {
            const int64_t later = pairs[i].line > pairs[i - 1].line ? pairs[i].line
                                                                    : pairs[i - 1].line;
            first = repeated++ == 0 || later < first ? later : first;
        }
    if (repeated > 0)
        sbmt_log_write(log, SBMT_LOG_WARNING,
                       "%s:%" PRId64 ": this pair of ids has been there before; %" PRId64
                       " rows repeat a pair, and are kept",
                       reader->lines.path, first, repeated);
    if (reader->lines.unended)
        sbmt_log_write(log, SBMT_LOG_WARNING,
                       "%s:%" PRId64 ": the file ends in this row, without a newline: it may have "
                       "been cut short",
                       reader->lines.path, reader->lines.number);
    if (reader->invalid > 0)
        sbmt_log_write(log, SBMT_LOG_WARNING,
                       "%s:%" PRId64 ":%zu: a byte that is no UTF-8; %" PRId64
                       " rows hold such bytes, and are kept",
                       reader->lines.path, reader->invalid_place, reader->invalid_byte,
                       reader->invalid);
}

/* A split being filled in. */
struct filling {
    struct sbmt_preparation *preparation;
    struct sbmt_builder *builder;
    const struct sbmt_characters *characters;
};

static bool put_row(void *context, struct reader *reader, struct sbmt_error *err)
{
    const struct filling *filling = context;
    int label;
    if (!read_label(reader, &label, err) || !note_row(reader, err))
        return false;
    for (int c = FIRST_TEXT; c <= SECOND_TEXT; c++)
        sbmt_text_put(filling->builder, filling->characters,
                      (const unsigned char *)reader->column[c], reader->size[c]);
    sbmt_builder_label(filling->builder, label);
    return sbmt_preparation_count(filling->preparation, err);
}

static bool put_split(struct sbmt_preparation *preparation, enum sbmt_split split,
                      const struct sbmt_characters *characters, struct sbmt_error *err)
{
    struct reader reader = {0};
    struct filling filling = {preparation, &preparation->builder[split], characters};
    sbmt_text_vocabulary(filling.builder, characters);
    const bool put = read_rows(preparation, split, &reader, put_row, &filling, err);
    if (put)
        report_dirt(&reader, preparation->log);
    reader_close(&reader);
    return put && sbmt_preparation_write(preparation, split, err);
}

/* A vocabulary being counted. */
struct counting {
    const struct sbmt_text_reading *reading;
    struct sbmt_characters *characters;
};

static bool count_row(void *context, struct reader *reader, struct sbmt_error *err)
{
    (void)err;
    const struct counting *counting = context;
    for (int c = FIRST_TEXT; c <= SECOND_TEXT; c++)
        sbmt_characters_count(counting->characters, counting->reading,
                              (const unsigned char *)reader->column[c], reader->size[c]);
    return true;
}

/* The characters of the training file, which is read twice. */
static bool count_characters(struct sbmt_preparation *preparation,
                             struct sbmt_characters *characters, struct sbmt_error *err)
{
    struct reader reader = {0};
    struct sbmt_origin train;
    if (!sbmt_lra_files_find(&files, preparation->root, SBMT_SPLIT_TRAIN, NULL, &train, err))
        return false;
    preparation->progress.size += train.size;
    struct counting counting = {preparation->form->reading, characters};
    const bool counted = sbmt_characters_open(characters, err) &&
                         read_rows(preparation, SBMT_SPLIT_TRAIN, &reader, count_row, &counting,
                                   err) &&
                         (sbmt_characters_number(characters, counting.reading, err) ||
                          sbmt_error_at(err, "%s", reader.lines.path));
    reader_close(&reader);
    return counted;
}

static bool find_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                        struct sbmt_origin *origin, struct sbmt_error *err)
{
    (void)task;
    return sbmt_lra_files_find(&files, root, split, NULL, origin, err);
}

static bool prepare(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    const struct sbmt_text_reading *reading = preparation->form->reading;
    struct sbmt_characters characters = {0};
    bool prepared = !reading->characters || count_characters(preparation, &characters, err);
    for (int split = 0; split < SBMT_SPLIT_COUNT && prepared; split++)
        if (sbmt_preparation_wants(preparation, (enum sbmt_split)split))
            prepared = put_split(preparation, (enum sbmt_split)split, &characters, err);
    sbmt_characters_close(&characters);
    return prepared;
}

static const struct sbmt_text_reading bytes = {.source_bytes = 10000};
static const struct sbmt_text_reading characters = {.characters = true, .least_count = 1};

static const struct sbmt_form bytes_4000 = {
    .name = "bytes-4000",
    .version = "aan-1",
    .unit = "byte",
    .vocab = SBMT_TEXT_BYTES,
    .max_length = 4000,
    .reading = &bytes,
    .write = sbmt_text_write_byte,
};

/* The vocabulary is that of the training file: all splits are made together. */
static const struct sbmt_form characters_4000 = {
    .name = "characters-4000",
    .version = "aan-1",
    .unit = "character",
    .max_length = 4000,
    .end = SBMT_TEXT_END,
    .joint = true,
    .reading = &characters,
    .write = sbmt_text_write_character,
};

static const char *const labels[CLASSES] = {"unrelated", "cites"};

const struct sbmt_task sbmt_task_aan = {
    .name = "lra/retrieval",
    .doc = "whether one of two papers cites the other, read as bytes or characters (Radev et al. "
           "2013; Tay et al. 2021)",
    .classes = CLASSES,
    .segments = 2,
    .label_names = labels,
    .forms = {&bytes_4000, &bytes_4000, &bytes_4000, &characters_4000},
    .source = find_source,
    .prepare = prepare,
};
