/* What follows from measured times: ratios, break-even densities, JSON. */
#include <math.h>
#include <string.h>

#include "bench/speed.h"

void sbmt_speed_ratios(struct sbmt_speed_row *rows, int count)
{
    const struct sbmt_speed_row *softmax = NULL;
    for (int i = 0; i < count && softmax == NULL; i++)
        if (strcmp(rows[i].attention, "softmax") == 0)
            softmax = &rows[i];
    for (int i = 0; i < count; i++) {
        rows[i].step_ratio = softmax != NULL ? softmax->step / rows[i].step : -1;
        rows[i].inference_ratio = softmax != NULL ? softmax->inference / rows[i].inference : -1;
    }
}

double sbmt_speed_crossing(const double *density, const double *time, int count, double softmax)
{
    int faster = count - 1;
    while (faster >= 0 && time[faster] >= softmax)
        faster--;
    if (faster < 0)
        return 0;
    if (faster == count - 1)
        return (double)INFINITY;
    const int next = faster + 1;
    const double share = log(softmax / time[faster]) / log(time[next] / time[faster]);
    return density[faster] * pow(density[next] / density[faster], share);
}

/* The rows of one kind and length from `first` on. */
static int run_length(const struct sbmt_speed *speed, int first)
{
    int count = 1;
    while (first + count < speed->rows && speed->row[first + count].n == speed->row[first].n &&
           strcmp(speed->row[first + count].attention, speed->row[first].attention) == 0)
        count++;
    return count;
}

static bool add_break_even(struct sbmt_speed *speed, int first, int count, struct sbmt_arena *arena,
                           struct sbmt_error *err)
{
    const struct sbmt_speed_row *rows = speed->row + first;
    double *values = sbmt_arena_zalloc(arena, (size_t)count * 3, sizeof *values);
    if (values == NULL)
        return sbmt_arena_check(arena, "measurements", err);
    double *density = values, *step = values + count, *inference = step + count;
    for (int i = 0; i < count; i++) {
        density[i] = rows[i].density;
        step[i] = rows[i].step;
        inference[i] = rows[i].inference;
    }
    speed->break_even[speed->break_evens++] = (struct sbmt_speed_break_even){
        .attention = rows->attention,
        .n = rows->n,
        .step = sbmt_speed_crossing(density, step, count, rows->step_ratio * rows->step),
        .inference = sbmt_speed_crossing(density, inference, count,
                                         rows->inference_ratio * rows->inference),
    };
    return true;
}

bool sbmt_speed_break_evens(struct sbmt_speed *speed, struct sbmt_arena *arena,
                            struct sbmt_error *err)
{
    speed->break_evens = 0;
    speed->break_even = sbmt_arena_zalloc(arena, (size_t)speed->rows, sizeof *speed->break_even);
    if (speed->break_even == NULL)
        return sbmt_arena_check(arena, "measurements", err);
    for (int first = 0; first < speed->rows;) {
        const int count = run_length(speed, first);
        if (speed->row[first].target >= 0 && speed->row[first].step_ratio >= 0 &&
            !add_break_even(speed, first, count, arena, err))
            return false;
        first += count;
    }
    return true;
}

static void set_optional(struct sbmt_json *json, const char *key, double value)
{
    sbmt_json_number(json, key, value >= 0 ? value : (double)NAN);
}

static void set_row(const struct sbmt_speed_row *row, struct sbmt_json *json)
{
    sbmt_json_begin(json, NULL);
    sbmt_json_text(json, "attention", row->attention);
    sbmt_json_number(json, "n", row->n);
    sbmt_json_number(json, "tokens", (double)row->tokens);
    set_optional(json, "target_density", row->target);
    set_optional(json, "density", row->density);
    sbmt_json_number(json, "step_seconds", row->step);
    sbmt_json_number(json, "step_least", row->step_least);
    sbmt_json_number(json, "step_most", row->step_most);
    sbmt_json_number(json, "inference_seconds", row->inference);
    sbmt_json_number(json, "inference_least", row->inference_least);
    sbmt_json_number(json, "inference_most", row->inference_most);
    sbmt_json_number(json, "token_seconds", row->step / (double)row->tokens);
    sbmt_json_number(json, "step_flops", row->step_flops);
    sbmt_json_number(json, "inference_flops", row->inference_flops);
    sbmt_json_number(json, "peak_bytes", row->peak_bytes);
    set_optional(json, "softmax_step_ratio", row->step_ratio);
    set_optional(json, "softmax_inference_ratio", row->inference_ratio);
    sbmt_json_end(json);
}

static void set_crossing(struct sbmt_json *json, const char *key, double density)
{
    if (isinf(density))
        sbmt_json_text(json, key, "always");
    else
        sbmt_json_number(json, key, density > 0 ? density : (double)NAN);
}

void sbmt_speed_json(const struct sbmt_speed *speed, const struct sbmt_speed_plan *plan,
                     struct sbmt_json *json)
{
    sbmt_json_number(json, "threads", speed->threads);
    sbmt_json_number(json, "batch", plan->batch);
    sbmt_json_number(json, "repeats", plan->repeats);
    sbmt_json_number(json, "clusters", plan->clusters);
    sbmt_json_words(json, "changes", plan->overrides, plan->overrides_count);
    sbmt_json_begin_list(json, "rows");
    for (int i = 0; i < speed->rows; i++)
        set_row(&speed->row[i], json);
    sbmt_json_end(json);
    sbmt_json_begin_list(json, "break_even");
    for (int i = 0; i < speed->break_evens; i++) {
        sbmt_json_begin(json, NULL);
        sbmt_json_text(json, "attention", speed->break_even[i].attention);
        sbmt_json_number(json, "n", speed->break_even[i].n);
        set_crossing(json, "step_density", speed->break_even[i].step);
        set_crossing(json, "inference_density", speed->break_even[i].inference);
        sbmt_json_end(json);
    }
    sbmt_json_end(json);
}
