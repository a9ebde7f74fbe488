/* Tests of the files of GLUE: columns, labels, and every quirk that they are known for. */
#include <string.h>

#include "data/glue/files.h"
#include "data/text_survey.h"
#include "tests/unit/task_world.h"
#include "tests/unit/tokens.h"

enum { CLS = 101, SEP = 102, HELLO = 7592, WORLD = 2088 };

static const enum sbmt_protocol bert = SBMT_PROTOCOL_BERT;

/* A root with a vocabulary and an empty folder of a task. */
struct glue {
    struct task_world world;
    char vocabulary[512];
    struct sbmt_tokenizer_config tokenizer;
};

static void make(struct glue *glue, const char *task, const char *folder)
{
    char name[64];
    task_world_make(&glue->world, task);
    snprintf(glue->vocabulary, sizeof glue->vocabulary, "%s",
             temporary_path(&glue->world.temporary, "vocab.txt"));
    tokens_write_bert(glue->vocabulary);
    glue->tokenizer = (struct sbmt_tokenizer_config){
        .folder = glue->world.temporary.folder, .lower_case = true, .max_length = 128};
    glue->world.tokenizer = &glue->tokenizer;
    snprintf(name, sizeof name, "glue/%s", folder);
    task_world_folder(&glue->world, name);
}

/* How many examples there are, and their labels as digits, '-' for none. */
static void assert_labels(const struct glue *glue, const char *wanted)
{
    const struct sbmt_examples *examples = &glue->world.dataset.examples;
    ck_assert_int_eq(examples->count, (int64_t)strlen(wanted));
    for (int64_t e = 0; e < examples->count; e++)
        ck_assert_int_eq(examples->label[e], wanted[e] == '-' ? -1 : wanted[e] - '0');
    ck_assert_int_eq(glue->world.dataset.labelled, wanted[0] != '-');
}

/* What reading found, as words. */
static struct sbmt_text_file survey(struct glue *glue, enum sbmt_split split)
{
    struct sbmt_text_survey survey;
    struct sbmt_error err = {0};
    const struct sbmt_text_query query = {.root = glue->world.temporary.folder, .split = split};
    ck_assert_msg(sbmt_text_survey_take(&survey, glue->world.task, &query, NULL, 128, &err), "%s",
                  err.message);
    sbmt_text_survey_finish(&survey);
    return survey.file;
}

START_TEST(cola_has_a_header_in_test_alone)
{
    struct glue glue;
    make(&glue, "glue/cola", "CoLA");
    task_world_put(&glue.world, "glue/CoLA/train.tsv",
                   "gj04\t1\t\tHello world\ngj04\t0\t*\tWorld world hello\n");
    task_world_put(&glue.world, "glue/CoLA/dev.tsv", "gj04\t1\t\tHello\ngj04\t0\t*\tWorld");
    task_world_put(&glue.world, "glue/CoLA/test.tsv", "index\tsentence\n0\tHello\n1\tWorld\n");
    task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    assert_labels(&glue, "10");
    task_world_tokens(&glue.world, 0, (int[]){CLS, HELLO, WORLD, SEP}, 4);
    task_world_tokens(&glue.world, 1, (int[]){CLS, WORLD, WORLD, HELLO, SEP}, 5);
    ck_assert_str_eq(glue.world.notes,
                     "warning: glue/CoLA/train.tsv: has 2 rows; the official file has 8551, and "
                     "results do not compare\n"
                     "glue/CoLA/train.tsv, train: 2 examples, 9 tokens, 0 cut to 128\n");
    task_world_open(&glue.world, bert, SBMT_SPLIT_DEV);
    assert_labels(&glue, "10");
    task_world_tokens(&glue.world, 1, (int[]){CLS, WORLD, SEP}, 3);
    ck_assert(survey(&glue, SBMT_SPLIT_DEV).unended);
    ck_assert(!survey(&glue, SBMT_SPLIT_TRAIN).unended);
    task_world_open(&glue.world, bert, SBMT_SPLIT_TEST);
    assert_labels(&glue, "--");
    task_world_tokens(&glue.world, 0, (int[]){CLS, HELLO, SEP}, 3);
    int64_t histogram[2];
    sbmt_dataset_histogram(&glue.world.dataset, histogram);
    ck_assert_int_eq(histogram[0] + histogram[1], 0);
    /* To the engine, which knows classes alone, they are the first. */
    struct sbmt_batch batch;
    const struct sbmt_source source = sbmt_dataset_source(&glue.world.dataset);
    ck_assert(source.load(source.context, (int64_t[]){1}, NULL, 1, &batch, &glue.world.err));
    ck_assert_int_eq(batch.label[0], 0);
    task_world_remove(&glue.world);
}
END_TEST

