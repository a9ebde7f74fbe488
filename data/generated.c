/* Examples that are made: a split as a whole, or one by one. */
#include "data/generated.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/str.h"

int sbmt_generated_example(const struct sbmt_task *task, enum sbmt_split split, uint64_t seed,
                           int64_t index, int32_t *tokens, int32_t *label)
{
    const struct sbmt_rng_place place = {
        .seed = split == SBMT_SPLIT_TRAIN ? seed : 0,
        .purpose = SBMT_RNG_GENERATE,
        .layer = (uint32_t)split,
        .head = (uint32_t)sbmt_rng_hash(task->name),
        .sequence = (uint64_t)index,
    };
    return task->generator->make(sbmt_rng_derive(&place), tokens, label);
}

static void report(const struct sbmt_dataset *dataset, const struct sbmt_log *log)
{
    const struct sbmt_task *task = dataset->task;
    const int64_t labels = sbmt_dataset_labels(dataset);
    struct sbmt_str shares = {0};
    int64_t *histogram = calloc((size_t)task->classes, sizeof *histogram);
    if (histogram == NULL)
        return;
    sbmt_dataset_histogram(dataset, histogram);
    for (int c = 0; c < task->classes; c++)
        sbmt_str_printf(&shares, "%s%s %.2f %%", c > 0 ? ", " : "", task->label_names[c],
                        100 * (double)histogram[c] / (double)labels);
    if (!shares.failed)
        sbmt_log_write(log, SBMT_LOG_NOTE,
                       "%s %s: made %" PRId64 " examples with %" PRId64 " labels: %s", task->name,
                       sbmt_split_name(dataset->split), dataset->examples.count, labels,
                       shares.text);
    sbmt_str_finish(&shares);
    free(histogram);
}

/* All examples of a split, as a prepared file would hold them. */
static bool make(struct sbmt_dataset *dataset, int64_t count, struct sbmt_error *err)
{
    const struct sbmt_task *task = dataset->task;
    const size_t most = (size_t)count * (size_t)dataset->form->max_length;
    const bool of_tokens = task->target == SBMT_TARGET_TOKEN;
    uint16_t *packed = sbmt_arena_alloc(&dataset->made, most * sizeof *packed);
    int64_t *offset = sbmt_arena_alloc(&dataset->made, ((size_t)count + 1) * sizeof *offset);
    int32_t *label = sbmt_arena_alloc(&dataset->made,
                                      (of_tokens ? most : (size_t)count) * sizeof *label);
    int32_t *tokens = sbmt_arena_alloc(&dataset->made,
                                       (size_t)dataset->form->max_length * sizeof *tokens);
    if (!sbmt_arena_check(&dataset->made, task->name, err)) {
        sbmt_arena_finish(&dataset->made);
        return false;
    }
    offset[0] = 0;
    for (int64_t e = 0; e < count; e++) {
        const int length = sbmt_generated_example(task, dataset->split, dataset->seed, e, tokens,
                                                  label + (of_tokens ? offset[e] : e));
        for (int i = 0; i < length; i++)
            packed[offset[e] + i] = (uint16_t)tokens[i];
        offset[e + 1] = offset[e] + length;
        dataset->longest = length > dataset->longest ? length : dataset->longest;
    }
    dataset->examples = (struct sbmt_examples){
        .count = count, .tokens16 = packed, .offset = offset, .label = label};
    return true;
}

bool sbmt_generated_open(struct sbmt_dataset *dataset, const struct sbmt_log *log,
                         struct sbmt_error *err)
{
    const struct sbmt_task *task = dataset->task;
    const int64_t count = task->generator->count[dataset->split];
    assert(task->segments == 1 && task->label_names != NULL);
    dataset->longest = dataset->form->max_length;
    if (count == 0)
        return true;
    dataset->longest = 0;
    if (!make(dataset, count, err))
        return false;
    report(dataset, log);
    return true;
}
