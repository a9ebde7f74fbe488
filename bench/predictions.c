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
    const int64_t *offset = dataset->examples.offset;
    sbmt_str_printf(text, "index%s%s\tprediction\n", of_tokens ? "\tposition" : "",
                    dataset->labelled ? "\tlabel" : "");
    for (int64_t i = 0, e = 0; i < answers->count; i++) {
        if (of_tokens && i == offset[e + 1])
            e++;
        sbmt_str_printf(text, "%" PRId64, of_tokens ? e : i);
        if (of_tokens)
            sbmt_str_printf(text, "\t%" PRId64, i - offset[e]);
        write_answer(dataset, answers, i, text);
        sbmt_str_printf(text, "\n");
    }
}
