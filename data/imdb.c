/* The task lra/text: is a film review favourable? The files of the Large Movie Review Dataset. */
#include "data/imdb.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "data/column.h"
#include "data/md5.h"
#include "data/preparation.h"
#include "data/text_form.h"

/* Examples of dev: the training files whose names have the smallest MD5. */
enum { DEV = 2500 };

enum { NEGATIVE, POSITIVE, CLASSES };

enum { TRAIN, TEST, HALVES };

/* The folders that hold reviews. */
static const char *const folders[HALVES][CLASSES] = {{"train/neg/", "train/pos/"},
                                                     {"test/neg/", "test/pos/"}};

/* One review, whose text is at a place among all texts. */
struct review {
    struct sbmt_md5 digest; /* of its name, first: sbmt_md5_compare looks at it */
    size_t text, size;
    int half, label;
};

/* All that has been read. */
struct shelf {
    struct sbmt_preparation *preparation;
    struct sbmt_column reviews, texts;
    int64_t count[HALVES][CLASSES];
    int64_t passed_over; /* files among the reviews that are none */
};

/* The part of a name behind the folder of a class, directly in which it is; else NULL. */
static const char *in_class(const char *name, int *half, int *label)
{
    for (*half = 0; *half < HALVES; ++*half)
        for (*label = 0; *label < CLASSES; ++*label) {
            const size_t folder = strlen(folders[*half][*label]);
            if (strncmp(name, folders[*half][*label], folder) == 0)
                return strchr(name + folder, '/') == NULL ? name + folder : NULL;
        }
    return NULL;
}

bool sbmt_imdb_is_review(const char *file)
{
    static const char digits[] = "0123456789";
    const size_t id = strspn(file, digits);
    if (id == 0 || file[id] != '_')
        return false;
    const size_t rating = strspn(file + id + 1, digits);
    return rating > 0 && strcmp(file + id + 1 + rating, ".txt") == 0;
}

/* Packed files are wanted under the names that they have unpacked. */
static bool is_wanted(void *context, const char *name)
{
    (void)context;
    int half, label;
    const char *end = strrchr(name, '.');
    return in_class(name, &half, &label) != NULL &&
           (end == NULL || (strcmp(end, ".gz") != 0 && strcmp(end, ".xz") != 0));
}

/* Others may put files there, such as macOS "._0_9.txt", which nobody wants to learn from. */
static void pass_over(struct shelf *shelf, const struct sbmt_tree_file *file)
{
    if (shelf->passed_over++ == 0)
        sbmt_log_write(shelf->preparation->log, SBMT_LOG_WARNING,
                       "%s: is passed over: reviews are named <id>_<rating>.txt", file->place);
}

