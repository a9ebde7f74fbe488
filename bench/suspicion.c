/* Suspicious answers. */
#include "bench/suspicion.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A class as the task calls it, a name in quotes. */
static void name_class(const struct sbmt_task *task, int class, struct sbmt_str *text)
{
    const char *quote = task->label_names != NULL ? "'" : "";
    sbmt_str_printf(text, "%s", quote);
    sbmt_task_class(task, class, text);
    sbmt_str_printf(text, "%s", quote);
}

/* What all measures of a result say: "accuracy 68.38 %, f1 81.22 %". */
static void list_scores(const struct sbmt_eval_result *eval, struct sbmt_str *text)
{
    bool has_accuracy = false;
    for (int i = 0; i < eval->scores; i++) {
        sbmt_str_printf(text, "%s%s %.2f %%", i > 0 ? ", " : "", eval->score[i].name,
                        100 * eval->score[i].value);
        has_accuracy = has_accuracy || strcmp(eval->score[i].name, "accuracy") == 0;
    }
    if (!has_accuracy)
        sbmt_str_printf(text, "%saccuracy %.2f %%", eval->scores > 0 ? ", " : "",
                        100 * eval->accuracy);
}

static bool all_the_same(const struct sbmt_answers *answers)
{
    for (int64_t i = 1; i < answers->count; i++)
        if (answers->prediction[i] != answers->prediction[0])
            return false;
    return answers->count > 1;
}

static void tell_constant(const struct sbmt_result *result, const struct sbmt_task *task,
                          const struct sbmt_answers *answers, const struct sbmt_log *log)
{
    struct sbmt_str class = {0}, scores = {0};
    name_class(task, answers->prediction[0], &class);
    if (!result->unlabelled)
        list_scores(&result->eval, &scores);
    if (!class.failed && !scores.failed)
        sbmt_log_write(
            log, SBMT_LOG_WARNING,
            "%s%s: all %lld predictions are %s%s%s; the model has learnt no "
            "difference: train longer or change train.lr",
            sbmt_split_name(result->split), result->unlabelled ? "" : " accuracy means nothing",
            (long long)answers->count, class.text, scores.text != NULL ? ", which gives " : "",
            scores.text != NULL ? scores.text : "");
    sbmt_str_finish(&class);
    sbmt_str_finish(&scores);
}

static void swap(int *a, int *b)
{
    const int old = *a;
    *a = *b;
    *b = old;
}

/* The next order in the order of dictionaries; false after the last. */
static bool next_order(int *order, int classes)
{
    int low = classes - 2, high = classes - 1;
    while (low >= 0 && order[low] > order[low + 1])
        low--;
    if (low < 0)
        return false;
    while (order[high] < order[low])
        high--;
    swap(&order[low], &order[high]);
    for (int i = low + 1, j = classes - 1; i < j; i++, j--)
        swap(&order[i], &order[j]);
    return true;
}

int64_t sbmt_suspicion_best_order(const int64_t *right, int classes, int *order)
{
    int current[SBMT_SUSPICION_CLASSES];
    int64_t best = -1;
    assert(classes <= SBMT_SUSPICION_CLASSES);
    for (int c = 0; c < classes; c++)
        current[c] = c;
    do {
        int64_t sum = 0;
        for (int c = 0; c < classes; c++)
            sum += right[c * classes + current[c]];
        if (sum > best) {
            best = sum;
            memcpy(order, current, (size_t)classes * sizeof *order);
        }
    } while (next_order(current, classes));
    return best;
}

/* Far above what is, and above what naming one class gives by more than chance would. */
static bool is_far_better(const struct sbmt_result *result, double best, int64_t count)
{
    const double noise = 3 * sqrt(0.25 / (double)count);
    return best > result->eval.accuracy + 0.1 &&
           best > result->majority + (noise > 0.05 ? noise : 0.05);
}

static void tell_order(const struct sbmt_result *result, const struct sbmt_task *task,
                       const int *order, double best, const struct sbmt_log *log)
{
    struct sbmt_str pairs = {0};
    for (int c = 0; c < task->classes; c++) {
        if (order[c] == c)
            continue;
        sbmt_str_printf(&pairs, "%s", pairs.length > 0 ? ", " : "");
        name_class(task, c, &pairs);
        sbmt_str_printf(&pairs, " as ");
        name_class(task, order[c], &pairs);
    }
    if (!pairs.failed)
        sbmt_log_write(
            log, SBMT_LOG_WARNING,
            "%s accuracy would be %.2f %% instead of %.2f %% if predictions were read in "
            "another order of the classes (%s): the weights were probably trained with "
            "another order of the labels",
            sbmt_split_name(result->split), 100 * best, 100 * result->eval.accuracy, pairs.text);
    sbmt_str_finish(&pairs);
}

static void suspect_order(const struct sbmt_result *result, const struct sbmt_task *task,
                          const struct sbmt_answers *answers, const struct sbmt_log *log)
{
    const int classes = task->classes;
    int64_t right[SBMT_SUSPICION_CLASSES * SBMT_SUSPICION_CLASSES] = {0};
    int order[SBMT_SUSPICION_CLASSES];
    if (classes > SBMT_SUSPICION_CLASSES)
        return;
    for (int64_t i = 0; i < answers->count; i++)
        right[answers->prediction[i] * classes + answers->label[i]]++;
    const double best = (double)sbmt_suspicion_best_order(right, classes, order) /
                        (double)answers->count;
    if (is_far_better(result, best, answers->count))
        tell_order(result, task, order, best, log);
}

void sbmt_suspicion_report(const struct sbmt_result *result, const struct sbmt_task *task,
                           const struct sbmt_answers *answers, const struct sbmt_log *log)
{
    if (answers->prediction == NULL || answers->count == 0)
        return;
    if (all_the_same(answers)) {
        tell_constant(result, task, answers, log);
        return;
    }
    if (result->unlabelled)
        return;
    if (sbmt_result_is_chance(result))
        sbmt_log_write(
            log, SBMT_LOG_WARNING,
            "%s accuracy %.2f %% is no better than naming the most frequent class "
            "(%.2f %%): the model has learnt nothing yet; train longer or change train.lr",
            sbmt_split_name(result->split), 100 * result->eval.accuracy, 100 * result->majority);
    suspect_order(result, task, answers, log);
}
