/* Opening a split of a task, and drawing batches from it. */
#include "data/dataset.h"

#include <inttypes.h>
#include <string.h>

#include "data/generated.h"
#include "data/preparation.h"
#include "data/prepared.h"
#include "data/text_examples.h"
#include "data/whole_train.h"

enum { SPLIT_SHIFT = 56 };

static bool open_examples(struct sbmt_dataset *dataset, const struct sbmt_data_options *options,
                          struct sbmt_error *err)
{
    const struct sbmt_task *task = dataset->task;
    if (task->texts != NULL)
        return sbmt_text_examples_open(dataset, options, err);
    if (task->generator != NULL)
        return sbmt_generated_open(dataset, options->log, err);
    const bool whole = options->emulate.dev_is_test && task->dev_of_train &&
                       dataset->split == SBMT_SPLIT_TRAIN;
    return sbmt_preparation_open(dataset, options, err) &&
           (!whole || sbmt_whole_train(dataset, options, err));
}

bool sbmt_dataset_open(struct sbmt_dataset *dataset, const struct sbmt_task *task,
                       const struct sbmt_form *form, enum sbmt_split split,
                       const struct sbmt_data_options *options, struct sbmt_error *err)
{
    const struct sbmt_emulation *emulate = &options->emulate;
    *dataset = (struct sbmt_dataset){
        .task = task,
        .form = form,
        .split = emulate->dev_is_test && split == SBMT_SPLIT_DEV ? SBMT_SPLIT_TEST : split,
        .masks_black = emulate->mask_black,
        .labelled = true,
        .vocab = form->vocab,
        .max_length = form->max_length,
        .seed = options->seed};
    if (open_examples(dataset, options, err))
        return true;
    sbmt_dataset_close(dataset);
    return false;
}

void sbmt_dataset_close(struct sbmt_dataset *dataset)
{
    sbmt_safetensors_close(&dataset->file);
    sbmt_arena_finish(&dataset->arena);
    sbmt_arena_finish(&dataset->made);
    sbmt_text_examples_finish(&dataset->texts);
    *dataset = (struct sbmt_dataset){0};
}

/* The most labels of `count` examples; of words that are masked, and of tokens, one a token. */
static size_t most_labels(const struct sbmt_dataset *dataset, size_t count)
{
    const enum sbmt_target target = dataset->task->target;
    const bool many = target == SBMT_TARGET_TOKEN || target == SBMT_TARGET_MASKED;
    return many ? count * (size_t)dataset->longest : count;
}

/* Memory for any batch of `count` examples: made once, then reused. */
static bool reserve(struct sbmt_dataset *dataset, int count, struct sbmt_error *err)
{
    if (count <= dataset->capacity)
        return true;
    dataset->capacity = 0;
    struct sbmt_arena *arena = &dataset->arena;
    sbmt_arena_finish(arena);
    const size_t n = (size_t)count, sequences = n * (size_t)dataset->task->segments;
    const size_t tokens = n * (size_t)dataset->longest;
    const size_t labels = most_labels(dataset, n);
    dataset->tokens = sbmt_arena_alloc(arena, tokens * sizeof(int32_t));
    dataset->offset = sbmt_arena_alloc(arena, (sequences + 1) * sizeof(int64_t));
    dataset->label = sbmt_arena_alloc(arena, labels * sizeof(int32_t));
    dataset->score = sbmt_arena_alloc(arena, n * sizeof(double));
    dataset->id = sbmt_arena_alloc(arena, n * sizeof(uint64_t));
    dataset->place = sbmt_arena_alloc(arena, labels * sizeof(int32_t));
    dataset->place_offset = sbmt_arena_alloc(arena, (n + 1) * sizeof(int64_t));
    if (dataset->examples.second != NULL)
        dataset->type = sbmt_arena_alloc(arena, tokens * sizeof(int32_t));
    if (dataset->masks_black)
        dataset->position = sbmt_arena_alloc(arena, tokens * sizeof(int32_t));
    if (!sbmt_arena_check(arena, "a batch of examples", err))
        return false;
    dataset->capacity = count;
    return true;
}

