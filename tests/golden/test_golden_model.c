/* A two-layer classifier, logits, loss and every gradient, against torch's. */
#include <stdint.h>

#include "core/attention/attention.h"
#include "core/kernels/kernels.h"
#include "core/model/model.h"
#include "core/nn/activation.h"
#include "tests/golden/golden.h"
#include "tests/suite.h"

enum { LAYERS = 2, HEADS = 2, CLASSES = 10, EXAMPLES = 3, MOST_LABELS = 128, MOST_CLASSES = 16 };

/* What a file's model differs in: the zeros are a classifier of single sequences, by their mean. */
struct variation {
    const char *file;
    enum sbmt_target target;
    enum sbmt_pooling pooling;
    enum sbmt_pair_features pair_features;
    bool pairs, class_token;
    enum sbmt_position_embedding position_embedding;
    enum sbmt_architecture architecture;
    enum sbmt_activation activation;
};

/* A model with the parameters of a golden file, and where to run it. */
struct rig {
    struct sbmt_safetensors file;
    struct sbmt_arena options, saved, scratch;
    struct sbmt_model_config config;
    struct sbmt_params params;
    struct sbmt_model *model;
    struct sbmt_batch batch;
    uint64_t id[EXAMPLES];
    double score[EXAMPLES];
    real *grad;
    int example; /* being computed */
};

static void configure(struct rig *rig, const char *kind, const struct variation *variation)
{
    struct sbmt_model_config *config = &rig->config;
    struct sbmt_error err = {0};
    sbmt_fields_defaults(sbmt_model_fields, config, &rig->options);
    config->layers = LAYERS;
    config->dim = 16;
    config->heads = HEADS;
    config->ffn_dim = 32;
    config->classifier_dim = 24;
    config->dropout = config->attention_dropout = 0;
    config->pooling = variation->pooling;
    config->pair_features = variation->pair_features;
    config->class_token = variation->class_token;
    config->position_embedding = (int)variation->position_embedding;
    config->architecture = (int)variation->architecture;
    config->activation = (int)variation->activation;
    if (variation->architecture == SBMT_ARCHITECTURE_BERT) {
        config->norm_eps = 1e-12;
        config->token_types = 2;
    }
    if (variation->architecture == SBMT_ARCHITECTURE_ROBERTA) {
        config->token_types = 1;
        config->first_position = 2;
    }
    config->attention.index = sbmt_variant_find(sbmt_attention_variant, kind);
    ck_assert_int_ge(config->attention.index, 0);
    const struct sbmt_variant *variant = sbmt_attention_variant(config->attention.index);
    if (variant->fields != NULL) {
        config->attention.config = sbmt_arena_zalloc(&rig->options, 1, variant->config_size);
        ck_assert_ptr_nonnull(config->attention.config);
        sbmt_fields_defaults(variant->fields, config->attention.config, &rig->options);
    }
    ck_assert(sbmt_arena_check(&rig->options, "options", &err));
}

/* What is in a tensor of the file, NULL where there is none. */
static const void *bytes_of(const struct rig *rig, const char *name)
{
    const struct sbmt_stored *tensor = sbmt_safetensors_find(&rig->file, name);
    return tensor != NULL ? tensor->bytes : NULL;
}

/* The three examples of ragged sequences. */
static void set_batch(struct rig *rig, enum sbmt_target target)
{
    for (int i = 0; i < EXAMPLES; i++)
        rig->id[i] = (uint64_t)i;
    const float *scores = bytes_of(rig, "scores");
    for (int i = 0; scores != NULL && i < EXAMPLES; i++)
        rig->score[i] = (double)scores[i];
    rig->batch = (struct sbmt_batch){
        .count = EXAMPLES,
        .segments = sbmt_model_shape(rig->model)->segments,
        .tokens = golden_tensor(&rig->file, SBMT_DTYPE_I32, "tokens")->bytes,
        .offset = golden_tensor(&rig->file, SBMT_DTYPE_I64, "offsets")->bytes,
        .label = golden_tensor(&rig->file, SBMT_DTYPE_I32, "labels")->bytes,
        .score = scores != NULL ? rig->score : NULL,
        .place = bytes_of(rig, "places"),
        .place_offset = bytes_of(rig, "place_offsets"),
        .position = bytes_of(rig, "positions"),
        .type = bytes_of(rig, "types"),
        .id = rig->id,
        .target = target,
    };
    const struct sbmt_labels last = sbmt_batch_labels(&rig->batch, EXAMPLES - 1);
    ck_assert_int_le(last.first + last.count, MOST_LABELS);
}

