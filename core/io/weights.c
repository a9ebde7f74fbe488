/* The named tensors of a checkpoint: from one file, or from several and their index. */
#include "core/io/weights.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/str.h"
#include "core/io/json.h"
#include "core/io/path.h"
#include "core/io/torch_file.h"

/* An open file of tensors: one of the two. */
struct sbmt_weights_file {
    const char *path;
    struct sbmt_safetensors safetensors;
    struct sbmt_torch_file torch;
};

static const char index_suffix[] = ".index.json";

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The file of a folder that holds or lists its weights. */
static const char *find_in_folder(struct sbmt_weights *weights, struct sbmt_error *err)
{
    static const char *const names[] = {"model.safetensors", "model.safetensors.index.json",
                                        "pytorch_model.bin", "pytorch_model.bin.index.json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *path = sbmt_path_join(&weights->arena, weights->path, strlen(weights->path),
                                          names[i]);
        if (!sbmt_arena_check(&weights->arena, weights->path, err))
            return NULL;
        if (sbmt_file_exists(path))
            return path;
    }
    sbmt_fail(err, SBMT_ERROR_DATA,
              "%s: holds no weights: neither model.safetensors nor pytorch_model.bin, nor an index "
              "of either",
              weights->path);
    return NULL;
}

/* Opens a file of tensors, by what it begins with. */
static bool open_file(struct sbmt_weights_file *file, const char *path, struct sbmt_error *err)
{
    file->path = path;
    struct sbmt_mapping mapping;
    if (!sbmt_mapping_open(&mapping, path, err))
        return false;
    const bool is_torch = sbmt_torch_file_is(mapping.bytes, mapping.size);
    sbmt_mapping_close(&mapping);
    return is_torch ? sbmt_torch_file_open(&file->torch, path, err)
                    : sbmt_safetensors_open(&file->safetensors, path, err);
}

static bool open_one(struct sbmt_weights *weights, const char *path, struct sbmt_error *err)
{
    weights->files = sbmt_arena_zalloc(&weights->arena, 1, sizeof *weights->files);
    if (!sbmt_arena_check(&weights->arena, path, err))
        return false;
    weights->file_count = 1;
    return open_file(&weights->files[0], path, err);
}

static int compare_weights(const void *a, const void *b)
{
    const struct sbmt_weight *x = a, *y = b;
    return strcmp(x->tensor.stored.name, y->tensor.stored.name);
}

/* Makes the sorted list of the tensors of all files. */
static bool list_tensors(struct sbmt_weights *weights, struct sbmt_error *err)
{
    size_t most = 0, count = 0;
    for (int i = 0; i < weights->file_count; i++)
        most += (size_t)weights->files[i].safetensors.count + (size_t)weights->files[i].torch.count;
    struct sbmt_weight *tensors = sbmt_arena_zalloc(&weights->arena, most, sizeof *tensors);
    if (!sbmt_arena_check(&weights->arena, weights->path, err))
        return false;
    for (int i = 0; i < weights->file_count; i++) {
        const struct sbmt_weights_file *file = &weights->files[i];
        for (int k = 0; k < file->safetensors.count; k++)
            tensors[count++] = (struct sbmt_weight){
                sbmt_strided_from(&file->safetensors.tensors[k]), file->path};
        for (int k = 0; k < file->torch.count; k++)
            tensors[count++] = (struct sbmt_weight){file->torch.tensors[k], file->path};
    }
    if (count > 1)
        qsort(tensors, count, sizeof tensors[0], compare_weights);
    for (size_t i = 0; i < count; i++) {
        const char *name = tensors[i].tensor.stored.name;
        if (!sbmt_str_is_plain(name, strlen(name)))
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: the name of a tensor holds control characters", tensors[i].path);
        if (i > 0 && compare_weights(&tensors[i - 1], &tensors[i]) == 0)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: tensor '%s' occurs twice, also in %s",
                             tensors[i].path, name, tensors[i - 1].path);
    }
    weights->tensors = tensors;
    weights->count = (int)count;
    return true;
}

/* The bytes of a path up to its last slash, and this. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* The open file with a name beside the index, or NULL. */
static const struct sbmt_weights_file *find_file(const struct sbmt_weights *weights,
                                                 const char *index, const char *name)
{
    for (int i = 0; i < weights->file_count; i++)
        if (strcmp(weights->files[i].path + folder_length(index), name) == 0)
            return &weights->files[i];
    return NULL;
}

