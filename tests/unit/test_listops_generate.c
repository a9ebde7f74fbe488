/* Tests of the ListOps generator: its texts are read back and evaluated by other means. */
#include <string.h>

#include "core/io/file.h"
#include "data/dataset.h"
#include "data/listops_generate.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static struct sbmt_listops_options small_options(const char *out)
{
    struct sbmt_arena arena = {0};
    struct sbmt_listops_options options;
    sbmt_fields_defaults(sbmt_listops_fields, &options, &arena);
    sbmt_arena_finish(&arena);
    options.out = out;
    options.train = 400;
    options.val = 60;
    options.test = 50;
    options.min_length = 20;
    options.max_length = 120;
    return options;
}

static char *get_file(const struct temporary *temporary, const char *name, size_t *size)
{
    char path[600];
    snprintf(path, sizeof path, "%s/listops/%s", temporary->folder, name);
    return temporary_get(path, size);
}

/* What stands in one pair of the text: a value, or an operator with the arguments it has so far. */
struct partial {
    bool is_value;
    char name[8];
    int args[64], count;
    int value, length, depth;
};

/* As ck_assert, which notes every success and is too slow for each token. */
static void require(bool condition, const char *what, const char *text)
{
    if (!condition)
        ck_abort_msg("%s at '%.20s'", what, text);
}

static const char *skip(const char *text, const char *word)
{
    const size_t length = strlen(word);
    require(strncmp(text, word, length) == 0, word, text);
    return text + length;
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int apply(struct partial *partial)
{
    int *args = partial->args;
    const int count = partial->count;
    qsort(args, (size_t)count, sizeof args[0], compare_ints);
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += args[i];
    if (strcmp(partial->name, "[MIN") == 0)
        return args[0];
    if (strcmp(partial->name, "[MAX") == 0)
        return args[count - 1];
    if (strcmp(partial->name, "[SM") == 0)
        return sum % 10;
    require(strcmp(partial->name, "[MED") == 0, "unknown operator", partial->name);
    const double median = count % 2 == 1 ? args[count / 2]
                                         : (args[count / 2 - 1] + args[count / 2]) / 2.0;
    return (int)median;
}

/* Reads "( LEFT RIGHT )" or a word, strictly with single spaces; returns what follows. */
static const char *parse(const char *text, struct partial *partial)
{
    *partial = (struct partial){0};
    if (*text >= '0' && *text <= '9') {
        *partial = (struct partial){.is_value = true, .value = *text - '0', .length = 1};
        return text + 1;
    }
    if (*text == '[') {
        const size_t length = strcspn(text, " ");
        require(length < sizeof partial->name, "long word", text);
        memcpy(partial->name, text, length);
        partial->length = 1;
        return text + length;
    }
    text = parse(skip(text, "( "), partial);
    require(!partial->is_value, "a value takes no arguments", text);
    text = skip(text, " ");
    if (*text == ']') {
        require(partial->count >= 2, "too few arguments", text);
        partial->value = apply(partial);
        partial->is_value = true;
        partial->length++;
        partial->depth++;
        return skip(text, "] )");
    }
    struct partial right;
    text = parse(text, &right);
    require(right.is_value && partial->count < 64, "bad argument", text);
    partial->args[partial->count++] = right.value;
    partial->length += right.length;
    if (right.depth > partial->depth)
        partial->depth = right.depth;
    return skip(text, " )");
}

/* Reads a whole file strictly, checks every row and counts them. */
static int check_file(const struct temporary *temporary, const char *name,
                      const struct sbmt_listops_options *options)
{
    size_t size;
    char *bytes = get_file(temporary, name, &size);
    const char *text = skip(bytes, "Source\tTarget\r\n");
    int rows = 0;
    for (; *text != '\0'; rows++) {
        struct partial partial;
        text = skip(parse(text, &partial), "\t");
        ck_assert(partial.is_value);
        ck_assert_int_gt(partial.length, options->min_length);
        ck_assert_int_lt(partial.length, options->max_length);
        ck_assert_int_lt(partial.depth, options->max_depth);
        ck_assert_int_eq(*text - '0', partial.value);
        text = skip(text + 1, "\r\n");
    }
    ck_assert_uint_eq((size_t)(text - bytes), size);
    free(bytes);
    return rows;
}

START_TEST(test_rows)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_listops_options options = small_options(temporary.folder);
    ck_assert_msg(sbmt_listops_generate(&options, NULL, NULL, &err), "%s", err.message);
    ck_assert_int_eq(check_file(&temporary, "basic_train.tsv", &options), 400);
    ck_assert_int_eq(check_file(&temporary, "basic_val.tsv", &options), 60);
    ck_assert_int_eq(check_file(&temporary, "basic_test.tsv", &options), 50);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "listops")), 3);
    options.max_depth = 3;
    options.max_args = 4;
    options.min_length = 0;
    options.operator_probability = 0.7;
    options.force = true;
    ck_assert_msg(sbmt_listops_generate(&options, NULL, NULL, &err), "%s", err.message);
    ck_assert_int_eq(check_file(&temporary, "basic_train.tsv", &options), 400);
    temporary_remove(&temporary);
}
END_TEST

