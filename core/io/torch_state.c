/* The state dict in a pickle of PyTorch's. */
#include "core/io/torch_state.h"

#include <string.h>

#include "core/base/str.h"

enum {
    REBUILD_TENSOR,
    REBUILD_PARAMETER,
    ORDERED_DICT,
    FIRST_STORAGE,
};

/* Three that are called, then the types of storages in the order of `storage_dtypes`. */
const char *const sbmt_torch_globals[] = {
    [REBUILD_TENSOR] = "torch._utils _rebuild_tensor_v2",
    [REBUILD_PARAMETER] = "torch._utils _rebuild_parameter",
    [ORDERED_DICT] = "collections OrderedDict",
    [FIRST_STORAGE] = "torch FloatStorage",
    "torch HalfStorage",
    "torch BFloat16Storage",
    "torch DoubleStorage",
    "torch LongStorage",
    "torch IntStorage",
    "torch ShortStorage",
    "torch CharStorage",
    "torch ByteStorage",
    "torch BoolStorage",
    NULL,
};

static const enum sbmt_dtype storage_dtypes[] = {
    SBMT_DTYPE_F32, SBMT_DTYPE_F16, SBMT_DTYPE_BF16, SBMT_DTYPE_F64, SBMT_DTYPE_I64,
    SBMT_DTYPE_I32, SBMT_DTYPE_I16, SBMT_DTYPE_I8,   SBMT_DTYPE_U8,  SBMT_DTYPE_BOOL,
};

/* What a message is about. */
struct place {
    const char *path, *name;
    struct sbmt_error *err;
};

#define FAIL(place, ...)                                                                           \
    (sbmt_fail((place)->err, SBMT_ERROR_DATA, __VA_ARGS__),                                        \
     sbmt_error_at((place)->err, "%s: tensor '%s'", (place)->path, (place)->name))

/* The arguments of a call of a global, or NULL. */
static const struct sbmt_pickle_value *arguments(const struct sbmt_pickle_value *value, int global)
{
    const bool calls = value->kind == SBMT_PICKLE_CALL && value->items[0]->global == global;
    return calls ? value->items[1] : NULL;
}

/* An item of a tuple if it has the kind, or NULL. */
static const struct sbmt_pickle_value *item(const struct sbmt_pickle_value *tuple, int index,
                                            enum sbmt_pickle_kind kind)
{
    const bool there = index < tuple->count && tuple->items[index]->kind == kind;
    return there ? tuple->items[index] : NULL;
}

/* ("storage", type, key, device, number of elements[, None]) */
static bool read_storage(const struct place *place, const struct sbmt_pickle_value *persistent,
                         struct sbmt_torch_tensor *tensor)
{
    const struct sbmt_pickle_value *id = persistent->items[0];
    if (id->kind != SBMT_PICKLE_TUPLE)
        return FAIL(place, "its storage has no description");
    const struct sbmt_pickle_value *tag = item(id, 0, SBMT_PICKLE_TEXT);
    const struct sbmt_pickle_value *type = item(id, 1, SBMT_PICKLE_GLOBAL);
    const struct sbmt_pickle_value *key = item(id, 2, SBMT_PICKLE_TEXT);
    const struct sbmt_pickle_value *count = item(id, 4, SBMT_PICKLE_INTEGER);
    if (tag == NULL || !sbmt_pickle_is(tag, "storage") || type == NULL ||
        type->global < FIRST_STORAGE || key == NULL || count == NULL || count->integer < 0)
        return FAIL(place, "the description of its storage is not one of PyTorch's");
    if (id->count > 5 && item(id, 5, SBMT_PICKLE_NONE) == NULL)
        return FAIL(place, "its storage is a part of another one, as PyTorch before 0.4 wrote; "
                           "save it anew");
    tensor->view.stored.dtype = storage_dtypes[type->global - FIRST_STORAGE];
    tensor->key = key;
    tensor->storage_count = (uint64_t)count->integer;
    if (tensor->storage_count > SIZE_MAX / 2 / sbmt_dtype_size(tensor->view.stored.dtype))
        return FAIL(place, "its storage is too large");
    return true;
}

