/* sbmt bench speed: training steps and inferences against length and density. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/info.h"
#include "bench/list.h"
#include "bench/speed.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/terminal.h"

struct options {
    const char *attention, *lengths, *densities;
    int batch, repeats, clusters, threads, cpu;
    bool json;
};

static const struct sbmt_field fields[] = {
    SBMT_STRING(struct options, attention, "softmax,sbm",
                "kinds of attention, or all (default softmax,sbm)", .argument = "LIST"),
    SBMT_STRING(struct options, lengths, "512,1024,2048,4096",
                "tokens of a sequence (default 512,1024,2048,4096)", .argument = "LIST"),
    SBMT_STRING(struct options, densities, "0.02,0.1,0.25",
                "densities of the graphs, for kinds that have them (default 0.02,0.1,0.25)",
                .argument = "LIST"),
    SBMT_INT(struct options, batch, 4, 1, 4096, "sequences of a step"),
    SBMT_INT(struct options, repeats, 5, 1, 1000, "rounds; times are their medians"),
    SBMT_INT(struct options, clusters, 128, 1, 4096, "clusters of block models, per head"),
    SBMT_THREADS_ROW(struct options),
    SBMT_CPU_ROW(struct options),
    SBMT_BOOL(struct options, json, false, "print everything as one JSON object"),
    SBMT_FIELDS_END,
};

enum { LONGEST = 1 << 20 };

/* What the measurements depend on: the model, but for what its sequences never meet. */
static bool takes_key(const char *key, const struct sbmt_field *field)
{
    static const char *const idle[] = {"model.init", "model.input", "model.pair_features",
                                       "model.attention.kind"};
    (void)field;
    for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++)
        if (strcmp(key, idle[i]) == 0)
            return false;
    return strncmp(key, "model.", 6) == 0 || strcmp(key, "train.shards") == 0 ||
           strcmp(key, "seed") == 0;
}

static bool check_keys(const struct sbmt_call *call, struct sbmt_error *err)
{
    for (int i = 0; i < call->count; i++) {
        char key[256];
        const char *given = call->arguments[i];
        snprintf(key, sizeof key, "%.*s", (int)strcspn(given, "="), given);
        if (!takes_key(key, NULL))
            return sbmt_fail(
                err, SBMT_ERROR_USAGE,
                "%.80s: these measurements know no %.80s; their keys are those of model "
                "(but init, input, pair_features), train.shards and seed",
                given, key);
    }
    return true;
}

static bool make_plan(const struct sbmt_call *call, struct sbmt_speed_plan *plan,
                      struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_list kinds;
    *plan = (struct sbmt_speed_plan){
        .threads = options->threads,
        .batch = options->batch,
        .repeats = options->repeats,
        .clusters = options->clusters,
        .cpu = sbmt_cpu_choice(options->cpu),
    };
    if (!sbmt_list_kinds("--attention", options->attention, call->arena, &kinds, err))
        return false;
    plan->attention = kinds.word;
    plan->attentions = kinds.count;
    plan->lengths = sbmt_list_numbers("--lengths", options->lengths, true, 1, LONGEST, call->arena,
                                      &plan->lengths_count, err);
    if (plan->lengths == NULL)
        return false;
    plan->densities = sbmt_list_numbers("--densities", options->densities, false, 1e-6, 1,
                                        call->arena, &plan->densities_count, err);
    if (plan->densities == NULL)
        return false;
    plan->overrides = call->arguments;
    plan->overrides_count = call->count;
    return true;
}

/* Where rows go as they come. */
struct output {
    struct sbmt_error *err;
    bool failed;
};

static void add_row(const struct sbmt_speed_row *row, struct sbmt_str *out)
{
    sbmt_str_printf(out, "%6d  %-18s ", row->n, row->attention);
    if (row->density >= 0)
        sbmt_str_printf(out, "%7.4f", row->density);
    else
        sbmt_str_printf(out, "%7s", "-");
    sbmt_str_printf(out, " %10.2f %10.2f %9.3f %9.2f %9.1f", 1e3 * row->step, 1e3 * row->inference,
                    1e6 * row->step / (double)row->tokens, 1e-9 * row->step_flops,
                    row->peak_bytes / (1 << 20));
    if (row->step_ratio >= 0)
        sbmt_str_printf(out, " %8.2f %8.2f\n", row->step_ratio, row->inference_ratio);
    else
        sbmt_str_printf(out, " %8s %8s\n", "-", "-");
}