START_TEST(quotes_are_characters)
{
    struct glue glue;
    make(&glue, "glue/sst-2", "SST-2");
    task_world_put(&glue.world, "glue/SST-2/train.tsv",
                   "sentence\tlabel\n\"hello\t1\nworld\t0\nhello \" world\t1\n\"world\"\t0\n");
    task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    assert_labels(&glue, "1010");
    /* The quote of line 2 is closed in line 4 only. */
    ck_assert_int_eq(survey(&glue, SBMT_SPLIT_TRAIN).quote_lost, 2);
    task_world_put(&glue.world, "glue/SST-2/train.tsv", "sentence\tlabel\r\nhello\t1\r\n");
    task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    assert_labels(&glue, "1");
    task_world_remove(&glue.world);
}
END_TEST

#define MRPC_HEADER "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n"

START_TEST(mrpc_begins_with_a_byte_order_mark)
{
    struct glue glue;
    make(&glue, "glue/mrpc", "MRPC");
    task_world_put(&glue.world, "glue/MRPC/train.tsv",
                   "\xEF\xBB\xBF" MRPC_HEADER "1\t7\t8\thello\tworld\n");
    task_world_put(&glue.world, "glue/MRPC/test.tsv",
                   "index\t#1 ID\t#2 ID\t#1 String\t#2 String\n0\t7\t8\tworld\thello\n");
    task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    assert_labels(&glue, "1");
    task_world_tokens(&glue.world, 0, (int[]){CLS, HELLO, SEP, WORLD, SEP}, 5);
    ck_assert(survey(&glue, SBMT_SPLIT_TRAIN).byte_order_mark);
    task_world_open(&glue.world, bert, SBMT_SPLIT_TEST);
    assert_labels(&glue, "-");
    ck_assert(!survey(&glue, SBMT_SPLIT_TEST).byte_order_mark);
    task_world_remove(&glue.world);
}
END_TEST

START_TEST(mrpc_as_microsoft_ships_it)
{
    struct glue glue;
    make(&glue, "glue/mrpc", "MRPC");
    task_world_put(&glue.world, "glue/MRPC/msr_paraphrase_train.txt",
                   "\xEF\xBB\xBF" MRPC_HEADER "1\t7\t8\thello\tworld\n0\t1\t2\tworld\tworld\n"
                   "0\t17\t8\thello\thello\n");
    task_world_put(&glue.world, "glue/MRPC/msr_paraphrase_test.txt",
                   "\xEF\xBB\xBF" MRPC_HEADER "1\t3\t4\tworld\thello\n");
    task_world_refuses(&glue.world, bert, SBMT_SPLIT_DEV,
                       "glue/MRPC/dev_ids.tsv: not found; it says which pairs of "
                       "MRPC/msr_paraphrase_train.txt are for dev, and mrpc_dev_ids.tsv of GLUE's "
                       "servers is good as well");
    task_world_put(&glue.world, "glue/MRPC/mrpc_dev_ids.tsv", "1\t2\n7\t8\n");
    task_world_open(&glue.world, bert, SBMT_SPLIT_DEV);
    assert_labels(&glue, "10");
    /* The pair 17, 8 ends as 7, 8 does, and is another. */
    task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    assert_labels(&glue, "0");
    task_world_tokens(&glue.world, 0, (int[]){CLS, HELLO, SEP, HELLO, SEP}, 5);
    /* Its labels are not those of a test, unless asked for. */
    task_world_open(&glue.world, bert, SBMT_SPLIT_TEST);
    assert_labels(&glue, "-");
    glue.world.files.test = "msr_paraphrase_test.txt";
    task_world_open(&glue.world, bert, SBMT_SPLIT_TEST);
    assert_labels(&glue, "1");
    task_world_remove(&glue.world);
}
END_TEST

