/* The learning rate over a run. */
#ifndef SBMT_CORE_TRAIN_SCHEDULE_H
#define SBMT_CORE_TRAIN_SCHEDULE_H

#include <stdint.h>

#include "core/train/config.h"

/** The learning rate of optimiser step `step` (counted from 1). onecycle:
 * torch.optim.lr_scheduler's OneCycleLR(max_lr=lr, total_steps=steps, pct_start=warmup_steps/steps,
 * anneal_strategy="linear", div_factor=25, final_div_factor=1e4), whose value for step 1 is that
 * before its first .step(); a warm-up of one step, where torch divides 0 by 0, is its own peak.
 * inverse-root and cosine: "constant * linear_warmup * rsqrt_decay" and "… * cosine_decay" of
 * google-research/long-range-arena (lra_benchmarks/utils/train_utils.py), the cosine over what
 * follows the warm-up.
 * linear and constant: get_linear_schedule_with_warmup and get_constant_schedule_with_warmup of
 * Hugging Face's transformers, where a warm-up starts at 0. */
double sbmt_schedule_rate(const struct sbmt_train_config *config, int64_t step);

/** AdamW's beta1 of optimiser step `step`: the configured one, or with onecycle-momentum what the
 * same scheduler makes of it with its default cycle_momentum=True, base_momentum=0.85 and
 * max_momentum=0.95. */
double sbmt_schedule_beta1(const struct sbmt_train_config *config, int64_t step);

#endif