/* Widens the tokens begin … end−1. */
static void copy_tokens(const struct sbmt_examples *examples, int64_t begin, int64_t end,
                        int32_t *out)
{
    if (examples->tokens8 != NULL)
        for (int64_t i = begin; i < end; i++)
            *out++ = examples->tokens8[i];
    else
        for (int64_t i = begin; i < end; i++)
            *out++ = examples->tokens16[i];
}

/* Takes the tokens 0 out of a sequence and tells the others' positions; one that has no others
 * keeps its first. Returns how many are left. */
static int64_t mask_black(int32_t *tokens, int32_t *position, int64_t length)
{
    int64_t left = 0;
    for (int64_t i = 0; i < length; i++) {
        if (tokens[i] == 0)
            continue;
        tokens[left] = tokens[i];
        position[left++] = (int32_t)i;
    }
    if (left > 0)
        return left;
    position[0] = 0;
    return 1;
}

/* What a batch holds so far. */
struct filling {
    int64_t tokens, labels;
};

/* Example number `index`, which is made, as number `e` of the batch. */
static void put_made(struct sbmt_dataset *dataset, int64_t index, int e, struct filling *used)
{
    int64_t length = sbmt_generated_example(dataset->task, dataset->split, dataset->seed, index,
                                            dataset->tokens + used->tokens,
                                            dataset->label + used->labels);
    used->labels += dataset->task->target == SBMT_TARGET_TOKEN ? length : 1;
    if (dataset->masks_black)
        length = mask_black(dataset->tokens + used->tokens, dataset->position + used->tokens,
                            length);
    used->tokens += length;
    dataset->offset[e + 1] = used->tokens;
}

/* The labels, or the score, of one that is in memory, as number `e` of the batch: where it has none
 * the first class, or 0, for the engine knows no others. */
static void put_labels(struct sbmt_dataset *dataset, int64_t index, int e, struct filling *used)
{
    const struct sbmt_examples *examples = &dataset->examples;
    if (examples->score != NULL)
        dataset->score[e] = dataset->labelled ? examples->score[index] / dataset->task->most_score
                                              : 0;
    if (examples->label == NULL)
        return;
    const bool of_tokens = dataset->task->target == SBMT_TARGET_TOKEN;
    const int64_t begin = of_tokens ? examples->offset[index] : index;
    const int64_t labels = of_tokens ? examples->offset[index + 1] - begin : 1;
    memcpy(dataset->label + used->labels, examples->label + begin,
           (size_t)labels * sizeof *dataset->label);
    if (!dataset->labelled)
        dataset->label[used->labels] = 0;
    used->labels += labels;
}

/* Its tokens and their types. */
static void put_stored(struct sbmt_dataset *dataset, int64_t index, int e, struct filling *used)
{
    const struct sbmt_examples *examples = &dataset->examples;
    const int segments = dataset->task->segments;
    const int64_t *offset = examples->offset + index * segments;
    put_labels(dataset, index, e, used);
    if (examples->second != NULL)
        for (int64_t i = 0; i < offset[1] - offset[0]; i++)
            dataset->type[used->tokens + i] = i >= examples->second[index];
    for (int s = 0; s < segments; s++) {
        int64_t length = offset[s + 1] - offset[s];
        copy_tokens(examples, offset[s], offset[s + 1], dataset->tokens + used->tokens);
        if (dataset->masks_black)
            length = mask_black(dataset->tokens + used->tokens, dataset->position + used->tokens,
                                length);
        used->tokens += length;
        dataset->offset[e * segments + s + 1] = used->tokens;
    }
}

