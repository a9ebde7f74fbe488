/* Tests of reading film reviews: splits, orders, both ways of reading, every defect. */
#include "data/digest.h"
#include "data/text_form.h"
#include "tests/archives.h"
#include "tests/unit/task_world.h"

/* Reviews of a class: in train, so that dev leaves something, and in test. */
enum { TRAIN_OF_CLASS = 1255, TEST_OF_CLASS = 2, DEV = 2500 };

enum { TRAIN = 2 * TRAIN_OF_CLASS - DEV, TEST = 2 * TEST_OF_CLASS };

static void put_class(struct task_world *world, const char *folder, int count)
{
    char name[64];
    snprintf(name, sizeof name, "aclImdb/%s", folder);
    task_world_folder(world, name);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "aclImdb/%s/%d_1.txt", folder, i);
        task_world_put(world, name, name + strlen("aclImdb/"));
    }
}

/* A release of reviews, each of which says its own name, and of files that are none. */
static void imdb_make(struct task_world *world, int train_of_class)
{
    task_world_make(world, "lra/text");
    put_class(world, "train/neg", train_of_class);
    put_class(world, "train/pos", train_of_class);
    put_class(world, "test/neg", TEST_OF_CLASS);
    put_class(world, "test/pos", TEST_OF_CLASS);
    put_class(world, "train/unsup", 2);
    task_world_put(world, "aclImdb/train/pos/urls", "no review");
    task_world_put(world, "aclImdb/train/pos/.txt", "no review");
    task_world_put(world, "aclImdb/train/pos/._0_1.txt", "no review");
    task_world_put(world, "aclImdb/train/pos/1_.txt", "no review");
    task_world_put(world, "aclImdb/train/pos/1_1x.txt", "no review");
    task_world_put(world, "aclImdb/test/neg/x1_1.txt", "no review");
    task_world_folder(world, "aclImdb/train/pos/deeper");
    task_world_put(world, "aclImdb/train/pos/deeper/1_1.txt", "no review");
}

/* The same reviews in an archive, which is written faster, where some have texts of their own. */
static void imdb_archive(struct task_world *world, const struct member *own, int own_count)
{
    static const char *const folders[] = {"train/neg", "train/pos", "test/neg", "test/pos"};
    enum { COUNT = 2 * (TRAIN_OF_CLASS + TEST_OF_CLASS) };
    static char names[COUNT][64];
    static struct member members[COUNT];
    for (int m = 0; m < COUNT; m++) {
        const bool train = m < 2 * TRAIN_OF_CLASS;
        const int i = train ? m : m - 2 * TRAIN_OF_CLASS;
        const int of_class = train ? TRAIN_OF_CLASS : TEST_OF_CLASS;
        snprintf(names[m], sizeof names[m], "aclImdb/%s/%d_1.txt",
                 folders[(train ? 0 : 2) + i / of_class], i % of_class);
        const char *text = names[m] + strlen("aclImdb/");
        members[m] = (struct member){.name = names[m], .bytes = text, .size = strlen(text)};
        for (int o = 0; o < own_count; o++)
            if (strcmp(own[o].name, names[m]) == 0)
                members[m] = own[o];
    }
    archives_put(temporary_path(&world->temporary, "aclImdb.tar"), "gnutar", "none", members,
                 COUNT);
}

/* Letters to make long texts of. */
static const char *many_letters(void)
{
    static char letters[5000];
    return memset(letters, 'x', sizeof letters);
}

/* The name that an example of the open split says it has, read as bytes. */
static void name_of(const struct task_world *world, int64_t example, char name[64])
{
    const int64_t *offset = world->dataset.examples.offset + example;
    const int64_t length = offset[1] - offset[0];
    ck_assert_int_lt(length, 64);
    for (int64_t i = 0; i < length; i++)
        name[i] = (char)(task_world_token(world, offset[0] + i) - 1);
    name[length] = '\0';
}

