/* Tables of answers. */
#include "bench/predictions.h"

#include <inttypes.h>

static void write_answer(const struct sbmt_dataset *dataset, const struct sbmt_answers *answers,
                         int64_t i, struct sbmt_str *text)
{
    const struct sbmt_task *task = dataset->task;
    if (answers->score != NULL) {
        if (dataset->labelled)
            sbmt_str_printf(text, "\t%.6g", task->most_score * answers->target[i]);
        sbmt_str_printf(text, "\t%.6g", task->most_score * answers->score[i]);
    } else {
        if (dataset->labelled) {
            sbmt_str_printf(text, "\t");
            sbmt_task_class(task, answers->label[i], text);
        }
        sbmt_str_printf(text, "\t");
        sbmt_task_class(task, answers->prediction[i], text);
    }
}

/* A line a label: that of an example by its index, that of a token by its position as well. */
void sbmt_predictions_list(const struct sbmt_dataset *dataset, const struct sbmt_answers *answers,
                           struct sbmt_str *text)
{
    const bool of_tokens = dataset->task->target == SBMT_TARGET_TOKEN;
    const int64_t *example = answers->example;
    int64_t position = 0;
    sbmt_str_printf(text, "index%s%s\tprediction\n", of_tokens ? "\tposition" : "",
                    dataset->labelled ? "\tlabel" : "");
    for (int64_t i = 0; i < answers->count; i++) {
        position = i > 0 && example[i] == example[i - 1] ? position + 1 : 0;
        sbmt_str_printf(text, "%" PRId64, example[i]);
        if (of_tokens)
            sbmt_str_printf(text, "\t%" PRId64, position);
        write_answer(dataset, answers, i, text);
        sbmt_str_printf(text, "\n");
    }
}