#define STS_B "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2"

START_TEST(sts_b_has_scores)
{
    struct glue glue;
    make(&glue, "glue/sts-b", "STS-B");
    task_world_put(&glue.world, "glue/STS-B/train.tsv",
                   STS_B "\tscore\n0\tg\tf\ty\t1\tn\tn\thello\tworld\t5.000\n"
                         "1\tg\tf\ty\t1\tn\tn\thello\tworld\t5.001\n"
                         "2\tg\tf\ty\t1\tn\tn\thello\tworld\tx\n"
                         "3\tg\tf\ty\t1\tn\tn\tworld\tworld\t1.25\n");
    task_world_put(&glue.world, "glue/STS-B/test.tsv",
                   STS_B "\n0\tg\tf\ty\t1\tn\tn\thello\tworld\n");
    const struct sbmt_examples *examples = task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    ck_assert_int_eq(examples->count, 2);
    ck_assert_ptr_null(examples->label);
    ck_assert_double_eq(examples->score[0], 5);
    ck_assert_double_eq(examples->score[1], 1.25);
    ck_assert_ptr_nonnull(strstr(glue.world.notes,
                                 "warning: glue/STS-B/train.tsv:3: '5.001' in column 10 is not a "
                                 "score from 0 to 5; broken rows are left out, 2 in all\n"));
    struct sbmt_batch batch;
    const struct sbmt_source source = sbmt_dataset_source(&glue.world.dataset);
    ck_assert(source.load(source.context, (int64_t[]){1, 0}, NULL, 2, &batch, &glue.world.err));
    ck_assert_int_eq(batch.target, SBMT_TARGET_SCORE);
    ck_assert_double_eq(batch.score[0], 0.25);
    ck_assert_double_eq(batch.score[1], 1);
    ck_assert_ptr_null(batch.label);
    examples = task_world_open(&glue.world, bert, SBMT_SPLIT_TEST);
    ck_assert_double_eq(examples->score[0], -1);
    ck_assert(!glue.world.dataset.labelled);
    task_world_remove(&glue.world);
}
END_TEST

/* The benchmark's own file, without a header, has two columns more in some rows. */
START_TEST(sts_b_with_its_answers)
{
    struct glue glue;
    make(&glue, "glue/sts-b", "STS-B");
    task_world_put(&glue.world, "glue/STS-B/sts-test.tsv",
                   "g\tf\ty\t0024\t2.500\thello\tworld\ng\tf\ty\t1\t0\tworld\thello\tlicence\tl\n");
    glue.world.files.test = "sts-test.tsv";
    const struct sbmt_examples *examples = task_world_open(&glue.world, bert, SBMT_SPLIT_TEST);
    ck_assert_int_eq(examples->count, 2);
    ck_assert_double_eq(examples->score[0], 2.5);
    ck_assert(glue.world.dataset.labelled);
    task_world_tokens(&glue.world, 1, (int[]){CLS, WORLD, SEP, HELLO, SEP}, 5);
    task_world_remove(&glue.world);
}
END_TEST

#define QQP_HEADER "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"

START_TEST(qqp_has_broken_rows)
{
    struct glue glue;
    make(&glue, "glue/qqp", "QQP");
    task_world_put(&glue.world, "glue/QQP/train.tsv",
                   QQP_HEADER
                   "1\t2\t3\thello\tworld\t1\n2\t3\t4\thel\nlo\tworld\t1\n"
                   "3\t4\t5\tworld\tworld\t0\n4\t5\t6\thello\t\t2\n5\t6\t7\thello\t\t1\n");
    task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    assert_labels(&glue, "101");
    ck_assert_ptr_nonnull(strstr(glue.world.notes,
                                 "warning: glue/QQP/train.tsv:3: has 4 columns; expected 6; broken "
                                 "rows are left out, 3 in all\n"));
    /* An empty question is a question. */
    task_world_tokens(&glue.world, 2, (int[]){CLS, HELLO, SEP, SEP}, 4);
    task_world_put(&glue.world, "glue/QQP/test.tsv",
                   "id\tquestion1\tquestion2\n0\thello\tworld\n1\thel\nlo\tworld\n");
    task_world_refuses(&glue.world, bert, SBMT_SPLIT_TEST,
                       "glue/QQP/test.tsv:3: has 2 columns; expected 3");
    task_world_remove(&glue.world);
}
END_TEST