static void rig_open(struct rig *rig, const struct variation *variation)
{
    struct sbmt_error err = {0};
    struct sbmt_model_shape shape = {.vocab = 16,
                                     .positions = 64,
                                     .classes = CLASSES,
                                     .segments = variation->pairs ? 2 : 1,
                                     .target = variation->target};
    golden_open(&rig->file, variation->file);
    const struct sbmt_stored *scale = sbmt_safetensors_find(&rig->file, "value_scale");
    if (scale != NULL) {
        real values[2];
        golden_copy(scale, 2, values);
        shape.value_mean = (double)values[0];
        shape.value_deviation = (double)values[1];
        rig->config.input = SBMT_INPUT_VALUES;
    }
    rig->model = sbmt_model_create(&rig->config, &shape, &rig->params, &err);
    ck_assert_msg(rig->model != NULL, "%s", err.message);
    ck_assert_msg(sbmt_params_seal(&rig->params, 1, &err), "%s", err.message);
    for (const struct sbmt_tensor *t = rig->params.first; t != NULL; t = t->next) {
        if (t->fixed) /* as it starts */
            continue;
        const struct sbmt_stored *stored = golden_tensor(&rig->file, SBMT_DTYPE_F32, "param.%s",
                                                         t->name);
        ck_assert_int_eq(stored->rank, t->rank);
        for (int i = 0; i < t->rank; i++)
            ck_assert_int_eq(stored->shape[i], t->shape[i]);
        golden_copy(stored, t->size, rig->params.value + t->offset);
    }
    rig->grad = calloc(rig->params.size, sizeof *rig->grad);
    ck_assert_ptr_nonnull(rig->grad);
    set_batch(rig, variation->target);
}

static void rig_close(struct rig *rig)
{
    free(rig->grad);
    sbmt_model_destroy(rig->model);
    sbmt_params_finish(&rig->params);
    sbmt_safetensors_close(&rig->file);
    sbmt_arena_finish(&rig->options);
    sbmt_arena_finish(&rig->saved);
    sbmt_arena_finish(&rig->scratch);
}

/* Forward and backward of all examples: logits are compared, the mean loss returned. */
static double run(struct rig *rig, const char *cpu, const struct sbmt_mask_override *override,
                  struct sbmt_stats *stats)
{
    struct sbmt_error err = {0};
    struct sbmt_pass pass = {
        .kernels = sbmt_kernels_get(cpu, &err),
        .value = rig->params.value,
        .grad = rig->grad,
        .saved = &rig->saved,
        .scratch = &rig->scratch,
        .stats = stats,
        .seed = 1,
        .step = 1,
        .batch_count = EXAMPLES,
        .training = true,
        .override = override,
    };
    ck_assert_msg(pass.kernels != NULL, "%s", err.message);
    real logits[MOST_LABELS * MOST_CLASSES];
    double loss = 0;
    for (int i = 0; i < EXAMPLES; i++) {
        struct sbmt_outcome outcome;
        rig->example = i;
        real *own = logits +
                    sbmt_batch_labels(&rig->batch, i).first * sbmt_model_shape(rig->model)->classes;
        ck_assert_msg(
            sbmt_model_example(rig->model, &rig->batch, i, &pass, own, NULL, &outcome, &err), "%s",
            err.message);
        loss += outcome.loss / EXAMPLES;
    }
    golden_compare(cpu, logits, golden_tensor(&rig->file, SBMT_DTYPE_F32, "logits"));
    return loss;
}

static void compare_scalar(const struct rig *rig, const char *name, double found)
{
    const real value = SBMT_R(found);
    golden_compare("model", &value, golden_tensor(&rig->file, SBMT_DTYPE_F32, "%s", name));
}

/* Every gradient of the file. `zero`, if not NULL, ends the names of those that are zero in exact
 * arithmetic: they are compared on the scale of the weight's gradient of the same layer. */
static void compare_gradients(const struct rig *rig, const char *cpu, const char *zero)
{
    int compared = 0;
    for (const struct sbmt_tensor *t = rig->params.first; t != NULL; t = t->next) {
        for (size_t i = 0; t->fixed && i < t->size; i++)
            ck_assert_float_eq(SBMT_R(rig->grad[t->offset + i]), 0);
        if (t->fixed)
            continue;
        const struct sbmt_stored *expected = golden_tensor(&rig->file, SBMT_DTYPE_F32, "grad.%s",
                                                           t->name);
        const real *found = rig->grad + t->offset;
        const size_t length = strlen(t->name), tail = zero != NULL ? strlen(zero) : 0;
        double scale = golden_largest(expected);
        if (zero != NULL && length > tail && strcmp(t->name + length - tail, zero) == 0) {
            ck_assert(scale < 1e-12);
            scale = golden_largest(golden_tensor(&rig->file, SBMT_DTYPE_F32, "grad.%.*s.weight",
                                                 (int)(length - strlen(".bias")), t->name));
        }
        golden_compare_scaled(cpu, found, expected, scale);
        compared++;
    }
    int stored = 0;
    for (int i = 0; i < rig->file.count; i++)
        stored += strncmp(rig->file.tensors[i].name, "grad.", 5) == 0;
    ck_assert_int_eq(compared, stored);
}

static void check_softmax(const struct variation *variation)
{
    struct rig rig = {0};
    struct sbmt_stats stats = {0};
    configure(&rig, "softmax", variation);
    rig_open(&rig, variation);
    compare_scalar(&rig, "loss", run(&rig, sbmt_cpu_best(), NULL, &stats));
    /* A constant added to all scores of a row changes no weight, so key biases have no effect. */
    compare_gradients(&rig, sbmt_cpu_best(), ".self.key.bias");
    rig_close(&rig);
}

