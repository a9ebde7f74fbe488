/* A BERT of two layers from its files as transformers stores them, against outputs that another
 * program computed in float64: hidden states, the pooler's through the head for next sentences, and
 * logits of masked words. In the product, and in double without the layers above core.
 *
 * TINY_BERT names another folder than tests/golden/tiny_bert, as scripts/golden/tiny_bert.py writes
 * it: with --whole the model has all of its words. */
#include <math.h>
#include <stdlib.h>

#include "core/io/weights.h"
#include "core/kernels/kernels.h"
#include "core/model/encoder.h"
#include "core/model/model.h"
#include "tests/golden/golden.h"
#include "tests/suite.h"
#include "tests/temporary.h"
#if SBMT_REAL_BITS == 32
#include "bench/pretrained.h"
#endif

enum { EXAMPLES = 2, MOST_TOKENS = 16, DIM = 32, TOP = 5 };

static const double exact_tolerance = SBMT_REAL_BITS == 64 ? 1e-9 : 1e-5;

static const char *folder(void)
{
    const char *other = getenv("TINY_BERT");
    return other != NULL ? other : GOLDEN_FOLDER "/tiny_bert";
}

/* A model of the folder's sizes and a batch of the examples; words to be guessed are all of them.
 */
struct world {
    struct sbmt_safetensors expected;
    struct sbmt_arena options, saved, scratch;
    struct sbmt_model_config config;
    struct sbmt_model_shape shape;
    struct sbmt_params params;
    struct sbmt_batch batch;
    struct sbmt_stats stats;
    struct sbmt_pass pass;
    int32_t place[MOST_TOKENS];
    int32_t label[MOST_TOKENS];
    uint64_t id[EXAMPLES];
    double tolerance;
};

static const struct sbmt_stored *expected(const struct world *world, enum sbmt_dtype dtype,
                                          const char *name)
{
    return golden_tensor(&world->expected, dtype, "%s", name);
}

static void set_batch(struct world *world)
{
    const int64_t *offset = expected(world, SBMT_DTYPE_I64, "offsets")->bytes;
    ck_assert_int_le(offset[EXAMPLES], MOST_TOKENS);
    for (int e = 0; e < EXAMPLES; e++)
        for (int64_t i = offset[e]; i < offset[e + 1]; i++)
            world->place[i] = (int32_t)(i - offset[e]);
    world->batch = (struct sbmt_batch){
        .count = EXAMPLES,
        .segments = 1,
        .tokens = expected(world, SBMT_DTYPE_I32, "tokens")->bytes,
        .type = expected(world, SBMT_DTYPE_I32, "types")->bytes,
        .offset = offset,
        .place = world->place,
        .place_offset = offset,
        .label = world->label,
        .id = world->id,
        .target = world->shape.target,
    };
    world->pass = (struct sbmt_pass){
        .kernels = sbmt_kernels_get(NULL, NULL),
        .saved = &world->saved,
        .scratch = &world->scratch,
        .stats = &world->stats,
        .batch_count = EXAMPLES,
    };
}

static void world_init(struct world *world, enum sbmt_target target, double tolerance)
{
    struct sbmt_error err = {0};
    char path[4096];
    struct sbmt_weights weights;
    *world = (struct world){.tolerance = tolerance};
    snprintf(path, sizeof path, "%s/expected.safetensors", folder());
    ck_assert_msg(sbmt_safetensors_open(&world->expected, path, &err), "%s", err.message);
    ck_assert_msg(sbmt_weights_open(&weights, folder(), &err), "%s", err.message);
    const struct sbmt_weight *words = sbmt_weights_find(&weights,
                                                        "bert.embeddings.word_embeddings.weight");
    ck_assert_ptr_nonnull(words);
    sbmt_fields_defaults(sbmt_model_fields, &world->config, &world->options);
    world->config.architecture = SBMT_ARCHITECTURE_BERT;
    world->config.dim = DIM;
    world->config.ffn_dim = 37;
    world->config.norm_eps = 1e-12;
    world->config.token_types = 2;
    world->config.pooling = SBMT_POOLING_CLS;
    world->shape = (struct sbmt_model_shape){
        .vocab = (int)words->tensor.stored.shape[0],
        .positions = MOST_TOKENS, /* the first of 64 */
        .classes = 2,
        .segments = 1,
        .target = target,
    };
    sbmt_weights_close(&weights);
    set_batch(world);
}