/* The published bounds, and statistics of files from the original generator: mean length 1033,
 * labels 0 and 9 about 17 % each, 16.6 % operators. Bands are over five standard errors wide. */
START_TEST(test_distribution)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_listops_options options = small_options(temporary.folder);
    options.min_length = 500;
    options.max_length = 2000;
    options.train = 1500;
    options.val = options.test = 0;
    ck_assert(sbmt_listops_generate(&options, NULL, NULL, &err));
    ck_assert_int_eq(check_file(&temporary, "basic_train.tsv", &options), 1500);
    ck_assert_int_eq(check_file(&temporary, "basic_val.tsv", &options), 0);
    struct sbmt_dataset dataset;
    const struct sbmt_task *task = sbmt_task_find("lra/listops", &err);
    const struct sbmt_data_options how = {.root = temporary.folder};
    ck_assert(sbmt_dataset_open(&dataset, task, task->forms[0], SBMT_SPLIT_TRAIN, &how, &err));
    int64_t histogram[10], occurs[16] = {0};
    sbmt_dataset_histogram(&dataset, histogram);
    const int64_t tokens = dataset.examples.offset[1500];
    for (int64_t i = 0; i < tokens; i++)
        occurs[dataset.examples.tokens8[i]]++;
    ck_assert_double_eq_tol((double)tokens / 1500, 1033, 55);
    ck_assert_double_eq_tol((double)histogram[0] / 1500, 0.168, 0.05);
    ck_assert_double_eq_tol((double)histogram[9] / 1500, 0.170, 0.05);
    const int64_t operators = occurs[1] + occurs[2] + occurs[3] + occurs[4];
    ck_assert_int_eq(operators, occurs[5]);
    ck_assert_double_eq_tol((double)operators / (double)(tokens - operators), 0.1658, 0.003);
    for (int token = 1; token <= 4; token++)
        ck_assert_double_eq_tol((double)occurs[token] / (double)operators, 0.25, 0.005);
    for (int token = 6; token <= 15; token++)
        ck_assert_double_eq_tol((double)occurs[token] / (double)(tokens - 2 * operators), 0.1,
                                0.002);
    sbmt_dataset_close(&dataset);
    temporary_remove(&temporary);
}
END_TEST

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* So few short expressions exist that duplicates are drawn all the time. */
START_TEST(test_no_duplicates)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_listops_options options = small_options(temporary.folder);
    options.min_length = 3;
    options.max_length = 5;
    options.train = 200;
    ck_assert_msg(sbmt_listops_generate(&options, NULL, NULL, &err), "%s", err.message);
    static const char *const names[] = {"basic_train.tsv", "basic_val.tsv", "basic_test.tsv"};
    char *lines[310], *files[3];
    int count = 0;
    for (int i = 0; i < 3; i++) {
        size_t size;
        files[i] = get_file(&temporary, names[i], &size);
        strtok(files[i], "\n");
        for (char *line = strtok(NULL, "\n"); line != NULL; line = strtok(NULL, "\n"))
            lines[count++] = line;
    }
    ck_assert_int_eq(count, 310);
    qsort(lines, 310, sizeof lines[0], compare_lines);
    for (int i = 1; i < count; i++)
        ck_assert_str_ne(lines[i - 1], lines[i]);
    for (int i = 0; i < 3; i++)
        free(files[i]);
    /* An operator with two digits: 400 expressions, and no more. */
    options.force = true;
    options.train = 290;
    ck_assert(sbmt_listops_generate(&options, NULL, NULL, &err));
    options.train = 291;
    ck_assert(!sbmt_listops_generate(&options, NULL, NULL, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_ptr_nonnull(
        strstr(err.message, "/listops: no new expression found after 400 of 401"));
    ck_assert_int_eq(check_file(&temporary, "basic_train.tsv", &options), 290);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "listops")), 3);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_seeds)
{
    struct temporary first = temporary_make(), second = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_listops_options options = small_options(first.folder);
    ck_assert(sbmt_listops_generate(&options, NULL, NULL, &err));
    size_t sizes[4];
    char *train = get_file(&first, "basic_train.tsv", &sizes[0]);
    char *test = get_file(&first, "basic_test.tsv", &sizes[1]);
    /* More training rows: the file begins with the old one, the test file is the same. */
    options.out = second.folder;
    options.train = 500;
    ck_assert(sbmt_listops_generate(&options, NULL, NULL, &err));
    char *longer = get_file(&second, "basic_train.tsv", &sizes[2]);
    char *same = get_file(&second, "basic_test.tsv", &sizes[3]);
    ck_assert_uint_gt(sizes[2], sizes[0]);
    ck_assert_mem_eq(longer, train, sizes[0]);
    ck_assert_uint_eq(sizes[3], sizes[1]);
    ck_assert_mem_eq(same, test, sizes[1]);
    free(longer), free(same);
    /* No other rows: a split has its own draws, so the train rows are the same. */
    options.val = options.test = 0;
    options.force = true;
    ck_assert(sbmt_listops_generate(&options, NULL, NULL, &err));
    longer = get_file(&second, "basic_train.tsv", &sizes[2]);
    ck_assert_mem_eq(longer, train, sizes[0]);
    options.test = 50;
    options.seed = 2;
    ck_assert(sbmt_listops_generate(&options, NULL, NULL, &err));
    same = get_file(&second, "basic_test.tsv", &sizes[3]);
    ck_assert(sizes[3] != sizes[1] || memcmp(same, test, sizes[1]) != 0);
    free(train), free(test), free(longer), free(same);
    temporary_remove(&first);
    temporary_remove(&second);
}
END_TEST

