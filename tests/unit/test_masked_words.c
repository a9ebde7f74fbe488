/* Tests of text/masked-words: documents of every kind of source, splits, packing, masks in batches.
 */
#include <string.h>

#include "data/document_examples.h"
#include "tests/unit/task_world.h"

enum { PAD, UNK, CLS, SEP, MASK, FIRST, WORDS = 26, LENGTH = 16 };

static const enum sbmt_protocol bert = SBMT_PROTOCOL_BERT;

/* A root with a vocabulary of the letters as words. */
struct corpus {
    struct task_world world;
    struct sbmt_tokenizer_config tokenizer;
};

static void make(struct corpus *corpus)
{
    struct sbmt_str text = {0};
    task_world_make(&corpus->world, "text/masked-words");
    sbmt_str_printf(&text, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
    for (int i = 0; i < WORDS; i++)
        sbmt_str_printf(&text, "%c\n", 'a' + i);
    task_world_put(&corpus->world, "vocab.txt", text.text);
    sbmt_str_finish(&text);
    corpus->tokenizer = (struct sbmt_tokenizer_config){
        .folder = corpus->world.temporary.folder, .lower_case = true, .max_length = LENGTH};
    corpus->world.tokenizer = &corpus->tokenizer;
}

enum { SHORTEST = 4, LENGTHS = 40 };

/* Document number `index`: 4 to 43 letters in two lines, the first of which tell it from others. */
static void write_document(struct sbmt_str *text, int index)
{
    const int length = SHORTEST + index * 7 % LENGTHS;
    for (int i = 0; i < length; i++)
        sbmt_str_printf(text, "%s%c", i == 0 ? "" : (i == length / 2 ? "\n" : " "),
                        'a' + (i == 0   ? index
                               : i == 1 ? index / WORDS
                                        : i * i + index) %
                                  WORDS);
}

static enum sbmt_split split_of(int index)
{
    struct sbmt_str text = {0};
    enum sbmt_split split;
    write_document(&text, index);
    ck_assert(sbmt_document_split(text.text, text.length, &split, NULL));
    sbmt_str_finish(&text);
    return split;
}

/* Documents first … first + count − 1 with empty lines between. */
static void put_documents(struct corpus *corpus, const char *name, int first, int count)
{
    struct sbmt_str text = {0};
    for (int i = first; i < first + count; i++) {
        write_document(&text, i);
        sbmt_str_printf(&text, i % 2 == 0 ? "\n\n" : "\r\n \n\n");
    }
    task_world_put(&corpus->world, name, text.text);
    sbmt_str_finish(&text);
}

enum { DOCUMENTS = 1200 };

START_TEST(documents_fill_sequences)
{
    struct corpus corpus;
    make(&corpus);
    task_world_folder(&corpus.world, "text");
    put_documents(&corpus, "text/a.txt", 0, 700);
    put_documents(&corpus, "text/b.txt", 700, DOCUMENTS - 700);
    task_world_put(&corpus.world, "text/notes.md", "passed over");
    int seen[SBMT_SPLIT_COUNT] = {0};
    for (int i = 0; i < DOCUMENTS; i++)
        seen[split_of(i)]++;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        const struct sbmt_examples *examples = task_world_open(&corpus.world, bert,
                                                               (enum sbmt_split)split);
        int64_t words = 0, separators = 0;
        for (int64_t e = 0; e < examples->count; e++) {
            const int64_t begin = examples->offset[e], end = examples->offset[e + 1];
            ck_assert_int_eq(examples->tokens16[begin], CLS);
            ck_assert_int_eq(examples->tokens16[end - 1], SEP);
            ck_assert_int_ne(examples->tokens16[end - 2], SEP);
            ck_assert_int_le(end - begin, LENGTH);
            if (e < examples->count - 1)
                ck_assert_int_ge(end - begin, LENGTH - 1);
            for (int64_t i = begin + 1; i < end - 1; i++) {
                words += examples->tokens16[i] >= FIRST;
                separators += examples->tokens16[i] == SEP;
            }
        }
        int64_t wanted = 0;
        for (int i = 0; i < DOCUMENTS; i++)
            wanted += split_of(i) == (enum sbmt_split)split ? SHORTEST + i * 7 % LENGTHS : 0;
        ck_assert_int_eq(words, wanted);
        ck_assert_int_lt(separators, seen[split]);
        ck_assert_ptr_null(examples->label);
    }
    ck_assert_int_gt(seen[SBMT_SPLIT_DEV], 0);
    ck_assert_int_gt(seen[SBMT_SPLIT_TRAIN], DOCUMENTS * 98 / 100);
    task_world_remove(&corpus.world);
}
END_TEST

START_TEST(sources_of_every_kind_are_the_same)
{
    char digest[SBMT_SHA256_HEX];
    struct corpus corpus;
    make(&corpus);
    task_world_folder(&corpus.world, "text/deep");
    put_documents(&corpus, "text/a.txt", 0, 30);
    put_documents(&corpus, "text/deep/b.txt", 30, 30);
    task_world_open(&corpus.world, bert, SBMT_SPLIT_TRAIN);
    memcpy(digest, corpus.world.dataset.digest, sizeof digest);
    static const char *const changes[] = {
        "gzip text/a.txt",
        "gunzip text/a.txt.gz && tar -czf text.tar.gz text/a.txt text/deep/b.txt && rm -r text"};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        task_world_run(&corpus.world, changes[i]);
        task_world_open(&corpus.world, bert, SBMT_SPLIT_TRAIN);
        ck_assert_str_eq(corpus.world.dataset.digest, digest);
    }
    task_world_remove(&corpus.world);
}
END_TEST