static bool visit(void *context, const struct sbmt_tree_file *file, struct sbmt_error *err)
{
    struct shelf *shelf = context;
    int half, label;
    if (!sbmt_imdb_is_review(in_class(file->name, &half, &label))) {
        pass_over(shelf, file);
        return true;
    }
    if (file->size == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: the review is empty", file->place);
    struct review *review = sbmt_column_add(&shelf->reviews, 1, sizeof *review);
    const size_t text = shelf->texts.used;
    unsigned char *bytes = sbmt_column_add(&shelf->texts, file->size, 1);
    if (review == NULL || bytes == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for all reviews", file->place);
    *review = (struct review){.text = text, .size = file->size, .half = half, .label = label};
    memcpy(bytes, file->bytes, file->size);
    shelf->count[review->half][review->label]++;
    return sbmt_md5(file->name, strlen(file->name), &review->digest, err) &&
           sbmt_preparation_count(shelf->preparation, err);
}

static const unsigned char *text_of(const struct shelf *shelf, const struct review *review)
{
    return (const unsigned char *)shelf->texts.values + review->text;
}

/* No folder of a class may be missing, and dev must leave something to learn from. */
static bool check_counts(const struct shelf *shelf, const char *place, struct sbmt_error *err)
{
    for (int half = 0; half < HALVES; half++)
        for (int label = 0; label < CLASSES; label++)
            if (shelf->count[half][label] == 0)
                return sbmt_fail(err, SBMT_ERROR_DATA, "%s: there are no reviews in %s", place,
                                 folders[half][label]);
    if (shelf->passed_over > 1)
        sbmt_log_write(shelf->preparation->log, SBMT_LOG_WARNING,
                       "%s: %" PRId64 " files among the reviews are passed over", place,
                       shelf->passed_over);
    const int64_t train = shelf->count[TRAIN][NEGATIVE] + shelf->count[TRAIN][POSITIVE];
    return train > DEV || sbmt_fail(err, SBMT_ERROR_DATA,
                                    "%s: %" PRId64 " training reviews, of which %d are for dev; "
                                    "the data set has 25000",
                                    place, train, (int)DEV);
}

/* The vocabulary of characters of all training files, those of dev among them. Messages have no
 * place. */
static bool count_characters(const struct shelf *shelf, const struct sbmt_text_reading *reading,
                             struct sbmt_characters *characters, struct sbmt_error *err)
{
    const struct review *reviews = shelf->reviews.values;
    if (!sbmt_characters_open(characters, err))
        return false;
    for (size_t i = 0; i < shelf->reviews.used; i++)
        if (reviews[i].half == TRAIN)
            sbmt_characters_count(characters, reading, text_of(shelf, &reviews[i]),
                                  reviews[i].size);
    return sbmt_characters_number(characters, reading, err);
}

/* In the order of the names' MD5, so that every part of a split is a fair sample of it. */
static bool put_reviews(struct sbmt_preparation *preparation, const struct shelf *shelf,
                        const struct sbmt_characters *characters, struct sbmt_error *err)
{
    struct review *reviews = shelf->reviews.values;
    int64_t trained = 0;
    qsort(reviews, shelf->reviews.used, sizeof *reviews, sbmt_md5_compare);
    for (size_t i = 0; i < shelf->reviews.used; i++) {
        enum sbmt_split split = SBMT_SPLIT_TEST;
        if (reviews[i].half == TRAIN)
            split = trained++ < DEV ? SBMT_SPLIT_DEV : SBMT_SPLIT_TRAIN;
        if (!sbmt_preparation_wants(preparation, split))
            continue;
        struct sbmt_builder *builder = &preparation->builder[split];
        sbmt_text_put(builder, characters, text_of(shelf, &reviews[i]), reviews[i].size);
        sbmt_builder_label(builder, reviews[i].label);
        if (!sbmt_preparation_go_on(preparation, i, err))
            return false;
    }
    return true;
}

static bool put_all(struct sbmt_preparation *preparation, const struct shelf *shelf,
                    const char *place, struct sbmt_error *err)
{
    const struct sbmt_text_reading *reading = preparation->form->reading;
    struct sbmt_characters characters = {0};
    bool put = !reading->characters || count_characters(shelf, reading, &characters, err) ||
               sbmt_error_at(err, "%s", place);
    for (int split = 0; put && split < SBMT_SPLIT_COUNT; split++)
        if (sbmt_preparation_wants(preparation, (enum sbmt_split)split))
            sbmt_text_vocabulary(&preparation->builder[split], &characters);
    put = put && put_reviews(preparation, shelf, &characters, err);
    sbmt_characters_close(&characters);
    return put;
}

bool sbmt_imdb_open(struct sbmt_tree *tree, const char *root, struct sbmt_error *err)
{
    static const char *const archives[] = {
        "aclImdb_v1.tar.gz", "aclImdb.tar.gz", "aclImdb.tgz", "aclImdb.tar.xz",
        "aclImdb.tar",       "aclImdb.zip",    NULL};
    return sbmt_tree_open(tree, root, "aclImdb", archives, err);
}

static bool find_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                        struct sbmt_origin *origin, struct sbmt_error *err)
{
    (void)task, (void)split;
    static const char *const parts[] = {"train/neg", "train/pos", "test/neg", "test/pos", NULL};
    struct sbmt_tree tree;
    return sbmt_imdb_open(&tree, root, err) && sbmt_tree_origin(&tree, parts, origin, err);
}

static bool prepare(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    struct shelf shelf = {.preparation = preparation};
    struct sbmt_tree tree;
    const struct sbmt_tree_visitor visitor = {
        .wanted = is_wanted, .visit = visit, .context = &shelf, .unpacks = true};
    bool prepared = sbmt_imdb_open(&tree, preparation->root, err);
    tree.watch = &preparation->reading;
    prepared = prepared && sbmt_tree_walk(&tree, "", &visitor, err) &&
               check_counts(&shelf, tree.path, err) && put_all(preparation, &shelf, tree.path, err);
    sbmt_column_finish(&shelf.reviews);
    sbmt_column_finish(&shelf.texts);
    return prepared;
}

static const struct sbmt_text_reading bytes = {0};
static const struct sbmt_text_reading characters = {.characters = true, .least_count = 15};

#define BYTES(length)                                                                              \
    {                                                                                              \
        .name = "bytes-" #length, .version = "imdb-1", .unit = "byte", .vocab = SBMT_TEXT_BYTES,   \
        .max_length = length, .joint = true, .reading = &bytes, .write = sbmt_text_write_byte,     \
    }

static const struct sbmt_form bytes_1000 = BYTES(1000), bytes_3000 = BYTES(3000),
                              bytes_4000 = BYTES(4000);

static const struct sbmt_form characters_4096 = {
    .name = "characters-4096",
    .version = "imdb-1",
    .unit = "character",
    .max_length = 4096,
    .end = SBMT_TEXT_END,
    .joint = true,
    .reading = &characters,
    .write = sbmt_text_write_character,
};

static const char *const labels[CLASSES] = {"negative", "positive"};

const struct sbmt_task sbmt_task_imdb = {
    .name = "lra/text",
    .doc = "whether a film review is favourable, read as bytes or characters (Maas et al. 2011; "
           "Tay et al. 2021)",
    .classes = CLASSES,
    .segments = 1,
    .label_names = labels,
    .forms = {&bytes_1000, &bytes_4000, &bytes_3000, &characters_4096},
    .dev_of_train = true,
    .source = find_source,
    .prepare = prepare,
};
