/* Tests of reading pairs of papers: rows, both ways of reading, every defect and every kind of dirt
 * that is only warned about. */
#include "core/io/utf8.h"
#include "data/text_form.h"
#include "tests/unit/task_world.h"

#define TRAIN "aan/new_aan_pairs.train.tsv"
#define EVAL "aan/new_aan_pairs.eval.tsv"
#define TEST "aan/new_aan_pairs.test.tsv"

static void aan_make(struct task_world *world)
{
    task_world_make(world, "lra/retrieval");
    task_world_folder(world, "aan");
    task_world_put(world, TRAIN, "1.0\tP1\tP2\tab\tb\xC3\xA9\n0.0\tP1\tP3\ta\t\"c\n");
    task_world_put(world, EVAL, "1\tQ1\tQ2\tza\t\"\n0.000\tQ1\tQ3\tb\ta\r\n0\tQ3\tQ1\ta\tb\n");
    task_world_put(world, TEST, "0.0\tR1\tR2\te\te\n");
}

START_TEST(test_bytes)
{
    struct task_world world;
    aan_make(&world);
    for (int p = 0; p < SBMT_PROTOCOL_S4; p++)
        ck_assert_str_eq(world.task->forms[p]->name, "bytes-4000");
    const struct sbmt_examples *examples = task_world_open(&world, SBMT_PROTOCOL_SBM_PAPER,
                                                           SBMT_SPLIT_DEV);
    /* Each file by itself, when it is asked for. */
    ck_assert_str_eq(world.notes, EVAL ": preparing\n" EVAL ", dev: 3 examples, 7 bytes\n");
    ck_assert_int_eq(examples->count, 3);
    ck_assert_int_eq(world.dataset.vocab, 257);
    static const int32_t labels[] = {1, 0, 0};
    ck_assert_mem_eq(examples->label, labels, sizeof labels);
    task_world_tokens(&world, 0, (const int[]){123, 98}, 2);
    task_world_tokens(&world, 1, (const int[]){35}, 1);
    task_world_tokens(&world, 3, (const int[]){98}, 1);
    task_world_tokens(&world, 5, (const int[]){99}, 1);
    ck_assert_int_eq(task_world_open(&world, SBMT_PROTOCOL_SBM_PAPER, SBMT_SPLIT_TRAIN)->count, 2);
    ck_assert_str_eq(world.notes, TRAIN ": preparing\n" TRAIN ", train: 2 examples, 8 bytes\n");
    task_world_tokens(&world, 1, (const int[]){99, 196, 170}, 3);
    ck_assert_int_eq(task_world_open(&world, SBMT_PROTOCOL_SBM_PAPER, SBMT_SPLIT_TEST)->count, 1);
    task_world_remove(&world);
}
END_TEST

/* The characters of train in the order of code points; one opening prepares all splits. */
START_TEST(test_characters)
{
    struct task_world world;
    aan_make(&world);
    enum { QUOTE = SBMT_TEXT_FIRST, A, B, C, E_ACUTE, VOCAB };
    const int end = SBMT_TEXT_END;
    task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV);
    ck_assert_str_eq(world.dataset.form->name, "characters-4000");
    ck_assert_str_eq(task_world_words(&world), "\"abc\u00E9");
    ck_assert_int_eq(world.dataset.vocab, VOCAB);
    ck_assert_str_eq(world.notes,
                     TRAIN ": preparing\n" EVAL ": preparing\n" TEST ": preparing\n" TRAIN
                           ", train: 2 examples, 11 characters\n" EVAL
                           ", dev: 3 examples, 13 characters\n" TEST
                           ", test: 1 examples, 4 characters\n");
    task_world_tokens(&world, 0, (const int[]){SBMT_TEXT_UNKNOWN, A, end}, 3);
    task_world_tokens(&world, 1, (const int[]){QUOTE, end}, 2);
    task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_TRAIN);
    task_world_tokens(&world, 0, (const int[]){A, B, end}, 3);
    task_world_tokens(&world, 1, (const int[]){B, E_ACUTE, end}, 3);
    task_world_tokens(&world, 3, (const int[]){QUOTE, C, end}, 3);
    ck_assert_str_eq(world.notes, "");
    task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_TEST);
    task_world_tokens(&world, 0, (const int[]){SBMT_TEXT_UNKNOWN, end}, 2);
    ck_assert_str_eq(world.notes, "");
    task_world_remove(&world);
}
END_TEST

