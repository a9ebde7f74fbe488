/* The tensors of an examined example as a safetensors file. */
#include "bench/dump.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/io/safetensors.h"

enum { NAME = 256, BESIDE = 8, METADATA = 7 };

/* The tensors so far. */
struct list {
    struct sbmt_arena arena;
    struct sbmt_stored *tensor;
    int count;
};

__attribute__((format(printf, 5, 6))) static void add(struct list *list, enum sbmt_dtype dtype,
                                                      const void *bytes, const int64_t shape[2],
                                                      const char *format, ...)
{
    char name[NAME];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    const int rank = shape[1] > 0 ? 2 : 1;
    list->tensor[list->count++] = (struct sbmt_stored){
        .name = sbmt_arena_strdup(&list->arena, name),
        .dtype = dtype,
        .rank = rank,
        .shape = {shape[0], shape[1]},
        .count = (size_t)shape[0] * (size_t)(rank == 2 ? shape[1] : 1),
        .bytes = bytes,
    };
}

static void add_captured(struct list *list, const struct sbmt_captured *captured, bool pairs)
{
    char place[NAME] = "";
    size_t used = 0;
    if (pairs && captured->layer >= 0)
        used += (size_t)snprintf(place + used, NAME - used, "sequence.%d.", captured->segment);
    if (captured->layer >= 0)
        used += (size_t)snprintf(place + used, NAME - used, "layer.%d.", captured->layer);
    if (captured->head >= 0)
        snprintf(place + used, NAME - used, "head.%d.", captured->head);
    /* One number a pair is a list; one a token and column keeps its second axis. */
    const bool list_of_pairs = captured->columns == 1;
    const int64_t shape[2] = {captured->rows, list_of_pairs ? 0 : captured->columns};
    if (captured->value != NULL)
        add(list, SBMT_DTYPE_F32, captured->value, shape, "%s%s", place, captured->name);
    else
        add(list, SBMT_DTYPE_I32, captured->index, shape, "%s%s", place, captured->name);
}

static void add_example(struct list *list, const struct sbmt_inspection *inspection,
                        const struct sbmt_examined *examined)
{
    const struct sbmt_batch *batch = &examined->batch;
    const int64_t labels[2] = {examined->labels, 0};
    const int64_t table[2] = {examined->labels, sbmt_inspection_classes(inspection)};
    for (int s = 0; s < batch->segments; s++) {
        const struct sbmt_sequence sequence = sbmt_batch_sequence(batch, 0, s);
        const int64_t shape[2] = {sequence.n, 0};
        char place[NAME] = "";
        if (batch->segments > 1)
            snprintf(place, sizeof place, "sequence.%d.", s);
        add(list, SBMT_DTYPE_I32, sequence.tokens, shape, "%stokens", place);
        if (sequence.position != NULL)
            add(list, SBMT_DTYPE_I32, sequence.position, shape, "%spositions", place);
    }
    if (examined->labels == 0)
        return;
    const bool labelled = sbmt_inspection_labelled(inspection);
    if (batch->place != NULL)
        add(list, SBMT_DTYPE_I32, batch->place, labels, "place");
    if (batch->target == SBMT_TARGET_SCORE && labelled)
        add(list, SBMT_DTYPE_F64, batch->score, labels, "score");
    if (batch->target != SBMT_TARGET_SCORE && labelled)
        add(list, SBMT_DTYPE_I32, batch->label, labels, "label");
    if (batch->target != SBMT_TARGET_SCORE)
        add(list, SBMT_DTYPE_I32, examined->prediction, labels, "prediction");
    add(list, SBMT_DTYPE_F32, examined->logits, table, "logits");
}

/* The captured logits are those of the first draw, of which an evaluation may have the mean of
 * several. */
static void add_all(struct list *list, const struct sbmt_inspection *inspection,
                    const struct sbmt_examined *examined)
{
    const bool several = sbmt_model_draws(inspection->experiment.model) > 1;
    add_example(list, inspection, examined);
    for (const struct sbmt_captured *c = examined->capture.first; c != NULL; c = c->next) {
        struct sbmt_captured renamed = *c;
        if (strcmp(c->name, "logits") == 0)
            renamed.name = "first_draw.logits";
        if (strcmp(c->name, "logits") != 0 || several)
            add_captured(list, &renamed, examined->batch.segments > 1);
    }
    const struct sbmt_tensor *tensor = inspection->experiment.params.first;
    for (; tensor != NULL && examined->gradient != NULL; tensor = tensor->next) {
        const int64_t shape[2] = {(int64_t)tensor->size, 0};
        add(list, SBMT_DTYPE_F32, examined->gradient + tensor->offset, shape,
            "gradient.parameter.%s", tensor->name);
        struct sbmt_stored *stored = &list->tensor[list->count - 1];
        stored->rank = tensor->rank;
        for (int i = 0; i < tensor->rank; i++)
            stored->shape[i] = tensor->shape[i];
    }
}

static bool write(const char *path, const struct list *list,
                  const struct sbmt_inspection *inspection, const struct sbmt_examined *examined,
                  struct sbmt_error *err)
{
    const struct sbmt_experiment_config *config = inspection->experiment.config;
    char example[32], step[32];
    snprintf(example, sizeof example, "%" PRId64, examined->index);
    snprintf(step, sizeof step, "%" PRId64, inspection->state.step);
    const char *const metadata[2 * METADATA] = {
        "task",      config->task,
        "protocol",  sbmt_protocol_name(config->protocol),
        "attention", sbmt_attention_name(config),
        "split",     sbmt_split_name(inspection->split),
        "example",   example,
        "step",      step,
        "config",    inspection->evaluation.fingerprint,
    };
    return sbmt_safetensors_write(path, list->tensor, list->count, metadata, METADATA, err);
}

bool sbmt_dump_write(const char *path, const struct sbmt_inspection *inspection,
                     const struct sbmt_examined *examined, struct sbmt_error *err)
{
    struct list list = {0};
    const size_t most = (size_t)examined->capture.count + BESIDE +
                        (size_t)inspection->experiment.params.count;
    list.tensor = sbmt_arena_zalloc(&list.arena, most, sizeof *list.tensor);
    if (list.tensor != NULL)
        add_all(&list, inspection, examined);
    const bool written = sbmt_arena_check(&list.arena, path, err) &&
                         write(path, &list, inspection, examined, err);
    sbmt_arena_finish(&list.arena);
    return written;
}
