/* The tasks of Pathfinder that are read from files: are two dots joined by a path? Pictures and
 * metadata as Long Range Arena ships them: imgs/K/sample_J.png, and metadata/K.npy, which are text.
 */
#include "data/pathfinder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/utf8.h"
#include "data/column.h"
#include "data/pathfinder_names.h"
#include "data/permutation.h"
#include "data/png.h"
#include "data/preparation.h"
#include "data/spool.h"

enum { MOST_SIDE = 256, NO_LABEL = -1, ROOM = 100 };

/* Where the picture imgs/folder/sample_number.png is among those on disk. */
struct picture {
    int64_t folder, number, slot; /* slot −1: the file was empty */
    int label;                    /* NO_LABEL until metadata gives it one */
};

/* A file of metadata, its text at a place among all texts. */
struct sheet {
    int64_t number;
    size_t text, size;
};

/* A picture with its label, in the order of the metadata. */
struct row {
    int64_t slot;
    int label;
};

/* All that has been read. */
struct gallery {
    struct sbmt_preparation *preparation;
    const struct sbmt_pathfinder_reading *reading;
    struct sbmt_spool pixels; /* slot after slot */
    struct sbmt_column pictures, sheets, texts, rows;
    const char *place; /* of the tree */
    int64_t slots, empty;
    int64_t used, repeated; /* pictures with a label, and rows about one that had it already */
};

/* The part of a name in the folder of the set; else "". */
static const char *in_set(const struct gallery *gallery, const char *name)
{
    const char *set = gallery->reading->set;
    const size_t length = strlen(set);
    return strncmp(name, set, length) == 0 && name[length] == '/' ? name + length + 1 : "";
}

static bool is_wanted(void *context, const char *name)
{
    int64_t folder, number;
    name = in_set(context, name);
    return sbmt_pathfinder_is_picture(name, &folder, &number) ||
           sbmt_pathfinder_is_sheet(name, &number);
}