/* Every example of the open split stands where the MD5 of its name, behind `last`, puts it, and has
 * the label of its folder. */
static void assert_order(const struct task_world *world, const char *half, char last[SBMT_MD5_HEX])
{
    const struct sbmt_examples *examples = &world->dataset.examples;
    for (int64_t e = 0; e < examples->count; e++) {
        char name[64], hex[SBMT_MD5_HEX];
        name_of(world, e, name);
        ck_assert_int_eq(strncmp(name, half, strlen(half)), 0);
        ck_assert_int_eq(examples->label[e], strstr(name, "/pos/") != NULL);
        ck_assert_int_eq(examples->source_length[e], strlen(name));
        ck_assert(sbmt_digest_bytes(SBMT_DIGEST_MD5, name, strlen(name), hex, NULL));
        ck_assert_int_gt(strcmp(hex, last), 0);
        memcpy(last, hex, sizeof hex);
    }
}

/* The archive of a release is read as the release itself. */
static void assert_archived(struct task_world *folder)
{
    static const char name[] = "aclImdb_v1.tar.gz";
    struct task_world archive;
    task_world_make(&archive, "lra/text");
    task_world_run(folder, "tar -czf aclImdb_v1.tar.gz aclImdb");
    ck_assert_int_eq(
        rename(temporary_path(&folder->temporary, name), temporary_path(&archive.temporary, name)),
        0);
    task_world_same(folder, &archive, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_DEV);
    task_world_same(folder, &archive, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_TRAIN);
    task_world_same(folder, &archive, SBMT_PROTOCOL_S4, SBMT_SPLIT_TEST);
    task_world_remove(&archive);
}

/* Names by Python's hashlib.md5 over those of all reviews. */
START_TEST(test_splits)
{
    struct task_world world;
    char last[SBMT_MD5_HEX] = "", name[64];
    imdb_make(&world, TRAIN_OF_CLASS);
    ck_assert_int_eq(task_world_open(&world, SBMT_PROTOCOL_SBM_PAPER, SBMT_SPLIT_DEV)->count, DEV);
    ck_assert_ptr_nonnull(strstr(world.notes, "warning: aclImdb/test/neg/x1_1.txt: is passed over: "
                                              "reviews are named <id>_<rating>.txt\n"));
    ck_assert_ptr_nonnull(
        strstr(world.notes, "warning: aclImdb: 6 files among the reviews are passed over\n"));
    ck_assert_int_eq(world.dataset.vocab, 257);
    ck_assert_ptr_nonnull(world.dataset.examples.tokens16);
    ck_assert_str_eq(task_world_words(&world), "byte");
    assert_order(&world, "train/", last);
    name_of(&world, 0, name);
    ck_assert_str_eq(name, "train/neg/1061_1.txt");
    name_of(&world, DEV - 1, name);
    ck_assert_str_eq(name, "train/pos/647_1.txt");
    /* What comes behind dev in the same order is train. */
    ck_assert_int_eq(task_world_open(&world, SBMT_PROTOCOL_SBM_PAPER, SBMT_SPLIT_TRAIN)->count,
                     TRAIN);
    assert_order(&world, "train/", last);
    name_of(&world, 0, name);
    ck_assert_str_eq(name, "train/neg/205_1.txt");
    ck_assert_int_eq(task_world_open(&world, SBMT_PROTOCOL_SBM_PAPER, SBMT_SPLIT_TEST)->count,
                     TEST);
    last[0] = '\0';
    assert_order(&world, "test/", last);
    assert_archived(&world);
    task_world_remove(&world);
}
END_TEST

