/* Tests of reading ListOps files: a real sample, every accepted form, every defect. */
#include <string.h>

#include "core/io/file.h"
#include "data/dataset.h"
#include "data/listops.h"
#include "tests/archives.h"
#include "tests/suite.h"
#include "tests/temporary.h"

/* A data root with listops/basic_val.tsv. */
struct world {
    struct temporary temporary;
    char source[512], notes[2048];
    struct sbmt_log log;
};

static void keep_note(void *context, enum sbmt_log_level level, const char *message)
{
    struct world *world = context;
    const size_t used = strlen(world->notes);
    snprintf(world->notes + used, sizeof world->notes - used, "%s%s\n",
             level == SBMT_LOG_WARNING ? "warning: " : "", message);
}

static void world_make(struct world *world)
{
    *world = (struct world){.temporary = temporary_make()};
    world->log = (struct sbmt_log){.write = keep_note, .context = world};
    ck_assert(sbmt_folder_make(temporary_path(&world->temporary, "listops"), NULL));
    snprintf(world->source, sizeof world->source, "%s/listops/basic_val.tsv",
             world->temporary.folder);
}

static bool world_open(struct world *world, struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_task *task = sbmt_task_find("lra/listops", err);
    ck_assert_ptr_nonnull(task);
    const struct sbmt_data_options options = {.root = world->temporary.folder, .log = &world->log};
    return sbmt_dataset_open(dataset, task, task->forms[SBMT_PROTOCOL_SBM_PAPER], SBMT_SPLIT_DEV,
                             &options, err);
}

START_TEST(test_task)
{
    struct sbmt_error err = {0};
    const struct sbmt_task *task = sbmt_task_find("lra/listops", &err);
    const struct sbmt_form *form = sbmt_task_form(task, SBMT_PROTOCOL_SBM_PAPER, &err);
    ck_assert_int_eq(form->vocab, 16);
    ck_assert_int_eq(form->max_length, 2000);
    ck_assert_int_eq(task->forms[SBMT_PROTOCOL_S4]->vocab, 17);
    ck_assert_int_eq(task->forms[SBMT_PROTOCOL_S4]->max_length, 2048);
    ck_assert_int_eq(task->classes, 10);
    ck_assert_int_eq(task->segments, 1);
    ck_assert_str_eq(task->label_names[9], "9");
    ck_assert_ptr_null(sbmt_task_find("lra/listop", &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message, "unknown task 'lra/listop'; did you mean "
                                              "'lra/listops'?; known tasks: lra/listops"));
}
END_TEST

/* The first 20 rows of a file made by the original generator. The expected values were computed
 * from the file by a few lines of Python: lengths, targets, and h = 31·h + id over the ids. */
START_TEST(test_real_sample)
{
    static const int lengths[20] = {1492, 1138, 1535, 912, 710,  1215, 1228, 1451, 1260, 1325,
                                    1402, 693,  1130, 578, 1960, 991,  755,  978,  870,  1083};
    static const int targets[20] = {5, 5, 4, 0, 8, 3, 6, 4, 7, 0, 1, 0, 9, 7, 7, 9, 2, 2, 3, 6};
    static const uint32_t hashes[20] = {0xbfc008a2, 0xd0cdf44d, 0x580bf566, 0xc9487f41, 0xf80b468d,
                                        0xdaf2dbe7, 0x482c76c3, 0x78835951, 0x9f4482cd, 0xf39b8c17,
                                        0x6cb3b788, 0x8857fac1, 0x43fb3aae, 0x01748dd1, 0x3ff8ab7e,
                                        0x59f22a03, 0xae0ed4f2, 0xa695196a, 0x7a508fce, 0x3f71f26a};
    static const uint8_t first[24] = {3, 3, 4,  2, 13, 10, 7,  11, 11, 3,  3,  1,
                                      4, 1, 13, 9, 6,  8,  15, 8,  7,  14, 15, 10};
    struct world world;
    world_make(&world);
    size_t size;
    char *bytes = temporary_get(UNIT_DATA "/listops/basic_val.tsv.gz", &size);
    temporary_put(temporary_path(&world.temporary, "listops/basic_val.tsv.gz"), bytes, size);
    free(bytes);
    struct sbmt_dataset dataset;
    struct sbmt_error err = {0};
    ck_assert_msg(world_open(&world, &dataset, &err), "%s", err.message);
    const struct sbmt_examples *examples = &dataset.examples;
    ck_assert_int_eq(examples->count, 20);
    ck_assert_int_eq(dataset.longest, 1960);
    ck_assert_ptr_null(examples->tokens16);
    ck_assert_mem_eq(examples->tokens8, first, sizeof first);
    for (int e = 0; e < 20; e++) {
        ck_assert_int_eq(examples->offset[e + 1] - examples->offset[e], lengths[e]);
        ck_assert_int_eq(examples->label[e], targets[e]);
        uint32_t hash = 0;
        for (int64_t i = examples->offset[e]; i < examples->offset[e + 1]; i++)
            hash = hash * 31 + examples->tokens8[i];
        ck_assert_uint_eq(hash, hashes[e]);
    }
    int64_t histogram[10];
    sbmt_dataset_histogram(&dataset, histogram);
    static const int64_t occurs[10] = {3, 1, 2, 2, 2, 2, 2, 3, 1, 2};
    ck_assert_mem_eq(histogram, occurs, sizeof occurs);
    ck_assert_ptr_nonnull(strstr(world.notes, "basic_val.tsv.gz, dev: 20 examples, 22706 words\n"));
    sbmt_dataset_close(&dataset);
    temporary_remove(&world.temporary);
}
END_TEST

