/* How training goes, on stderr. */
#include "cli/progress.h"

#include <inttypes.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "core/base/clock.h"

#define SECONDS_BETWEEN_PAINTS 0.1
#define SECONDS_BETWEEN_LINES 10.0
#define FORGET 0.95

enum { LONGEST_BAR = 30, SHORTEST_BAR = 5 };

static void smooth_add(struct sbmt_smooth *smooth, double value)
{
    smooth->sum = FORGET * smooth->sum + value;
    smooth->weight = FORGET * smooth->weight + 1;
}

static double smooth_mean(const struct sbmt_smooth *smooth)
{
    return smooth->weight > 0 ? smooth->sum / smooth->weight : 0;
}

/* Steps left at the pace of late, and the evaluations that will interrupt them. */
static double seconds_left(const struct sbmt_progress *progress)
{
    const struct sbmt_train_config *config = progress->config;
    const double steps = (double)(config->steps - progress->step);
    const double evals = config->eval_every > 0 ? steps / config->eval_every : 1;
    return steps * smooth_mean(&progress->seconds) + evals * progress->eval_seconds;
}

/* "loss 2.103  accuracy 23.4 %  density 25.1 %  41.2k tokens/s  12:34 left", or the same with
 * shorter words. */
static void describe(const struct sbmt_progress *progress, bool brief, struct sbmt_str *out)
{
    const double seconds = smooth_mean(&progress->seconds);
    const double rate = seconds > 0 ? smooth_mean(&progress->tokens) / seconds : 0;
    const char *gap = brief ? " " : "  ", *percent = brief ? "%" : " %";
    sbmt_str_printf(out, "loss %.3f", smooth_mean(&progress->loss));
    if (progress->has_accuracy)
        sbmt_str_printf(out, "%s%s %.1f%s", gap, brief ? "acc" : "accuracy",
                        100 * smooth_mean(&progress->accuracy), percent);
    if (progress->has_density)
        sbmt_str_printf(out, "%sdensity %.1f%s", gap, 100 * smooth_mean(&progress->density),
                        percent);
    sbmt_str_printf(out, rate < 10000 ? "%s%.0f %s/s%s" : "%s%.1fk %s/s%s", gap,
                    rate < 10000 ? rate : rate / 1000, brief ? "tok" : "tokens", gap);
    sbmt_terminal_time(seconds_left(progress), out);
    sbmt_str_printf(out, " left");
}

static void bar(int64_t done, int64_t count, int length, struct sbmt_str *out)
{
    const int full = (int)((double)length * (double)done / (double)count);
    sbmt_str_printf(out, "[");
    for (int i = 0; i < length; i++)
        sbmt_str_printf(out, "%c", i < full ? '=' : i == full ? '>' : ' ');
    sbmt_str_printf(out, "] ");
}

/* Columns of a line; the rest is room for an echoed ^C. */
static int line_width(void)
{
    return sbmt_terminal_width(stderr) - 3;
}

/* The line of a terminal: how much of what is done, a bar in what the words leave, the words; and
 * nothing passes the edge. */
static void paint(struct sbmt_progress *progress, int64_t done, int64_t count, const char *words)
{
    struct sbmt_str line = {0};
    const int width = line_width();
    sbmt_str_printf(&line, "%" PRId64 "/%" PRId64 " ", done, count);
    const int room = width - (int)line.length - (int)strlen(words) - 3;
    if (room >= SHORTEST_BAR)
        bar(done, count, room < LONGEST_BAR ? room : LONGEST_BAR, &line);
    sbmt_str_printf(&line, "%s", words);
    if (!line.failed)
        fprintf(stderr, "\r%.*s\x1b[K", width, line.text);
    fflush(stderr);
    sbmt_str_finish(&line);
    progress->painted = true;
    progress->shown = sbmt_clock_steady();
}

static void paint_step(struct sbmt_progress *progress)
{
    struct sbmt_str words = {0};
    char counts[64];
    const int used = snprintf(counts, sizeof counts, "%" PRId64 "/%d ", progress->step,
                              progress->config->steps);
    describe(progress, false, &words);
    if ((int)words.length + used + SHORTEST_BAR + 3 > line_width()) {
        sbmt_str_finish(&words);
        describe(progress, true, &words);
    }
    if (!words.failed)
        paint(progress, progress->step, progress->config->steps, words.text);
    sbmt_str_finish(&words);
}

static void print_step(struct sbmt_progress *progress)
{
    struct sbmt_str words = {0};
    describe(progress, false, &words);
    if (!words.failed)
        fprintf(stderr, "step %" PRId64 "/%d  %s\n", progress->step, progress->config->steps,
                words.text);
    sbmt_str_finish(&words);
    progress->shown = sbmt_clock_steady();
}

static void clear(struct sbmt_progress *progress)
{
    if (progress->painted)
        fputs("\r\x1b[K", stderr);
    progress->painted = false;
}