/* Masks the words of example number `e` of the batch, the last so far. */
static void mask_words(struct sbmt_dataset *dataset, uint32_t epoch, int e, struct filling *used)
{
    const int64_t begin = dataset->offset[e];
    used->labels += sbmt_masking_apply(
        &dataset->masking, epoch, dataset->id[e], dataset->tokens + begin,
        (int)(dataset->offset[e + 1] - begin), dataset->place + used->labels,
        dataset->label + used->labels);
    dataset->place_offset[e + 1] = used->labels;
}

uint64_t sbmt_dataset_identity(const struct sbmt_dataset *dataset, int64_t index)
{
    return (uint64_t)index + ((uint64_t)dataset->split << SPLIT_SHIFT);
}

static bool check_index(const struct sbmt_dataset *dataset, int64_t index, struct sbmt_error *err)
{
    const int64_t count = dataset->examples.count;
    if (index >= 0 && (count == 0 || index < count))
        return dataset->examples.checksum == NULL || sbmt_prepared_check(dataset, index, err);
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s: there is no example %" PRId64 " among %" PRId64,
                     dataset->file.path != NULL ? dataset->file.path : dataset->task->name, index,
                     count);
}

/* What was put together, `count` examples. */
static struct sbmt_batch view_batch(const struct sbmt_dataset *dataset, int count)
{
    const enum sbmt_target target = dataset->task->target;
    const bool scored = target == SBMT_TARGET_SCORE, masked = target == SBMT_TARGET_MASKED;
    return (struct sbmt_batch){
        .count = count,
        .segments = dataset->task->segments,
        .tokens = dataset->tokens,
        .position = dataset->masks_black ? dataset->position : NULL,
        .type = dataset->examples.second != NULL ? dataset->type : NULL,
        .offset = dataset->offset,
        .label = scored ? NULL : dataset->label,
        .score = scored ? dataset->score : NULL,
        .place = masked ? dataset->place : NULL,
        .place_offset = masked ? dataset->place_offset : NULL,
        .id = dataset->id,
        .target = target,
    };
}

static bool load(void *context, const int64_t *indices, const uint32_t *epochs, int count,
                 struct sbmt_batch *batch, struct sbmt_error *err)
{
    struct sbmt_dataset *dataset = context;
    if (!reserve(dataset, count, err))
        return false;
    struct filling used = {0};
    dataset->offset[0] = dataset->place_offset[0] = 0;
    for (int e = 0; e < count; e++) {
        if (!check_index(dataset, indices[e], err))
            return false;
        dataset->id[e] = sbmt_dataset_identity(dataset, indices[e]);
        if (dataset->examples.count == 0)
            put_made(dataset, indices[e], e, &used);
        else
            put_stored(dataset, indices[e], e, &used);
        if (dataset->task->target == SBMT_TARGET_MASKED)
            mask_words(dataset, epochs != NULL ? epochs[e] : 0, e, &used);
    }
    *batch = view_batch(dataset, count);
    return true;
}

struct sbmt_source sbmt_dataset_source(struct sbmt_dataset *dataset)
{
    return (struct sbmt_source){.context = dataset, .count = dataset->examples.count, .load = load};
}

int64_t sbmt_dataset_labels(const struct sbmt_dataset *dataset)
{
    const struct sbmt_examples *examples = &dataset->examples;
    switch (dataset->task->target) {
    case SBMT_TARGET_TOKEN:
        return examples->count > 0 ? examples->offset[examples->count] : 0;
    case SBMT_TARGET_MASKED:
        return dataset->masked;
    case SBMT_TARGET_EXAMPLE:
    case SBMT_TARGET_SCORE:
        break;
    }
    return examples->count;
}

void sbmt_dataset_histogram(const struct sbmt_dataset *dataset, int64_t *histogram)
{
    const int32_t *label = dataset->examples.label;
    const int64_t labels = label != NULL ? sbmt_dataset_labels(dataset) : 0;
    for (int c = 0; c < dataset->task->classes; c++)
        histogram[c] = 0;
    for (int64_t i = 0; i < labels; i++)
        if (label[i] >= 0)
            histogram[label[i]]++;
}
