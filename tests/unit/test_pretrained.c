/* Weights to begin with: what is taken, what is refused, and that an exported run gives the same
 * bytes again. */
#include <stdlib.h>

#include "bench/export.h"
#include "core/attention/attention.h"
#include "core/io/safetensors.h"
#include "core/kernels/kernels.h"
#include "core/nn/activation.h"
#include "data/huggingface/checkpoint.h"
#include "tests/unit/pretrained_world.h"

static void compute(const struct world *world, real *logits)
{
    static const int32_t tokens[] = {3, 11, 0, 7, 7}, types[] = {0, 0, 0, 1, 1};
    static const int32_t labels[] = {0, 0, 0, 0, 0}, places[] = {1, 3};
    static const int64_t offsets[] = {0, 5}, place_offsets[] = {0, 2};
    static const double scores[] = {0.5};
    static const uint64_t ids[] = {4};
    const struct sbmt_batch batch = {
        .count = 1,
        .segments = 1,
        .tokens = tokens,
        .offset = offsets,
        .type = types,
        .label = labels,
        .score = scores,
        .place = places,
        .place_offset = place_offsets,
        .id = ids,
        .target = world->shape.target,
    };
    struct sbmt_arena saved = {0}, scratch = {0};
    struct sbmt_stats stats = {0};
    struct sbmt_error err = {0};
    struct sbmt_outcome outcome;
    struct sbmt_pass pass = {
        .kernels = sbmt_kernels_get(NULL, NULL),
        .value = world->params.value,
        .saved = &saved,
        .scratch = &scratch,
        .stats = &stats,
        .batch_count = 1,
    };
    ck_assert_msg(sbmt_model_example(world->model, &batch, 0, &pass, logits, NULL, &outcome, &err),
                  "%s", err.message);
    sbmt_arena_finish(&saved);
    sbmt_arena_finish(&scratch);
}

/* Tasks that the program has, and the logits of their targets in the batch above. */
static const struct {
    enum sbmt_architecture architecture;
    enum sbmt_target target;
    const char *task;
    int logits;
} exports[] = {
    {SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE, "lra/listops", CLASSES},
    {SBMT_ARCHITECTURE_BERT, SBMT_TARGET_TOKEN, "synthetic/repeated-tokens", 5 * CLASSES},
    {SBMT_ARCHITECTURE_ROBERTA, SBMT_TARGET_EXAMPLE, "lra/listops", CLASSES},
    {SBMT_ARCHITECTURE_BERT, SBMT_TARGET_SCORE, "glue/sts-b", 1},
    {SBMT_ARCHITECTURE_ROBERTA, SBMT_TARGET_SCORE, "glue/sts-b", 1},
    {SBMT_ARCHITECTURE_BERT, SBMT_TARGET_MASKED, "text/masked-words", 2 * VOCAB},
    {SBMT_ARCHITECTURE_ROBERTA, SBMT_TARGET_MASKED, "text/masked-words", 2 * VOCAB},
};

START_TEST(an_exported_run_gives_the_same_bytes)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct world trained, fresh;
    real expected[2 * VOCAB], found[2 * VOCAB];
    world_init(&trained, exports[_i].architecture, exports[_i].target);
    trained.config.model.activation = SBMT_ACTIVATION_GELU_TANH;
    build(&trained, 1);
    compute(&trained, expected);
    const char *run = temporary_path(&temporary, "run"), *out = temporary_path(&temporary, "out");
    write_run(&trained, run, exports[_i].task);
    const char *const paths[] = {out, run, temporary_path(&temporary, "run/best.safetensors")};
    const struct sbmt_export export = {.run = run, .checkpoint = "best", .out = out};
    ck_assert_msg(sbmt_export_run(&export, &err), "%s", err.message);
    for (int i = 0; i < 3; i++) {
        world_init(&fresh, exports[_i].architecture, exports[_i].target);
        fresh.config.model.activation = SBMT_ACTIVATION_GELU_TANH;
        build(&fresh, 2);
        ck_assert_msg(load(&fresh, paths[i], &err), "%s", err.message);
        ck_assert_ptr_nonnull(strstr(fresh.log, "tensors loaded"));
        ck_assert_ptr_null(strstr(fresh.log, "new:"));
        compute(&fresh, found);
        ck_assert_mem_eq(found, expected, (size_t)exports[_i].logits * sizeof *found);
        world_finish(&fresh);
    }
    world_finish(&trained);
    temporary_remove(&temporary);
}
END_TEST

