/* Checkpoints that are broken in one way each, with the exact messages. */
#include "core/io/weights.h"

#include "core/base/str.h"
#include "tests/suite.h"
#include "tests/temporary.h"

/* Strings of bytes with NULs in them. */
#define PART(literal) literal, sizeof(literal) - 1

struct bytes {
    char all[4096];
    size_t size;
};

static void put(struct bytes *to, const char *bytes, size_t size)
{
    ck_assert_uint_le(to->size + size, sizeof to->all);
    memcpy(to->all + to->size, bytes, size);
    to->size += size;
}

/* What stands in the legacy file with one tensor 'w' that differs from what is right. */
struct legacy {
    const char *offset, *shape, *strides; /* pickled: "K\0", "K\2K\3\x86" */
    const char *type;                     /* of storage */
    const char *key, *listed;             /* the key of its storage, and in the list */
    char declared, stored;                /* numbers of its elements */
    const char *after;                    /* in the storage's description */
};

static const struct legacy good = {
    .offset = "M\1\0", /* by two bytes, so that a 0 can stand in a string */
    .shape = "K\2K\3\x86",
    .strides = "K\1K\2\x86",
    .type = "Float",
    .key = "7",
    .listed = "7",
    .declared = 7,
    .stored = 7,
    .after = "",
};

/* A file of a dict {"w": tensor, "epoch": 3}, whose storage is 0, 1, 2, … in float. */
static struct bytes make_legacy(const struct legacy *legacy)
{
    struct bytes made = {.size = 0};
    put(&made, PART("\x80\2\x8A\x0Al\xFC\x9C"
                    "F\xF9 j\xA8P\x19."));
    put(&made, PART("\x80\2M\xE9\3."));
    put(&made, PART("\x80\2}X\x0D\0\0\0little_endian\x88s."));
    put(&made,
        PART("\x80\2}(X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\n"));
    put(&made, legacy->type, strlen(legacy->type));
    put(&made, PART("Storage\nU\1"));
    put(&made, legacy->key, 1);
    put(&made, PART("U\3cpuK"));
    put(&made, &legacy->declared, 1);
    put(&made, legacy->after, strlen(legacy->after));
    put(&made, PART("tQ"));
    put(&made, legacy->offset, legacy->offset[0] == 'M' ? 3 : strlen(legacy->offset));
    put(&made, legacy->shape, strlen(legacy->shape));
    put(&made, legacy->strides, strlen(legacy->strides));
    put(&made, PART("\x89"
                    "ccollections\nOrderedDict\n)RtRX\5\0\0\0epochK\3u."));
    put(&made, PART("\x80\2]U\1"));
    put(&made, legacy->listed, 1);
    put(&made, PART("a."));
    put(&made, &legacy->stored, 1);
    put(&made, PART("\0\0\0\0\0\0\0"));
    for (int i = 0; i < 7; i++) {
        const float value = (float)i;
        put(&made, (const char *)&value, sizeof value);
    }
    return made;
}

/* Opens bytes as a file; the message is without its path. */
static bool open_bytes(const struct bytes *bytes, struct sbmt_weights *weights, char message[1024])
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "weights.bin");
    temporary_put(path, bytes->all, bytes->size);
    struct sbmt_error err = {0};
    const bool opened = sbmt_weights_open(weights, path, &err);
    if (!opened) {
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        ck_assert_int_eq(strncmp(err.message, path, strlen(path)), 0);
        snprintf(message, 1024, "%s", err.message + strlen(path) + 2);
    }
    temporary_remove(&temporary);
    return opened;
}

START_TEST(strides_and_offsets_are_followed)
{
    const struct bytes bytes = make_legacy(&good);
    struct sbmt_weights weights;
    struct sbmt_error err = {0};
    char message[1024] = "";
    ck_assert_msg(open_bytes(&bytes, &weights, message), "%s", message);
    ck_assert_int_eq(weights.count, 1);
    const struct sbmt_weight *weight = sbmt_weights_find(&weights, "w");
    ck_assert_ptr_nonnull(weight);
    const int64_t shape[] = {2, 3}, transposed[] = {3, 2};
    real values[6];
    ck_assert(sbmt_weight_read(weight, 2, shape, values, &err));
    static const int expected[] = {1, 3, 5, 2, 4, 6};
    for (int i = 0; i < 6; i++)
        ck_assert(values[i] == SBMT_R(expected[i]));
    ck_assert(!sbmt_weight_read(weight, 2, transposed, values, &err));
    ck_assert_ptr_nonnull(strstr(err.message, ": tensor 'w' has shape [2, 3], not [3, 2]"));
    ck_assert_ptr_null(sbmt_weights_find(&weights, "epoch"));
    sbmt_weights_close(&weights);
    sbmt_weights_close(&weights);
}
END_TEST