/* The row that every source of the next test holds, and the tokens in it. */
static const char one_row[] = "Source\tTarget\r\n[MIN 2 1 ]\t1\r\n";

static void assert_row(struct world *world, const char *source)
{
    struct sbmt_dataset dataset;
    struct sbmt_error err = {0};
    char wanted[1100];
    world->notes[0] = '\0';
    ck_assert_msg(world_open(world, &dataset, &err), "%s", err.message);
    snprintf(wanted, sizeof wanted, "%s/%s, dev: 1 examples, 4 words\n", world->temporary.folder,
             source);
    ck_assert_msg(strstr(world->notes, wanted) != NULL, "%s", world->notes);
    ck_assert_str_eq(sbmt_safetensors_metadata(&dataset.file, "source"), source);
    sbmt_dataset_close(&dataset);
}

/* Each place is found although those below it in the list are there as well. */
START_TEST(test_places)
{
    static const char member[] = "lra_release/lra_release/listops-1000/basic_val.tsv";
    const struct member members[] = {
        TEXT("lra_release/lra_release/listops-1000/basic_test.tsv", ""), TEXT(member, one_row)};
    struct world world;
    world_make(&world);
    struct temporary *temporary = &world.temporary;
    archives_put(temporary_path(temporary, "lra_release.gz"), "gnutar", "gzip", members, 2);
    assert_row(&world, "lra_release.gz");
    archives_put(temporary_path(temporary, "lra_release.tar.gz"), "gnutar", "gzip", members, 2);
    assert_row(&world, "lra_release.tar.gz");
    ck_assert(
        sbmt_folder_make(temporary_path(temporary, "lra_release/lra_release/listops-1000"), NULL));
    temporary_text(temporary_path(temporary, member), one_row);
    assert_row(&world, member);
    archives_compress(temporary_path(temporary, "listops/basic_val.tsv.xz"), "xz", one_row,
                      sizeof one_row - 1);
    assert_row(&world, "listops/basic_val.tsv.xz");
    temporary_remove(temporary);
}
END_TEST

/* A defect in an archive is named by archive, member and line. */
START_TEST(test_defect_in_archive)
{
    const struct member members[] = {
        TEXT("listops-1000/basic_val.tsv", "Source\tTarget\n[MIN 1\n")};
    struct world world;
    world_make(&world);
    archives_put(temporary_path(&world.temporary, "lra_release.tar.gz"), "gnutar", "gzip", members,
                 1);
    struct sbmt_dataset dataset;
    struct sbmt_error err = {0};
    char wanted[1100];
    ck_assert(!world_open(&world, &dataset, &err));
    snprintf(wanted, sizeof wanted,
             "%s/lra_release.tar.gz:listops-1000/basic_val.tsv:2:", world.temporary.folder);
    ck_assert_int_eq(strncmp(err.message, wanted, strlen(wanted)), 0);
    temporary_remove(&world.temporary);
}
END_TEST

/* Opens a file of this text and compares the ids of its first expression. */
static void assert_ids(const char *text, const uint8_t *ids, int count, int label)
{
    struct world world;
    world_make(&world);
    temporary_text(world.source, text);
    struct sbmt_dataset dataset;
    struct sbmt_error err = {0};
    ck_assert_msg(world_open(&world, &dataset, &err), "%s", err.message);
    ck_assert_int_eq(dataset.examples.offset[1], count);
    ck_assert_mem_eq(dataset.examples.tokens8, ids, (size_t)count);
    ck_assert_int_eq(dataset.examples.label[0], label);
    sbmt_dataset_close(&dataset);
    temporary_remove(&world.temporary);
}