#define MNLI "index\tpromptID\tpairID\tgenre\tp1\tp2\tp3\tp4\tsentence1\tsentence2\tlabel1"
#define MNLI_ROW "0\t-\t-\t-\t-\t-\t-\t-\thello\tworld"

START_TEST(mnli_goes_by_the_names_of_its_labels)
{
    struct glue glue;
    make(&glue, "glue/mnli", "MNLI");
    task_world_put(&glue.world, "glue/MNLI/train.tsv",
                   MNLI "\tgold_label\n" MNLI_ROW "\t-\tneutral\n" MNLI_ROW
                        "\t-\tcontradiction\n" MNLI_ROW "\tneutral\tentailment\n");
    task_world_put(&glue.world, "glue/MNLI/dev_matched.tsv",
                   MNLI "\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label\n" MNLI_ROW
                        "\tneutral\t-\t-\t-\t-\tentailment\n");
    task_world_put(&glue.world, "glue/MNLI/dev_mismatched.tsv",
                   MNLI "\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label\n" MNLI_ROW
                        "\tneutral\t-\t-\t-\t-\tcontradiction\n");
    task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    assert_labels(&glue, "201");
    const char *const *names = glue.world.task->label_names;
    ck_assert_str_eq(names[0], "contradiction");
    ck_assert_str_eq(names[1], "entailment");
    ck_assert_str_eq(names[2], "neutral");
    task_world_open(&glue.world, bert, SBMT_SPLIT_DEV);
    assert_labels(&glue, "1");
    glue.world.task = sbmt_task_find("glue/mnli-mm", NULL);
    task_world_open(&glue.world, bert, SBMT_SPLIT_DEV);
    assert_labels(&glue, "0");
    task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    assert_labels(&glue, "201");
    task_world_folder(&glue.world, "glue/diagnostic");
    task_world_put(&glue.world, "glue/diagnostic/diagnostic.tsv",
                   "index\tsentence1\tsentence2\n0\thello\tworld");
    glue.world.task = sbmt_task_find("glue/ax", NULL);
    task_world_open(&glue.world, bert, SBMT_SPLIT_TEST);
    assert_labels(&glue, "-");
    task_world_remove(&glue.world);
}
END_TEST

START_TEST(the_first_version_of_qnli_is_refused)
{
    struct glue glue;
    make(&glue, "glue/qnli", "QNLI");
    struct sbmt_str text = {0};
    sbmt_str_printf(&text, "index\tquestion\tsentence\tlabel\n");
    for (int i = 0; i < 5463; i++)
        sbmt_str_printf(&text, "%d\thello\tworld\tnot_entailment\n", i);
    task_world_put(&glue.world, "glue/QNLI/dev.tsv", text.text);
    const struct sbmt_examples *examples = task_world_open(&glue.world, bert, SBMT_SPLIT_DEV);
    ck_assert_int_eq(examples->count, 5463);
    ck_assert_int_eq(examples->label[0], 1);
    ck_assert_ptr_null(strstr(glue.world.notes, "official"));
    sbmt_str_printf(&text, "5463\thello\tworld\tentailment\n");
    task_world_put(&glue.world, "glue/QNLI/dev.tsv", text.text);
    task_world_refuses(&glue.world, bert, SBMT_SPLIT_DEV,
                       "glue/QNLI/dev.tsv: has 5464 rows; the official file has 5463: this is "
                       "QNLI's version 1, whose results do not compare; get QNLIv2.zip");
    sbmt_str_finish(&text);
    task_world_remove(&glue.world);
}
END_TEST

