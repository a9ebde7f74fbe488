/* Opening a split of a task, and drawing batches from it. */
#include "data/dataset.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/str.h"
#include "data/generated.h"
#include "data/prepared.h"

#define SBMT_TASK(name) extern const struct sbmt_task sbmt_task_##name;
#include "data/list.h"
#undef SBMT_TASK

#define SBMT_TASK(name) &sbmt_task_##name,
static const struct sbmt_task *const tasks[] = {
#include "data/list.h"
};
#undef SBMT_TASK

enum { SPLIT_SHIFT = 56 };

const char *sbmt_split_name(enum sbmt_split split)
{
    static const char *const names[SBMT_SPLIT_COUNT] = {"train", "dev", "test"};
    return names[split];
}

const struct sbmt_task *sbmt_task_at(int index)
{
    const int count = (int)(sizeof tasks / sizeof tasks[0]);
    return index >= 0 && index < count ? tasks[index] : NULL;
}

const struct sbmt_task *sbmt_task_find(const char *name, struct sbmt_error *err)
{
    struct sbmt_str known = {0};
    const char *nearest = NULL;
    int distance = 0;
    for (int i = 0; sbmt_task_at(i) != NULL; i++) {
        const struct sbmt_task *task = sbmt_task_at(i);
        if (strcmp(task->name, name) == 0) {
            sbmt_str_finish(&known);
            return task;
        }
        sbmt_str_printf(&known, "%s%s", i > 0 ? ", " : "", task->name);
        sbmt_str_nearest(name, task->name, &nearest, &distance);
    }
    sbmt_fail(err, SBMT_ERROR_CONFIG, "unknown task '%.100s'%s%s%s; known tasks: %s", name,
              nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
              nearest != NULL ? "'?" : "", known.text != NULL ? known.text : "");
    sbmt_str_finish(&known);
    return NULL;
}

/* <root>/prepared into `folder` and the file of a split into `path`. */
static bool name_prepared(const struct sbmt_dataset *dataset, const char *root,
                          char folder[PATH_MAX], char path[PATH_MAX], struct sbmt_error *err)
{
    char task[100];
    snprintf(task, sizeof task, "%s", dataset->task->name);
    for (char *slash = strchr(task, '/'); slash != NULL; slash = strchr(slash, '/'))
        *slash = '-';
    snprintf(folder, PATH_MAX, "%s/prepared", root);
    const int length = snprintf(path, PATH_MAX, "%s/prepared/%s.%s.safetensors", root, task,
                                sbmt_split_name(dataset->split));
    if (length >= PATH_MAX)
        return sbmt_fail(err, SBMT_ERROR_IO, "%.200s…: the name of this data root is too long",
                         root);
    return true;
}

/* Tries the prepared file. Returns true if it is open and good for this source (NULL: absent).
 * Otherwise it has to be made anew; a file that should have been good is warned about. */
static bool open_prepared(struct sbmt_dataset *dataset, const char *path,
                          const struct sbmt_origin *origin, const struct sbmt_log *log,
                          struct sbmt_error *err)
{
    if (!sbmt_prepared_open(dataset, path, err)) {
        if (origin != NULL)
            sbmt_log_write(log, SBMT_LOG_WARNING, "%s; it is made anew", err->message);
        return false;
    }
    if (origin == NULL) {
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: used without its source file, which is absent",
                       path);
        return true;
    }
    if (sbmt_prepared_matches(&dataset->file, origin))
        return true;
    sbmt_log_write(log, SBMT_LOG_NOTE, "%s: its source file has changed; it is made anew", path);
    sbmt_safetensors_close(&dataset->file);
    return false;
}

static bool prepare(struct sbmt_dataset *dataset, const char *root, const char *folder,
                    const char *path, const struct sbmt_log *log, struct sbmt_error *err)
{
    if (!sbmt_folder_make(folder, err))
        return false;
    /* Said before the work rather than after it. */
    if (access(folder, W_OK) != 0)
        return sbmt_fail(err, SBMT_ERROR_IO,
                         "%s: cannot write prepared data here: %s; make the folder writable or "
                         "use a copy of the data root",
                         folder, strerror(errno));
    return dataset->task->prepare(dataset->task, root, dataset->split, path, log, err) &&
           sbmt_prepared_open(dataset, path, err);
}

/* From a prepared file, which is made first where it is missing or out of date. */
static bool open_files(struct sbmt_dataset *dataset, const char *root, const struct sbmt_log *log,
                       struct sbmt_error *err)
{
    const struct sbmt_task *task = dataset->task;
    char folder[PATH_MAX], path[PATH_MAX];
    struct sbmt_error absent = {0}, broken = {0};
    struct sbmt_origin origin;
    if (!name_prepared(dataset, root, folder, path, err))
        return false;
    const bool has_source = task->source(task, root, dataset->split, &origin, &absent);
    if (sbmt_file_exists(path)) {
        if (open_prepared(dataset, path, has_source ? &origin : NULL, log, &broken))
            return true;
        if (!has_source)
            return sbmt_fail(err, broken.kind, "%s; its source file is absent", broken.message);
    }
    if (!has_source)
        return sbmt_fail(err, absent.kind, "%s", absent.message);
    return prepare(dataset, root, folder, path, log, err);
}