static bool keep_sheet(struct gallery *gallery, const struct sbmt_tree_file *file, int64_t number,
                       struct sbmt_error *err)
{
    if (file->size == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: is empty; expected a row for each picture",
                         file->place);
    struct sheet *sheet = sbmt_column_add(&gallery->sheets, 1, sizeof *sheet);
    const size_t text = gallery->texts.used;
    char *bytes = sbmt_column_add(&gallery->texts, file->size, 1);
    if (sheet == NULL || bytes == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for the metadata", file->place);
    *sheet = (struct sheet){number, text, file->size};
    memcpy(bytes, file->bytes, file->size);
    return true;
}

static bool keep_picture(struct gallery *gallery, const struct sbmt_tree_file *file,
                         struct picture picture, struct sbmt_error *err)
{
    const int side = gallery->reading->side;
    uint8_t pixels[MOST_SIDE * MOST_SIDE];
    if (file->size == 0) {
        sbmt_log_write(gallery->preparation->log, SBMT_LOG_WARNING,
                       "%s: is empty; the picture is left out", file->place);
        gallery->empty++;
        picture.slot = -1;
    } else {
        if (!sbmt_png_read(file->place, file->bytes, file->size, side, side, pixels, err))
            return false;
        sbmt_spool_write(&gallery->pixels, pixels, (size_t)side * (size_t)side);
        picture.slot = gallery->slots++;
    }
    struct picture *kept = sbmt_column_add(&gallery->pictures, 1, sizeof *kept);
    if (kept == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for all pictures", file->place);
    *kept = picture;
    return sbmt_preparation_count(gallery->preparation, err);
}

static bool visit(void *context, const struct sbmt_tree_file *file, struct sbmt_error *err)
{
    struct gallery *gallery = context;
    struct picture picture = {.label = NO_LABEL};
    int64_t number;
    const char *name = in_set(gallery, file->name);
    if (sbmt_pathfinder_is_picture(name, &picture.folder, &picture.number))
        return keep_picture(gallery, file, picture, err);
    return sbmt_pathfinder_is_sheet(name, &number) && keep_sheet(gallery, file, number, err);
}

static int compare_pictures(const void *a, const void *b)
{
    const struct picture *left = a, *right = b;
    if (left->folder != right->folder)
        return left->folder < right->folder ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

static int compare_sheets(const void *a, const void *b)
{
    const struct sheet *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

/* Where a row of metadata is: the tree's place, the set, the number of the file and of the line. */
#define ROW_PLACE "%s: %s/metadata/%" PRId64 ".npy:%d"

/* A row says what a picture's label is. Another row may say it again: published readers then have
 * the picture twice, and so have we, but not without a word. Messages have no place. */
static bool mark(struct gallery *gallery, const struct sheet *sheet, int line,
                 struct picture *picture, int label, struct sbmt_error *err)
{
    gallery->used += picture->label == NO_LABEL;
    if (picture->label != NO_LABEL && picture->label != label)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "imgs/%" PRId64 "/sample_%" PRId64
                         ".png has the label %d here and %d in an earlier row",
                         picture->folder, picture->number, label, picture->label);
    if (picture->label == label && gallery->repeated++ == 0)
        sbmt_log_write(gallery->preparation->log, SBMT_LOG_WARNING,
                       ROW_PLACE ": imgs/%" PRId64 "/sample_%" PRId64
                                 ".png has a row already; it counts twice",
                       gallery->place, gallery->reading->set, sheet->number, line, picture->folder,
                       picture->number);
    picture->label = label;
    return true;
}

/* One line of metadata: folder, file, something else, label, and more. Messages have no place. */
static bool read_row(struct gallery *gallery, const struct sheet *sheet, int line, const char *text,
                     struct sbmt_error *err)
{
    struct picture wanted;
    int label;
    if (!sbmt_pathfinder_is_row(text, &wanted.folder, &wanted.number, &label))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "expected folder, file, a number and the label 0 or 1, not '%.60s'", text);
    struct picture *found = bsearch(&wanted, gallery->pictures.values, gallery->pictures.used,
                                    sizeof wanted, compare_pictures);
    if (found == NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "there is no picture imgs/%" PRId64 "/sample_%" PRId64 ".png",
                         wanted.folder, wanted.number);
    if (!mark(gallery, sheet, line, found, label, err))
        return false;
    if (found->slot < 0)
        return true;
    struct row *row = sbmt_column_add(&gallery->rows, 1, sizeof *row);
    if (row == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for all rows");
    *row = (struct row){found->slot, label};
    return true;
}

static bool read_sheet(struct gallery *gallery, const struct sheet *sheet, struct sbmt_error *err)
{
    const char *next = (const char *)gallery->texts.values + sheet->text, *end = next + sheet->size;
    next += sbmt_utf8_mark(next, sheet->size);
    for (int line = 1; next < end; line++) {
        char text[256];
        const char *stop = memchr(next, '\n', (size_t)(end - next));
        const size_t length = (size_t)((stop != NULL ? stop : end) - next);
        snprintf(text, sizeof text, "%.*s", (int)length, next);
        if (length > 0 && !read_row(gallery, sheet, line, text, err))
            return sbmt_error_at(err, ROW_PLACE, gallery->place, gallery->reading->set,
                                 sheet->number, line);
        next += length + 1;
    }
    return true;
}

/* The rows of all metadata, sorted by the numbers of their files. */
static bool read_sheets(struct gallery *gallery, struct sbmt_error *err)
{
    struct sheet *sheets = gallery->sheets.values;
    if (gallery->sheets.used == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: there is no metadata in %s/metadata",
                         gallery->place, gallery->reading->set);
    if (gallery->pictures.used > 0)
        qsort(gallery->pictures.values, gallery->pictures.used, sizeof(struct picture),
              compare_pictures);
    qsort(sheets, gallery->sheets.used, sizeof *sheets, compare_sheets);
    for (size_t i = 0; i < gallery->sheets.used; i++)
        if (!read_sheet(gallery, &sheets[i], err))
            return false;
    if (gallery->used < (int64_t)gallery->pictures.used)
        sbmt_log_write(gallery->preparation->log, SBMT_LOG_WARNING,
                       "%s: %" PRId64 " pictures are in no metadata; they are left out",
                       gallery->place, (int64_t)gallery->pictures.used - gallery->used);
    if (gallery->repeated > 1)
        sbmt_log_write(gallery->preparation->log, SBMT_LOG_WARNING,
                       "%s: %" PRId64 " rows of metadata are about a picture that has one already",
                       gallery->place, gallery->repeated);
    return true;
}

/* The first 80 % of an order of all rows are for train, 10 % for dev, 10 % for test. */
static bool split_rows(const struct gallery *gallery, uint8_t *split, struct sbmt_error *err)
{
    const int64_t count = (int64_t)gallery->rows.used;
    int32_t *order = malloc((size_t)count * sizeof *order + 1);
    if (order == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory to split it", gallery->place);
    bool ordered = true;
    if (gallery->reading->hashed)
        ordered = sbmt_permutation_hashed(gallery->reading->split, count, order, err);
    else
        sbmt_permutation_torch(42, count, order);
    const int64_t train = count * 8 / 10, dev = count / 10;
    for (int64_t i = 0; ordered && i < count; i++)
        split[order[i]] = i < train ? SBMT_SPLIT_TRAIN
                                    : (i < train + dev ? SBMT_SPLIT_DEV : SBMT_SPLIT_TEST);
    free(order);
    return ordered;
}

static bool put_rows(struct gallery *gallery, const uint8_t *split, struct sbmt_error *err)
{
    const struct row *rows = gallery->rows.values;
    const size_t size = (size_t)gallery->reading->side * (size_t)gallery->reading->side;
    uint8_t pixels[MOST_SIDE * MOST_SIDE];
    for (size_t r = 0; r < gallery->rows.used; r++) {
        if (!sbmt_preparation_wants(gallery->preparation, split[r]))
            continue;
        struct sbmt_builder *builder = &gallery->preparation->builder[split[r]];
        if (!sbmt_spool_read(&gallery->pixels, gallery->place, (uint64_t)rows[r].slot * size,
                             pixels, size, err))
            return false;
        for (size_t p = 0; p < size; p++)
            sbmt_builder_token(builder, pixels[p]);
        sbmt_builder_end(builder);
        sbmt_builder_label(builder, rows[r].label);
        if (!sbmt_preparation_go_on(gallery->preparation, r, err))
            return false;
    }
    return true;
}

static bool find_tree(const struct sbmt_pathfinder_reading *reading, const char *root,
                      struct sbmt_tree *tree, struct sbmt_origin *origin, struct sbmt_error *err)
{
    char metadata[ROOM], pictures[ROOM];
    snprintf(metadata, sizeof metadata, "%s/metadata", reading->set);
    snprintf(pictures, sizeof pictures, "%s/imgs", reading->set);
    const char *const parts[] = {metadata, pictures, NULL};
    char advice[ROOM];
    snprintf(advice, sizeof advice,
             "; 'sbmt data generate pathfinder%d --out DIR%s' makes such files", reading->side,
             reading->generated_by);
    return sbmt_lra_release_find(tree, origin, root, &reading->place, parts, advice, err);
}

bool sbmt_pathfinder_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                            struct sbmt_origin *origin, struct sbmt_error *err)
{
    (void)split;
    struct sbmt_tree tree;
    return find_tree(task->forms[SBMT_PROTOCOL_S4]->reading, root, &tree, origin, err);
}

static bool read_all(struct gallery *gallery, struct sbmt_error *err)
{
    struct sbmt_tree tree;
    struct sbmt_origin origin = {0};
    const struct sbmt_tree_visitor visitor = {
        .wanted = is_wanted, .visit = visit, .context = gallery, .unpacks = true};
    if (!find_tree(gallery->reading, gallery->preparation->root, &tree, &origin, err))
        return false;
    gallery->place = tree.path;
    tree.watch = &gallery->preparation->reading;
    char prefix[ROOM];
    snprintf(prefix, sizeof prefix, "%s/", gallery->reading->set);
    if (!sbmt_tree_walk(&tree, prefix, &visitor, err) || !read_sheets(gallery, err))
        return false;
    uint8_t *split = malloc(gallery->rows.used + 1);
    bool put = split != NULL ||
               sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory to split it", gallery->place);
    put = put && split_rows(gallery, split, err) && put_rows(gallery, split, err);
    free(split);
    return put;
}

bool sbmt_pathfinder_prepare(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    struct gallery gallery = {.preparation = preparation, .reading = preparation->form->reading};
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/prepared", preparation->root);
    const bool prepared = sbmt_spool_open(&gallery.pixels, folder, err) && read_all(&gallery, err);
    sbmt_spool_close(&gallery.pixels);
    sbmt_column_finish(&gallery.pictures);
    sbmt_column_finish(&gallery.sheets);
    sbmt_column_finish(&gallery.texts);
    sbmt_column_finish(&gallery.rows);
    return prepared;
}