/* Of bytes those past 10,000 are not there; the end token takes one of 4000 places. */
START_TEST(test_cut)
{
    struct task_world world;
    aan_make(&world);
    char row[16100];
    snprintf(row, sizeof row, "1\tQ1\tQ2\t%0*d\t%0*d\n", 12000, 0, 4000, 0);
    task_world_put(&world, EVAL, row);
    const struct sbmt_examples *examples = task_world_open(&world, SBMT_PROTOCOL_GOOGLE,
                                                           SBMT_SPLIT_DEV);
    static const int64_t bytes[] = {10000, 4000}, characters[] = {12001, 4001};
    ck_assert_mem_eq(examples->source_length, bytes, sizeof bytes);
    ck_assert_int_eq(examples->offset[1], 4000);
    ck_assert_int_eq(examples->offset[2], 8000);
    ck_assert_str_eq(world.notes, EVAL ": preparing\n" EVAL ", dev: 1 examples, 8000 bytes, 1 "
                                       "sequences cut to 4000 bytes\n");
    examples = task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV);
    ck_assert_mem_eq(examples->source_length, characters, sizeof characters);
    for (int s = 1; s <= 2; s++) {
        ck_assert_int_eq(examples->offset[s], 4000 * s);
        ck_assert_int_eq(task_world_token(&world, 4000 * s - 1), SBMT_TEXT_END);
        ck_assert_int_eq(task_world_token(&world, 4000 * s - 2), SBMT_TEXT_UNKNOWN);
    }
    task_world_remove(&world);
}
END_TEST

START_TEST(test_empty_text)
{
    struct task_world world;
    aan_make(&world);
    task_world_put(&world, EVAL, "1\tQ1\tQ2\t\tb\n0\t\t\t\t\n");
    task_world_open(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_DEV);
    task_world_tokens(&world, 0, (const int[]){SBMT_TEXT_PADDING}, 1);
    task_world_tokens(&world, 1, (const int[]){99}, 1);
    task_world_tokens(&world, 3, (const int[]){SBMT_TEXT_PADDING}, 1);
    task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV);
    task_world_tokens(&world, 0, (const int[]){SBMT_TEXT_PADDING, SBMT_TEXT_END}, 2);
    task_world_remove(&world);
}
END_TEST

/* That a second row of the dev file is refused at its line, with nothing left behind but train,
 * where that is made first. */
static void refuses(const char *row, const char *wanted)
{
    struct task_world world;
    char text[300], message[300];
    aan_make(&world);
    snprintf(text, sizeof text, "1\tQ1\tQ2\ta\tb\n%s\n0\tQ1\tQ4\ta\tb\n", row);
    snprintf(message, sizeof message, EVAL ":2:%s", wanted);
    task_world_put(&world, EVAL, text);
    task_world_refuses(&world, SBMT_PROTOCOL_SBM_PAPER, SBMT_SPLIT_DEV, message);
    ck_assert(!task_world_try(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV));
    ck_assert_str_eq(task_world_below(&world, world.err.message), message);
    ck_assert_int_eq(temporary_count(temporary_path(&world.temporary, "prepared")), 1);
    task_world_remove(&world);
}

START_TEST(test_broken_rows)
{
    refuses("", " has 1 columns; expected 5: label, two ids, two texts");
    refuses("0\tQ1\tQ3\ta", " has 4 columns; expected 5: label, two ids, two texts");
    refuses("0\tQ1\tQ3\ta\tb\tc\td", " has 7 columns; expected 5: label, two ids, two texts");
    static const char *const labels[] = {"2",    "-1",  "",     "0.5", "1.01", "1.", "10",
                                         "01.0", "1,0", " 1.0", "x",   "1.0 ", "0e0"};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        char row[100], wanted[100];
        snprintf(row, sizeof row, "%s\tQ1\tQ3\ta\tb", labels[i]);
        snprintf(wanted, sizeof wanted, "1: the label '%s' is not 0 or 1", labels[i]);
        refuses(row, wanted);
    }
    refuses("a label that is so long that it is not shown as a whole\tQ1\tQ3\ta\tb",
            "1: the label 'a label that is so long that it is not s' is not 0 or 1");
}
END_TEST

/* A broken train file is an error of its own where its characters are counted. */
START_TEST(test_broken_train)
{
    struct task_world world;
    aan_make(&world);
    task_world_put(&world, TRAIN, "1\tP1\tP2\ta\n");
    task_world_refuses(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV,
                       TRAIN ":1: has 4 columns; expected 5: label, two ids, two texts");
    task_world_put(&world, TRAIN, "");
    task_world_refuses(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV,
                       TRAIN ": holds no examples of train");
    task_world_open(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_DEV);
    task_world_remove(&world);
}
END_TEST