START_TEST(test_accepted_forms)
{
    static const uint8_t ids[] = {2, 1, 15, 5, 3, 4, 6, 5, 12, 5, 5};
    assert_ids("Source\tTarget\r\n( ( [MAX [MIN 9 ) ] [MED [SM 0 ) ] 6 ] ]\t9\r\n", ids, 11, 9);
    assert_ids("Source\tTarget\n[MAX [MIN 9 X [MED [SM 0 X 6 ] X\t9\n", ids, 11, 9);
    assert_ids("\xEF\xBB\xBFSource\tTarget\n[MAX [MIN 9 X [MED [SM 0 X 6 ] X\t9\n", ids, 11, 9);
    /* Spaces and parentheses in unusual places. */
    assert_ids("Source\tTarget\n  ([MAX)  [MIN (9) ] [M(ED [SM (( 0 ] 6 ) ] )] \t9", ids, 11, 9);
    static const uint8_t digit[] = {9};
    assert_ids("Source\tTarget\n3\t3\n", digit, 1, 3);
}
END_TEST

static void assert_refused(const char *text, const char *place, const char *wanted)
{
    struct world world;
    world_make(&world);
    temporary_text(world.source, text);
    struct sbmt_dataset dataset;
    struct sbmt_error err = {0};
    ck_assert_msg(!world_open(&world, &dataset, &err), "accepted: %s", text);
    sbmt_dataset_close(&dataset);
    char message[1024];
    snprintf(message, sizeof message, "%s%s: %s", world.source, place, wanted);
    ck_assert_str_eq(err.message, message);
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    /* Nothing half-made stays. */
    ck_assert_int_eq(temporary_count(temporary_path(&world.temporary, "prepared")), 0);
    temporary_remove(&world.temporary);
}

#define HEADER "Source\tTarget\r\n"

START_TEST(test_defects)
{
    assert_refused("", ":1:1", "the file is empty; expected the header Source<TAB>Target");
    assert_refused("Source,Target\n", ":1:1",
                   "expected the header Source<TAB>Target, not 'Source,Target'");
    assert_refused("[MIN 1 2 ]\t1\n", ":1:1",
                   "expected the header Source<TAB>Target, not '[MIN 1 2 ]?1'");
    assert_refused(HEADER, ":2:1", "there are no rows after the header");
    assert_refused(HEADER "[MIN 1 2 ]\t1\r\n[MIN 1 2 ]\r\n", ":3:11",
                   "the column Target is missing (no tab in this line)");
    assert_refused(HEADER "\r\n", ":2:1", "the column Target is missing (no tab in this line)");
    assert_refused(HEADER "1\t1\t1\r\n", ":2:5", "a third column; expected Source and Target only");
    assert_refused(HEADER "\t1\r\n", ":2:1", "the expression is empty");
    assert_refused(HEADER "( )\t1\r\n", ":2:1", "the expression is empty");
    static const char bad_target[] = "the target must be a digit, not ";
    char wanted[100];
    snprintf(wanted, sizeof wanted, "%s'10'", bad_target);
    assert_refused(HEADER "[MIN 1 2 ]\t10\r\n", ":2:12", wanted);
    snprintf(wanted, sizeof wanted, "%s''", bad_target);
    assert_refused(HEADER "[MIN 1 2 ]\t\r\n", ":2:12", wanted);
    snprintf(wanted, sizeof wanted, "%s'-'", bad_target);
    assert_refused(HEADER "[MIN 1 2 ]\t-\r\n", ":2:12", wanted);
}
END_TEST

/* What the words are and how they stand, and the value that the row says. */
START_TEST(test_wrong_expressions)
{
    assert_refused(HEADER "[MAX 1 2 ]\t2\r\n( [MAX 1 [MIN 2 ]\t1\r\n", ":3:3",
                   "the closing bracket is missing of '[MAX'");
    assert_refused(HEADER "[MAX 1 [MIN 2 3\t1\r\n", ":2:8",
                   "the closing bracket is missing of '[MIN'");
    assert_refused(HEADER "] ] ] 3\t7\r\n", ":2:1", "no operator is open before ']'");
    assert_refused(HEADER "[MIN 3 ] ]\t3\r\n", ":2:10", "the expression has ended before ']'");
    assert_refused(HEADER "3 4\t3\r\n", ":2:3", "the expression has ended before '4'");
    assert_refused(HEADER "[MED ]\t0\r\n", ":2:6", "the operator has no arguments before ']'");
    static const char not [] = "the target is 9, but the value of the expression is ";
    static const struct {
        const char *expression;
        int value;
    } values[] = {{"[MAX 1 2 ]", 2},       {"[MIN 1 2 ]", 1},
                  {"[SM 8 5 ]", 3},        {"[MED 1 4 ]", 2},
                  {"[MED 5 1 3 ]", 3},     {"[MED 8 0 7 2 ]", 4},
                  {"( [MED 7 7 1 ) ]", 7}, {"[SM [MAX 3 4 ] [MIN 7 ] ]", 1}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char row[100], place[40], wanted[100];
        snprintf(row, sizeof row, HEADER "%s\t9\r\n", values[i].expression);
        snprintf(place, sizeof place, ":2:%zu", strlen(values[i].expression) + 2);
        snprintf(wanted, sizeof wanted, "%s%d", not, values[i].value);
        assert_refused(row, place, wanted);
    }
}
END_TEST

