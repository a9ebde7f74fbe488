/* How a result came about. */
#include "bench/run_account.h"

#include "bench/flops.h"
#include "bench/info.h"
#include "bench/run_info.h"

static void set_densities(const struct sbmt_head_densities *densities, struct sbmt_json *json)
{
    sbmt_json_begin_list(json, "densities");
    for (int i = 0; i < densities->layers * densities->heads; i++) {
        const struct sbmt_densities *of = &densities->of[i];
        if (of->count == 0)
            continue;
        sbmt_json_begin(json, NULL);
        sbmt_json_number(json, "layer", i / densities->heads);
        sbmt_json_number(json, "head", i % densities->heads);
        sbmt_json_number(json, "density", of->sum / of->count);
        sbmt_json_end(json);
    }
    sbmt_json_end(json);
}

static void set_measured(const struct sbmt_experiment *experiment, const struct sbmt_energy *energy,
                         struct sbmt_json *json)
{
    const double joules = energy != NULL ? sbmt_energy_joules(energy) : -1;
    sbmt_json_begin(json, "measured");
    sbmt_json_number(json, "peak_bytes", (double)sbmt_stepper_peak_bytes(experiment->stepper));
    if (joules >= 0)
        sbmt_json_number(json, "energy_joules", joules);
    else
        sbmt_json_text(json, "energy_joules", NULL);
    sbmt_json_end(json);
}

void sbmt_run_account_json(const struct sbmt_experiment *experiment,
                           const struct sbmt_result *result,
                           const struct sbmt_head_densities *densities,
                           const struct sbmt_energy *energy, struct sbmt_json *json)
{
    sbmt_json_text(json, "metric", result->eval.primary.name);
    if (result->eval.density >= 0)
        set_densities(densities, json);
    sbmt_json_number(json, "flops",
                     sbmt_flops_split(&experiment->config->model,
                                      sbmt_model_shape(experiment->model),
                                      &experiment->set[result->split], result->eval.density));
    sbmt_json_begin(json, "machine");
    sbmt_info_set(json, sbmt_stepper_cpu(experiment->stepper));
    sbmt_json_number(json, "threads", experiment->threads);
    sbmt_json_end(json);
    sbmt_run_info_data(experiment, json);
    set_measured(experiment, energy, json);
}
