/* safetensors: opening a file and checking all of it. */
#include <cjson/cJSON.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/safetensors.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");

enum { LENGTH_SIZE = 8 };

static const char metadata_key[] = "__metadata__";

/* A tensor with its place in the data, while the file is checked. */
struct placed {
    struct sbmt_stored stored;
    uint64_t begin, end;
};

/* Fails about a tensor. */
#define FAIL(path, name, ...)                                                                      \
    (sbmt_fail(err, SBMT_ERROR_DATA, __VA_ARGS__),                                                 \
     sbmt_error_at(err, "%s: tensor '%.200s'", (path), (name)))

/* A JSON number as an exact integer from 0 to 2^53: cJSON keeps numbers as doubles. */
static bool get_integer(const cJSON *item, uint64_t *value)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 0x1p53))
        return false;
    *value = (uint64_t)item->valuedouble;
    return (double)*value == item->valuedouble;
}

static bool read_dtype(const char *path, const cJSON *entry, struct sbmt_stored *stored,
                       struct sbmt_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
    if (!cJSON_IsString(item))
        return FAIL(path, stored->name, "'dtype' is missing or not a string");
    if (!sbmt_dtype_find(item->valuestring, &stored->dtype))
        return FAIL(path, stored->name, "dtype '%.200s' is not known", item->valuestring);
    return true;
}

static bool read_shape(const char *path, const cJSON *entry, struct sbmt_stored *stored,
                       struct sbmt_error *err)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(entry, "shape");
    if (!cJSON_IsArray(list))
        return FAIL(path, stored->name, "'shape' is missing or not a list");
    const size_t most = SIZE_MAX / sbmt_dtype_size(stored->dtype);
    bool overflow = false;
    stored->count = 1;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        uint64_t extent;
        if (!get_integer(item, &extent))
            return FAIL(path, stored->name, "'shape' holds something other than a size");
        if (stored->rank == SBMT_MAX_RANK)
            return FAIL(path, stored->name, "has more than %d dimensions", SBMT_MAX_RANK);
        stored->shape[stored->rank++] = (int64_t)extent;
        /* A later 0 would hide an overflow, so it is kept in mind. */
        overflow = overflow || (extent != 0 && stored->count > most / extent);
        stored->count *= (size_t)extent;
    }
    if (overflow)
        return FAIL(path, stored->name, "'shape' is too large");
    return true;
}

static bool read_offsets(const char *path, const cJSON *entry, size_t data_size,
                         struct placed *placed, struct sbmt_error *err)
{
    const char *name = placed->stored.name;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) != 2 ||
        !get_integer(cJSON_GetArrayItem(list, 0), &placed->begin) ||
        !get_integer(cJSON_GetArrayItem(list, 1), &placed->end))
        return FAIL(path, name, "'data_offsets' is missing or not a pair of positions");
    const unsigned long long begin = placed->begin, end = placed->end;
    if (begin > end)
        return FAIL(path, name, "ends at byte %llu, before it begins at %llu", end, begin);
    if (end > data_size)
        return FAIL(path, name, "ends at byte %llu of %zu: the file is truncated or damaged", end,
                    data_size);
    const size_t need = placed->stored.count * sbmt_dtype_size(placed->stored.dtype);
    if (end - begin != need)
        return FAIL(path, name, "occupies %llu bytes, its shape needs %zu", end - begin, need);
    return true;
}

static bool read_tensor(struct sbmt_safetensors *file, const cJSON *entry, size_t data_size,
                        struct placed *placed, struct sbmt_error *err)
{
    *placed = (struct placed){.stored.name = sbmt_arena_strdup(&file->arena, entry->string)};
    if (!sbmt_arena_check(&file->arena, file->path, err))
        return false;
    if (!cJSON_IsObject(entry))
        return FAIL(file->path, entry->string, "its description is not a JSON object");
    if (!read_dtype(file->path, entry, &placed->stored, err) ||
        !read_shape(file->path, entry, &placed->stored, err) ||
        !read_offsets(file->path, entry, data_size, placed, err))
        return false;
    if (cJSON_GetArraySize(entry) != 3)
        return FAIL(file->path, entry->string,
                    "its description has more than dtype, shape and data_offsets");
    return true;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_places(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return strcmp(x->stored.name, y->stored.name);
}

/* Names twice in an object: JSON parsers differ in which one they believe. Uses `names` up. */
static bool check_distinct(const char *path, const char **names, int count, const char *what,
                           struct sbmt_error *err)
{
    if (count > 1)
        qsort(names, (size_t)count, sizeof names[0], compare_strings);
    for (int i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: %s '%.200s' occurs twice in the header",
                             path, what, names[i]);
    return true;
}

static bool read_metadata(struct sbmt_safetensors *file, const cJSON *object,
                          struct sbmt_error *err)
{
    if (!cJSON_IsObject(object))
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: %s in the header is not a JSON object",
                         file->path, metadata_key);
    const int count = cJSON_GetArraySize(object);
    const char **pairs = sbmt_arena_zalloc(&file->arena, 2 * (size_t)count, sizeof *pairs);
    const char **names = sbmt_arena_zalloc(&file->arena, (size_t)count, sizeof *names);
    if (!sbmt_arena_check(&file->arena, file->path, err))
        return false;
    const cJSON *item;
    int i = 0;
    cJSON_ArrayForEach(item, object)
    {
        if (!cJSON_IsString(item))
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: metadata '%.200s' is not a string",
                             file->path, item->string);
        names[i] = pairs[2 * i] = sbmt_arena_strdup(&file->arena, item->string);
        pairs[2 * i + 1] = sbmt_arena_strdup(&file->arena, item->valuestring);
        if (!sbmt_arena_check(&file->arena, file->path, err))
            return false;
        i++;
    }
    file->metadata = pairs;
    file->metadata_count = count;
    return check_distinct(file->path, names, count, "metadata", err);
}

