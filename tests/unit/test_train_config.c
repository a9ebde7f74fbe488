/* How long a run is and its warm-up, each said in one of two ways. */
#include "tests/suite.h"

#include <string.h>

#include "core/train/config.h"

static struct sbmt_train_config defaults(void)
{
    struct sbmt_train_config config;
    sbmt_fields_defaults(sbmt_train_fields, &config, NULL);
    return config;
}

static struct sbmt_train_config in_epochs(double epochs, double ratio)
{
    struct sbmt_train_config config = defaults();
    config.steps = config.warmup_steps = 0;
    config.epochs = epochs;
    config.warmup_ratio = ratio;
    return config;
}

static void expect_resolved(const struct sbmt_train_config *config, int64_t count, int steps,
                            int warmup)
{
    struct sbmt_error err = {0};
    struct sbmt_train_config resolved;
    ck_assert_msg(sbmt_train_config_check(config, &err), "%s", err.message);
    ck_assert_msg(sbmt_train_config_resolve(config, count, &resolved, &err), "%s", err.message);
    ck_assert_int_eq(resolved.steps, steps);
    ck_assert_int_eq(resolved.warmup_steps, warmup);
    ck_assert(resolved.epochs == 0 && resolved.warmup_ratio == 0);
    ck_assert_int_eq(resolved.batch_size, config->batch_size);
}

/* CoLA: 8551 examples in batches of 32 are 267.2 steps an epoch. */
START_TEST(epochs_are_rounded_up_to_steps)
{
    struct sbmt_train_config config = in_epochs(3, 0.1);
    expect_resolved(&config, 8551, 802, 81);
    config = in_epochs(0.5, 0.06);
    expect_resolved(&config, 64, 1, 1);
    config = in_epochs(2, 0);
    expect_resolved(&config, 64, 4, 0);
    config.warmup_steps = 4;
    expect_resolved(&config, 64, 4, 4);
}
END_TEST

START_TEST(steps_stay_as_they_are)
{
    struct sbmt_train_config config = defaults();
    expect_resolved(&config, 0, 5000, 1000);
    config.warmup_steps = 0;
    config.warmup_ratio = 0.25;
    expect_resolved(&config, 100, 5000, 1250);
    config.warmup_ratio = 1;
    expect_resolved(&config, 100, 5000, 5000);
}
END_TEST

static void expect_refused(const struct sbmt_train_config *config, const char *message)
{
    struct sbmt_error err = {0};
    ck_assert(!sbmt_train_config_check(config, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    ck_assert_str_eq(err.message, message);
}

START_TEST(two_ways_at_once_are_refused)
{
    struct sbmt_train_config config = in_epochs(3, 0);
    config.steps = 5000;
    expect_refused(&config, "train.epochs: 3, but train.steps is 5000; set one of the two, or the "
                            "other to 0");
    config = in_epochs(0, 0);
    expect_refused(&config, "train.steps: 0, and so is train.epochs; one of the two says how long "
                            "the run is");
    config = defaults();
    config.warmup_ratio = 0.1;
    expect_refused(&config,
                   "train.warmup_ratio: 0.1, but train.warmup_steps is 1000; set one of the "
                   "two, or the other to 0");
    config = defaults();
    config.patience = 3;
    ck_assert(sbmt_train_config_check(&config, NULL));
    config.eval_every = 0;
    expect_refused(&config,
                   "train.patience: 3 evaluations, but train.eval_every is 0: there is one "
                   "only, at the end; set train.eval_every");
}
END_TEST

static void expect_unresolved(const struct sbmt_train_config *config, int64_t count,
                              const char *message)
{
    struct sbmt_error err = {0};
    struct sbmt_train_config resolved;
    ck_assert(sbmt_train_config_check(config, &err));
    ck_assert(!sbmt_train_config_resolve(config, count, &resolved, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    ck_assert_str_eq(err.message, message);
}

START_TEST(what_the_data_does_not_allow)
{
    struct sbmt_train_config config = in_epochs(3, 0);
    expect_unresolved(&config, 0, "train.epochs: the training set is endless; set train.steps");
    config.epochs = 1e6;
    expect_unresolved(&config, 1000000,
                      "train.epochs: 1e+06 of 1000000 examples are more steps than "
                      "a run can have");
    config = in_epochs(3, 0);
    config.warmup_steps = 1000;
    expect_unresolved(&config, 3200,
                      "train.warmup_steps: 1000 is more than the 300 steps of 3 "
                      "epochs; set train.warmup_ratio=0.1 or so");
    config.schedule = SBMT_SCHEDULE_INVERSE_ROOT;
    expect_resolved(&config, 3200, 300, 1000);
}
END_TEST

SBMT_SUITE_MAIN("train_config", epochs_are_rounded_up_to_steps, steps_stay_as_they_are,
                two_ways_at_once_are_refused, what_the_data_does_not_allow)
