/* PyTorch's files: where each storage lies. */
#include "core/io/torch_file.h"

#include <stdio.h>
#include <string.h>

#include "core/io/torch_state.h"
#include "core/io/zip.h"

enum { PROTOCOL = 0x80, LEGACY_VERSION = 1001, COUNT_SIZE = 8 };

/* What a legacy file begins with, the number 0x1950A86A20F9469CFC6C, little-endian. */
static const unsigned char magic[] = {0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19};

bool sbmt_torch_file_is(const unsigned char *bytes, size_t size)
{
    return sbmt_zip_is(bytes, size) || (size > 0 && bytes[0] == PROTOCOL);
}

/* The member "<any>/data.pkl". */
static const struct sbmt_zip_member *find_pickle(const struct sbmt_zip *zip)
{
    for (int i = 0; i < zip->count; i++) {
        const char *slash = strchr(zip->members[i].name, '/');
        if (slash != NULL && strcmp(slash, "/data.pkl") == 0)
            return &zip->members[i];
    }
    return NULL;
}

/* The member beside the pickle with the name "<folder><key>". */
static const struct sbmt_zip_member *find_beside(const struct sbmt_zip *zip,
                                                 const struct sbmt_zip_member *pickle,
                                                 const char *folder, const char *key,
                                                 size_t key_length)
{
    char name[512];
    const int any = (int)strcspn(pickle->name, "/");
    const int length = key_length < sizeof name
                           ? snprintf(name, sizeof name, "%.*s/%s%.*s", any, pickle->name, folder,
                                      (int)key_length, key)
                           : -1;
    return length > 0 && (size_t)length < sizeof name ? sbmt_zip_find(zip, name) : NULL;
}

static bool attach_member(struct sbmt_torch_file *file, const struct sbmt_zip *zip,
                          const struct sbmt_zip_member *pickle, struct sbmt_torch_tensor *tensor,
                          struct sbmt_error *err)
{
    const char *name = tensor->view.stored.name;
    const struct sbmt_zip_member *member = find_beside(zip, pickle, "data/", tensor->key->text,
                                                       tensor->key->length);
    if (member == NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: tensor '%s': its storage is not in the archive",
                         file->path, name);
    if (member->size != sbmt_torch_storage_size(tensor))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: tensor '%s': its storage has %zu bytes instead of %zu", file->path,
                         name, member->size, sbmt_torch_storage_size(tensor));
    sbmt_torch_tensor_attach(tensor, member->bytes);
    return true;
}

static bool read_zip(struct sbmt_torch_file *file, struct sbmt_torch_state *state,
                     struct sbmt_error *err)
{
    struct sbmt_zip zip;
    if (!sbmt_zip_read(&zip, file->mapping.bytes, file->mapping.size, file->path, &file->arena,
                       err))
        return false;
    const struct sbmt_zip_member *pickle = find_pickle(&zip);
    if (pickle == NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: a zip archive without data.pkl: not a file of torch.save",
                         file->path);
    const struct sbmt_zip_member *order = find_beside(&zip, pickle, "", "byteorder", 9);
    if (order != NULL && (order->size != 6 || memcmp(order->bytes, "little", 6) != 0))
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: was written on a big-endian machine",
                         file->path);
    const struct sbmt_pickle_value *dict;
    size_t position = 0;
    char place[sizeof err->message / 2];
    snprintf(place, sizeof place, "%s: data.pkl", file->path);
    if (!sbmt_pickle_read(pickle->bytes, pickle->size, &position, place, sbmt_torch_globals,
                          &file->arena, &dict, err) ||
        !sbmt_torch_state_read(state, dict, file->path, &file->arena, err))
        return false;
    for (int i = 0; i < state->count; i++)
        if (!attach_member(file, &zip, pickle, &state->tensors[i], err))
            return false;
    return true;
}

/* The next of the pickles of a legacy file. */
static const struct sbmt_pickle_value *next_pickle(struct sbmt_torch_file *file, size_t *position,
                                                   struct sbmt_error *err)
{
    const struct sbmt_pickle_value *value = NULL;
    if (!sbmt_pickle_read(file->mapping.bytes, file->mapping.size, position, file->path,
                          sbmt_torch_globals, &file->arena, &value, err))
        return NULL;
    return value;
}

static bool says_big_endian(const struct sbmt_pickle_value *machine)
{
    for (int i = 0; machine->kind == SBMT_PICKLE_DICT && i < machine->count; i += 2)
        if (sbmt_pickle_is(machine->items[i], "little_endian"))
            return machine->items[i + 1]->integer == 0;
    return false;
}