static void on_rows(void *context, const struct sbmt_speed_row *rows, int count)
{
    struct output *output = context;
    struct sbmt_str text = {0};
    for (int i = 0; i < count; i++)
        add_row(&rows[i], &text);
    output->failed = !sbmt_terminal_print(&text, output->err) || output->failed;
}

static void add_crossing(double density, struct sbmt_str *out)
{
    if (isinf(density))
        sbmt_str_printf(out, "  %-21s", "at every density");
    else if (density > 0)
        sbmt_str_printf(out, "  below %-15.3f", density);
    else
        sbmt_str_printf(out, "  %-21s", "at none");
}

static void add_break_evens(const struct sbmt_speed *speed, struct sbmt_str *out)
{
    if (speed->break_evens == 0)
        return;
    sbmt_str_printf(out, "\nfaster than softmax, of the densities measured:\n"
                         "     n  attention           training step          inference\n");
    for (int i = 0; i < speed->break_evens; i++) {
        const struct sbmt_speed_break_even *even = &speed->break_even[i];
        sbmt_str_printf(out, "%6d  %-18s", even->n, even->attention);
        add_crossing(even->step, out);
        add_crossing(even->inference, out);
        while (out->length > 0 && out->text[out->length - 1] == ' ')
            out->text[--out->length] = '\0';
        sbmt_str_printf(out, "\n");
    }
}

static bool print_table(const struct sbmt_speed_plan *plan, struct sbmt_arena *arena,
                        struct sbmt_error *err)
{
    struct output output = {.err = err};
    struct sbmt_speed speed;
    struct sbmt_str head = {0}, foot = {0};
    sbmt_str_printf(&head, "%6s  %-18s %7s %10s %10s %9s %9s %9s %8s %8s\n", "n", "attention",
                    "density", "step ms", "infer ms", "us/token", "GFLOP", "peak MB", "x step",
                    "x infer");
    if (!sbmt_terminal_print(&head, err) ||
        !sbmt_speed_measure(plan, on_rows, &output, arena, &speed, err) || output.failed)
        return false;
    add_break_evens(&speed, &foot);
    return sbmt_terminal_print(&foot, err);
}

static bool print_json(const struct sbmt_speed_plan *plan, struct sbmt_arena *arena,
                       struct sbmt_error *err)
{
    struct sbmt_speed speed;
    if (!sbmt_speed_measure(plan, NULL, NULL, arena, &speed, err))
        return false;
    struct sbmt_json json = sbmt_info_json(speed.cpu);
    sbmt_speed_json(&speed, plan, &json);
    return sbmt_terminal_json(&json, err);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_speed_plan plan;
    return make_plan(call, &plan, err) && sbmt_speed_check(&plan, call->arena, err) &&
           check_keys(call, err) &&
           (options->json ? print_json(&plan, call->arena, err)
                          : print_table(&plan, call->arena, err));
}

extern const struct sbmt_command sbmt_command_bench_speed;
const struct sbmt_command sbmt_command_bench_speed = {
    .group = "Measurements",
    .name = "bench speed",
    .arguments = "[KEY=VALUE ...]",
    .doc = "times training steps and inferences against length and density, and finds the density "
           "below which graphs are faster than softmax",
    .most_arguments = -1,
    .takes_key = takes_key,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .remarks = "The model is that of configs/lra/listops; a KEY=VALUE of model changes it, and one "
               "of model.attention the kinds that have such an option; train.shards and seed are "
               "the other keys that matter. A step is forward, backward "
               "and AdamW; x is softmax's time over this one's; GFLOP is of a step, by formula; "
               "peak MB is the activations of one thread.",
};
