/* Checkpoints in every format against the weights that PyTorch stored: equal, not near. */
#include <check.h>
#include <stdlib.h>

#include "core/io/weights.h"
#include "data/huggingface/checkpoint.h"
#include "tests/golden/golden.h"
#include "tests/suite.h"

/* One checkpoint: how the names in it come from those of expected.safetensors. */
static const struct format {
    const char *path; /**< below the folder of golden files */
    const char *prefix;
    bool old_names, has_position_ids;
    enum sbmt_dtype dtype;
} formats[] = {
    {"expected.safetensors", "", false, false, SBMT_DTYPE_F32},
    {"f16", "", false, false, SBMT_DTYPE_F16},
    {"bf16/model.safetensors", "", false, false, SBMT_DTYPE_BF16},
    {"prefixed/", "bert.", false, false, SBMT_DTYPE_F32},
    {"sharded", "", false, false, SBMT_DTYPE_F32},
    {"sharded/model.safetensors.index.json", "", false, false, SBMT_DTYPE_F32},
    {"sharded_bin", "bert.", true, false, SBMT_DTYPE_F32},
    {"zip", "", false, true, SBMT_DTYPE_F32},
    {"zip_bf16", "bert.", false, false, SBMT_DTYPE_BF16},
    {"legacy", "bert.", true, false, SBMT_DTYPE_F32},
    {"legacy_f16", "", false, false, SBMT_DTYPE_F16},
    {"views", "", false, false, SBMT_DTYPE_F32},
    {"protocol4/weights.pt", "", false, false, SBMT_DTYPE_F64},
};

/* A canonical name as a checkpoint spells it. */
static void spell(const struct format *format, const char *canonical, char name[256])
{
    const bool is_head = strncmp(canonical, "cls.", 4) == 0;
    snprintf(name, 256, "%s%s", is_head ? "" : format->prefix, canonical);
    char *norm = strstr(name, "LayerNorm.");
    if (norm != NULL && format->old_names)
        strcpy(norm, norm[strlen("LayerNorm.")] == 'w' ? "LayerNorm.gamma" : "LayerNorm.beta");
}

static void open_weights(struct sbmt_weights *weights, const char *name)
{
    char path[4096];
    struct sbmt_error err = {0};
    snprintf(path, sizeof path, "%s/huggingface/%s", GOLDEN_FOLDER, name);
    ck_assert_msg(sbmt_weights_open(weights, path, &err), "%s", err.message);
}

START_TEST(values_are_those_stored)
{
    const struct format *format = &formats[_i];
    struct sbmt_error err = {0};
    struct sbmt_safetensors expected;
    struct sbmt_weights weights;
    golden_open(&expected, "huggingface/expected");
    open_weights(&weights, format->path);
    ck_assert_int_eq(weights.count, expected.count + format->has_position_ids);
    for (int i = 0; i < expected.count; i++) {
        const struct sbmt_stored *tensor = &expected.tensors[i];
        char name[256];
        spell(format, tensor->name, name);
        const struct sbmt_weight *weight = sbmt_weights_find(&weights, name);
        ck_assert_msg(weight != NULL, "%s: no %s", format->path, name);
        ck_assert_int_eq(weight->tensor.stored.dtype, format->dtype);
        real *values = malloc(tensor->count * sizeof *values);
        ck_assert_ptr_nonnull(values);
        ck_assert_msg(sbmt_weight_read(weight, tensor->rank, tensor->shape, values, &err), "%s",
                      err.message);
        ck_assert_mem_eq(values, tensor->bytes, tensor->count * sizeof *values);
        free(values);
    }
    sbmt_weights_close(&weights);
    sbmt_safetensors_close(&expected);
}
END_TEST

START_TEST(integers_are_read)
{
    struct sbmt_error err = {0};
    struct sbmt_weights weights;
    open_weights(&weights, "zip");
    const struct sbmt_weight *ids = sbmt_weights_find(&weights, "embeddings.position_ids");
    ck_assert_ptr_nonnull(ids);
    ck_assert_int_eq(ids->tensor.stored.dtype, SBMT_DTYPE_I64);
    real values[16];
    const int64_t shape[] = {1, 16};
    ck_assert_msg(sbmt_weight_read(ids, 2, shape, values, &err), "%s", err.message);
    for (int i = 0; i < 16; i++)
        ck_assert(values[i] == SBMT_R(i));
    sbmt_weights_close(&weights);
}
END_TEST

/* Both families come down to the same names. */
START_TEST(folders_have_canonical_names)
{
    static const char *const folders[] = {"prefixed", "roberta"};
    char path[4096];
    struct sbmt_error err = {0};
    struct sbmt_safetensors expected;
    struct sbmt_huggingface_checkpoint checkpoint;
    golden_open(&expected, "huggingface/expected");
    snprintf(path, sizeof path, "%s/huggingface/%s", GOLDEN_FOLDER, folders[_i]);
    ck_assert_msg(sbmt_huggingface_open(&checkpoint, path, &err), "%s", err.message);
    ck_assert_int_eq(checkpoint.config.model_type, _i);
    ck_assert_int_eq(checkpoint.config.pad_token_id, _i);
    ck_assert_int_eq(checkpoint.config.vocab_size, 40);
    ck_assert_int_eq(checkpoint.config.intermediate_size, 12);
    ck_assert_str_eq(checkpoint.config.labels[1], "yes");
    ck_assert_int_eq(checkpoint.count, expected.count);
    for (int i = 0; i < expected.count; i++) {
        const struct sbmt_stored *tensor = &expected.tensors[i];
        const struct sbmt_weight *weight = sbmt_huggingface_find(&checkpoint, tensor->name);
        ck_assert_msg(weight != NULL, "%s: no %s", folders[_i], tensor->name);
        ck_assert_uint_eq(weight->tensor.stored.count, tensor->count);
        ck_assert_mem_eq(weight->tensor.stored.bytes, tensor->bytes, tensor->count * sizeof(float));
    }
    sbmt_huggingface_close(&checkpoint);
    sbmt_safetensors_close(&expected);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {values_are_those_stored, (int)(sizeof formats / sizeof formats[0])},
        {integers_are_read, 1},
        {folders_have_canonical_names, 2},
    };
    return sbmt_suite_run_loops("golden weights", tests, 3);
}