static void world_finish(struct world *world)
{
    sbmt_params_finish(&world->params);
    sbmt_safetensors_close(&world->expected);
    sbmt_arena_finish(&world->options);
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

/* The weights of `path`, under the names of BertForPreTraining, into the parameters that there are.
 */
static void load_named(struct world *world, const char *path)
{
    struct sbmt_weights weights;
    struct sbmt_error err = {0};
    ck_assert_msg(sbmt_weights_open(&weights, path, &err), "%s", err.message);
    for (const struct sbmt_tensor *t = world->params.first; t != NULL; t = t->next) {
        char name[256];
        const bool is_head = strncmp(t->name, "cls.", 4) == 0;
        snprintf(name, sizeof name, "%s%s", is_head ? "" : "bert.", t->name);
        if (strncmp(t->name, "classifier.", 11) == 0) /* it has two classes as well */
            snprintf(name, sizeof name, "cls.seq_relationship.%s", t->name + 11);
        const struct sbmt_weight *weight = sbmt_weights_find(&weights, name);
        ck_assert_msg(weight != NULL, "%s: no %s", path, name);
        const struct sbmt_stored *stored = &weight->tensor.stored;
        real *values = malloc(stored->count * sizeof *values);
        ck_assert_ptr_nonnull(values);
        ck_assert(stored->count >= t->size);
        ck_assert_msg(sbmt_weight_read(weight, stored->rank, stored->shape, values, &err), "%s",
                      err.message);
        memcpy(world->params.value + t->offset, values, t->size * sizeof *values);
        free(values);
    }
    sbmt_weights_close(&weights);
}

/* The same by the product's own way in, which must agree with it but for the classifier. */
static void load(struct world *world, const char *path)
{
    struct sbmt_error err = {0};
    ck_assert_msg(sbmt_params_seal(&world->params, 1, &err), "%s", err.message);
    world->pass.value = world->params.value;
    load_named(world, path);
#if SBMT_REAL_BITS == 32
    char sha256[SBMT_SHA256_HEX];
    real *named = malloc(world->params.size * sizeof *named);
    ck_assert_ptr_nonnull(named);
    memcpy(named, world->params.value, world->params.size * sizeof *named);
    for (const struct sbmt_tensor *t = world->params.first; t != NULL; t = t->next)
        if (strncmp(t->name, "classifier.", 11) != 0)
            memset(world->params.value + t->offset, 0, t->size * sizeof *named);
    ck_assert_msg(
        sbmt_pretrained_load(path, &world->config, &world->params, NULL, NULL, sha256, &err), "%s",
        err.message);
    ck_assert_mem_eq(named, world->params.value, world->params.size * sizeof *named);
    free(named);
#endif
}

static void compare(const struct world *world, const char *name, size_t at, double found)
{
    const double *values = expected(world, SBMT_DTYPE_F64, name)->bytes;
    ck_assert_msg(fabs(found - values[at]) <= world->tolerance, "%s[%zu] is %.12g, expected %.12g",
                  name, at, found, values[at]);
}

static void check_hidden(const char *path, double tolerance)
{
    struct world world;
    struct sbmt_error err = {0};
    world_init(&world, SBMT_TARGET_TOKEN, tolerance);
    struct sbmt_encoder *encoder = sbmt_encoder_create(&world.config, &world.shape, &world.params,
                                                       &err);
    ck_assert_ptr_nonnull(encoder);
    load(&world, path);
    for (int e = 0; e < EXAMPLES; e++) {
        const struct sbmt_sequence sequence = sbmt_batch_sequence(&world.batch, e, 0);
        struct sbmt_encoder_saved *saved;
        const real *out;
        const size_t first = (size_t)world.batch.offset[e] * DIM;
        ck_assert(sbmt_encoder_forward(encoder, &sequence, &world.pass, &saved, &out, &err));
        for (size_t i = 0; i < (size_t)sequence.n * DIM; i++)
            compare(&world, "last_hidden_state", first + i, (double)out[i]);
    }
    sbmt_encoder_destroy(encoder);
    world_finish(&world);
}

/* The logits of an example, on the heap. */
static real *run(struct world *world, const struct sbmt_model *model, int example)
{
    struct sbmt_error err = {0};
    struct sbmt_outcome outcome;
    const int rows = sbmt_batch_labels(&world->batch, example).count;
    real *logits = malloc((size_t)rows * (size_t)sbmt_model_shape(model)->classes * sizeof *logits);
    ck_assert_ptr_nonnull(logits);
    ck_assert_msg(sbmt_model_example(model, &world->batch, example, &world->pass, logits, NULL,
                                     &outcome, &err),
                  "%s", err.message);
    return logits;
}

/* ln Σ e^logit, and that the recorded words have the largest logits. */
static void compare_all_words(const struct world *world, size_t row, int words, const real *logits)
{
    if (sbmt_safetensors_find(&world->expected, "mlm_logsumexp") == NULL)
        return;
    const int32_t *top = expected(world, SBMT_DTYPE_I32, "mlm_top5_ids")->bytes;
    double sum = 0;
    int above = 0;
    for (int w = 0; w < words; w++) {
        sum += exp((double)logits[w]);
        above += logits[w] > logits[top[row * TOP + TOP - 1]];
    }
    ck_assert_int_eq(above, TOP - 1);
    compare(world, "mlm_logsumexp", row, log(sum));
}

static void check_logits(const char *path, enum sbmt_target target, double tolerance)
{
    struct world world;
    struct sbmt_error err = {0};
    world_init(&world, target, tolerance);
    struct sbmt_model *model = sbmt_model_create(&world.config, &world.shape, &world.params, &err);
    ck_assert_msg(model != NULL, "%s", err.message);
    load(&world, path);
    for (int e = 0; e < EXAMPLES; e++) {
        real *logits = run(&world, model, e);
        const int words = sbmt_model_shape(model)->classes;
        const struct sbmt_labels rows = sbmt_batch_labels(&world.batch, e);
        for (int i = 0; target == SBMT_TARGET_EXAMPLE && i < 2; i++)
            compare(&world, "nsp_logits", (size_t)(2 * e + i), (double)logits[i]);
        for (int r = 0; target == SBMT_TARGET_MASKED && r < rows.count; r++) {
            const size_t row = (size_t)rows.first + (size_t)r;
            const real *own = logits + (size_t)r * (size_t)words;
            for (size_t i = 0; i < 16; i++)
                compare(&world, "mlm_logits_first16", 16 * row + i, (double)own[i]);
            compare_all_words(&world, row, words, own);
        }
        free(logits);
    }
    sbmt_model_destroy(model);
    world_finish(&world);
}

static void check_all(const char *path, double tolerance)
{
    check_hidden(path, tolerance);
    check_logits(path, SBMT_TARGET_EXAMPLE, tolerance);
    check_logits(path, SBMT_TARGET_MASKED, tolerance);
}

START_TEST(outputs_from_safetensors)
{
    check_all(folder(), exact_tolerance);
}
END_TEST

START_TEST(outputs_from_torch_files)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/pytorch_model.bin", folder());
    check_all(path, exact_tolerance);
}
END_TEST

