/* Gradients of BERT and RoBERTa: norms after the blocks, token types, activations, what classifies,
 * and words to be guessed. */
#include "core/nn/activation.h"
#include "tests/grad/model_world.h"
#include "tests/suite.h"

/* The variation of an architecture; tests add to it. */
static struct variation bert(void)
{
    return (struct variation){
        .architecture = SBMT_ARCHITECTURE_BERT, .pooling = SBMT_POOLING_CLS, .token_types = 2};
}

static struct variation roberta(void)
{
    return (struct variation){.architecture = SBMT_ARCHITECTURE_ROBERTA,
                              .pooling = SBMT_POOLING_CLS,
                              .token_types = 1,
                              .first_position = 2};
}

START_TEST(every_kind_in_bert)
{
    struct variation variation = bert();
    variation.target = SBMT_TARGET_TOKEN; /* the outputs of all tokens count */
    variation.scale = 6;
    check_kinds(&variation);
}
END_TEST

START_TEST(poolers)
{
    struct variation of_bert = bert(), of_roberta = roberta();
    check_model(0, &of_bert);
    check_model(0, &of_roberta);
    of_bert.pairs = of_bert.left_out = true;
    check_model(0, &of_bert);
    of_roberta.class_token = true;
    check_model(0, &of_roberta);
}
END_TEST

START_TEST(labels_of_tokens)
{
    struct variation variation = roberta();
    variation.target = SBMT_TARGET_TOKEN;
    check_model(0, &variation);
}
END_TEST

START_TEST(scores)
{
    struct variation of_bert = bert(), of_roberta = roberta(), of_lra = {0};
    of_bert.target = of_roberta.target = of_lra.target = SBMT_TARGET_SCORE;
    check_model(0, &of_bert);
    check_model(0, &of_roberta);
    check_model(0, &of_lra);
}
END_TEST

/* The table of words is the decoder's weight too: its gradient has both parts. */
START_TEST(words_to_be_guessed)
{
    struct variation of_bert = bert(), of_roberta = roberta(), of_lra = {0};
    of_bert.target = of_roberta.target = of_lra.target = SBMT_TARGET_MASKED;
    check_model(0, &of_bert);
    check_model(0, &of_roberta);
    check_model(0, &of_lra);
}
END_TEST

START_TEST(activations)
{
    for (int activation = 0; activation <= SBMT_ACTIVATION_RELU; activation++) {
        struct variation variation = bert();
        variation.activation = activation;
        variation.target = SBMT_TARGET_MASKED;
        check_model(0, &variation);
    }
}
END_TEST

SBMT_SUITE_MAIN("gradient_bert", every_kind_in_bert, poolers, labels_of_tokens, scores,
                words_to_be_guessed, activations)
