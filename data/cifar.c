/* The task lra/image: CIFAR-10 in grey, a token a pixel. The binary version of its files. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/grey.h"
#include "data/permutation.h"
#include "data/preparation.h"
#include "data/tree.h"

enum {
    SIDE = 32,
    PIXELS = SIDE * SIDE,
    RECORD = 1 + 3 * PIXELS,
    RECORDS = 10000, /* of a file */
    FILES = 6,
    TRAIN_FILES = 5,
    TRAIN_RECORDS = TRAIN_FILES * RECORDS,
    DEV = 5000, /* of the training records */
    CLASSES = 10,
};

static const char *const names[FILES] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                         "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

/* How a form reads the files. */
struct reading {
    uint8_t (*grey)(uint8_t red, uint8_t green, uint8_t blue);
    bool hashed; /* dev is the end of TensorFlow Datasets' order, else of torch's */
};

/* The grey images of all files, in the files' order. */
struct album {
    struct sbmt_preparation *preparation;
    const struct reading *reading;
    uint8_t *grey;   /* FILES·RECORDS images */
    uint8_t *label;  /* of each */
    bool has[FILES]; /* that have been read */
    bool *is_dev;    /* of the training records */
};

static int file_number(const char *name)
{
    for (int f = 0; f < FILES; f++)
        if (strcmp(names[f], name) == 0)
            return f;
    return -1;
}

static bool is_wanted(void *context, const char *name)
{
    (void)context;
    return file_number(name) >= 0;
}

static bool visit(void *context, const struct sbmt_tree_file *file, struct sbmt_error *err)
{
    struct album *album = context;
    const int f = file_number(file->name);
    if (file->size != (size_t)RECORD * RECORDS)
        return sbmt_fail(
            err, SBMT_ERROR_DATA, "%s: has %zu bytes; expected %d records of %d bytes, %zu in all",
            file->place, file->size, (int)RECORDS, (int)RECORD, (size_t)RECORD * RECORDS);
    album->has[f] = true;
    for (int r = 0; r < RECORDS; r++) {
        const unsigned char *record = file->bytes + (size_t)r * RECORD, *red = record + 1;
        const size_t image = (size_t)f * RECORDS + (size_t)r;
        if (record[0] >= CLASSES)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: record %d, byte %zu: the label is %d, not 0-9", file->place, r,
                             (size_t)r * RECORD, record[0]);
        album->label[image] = record[0];
        uint8_t *grey = album->grey + image * PIXELS;
        for (int p = 0; p < PIXELS; p++)
            grey[p] = album->reading->grey(red[p], red[PIXELS + p], red[2 * PIXELS + p]);
        if (!sbmt_preparation_count(album->preparation, err))
            return false;
    }
    return true;
}

static bool check_files(const struct album *album, const char *place, struct sbmt_error *err)
{
    for (int f = 0; f < FILES; f++)
        if (!album->has[f])
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: %s is missing", place, names[f]);
    return true;
}

static bool choose_dev(struct album *album, struct sbmt_error *err)
{
    int32_t *order = malloc(TRAIN_RECORDS * sizeof *order);
    if (order == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "lra/image: no memory to split it");
    bool chosen = true;
    if (album->reading->hashed)
        chosen = sbmt_permutation_hashed("train", TRAIN_RECORDS, order, err);
    else
        sbmt_permutation_torch(42, TRAIN_RECORDS, order);
    for (int i = TRAIN_RECORDS - DEV; chosen && i < TRAIN_RECORDS; i++)
        album->is_dev[order[i]] = true;
    free(order);
    return chosen;
}

static bool put_images(struct sbmt_preparation *preparation, const struct album *album,
                       struct sbmt_error *err)
{
    for (size_t image = 0; image < (size_t)FILES * RECORDS; image++) {
        enum sbmt_split split = SBMT_SPLIT_TEST;
        if (image < TRAIN_RECORDS)
            split = album->is_dev[image] ? SBMT_SPLIT_DEV : SBMT_SPLIT_TRAIN;
        if (!sbmt_preparation_wants(preparation, split))
            continue;
        struct sbmt_builder *builder = &preparation->builder[split];
        for (int p = 0; p < PIXELS; p++)
            sbmt_builder_token(builder, album->grey[image * PIXELS + (size_t)p]);
        sbmt_builder_end(builder);
        sbmt_builder_label(builder, album->label[image]);
        if (!sbmt_preparation_go_on(preparation, image, err))
            return false;
    }
    return true;
}