START_TEST(bad_files_are_errors)
{
    struct glue glue;
    make(&glue, "glue/rte", "RTE");
    task_world_refuses(&glue.world, bert, SBMT_SPLIT_TRAIN,
                       "glue/RTE/train.tsv: not found, nor the same with .gz or .xz; "
                       "gluebenchmark.com/tasks has the official files, and files.train names "
                       "another one of this folder");
    task_world_put(&glue.world, "glue/RTE/train.tsv", "");
    task_world_refuses(&glue.world, bert, SBMT_SPLIT_TRAIN, "glue/RTE/train.tsv: is empty");
    task_world_put(&glue.world, "glue/RTE/train.tsv", "index\tsentence1\tsentence2\tlabel\n");
    task_world_refuses(&glue.world, bert, SBMT_SPLIT_TRAIN,
                       "glue/RTE/train.tsv: holds no examples");
    task_world_put(&glue.world, "glue/RTE/train.tsv", "index\tsentence1\tsentence2\n0\ta\tb\n");
    task_world_refuses(&glue.world, bert, SBMT_SPLIT_TRAIN,
                       "glue/RTE/train.tsv:1: no column is called 'label': is this the file of a "
                       "test?");
    task_world_put(&glue.world, "glue/RTE/train.tsv", "sentence1,sentence2,label\n");
    task_world_refuses(&glue.world, bert, SBMT_SPLIT_TRAIN,
                       "glue/RTE/train.tsv:1: no column is called 'sentence1', or none "
                       "'sentence2'");
    glue.tokenizer.folder = NULL;
    ck_assert(!task_world_try(&glue.world, bert, SBMT_SPLIT_TRAIN));
    ck_assert_int_eq(glue.world.err.kind, SBMT_ERROR_CONFIG);
    ck_assert_str_eq(glue.world.err.message,
                     "tokenizer.folder: is not set, and this task reads texts; name the folder of "
                     "a vocabulary");
    task_world_remove(&glue.world);
}
END_TEST

/* The published ids of a pair; types; a cut; another file by name; an archive. */
START_TEST(pairs_become_tokens)
{
    struct glue glue;
    make(&glue, "glue/wnli", "WNLI");
    static const char text[] = "index\tsentence1\tsentence2\tlabel\n0\thello\tworld\t1\n"
                               "1\tworld hello world hello world\tworld hello world\t0\n";
    task_world_put(&glue.world, "glue/WNLI/part.tsv", text);
    glue.world.files.train = "part.tsv";
    glue.tokenizer.max_length = 8;
    const struct sbmt_examples *examples = task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    task_world_tokens(&glue.world, 0, (int[]){CLS, HELLO, SEP, WORLD, SEP}, 5);
    task_world_tokens(&glue.world, 1, (int[]){CLS, WORLD, HELLO, WORLD, SEP, WORLD, HELLO, SEP}, 8);
    ck_assert_int_eq(examples->source_length[0], 5);
    ck_assert_int_eq(examples->source_length[1], 11);
    ck_assert_ptr_nonnull(strstr(glue.world.notes, "2 examples, 13 tokens, 1 cut to 8\n"));
    ck_assert_int_eq(glue.world.dataset.vocab, TOKENS_BERT);
    struct sbmt_batch batch;
    const struct sbmt_source source = sbmt_dataset_source(&glue.world.dataset);
    ck_assert(source.load(source.context, (int64_t[]){1, 0}, NULL, 2, &batch, &glue.world.err));
    static const int32_t types[] = {0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1};
    ck_assert_int_eq(batch.offset[2], 13);
    ck_assert_mem_eq(batch.type, types, sizeof types);
    ck_assert_int_eq(batch.label[0], 0);
    ck_assert_int_eq(batch.label[1], 1);
    char digest[SBMT_SHA256_HEX];
    memcpy(digest, glue.world.dataset.digest, sizeof digest);
    task_world_run(&glue.world, "mv glue/WNLI/part.tsv glue/WNLI/train.tsv && tar -czf glue.tar.gz "
                                "glue && rm -r glue");
    glue.world.files.train = NULL;
    task_world_open(&glue.world, bert, SBMT_SPLIT_TRAIN);
    ck_assert_str_eq(glue.world.dataset.digest, digest);
    task_world_remove(&glue.world);
}
END_TEST

SBMT_SUITE_MAIN("glue", cola_has_a_header_in_test_alone, quotes_are_characters,
                mrpc_begins_with_a_byte_order_mark, mrpc_as_microsoft_ships_it, sts_b_has_scores,
                sts_b_with_its_answers, qqp_has_broken_rows, mnli_goes_by_the_names_of_its_labels,
                the_first_version_of_qnli_is_refused, bad_files_are_errors, pairs_become_tokens)
