/* sbmt bench kernels: every kernel and the operations made of them, as a share of the machine's
 * peak. */
#include <inttypes.h>

#include "bench/info.h"
#include "bench/kernel_bench.h"
#include "bench/list.h"
#include "bench/machine.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/terminal.h"

struct options {
    const char *lengths, *densities;
    int cpu;
    bool json;
};

enum { LONGEST = 1 << 16 };

static const struct sbmt_field fields[] = {
    SBMT_STRING(struct options, lengths, "512,2048,8192",
                "tokens of a sequence (default 512,2048,8192)", .argument = "LIST"),
    SBMT_STRING(struct options, densities, "0.02,0.1,0.25",
                "densities of the graphs (default 0.02,0.1,0.25)", .argument = "LIST"),
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

static bool measure(struct output *output, const struct sbmt_kernel_bench *bench,
                    struct sbmt_error *err)
{
    struct sbmt_kernel_bench use = *bench;
    use.report = on_row;
    use.context = output;
    return sbmt_kernel_bench(&use, err) && !output->failed;
}

static bool print_json(struct output *output, const struct sbmt_kernel_bench *bench,
                       struct sbmt_error *err)
{
    struct sbmt_json json = sbmt_info_json(bench->kernels->cpu);
    sbmt_json_begin(&json, "machine");
    sbmt_machine_json(&output->machine, &json);
    sbmt_json_end(&json);
    sbmt_json_begin_list(&json, "rows");
    output->json = &json;
    const bool done = measure(output, bench, err);
    sbmt_json_end(&json);
    if (done)
        return sbmt_terminal_json(&json, err);
    sbmt_json_finish(&json);
    return false;
}

/* What is measured, from the options. */
static bool make_bench(const struct sbmt_call *call, struct sbmt_kernel_bench *bench,
                       struct sbmt_error *err)
{
    const struct options *options = call->options;
    *bench = (struct sbmt_kernel_bench){
        .kernels = sbmt_kernels_get(sbmt_cpu_choice(options->cpu), err),
        .arena = call->arena,
    };
    if (bench->kernels == NULL)
        return false;
    bench->lengths = sbmt_list_numbers("--lengths", options->lengths, true, 1, LONGEST, call->arena,
                                       &bench->lengths_count, err);
    if (bench->lengths == NULL)
        return false;
    bench->densities = sbmt_list_numbers("--densities", options->densities, false, 1e-6, 1,
                                         call->arena, &bench->densities_count, err);
    return bench->densities != NULL;
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct output output = {.err = err};
    struct sbmt_kernel_bench bench;
    if (!make_bench(call, &bench, err) || !sbmt_machine_measure(&output.machine, err))
        return false;
    if (options->json)
        return print_json(&output, &bench, err);
    begin_table(&output, bench.kernels->cpu);
    return measure(&output, &bench, err);
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
    .remarks = "Takes about a minute; with --lengths 64 some seconds.",
};