START_TEST(softmax_model_agrees_with_torch)
{
    check_softmax(&(struct variation){.file = "model_softmax"});
}
END_TEST

START_TEST(labels_of_tokens_agree_with_torch)
{
    check_softmax(&(struct variation){.file = "model_tokens", .target = SBMT_TARGET_TOKEN});
}
END_TEST

START_TEST(pairs_agree_with_torch)
{
    check_softmax(&(struct variation){.file = "model_pairs", .pairs = true});
}
END_TEST

START_TEST(tokens_that_are_values_agree_with_torch)
{
    check_softmax(&(struct variation){.file = "model_values"});
}
END_TEST

START_TEST(kept_positions_agree_with_torch)
{
    check_softmax(&(struct variation){.file = "model_positions"});
}
END_TEST

START_TEST(class_tokens_agree_with_torch)
{
    check_softmax(&(struct variation){.file = "model_class_mean", .class_token = true});
    check_softmax(&(struct variation){.file = "model_class_token",
                                      .class_token = true,
                                      .pooling = SBMT_POOLING_CLS,
                                      .pairs = true,
                                      .pair_features = SBMT_PAIR_CONCAT});
}
END_TEST

START_TEST(position_embeddings_agree_with_torch)
{
    check_softmax(&(struct variation){.file = "model_sinusoidal",
                                      .class_token = true,
                                      .pooling = SBMT_POOLING_CLS,
                                      .position_embedding = SBMT_POSITION_SINUSOIDAL});
    check_softmax(&(struct variation){.file = "model_no_positions",
                                      .position_embedding = SBMT_POSITION_NONE});
}
END_TEST

START_TEST(bert_agrees_with_torch)
{
    check_softmax(&(struct variation){
        .file = "model_bert", .architecture = SBMT_ARCHITECTURE_BERT, .pooling = SBMT_POOLING_CLS});
    check_softmax(&(struct variation){.file = "model_bert_masked",
                                      .architecture = SBMT_ARCHITECTURE_BERT,
                                      .activation = SBMT_ACTIVATION_GELU_TANH,
                                      .target = SBMT_TARGET_MASKED});
}
END_TEST

START_TEST(roberta_agrees_with_torch)
{
    check_softmax(&(struct variation){.file = "model_roberta",
                                      .architecture = SBMT_ARCHITECTURE_ROBERTA,
                                      .activation = SBMT_ACTIVATION_RELU,
                                      .pooling = SBMT_POOLING_CLS});
    check_softmax(&(struct variation){.file = "model_roberta_score",
                                      .architecture = SBMT_ARCHITECTURE_ROBERTA,
                                      .target = SBMT_TARGET_SCORE,
                                      .pooling = SBMT_POOLING_CLS});
}
END_TEST

/* The mask of the file for the example being computed, whatever the engine calls its sequence. */
static bool golden_mask(void *context, uint64_t sequence, int layer, int head, int row, int column)
{
    (void)sequence;
    const struct rig *rig = context;
    const struct sbmt_stored *mask = golden_tensor(&rig->file, SBMT_DTYPE_U8, "mask.%d.%d.%d",
                                                   rig->example, layer, head);
    return ((const uint8_t *)mask->bytes)[row * mask->shape[1] + column] != 0;
}

static void check_sbm(const char *cpu)
{
    struct rig rig = {0};
    struct sbmt_stats stats = {0};
    const struct variation variation = {.file = "model_sbm"};
    configure(&rig, "sbm", &variation);
    const struct sbmt_field *fields = sbmt_attention_variant(rig.config.attention.index)->fields;
    void *options = rig.config.attention.config;
    golden_set_int(fields, options, "clusters", 6);
    golden_set_choice(fields, options, "ste", "score");
    golden_set_number(fields, options, "exploration", 0.01);
    golden_set_number(fields, options, "density_weight", 0.1);
    golden_set_choice(fields, options, "density_gradient", "sampled");
    rig_open(&rig, &variation);
    const struct sbmt_mask_override override = {golden_mask, &rig};
    compare_scalar(&rig, "loss", run(&rig, cpu, &override, &stats));
    ck_assert(stats.density_count == EXAMPLES * LAYERS * HEADS);
    compare_scalar(&rig, "density", stats.density / stats.density_count);
    compare_gradients(&rig, cpu, NULL);
    rig_close(&rig);
}

START_TEST(sbm_model_agrees_with_torch)
{
    check_sbm(sbmt_cpu_best());
}
END_TEST

START_TEST(sbm_model_agrees_with_torch_in_plain_c)
{
    check_sbm("c");
}
END_TEST

SBMT_SUITE_MAIN("golden_model", softmax_model_agrees_with_torch, labels_of_tokens_agree_with_torch,
                pairs_agree_with_torch, kept_positions_agree_with_torch,
                class_tokens_agree_with_torch, position_embeddings_agree_with_torch,
                tokens_that_are_values_agree_with_torch, bert_agrees_with_torch,
                roberta_agrees_with_torch, sbm_model_agrees_with_torch,
                sbm_model_agrees_with_torch_in_plain_c)
