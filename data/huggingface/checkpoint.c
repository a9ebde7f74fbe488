/* A folder with a model of Hugging Face's. */
#include "data/huggingface/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "core/io/path.h"

static int compare_names(const void *a, const void *b)
{
    const struct sbmt_huggingface_weight *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* Makes the sorted list of weights by their canonical names. */
static bool list_weights(struct sbmt_huggingface_checkpoint *checkpoint, struct sbmt_error *err)
{
    const struct sbmt_weights *files = &checkpoint->files;
    struct sbmt_huggingface_weight *weights = sbmt_arena_zalloc(
        &checkpoint->arena, (size_t)files->count, sizeof *weights);
    int count = 0;
    for (int i = 0; weights != NULL && i < files->count; i++) {
        const char *stored = files->tensors[i].tensor.stored.name;
        if (!sbmt_huggingface_is_weight(stored))
            continue;
        weights[count].name = sbmt_huggingface_canonical(stored, &checkpoint->arena);
        weights[count++].weight = &files->tensors[i];
    }
    if (!sbmt_arena_check(&checkpoint->arena, files->path, err))
        return false;
    if (count > 1)
        qsort(weights, (size_t)count, sizeof weights[0], compare_names);
    for (int i = 1; i < count; i++)
        if (compare_names(&weights[i - 1], &weights[i]) == 0)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: tensors '%s' and '%s' are the same weight",
                             weights[i].weight->path, weights[i - 1].weight->tensor.stored.name,
                             weights[i].weight->tensor.stored.name);
    checkpoint->weights = weights;
    checkpoint->count = count;
    return true;
}

static bool open_folder(struct sbmt_huggingface_checkpoint *checkpoint, const char *folder,
                        struct sbmt_error *err)
{
    const char *path = sbmt_path_join(&checkpoint->arena, folder, strlen(folder), "config.json");
    return sbmt_arena_check(&checkpoint->arena, folder, err) &&
           sbmt_huggingface_config_read(&checkpoint->config, path, &checkpoint->arena, err) &&
           sbmt_weights_open(&checkpoint->files, folder, err) && list_weights(checkpoint, err);
}

bool sbmt_huggingface_open(struct sbmt_huggingface_checkpoint *checkpoint, const char *folder,
                           struct sbmt_error *err)
{
    *checkpoint = (struct sbmt_huggingface_checkpoint){0};
    if (open_folder(checkpoint, folder, err))
        return true;
    sbmt_huggingface_close(checkpoint);
    return false;
}

bool sbmt_huggingface_open_weights(struct sbmt_huggingface_checkpoint *checkpoint, const char *path,
                                   struct sbmt_error *err)
{
    *checkpoint = (struct sbmt_huggingface_checkpoint){0};
    if (sbmt_weights_open(&checkpoint->files, path, err) && list_weights(checkpoint, err))
        return true;
    sbmt_huggingface_close(checkpoint);
    return false;
}

void sbmt_huggingface_close(struct sbmt_huggingface_checkpoint *checkpoint)
{
    sbmt_weights_close(&checkpoint->files);
    sbmt_arena_finish(&checkpoint->arena);
    *checkpoint = (struct sbmt_huggingface_checkpoint){0};
}

static const struct sbmt_huggingface_weight *find(const struct sbmt_huggingface_weight *weights,
                                                  int count, const char *name)
{
    const struct sbmt_huggingface_weight key = {.name = name};
    return count > 0 ? bsearch(&key, weights, (size_t)count, sizeof key, compare_names) : NULL;
}

const struct sbmt_weight *
sbmt_huggingface_find(const struct sbmt_huggingface_checkpoint *checkpoint, const char *name)
{
    const struct sbmt_huggingface_weight *found = find(checkpoint->weights, checkpoint->count,
                                                       name);
    return found != NULL ? found->weight : NULL;
}

static bool write_weights(const char *path, const struct sbmt_huggingface_config *config,
                          const struct sbmt_stored *tensors, int count, struct sbmt_arena *arena,
                          struct sbmt_error *err)
{
    /* Without it transformers does not believe that the tensors are PyTorch's. */
    static const char *const metadata[] = {"format", "pt"};
    struct sbmt_stored *stored = sbmt_arena_zalloc(arena, (size_t)count, sizeof *stored);
    for (int i = 0; stored != NULL && i < count; i++) {
        stored[i] = tensors[i];
        stored[i].name = sbmt_huggingface_stored(
            tensors[i].name, (enum sbmt_huggingface_family)config->model_type, arena);
    }
    return sbmt_arena_check(arena, path, err) &&
           sbmt_safetensors_write(path, stored, count, metadata, 1, err);
}

bool sbmt_huggingface_write(const char *folder, const struct sbmt_huggingface_config *config,
                            const char *architecture, const struct sbmt_stored *tensors, int count,
                            struct sbmt_error *err)
{
    struct sbmt_arena arena = {0};
    const size_t length = strlen(folder);
    const char *json = sbmt_path_join(&arena, folder, length, "config.json");
    const char *weights = sbmt_path_join(&arena, folder, length, "model.safetensors");
    const bool written = sbmt_arena_check(&arena, folder, err) && sbmt_folder_make(folder, err) &&
                         write_weights(weights, config, tensors, count, &arena, err) &&
                         sbmt_huggingface_config_write(config, architecture, json, err);
    sbmt_arena_finish(&arena);
    return written;
}