/* However deep; what no stack would hold is refused. */
START_TEST(test_deep)
{
    enum { MOST = 1 << 16 };
    struct world world;
    struct sbmt_dataset dataset;
    struct sbmt_error err = {0};
    char wanted[700];
    world_make(&world);
    for (int more = 0; more < 2; more++) {
        FILE *file = fopen(world.source, "w");
        fputs(HEADER, file);
        for (int i = 0; i < MOST + more; i++)
            fputs("[SM ", file);
        fputs("7 ", file);
        for (int i = 0; i < MOST + more; i++)
            fputs("] ", file);
        fputs("\t7\r\n", file);
        fclose(file);
        ck_assert_msg(world_open(&world, &dataset, &err) == (more == 0), "%s", err.message);
        sbmt_dataset_close(&dataset);
    }
    snprintf(wanted, sizeof wanted, "%s:2:%d: more than %d operators are open before '[SM'",
             world.source, 4 * MOST + 1, MOST);
    ck_assert_str_eq(err.message, wanted);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_unknown_tokens)
{
    assert_refused(HEADER "[MIN 1 2 ]\t1\r\n( [MIN 1 ) [AVG 2 ]\t1\r\n", ":3:12",
                   "unknown token '[AVG'");
    assert_refused(HEADER "[MIN 10 2 ]\t1\r\n", ":2:6", "unknown token '10'");
    assert_refused(HEADER "[MINI 1 2 ]\t1\r\n", ":2:1", "unknown token '[MINI'");
    assert_refused(HEADER "[MIN1 2 ]\t1\r\n", ":2:1", "unknown token '[MIN1'");
    assert_refused(HEADER "[min 1 2 ]\t1\r\n", ":2:1", "unknown token '[min'");
    assert_refused(HEADER "[MAX 1 \x01\x02\t1\r\n", ":2:8", "unknown token '?\?'");
    assert_refused(HEADER "[SM abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\t1\r\n", ":2:5",
                   "unknown token 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn…'");
}
END_TEST

/* 2000 tokens stay, what follows is cut and counted. */
START_TEST(test_cut)
{
    struct world world;
    world_make(&world);
    FILE *file = fopen(world.source, "w");
    fputs(HEADER, file);
    for (int row = 0; row < 2; row++) {
        fputs("[MAX ", file);
        for (int i = 0; i < 1998 + 3 * row; i++)
            fprintf(file, "%d ", i % 10);
        fputs("]\t9\r\n", file);
    }
    fclose(file);
    struct sbmt_dataset dataset;
    struct sbmt_error err = {0};
    ck_assert_msg(world_open(&world, &dataset, &err), "%s", err.message);
    ck_assert_int_eq(dataset.examples.offset[1], 2000);
    ck_assert_int_eq(dataset.examples.offset[2], 4000);
    char wanted[700];
    snprintf(wanted, sizeof wanted,
             "%s, dev: 2 examples, 4000 words, 1 sequences cut to 2000 words\n", world.source);
    ck_assert_ptr_nonnull(strstr(world.notes, wanted));
    sbmt_dataset_close(&dataset);
    temporary_remove(&world.temporary);
}
END_TEST

START_TEST(test_missing_file)
{
    struct world world;
    world_make(&world);
    struct sbmt_dataset dataset;
    struct sbmt_error err = {0};
    char wanted[1024];
    ck_assert(!world_open(&world, &dataset, &err));
    snprintf(
        wanted, sizeof wanted,
        "%s: not found (nor the same with .gz or .xz, nor lra_release.gz or .tar.gz); --data DIR "
        "or "
        "SBMT_DATA set the data root, and 'sbmt data generate listops --out DIR' makes such files",
        world.source);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    temporary_remove(&world.temporary);
}
END_TEST

SBMT_SUITE_MAIN("listops", test_task, test_real_sample, test_places, test_defect_in_archive,
                test_accepted_forms, test_defects, test_unknown_tokens, test_wrong_expressions,
                test_deep, test_cut, test_missing_file)
