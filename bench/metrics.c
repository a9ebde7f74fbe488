/* The course of a run. */
#include "bench/metrics.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bench/metrics_kept.h"
#include "core/base/clock.h"
#include "core/io/json.h"

bool sbmt_metrics_open(struct sbmt_metrics *metrics, const char *folder,
                       const struct sbmt_checkpoint *state, const struct sbmt_log *log,
                       struct sbmt_error *err)
{
    *metrics = (struct sbmt_metrics){0};
    const int length = snprintf(metrics->path, sizeof metrics->path, "%s/metrics.jsonl", folder);
    if (length >= (int)sizeof metrics->path)
        return sbmt_fail(err, SBMT_ERROR_IO, "%.100s…: the name of this folder is too long",
                         folder);
    if (!sbmt_metrics_cut_back(metrics->path, state, &metrics->elapsed, log, err))
        return false;
    metrics->file = fopen(metrics->path, "ae");
    if (metrics->file == NULL)
        return sbmt_fail_errno(err, "%s: cannot write", metrics->path);
    return sbmt_tensorboard_open(&metrics->board, folder, state->step + !state->eval_pending,
                                 sbmt_clock_wall(), err);
}

static bool write_line(struct sbmt_metrics *metrics, const struct sbmt_json *json,
                       struct sbmt_error *err)
{
    struct sbmt_str line = {0};
    bool done = sbmt_json_print(json, false, &line);
    sbmt_str_printf(&line, "\n");
    if (!done || line.failed)
        done = sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", metrics->path);
    else if (fwrite(line.text, 1, line.length, metrics->file) != line.length ||
             fflush(metrics->file) != 0)
        done = sbmt_fail_errno(err, "%s: cannot write", metrics->path);
    sbmt_str_finish(&line);
    return done;
}

/* Sums of what means are taken of and of what adds up; of the rest, the last. */
static void add_to_line(struct sbmt_metrics *metrics, const struct sbmt_train_event *event)
{
    struct sbmt_train_event *sum = &metrics->line;
    const struct sbmt_train_event before = metrics->line_steps > 0 ? *sum
                                                                   : (struct sbmt_train_event){0};
    *sum = *event;
    sum->loss += before.loss;
    sum->accuracy += before.accuracy;
    sum->density += before.density;
    sum->gradient_norm += before.gradient_norm;
    sum->tokens += before.tokens;
    sum->seconds += before.seconds;
    metrics->line_steps++;
}

static bool write_scalars(struct sbmt_metrics *metrics, const struct sbmt_train_event *event,
                          struct sbmt_error *err)
{
    struct sbmt_scalar scalars[5] = {{"train/loss", event->loss}};
    int count = 1;
    if (event->accuracy >= 0)
        scalars[count++] = (struct sbmt_scalar){"train/accuracy", event->accuracy};
    scalars[count++] = (struct sbmt_scalar){"train/lr", event->lr};
    scalars[count++] = (struct sbmt_scalar){"train/gradient_norm", event->gradient_norm};
    if (event->density >= 0)
        scalars[count++] = (struct sbmt_scalar){"train/density", event->density};
    return sbmt_tensorboard_write(&metrics->board, event->step, sbmt_clock_wall(), scalars, count,
                                  err);
}

/* The line of the steps since the last one, if there are any. */
static bool write_steps(struct sbmt_metrics *metrics, struct sbmt_error *err)
{
    if (metrics->line_steps == 0)
        return true;
    const double steps = metrics->line_steps;
    struct sbmt_train_event mean = metrics->line;
    mean.loss /= steps;
    mean.accuracy /= steps;
    mean.density /= steps;
    mean.gradient_norm /= steps;
    metrics->line_steps = 0;
    struct sbmt_json json = sbmt_json_make();
    sbmt_json_number(&json, "step", (double)mean.step);
    if (steps > 1)
        sbmt_json_number(&json, "steps", steps);
    sbmt_json_number(&json, "loss", mean.loss);
    if (mean.accuracy >= 0)
        sbmt_json_number(&json, "accuracy", mean.accuracy);
    if (mean.density >= 0)
        sbmt_json_number(&json, "density", mean.density);
    sbmt_json_number(&json, "lr", mean.lr);
    sbmt_json_number(&json, "gradient_norm", mean.gradient_norm);
    sbmt_json_number(&json, "tokens", (double)mean.tokens);
    sbmt_json_number(&json, "seconds", mean.seconds);
    sbmt_json_number(&json, "elapsed", metrics->elapsed);
    const bool done = write_line(metrics, &json, err);
    sbmt_json_finish(&json);
    return done && write_scalars(metrics, &mean, err);
}

bool sbmt_metrics_step(struct sbmt_metrics *metrics, const struct sbmt_train_event *event,
                       bool written, struct sbmt_error *err)
{
    metrics->elapsed += event->seconds;
    add_to_line(metrics, event);
    return !written || write_steps(metrics, err);
}