/* Stops when `left` reports have been made. */
static bool count_down(void *context, int64_t done, int64_t total)
{
    int *left = context;
    ck_assert_int_eq(total, 510);
    ck_assert_int_le(done, total);
    return --*left != 0;
}

START_TEST(test_progress_and_stop)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    const struct sbmt_listops_options options = small_options(temporary.folder);
    int left = 3;
    const struct sbmt_generation_watch watch = {.context = &left, .report = count_down};
    ck_assert(!sbmt_listops_generate(&options, &watch, NULL, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_INTERRUPTED);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "listops")), 0);
    left = 1000;
    ck_assert(sbmt_listops_generate(&options, &watch, NULL, &err));
    ck_assert_int_lt(left, 995);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_refusals)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_listops_options options = small_options(NULL);
    ck_assert(!sbmt_listops_generate(&options, NULL, NULL, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_USAGE);
    ck_assert_str_eq(err.message, "--out: a folder to write listops/ under is needed");
    options.out = temporary.folder;
    options.min_length = 119;
    ck_assert(!sbmt_listops_generate(&options, NULL, NULL, &err));
    ck_assert_str_eq(err.message,
                     "--max-length: no length lies between --min-length 119 and --max-length 120");
    options.min_length = 20;
    ck_assert(sbmt_folder_make(temporary_path(&temporary, "listops"), &err));
    const char *path = temporary_path(&temporary, "listops/basic_val.tsv.gz");
    temporary_text(path, "x");
    ck_assert(!sbmt_listops_generate(&options, NULL, NULL, &err));
    char wanted[600];
    snprintf(wanted, sizeof wanted, "%s: exists; --force replaces it", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_USAGE);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "listops")), 1);
    /* Nor what cannot be read. */
    ck_assert_int_eq(chmod(temporary_path(&temporary, "listops"), 0777), 0);
    ck_assert_int_eq(chmod(path, 0), 0);
    const bool was_root = temporary_drop_rights(&temporary);
    ck_assert(!sbmt_listops_generate(&options, NULL, NULL, &err));
    temporary_regain_rights(was_root);
    ck_assert_str_eq(err.message, wanted);
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("listops_generate", test_rows, test_distribution, test_no_duplicates, test_seeds,
                test_progress_and_stop, test_refusals)
