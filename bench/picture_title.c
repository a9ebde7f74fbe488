/* What stands above a picture. */
#include "bench/picture_title.h"

#include <inttypes.h>

/* Label and prediction of an example that has one of each. */
static void put_answer(const struct sbmt_inspection *inspection,
                       const struct sbmt_examined *examined, struct sbmt_str *text)
{
    const struct sbmt_batch *batch = &examined->batch;
    const bool labelled = sbmt_inspection_labelled(inspection);
    if (batch->target == SBMT_TARGET_SCORE) {
        if (labelled)
            sbmt_str_printf(text, ": score %.4g,",
                            sbmt_inspection_score(inspection, batch->score[0]));
        sbmt_str_printf(text, "%s predicted %.4g", labelled ? "" : ":",
                        sbmt_inspection_score(inspection, (double)examined->logits[0]));
    } else if (batch->target == SBMT_TARGET_EXAMPLE) {
        sbmt_str_printf(text, labelled ? ": label " : ": predicted ");
        if (labelled) {
            sbmt_inspection_class(inspection, batch->label[0], text);
            sbmt_str_printf(text, ", predicted ");
        }
        sbmt_inspection_class(inspection, examined->prediction[0], text);
    }
}

void sbmt_picture_title(const struct sbmt_inspection *inspection,
                        const struct sbmt_examined *examined, struct sbmt_str *text)
{
    const struct sbmt_experiment_config *config = inspection->experiment.config;
    sbmt_str_printf(text, "%s, %s, step %" PRId64 ", %s example %" PRId64, config->task,
                    sbmt_attention_name(config), inspection->state.step,
                    sbmt_split_name(inspection->split), examined->index);
    put_answer(inspection, examined, text);
}