static bool add_file(struct sbmt_weights *weights, const char *index, const char *name,
                     struct sbmt_error *err)
{
    const char *path = sbmt_path_join(&weights->arena, index, folder_length(index), name);
    return sbmt_arena_check(&weights->arena, index, err) &&
           open_file(&weights->files[weights->file_count++], path, err);
}

static bool is_file_name(const struct sbmt_json_member *member)
{
    return member->kind == SBMT_JSON_TEXT && member->text[0] != '\0' &&
           strchr(member->text, '/') == NULL &&
           sbmt_str_is_plain(member->text, strlen(member->text));
}

static bool open_files(struct sbmt_weights *weights, const char *index,
                       const struct sbmt_json *json, struct sbmt_error *err)
{
    size_t count = 0;
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "weight_map", &member);)
        count++;
    if (count == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: 'weight_map' is missing or empty", index);
    weights->files = sbmt_arena_zalloc(&weights->arena, count, sizeof *weights->files);
    if (!sbmt_arena_check(&weights->arena, index, err))
        return false;
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "weight_map", &member);) {
        if (!sbmt_str_is_plain(member.key, strlen(member.key)) || !is_file_name(&member))
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: 'weight_map' holds something other than names of tensors and of "
                             "files beside it",
                             index);
        if (find_file(weights, index, member.text) == NULL &&
            !add_file(weights, index, member.text, err))
            return false;
    }
    return true;
}

/* Every tensor lies where the index says. */
static bool check_index(struct sbmt_weights *weights, const char *index,
                        const struct sbmt_json *json, struct sbmt_error *err)
{
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "weight_map", &member);) {
        const struct sbmt_weight *weight = sbmt_weights_find(weights, member.key);
        const struct sbmt_weights_file *file = find_file(weights, index, member.text);
        if (weight == NULL || weight->path != file->path)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: there is no tensor '%s', which %s expects",
                             file->path, member.key, index);
    }
    return true;
}

static bool read_index(struct sbmt_weights *weights, const char *index, struct sbmt_error *err)
{
    struct sbmt_mapping mapping;
    if (!sbmt_mapping_open(&mapping, index, err))
        return false;
    struct sbmt_json json = {0};
    bool read = sbmt_json_parse(&json, (const char *)mapping.bytes, mapping.size);
    if (!read)
        sbmt_fail(err, SBMT_ERROR_DATA, "%s: is not a JSON object", index);
    read = read && open_files(weights, index, &json, err) && list_tensors(weights, err) &&
           check_index(weights, index, &json, err);
    sbmt_json_finish(&json);
    sbmt_mapping_close(&mapping);
    return read;
}

static bool open_weights(struct sbmt_weights *weights, struct sbmt_error *err)
{
    const char *path = is_folder(weights->path) ? find_in_folder(weights, err) : weights->path;
    if (path == NULL)
        return false;
    const size_t length = strlen(path), suffix = sizeof index_suffix - 1;
    if (length > suffix && strcmp(path + length - suffix, index_suffix) == 0)
        return read_index(weights, path, err);
    return open_one(weights, path, err) && list_tensors(weights, err);
}

bool sbmt_weights_open(struct sbmt_weights *weights, const char *path, struct sbmt_error *err)
{
    *weights = (struct sbmt_weights){0};
    weights->path = sbmt_arena_strdup(&weights->arena, path);
    if (sbmt_arena_check(&weights->arena, path, err) && open_weights(weights, err))
        return true;
    sbmt_weights_close(weights);
    return false;
}

void sbmt_weights_close(struct sbmt_weights *weights)
{
    for (int i = 0; i < weights->file_count; i++) {
        sbmt_safetensors_close(&weights->files[i].safetensors);
        sbmt_torch_file_close(&weights->files[i].torch);
    }
    sbmt_arena_finish(&weights->arena);
    *weights = (struct sbmt_weights){0};
}

const struct sbmt_weight *sbmt_weights_find(const struct sbmt_weights *weights, const char *name)
{
    const struct sbmt_weight key = {.tensor.stored.name = name};
    return weights->count > 0 ? bsearch(&key, weights->tensors, (size_t)weights->count, sizeof key,
                                        compare_weights)
                              : NULL;
}

bool sbmt_weight_read(const struct sbmt_weight *weight, int rank, const int64_t *shape, real *out,
                      struct sbmt_error *err)
{
    if (!sbmt_stored_check_shape(&weight->tensor.stored, rank, shape, weight->path, err))
        return false;
    sbmt_strided_read(&weight->tensor, out);
    return true;
}
