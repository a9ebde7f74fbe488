/* Figures of runs. */
#include "bench/figures.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bench/grid.h"
#include "bench/measure.h"

const char *sbmt_figures_text(struct sbmt_arena *arena, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return sbmt_arena_strdup(arena, text);
}

static bool is_taken(const struct sbmt_figures *figures, const char *name)
{
    for (int i = 0; i < figures->count; i++)
        if (strcmp(figures->figure[i].name, name) == 0)
            return true;
    return false;
}

void sbmt_figures_add(struct sbmt_figures *figures, const struct sbmt_chart *chart,
                      const char *name, struct sbmt_arena *arena)
{
    char *clean = sbmt_arena_strdup(arena, name);
    if (clean == NULL || figures->count == SBMT_FIGURES || !sbmt_chart_has_points(chart))
        return;
    for (char *c = clean; *c != '\0'; c++)
        *c = isalnum((unsigned char)*c) ? *c : '-';
    const char *unique = clean;
    for (int again = 2; is_taken(figures, unique); again++)
        if ((unique = sbmt_figures_text(arena, "%s-%d", clean, again)) == NULL)
            return;
    figures->figure[figures->count++] = (struct sbmt_figure){.name = unique, .chart = *chart};
}

/* A value of a curve's points. */
struct value {
    size_t offset; /**< in the point */
    double scale;
    bool of_dev;
};

static const struct value dev_accuracy = {offsetof(struct sbmt_ledger_point, accuracy), 100, true};
static const struct value accuracy = {offsetof(struct sbmt_ledger_point, accuracy), 100, false};
static const struct value dev_loss = {offsetof(struct sbmt_ledger_point, loss), 1, true};
static const struct value loss = {offsetof(struct sbmt_ledger_point, loss), 1, false};
static const struct value density = {offsetof(struct sbmt_ledger_point, density), 100, false};

enum { BINS = 120 };

/* A line of at most BINS points, each the mean of as many lines of metrics.jsonl. */
static struct sbmt_series series_of(const struct sbmt_ledger_run *run, const struct value *value,
                                    int colour, const char *name, struct sbmt_arena *arena)
{
    const struct sbmt_ledger_curve *curve = value->of_dev ? &run->dev : &run->train;
    const int size = (curve->count + BINS - 1) / BINS;
    const int count = size > 0 ? (curve->count + size - 1) / size : 0;
    double *x = sbmt_arena_zalloc(arena, (size_t)count, sizeof *x);
    double *y = sbmt_arena_zalloc(arena, (size_t)count, sizeof *y);
    struct sbmt_series series = {.name = name, .colour = colour, .line = true, .x = x, .y = y};
    if (x == NULL || y == NULL)
        return series;
    series.count = count;
    for (int b = 0; b < count; b++) {
        const int end = (b + 1) * size < curve->count ? (b + 1) * size : curve->count;
        for (int i = b * size; i < end; i++) {
            double part;
            memcpy(&part, (const char *)&curve->point[i] + value->offset, sizeof part);
            x[b] += curve->point[i].step / (end - b * size);
            y[b] += part * value->scale / (end - b * size);
        }
    }
    return series;
}

/* The runs of one task and protocol. */
struct group {
    const struct sbmt_ledger *ledger;
    const char *const *title; /**< of each run of the ledger */
    const int *colour;        /**< likewise */
    const char *metric;
    const struct sbmt_ledger_run *first;
    struct sbmt_figures *figures;
    struct sbmt_arena *arena;
};

static bool belongs(const struct group *group, const struct sbmt_ledger_run *run)
{
    return strcmp(run->config.task, group->first->config.task) == 0 &&
           run->config.protocol == group->first->config.protocol;
}

static void add_chart(const struct group *group, const char *what, struct sbmt_chart *chart,
                      const char *about)
{
    const char *task = group->first->config.task;
    const char *protocol = sbmt_protocol_name(group->first->config.protocol);
    chart->title = sbmt_figures_text(group->arena, "%s (%s): %s", task, protocol, about);
    const char *name = sbmt_figures_text(group->arena, "%s-%s-%s", what, task, protocol);
    if (name != NULL && chart->title != NULL)
        sbmt_figures_add(group->figures, chart, name, group->arena);
}

/* A figure of a value against steps, a line a run. */
static void add_curves(const struct group *group, const char *what, const struct value *value,
                       const char *about, const char *axis)
{
    struct sbmt_series *series = sbmt_arena_zalloc(group->arena, (size_t)group->ledger->count,
                                                   sizeof *series);
    struct sbmt_chart chart = {.x = {.title = "step"},
                               .y = {.title = axis, .percent = strchr(axis, '%') != NULL},
                               .series = series};
    if (series == NULL)
        return;
    for (int i = 0; i < group->ledger->count; i++)
        if (belongs(group, &group->ledger->run[i]))
            series[chart.count++] = series_of(&group->ledger->run[i], value, group->colour[i],
                                              group->title[i], group->arena);
    add_chart(group, what, &chart, about);
}

static double density_of(const struct sbmt_ledger_run *run)
{
    return 100 * sbmt_json_get_number(&run->result, "density", (double)NAN);
}

static double minutes_of(const struct sbmt_ledger_run *run)
{
    return sbmt_json_get_number(&run->result, "seconds", (double)NAN) / 60;
}