/* Shape and strides: every element must lie in the storage. */
static bool read_view(const struct place *place, const struct sbmt_pickle_value *sizes,
                      const struct sbmt_pickle_value *strides, struct sbmt_torch_tensor *tensor)
{
    struct sbmt_stored *stored = &tensor->view.stored;
    if (sizes->count > SBMT_MAX_RANK)
        return FAIL(place, "has more than %d dimensions", SBMT_MAX_RANK);
    if (strides->count != sizes->count)
        return FAIL(place, "has %d dimensions and %d strides", sizes->count, strides->count);
    const size_t most = SIZE_MAX / 2 / sbmt_dtype_size(stored->dtype);
    uint64_t last = tensor->offset; /* the element furthest back */
    bool empty = false, fits = last < tensor->storage_count, too_large = false;
    stored->rank = sizes->count;
    stored->count = 1;
    for (int i = 0; i < stored->rank; i++) {
        const struct sbmt_pickle_value *size = item(sizes, i, SBMT_PICKLE_INTEGER);
        const struct sbmt_pickle_value *stride = item(strides, i, SBMT_PICKLE_INTEGER);
        if (size == NULL || stride == NULL || size->integer < 0 || stride->integer < 0)
            return FAIL(place, "its shape or strides hold something other than sizes");
        const uint64_t extent = (uint64_t)size->integer, step = (uint64_t)stride->integer;
        stored->shape[i] = size->integer;
        tensor->view.stride[i] = extent > 1 ? stride->integer : 0; /* leads nowhere, and is any */
        empty = empty || extent == 0;
        too_large = too_large || (extent != 0 && stored->count > most / extent);
        stored->count *= extent;
        if (!fits || extent <= 1 || step == 0)
            continue;
        fits = extent - 1 <= (tensor->storage_count - 1 - last) / step;
        last += fits ? (extent - 1) * step : 0;
    }
    if (!empty && !fits)
        return FAIL(place, "does not lie within the %llu elements of its storage",
                    (unsigned long long)tensor->storage_count);
    if (too_large)
        return FAIL(place, "its shape is too large");
    return true;
}

/* _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks) */
static bool read_tensor(const struct place *place, const struct sbmt_pickle_value *args,
                        struct sbmt_torch_tensor *tensor)
{
    const struct sbmt_pickle_value *storage = item(args, 0, SBMT_PICKLE_PERSISTENT);
    const struct sbmt_pickle_value *offset = item(args, 1, SBMT_PICKLE_INTEGER);
    const struct sbmt_pickle_value *sizes = item(args, 2, SBMT_PICKLE_TUPLE);
    const struct sbmt_pickle_value *strides = item(args, 3, SBMT_PICKLE_TUPLE);
    if (storage == NULL || offset == NULL || offset->integer < 0 || sizes == NULL ||
        strides == NULL)
        return FAIL(place, "is not described as PyTorch does");
    tensor->offset = (uint64_t)offset->integer;
    return read_storage(place, storage, tensor) && read_view(place, sizes, strides, tensor);
}

/* The arguments from which a value is made if it is a tensor or a parameter, or NULL. */
static const struct sbmt_pickle_value *tensor_arguments(const struct sbmt_pickle_value *value)
{
    const struct sbmt_pickle_value *parameter = arguments(value, REBUILD_PARAMETER);
    if (parameter != NULL)
        value = item(parameter, 0, SBMT_PICKLE_CALL);
    return value != NULL ? arguments(value, REBUILD_TENSOR) : NULL;
}

static const char *copy_name(const struct sbmt_pickle_value *key, struct sbmt_arena *arena)
{
    char *name = sbmt_arena_zalloc(arena, key->length + 1, 1);
    return name == NULL ? NULL : memcpy(name, key->text, key->length);
}

static bool read_entry(struct sbmt_torch_state *state, const struct sbmt_pickle_value *key,
                       const struct sbmt_pickle_value *value, const char *path,
                       struct sbmt_arena *arena, struct sbmt_error *err)
{
    const struct sbmt_pickle_value *args = tensor_arguments(value);
    if (args == NULL)
        return true;
    if (key->kind != SBMT_PICKLE_TEXT || !sbmt_str_is_plain(key->text, key->length))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: the name of tensor %d is not a text on one line", path,
                         state->count + 1);
    struct sbmt_torch_tensor *tensor = &state->tensors[state->count++];
    tensor->view.stored.name = copy_name(key, arena);
    if (!sbmt_arena_check(arena, path, err))
        return false;
    const struct place place = {path, tensor->view.stored.name, err};
    return read_tensor(&place, args, tensor);
}

bool sbmt_torch_state_read(struct sbmt_torch_state *state, const struct sbmt_pickle_value *dict,
                           const char *path, struct sbmt_arena *arena, struct sbmt_error *err)
{
    *state = (struct sbmt_torch_state){0};
    const struct sbmt_pickle_value *args = arguments(dict, ORDERED_DICT);
    if (dict->kind != SBMT_PICKLE_DICT && (args == NULL || args->count != 0))
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no dict; save a model's state_dict()",
                         path);
    state->tensors = sbmt_arena_zalloc(arena, (size_t)dict->count / 2, sizeof *state->tensors);
    if (!sbmt_arena_check(arena, path, err))
        return false;
    for (int i = args != NULL ? 2 : 0; i < dict->count; i += 2)
        if (!read_entry(state, dict->items[i], dict->items[i + 1], path, arena, err))
            return false;
    if (state->count == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: its dict holds no tensors; save a model's state_dict() itself", path);
    return true;
}

size_t sbmt_torch_storage_size(const struct sbmt_torch_tensor *tensor)
{
    return (size_t)tensor->storage_count * sbmt_dtype_size(tensor->view.stored.dtype);
}

void sbmt_torch_tensor_attach(struct sbmt_torch_tensor *tensor, const unsigned char *storage)
{
    struct sbmt_stored *stored = &tensor->view.stored;
    stored->bytes = stored->count == 0 ? storage
                                       : storage + tensor->offset * sbmt_dtype_size(stored->dtype);
}