/* Data in file order must follow without overlap or gap and start where its elements may. */
static bool check_layout(struct sbmt_safetensors *file, struct placed *placed, int count,
                         size_t data_begin, struct sbmt_error *err)
{
    if (count > 0)
        qsort(placed, (size_t)count, sizeof placed[0], compare_places);
    uint64_t position = 0;
    for (int i = 0; i < count; i++) {
        const char *name = placed[i].stored.name;
        const unsigned long long begin = placed[i].begin;
        if (begin < position)
            return FAIL(file->path, name, "overlaps the tensor before it at byte %llu", begin);
        if (begin > position)
            return FAIL(file->path, name, "begins at byte %llu and leaves a gap after byte %llu",
                        begin, (unsigned long long)position);
        if ((data_begin + begin) % sbmt_dtype_size(placed[i].stored.dtype) != 0)
            return FAIL(file->path, name, "is not aligned to its elements in the file");
        position = placed[i].end;
    }
    const size_t data_size = file->mapping.size - data_begin;
    if (position != data_size)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: %zu bytes after the last tensor belong to none",
                         file->path, data_size - (size_t)position);
    return true;
}

/* Takes over the checked tensors. */
static bool keep_tensors(struct sbmt_safetensors *file, const struct placed *placed, int count,
                         size_t data_begin, struct sbmt_error *err)
{
    struct sbmt_stored *tensors = sbmt_arena_zalloc(&file->arena, (size_t)count, sizeof *tensors);
    if (!sbmt_arena_check(&file->arena, file->path, err))
        return false;
    for (int i = 0; i < count; i++) {
        tensors[i] = placed[i].stored;
        tensors[i].bytes = file->mapping.bytes + data_begin + placed[i].begin;
    }
    file->tensors = tensors;
    file->count = count;
    return true;
}

static bool read_header(struct sbmt_safetensors *file, const cJSON *root, size_t data_begin,
                        struct sbmt_error *err)
{
    const size_t most = (size_t)cJSON_GetArraySize(root);
    struct placed *placed = sbmt_arena_zalloc(&file->arena, most, sizeof *placed);
    const char **names = sbmt_arena_zalloc(&file->arena, most, sizeof *names);
    if (!sbmt_arena_check(&file->arena, file->path, err))
        return false;
    int count = 0, all = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, root)
    {
        names[all++] = entry->string;
        const bool is_metadata = strcmp(entry->string, metadata_key) == 0;
        if (is_metadata
                ? !read_metadata(file, entry, err)
                : !read_tensor(file, entry, file->mapping.size - data_begin, &placed[count], err))
            return false;
        count += !is_metadata;
    }
    return check_distinct(file->path, names, all, "name", err) &&
           check_layout(file, placed, count, data_begin, err) &&
           keep_tensors(file, placed, count, data_begin, err);
}

static bool only_spaces(const char *begin, const char *end)
{
    for (; begin < end; begin++)
        if (*begin != ' ')
            return false;
    return true;
}

static bool parse(struct sbmt_safetensors *file, struct sbmt_error *err)
{
    const char *path = file->path;
    const size_t size = file->mapping.size;
    uint64_t length;
    if (size < LENGTH_SIZE)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: not a safetensors file: %zu bytes are too few; it is truncated", path,
                         size);
    memcpy(&length, file->mapping.bytes, sizeof length);
    if (length > SBMT_HEADER_LIMIT)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: not a safetensors file: a header of %llu bytes is over the limit of "
                         "%d",
                         path, (unsigned long long)length, SBMT_HEADER_LIMIT);
    if (length > size - LENGTH_SIZE)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: truncated: the header needs %llu bytes, the file has %zu", path,
                         (unsigned long long)length, size - LENGTH_SIZE);
    const char *text = (const char *)file->mapping.bytes + LENGTH_SIZE, *end = NULL;
    cJSON *root = NULL;
    if (length > 0 && text[0] == '{')
        root = cJSON_ParseWithLengthOpts(text, (size_t)length, &end, false);
    const bool valid = root != NULL && only_spaces(end, text + length);
    if (!valid)
        sbmt_fail(err, SBMT_ERROR_DATA, "%s: the header is not valid JSON (near byte %zu)", path,
                  LENGTH_SIZE + (end != NULL ? (size_t)(end - text) : 0));
    const bool read = valid && read_header(file, root, LENGTH_SIZE + (size_t)length, err);
    cJSON_Delete(root);
    return read;
}

bool sbmt_safetensors_open(struct sbmt_safetensors *file, const char *path, struct sbmt_error *err)
{
    *file = (struct sbmt_safetensors){0};
    file->path = sbmt_arena_strdup(&file->arena, path);
    if (sbmt_arena_check(&file->arena, path, err) && sbmt_mapping_open(&file->mapping, path, err) &&
        parse(file, err))
        return true;
    sbmt_safetensors_close(file);
    return false;
}

void sbmt_safetensors_close(struct sbmt_safetensors *file)
{
    sbmt_mapping_close(&file->mapping);
    sbmt_arena_finish(&file->arena);
    *file = (struct sbmt_safetensors){0};
}