void sbmt_progress_count(int64_t count, char text[SBMT_COUNT_TEXT])
{
    if (count > 0)
        snprintf(text, SBMT_COUNT_TEXT, "%" PRId64, count);
    else
        snprintf(text, SBMT_COUNT_TEXT, "endless");
}

/* Of a length in epochs, what follows from it. */
static void print_length(const struct sbmt_experiment_start *start)
{
    const struct sbmt_train_config *asked = &start->config->train, *train = start->train;
    fprintf(stderr, "%s: %d step%s", start->folder, train->steps,
            sbmt_terminal_plural(train->steps));
    if (asked->epochs > 0)
        fprintf(stderr, ", %g epoch%s", asked->epochs, asked->epochs == 1 ? "" : "s");
    if (asked->warmup_ratio > 0)
        fprintf(stderr, ", %d of them warm-up", train->warmup_steps);
    fprintf(stderr, "\n");
}

void sbmt_progress_start(struct sbmt_progress *progress, const struct sbmt_experiment_start *start)
{
    char count[SBMT_SPLIT_COUNT][SBMT_COUNT_TEXT];
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        sbmt_progress_count(start->count[split], count[split]);
    progress->config = start->train;
    progress->terminal = sbmt_terminal_is(stderr);
    progress->step = start->step;
    fprintf(stderr,
            "%s, %s attention, %" PRId64
            " parameters; %s train, %s dev, %s test; %d thread%s, %s kernels\n",
            start->config->task, sbmt_attention_name(start->config), start->parameters,
            count[SBMT_SPLIT_TRAIN], count[SBMT_SPLIT_DEV], count[SBMT_SPLIT_TEST], start->threads,
            sbmt_terminal_plural(start->threads), start->cpu);
    if (start->step > 0)
        fprintf(stderr, "%s: going on from step %" PRId64 " of %d\n", start->folder, start->step,
                progress->config->steps);
    else
        print_length(start);
}

void sbmt_progress_step(struct sbmt_progress *progress, const struct sbmt_train_event *event)
{
    progress->step = event->step;
    smooth_add(&progress->loss, event->loss);
    progress->has_accuracy = event->accuracy >= 0;
    if (progress->has_accuracy)
        smooth_add(&progress->accuracy, event->accuracy);
    smooth_add(&progress->tokens, (double)event->tokens);
    smooth_add(&progress->seconds, event->seconds);
    progress->has_density = event->density >= 0;
    if (progress->has_density)
        smooth_add(&progress->density, event->density);
    const double wait = progress->terminal ? SECONDS_BETWEEN_PAINTS : SECONDS_BETWEEN_LINES;
    const double time = sbmt_clock_steady();
    if (progress->shown == 0 && !progress->terminal)
        progress->shown = time;
    if (time - progress->shown < wait)
        return;
    if (progress->terminal)
        paint_step(progress);
    else
        print_step(progress);
}

static void on_progress(void *context, int64_t done, int64_t count)
{
    struct sbmt_progress *progress = context;
    if (!progress->terminal || sbmt_clock_steady() - progress->shown < SECONDS_BETWEEN_PAINTS)
        return;
    if (progress->config == NULL) {
        paint(progress, done, count, "examples");
        return;
    }
    char words[96];
    snprintf(words, sizeof words, "evaluating %" PRId64 "/%" PRId64, done, count);
    paint(progress, progress->step, progress->config->steps, words);
}

void sbmt_progress_eval(struct sbmt_progress *progress, const struct sbmt_eval_result *result,
                        bool best)
{
    progress->eval_seconds = result->seconds;
    clear(progress);
    fprintf(stderr, "%sstep %" PRId64 "/%d  dev",
            best ? sbmt_terminal_colour(stderr, SBMT_COLOUR_GREEN) : "", result->step,
            progress->config->steps);
    for (int i = 0; i < result->scores; i++)
        fprintf(stderr, "%s %s %.2f %%", i > 0 ? " " : "", result->score[i].name,
                100 * result->score[i].value);
    if (result->scores == 0)
        fprintf(stderr, " accuracy %.2f %%", 100 * result->accuracy);
    fprintf(stderr, "  loss %.4f", result->loss);
    if (result->density >= 0)
        fprintf(stderr, "  density %.2f %%", 100 * result->density);
    fprintf(stderr, "%s%s\n", best ? "  best so far" : "",
            best ? sbmt_terminal_colour(stderr, SBMT_COLOUR_NONE) : "");
}

static bool on_should_stop(void *context)
{
    (void)context;
    return sbmt_interrupt_caught();
}

struct sbmt_train_observer sbmt_progress_observer(struct sbmt_progress *progress)
{
    return (struct sbmt_train_observer){
        .context = progress, .eval_progress = on_progress, .should_stop = on_should_stop};
}

void sbmt_progress_end(struct sbmt_progress *progress)
{
    clear(progress);
    fflush(stderr);
}
