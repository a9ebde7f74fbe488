#!/usr/bin/env python3
"""Golden vectors of 30 steps of torch's AdamW under OneCycleLR with linear annealing: "adamw" with
weight decay of the matrix alone, "adamw_all" with the optimiser's own, of all parameters,
"adamw_cycle" with the scheduler's default cycle of momentum.

Needs Debian's python3-torch. Usage: adamw.py [FOLDER]
"""
import torch

import common

STEPS, WARMUP, RATE, WEIGHT_DECAY = 30, 10, 5e-3, 0.01


def groups(parameters, decays_all):
    if decays_all:
        return [{"params": list(parameters.values()), "weight_decay": WEIGHT_DECAY}]
    return [{"params": [parameters["a"]], "weight_decay": WEIGHT_DECAY},
            {"params": [parameters["b"]], "weight_decay": 0.0}]


def make(file, decays_all, cycle_momentum=False):
    random = common.generator(301)
    initial = {"a": common.normal(random, 7, 5), "b": common.normal(random, 5)}
    # Gradients of very different sizes, so that eps and both moments matter.
    sizes = common.exact(10.0 ** torch.linspace(-6, 1, STEPS, dtype=torch.float64))
    sizes = sizes[torch.randperm(STEPS, generator=random)]
    gradients = {
        name: common.exact(common.normal(random, STEPS, *value.shape)
                           * sizes.reshape(-1, *[1] * value.dim()))
        for name, value in initial.items()
    }
    parameters = {name: torch.nn.Parameter(value.clone()) for name, value in initial.items()}
    optimizer = torch.optim.AdamW(
        groups(parameters, decays_all), lr=RATE, betas=(0.9, 0.999), eps=1e-6)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=RATE, total_steps=STEPS, pct_start=WARMUP / STEPS,
        anneal_strategy="linear", cycle_momentum=cycle_momentum)

    results = {f"initial.{name}": common.stored(value) for name, value in initial.items()}
    results.update({f"grads.{name}": common.stored(value) for name, value in gradients.items()})
    rates, momenta = [], []
    for step in range(1, STEPS + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        momenta.append(optimizer.param_groups[0]["betas"][0])
        for name, parameter in parameters.items():
            parameter.grad = gradients[name][step - 1].clone()
        optimizer.step()
        if step < STEPS:
            schedule.step()
        if step in (1, 2, 10, STEPS):
            for name, parameter in parameters.items():
                results[f"step{step}.{name}"] = common.stored(parameter)
    for name, parameter in parameters.items():
        state = optimizer.state[parameter]
        results[f"exp_avg.{name}"] = common.stored(state["exp_avg"])
        results[f"exp_avg_sq.{name}"] = common.stored(state["exp_avg_sq"])
    rates = torch.tensor(rates, dtype=torch.float64)
    results["lr"] = rates.to(torch.float32)
    results["lr64"] = rates
    if cycle_momentum:
        results["beta1"] = torch.tensor(momenta, dtype=torch.float64)
    common.save(file, results, steps=STEPS, warmup_steps=WARMUP, lr=RATE,
                weight_decay=WEIGHT_DECAY)


def main():
    make("adamw", False)
    make("adamw_all", True)
    make("adamw_cycle", False, cycle_momentum=True)


if __name__ == "__main__":
    main()
