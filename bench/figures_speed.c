/* Figures of measurements of speed: time and memory against length. */
#include <math.h>
#include <string.h>

#include "bench/figures.h"
#include "core/io/file.h"

/* The rows of a file, and the series that they fall into. */
struct rows {
    int count, series;
    const char **name;  /**< (count) "sbm, density 0.1" */
    const char **first; /**< (series) the names in their order */
    double *n;          /**< (count) */
    double *value;      /**< (count) of the figure being made */
};

static const struct {
    const char *name, *key, *title, *axis;
    double scale;
} figures_of_speed[] = {
    {"speed-step", "step_seconds", "time of a training step", "time, ms", 1e3},
    {"speed-inference", "inference_seconds", "time of an inference", "time, ms", 1e3},
    {"speed-memory", "peak_bytes", "activations of one thread", "memory, MB", 1.0 / (1 << 20)},
};

static const char *name_of(const struct sbmt_json *row, struct sbmt_arena *arena)
{
    const char *kind = sbmt_json_get_text(row, "attention");
    const double target = sbmt_json_get_number(row, "target_density", -1);
    if (kind == NULL || !sbmt_json_has(row, "n") || !sbmt_json_has(row, "step_seconds"))
        return NULL;
    return target >= 0 ? sbmt_figures_text(arena, "%s, density %g", kind, target)
                       : sbmt_arena_strdup(arena, kind);
}

static int series_of(const struct rows *rows, const char *name)
{
    int s = 0;
    while (s < rows->series && strcmp(rows->first[s], name) != 0)
        s++;
    return s;
}

static bool fail(const char *path, struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: not measurements of speed; write them by sbmt bench speed --json", path);
}

static bool read_rows(const struct sbmt_json *json, const char *path, struct rows *rows,
                      struct sbmt_arena *arena, struct sbmt_error *err)
{
    size_t count = 0;
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "rows", &member);)
        count++;
    *rows = (struct rows){
        .name = sbmt_arena_zalloc(arena, count, sizeof *rows->name),
        .first = sbmt_arena_zalloc(arena, count, sizeof *rows->first),
        .n = sbmt_arena_zalloc(arena, count, sizeof *rows->n),
        .value = sbmt_arena_zalloc(arena, count, sizeof *rows->value),
    };
    if (!sbmt_arena_check(arena, path, err))
        return false;
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "rows", &member);) {
        const struct sbmt_json row = sbmt_json_view(&member);
        const char *name = name_of(&row, arena);
        if (name == NULL)
            return fail(path, err);
        rows->name[rows->count] = name;
        rows->n[rows->count++] = sbmt_json_get_number(&row, "n", (double)NAN);
        if (series_of(rows, name) == rows->series)
            rows->first[rows->series++] = name;
    }
    return rows->count > 0 || fail(path, err);
}

/* One figure: the rows of a series one after another. */
static void add_figure(struct sbmt_figures *figures, const struct sbmt_json *json,
                       const struct rows *rows, size_t which, struct sbmt_arena *arena)
{
    struct sbmt_series *series = sbmt_arena_zalloc(arena, (size_t)rows->series, sizeof *series);
    double *x = sbmt_arena_zalloc(arena, (size_t)rows->count, sizeof *x);
    double *y = sbmt_arena_zalloc(arena, (size_t)rows->count, sizeof *y);
    /* Without texts: every measurement has a marker on its line. */
    const char **label = sbmt_arena_zalloc(arena, (size_t)rows->count, sizeof *label);
    if (series == NULL || x == NULL || y == NULL || label == NULL)
        return;
    int r = 0, used = 0;
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "rows", &member);) {
        const struct sbmt_json row = sbmt_json_view(&member);
        rows->value[r++] = figures_of_speed[which].scale *
                           sbmt_json_get_number(&row, figures_of_speed[which].key, (double)NAN);
    }
    for (int s = 0; s < rows->series; s++) {
        series[s] = (struct sbmt_series){.name = rows->first[s],
                                         .colour = s,
                                         .line = true,
                                         .x = x + used,
                                         .y = y + used,
                                         .label = label};
        for (int i = 0; i < rows->count; i++)
            if (series_of(rows, rows->name[i]) == s) {
                x[used] = rows->n[i];
                y[used++] = rows->value[i];
                series[s].count++;
            }
    }
    const struct sbmt_chart chart = {.title = figures_of_speed[which].title,
                                     .x = {"tokens of a sequence", .logarithmic = true},
                                     .y = {figures_of_speed[which].axis, .logarithmic = true},
                                     .count = rows->series,
                                     .series = series};
    sbmt_figures_add(figures, &chart, figures_of_speed[which].name, arena);
}

bool sbmt_figures_add_speed(struct sbmt_figures *figures, const char *path,
                            struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_mapping file;
    struct sbmt_json json;
    struct rows rows;
    if (!sbmt_mapping_open(&file, path, err))
        return false;
    const bool parsed = sbmt_json_parse(&json, (const char *)file.bytes, file.size);
    sbmt_mapping_close(&file);
    if (!parsed)
        return fail(path, err);
    const bool read = read_rows(&json, path, &rows, arena, err);
    for (size_t i = 0; read && i < sizeof figures_of_speed / sizeof figures_of_speed[0]; i++)
        add_figure(figures, &json, &rows, i, arena);
    sbmt_json_finish(&json);
    return read && sbmt_arena_check(arena, "figures", err);
}
