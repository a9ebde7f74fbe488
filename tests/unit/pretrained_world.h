/* A small BERT or RoBERTa for tests of weights to begin with: built, written as a run, loaded. One
 * program includes it once. */
#ifndef SBMT_TESTS_UNIT_PRETRAINED_WORLD_H
#define SBMT_TESTS_UNIT_PRETRAINED_WORLD_H

#include <stdio.h>
#include <string.h>

#include "bench/config_write.h"
#include "bench/experiment_config.h"
#include "bench/pretrained.h"
#include "core/io/file.h"
#include "core/model/model.h"
#include "core/train/checkpoint.h"
#include "tests/suite.h"
#include "tests/temporary.h"

enum { VOCAB = 12, CLASSES = 3 };

/* A model with random weights, and a batch of one sequence. */
struct world {
    struct sbmt_arena arena;
    struct sbmt_experiment_config config;
    struct sbmt_model_shape shape;
    struct sbmt_params params;
    struct sbmt_model *model;
    const char *classes; /* names of the classes */
    char log[2048];
};

static void write_log(void *context, enum sbmt_log_level level, const char *message)
{
    struct world *world = context;
    (void)level;
    const size_t used = strlen(world->log);
    snprintf(world->log + used, sizeof world->log - used, "%s", message);
}

static void world_init(struct world *world, enum sbmt_architecture architecture,
                       enum sbmt_target target)
{
    *world = (struct world){0};
    sbmt_fields_defaults(sbmt_experiment_fields, &world->config, &world->arena);
    struct sbmt_model_config *model = &world->config.model;
    model->architecture = (int)architecture;
    model->dim = 8;
    model->ffn_dim = 12;
    model->norm_eps = 1e-12;
    model->token_types = 2;
    model->first_position = architecture == SBMT_ARCHITECTURE_ROBERTA ? 2 : 0;
    model->pooling = SBMT_POOLING_CLS;
    world->shape = (struct sbmt_model_shape){
        .vocab = VOCAB, .positions = 10, .segments = 1, .target = target};
    world->shape.classes = target == SBMT_TARGET_MASKED  ? VOCAB
                           : target == SBMT_TARGET_SCORE ? 1
                                                         : CLASSES;
}

static void build(struct world *world, uint64_t seed)
{
    struct sbmt_error err = {0};
    world->model = sbmt_model_create(&world->config.model, &world->shape, &world->params, &err);
    ck_assert_msg(world->model != NULL && sbmt_params_seal(&world->params, seed, &err), "%s",
                  err.message);
}

static void world_finish(struct world *world)
{
    sbmt_model_destroy(world->model);
    sbmt_params_finish(&world->params);
    sbmt_arena_finish(&world->arena);
}

static bool load(struct world *world, const char *path, struct sbmt_error *err)
{
    char sha256[SBMT_SHA256_HEX];
    const struct sbmt_log log = {write_log, world};
    return sbmt_pretrained_load(path, &world->config.model, &world->params, world->classes, &log,
                                sha256, err);
}

/* A run folder with the world's weights, of a task with its target. */
static void write_run(struct world *world, const char *folder, const char *task)
{
    struct sbmt_error err = {0};
    struct sbmt_str text = {0};
    char path[600];
    world->config.task = task;
    if (sbmt_task_find(task, NULL)->texts != NULL) {
        world->config.protocol = SBMT_PROTOCOL_BERT;
        world->config.tokenizer.folder = folder;
    }
    ck_assert(sbmt_folder_make(folder, &err));
    snprintf(path, sizeof path, "%s/vocab.txt", folder);
    temporary_text(path, "[PAD]\n");
    sbmt_config_write(sbmt_experiment_fields, &world->config, &text);
    snprintf(path, sizeof path, "%s/config.yaml", folder);
    temporary_text(path, text.text);
    sbmt_str_finish(&text);
    snprintf(path, sizeof path, "%s/best.safetensors", folder);
    const struct sbmt_checkpoint state = {.step = 3, .classes = world->classes};
    ck_assert_msg(sbmt_checkpoint_write(path, &world->params, true, &state, "f", &err), "%s",
                  err.message);
}

#endif
