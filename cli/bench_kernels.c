/* sbmt bench kernels: every kernel and the operations made of them, as a share of the machine's
 * peak. */
#include <inttypes.h>

#include "bench/info.h"
#include "bench/kernel_bench.h"
#include "bench/machine.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/terminal.h"

struct options {
    int cpu;
    bool json;
};

static const struct sbmt_field fields[] = {
    SBMT_CPU_ROW(struct options),
    SBMT_BOOL(struct options, json, false, "print everything as one JSON object"),
    SBMT_FIELDS_END,
};

/* Where rows go: to the table as they come, or into the object. */
struct output {
    struct sbmt_machine machine;
    struct sbmt_json *json; /* NULL: a table */
    struct sbmt_error *err;
    bool failed;
};

static void print(struct output *output, struct sbmt_str *text)
{
    output->failed = !sbmt_terminal_print(text, output->err) || output->failed;
}

static void begin_table(struct output *output, const char *cpu)
{
    const struct sbmt_machine *machine = &output->machine;
    struct sbmt_str text = {0};
    sbmt_str_printf(&text,
                    "GEMM peak  %.1f GFLOP/s, one thread, measured on %d x %d floats\n"
                    "memory     %.1f GB/s read, %.1f GB/s triad, arrays of %.0f MB\n"
                    "kernels    %s\n\n"
                    "%-17s %4s %5s %7s %9s %-8s %8s %8s\n",
                    machine->gemm, machine->gemm_size, machine->gemm_size, machine->read,
                    machine->triad, machine->megabytes, cpu, "name", "d", "n", "density", "ns",
                    "per", "GFLOP/s", "of peak");
    print(output, &text);
}

static void cell(bool shown, const char *format, double value, const char *empty,
                 struct sbmt_str *out)
{
    char number[32];
    snprintf(number, sizeof number, format, value);
    sbmt_str_printf(out, "%s", shown ? number : empty);
}

static void on_row(void *context, const struct sbmt_kernel_row *row)
{
    struct output *output = context;
    if (output->json != NULL) {
        sbmt_json_begin(output->json, NULL);
        sbmt_kernel_row_json(row, output->machine.gemm, output->json);
        sbmt_json_end(output->json);
        return;
    }
    struct sbmt_str text = {0};
    sbmt_str_printf(&text, "%-17s ", row->name);
    cell(row->d > 0, "%4.0f", row->d, "   -", &text);
    sbmt_str_printf(&text, " %5d ", row->n);
    cell(row->density >= 0, "%7.3f", row->density, "      -", &text);
    sbmt_str_printf(&text, " %9.3f %-8s ", row->nanoseconds, row->unit);
    cell(row->gflops > 0, "%8.1f", row->gflops, "       -", &text);
    cell(row->gflops > 0, "%7.1f %%", 100 * row->gflops / output->machine.gemm, "        -", &text);
    sbmt_str_printf(&text, "\n");
    print(output, &text);
}

static bool measure(struct output *output, const struct sbmt_kernels *kernels,
                    struct sbmt_error *err)
{
    struct sbmt_arena arena = {0};
    const struct sbmt_kernel_bench bench = {
        .kernels = kernels, .arena = &arena, .report = on_row, .context = output};
    const bool done = sbmt_kernel_bench(&bench, err);
    sbmt_arena_finish(&arena);
    return done && !output->failed;
}

static bool print_json(struct output *output, const struct sbmt_kernels *kernels,
                       struct sbmt_error *err)
{
    const struct sbmt_info info = sbmt_info_get();
    struct sbmt_json json = sbmt_json_make();
    sbmt_info_json(&info, &json);
    sbmt_json_text(&json, "cpu_used", kernels->cpu);
    sbmt_json_begin(&json, "machine");
    sbmt_machine_json(&output->machine, &json);
    sbmt_json_end(&json);
    sbmt_json_begin_list(&json, "rows");
    output->json = &json;
    const bool done = measure(output, kernels, err);
    sbmt_json_end(&json);
    struct sbmt_str text = {0};
    text.failed = !sbmt_json_print(&json, false, &text);
    sbmt_str_printf(&text, "\n");
    sbmt_json_finish(&json);
    if (done)
        return sbmt_terminal_print(&text, err);
    sbmt_str_finish(&text);
    return false;
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct output output = {.err = err};
    const struct sbmt_kernels *kernels = sbmt_kernels_get(sbmt_cpu_choice(options->cpu), err);
    if (kernels == NULL || !sbmt_machine_measure(&output.machine, err))
        return false;
    if (options->json)
        return print_json(&output, kernels, err);
    begin_table(&output, kernels->cpu);
    return measure(&output, kernels, err);
}

extern const struct sbmt_command sbmt_command_bench_kernels;
const struct sbmt_command sbmt_command_bench_kernels = {
    .group = "Measurements",
    .name = "bench kernels",
    .arguments = "",
    .doc = "measures every kernel, attention and the drawing of graphs as shares of this machine's "
           "peak",
    .most_arguments = 0,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