/* A figure of the score against a cost, a marker a finished run. */
static void add_markers(const struct group *group, const char *what,
                        double (*cost)(const struct sbmt_ledger_run *run), const char *about,
                        const struct sbmt_axis *axis)
{
    struct sbmt_series *series = sbmt_arena_zalloc(group->arena, (size_t)group->ledger->count,
                                                   sizeof *series);
    struct sbmt_chart chart = {.x = *axis, .series = series};
    const char *metric = sbmt_ledger_metric(group->first, group->metric);
    const bool percent = sbmt_measure_is_percent(metric);
    chart.y.title = sbmt_figures_text(group->arena, "%s%s", metric, percent ? ", %" : "");
    chart.y.percent = percent;
    if (series == NULL || chart.y.title == NULL)
        return;
    for (int i = 0; i < group->ledger->count; i++) {
        const struct sbmt_ledger_run *run = &group->ledger->run[i];
        if (!run->finished || !belongs(group, run))
            continue;
        double *point = sbmt_arena_zalloc(group->arena, 2, sizeof *point);
        const char **label = sbmt_arena_zalloc(group->arena, 1, sizeof *label);
        if (point == NULL || label == NULL)
            return;
        point[0] = cost(run);
        point[1] = sbmt_ledger_value(run, metric) * (percent ? 100 : 1);
        *label = sbmt_figures_text(group->arena, "%s: %s: %.4g; %s: %.4g", run->folder, axis->title,
                                   point[0], chart.y.title, point[1]);
        series[chart.count++] = (struct sbmt_series){.name = group->title[i],
                                                     .colour = group->colour[i],
                                                     .count = 1,
                                                     .x = &point[0],
                                                     .y = &point[1],
                                                     .label = label};
    }
    add_chart(group, what, &chart, about);
}

static void add_group(const struct group *group)
{
    static const struct sbmt_axis of_density = {"density of the graphs, %", .percent = true};
    static const struct sbmt_axis of_flops = {"attention FLOPs, times softmax",
                                              .logarithmic = true};
    static const struct sbmt_axis of_time = {"training time, min", .logarithmic = true};
    add_curves(group, "learning", &dev_accuracy, "accuracy on dev", "accuracy, %");
    add_curves(group, "loss", &loss, "training loss", "loss");
    add_curves(group, "density", &density, "density while training", "density, %");
    add_markers(group, "score-density", density_of, "score and density", &of_density);
    add_markers(group, "score-flops", sbmt_measure_flops, "score and cost", &of_flops);
    add_markers(group, "score-time", minutes_of, "score and time", &of_time);
}

/* Equal titles have equal colours, in the order of the ledger. */
static void choose_colours(const struct sbmt_ledger *ledger, const char *const *title, int *colour)
{
    int next = 0;
    for (int i = 0; i < ledger->count; i++) {
        colour[i] = -1;
        for (int j = 0; j < i && colour[i] < 0; j++)
            if (strcmp(title[i], title[j]) == 0)
                colour[i] = colour[j];
        if (colour[i] < 0)
            colour[i] = next++;
    }
}

bool sbmt_figures_add_ledger(struct sbmt_figures *figures, const struct sbmt_ledger *ledger,
                             const char *rows, const char *metric, struct sbmt_arena *arena,
                             struct sbmt_error *err)
{
    int *colour = sbmt_arena_zalloc(arena, (size_t)ledger->count, sizeof *colour);
    const char *const *title = sbmt_grid_titles(ledger, "--rows", rows, arena, err);
    if (title == NULL || !sbmt_arena_check(arena, "figures", err) ||
        !sbmt_ledger_check_metric(ledger, metric, err))
        return false;
    choose_colours(ledger, title, colour);
    struct group group = {.ledger = ledger,
                          .title = title,
                          .colour = colour,
                          .metric = metric,
                          .figures = figures,
                          .arena = arena};
    for (int i = 0; i < ledger->count; i++) {
        group.first = &ledger->run[i];
        int before = 0;
        while (before < i && !belongs(&group, &ledger->run[before]))
            before++;
        if (before == i)
            add_group(&group);
    }
    return sbmt_arena_check(arena, "figures", err);
}

/* A figure of a value while training and, if there is one, on dev. */
static void add_own(struct sbmt_figures *figures, const struct sbmt_ledger_run *run,
                    const char *name, const char *axis, const struct value *train,
                    const struct value *dev, struct sbmt_arena *arena)
{
    struct sbmt_series *series = sbmt_arena_zalloc(arena, 2, sizeof *series);
    struct sbmt_chart chart = {.title = axis,
                               .x = {.title = "step"},
                               .y = {.title = axis, .percent = strchr(axis, '%') != NULL},
                               .series = series};
    if (series == NULL || name == NULL)
        return;
    series[chart.count++] = series_of(run, train, 0, "training", arena);
    if (dev != NULL)
        series[chart.count++] = series_of(run, dev, 1, "dev", arena);
    sbmt_figures_add(figures, &chart, name, arena);
}

bool sbmt_figures_add_run(struct sbmt_figures *figures, const struct sbmt_ledger_run *run,
                          const char *name, struct sbmt_arena *arena, struct sbmt_error *err)
{
    add_own(figures, run, sbmt_figures_text(arena, "%s-accuracy", name), "accuracy, %", &accuracy,
            &dev_accuracy, arena);
    add_own(figures, run, sbmt_figures_text(arena, "%s-loss", name), "loss", &loss, &dev_loss,
            arena);
    add_own(figures, run, sbmt_figures_text(arena, "%s-density", name), "density, %", &density,
            NULL, arena);
    sbmt_figures_add_heads(figures, run, name, arena);
    return sbmt_arena_check(arena, "figures", err);
}
