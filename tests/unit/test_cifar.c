/* Tests of reading CIFAR-10: grey pixels in order, the published splits, every defect. */
#include "data/grey.h"
#include "data/permutation.h"
#include "tests/unit/task_world.h"

enum { FILES = 6, RECORDS = 10000, PIXELS = 1024, RECORD = 1 + 3 * PIXELS, TRAIN = 50000 };

#define FOLDER "cifar-10-batches-bin/"

static const char *const names[FILES] = {FOLDER "data_batch_1.bin", FOLDER "data_batch_2.bin",
                                         FOLDER "data_batch_3.bin", FOLDER "data_batch_4.bin",
                                         FOLDER "data_batch_5.bin", FOLDER "test_batch.bin"};

/* A colour whose greys differ between the forms, in the last pixel of every image. */
enum { RED = 200, GREEN = 100, BLUE = 54 };

/* The first pixels of an image tell its number in the order of the files, in grey. */
static int number_pixel(int image, int p)
{
    return image >> 8 * p & 0xFF;
}

static void put_image(unsigned char *record, int image)
{
    unsigned char *red = record + 1, *green = red + PIXELS, *blue = green + PIXELS;
    memset(record, 0, RECORD);
    record[0] = (unsigned char)(image % 10);
    for (int p = 0; p < 2; p++)
        red[p] = green[p] = blue[p] = (unsigned char)number_pixel(image, p);
    red[PIXELS - 1] = RED;
    green[PIXELS - 1] = GREEN;
    blue[PIXELS - 1] = BLUE;
}

/* Files of the right size that hold nothing: every image is black, and shows an airplane. */
static void black_make(struct task_world *world)
{
    task_world_make(world, "lra/image");
    task_world_folder(world, FOLDER);
    for (int f = 0; f < FILES; f++) {
        task_world_put(world, names[f], "");
        ck_assert_int_eq(
            truncate(temporary_path(&world->temporary, names[f]), (off_t)RECORD * RECORDS), 0);
    }
}

static void cifar_make(struct task_world *world)
{
    unsigned char *bytes = malloc((size_t)RECORD * RECORDS);
    ck_assert_ptr_nonnull(bytes);
    task_world_make(world, "lra/image");
    task_world_folder(world, FOLDER);
    task_world_put(world, FOLDER "batches.meta.txt", "airplane\n");
    for (int f = 0; f < FILES; f++) {
        for (int r = 0; r < RECORDS; r++)
            put_image(bytes + (size_t)r * RECORD, f * RECORDS + r);
        temporary_put(temporary_path(&world->temporary, names[f]), bytes, (size_t)RECORD * RECORDS);
    }
    free(bytes);
}

/* That the open split holds these images in this order. */
static void assert_images(const struct task_world *world, const int32_t *images, int count,
                          int last)
{
    const struct sbmt_examples *examples = &world->dataset.examples;
    ck_assert_int_eq(examples->count, count);
    ck_assert_int_eq(world->dataset.vocab, 256);
    for (int e = 0; e < count; e++) {
        const uint8_t *grey = examples->tokens8 + (size_t)e * PIXELS;
        ck_assert_int_eq(examples->offset[e + 1], (e + 1) * PIXELS);
        ck_assert_int_eq(examples->source_length[e], PIXELS);
        ck_assert_int_eq(examples->label[e], images[e] % 10);
        ck_assert_int_eq(grey[0] + (grey[1] << 8), images[e] & 0xFFFF);
        ck_assert_int_eq(grey[PIXELS - 1], last);
        ck_assert_int_eq(grey[2] + grey[PIXELS / 2] + grey[PIXELS - 2], 0);
    }
}

