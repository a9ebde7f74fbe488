/* A two-layer model and a batch, set up so that gradients can be compared with differences. */
#ifndef SBMT_TESTS_GRAD_MODEL_WORLD_H
#define SBMT_TESTS_GRAD_MODEL_WORLD_H

#include "core/model/model.h"

/** What a test varies: the zeros are a classifier of single sequences, by their mean. */
struct variation {
    enum sbmt_architecture architecture;
    int activation; /**< enum sbmt_activation */
    enum sbmt_input input;
    enum sbmt_pooling pooling;
    enum sbmt_pair_features pair_features;
    enum sbmt_target target;
    int token_types, first_position;
    bool pairs, left_out, class_token;
    enum sbmt_position_embedding position_embedding;
    double scale; /**< of the loss, where derivatives would be too small or large; 0: a usual one */
};

/** Fails the Check test unless the gradients of all parameters, with dropout, agree with
 * differences. */
void check_model(int kind, const struct variation *variation);

/** The same for every kind of attention in the registry. */
void check_kinds(const struct variation *variation);

#endif