/* What config.json of an export says is what the run's model is. */
START_TEST(an_exported_configuration_is_read_again)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct world world;
    world_init(&world, SBMT_ARCHITECTURE_ROBERTA, SBMT_TARGET_EXAMPLE);
    build(&world, 1);
    const char *run = temporary_path(&temporary, "run"), *out = temporary_path(&temporary, "out");
    write_run(&world, run, "lra/listops");
    const struct sbmt_export export = {.run = run, .checkpoint = "best", .out = out};
    ck_assert_msg(sbmt_export_run(&export, &err), "%s", err.message);
    struct sbmt_huggingface_checkpoint checkpoint;
    ck_assert_msg(sbmt_huggingface_open(&checkpoint, out, &err), "%s", err.message);
    ck_assert_int_eq(checkpoint.config.vocab_size, VOCAB);
    ck_assert_int_eq(checkpoint.config.max_position_embeddings, 12);
    ck_assert_int_eq(checkpoint.config.pad_token_id, 1);
    ck_assert_int_eq(checkpoint.config.label_count, CLASSES);
    ck_assert_str_eq(checkpoint.config.labels[2], "LABEL_2");
    ck_assert_ptr_nonnull(sbmt_weights_find(&checkpoint.files, "classifier.out_proj.weight"));
    ck_assert_ptr_nonnull(
        sbmt_weights_find(&checkpoint.files, "roberta.embeddings.word_embeddings.weight"));
    sbmt_huggingface_close(&checkpoint);
    struct sbmt_model_config config = world.config.model;
    config.layers = config.dim = config.architecture = config.first_position = 0;
    ck_assert(sbmt_pretrained_configure(out, &config, &err));
    ck_assert_mem_eq(&config, &world.config.model, sizeof config);
    world_finish(&world);
    temporary_remove(&temporary);
}
END_TEST

/* What an export says of scores, words and classes, and the vocabulary that it takes along. */
START_TEST(an_export_is_what_transformers_expects)
{
    static const struct {
        enum sbmt_target target;
        const char *task, *classes, *words[2]; /* words of config.json; the last may be NULL */
    } rows[] = {
        {SBMT_TARGET_SCORE,
         "glue/sts-b",
         NULL,
         {"\"BertForSequenceClassification\"", "\"problem_type\": \"regression\""}},
        {SBMT_TARGET_MASKED, "text/masked-words", NULL, {"\"BertForMaskedLM\"", NULL}},
        {SBMT_TARGET_EXAMPLE, "glue/mnli", "x, y, z", {"\"2\": \"z\"", "\"y\": 1"}},
    };
    struct temporary temporary = temporary_make();
    const char *run = temporary_path(&temporary, "run"), *out = temporary_path(&temporary, "out");
    struct sbmt_error err = {0};
    struct world world;
    size_t size;
    world_init(&world, SBMT_ARCHITECTURE_BERT, rows[_i].target);
    build(&world, 1);
    world.classes = rows[_i].classes;
    write_run(&world, run, rows[_i].task);
    const struct sbmt_export export = {.run = run, .checkpoint = "best", .out = out};
    ck_assert_msg(sbmt_export_run(&export, &err), "%s", err.message);
    char *text = temporary_get(temporary_path(&temporary, "out/config.json"), &size);
    for (int i = 0; i < 2 && rows[_i].words[i] != NULL; i++)
        ck_assert_msg(strstr(text, rows[_i].words[i]) != NULL, "%s", text);
    ck_assert_int_eq(strstr(text, "regression") != NULL, rows[_i].target == SBMT_TARGET_SCORE);
    free(text);
    ck_assert(sbmt_file_exists(temporary_path(&temporary, "out/vocab.txt")));
    world_finish(&world);
    temporary_remove(&temporary);
}
END_TEST