static int compare(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

/* Train and dev are the two ends of a published order, each in the order of the files. */
static void assert_splits(struct task_world *world, enum sbmt_protocol protocol, int32_t *order,
                          int last)
{
    enum { KEPT = 45000 };
    task_world_open(world, protocol, SBMT_SPLIT_TRAIN);
    ck_assert_str_eq(world->notes, "cifar-10-batches-bin: preparing\n"
                                   "cifar-10-batches-bin, train: 45000 examples, 46080000 pixels\n"
                                   "cifar-10-batches-bin, dev: 5000 examples, 5120000 pixels\n"
                                   "cifar-10-batches-bin, test: 10000 examples, 10240000 pixels\n");
    qsort(order, KEPT, sizeof *order, compare);
    assert_images(world, order, KEPT, last);
    task_world_open(world, protocol, SBMT_SPLIT_DEV);
    qsort(order + KEPT, TRAIN - KEPT, sizeof *order, compare);
    assert_images(world, order + KEPT, TRAIN - KEPT, last);
    for (int32_t i = 0; i < RECORDS; i++)
        order[i] = TRAIN + i;
    task_world_open(world, protocol, SBMT_SPLIT_TEST);
    ck_assert_str_eq(world->notes, "");
    assert_images(world, order, RECORDS, last);
}

START_TEST(test_splits)
{
    struct task_world world;
    int32_t *order = malloc(TRAIN * sizeof *order);
    ck_assert_ptr_nonnull(order);
    cifar_make(&world);
    const int tensorflow = sbmt_grey_tensorflow(RED, GREEN, BLUE);
    const int pillow = sbmt_grey_pillow(RED, GREEN, BLUE);
    ck_assert_int_ne(tensorflow, pillow);
    ck_assert(sbmt_permutation_hashed("train", TRAIN, order, NULL));
    assert_splits(&world, SBMT_PROTOCOL_SBM_PAPER, order, tensorflow);
    sbmt_permutation_torch(42, TRAIN, order);
    assert_splits(&world, SBMT_PROTOCOL_S4, order, pillow);
    free(order);
    task_world_remove(&world);
}
END_TEST

START_TEST(test_forms)
{
    struct task_world world;
    task_world_make(&world, "lra/image");
    ck_assert_ptr_null(world.task->forms[SBMT_PROTOCOL_BERT]);
    for (int p = 0; p < SBMT_PROTOCOL_BERT; p++) {
        const struct sbmt_form *form = world.task->forms[p];
        ck_assert_str_eq(form->name, p == SBMT_PROTOCOL_S4 ? "grey-pillow" : "grey-tensorflow");
        ck_assert_int_eq(form->max_length, PIXELS);
        ck_assert_int_eq(form->vocab, 256);
        ck_assert_double_gt(form->value_deviation, 0);
    }
    task_world_remove(&world);
}
END_TEST

static void refuses(struct task_world *world, const char *wanted)
{
    task_world_refuses(world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_DEV, wanted);
}

static void put_byte(struct task_world *world, int f, int record, int label)
{
    FILE *file = fopen(temporary_path(&world->temporary, names[f]), "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, (long)record * RECORD, SEEK_SET), 0);
    ck_assert_int_eq(fputc(label, file), label);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(test_broken)
{
    struct task_world world;
    black_make(&world);
    put_byte(&world, 1, RECORDS - 1, 10);
    refuses(&world, FOLDER "data_batch_2.bin: record 9999, byte 30726927: the label is 10, not "
                           "0-9");
    put_byte(&world, 0, 0, 255);
    refuses(&world, FOLDER "data_batch_1.bin: record 0, byte 0: the label is 255, not 0-9");
    task_world_put(&world, names[0], "short");
    refuses(&world, FOLDER "data_batch_1.bin: has 5 bytes; expected 10000 records of 3073 bytes, "
                           "30730000 in all");
    ck_assert_int_eq(truncate(temporary_path(&world.temporary, names[0]), RECORD * RECORDS + 1), 0);
    refuses(&world, FOLDER "data_batch_1.bin: has 30730001 bytes; expected 10000 records of 3073 "
                           "bytes, 30730000 in all");
    task_world_remove(&world);
}
END_TEST

START_TEST(test_missing)
{
    struct task_world world;
    task_world_make(&world, "lra/image");
    refuses(&world,
            "cifar-10-batches-bin: not found, nor cifar-10-binary.tar.gz, cifar-10-binary.tgz, "
            "cifar-10-binary.tar.xz, cifar-10-binary.tar, cifar-10-binary.zip; --data DIR or "
            "SBMT_DATA set "
            "the data root");
    task_world_remove(&world);
    black_make(&world);
    task_world_run(&world, "rm " FOLDER "data_batch_4.bin");
    refuses(&world, FOLDER "data_batch_4.bin: not found, nor the same with .gz or .xz");
    task_world_run(&world, "tar -cf cifar-10-binary.tar " FOLDER " && rm -r " FOLDER);
    refuses(&world, "cifar-10-binary.tar: data_batch_4.bin is missing");
    task_world_remove(&world);
}
END_TEST

static void change(struct task_world *world)
{
    put_byte(world, 5, 0, 1);
}

START_TEST(test_changes_meanwhile)
{
    struct task_world world;
    black_make(&world);
    for (int f = 0; f < FILES; f++)
        task_world_age(&world, names[f]);
    world.meanwhile = change;
    refuses(&world, "cifar-10-batches-bin: changed while it was read; try again");
    task_world_remove(&world);
}
END_TEST

/* Each file is a link, as where data is shared. */
START_TEST(test_linked_files)
{
    struct task_world folder, linked;
    black_make(&folder);
    put_byte(&folder, 3, 97, 5);
    task_world_make(&linked, "lra/image");
    char command[330];
    task_world_run(&linked, "mkdir " FOLDER);
    snprintf(command, sizeof command, "ln -s '%.250s/" FOLDER "'* " FOLDER,
             folder.temporary.folder);
    task_world_run(&linked, command);
    task_world_same(&folder, &linked, SBMT_PROTOCOL_S4, SBMT_SPLIT_TEST);
    task_world_remove(&linked);
    task_world_remove(&folder);
}
END_TEST

/* Single files may be packed. */
START_TEST(test_packed)
{
    struct task_world folder, packed;
    black_make(&folder);
    black_make(&packed);
    put_byte(&folder, 1, 97, 5);
    put_byte(&packed, 1, 97, 5);
    task_world_run(&packed, "gzip -1 " FOLDER "data_batch_2.bin && xz -0 " FOLDER "test_batch.bin");
    task_world_same(&folder, &packed, SBMT_PROTOCOL_S4, SBMT_SPLIT_TRAIN);
    task_world_same(&folder, &packed, SBMT_PROTOCOL_S4, SBMT_SPLIT_TEST);
    task_world_remove(&packed);
    task_world_remove(&folder);
}
END_TEST

/* The archive as it ships, its files in another order. */
START_TEST(test_archive)
{
    struct task_world folder, archive;
    black_make(&folder);
    for (int i = 0; i < 100 * FILES; i++)
        put_byte(&folder, i % FILES, 97 * i % RECORDS, 1 + i % 9);
    task_world_make(&archive, "lra/image");
    task_world_run(&folder, "tar -cf - " FOLDER "test_batch.bin " FOLDER "data_batch_5.bin " FOLDER
                            "data_batch_[1-4].bin | gzip -1 > cifar-10-binary.tar.gz");
    ck_assert_int_eq(rename(temporary_path(&folder.temporary, "cifar-10-binary.tar.gz"),
                            temporary_path(&archive.temporary, "cifar-10-binary.tar.gz")),
                     0);
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        task_world_same(&folder, &archive, SBMT_PROTOCOL_SBM_PAPER, (enum sbmt_split)split);
    task_world_remove(&folder);
    task_world_remove(&archive);
}
END_TEST

SBMT_SUITE_MAIN("cifar", test_splits, test_forms, test_broken, test_missing, test_changes_meanwhile,
                test_linked_files, test_packed, test_archive)
