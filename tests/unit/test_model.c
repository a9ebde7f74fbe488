/* What the options of a model make of it: its parameters, and what it refuses. */
#include <string.h>

#include "core/model/model.h"
#include "tests/suite.h"

/* Options, and a model of them where there is one. */
struct world {
    struct sbmt_arena options;
    struct sbmt_model_config config;
    struct sbmt_model_shape shape;
    struct sbmt_params params;
    struct sbmt_model *model;
    struct sbmt_error err;
};

static void world_init(struct world *world)
{
    *world = (struct world){
        .shape = {.vocab = 12, .positions = 30, .classes = 3, .segments = 1},
    };
    sbmt_fields_defaults(sbmt_model_fields, &world->config, &world->options);
    world->config.dim = 8;
}

static bool build(struct world *world)
{
    world->model = sbmt_model_create(&world->config, &world->shape, &world->params, &world->err);
    return world->model != NULL;
}

static void world_finish(struct world *world)
{
    sbmt_model_destroy(world->model);
    sbmt_params_finish(&world->params);
    sbmt_arena_finish(&world->options);
}

/* That there is a parameter with a shape (of one axis where `columns` is 0). */
static void expect_tensor(const struct world *world, const char *name, int rows, int columns)
{
    const struct sbmt_tensor *tensor = sbmt_params_find(&world->params, name);
    ck_assert_msg(tensor != NULL, "there is no %s", name);
    ck_assert_int_eq(tensor->rank, columns > 0 ? 2 : 1);
    ck_assert_int_eq(tensor->shape[0], rows);
    if (columns > 0)
        ck_assert_int_eq(tensor->shape[1], columns);
}

START_TEST(parameters_of_the_defaults)
{
    struct world world;
    world_init(&world);
    ck_assert_msg(build(&world), "%s", world.err.message);
    expect_tensor(&world, "embeddings.word_embeddings.weight", 12, 8);
    expect_tensor(&world, "embeddings.position_embeddings.weight", 30, 8);
    expect_tensor(&world, "classifier.dense.weight", 128, 8);
    ck_assert_ptr_null(sbmt_params_find(&world.params, "embeddings.value_embeddings.weight"));
    world_finish(&world);
}
END_TEST

START_TEST(embeddings_start_as_told)
{
    struct world world;
    world_init(&world);
    world.config.embedding_std = 0.5;
    ck_assert_msg(build(&world), "%s", world.err.message);
    const struct sbmt_tensor *words = sbmt_params_find(&world.params,
                                                       "embeddings.word_embeddings.weight");
    const struct sbmt_tensor *positions = sbmt_params_find(&world.params,
                                                           "embeddings.position_embeddings.weight");
    ck_assert_double_eq(words->init.scale, 0.5);
    ck_assert_double_eq(positions->init.scale, 0.02);
    world_finish(&world);
}
END_TEST

START_TEST(pairs_widen_the_classifier)
{
    static const int width[] = {[SBMT_PAIR_NLI] = 32, [SBMT_PAIR_CONCAT] = 16};
    struct world world;
    world_init(&world);
    world.shape.segments = 2;
    world.config.pair_features = _i;
    ck_assert_msg(build(&world), "%s", world.err.message);
    expect_tensor(&world, "classifier.dense.weight", 128, width[_i]);
    world_finish(&world);
}
END_TEST

START_TEST(values_take_the_place_of_words)
{
    struct world world;
    world_init(&world);
    world.config.input = SBMT_INPUT_VALUES;
    world.shape.value_deviation = 0.25;
    ck_assert_msg(build(&world), "%s", world.err.message);
    expect_tensor(&world, "embeddings.value_embeddings.weight", 8, 1);
    expect_tensor(&world, "embeddings.value_embeddings.bias", 8, 0);
    ck_assert_ptr_null(sbmt_params_find(&world.params, "embeddings.word_embeddings.weight"));
    world_finish(&world);
}
END_TEST

START_TEST(values_need_numbers)
{
    struct world world;
    world_init(&world);
    world.config.input = SBMT_INPUT_VALUES;
    ck_assert(!build(&world));
    ck_assert_int_eq(world.err.kind, SBMT_ERROR_CONFIG);
    ck_assert_str_eq(world.err.message,
                     "model.input: values needs a task whose tokens are numbers; leave it out");
    world_finish(&world);
}
END_TEST

START_TEST(a_class_token_adds_a_position)
{
    struct world world;
    world_init(&world);
    world.config.class_token = true;
    ck_assert_msg(build(&world) && sbmt_params_seal(&world.params, 1, &world.err), "%s",
                  world.err.message);
    expect_tensor(&world, "embeddings.class_token", 8, 0);
    expect_tensor(&world, "embeddings.position_embeddings.weight", 31, 8);
    const struct sbmt_tensor *token = sbmt_params_find(&world.params, "embeddings.class_token");
    for (size_t i = 0; i < token->size; i++)
        ck_assert(world.params.value[token->offset + i] == 0);
    world_finish(&world);
}
END_TEST

START_TEST(a_class_token_is_not_for_labels_of_tokens)
{
    struct world world;
    world_init(&world);
    world.config.class_token = true;
    ck_assert(sbmt_model_config_fits(&world.config, SBMT_TARGET_EXAMPLE, &world.err));
    ck_assert(!sbmt_model_config_fits(&world.config, SBMT_TARGET_TOKEN, &world.err));
    ck_assert_int_eq(world.err.kind, SBMT_ERROR_CONFIG);
    ck_assert_str_eq(world.err.message,
                     "model.class_token: a task that labels tokens has no label for it; leave "
                     "it out");
    world_finish(&world);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {parameters_of_the_defaults, 1},
        {pairs_widen_the_classifier, 2},
        {embeddings_start_as_told, 1},
        {values_take_the_place_of_words, 1},
        {values_need_numbers, 1},
        {a_class_token_adds_a_position, 1},
        {a_class_token_is_not_for_labels_of_tokens, 1},
    };
    return sbmt_suite_run_loops("model", tests, (int)(sizeof tests / sizeof tests[0]));
}