/* One opening makes all splits; every protocol cuts to its own length. */
START_TEST(test_bytes)
{
    static const struct {
        enum sbmt_protocol protocol;
        int length;
    } cases[] = {{SBMT_PROTOCOL_GOOGLE, 1000},
                 {SBMT_PROTOCOL_SBM_PAPER, 3000},
                 {SBMT_PROTOCOL_NYSTROMFORMER, 4000}};
    static const char begin[] = "aclImdb.tar: preparing\naclImdb.tar, train: 10 examples, ";
    struct task_world world;
    const struct member own[] = {
        {.name = "aclImdb/test/pos/1_1.txt", .bytes = many_letters(), .size = 5000},
        {.name = "aclImdb/test/neg/1_1.txt", .bytes = "\0\n\xff", .size = 3}};
    task_world_make(&world, "lra/text");
    imdb_archive(&world, own, 2);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char notes[300];
        const struct sbmt_examples *examples = task_world_open(&world, cases[i].protocol,
                                                               SBMT_SPLIT_TEST);
        snprintf(notes, sizeof notes, "test: 4 examples, %d bytes, 1 sequences cut to %d bytes\n",
                 cases[i].length + 3 + 2 * (int)strlen("test/neg/0_1.txt"), cases[i].length);
        ck_assert_int_eq(strncmp(world.notes, begin, strlen(begin)), 0);
        ck_assert_ptr_nonnull(strstr(world.notes, "\naclImdb.tar, dev: 2500 examples, "));
        ck_assert_ptr_nonnull(strstr(world.notes, notes));
        ck_assert_int_eq(world.dataset.longest, cases[i].length);
        ck_assert_int_eq(examples->offset[1], cases[i].length);
        ck_assert_int_eq(examples->source_length[0], 5000);
        ck_assert_int_eq(task_world_token(&world, cases[i].length - 1), 'x' + 1);
        static const int odd[] = {1, 11, 256};
        task_world_tokens(&world, 1, odd, 3);
        for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
            task_world_open(&world, cases[i].protocol, (enum sbmt_split)split);
            ck_assert_str_eq(world.notes, "");
        }
    }
    task_world_remove(&world);
}
END_TEST

/* The end token takes one of 4096 places. */
static void assert_cut(struct task_world *world)
{
    const struct member own[] = {
        {.name = "aclImdb/test/pos/1_1.txt", .bytes = many_letters(), .size = 4096},
        {.name = "aclImdb/test/neg/1_1.txt", .bytes = many_letters(), .size = 4095}};
    task_world_run(world, "rm -r prepared");
    imdb_archive(world, own, 2);
    const struct sbmt_examples *examples = task_world_open(world, SBMT_PROTOCOL_S4,
                                                           SBMT_SPLIT_TEST);
    for (int e = 0; e < 2; e++) {
        ck_assert_int_eq(examples->offset[e + 1], 4096 * (e + 1));
        ck_assert_int_eq(examples->source_length[e], 4097 - e);
        ck_assert_int_eq(task_world_token(world, examples->offset[e + 1] - 1), SBMT_TEXT_END);
        ck_assert_int_gt(task_world_token(world, examples->offset[e + 1] - 2), SBMT_TEXT_END);
    }
    ck_assert_ptr_nonnull(strstr(world->notes, " 1 sequences cut to 4096 characters\n"));
}