/* Where an extent is 1 a stride leads nowhere: PyTorch leaves it unchecked, and so do files. */
START_TEST(strides_along_one_element_mean_nothing)
{
    static const struct {
        const char *shape, *strides;
    } cases[] = {
        {"K\2K\1\x86", "K\1\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x86"},
        {"K\1K\2\x86", "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7FK\1\x86"},
    };
    for (int i = 0; i < 2; i++) {
        struct legacy legacy = good;
        legacy.type = "Half"; /* element by element, whatever a real is */
        legacy.shape = cases[i].shape;
        legacy.strides = cases[i].strides;
        const struct bytes bytes = make_legacy(&legacy);
        struct sbmt_weights weights;
        struct sbmt_error err = {0};
        char message[1024] = "";
        ck_assert_msg(open_bytes(&bytes, &weights, message), "%s", message);
        const struct sbmt_weight *weight = sbmt_weights_find(&weights, "w");
        ck_assert_int_eq(weight->tensor.stride[1 - i], 0);
        real values[2];
        const int64_t shape[] = {2 - i, 1 + i};
        ck_assert(sbmt_weight_read(weight, 2, shape, values, &err));
        sbmt_weights_close(&weights);
    }
}
END_TEST

/* Members that stay NULL or 0 are those of `good`. */
static const struct {
    struct legacy differs;
    const char *message;
} legacies[] = {
    {{.offset = "K\2"}, "tensor 'w': does not lie within the 7 elements of its storage"},
    {{.offset = "J\xFF\xFF\xFF\xFF"}, "tensor 'w': is not described as PyTorch does"},
    {{.offset = "N"}, "tensor 'w': is not described as PyTorch does"},
    {{.shape = "K\2K\4\x86"}, "tensor 'w': does not lie within the 7 elements of its storage"},
    {{.shape = "K\2\x85"}, "tensor 'w': has 1 dimensions and 2 strides"},
    {{.shape = "K\2N\x86"}, "tensor 'w': its shape or strides hold something other than sizes"},
    {{.shape = "K\2J\xFF\xFF\xFF\xFF\x86"},
     "tensor 'w': its shape or strides hold something other than sizes"},
    {{.strides = "K\1J\xFF\xFF\xFF\xFF\x86"},
     "tensor 'w': its shape or strides hold something other than sizes"},
    {{.strides = "K\1\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x86"},
     "tensor 'w': does not lie within the 7 elements of its storage"},
    {{.shape = "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t"}, "tensor 'w': has more than 8 dimensions"},
    {{.type = "Double", .declared = 3, .stored = 3},
     "tensor 'w': does not lie within the 3 elements of its storage"},
    {{.type = "Double"}, "tensor 'w': the file ends within its storage; it is truncated"},
    {{.declared = 8}, "tensor 'w': the file ends within its storage; it is truncated"},
    {{.stored = 6}, "tensor 'w': its storage does not have 7 elements"},
    {{.listed = "8"},
     "has a storage that is no tensor's of its dict; save a model's state_dict() itself"},
    {{.after = "K\1"},
     "tensor 'w': its storage is a part of another one, as PyTorch before 0.4 "
     "wrote; save it anew"},
    {{.type = "Quint"},
     "byte 102: it names torch.QuintStorage, which is no part of a checkpoint's "
     "tensors; refused"},
};

START_TEST(broken_legacy_files_are_refused)
{
    struct legacy legacy = legacies[_i].differs;
    legacy.offset = legacy.offset != NULL ? legacy.offset : good.offset;
    legacy.shape = legacy.shape != NULL ? legacy.shape : good.shape;
    legacy.strides = legacy.strides != NULL ? legacy.strides : good.strides;
    legacy.type = legacy.type != NULL ? legacy.type : good.type;
    legacy.key = good.key;
    legacy.listed = legacy.listed != NULL ? legacy.listed : good.listed;
    legacy.declared = legacy.declared != 0 ? legacy.declared : good.declared;
    legacy.stored = legacy.stored != 0 ? legacy.stored : good.stored;
    legacy.after = legacy.after != NULL ? legacy.after : good.after;
    const struct bytes bytes = make_legacy(&legacy);
    struct sbmt_weights weights;
    char message[1024] = "";
    ck_assert(!open_bytes(&bytes, &weights, message));
    ck_assert_str_eq(message, legacies[_i].message);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
    const char *message;
} others[] = {
    {PART(""), "not a safetensors file: 0 bytes are too few; it is truncated"},
    {PART("\x80\2K\1."), "a pickle, but not one of torch.save"},
    {PART("\x80\2\x8A\x0Al\xFC\x9C"
          "F\xF9 j\xA8P\x19.\x80\2K\1."),
     "its version of torch.save is not known"},
    {PART("\x80\2\x8A\x0Al\xFC\x9C"
          "F\xF9 j\xA8P\x19.\x80\2M\xE9\3.\x80\2}X\x0D\0\0\0little_endian\x89s."),
     "was written on a big-endian machine"},
    {PART("\x80\2\x8A\x0Al\xFC\x9C"
          "F\xF9 j\xA8P\x19.\x80\2M\xE9\3.\x80\2}.\x80\2]."),
     "holds no dict; save a model's state_dict()"},
    {PART("\x80\2\x8A\x0Al\xFC\x9C"
          "F\xF9 j\xA8P\x19.\x80\2M\xE9\3.\x80\2}.\x80\2}."),
     "its dict holds no tensors; save a model's state_dict() itself"},
    {PART("PK\3\4"), "the zip archive has no directory; it is truncated or damaged"},
    {PART("PK\3\4PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\0\0"),
     "a zip archive without data.pkl: not a file of torch.save"},
    {PART("PK\3\4PK\5\6\0\0\0\0\0\0\1\0\0\0\0\0\4\0\0\0\0\0"),
     "the zip archive is too small for its 1 members; it is damaged"},
};