/* More characters than token ids: the file is named. */
START_TEST(test_too_many_characters)
{
    struct task_world world;
    struct sbmt_str row = {0};
    aan_make(&world);
    sbmt_str_printf(&row, "1\tP1\tP2\ta\t");
    for (int32_t i = 0; i < 65536; i++) {
        unsigned char bytes[4];
        const int length = sbmt_utf8_put(0x10000 + i, bytes);
        sbmt_str_append(&row, (const char *)bytes, (size_t)length);
    }
    task_world_put(&world, TRAIN, row.text);
    sbmt_str_finish(&row);
    task_world_refuses(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV,
                       TRAIN ": more than 65533 different characters");
    task_world_remove(&world);
}
END_TEST

/* Repeated pairs and bytes that are no UTF-8 are kept, and said with where they are first. */
START_TEST(test_dirt)
{
    struct task_world world;
    aan_make(&world);
    task_world_put(&world, EVAL,
                   "1\tQ1\tQ2\ta\tb\n"
                   "0\tQ1\tQ3\ta\tb\n"
                   "0\tQ2\tQ1\ta\tb\n" /* the other way round is another pair */
                   "0\tQ1\tQ3\ta\tb\xC3\xA9\xC3\n"
                   "0\tQ1\tQ2\t\xFFz\t\xFF\n"
                   "1\tQ1\tQ2\ta\tb\n");
    const struct sbmt_examples *examples = task_world_open(&world, SBMT_PROTOCOL_GOOGLE,
                                                           SBMT_SPLIT_DEV);
    ck_assert_str_eq(world.notes,
                     EVAL ": preparing\n"
                          "warning: " EVAL ":4: this pair of ids has been there before; 3 rows "
                          "repeat a pair, and are kept\n"
                          "warning: " EVAL ":4:14: a byte that is no UTF-8; 2 rows hold such "
                          "bytes, and are kept\n" EVAL ", dev: 6 examples, 16 bytes\n");
    ck_assert_int_eq(examples->count, 6);
    task_world_tokens(&world, 7, (const int[]){99, 196, 170, 196}, 4);
    task_world_tokens(&world, 8, (const int[]){256, 123}, 2);
    task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV);
    ck_assert_ptr_nonnull(strstr(world.notes, "warning: " EVAL ":4: this pair of ids"));
    ck_assert_ptr_nonnull(strstr(world.notes, "warning: " EVAL ":4:14: a byte that is no UTF-8"));
    task_world_remove(&world);
}
END_TEST

/* A last row without its end may have lost some of its text. */
START_TEST(test_unended)
{
    struct task_world world;
    aan_make(&world);
    task_world_put(&world, EVAL, "1\tQ1\tQ2\ta\tb\n0\tQ1\tQ3\ta\tb");
    task_world_open(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_DEV);
    ck_assert_str_eq(world.notes, EVAL ": preparing\nwarning: " EVAL
                                       ":2: the file ends in this row, without a newline: it may "
                                       "have been cut short\n" EVAL ", dev: 2 examples, 4 bytes\n");
    task_world_remove(&world);
}
END_TEST

START_TEST(test_byte_order_mark)
{
    struct task_world world;
    aan_make(&world);
    task_world_put(&world, EVAL,
                   "\xEF\xBB\xBF"
                   "1\tQ1\tQ2\ta\tb\n0\tQ1\tQ3\ta\tb\n");
    ck_assert_int_eq(task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_DEV)->count, 2);
    task_world_remove(&world);
}
END_TEST

#define ABSENT                                                                                     \
    ": not found (nor the same with .gz or .xz, nor lra_release.gz or .tar.gz); --data DIR or "    \
    "SBMT_DATA "                                                                                   \
    "set the data root"

START_TEST(test_absent)
{
    struct task_world world;
    task_world_make(&world, "lra/retrieval");
    task_world_refuses(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_DEV, EVAL ABSENT);
    task_world_remove(&world);
    aan_make(&world);
    task_world_run(&world, "rm " EVAL);
    static const char absent[] = EVAL ABSENT;
    task_world_refuses(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_DEV, absent);
    /* The other splits do not need it, unless all are made together. */
    task_world_open(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_TRAIN);
    task_world_run(&world, "rm -r prepared");
    task_world_refuses(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_TRAIN, absent);
    task_world_run(&world, "tar -czf aan.tar.gz aan && rm -r aan");
    task_world_refuses(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_DEV,
                       "aan.tar.gz: holds no file 'aan/new_aan_pairs.eval.tsv'");
    task_world_remove(&world);
}
END_TEST

