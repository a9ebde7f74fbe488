/* Figures of the heads of a run. */
#include "bench/figures.h"

/* The density of a head, evaluation by evaluation. */
static struct sbmt_series series_of(const struct sbmt_ledger_curve *dev, int head,
                                    struct sbmt_arena *arena)
{
    double *x = sbmt_arena_zalloc(arena, (size_t)dev->count, sizeof *x);
    double *y = sbmt_arena_zalloc(arena, (size_t)dev->count, sizeof *y);
    struct sbmt_series series = {.colour = head, .line = true, .x = x, .y = y};
    for (int i = 0; x != NULL && y != NULL && i < dev->count; i++) {
        if (dev->point[i].heads == NULL)
            continue;
        x[series.count] = dev->point[i].step;
        y[series.count++] = 100 * dev->point[i].heads[head];
    }
    return series;
}

void sbmt_figures_add_heads(struct sbmt_figures *figures, const struct sbmt_ledger_run *run,
                            const char *name, struct sbmt_arena *arena)
{
    const struct sbmt_model_config *model = &run->config.model;
    const int count = model->layers * model->heads;
    struct sbmt_series *series = sbmt_arena_zalloc(arena, (size_t)count, sizeof *series);
    if (series == NULL)
        return;
    for (int i = 0; i < count; i++) {
        series[i] = series_of(&run->dev, i, arena);
        series[i].name = sbmt_figures_text(arena, "layer %d, head %d", i / model->heads,
                                           i % model->heads);
        if (series[i].name == NULL)
            return;
    }
    const struct sbmt_chart chart = {.title = "density of each head on dev, %",
                                     .x = {.title = "step"},
                                     .y = {.title = "density, %", .percent = true},
                                     .count = count,
                                     .series = series};
    const char *unique = sbmt_figures_text(arena, "%s-heads", name);
    if (unique != NULL)
        sbmt_figures_add(figures, &chart, unique, arena);
}