START_TEST(other_files_are_refused)
{
    struct bytes bytes = {.size = 0};
    put(&bytes, others[_i].bytes, others[_i].size);
    struct sbmt_weights weights;
    char message[1024] = "";
    ck_assert(!open_bytes(&bytes, &weights, message));
    ck_assert_str_eq(message, others[_i].message);
}
END_TEST

static const struct {
    const char *index, *message; /**< "@" stands for the folder */
} indexes[] = {
    {"{}", "@/model.safetensors.index.json: 'weight_map' is missing or empty"},
    {"[]", "@/model.safetensors.index.json: is not a JSON object"},
    {"{\"weight_map\": {\"a\": \"../one\"}}",
     "@/model.safetensors.index.json: 'weight_map' holds something other than names of tensors and "
     "of files beside it"},
    {"{\"weight_map\": {\"a\": 1}}",
     "@/model.safetensors.index.json: 'weight_map' holds something other than names of tensors and "
     "of files beside it"},
    {"{\"weight_map\": {\"a\": \"none\"}}", "@/none: cannot open: No such file or directory"},
    {"{\"weight_map\": {\"b\": \"one\"}}",
     "@/one: there is no tensor 'b', which @/model.safetensors.index.json expects"},
    {"{\"weight_map\": {\"a\": \"one\", \"b\": \"one\", \"c\": \"two\"}}",
     "@/one: there is no tensor 'b', which @/model.safetensors.index.json expects"},
    {"{\"weight_map\": {\"a\": \"one\", \"b\": \"two\", \"d\": \"copy\"}}",
     "@/copy: tensor 'a' occurs twice, also in @/one"},
};

/* Files "one" with a tensor a, "two" with b, "copy" with a. */
static struct temporary make_shards(void)
{
    static const float value[1] = {1};
    static const char *const files[][2] = {{"one", "a"}, {"two", "b"}, {"copy", "a"}};
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    for (int i = 0; i < 3; i++) {
        const struct sbmt_stored tensor = {
            .name = files[i][1], .dtype = SBMT_DTYPE_F32, 1, {1}, 1, value};
        ck_assert(sbmt_safetensors_write(temporary_path(&temporary, files[i][0]), &tensor, 1, NULL,
                                         0, &err));
    }
    return temporary;
}

START_TEST(broken_indexes_are_refused)
{
    struct temporary temporary = make_shards();
    struct sbmt_weights weights;
    struct sbmt_error err = {0};
    struct sbmt_str wanted = {0};
    temporary_text(temporary_path(&temporary, "model.safetensors.index.json"), indexes[_i].index);
    ck_assert(!sbmt_weights_open(&weights, temporary.folder, &err));
    for (const char *c = indexes[_i].message; *c != '\0'; c++)
        if (*c == '@')
            sbmt_str_append(&wanted, temporary.folder, strlen(temporary.folder));
        else
            sbmt_str_append(&wanted, c, 1);
    ck_assert_str_eq(err.message, wanted.text);
    sbmt_str_finish(&wanted);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(a_folder_without_weights_says_what_it_looked_for)
{
    struct temporary temporary = temporary_make();
    struct sbmt_weights weights;
    struct sbmt_error err = {0};
    char wanted[1024];
    ck_assert(!sbmt_weights_open(&weights, temporary.folder, &err));
    snprintf(wanted, sizeof wanted,
             "%s: holds no weights: neither model.safetensors nor pytorch_model.bin, nor an index "
             "of either",
             temporary.folder);
    ck_assert_str_eq(err.message, wanted);
    temporary_remove(&temporary);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {strides_and_offsets_are_followed, 1},
        {strides_along_one_element_mean_nothing, 1},
        {broken_legacy_files_are_refused, COUNT(legacies)},
        {other_files_are_refused, COUNT(others)},
        {broken_indexes_are_refused, COUNT(indexes)},
        {a_folder_without_weights_says_what_it_looked_for, 1},
    };
    return sbmt_suite_run_loops("weights", tests, COUNT(tests));
}