/* Characters that occur 15 times in training files, those of dev among them, have a token. */
START_TEST(test_characters)
{
    struct task_world world;
    /* 15 of é in a review of dev; 14 of € in one of train; ☃ only in test. */
    static const struct member own[] = {
        TEXT("aclImdb/train/neg/1061_1.txt", "ééééééééééééééé"),
        TEXT("aclImdb/train/neg/205_1.txt", "€€€€€€€€€€€€€€"),
        TEXT("aclImdb/test/pos/1_1.txt", "☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃☃xé€.\xff")};
    task_world_make(&world, "lra/text");
    imdb_archive(&world, own, 3);
    const struct sbmt_examples *examples = task_world_open(&world, SBMT_PROTOCOL_S4,
                                                           SBMT_SPLIT_TEST);
    static const char words[] = "./0123456789_aeginoprstxé";
    enum { KNOWN = 25, DOT = SBMT_TEXT_FIRST, X = SBMT_TEXT_FIRST + KNOWN - 2 };
    ck_assert_str_eq(task_world_words(&world), words);
    ck_assert_int_eq(world.dataset.vocab, SBMT_TEXT_FIRST + KNOWN);
    ck_assert_ptr_nonnull(examples->tokens8);
    int wanted[22];
    for (int i = 0; i < 16; i++)
        wanted[i] = SBMT_TEXT_UNKNOWN;
    const int rest[] = {X, X + 1, SBMT_TEXT_UNKNOWN, DOT, SBMT_TEXT_UNKNOWN, SBMT_TEXT_END};
    memcpy(wanted + 16, rest, sizeof rest);
    task_world_tokens(&world, 0, wanted, 22);
    ck_assert_int_eq(examples->source_length[0], 22);
    task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV);
    ck_assert_str_eq(world.notes, "");
    ck_assert_int_eq(world.dataset.vocab, SBMT_TEXT_FIRST + KNOWN);
    ck_assert_int_eq(task_world_token(&world, 14), X + 1);
    ck_assert_int_eq(task_world_token(&world, 15), SBMT_TEXT_END);
    ck_assert_int_eq(task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_TRAIN)->count, TRAIN);
    ck_assert_int_eq(task_world_token(&world, 0), SBMT_TEXT_UNKNOWN);
    assert_cut(&world);
    task_world_remove(&world);
}
END_TEST

static void refuses(struct task_world *world, const char *wanted)
{
    task_world_refuses(world, SBMT_PROTOCOL_SBM_PAPER, SBMT_SPLIT_DEV, wanted);
}

START_TEST(test_missing)
{
    struct task_world world;
    task_world_make(&world, "lra/text");
    refuses(
        &world,
        "aclImdb: not found, nor aclImdb_v1.tar.gz, aclImdb.tar.gz, aclImdb.tgz, aclImdb.tar.xz, "
        "aclImdb.tar, aclImdb.zip; --data DIR or SBMT_DATA set the data root");
    task_world_remove(&world);
    imdb_make(&world, 8);
    task_world_run(&world, "mv aclImdb/test/neg aclImdb/other");
    refuses(&world, "aclImdb/test/neg: not found, nor the same with .gz or .xz");
    task_world_run(&world, "mkdir aclImdb/test/neg");
    refuses(&world, "aclImdb: there are no reviews in test/neg/");
    task_world_run(&world, "tar -cf aclImdb.tar --exclude=train/neg aclImdb && rm -r aclImdb");
    refuses(&world, "aclImdb.tar: there are no reviews in train/neg/");
    task_world_remove(&world);
}
END_TEST

START_TEST(test_empty_review)
{
    struct task_world world;
    imdb_make(&world, 8);
    task_world_put(&world, "aclImdb/train/pos/7_1.txt", "");
    refuses(&world, "aclImdb/train/pos/7_1.txt: the review is empty");
    /* The first file of all, and one in an archive. */
    task_world_put(&world, "aclImdb/test/neg/0_1.txt", "");
    refuses(&world, "aclImdb/test/neg/0_1.txt: the review is empty");
    task_world_run(&world, "tar -cf aclImdb.tar aclImdb/test/neg/0_1.txt && rm -r aclImdb");
    refuses(&world, "aclImdb.tar:aclImdb/test/neg/0_1.txt: the review is empty");
    task_world_remove(&world);
}
END_TEST

static void add_review(struct task_world *world)
{
    task_world_put(world, "aclImdb/train/pos/9999_1.txt", "one more");
}