static void append_row(struct task_world *world)
{
    world->meanwhile = NULL;
    task_world_run(world, "echo more >> " TRAIN);
}

START_TEST(test_changes_meanwhile)
{
    static const enum sbmt_protocol protocols[] = {SBMT_PROTOCOL_GOOGLE, SBMT_PROTOCOL_S4};
    for (int p = 0; p < 2; p++) {
        struct task_world world;
        aan_make(&world);
        world.meanwhile = append_row;
        task_world_put(&world, TRAIN, "0\tP1\tP2\ta\tb\n1\tP1\tP3\ta\t");
        /* "more" makes the last row whole, so that only a look at the file can tell. */
        task_world_refuses(&world, protocols[p], SBMT_SPLIT_TRAIN,
                           TRAIN ": changed while it was read; try again");
        task_world_remove(&world);
    }
}
END_TEST

/* Compressed files, an archive, and the release of Long Range Arena as it ships. */
/* The vocabulary is that of train: when its file changes, test is made anew. */
START_TEST(test_train_changes)
{
    static const char again[] = "its source has changed; it is made anew";
    struct task_world world;
    aan_make(&world);
    task_world_age(&world, TRAIN);
    task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_TEST);
    task_world_open(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_TEST);
    task_world_run(&world, "printf '0\\ta\\tb\\tnew\\twords\\n' >> " TRAIN);
    task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_TEST);
    ck_assert_ptr_nonnull(strstr(world.notes, again));
    task_world_open(&world, SBMT_PROTOCOL_S4, SBMT_SPLIT_TEST);
    ck_assert_str_eq(world.notes, "");
    task_world_open(&world, SBMT_PROTOCOL_GOOGLE, SBMT_SPLIT_TEST);
    ck_assert_str_eq(world.notes, "");
    task_world_remove(&world);
}
END_TEST

START_TEST(test_archives)
{
    static const struct {
        const char *commands, *source;
    } cases[] = {
        {"gzip aan/*.tsv", "aan/new_aan_pairs.eval.tsv.gz"},
        {"xz aan/*.tsv", "aan/new_aan_pairs.eval.tsv.xz"},
        {"mkdir lra_release && mv aan lra_release/tsv_data && "
         "tar -czf lra_release.gz lra_release && rm -r lra_release",
         "lra_release.gz"},
        {"mkdir -p lra_release/lra_release && mv aan lra_release/lra_release/tsv_data && "
         "tar -cf lra_release.tar lra_release && rm -r lra_release",
         "lra_release.tar"},
        {"mkdir lra_release && mv aan lra_release/tsv_data && "
         "tar -cJf lra_release.tar.xz lra_release && rm -r lra_release",
         "lra_release.tar.xz"},
        {"mkdir lra_release && mv aan lra_release/tsv_data && "
         "tar -czf lra_release.tgz lra_release && rm -r lra_release",
         "lra_release.tgz"},
        {"tar -cf aan.tar aan && rm -r aan", "aan.tar"},
        {"tar -czf aan.tgz aan && rm -r aan", "aan.tgz"},
        {"mkdir lra_release && mv aan lra_release/tsv_data",
         "lra_release/tsv_data/new_aan_pairs.eval.tsv"},
    };
    struct task_world plain;
    aan_make(&plain);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_world world;
        aan_make(&world);
        task_world_run(&world, cases[i].commands);
        for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
            task_world_same(&plain, &world, SBMT_PROTOCOL_SBM_PAPER, (enum sbmt_split)split);
            task_world_same(&plain, &world, SBMT_PROTOCOL_S4, (enum sbmt_split)split);
        }
        task_world_open(&world, SBMT_PROTOCOL_SBM_PAPER, SBMT_SPLIT_DEV);
        ck_assert_str_eq(sbmt_safetensors_metadata(&world.dataset.file, "source"), cases[i].source);
        task_world_remove(&world);
    }
    task_world_remove(&plain);
}
END_TEST

SBMT_SUITE_MAIN("aan", test_bytes, test_characters, test_cut, test_empty_text, test_broken_rows,
                test_broken_train, test_too_many_characters, test_dirt, test_unended,
                test_byte_order_mark, test_absent, test_changes_meanwhile, test_train_changes,
                test_archives)
