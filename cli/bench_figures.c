/* sbmt bench figures: the figures of runs as SVG files. */
#include "bench/config_write.h"
#include "bench/figures.h"
#include "bench/list.h"
#include "cli/ledger_options.h"
#include "cli/terminal.h"
#include "core/io/file.h"

struct options {
    const char *out, *rows, *metric, *speed;
};

static const struct sbmt_field fields[] = {
    SBMT_STRING(struct options, out, "figures", "folder for the files (default figures)",
                .argument = "DIR"),
    SBMT_STRING(struct options, rows, "attention",
                "which runs have one colour: attention, protocol, seed, run or keys of config.yaml "
                "(default attention)",
                .argument = "LIST"),
    SBMT_STRING(struct options, metric, "task",
                "number of the results to show against density and cost (default task: what chose "
                "the weights)",
                .argument = "NAME"),
    SBMT_STRING(struct options, speed, NULL, "files that sbmt bench speed --json has printed",
                .argument = "LIST"),
    SBMT_FIELDS_END,
};

static bool write_all(const struct sbmt_figures *figures, const char *folder,
                      struct sbmt_error *err)
{
    struct sbmt_str list = {0};
    bool done = sbmt_folder_make(folder, err);
    for (int i = 0; done && i < figures->count; i++) {
        const struct sbmt_figure *figure = &figures->figure[i];
        struct sbmt_str text = {0}, path = {0};
        sbmt_str_printf(&path, "%s/%s.svg", folder, figure->name);
        sbmt_chart_write(&figure->chart, figure->name, true, &text);
        text.failed = text.failed || path.failed;
        done = sbmt_ledger_options_write(path.failed ? folder : path.text, &text, err);
        sbmt_str_printf(&list, "%s\n", path.failed ? "" : path.text);
        sbmt_str_finish(&path);
    }
    if (done)
        return sbmt_terminal_print(&list, err);
    sbmt_str_finish(&list);
    return false;
}

static bool add_speed(struct sbmt_figures *figures, const char *files, struct sbmt_arena *arena,
                      struct sbmt_error *err)
{
    struct sbmt_list paths = {0};
    if (files != NULL && !sbmt_list_split("--speed", files, arena, &paths, err))
        return false;
    for (int i = 0; i < paths.count; i++)
        if (!sbmt_figures_add_speed(figures, paths.word[i], arena, err))
            return false;
    return true;
}

/* Those of the heads of each run. */
static bool add_heads(struct sbmt_figures *figures, const struct sbmt_ledger *ledger,
                      struct sbmt_arena *arena, struct sbmt_error *err)
{
    for (int i = 0; i < ledger->count; i++)
        sbmt_figures_add_heads(figures, &ledger->run[i], ledger->run[i].folder, arena);
    return sbmt_arena_check(arena, "figures", err);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_ledger ledger = {0};
    struct sbmt_figures *figures = sbmt_arena_zalloc(call->arena, 1, sizeof *figures);
    if (!sbmt_arena_check(call->arena, "figures", err) ||
        ((call->count > 0 || options->speed == NULL) &&
         !sbmt_ledger_options_open(call, &ledger, err)))
        return false;
    const bool done = (ledger.count == 0 ||
                       sbmt_figures_add_ledger(figures, &ledger, options->rows, options->metric,
                                               call->arena, err)) &&
                      add_heads(figures, &ledger, call->arena, err) &&
                      add_speed(figures, options->speed, call->arena, err) &&
                      write_all(figures, options->out, err);
    sbmt_ledger_finish(&ledger);
    return done;
}

static void more_help(int width, struct sbmt_str *out)
{
    sbmt_str_printf(out, "\n");
    sbmt_config_wrap(
        "Of each task and protocol: accuracy on dev, training loss and density against "
        "steps; the score against density, attention FLOPs and time. Of each run the density of "
        "each "
        "head against steps. With --speed: "
        "time and memory against length; DIR may then be left out. Prints the names of "
        "the files.",
        0, 0, width, out);
}

extern const struct sbmt_command sbmt_command_bench_figures;
const struct sbmt_command sbmt_command_bench_figures = {
    .group = "Experiments",
    .name = "bench figures",
    .arguments = "[DIR ...]",
    .doc = "draws the figures of runs, and of measurements of speed, as SVG files",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .more_help = more_help,
};
