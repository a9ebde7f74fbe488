/* Weights to begin with. */
#include "bench/pretrained.h"

#include <stdlib.h>
#include <string.h>

#include "bench/class_names.h"
#include "bench/pretrained_source.h"
#include "bench/run.h"
#include "core/train/checkpoint.h"

/* What loading is at, and what it reports. */
struct loading {
    const struct sbmt_huggingface_checkpoint *from;
    struct sbmt_params *params;
    bool other_classes; /* the last layer of a classifier is no use */
    const int *order;   /* its row for each class; NULL: as they are */
    int loaded;
    struct sbmt_str missing, fresh, unused; /* names with ", " between */
};

static bool begins(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Whether a model is no warm start without a weight: all of an encoder's, but for those that kinds
 * of attention add to the projections. */
static bool is_needed(const char *name)
{
    static const char *const projections[] = {"query.", "key.", "value."};
    const char *self = strstr(name, ".attention.self.");
    if (self == NULL)
        return (begins(name, "embeddings.") || begins(name, "encoder.")) &&
               strcmp(name, "embeddings.class_token") != 0;
    self += strlen(".attention.self.");
    for (size_t i = 0; i < sizeof projections / sizeof projections[0]; i++)
        if (begins(self, projections[i]) && strchr(self, '.') == strrchr(self, '.'))
            return true;
    return false;
}

static void append_name(struct sbmt_str *list, const char *name)
{
    sbmt_str_printf(list, "%s%s", list->length > 0 ? ", " : "", name);
}

/* What to do about another shape of some tensors; "" for the others. */
static const char *shape_hint(const char *name)
{
    if (strcmp(name, "embeddings.word_embeddings.weight") == 0)
        return "; the vocabulary of the task is not the one that these weights were made with";
    if (strcmp(name, "embeddings.position_embeddings.weight") == 0)
        return "; sequences of the task are longer than those of these weights can be";
    return "";
}

/* Whether the tensors differ in the first axis alone, and how: rows there, less rows here. */
static int64_t more_rows(const struct sbmt_tensor *tensor, const struct sbmt_stored *stored)
{
    if (stored->rank != tensor->rank)
        return 0;
    for (int i = 1; i < tensor->rank; i++)
        if (stored->shape[i] != tensor->shape[i])
            return 0;
    return stored->shape[0] - tensor->shape[0];
}

/* The first rows of a longer table, or `order[0]`, `order[1]`, … of one as long. */
static bool read_rows(const struct sbmt_weight *weight, const struct sbmt_tensor *tensor,
                      const int *order, real *out, struct sbmt_error *err)
{
    const struct sbmt_stored *stored = &weight->tensor.stored;
    const size_t rows = (size_t)tensor->shape[0], width = tensor->size / rows;
    real *all = malloc(stored->count * sizeof *all);
    if (all == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", weight->path);
    const bool read = sbmt_weight_read(weight, stored->rank, stored->shape, all, err);
    for (size_t r = 0; read && r < rows; r++)
        memcpy(out + r * width, all + (order != NULL ? (size_t)order[r] : r) * width,
               width * sizeof *out);
    free(all);
    return read;
}

static bool is_last_layer(const char *name)
{
    static const char *const names[] = {"classifier.weight", "classifier.bias",
                                        "classifier.output.weight", "classifier.output.bias"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool load_tensor(struct loading *loading, const struct sbmt_tensor *tensor,
                        const struct sbmt_weight *weight, struct sbmt_error *err)
{
    static const char positions[] = "embeddings.position_embeddings.weight";
    const struct sbmt_stored *stored = &weight->tensor.stored;
    const int64_t more = more_rows(tensor, stored);
    const bool last = is_last_layer(tensor->name);
    real *value = loading->params->value + tensor->offset;
    if (last && (more != 0 || loading->other_classes)) {
        append_name(&loading->fresh, tensor->name);
        return true;
    }
    loading->loaded++;
    if (more > 0 && strcmp(tensor->name, positions) == 0)
        return read_rows(weight, tensor, NULL, value, err);
    if (last && loading->order != NULL && stored->count == tensor->size)
        return read_rows(weight, tensor, loading->order, value, err);
    struct sbmt_error plain = {0};
    return sbmt_weight_read(weight, tensor->rank, tensor->shape, value, &plain) ||
           sbmt_fail(err, plain.kind, "%.900s%s", plain.message,
                     plain.kind == SBMT_ERROR_DATA ? shape_hint(tensor->name) : "");
}

static bool load_tensors(struct loading *loading, struct sbmt_error *err)
{
    for (const struct sbmt_tensor *t = loading->params->first; t != NULL; t = t->next) {
        if (t->init.kind == SBMT_INIT_SINUSOIDAL) /* computed, whatever the weights have */
            continue;
        const struct sbmt_weight *weight = sbmt_huggingface_find(loading->from, t->name);
        if (weight == NULL)
            append_name(is_needed(t->name) ? &loading->missing : &loading->fresh, t->name);
        else if (!load_tensor(loading, t, weight, err))
            return false;
    }
    const struct sbmt_huggingface_checkpoint *from = loading->from;
    for (int i = 0; i < from->count; i++)
        if (!begins(from->weights[i].name, "optimizer.") &&
            sbmt_params_find(loading->params, from->weights[i].name) == NULL)
            append_name(&loading->unused, from->weights[i].name);
    if (loading->missing.failed || loading->fresh.failed || loading->unused.failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", from->files.path);
    if (loading->missing.length > 0)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: weights that the model needs are missing: %.800s", from->files.path,
                         loading->missing.text);
    return true;
}

static void report(const struct loading *loading, const struct sbmt_log *log)
{
    const bool fresh = loading->fresh.length > 0, unused = loading->unused.length > 0;
    sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %d tensors loaded%s%.800s%s%.800s",
                   loading->from->files.path, loading->loaded, fresh ? "; new: " : "",
                   fresh ? loading->fresh.text : "", unused ? "; not used: " : "",
                   unused ? loading->unused.text : "");
}

/* The file that weights lie in before number `end` of the list, other than those of numbers before.
 */
static bool is_first_of_file(const struct sbmt_weights *files, int index)
{
    for (int i = 0; i < index; i++)
        if (strcmp(files->tensors[i].path, files->tensors[index].path) == 0)
            return false;
    return true;
}

static bool digest(const struct sbmt_weights *files, char sha256[SBMT_SHA256_HEX],
                   struct sbmt_error *err)
{
    struct sbmt_str list = {0};
    int count = 0;
    bool done = true;
    for (int i = 0; done && i < files->count; i++) {
        if (!is_first_of_file(files, i))
            continue;
        const char *path = files->tensors[i].path, *slash = strrchr(path, '/');
        done = sbmt_digest_file(path, sha256, err);
        sbmt_str_printf(&list, "%s  %s\n", sha256, slash != NULL ? slash + 1 : path);
        count++;
    }
    if (done && list.failed)
        done = sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", files->path);
    if (done && count > 1)
        done = sbmt_digest_bytes(SBMT_DIGEST_SHA256, list.text, list.length, sha256, err);
    sbmt_str_finish(&list);
    return done;
}

/* A folder of transformers, not a run that was exported into. */
static bool is_foreign(const char *path)
{
    return sbmt_pretrained_is_huggingface(path) && !sbmt_run_exists(path);
}

/* The classes that the weights were made for, as far as anything tells. Weights of one of our
 * checkpoints are whole. */
static bool read_classes(const char *path, const struct sbmt_weights *files,
                         struct sbmt_class_names *names, struct sbmt_arena *arena,
                         struct sbmt_error *err)
{
    char place[SBMT_RUN_PATH];
    const char *list = NULL;
    *names = (struct sbmt_class_names){0};
    if (is_foreign(path)) {
        struct sbmt_huggingface_config config;
        sbmt_run_path(path, "config.json", place);
        if (!sbmt_huggingface_config_read(&config, place, arena, err))
            return false;
        *names = (struct sbmt_class_names){config.label_count, config.labels};
        return true;
    }
    if (files->count > 0 && !sbmt_checkpoint_look(files->tensors[0].path, &list, arena, err))
        return false;
    *names = sbmt_class_names_split(list, arena);
    return true;
}

static void append_names(const struct sbmt_class_names *names, struct sbmt_str *out)
{
    for (int i = 0; i < names->count; i++)
        append_name(out, names->name[i]);
}

/* Compares the classes with those of the task. Names in config.json are whatever somebody chose:
 * where they differ the classes may be the same all the same. */
static bool check_classes(struct loading *loading, const char *path, const char *classes,
                          const struct sbmt_log *log, struct sbmt_arena *arena,
                          struct sbmt_error *err)
{
    struct sbmt_class_names theirs, ours = sbmt_class_names_split(classes, arena);
    if (!read_classes(path, &loading->from->files, &theirs, arena, err))
        return false;
    int *order = sbmt_arena_zalloc(arena, (size_t)ours.count + 1, sizeof *order);
    if (!sbmt_arena_check(arena, path, err))
        return false;
    if (!sbmt_class_names_tell(&theirs) || theirs.count != ours.count)
        return true;
    const enum sbmt_class_relation relation = sbmt_class_names_compare(&theirs, &ours, order);
    const bool chosen = is_foreign(path);
    if (relation == SBMT_CLASSES_SAME)
        return true;
    const bool reordered = relation == SBMT_CLASSES_REORDERED;
    loading->order = reordered ? order : NULL;
    loading->other_classes = !reordered && !chosen;
    struct sbmt_str names = {0};
    append_names(&theirs, &names);
    sbmt_log_write(log, reordered || !chosen ? SBMT_LOG_NOTE : SBMT_LOG_WARNING,
                   "%s: its classes are '%.200s', those of the task '%.200s': %s",
                   loading->from->files.path, names.failed ? "?" : names.text, classes,
                   reordered ? "the rows of the classifier's last layer change places"
                   : chosen  ? "taken for these, in this order"
                             : "the last layer of the classifier starts anew");
    sbmt_str_finish(&names);
    return true;
}

bool sbmt_pretrained_load(const char *path, const struct sbmt_model_config *config,
                          struct sbmt_params *params, const char *classes,
                          const struct sbmt_log *log, char sha256[SBMT_SHA256_HEX],
                          struct sbmt_error *err)
{
    struct sbmt_huggingface_checkpoint from;
    if (!sbmt_pretrained_open(&from, path, config, err))
        return false;
    struct sbmt_arena arena = {0};
    struct loading loading = {.from = &from, .params = params};
    const bool done = check_classes(&loading, path, classes, log, &arena, err) &&
                      load_tensors(&loading, err) && digest(&from.files, sha256, err);
    if (done)
        report(&loading, log);
    sbmt_str_finish(&loading.missing);
    sbmt_str_finish(&loading.fresh);
    sbmt_str_finish(&loading.unused);
    sbmt_arena_finish(&arena);
    sbmt_huggingface_close(&from);
    return done;
}