START_TEST(reviews_are_documents)
{
    struct corpus corpus;
    make(&corpus);
    task_world_refuses(&corpus.world, bert, SBMT_SPLIT_TRAIN,
                       "text: not found, nor text.tar.gz, text.tar.xz, text.zip, nor aclImdb or an "
                       "archive of it; put .txt files there, with empty lines between documents");
    task_world_folder(&corpus.world, "aclImdb/train/pos");
    task_world_folder(&corpus.world, "aclImdb/train/unsup");
    task_world_put(&corpus.world, "aclImdb/train/pos/0_9.txt", "a b\n\nc");
    task_world_put(&corpus.world, "aclImdb/train/unsup/0_0.txt", "d e");
    task_world_put(&corpus.world, "aclImdb/README", "x y z");
    task_world_put(&corpus.world, "aclImdb/train/pos/._0_9.txt", "x y z");
    task_world_open(&corpus.world, bert, SBMT_SPLIT_TRAIN);
    task_world_tokens(&corpus.world, 0,
                      (int[]){CLS, FIRST, FIRST + 1, FIRST + 2, SEP, FIRST + 3, FIRST + 4, SEP}, 8);
    task_world_refuses(&corpus.world, bert, SBMT_SPLIT_DEV,
                       "aclImdb: of 2 documents none is of dev, which takes one in 200 by the MD5 "
                       "of its text; more are needed");
    task_world_run(&corpus.world, "rm -r aclImdb/train && mkdir text && touch text/a.txt");
    task_world_refuses(&corpus.world, bert, SBMT_SPLIT_TRAIN, "text: holds no documents");
    task_world_remove(&corpus.world);
}
END_TEST

static void load(struct corpus *corpus, const int64_t *indices, const uint32_t *epochs, int count,
                 struct sbmt_batch *batch)
{
    const struct sbmt_source source = sbmt_dataset_source(&corpus->world.dataset);
    ck_assert(source.load(source.context, indices, epochs, count, batch, &corpus->world.err));
    ck_assert_int_eq(batch->target, SBMT_TARGET_MASKED);
}

/* What one example of a batch is, copied. */
struct view {
    int n, labels;
    int32_t tokens[LENGTH], place[LENGTH], label[LENGTH];
};

static struct view view(const struct sbmt_batch *batch, int example)
{
    struct view view = {0};
    const struct sbmt_sequence sequence = sbmt_batch_sequence(batch, example, 0);
    const struct sbmt_labels labels = sbmt_batch_labels(batch, example);
    view.n = sequence.n;
    view.labels = labels.count;
    memcpy(view.tokens, sequence.tokens, (size_t)sequence.n * 4);
    memcpy(view.label, batch->label + labels.first, (size_t)labels.count * 4);
    memcpy(view.place, batch->place + batch->place_offset[example], (size_t)labels.count * 4);
    return view;
}

START_TEST(masks_follow_epoch_and_example_alone)
{
    struct corpus corpus;
    struct sbmt_batch batch;
    make(&corpus);
    task_world_folder(&corpus.world, "text");
    put_documents(&corpus, "text/a.txt", 0, 200);
    const struct sbmt_examples *examples = task_world_open(&corpus.world, bert, SBMT_SPLIT_TRAIN);
    int64_t labels = 0, alike = 0;
    for (int64_t e = 0; e + 2 < examples->count; e++) {
        load(&corpus, (int64_t[]){e}, NULL, 1, &batch);
        const struct view alone = view(&batch, 0);
        load(&corpus, (int64_t[]){e + 2, e, e}, (uint32_t[]){0, 0, 1}, 3, &batch);
        const struct view among = view(&batch, 1), later = view(&batch, 2);
        ck_assert_mem_eq(&alone, &among, sizeof alone);
        alike += memcmp(&alone, &later, sizeof alone) == 0;
        labels += alone.labels;
        for (int i = 0; i < alone.labels; i++)
            ck_assert_int_eq(alone.label[i],
                             examples->tokens16[examples->offset[e] + alone.place[i]]);
    }
    ck_assert_int_lt(alike, examples->count / 10);
    for (int64_t e = examples->count - 2; e < examples->count; e++) {
        load(&corpus, (int64_t[]){e}, NULL, 1, &batch);
        labels += view(&batch, 0).labels;
    }
    ck_assert(corpus.world.dataset.labelled);
    ck_assert_int_eq(sbmt_dataset_labels(&corpus.world.dataset), labels);
    /* Other masks of train under another seed. */
    load(&corpus, (int64_t[]){1}, NULL, 1, &batch);
    const struct view first = view(&batch, 0);
    corpus.world.seed = 2;
    task_world_open(&corpus.world, bert, SBMT_SPLIT_TRAIN);
    load(&corpus, (int64_t[]){1}, NULL, 1, &batch);
    const struct view other = view(&batch, 0);
    ck_assert_mem_ne(&first, &other, sizeof first);
    task_world_remove(&corpus.world);
}
END_TEST

SBMT_SUITE_MAIN("masked_words", documents_fill_sequences, sources_of_every_kind_are_the_same,
                reviews_are_documents, masks_follow_epoch_and_example_alone)