/* The nearest binary16 of a value within their range, ties to even. */
static uint16_t f16_of(float value)
{
    const int exponent = value != 0 && ilogb((double)value) > -14 ? ilogb((double)value) : -14;
    const double fraction = nearbyint(ldexp(fabs((double)value), 10 - exponent));
    return (uint16_t)((signbit(value) ? 0x8000 : 0) + 1024 * (exponent + 14) + (int)fraction);
}

/* The nearest bfloat16 of a finite value, ties to even. */
static uint16_t bf16_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/* A copy of the weights with 16 bits each. */
static void write_halves(const char *path, enum sbmt_dtype dtype)
{
    struct sbmt_safetensors from;
    struct sbmt_error err = {0};
    char source[4096];
    snprintf(source, sizeof source, "%s/model.safetensors", folder());
    ck_assert_msg(sbmt_safetensors_open(&from, source, &err), "%s", err.message);
    struct sbmt_stored *tensors = calloc((size_t)from.count, sizeof *tensors);
    ck_assert_ptr_nonnull(tensors);
    for (int i = 0; i < from.count; i++) {
        const float *values = from.tensors[i].bytes;
        uint16_t *halves = malloc(from.tensors[i].count * sizeof *halves);
        ck_assert_ptr_nonnull(halves);
        for (size_t k = 0; k < from.tensors[i].count; k++)
            halves[k] = dtype == SBMT_DTYPE_F16 ? f16_of(values[k]) : bf16_of(values[k]);
        tensors[i] = from.tensors[i];
        tensors[i].dtype = dtype;
        tensors[i].bytes = halves;
    }
    ck_assert_msg(sbmt_safetensors_write(path, tensors, from.count, NULL, 0, &err), "%s",
                  err.message);
    for (int i = 0; i < from.count; i++)
        free((void *)(uintptr_t)tensors[i].bytes);
    free(tensors);
    sbmt_safetensors_close(&from);
}

/* Weights are rounded by 2⁻¹¹ or 2⁻⁸ of themselves at the most, in six sums one after another that
 * norms bring back to their size: outputs, which are below 4, may be off by eight times that. */
START_TEST(outputs_from_halves)
{
    static const struct {
        enum sbmt_dtype dtype;
        double tolerance;
    } forms[] = {{SBMT_DTYPE_F16, 0x1p-8}, {SBMT_DTYPE_BF16, 0x1p-5}};
    for (int i = 0; i < 2; i++) {
        struct temporary temporary = temporary_make();
        const char *path = temporary_path(&temporary, "model.safetensors");
        write_halves(path, forms[i].dtype);
        check_hidden(path, forms[i].tolerance);
        check_logits(path, SBMT_TARGET_EXAMPLE, forms[i].tolerance);
        temporary_remove(&temporary);
    }
}
END_TEST

SBMT_SUITE_MAIN("golden_tiny_bert", outputs_from_safetensors, outputs_from_torch_files,
                outputs_from_halves)