bool sbmt_dataset_open(struct sbmt_dataset *dataset, const struct sbmt_task *task, const char *root,
                       enum sbmt_split split, uint64_t seed, const struct sbmt_log *log,
                       struct sbmt_error *err)
{
    *dataset = (struct sbmt_dataset){.task = task, .split = split, .seed = seed};
    return task->generator != NULL ? sbmt_generated_open(dataset, log, err)
                                   : open_files(dataset, root, log, err);
}

void sbmt_dataset_close(struct sbmt_dataset *dataset)
{
    sbmt_safetensors_close(&dataset->file);
    sbmt_arena_finish(&dataset->arena);
    sbmt_arena_finish(&dataset->made);
    *dataset = (struct sbmt_dataset){0};
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
    const size_t labels = dataset->task->target == SBMT_TARGET_TOKEN ? tokens : n;
    dataset->tokens = sbmt_arena_alloc(arena, tokens * sizeof(int32_t));
    dataset->offset = sbmt_arena_alloc(arena, (sequences + 1) * sizeof(int64_t));
    dataset->label = sbmt_arena_alloc(arena, labels * sizeof(int32_t));
    dataset->id = sbmt_arena_alloc(arena, n * sizeof(uint64_t));
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

/* Example number `index` as number `e` of the batch, behind the tokens and labels used so far. */
static void put(struct sbmt_dataset *dataset, int64_t index, int e, int64_t *used, int64_t *labels)
{
    const struct sbmt_examples *examples = &dataset->examples;
    const int segments = dataset->task->segments;
    const bool of_tokens = dataset->task->target == SBMT_TARGET_TOKEN;
    int32_t *tokens = dataset->tokens + *used, *label = dataset->label + *labels;
    int64_t length;
    if (examples->count == 0) {
        length = sbmt_generated_example(dataset->task, dataset->split, dataset->seed, index, tokens,
                                        label);
        dataset->offset[e + 1] = *used + length;
    } else {
        const int64_t *offset = examples->offset + index * segments;
        length = offset[segments] - offset[0];
        copy_tokens(examples, offset[0], offset[segments], tokens);
        for (int s = 1; s <= segments; s++)
            dataset->offset[e * segments + s] = *used + offset[s] - offset[0];
        memcpy(label, examples->label + (of_tokens ? offset[0] : index),
               (of_tokens ? (size_t)length : 1) * sizeof *label);
    }
    *used += length;
    *labels += of_tokens ? length : 1;
    dataset->id[e] = (uint64_t)index + ((uint64_t)dataset->split << SPLIT_SHIFT);
}

static bool load(void *context, const int64_t *indices, int count, struct sbmt_batch *batch,
                 struct sbmt_error *err)
{
    struct sbmt_dataset *dataset = context;
    const struct sbmt_examples *examples = &dataset->examples;
    if (!reserve(dataset, count, err))
        return false;
    int64_t used = 0, labels = 0;
    dataset->offset[0] = 0;
    for (int e = 0; e < count; e++) {
        const int64_t index = indices[e];
        if (index < 0 || (examples->count != 0 && index >= examples->count))
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: there is no example %" PRId64 " among %" PRId64,
                             dataset->file.path != NULL ? dataset->file.path : dataset->task->name,
                             index, examples->count);
        put(dataset, index, e, &used, &labels);
    }
    *batch = (struct sbmt_batch){.count = count,
                                 .segments = dataset->task->segments,
                                 .tokens = dataset->tokens,
                                 .offset = dataset->offset,
                                 .label = dataset->label,
                                 .id = dataset->id,
                                 .target = dataset->task->target};
    return true;
}

struct sbmt_source sbmt_dataset_source(struct sbmt_dataset *dataset)
{
    return (struct sbmt_source){.context = dataset, .count = dataset->examples.count, .load = load};
}

int64_t sbmt_dataset_labels(const struct sbmt_dataset *dataset)
{
    const struct sbmt_examples *examples = &dataset->examples;
    if (examples->count == 0 || dataset->task->target == SBMT_TARGET_EXAMPLE)
        return examples->count;
    return examples->offset[examples->count];
}

void sbmt_dataset_histogram(const struct sbmt_dataset *dataset, int64_t *histogram)
{
    const int64_t labels = sbmt_dataset_labels(dataset);
    for (int c = 0; c < dataset->task->classes; c++)
        histogram[c] = 0;
    for (int64_t i = 0; i < labels; i++)
        histogram[dataset->examples.label[i]]++;
}
