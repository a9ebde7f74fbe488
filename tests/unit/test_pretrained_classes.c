/* Classes of weights to begin with: their names, and what becomes of the last layer where they are
 * others than the task's, or in another order. */
#include "bench/class_names.h"
#include "bench/export.h"
#include "tests/unit/pretrained_world.h"

START_TEST(names_are_split)
{
    struct sbmt_arena arena = {0};
    const struct sbmt_class_names none = sbmt_class_names_split(NULL, &arena);
    const struct sbmt_class_names one = sbmt_class_names_split("a b", &arena);
    const struct sbmt_class_names three = sbmt_class_names_split("no, not a, yes", &arena);
    ck_assert_int_eq(none.count, 0);
    ck_assert_int_eq(one.count, 1);
    ck_assert_str_eq(one.name[0], "a b");
    ck_assert_int_eq(three.count, 3);
    ck_assert_str_eq(three.name[1], "not a");
    ck_assert_str_eq(three.name[2], "yes");
    ck_assert(!sbmt_class_names_tell(&none) && sbmt_class_names_tell(&three));
    const struct sbmt_class_names numbers = sbmt_class_names_split("LABEL_0, LABEL_1", &arena);
    ck_assert(!sbmt_class_names_tell(&numbers));
    sbmt_arena_finish(&arena);
}
END_TEST

static const struct {
    const char *theirs, *ours;
    bool exported;       /* the weights come with config.json, not with a run's checkpoint */
    const char *message; /* what is said of the classes; NULL: nothing */
    int rows[3];         /* theirs that ours become; −1: none */
} names[] = {
    {"a, b, c", "a, b, c", false, NULL, {0, 1, 2}},
    {NULL, "a, b, c", false, NULL, {0, 1, 2}},
    {"a, b, c", "a, b", false, NULL, {0, 1, 2}}, /* shapes tell that */
    {"a, b, c",
     "a, b, cc",
     false,
     "its classes are 'a, b, c', those of the task 'a, b, cc': the last layer of the classifier "
     "starts anew",
     {-1, -1, -1}},
    {"a, b, c",
     "b, c, a",
     false,
     "its classes are 'a, b, c', those of the task 'b, c, a': the rows of the classifier's last "
     "layer change places",
     {1, 2, 0}},
    {"a, b, c", "a, b, c", true, NULL, {0, 1, 2}},
    {"A, B, C", "a, b, c", true, NULL, {0, 1, 2}},
    {NULL, "a, b, c", true, NULL, {0, 1, 2}}, /* LABEL_0, … */
    {"C, A, B",
     "b, c, a",
     true,
     "its classes are 'C, A, B', those of the task 'b, c, a': the rows of the classifier's last "
     "layer change places",
     {2, 0, 1}},
    {"x, a, b",
     "a, b, c",
     true,
     "its classes are 'x, a, b', those of the task 'a, b, c': taken for these, in this "
     "order",
     {0, 1, 2}},
};

/* Row r of a model's last layer, if `from` is another's row, or one of neither if from is −1. */
static void expect_row(const struct world *to, int r, const struct world *from, int row)
{
    static const char *const parts[] = {"classifier.weight", "classifier.bias"};
    for (int p = 0; p < 2; p++) {
        const struct sbmt_tensor *ours = sbmt_params_find(&to->params, parts[p]);
        const struct sbmt_tensor *theirs = sbmt_params_find(&from->params, parts[p]);
        const size_t width = ours->size / (size_t)ours->shape[0];
        const real *value = to->params.value + ours->offset + (size_t)r * width;
        const real *other = from->params.value + theirs->offset;
        if (row >= 0)
            ck_assert_mem_eq(value, other + (size_t)row * width, width * sizeof *value);
        else if (p == 0)
            ck_assert_mem_ne(value, other + (size_t)r * width, width * sizeof *value);
    }
}

START_TEST(classes_are_compared)
{
    struct temporary temporary = temporary_make();
    const char *run = temporary_path(&temporary, "run"), *out = temporary_path(&temporary, "out");
    struct sbmt_error err = {0};
    struct world from, to;
    world_init(&from, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    build(&from, 1);
    from.classes = names[_i].theirs;
    write_run(&from, run, "lra/listops");
    const struct sbmt_export export = {.run = run, .checkpoint = "best", .out = out};
    ck_assert_msg(!names[_i].exported || sbmt_export_run(&export, &err), "%s", err.message);
    world_init(&to, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    build(&to, 2);
    to.classes = names[_i].ours;
    ck_assert_msg(load(&to, names[_i].exported ? out : run, &err), "%s", err.message);
    ck_assert_int_eq(strstr(to.log, "its classes are") != NULL, names[_i].message != NULL);
    if (names[_i].message != NULL)
        ck_assert_msg(strstr(to.log, names[_i].message) != NULL, "%s", to.log);
    for (int r = 0; r < 3; r++)
        expect_row(&to, r, &from, names[_i].rows[r]);
    world_finish(&from);
    world_finish(&to);
    temporary_remove(&temporary);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {names_are_split, 1},
        {classes_are_compared, (int)(sizeof names / sizeof names[0])},
    };
    return sbmt_suite_run_loops("pretrained_classes", tests, 2);
}
