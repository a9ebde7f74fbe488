/* sbmt bench attention: one head of each kind by itself, against length. */
#include "bench/config_load.h"
#include "bench/config_write.h"
#include "bench/head_bench.h"
#include "bench/info.h"
#include "bench/list.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/terminal.h"
#include "core/model/config.h"

struct options {
    const char *attention, *lengths;
    int d, cpu;
    bool json;
};

static const struct sbmt_field fields[] = {
    SBMT_STRING(struct options, attention, "all", "kinds of attention (default all)",
                .argument = "LIST"),
    SBMT_STRING(struct options, lengths, "2048", "tokens of the sequence (default 2048)",
                .argument = "LIST"),
    SBMT_INT(struct options, d, 32, 1, 4096, "head dim, or width of a kind without heads"),
    SBMT_CPU_ROW(struct options),
    SBMT_BOOL(struct options, json, false, "print everything as one JSON object"),
    SBMT_FIELDS_END,
};

enum { LONGEST = 1 << 20 };

/* What is measured, and where it goes. */
struct task {
    struct sbmt_list kinds;
    const double *lengths;
    int lengths_count;
    const struct sbmt_kernels *kernels;
    struct sbmt_arena *arena;
    struct sbmt_json *json; /* NULL: a table */
};

static bool make_task(const struct sbmt_call *call, struct task *task, struct sbmt_error *err)
{
    const struct options *options = call->options;
    task->arena = call->arena;
    task->kernels = sbmt_kernels_get(sbmt_cpu_choice(options->cpu), err);
    if (task->kernels == NULL ||
        !sbmt_list_kinds("--attention", options->attention, call->arena, &task->kinds, err))
        return false;
    task->lengths = sbmt_list_numbers("--lengths", options->lengths, true, 1, LONGEST, call->arena,
                                      &task->lengths_count, err);
    return task->lengths != NULL;
}

static bool print_row(const struct sbmt_head_plan *plan, const struct sbmt_head_times *times,
                      double flops, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    sbmt_str_printf(&text, "%6d  %-18s ", plan->n, plan->ops->variant.name);
    if (times->density >= 0)
        sbmt_str_printf(&text, "%7.4f", times->density);
    else
        sbmt_str_printf(&text, "%7s", "-");
    sbmt_str_printf(&text, " %10.3f %11.3f %9.3f %9.3f %9.2f %8.2f\n", 1e3 * times->forward,
                    1e3 * times->backward, 1e6 * (times->forward + times->backward) / plan->n,
                    1e-9 * flops, 1e-9 * flops / times->forward, times->peak_bytes / (1 << 20));
    return sbmt_terminal_print(&text, err);
}

static void add_row(const struct sbmt_head_plan *plan, const struct sbmt_head_times *times,
                    double flops, struct sbmt_json *json)
{
    sbmt_json_begin(json, NULL);
    sbmt_json_text(json, "attention", plan->ops->variant.name);
    sbmt_json_number(json, "n", plan->n);
    sbmt_json_number(json, "d", plan->d);
    if (times->density >= 0)
        sbmt_json_number(json, "density", times->density);
    sbmt_json_number(json, "forward_seconds", times->forward);
    sbmt_json_number(json, "backward_seconds", times->backward);
    sbmt_json_number(json, "forward_flops", flops);
    sbmt_json_number(json, "saved_bytes", times->saved_bytes);
    sbmt_json_number(json, "peak_bytes", times->peak_bytes);
    sbmt_json_end(json);
}

static bool measure_kind(const struct task *task, const char *kind, int n, int d,
                         struct sbmt_error *err)
{
    const struct sbmt_field *field = sbmt_field_find(sbmt_model_fields, "attention");
    struct sbmt_variant_value value = {.index = -1};
    if (!sbmt_config_set_kind(field, &value, kind, task->arena))
        return sbmt_arena_check(task->arena, "configuration", err);
    const struct sbmt_head_plan plan = {
        .ops = sbmt_attention_at(value.index),
        .config = value.config,
        .n = n,
        .d = d,
        .heads = 1,
        .kernels = task->kernels,
    };
    struct sbmt_head_times times;
    if (!sbmt_head_bench(&plan, &times, err))
        return false;
    const double density = times.density >= 0 ? times.density : 1;
    const double flops = plan.ops->cost(plan.config, n, d, density).flops;
    if (task->json == NULL)
        return print_row(&plan, &times, flops, err);
    add_row(&plan, &times, flops, task->json);
    return true;
}

static bool measure(const struct task *task, int d, struct sbmt_error *err)
{
    for (int i = 0; i < task->lengths_count; i++)
        for (int a = 0; a < task->kinds.count; a++)
            if (!measure_kind(task, task->kinds.word[a], (int)task->lengths[i], d, err))
                return false;
    return true;
}

static bool print_json(struct task *task, int d, struct sbmt_error *err)
{
    struct sbmt_json json = sbmt_info_json(task->kernels->cpu);
    task->json = &json;
    sbmt_json_begin_list(&json, "rows");
    const bool done = measure(task, d, err);
    sbmt_json_end(&json);
    if (done)
        return sbmt_terminal_json(&json, err);
    sbmt_json_finish(&json);
    return false;
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct task task = {0};
    if (!make_task(call, &task, err))
        return false;
    if (options->json)
        return print_json(&task, options->d, err);
    struct sbmt_str head = {0};
    sbmt_str_printf(&head, "%6s  %-18s %7s %10s %11s %9s %9s %9s %8s\n", "n", "attention",
                    "density", "forward ms", "backward ms", "us/token", "GFLOP", "GFLOP/s",
                    "peak MB");
    return sbmt_terminal_print(&head, err) && measure(&task, options->d, err);
}

extern const struct sbmt_command sbmt_command_bench_attention;
const struct sbmt_command sbmt_command_bench_attention = {
    .group = "Measurements",
    .name = "bench attention",
    .arguments = "",
    .doc = "times one head of each kind of attention by itself against length",
    .most_arguments = 0,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .remarks = "One head on one thread, with the kind's default options and without dropout; "
               "medians. us/token is of forward and backward, GFLOP and GFLOP/s are of forward, by "
               "formula; peak MB is what is kept for backward and the largest working memory.",
};