/* Where test stands for dev, dev is part of train, behind it. */
START_TEST(test_whole_train)
{
    static const enum sbmt_protocol protocols[] = {SBMT_PROTOCOL_GOOGLE, SBMT_PROTOCOL_S4};
    struct task_world world;
    struct sbmt_batch batch;
    char digest[SBMT_SHA256_HEX];
    task_world_make(&world, "lra/text");
    imdb_archive(&world, NULL, 0);
    for (int p = 0; p < 2; p++) {
        int dev[100], train[100];
        world.emulate.dev_is_test = false;
        task_world_open(&world, protocols[p], SBMT_SPLIT_DEV);
        const struct sbmt_examples *examples = &world.dataset.examples;
        const int length = (int)(examples->offset[DEV] - examples->offset[DEV - 1]);
        const int label = examples->label[DEV - 1];
        for (int i = 0; i < length; i++)
            dev[i] = task_world_token(&world, examples->offset[DEV - 1] + i);
        task_world_open(&world, protocols[p], SBMT_SPLIT_TRAIN);
        memcpy(digest, world.dataset.digest, sizeof digest);
        const int first = (int)examples->offset[1];
        for (int i = 0; i < first; i++)
            train[i] = task_world_token(&world, i);
        world.emulate.dev_is_test = true;
        task_world_open(&world, protocols[p], SBMT_SPLIT_TRAIN);
        ck_assert_str_ne(world.dataset.digest, digest);
        ck_assert_int_eq(examples->count, TRAIN + DEV);
        task_world_tokens(&world, 0, train, first);
        task_world_tokens(&world, TRAIN + DEV - 1, dev, length);
        ck_assert_int_eq(examples->label[TRAIN + DEV - 1], label);
        ck_assert_int_eq(examples->source_length[TRAIN + DEV - 1], length);
        const struct sbmt_source source = sbmt_dataset_source(&world.dataset);
        ck_assert_int_eq(source.count, TRAIN + DEV);
        for (int64_t e = 0; e < source.count; e++)
            ck_assert(source.load(source.context, &e, NULL, 1, &batch, &world.err));
        ck_assert_int_eq(batch.offset[1], length);
        ck_assert_int_eq(task_world_open(&world, protocols[p], SBMT_SPLIT_DEV)->count, TEST);
    }
    task_world_remove(&world);
}
END_TEST

/* Single reviews may be packed. */
START_TEST(test_packed)
{
    struct task_world plain, packed;
    imdb_make(&plain, TRAIN_OF_CLASS);
    imdb_make(&packed, TRAIN_OF_CLASS);
    task_world_run(&packed, "gzip aclImdb/t*/pos/?_1.txt");
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        task_world_same(&plain, &packed, SBMT_PROTOCOL_GOOGLE, (enum sbmt_split)split);
    task_world_remove(&plain);
    task_world_remove(&packed);
}
END_TEST

/* Only one folder of an archive is the data set. */
START_TEST(test_two_folders)
{
    struct task_world world;
    imdb_make(&world, 8);
    task_world_run(&world, "mkdir backup && mv aclImdb backup/ && cp -r backup/aclImdb . && "
                           "tar -cf aclImdb.tar aclImdb backup && rm -r aclImdb backup");
    ck_assert(!task_world_try(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_TEST));
    ck_assert_ptr_nonnull(strstr(world.err.message, ".txt: is in another folder 'aclImdb' than "
                                                    "'aclImdb', where other files are; "));
    task_world_remove(&world);
}
END_TEST

START_TEST(test_too_few)
{
    struct task_world world;
    imdb_make(&world, DEV / 2);
    refuses(&world, "aclImdb: 2500 training reviews, of which 2500 are for dev; the data set has "
                    "25000");
    task_world_put(&world, "aclImdb/train/neg/9999_1.txt", "enough");
    /* Meanwhile another one comes. */
    task_world_age(&world, "aclImdb/train/pos");
    world.meanwhile = add_review;
    refuses(&world, "aclImdb: changed while it was read; try again");
    world.meanwhile = NULL;
    ck_assert_int_eq(task_world_open(&world, SBMT_PROTOCOL_SBM_PAPER, SBMT_SPLIT_TRAIN)->count, 2);
    task_world_remove(&world);
}
END_TEST

SBMT_SUITE_MAIN("imdb", test_splits, test_bytes, test_characters, test_missing, test_empty_review,
                test_too_few, test_whole_train, test_packed, test_two_folders)