static void expect_refusal(const char *run, const char *out, const char *message)
{
    struct sbmt_error err = {0};
    const struct sbmt_export export = {.run = run, .checkpoint = "best", .out = out};
    ck_assert(!sbmt_export_run(&export, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_USAGE);
    ck_assert_str_eq(err.message + strlen(run), message);
}

START_TEST(what_transformers_has_not_is_not_exported)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct world world;
    const char *run = temporary_path(&temporary, "run"), *out = temporary_path(&temporary, "out");
    world_init(&world, SBMT_ARCHITECTURE_LRA, SBMT_TARGET_EXAMPLE);
    build(&world, 1);
    write_run(&world, run, "lra/listops");
    expect_refusal(run, out,
                   ": transformers has no such model; only those with model.architecture: bert or "
                   "roberta can be exported");
    world_finish(&world);
    world_init(&world, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    const int sbm = sbmt_variant_find(sbmt_attention_variant, "sbm");
    const struct sbmt_variant *variant = sbmt_attention_variant(sbm);
    world.config.model.attention = (struct sbmt_variant_value){
        sbm, sbmt_arena_zalloc(&world.arena, 1, variant->config_size)};
    sbmt_fields_defaults(variant->fields, world.config.model.attention.config, &world.arena);
    build(&world, 1);
    write_run(&world, run, "lra/listops");
    expect_refusal(run, out,
                   ": its attention is sbm, and transformers would compute softmax attention with "
                   "its weights; --force exports it all the same");
    const struct sbmt_log log = {write_log, &world};
    const struct sbmt_export forced = {
        .run = run, .checkpoint = "best", .out = out, .force = true, .log = &log};
    ck_assert_msg(sbmt_export_run(&forced, &err), "%s", err.message);
    ck_assert_ptr_nonnull(strstr(world.log, "transformers ignores the weights that it adds"));
    world_finish(&world);
    temporary_remove(&temporary);
}
END_TEST

/* The weights of a world under their names, but for one. */
static void write_weights(const struct world *world, const char *path, const char *without,
                          const char *renamed)
{
    struct sbmt_stored tensors[64];
    struct sbmt_error err = {0};
    int count = 0;
    for (const struct sbmt_tensor *t = world->params.first; t != NULL; t = t->next) {
        if (without != NULL && renamed == NULL && strcmp(t->name, without) == 0)
            continue;
        struct sbmt_stored *stored = &tensors[count++];
        *stored = (struct sbmt_stored){
            .name = without != NULL && strcmp(t->name, without) == 0 ? renamed : t->name,
            .dtype = SBMT_DTYPE_F32,
            .rank = t->rank,
            .count = t->size,
            .bytes = world->params.value + t->offset,
        };
        memcpy(stored->shape, t->shape, sizeof t->shape);
    }
    ck_assert_msg(sbmt_safetensors_write(path, tensors, count, NULL, 0, &err), "%s", err.message);
}

/* Loads the weights of one world into another; *err is left as it is where that is done. */
static void transfer(struct world *from, struct world *to, const char *path, struct sbmt_error *err)
{
    build(from, 1);
    build(to, 2);
    write_weights(from, path, NULL, NULL);
    if (!load(to, path, err))
        ck_assert_int_eq(strncmp(err->message, path, strlen(path)), 0);
    world_finish(from);
}

static const struct {
    int vocab, positions, dim; /**< of what is loaded; the model's are 12, 10, 8 */
    const char *message;
} shapes[] = {
    {14, 10, 8,
     ": tensor 'embeddings.word_embeddings.weight' has shape [14, 8], not [12, 8]; the vocabulary "
     "of the task is not the one that these weights were made with"},
    {12, 9, 8,
     ": tensor 'embeddings.position_embeddings.weight' has shape [9, 8], not [10, 8]; sequences of "
     "the task are longer than those of these weights can be"},
    {12, 10, 4,
     ": tensor 'embeddings.word_embeddings.weight' has shape [12, 4], not [12, 8]; the vocabulary "
     "of the task is not the one that these weights were made with"},
    {12, 40, 8, NULL},
};

START_TEST(shapes_must_fit)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "weights.safetensors");
    struct sbmt_error err = {0};
    struct world from, to;
    world_init(&from, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    world_init(&to, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    from.shape.vocab = shapes[_i].vocab;
    from.shape.positions = shapes[_i].positions;
    from.config.model.dim = shapes[_i].dim;
    transfer(&from, &to, path, &err);
    if (shapes[_i].message != NULL) {
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        ck_assert_str_eq(err.message + strlen(path), shapes[_i].message);
    } else {
        ck_assert_int_eq(err.kind, SBMT_ERROR_NONE);
    }
    world_finish(&to);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(heads_may_be_new)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "weights.safetensors");
    struct sbmt_error err = {0};
    struct world from, to;
    world_init(&from, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_MASKED);
    world_init(&to, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_SCORE);
    transfer(&from, &to, path, &err);
    ck_assert_int_eq(err.kind, SBMT_ERROR_NONE);
    ck_assert_str_eq(
        to.log + strlen(path),
        ": 37 tensors loaded; new: pooler.dense.weight, pooler.dense.bias, classifier.weight, "
        "classifier.bias; not used: cls.predictions.bias, "
        "cls.predictions.transform.LayerNorm.bias, "
        "cls.predictions.transform.LayerNorm.weight, cls.predictions.transform.dense.bias, "
        "cls.predictions.transform.dense.weight");
    world_finish(&to);
    world_init(&from, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    world_init(&to, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    from.shape.classes = 2;
    transfer(&from, &to, path, &err);
    ck_assert_int_eq(err.kind, SBMT_ERROR_NONE);
    ck_assert_str_eq(to.log + strlen(path),
                     ": 39 tensors loaded; new: classifier.weight, classifier.bias");
    world_finish(&to);
    temporary_remove(&temporary);
}
END_TEST

/* Sines are computed: a learned table in the weights does not take their place. */
START_TEST(sines_stay_sines)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "weights.safetensors");
    struct sbmt_error err = {0};
    struct world from, to;
    world_init(&from, SBMT_ARCHITECTURE_LRA, SBMT_TARGET_EXAMPLE);
    build(&from, 1);
    write_weights(&from, path, NULL, NULL);
    world_init(&to, SBMT_ARCHITECTURE_LRA, SBMT_TARGET_EXAMPLE);
    to.config.model.position_embedding = SBMT_POSITION_SINUSOIDAL;
    to.config.model.init = path;
    to.config.task = "lra/listops"; /* longer than the table of the weights */
    build(&to, 2);
    ck_assert_msg(sbmt_pretrained_check(&to.config, &err), "%s", err.message);
    ck_assert_msg(load(&to, path, &err), "%s", err.message);
    const real *table =
        to.params.value +
        sbmt_params_find(&to.params, "embeddings.position_embeddings.weight")->offset;
    ck_assert_float_eq(table[0], 0);
    ck_assert_float_eq(table[1], 1);
    ck_assert_float_eq_tol(table[8], 0.84147098F, 1e-6F);
    world_finish(&from);
    world_finish(&to);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(encoders_must_be_whole)
{
    static const char name[] = "encoder.layer.1.attention.self.key.bias";
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "weights.safetensors");
    struct sbmt_error err = {0};
    struct world world;
    world_init(&world, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    build(&world, 1);
    write_weights(&world, path, name, NULL);
    ck_assert(!load(&world, path, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_str_eq(err.message + strlen(path), ": weights that the model needs are missing: "
                                                 "encoder.layer.1.attention.self.key.bias");
    write_weights(&world, path, "classifier.bias", "unknown");
    ck_assert_msg(load(&world, path, &err), "%s", err.message);
    ck_assert_ptr_nonnull(strstr(world.log, "; new: classifier.bias; not used: unknown"));
    world_finish(&world);
    temporary_remove(&temporary);
}
END_TEST

/* A folder, and a run, whose weights would fit but are those of another model. */
START_TEST(another_model_is_refused)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct world world;
    world_init(&world, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    build(&world, 1);
    const char *run = temporary_path(&temporary, "run"), *out = temporary_path(&temporary, "out");
    write_run(&world, run, "lra/listops");
    const struct sbmt_export export = {.run = run, .checkpoint = "best", .out = out};
    ck_assert_msg(sbmt_export_run(&export, &err), "%s", err.message);
    world.config.model.heads = 4;
    world.config.model.norm_eps = 1e-5;
    world.config.model.activation = SBMT_ACTIVATION_RELU;
    const char *const paths[][2] = {{out, "/config.json"}, {run, "/config.yaml"}};
    for (int i = 0; i < 2; i++) {
        char wanted[1024];
        ck_assert(!load(&world, paths[i][0], &err));
        ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
        snprintf(wanted, sizeof wanted,
                 "%s%s: the weights are those of another model than the section model describes; "
                 "set "
                 "model.heads=2 model.activation=gelu model.norm_eps=1.0e-12",
                 paths[i][0], paths[i][1]);
        ck_assert_str_eq(err.message, wanted);
    }
    world_finish(&world);
    temporary_remove(&temporary);
}
END_TEST

/* A bit of a weight that flipped is seen, though the file is well-formed. */
START_TEST(damaged_checkpoints_are_refused)
{
    struct temporary temporary = temporary_make();
    const char *run = temporary_path(&temporary, "run");
    const char *path = temporary_path(&temporary, "run/best.safetensors");
    struct sbmt_error err = {0};
    struct world world;
    size_t size;
    world_init(&world, SBMT_ARCHITECTURE_BERT, SBMT_TARGET_EXAMPLE);
    build(&world, 1);
    write_run(&world, run, "lra/listops");
    char *bytes = temporary_get(path, &size);
    bytes[size - 1] ^= 1;
    temporary_put(path, bytes, size);
    free(bytes);
    ck_assert(!load(&world, run, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_str_eq(err.message + strlen(path),
                     ": damaged: the checksum of its tensors does not match; restore it from a "
                     "copy");
    world_finish(&world);
    temporary_remove(&temporary);
}
END_TEST

/* The longest text must have positions; known before any data is read. */
START_TEST(texts_must_have_positions)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "weights.safetensors");
    struct sbmt_error err = {0};
    struct world world;
    char wanted[1024];
    world_init(&world, SBMT_ARCHITECTURE_ROBERTA, SBMT_TARGET_EXAMPLE);
    build(&world, 1);
    write_weights(&world, path, NULL, NULL);
    world.config.task = "glue/cola";
    world.config.protocol = SBMT_PROTOCOL_BERT;
    world.config.model.init = path;
    world.config.tokenizer.max_length = 10;
    ck_assert_msg(sbmt_pretrained_check(&world.config, &err), "%s", err.message);
    world.config.tokenizer.max_length = 11;
    ck_assert(!sbmt_pretrained_check(&world.config, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    snprintf(wanted, sizeof wanted,
             "tokenizer.max_length: 11 is more than the 10 tokens that %s has positions for; set "
             "it to that or less",
             path);
    ck_assert_str_eq(err.message, wanted);
    world_finish(&world);
    temporary_remove(&temporary);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {an_exported_run_gives_the_same_bytes, (int)(sizeof exports / sizeof exports[0])},
        {an_exported_configuration_is_read_again, 1},
        {an_export_is_what_transformers_expects, 3},
        {what_transformers_has_not_is_not_exported, 1},
        {shapes_must_fit, (int)(sizeof shapes / sizeof shapes[0])},
        {heads_may_be_new, 1},
        {sines_stay_sines, 1},
        {encoders_must_be_whole, 1},
        {another_model_is_refused, 1},
        {damaged_checkpoints_are_refused, 1},
        {texts_must_have_positions, 1},
    };
    return sbmt_suite_run_loops("pretrained", tests, (int)(sizeof tests / sizeof tests[0]));
}