void sbmt_metrics_scores(const struct sbmt_eval_result *result, struct sbmt_json *json)
{
    sbmt_json_number(json, "loss", result->loss);
    if (result->accuracy >= 0)
        sbmt_json_number(json, "accuracy", result->accuracy);
    if (result->scores == 0)
        return;
    sbmt_json_begin(json, "metrics");
    for (int i = 0; i < result->scores; i++)
        sbmt_json_number(json, result->score[i].name, result->score[i].value);
    sbmt_json_end(json);
}

/* Accuracy is a measure like others; where the task names it, it is there once. */
static bool write_eval_scalars(struct sbmt_metrics *metrics, const struct sbmt_eval_result *result,
                               struct sbmt_error *err)
{
    struct sbmt_scalar scalars[3 + SBMT_MOST_SCORES] = {{"dev/loss", result->loss}};
    char tags[SBMT_MOST_SCORES][64];
    int count = 1;
    if (result->accuracy >= 0)
        scalars[count++] = (struct sbmt_scalar){"dev/accuracy", result->accuracy};
    if (result->density >= 0)
        scalars[count++] = (struct sbmt_scalar){"dev/density", result->density};
    for (int i = 0; i < result->scores; i++) {
        snprintf(tags[i], sizeof tags[i], "dev/%s", result->score[i].name);
        if (strcmp(tags[i], "dev/accuracy") != 0)
            scalars[count++] = (struct sbmt_scalar){tags[i], result->score[i].value};
    }
    return sbmt_tensorboard_write(&metrics->board, result->step, sbmt_clock_wall(), scalars, count,
                                  err);
}

void sbmt_metrics_graphs(const struct sbmt_eval_result *result, struct sbmt_json *json)
{
    if (result->draws <= 1)
        return;
    sbmt_json_number(json, "graphs", result->draws);
    sbmt_json_number(json, "graph_accuracy", result->draw_accuracy);
    sbmt_json_number(json, "graph_deviation", result->draw_deviation);
}

void sbmt_metrics_counts(const struct sbmt_eval_result *result, struct sbmt_json *json)
{
    sbmt_json_number(json, "count", (double)result->count);
    if (result->labels > result->count)
        sbmt_json_number(json, "labels", (double)result->labels);
    if (result->available > result->count)
        sbmt_json_number(json, "of", (double)result->available);
}

/* The mean density of the graphs of each head that has some. */
static void put_densities(const struct sbmt_head_densities *all, struct sbmt_json *json)
{
    bool begun = false;
    for (int i = 0; all != NULL && i < all->layers * all->heads; i++) {
        char key[64];
        if (all->of[i].count == 0)
            continue;
        if (!begun)
            sbmt_json_begin(json, "densities");
        begun = true;
        snprintf(key, sizeof key, "layer %d head %d", i / all->heads, i % all->heads);
        sbmt_json_number(json, key, all->of[i].sum / all->of[i].count);
    }
    if (begun)
        sbmt_json_end(json);
}

bool sbmt_metrics_eval(struct sbmt_metrics *metrics, const struct sbmt_eval_result *result,
                       const struct sbmt_head_densities *densities, bool best,
                       struct sbmt_error *err)
{
    metrics->elapsed += result->seconds;
    struct sbmt_json json = sbmt_json_make();
    sbmt_json_number(&json, "step", (double)result->step);
    sbmt_json_begin(&json, "dev");
    sbmt_metrics_scores(result, &json);
    if (result->density >= 0)
        sbmt_json_number(&json, "density", result->density);
    put_densities(densities, &json);
    sbmt_metrics_graphs(result, &json);
    sbmt_metrics_counts(result, &json);
    sbmt_json_number(&json, "seconds", result->seconds);
    sbmt_json_bool(&json, "best", best);
    sbmt_json_end(&json);
    sbmt_json_number(&json, "elapsed", metrics->elapsed);
    const bool done = write_line(metrics, &json, err);
    sbmt_json_finish(&json);
    return done && write_eval_scalars(metrics, result, err) &&
           (densities == NULL || sbmt_density_histograms(&metrics->board, densities, result->step,
                                                         sbmt_clock_wall(), err)) &&
           sbmt_tensorboard_flush(&metrics->board, err);
}

bool sbmt_metrics_sync(struct sbmt_metrics *metrics, struct sbmt_error *err)
{
    if (!write_steps(metrics, err))
        return false;
    if (fflush(metrics->file) != 0 || fsync(fileno(metrics->file)) != 0)
        return sbmt_fail_errno(err, "%s: cannot write", metrics->path);
    return sbmt_tensorboard_flush(&metrics->board, err);
}

void sbmt_metrics_close(struct sbmt_metrics *metrics)
{
    if (metrics->file != NULL)
        fclose(metrics->file);
    sbmt_tensorboard_close(&metrics->board);
    *metrics = (struct sbmt_metrics){0};
}