static bool open_tree(const char *root, struct sbmt_tree *tree, struct sbmt_error *err)
{
    static const char *const archives[] = {"cifar-10-binary.tar.gz", "cifar-10-binary.tgz",
                                           "cifar-10-binary.tar.xz", "cifar-10-binary.tar",
                                           "cifar-10-binary.zip",    NULL};
    return sbmt_tree_open(tree, root, "cifar-10-batches-bin", archives, err);
}

static bool find_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                        struct sbmt_origin *origin, struct sbmt_error *err)
{
    (void)task, (void)split;
    static const char *const parts[] = {"data_batch_1.bin",
                                        "data_batch_2.bin",
                                        "data_batch_3.bin",
                                        "data_batch_4.bin",
                                        "data_batch_5.bin",
                                        "test_batch.bin",
                                        NULL};
    struct sbmt_tree tree;
    return open_tree(root, &tree, err) && sbmt_tree_origin(&tree, parts, origin, err);
}

static bool prepare(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    struct album album = {
        .preparation = preparation,
        .reading = preparation->form->reading,
        .grey = malloc((size_t)FILES * RECORDS * PIXELS),
        .label = malloc((size_t)FILES * RECORDS),
        .is_dev = calloc(TRAIN_RECORDS, sizeof *album.is_dev),
    };
    struct sbmt_tree tree;
    const struct sbmt_tree_visitor visitor = {
        .wanted = is_wanted, .visit = visit, .context = &album, .unpacks = true};
    const bool memory = album.grey != NULL && album.label != NULL && album.is_dev != NULL;
    bool prepared = memory || sbmt_fail(err, SBMT_ERROR_MEMORY, "lra/image: no memory for it");
    prepared = prepared && open_tree(preparation->root, &tree, err);
    tree.watch = &preparation->reading;
    prepared = prepared && sbmt_tree_walk(&tree, "", &visitor, err) &&
               check_files(&album, tree.path, err) && choose_dev(&album, err) &&
               put_images(preparation, &album, err);
    free(album.grey);
    free(album.label);
    free(album.is_dev);
    return prepared;
}

static const struct reading tensorflow = {.grey = sbmt_grey_tensorflow, .hashed = true};
static const struct reading torch = {.grey = sbmt_grey_pillow, .hashed = false};

static const struct sbmt_form tensorflow_grey = {
    .name = "grey-tensorflow",
    .version = "cifar-1",
    .unit = "pixel",
    .vocab = 256,
    .max_length = PIXELS,
    .value_mean = 122.36,
    .value_deviation = 61.11,
    .joint = true,
    .reading = &tensorflow,
    .picture_width = SIDE,
};

/* Mean and deviation: state-spaces/s4 at src/dataloaders/basic.py. */
static const struct sbmt_form pillow_grey = {
    .name = "grey-pillow",
    .version = "cifar-1",
    .unit = "pixel",
    .vocab = 256,
    .max_length = PIXELS,
    .value_mean = 122.6,
    .value_deviation = 61.0,
    .joint = true,
    .reading = &torch,
    .picture_width = SIDE,
};

static const char *const labels[CLASSES] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                            "dog",      "frog",       "horse", "ship", "truck"};

const struct sbmt_task sbmt_task_cifar = {
    .name = "lra/image",
    .doc = "what a picture of CIFAR-10 shows, read as 1024 grey pixels (Krizhevsky 2009; Tay et "
           "al. 2021)",
    .classes = CLASSES,
    .segments = 1,
    .label_names = labels,
    .forms = {&tensorflow_grey, &tensorflow_grey, &tensorflow_grey, &pillow_grey},
    .source = find_source,
    .prepare = prepare,
};