/* Magic number, version, machine. */
static bool read_legacy_head(struct sbmt_torch_file *file, size_t *position, struct sbmt_error *err)
{
    const struct sbmt_pickle_value *value = next_pickle(file, position, err);
    if (value == NULL)
        return false;
    if (value->kind != SBMT_PICKLE_LONG || value->length != sizeof magic ||
        memcmp(value->text, magic, sizeof magic) != 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: a pickle, but not one of torch.save",
                         file->path);
    value = next_pickle(file, position, err);
    if (value == NULL)
        return false;
    if (value->kind != SBMT_PICKLE_INTEGER || value->integer != LEGACY_VERSION)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: its version of torch.save is not known",
                         file->path);
    value = next_pickle(file, position, err);
    if (value != NULL && says_big_endian(value))
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: was written on a big-endian machine",
                         file->path);
    return value != NULL;
}

static bool same_key(const struct sbmt_pickle_value *a, const struct sbmt_pickle_value *b)
{
    return a->kind == SBMT_PICKLE_TEXT && a->length == b->length &&
           memcmp(a->text, b->text, a->length) == 0;
}

/* Gives the tensors of a storage their bytes, and moves behind the storage. */
static bool attach_legacy(struct sbmt_torch_file *file, struct sbmt_torch_state *state,
                          const struct sbmt_pickle_value *key, size_t *position,
                          struct sbmt_error *err)
{
    const size_t left = file->mapping.size - *position;
    const unsigned char *count_bytes = file->mapping.bytes + *position;
    size_t size = 0;
    bool found = false;
    for (int i = 0; i < state->count; i++) {
        struct sbmt_torch_tensor *tensor = &state->tensors[i];
        if (!same_key(key, tensor->key))
            continue;
        const char *name = tensor->view.stored.name;
        if (found && sbmt_torch_storage_size(tensor) != size)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: tensor '%s': its storage is of two types; the file is damaged",
                             file->path, name);
        size = sbmt_torch_storage_size(tensor);
        if (left < COUNT_SIZE || left - COUNT_SIZE < size)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: tensor '%s': the file ends within its storage; it is truncated",
                             file->path, name);
        if (memcmp(count_bytes, &tensor->storage_count, COUNT_SIZE) != 0)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: tensor '%s': its storage does not have %llu elements", file->path,
                             name, (unsigned long long)tensor->storage_count);
        sbmt_torch_tensor_attach(tensor, count_bytes + COUNT_SIZE);
        found = true;
    }
    if (!found)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: has a storage that is no tensor's of its dict; save a model's "
                         "state_dict() itself",
                         file->path);
    *position += COUNT_SIZE + size;
    return true;
}

static bool read_legacy(struct sbmt_torch_file *file, struct sbmt_torch_state *state,
                        struct sbmt_error *err)
{
    size_t position = 0;
    if (!read_legacy_head(file, &position, err))
        return false;
    const struct sbmt_pickle_value *dict = next_pickle(file, &position, err);
    if (dict == NULL || !sbmt_torch_state_read(state, dict, file->path, &file->arena, err))
        return false;
    const struct sbmt_pickle_value *keys = next_pickle(file, &position, err);
    if (keys == NULL)
        return false;
    if (keys->kind != SBMT_PICKLE_LIST)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: has no list of storages", file->path);
    for (int i = 0; i < keys->count; i++)
        if (!attach_legacy(file, state, keys->items[i], &position, err))
            return false;
    for (int i = 0; i < state->count; i++)
        if (state->tensors[i].view.stored.bytes == NULL)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: tensor '%s': its storage is not in the file", file->path,
                             state->tensors[i].view.stored.name);
    return true;
}

static bool read_file(struct sbmt_torch_file *file, struct sbmt_error *err)
{
    const unsigned char *bytes = file->mapping.bytes;
    const size_t size = file->mapping.size;
    struct sbmt_torch_state state = {0};
    if (!sbmt_torch_file_is(bytes, size))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: is neither a zip archive nor a pickle: not a "
                         "file of torch.save",
                         file->path);
    if (!(sbmt_zip_is(bytes, size) ? read_zip : read_legacy)(file, &state, err))
        return false;
    struct sbmt_strided *tensors = sbmt_arena_zalloc(&file->arena, (size_t)state.count,
                                                     sizeof *tensors);
    if (!sbmt_arena_check(&file->arena, file->path, err))
        return false;
    for (int i = 0; i < state.count; i++)
        tensors[i] = state.tensors[i].view;
    file->tensors = tensors;
    file->count = state.count;
    return true;
}

bool sbmt_torch_file_open(struct sbmt_torch_file *file, const char *path, struct sbmt_error *err)
{
    *file = (struct sbmt_torch_file){0};
    file->path = sbmt_arena_strdup(&file->arena, path);
    if (sbmt_arena_check(&file->arena, path, err) && sbmt_mapping_open(&file->mapping, path, err) &&
        read_file(file, err))
        return true;
    sbmt_torch_file_close(file);
    return false;
}

void sbmt_torch_file_close(struct sbmt_torch_file *file)
{
    sbmt_mapping_close(&file->mapping);
    sbmt_arena_finish(&file->arena);
    *file = (struct sbmt_torch_file){0};
}
