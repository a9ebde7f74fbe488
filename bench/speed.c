/* Training steps and inferences of several kinds of attention, taking turns. */
#include "bench/speed.h"

#include "bench/speed_subject.h"
#include "bench/statistics.h"
#include "core/base/clock.h"
#include "core/base/thread.h"
#include "core/train/adamw.h"

/* One training step with its update. At a learning rate of 0 the weights, and with them the
 * density, stay; the work is the same. */
static bool train(struct sbmt_speed_subject *subject, const struct sbmt_batch *batch,
                  double *seconds, struct sbmt_error *err)
{
    const double start = sbmt_clock_steady();
    subject->steps++;
    if (!sbmt_stepper_train(subject->stepper, batch, 1, (uint32_t)subject->steps, &subject->trained,
                            err))
        return false;
    sbmt_adamw_update(&subject->params, sbmt_stepper_gradient(subject->stepper), 0, subject->steps,
                      &subject->config.train);
    *seconds = sbmt_clock_steady() - start;
    return true;
}

static bool infer(struct sbmt_speed_subject *subject, const struct sbmt_batch *batch,
                  double *seconds, struct sbmt_error *err)
{
    struct sbmt_step_result result;
    const double start = sbmt_clock_steady();
    if (!sbmt_stepper_evaluate(subject->stepper, batch, 1, NULL, NULL, &result, err))
        return false;
    *seconds = sbmt_clock_steady() - start;
    return true;
}

/* Median, least and most. */
static void summarize(double *times, int count, double *median, double *least, double *most)
{
    *median = sbmt_statistics_median(times, count);
    *least = times[0];
    *most = times[count - 1];
}

static void fill_row(struct sbmt_speed_subject *subject, const struct sbmt_speed_plan *plan,
                     struct sbmt_speed_row *row)
{
    const struct sbmt_stats *stats = &subject->trained.stats;
    summarize(subject->step, plan->repeats, &row->step, &row->step_least, &row->step_most);
    summarize(subject->inference, plan->repeats, &row->inference, &row->inference_least,
              &row->inference_most);
    row->tokens = subject->trained.tokens;
    row->density = stats->density_count > 0 ? stats->density / stats->density_count : -1;
    row->peak_bytes = (double)sbmt_stepper_peak_bytes(subject->stepper);
    sbmt_speed_subject_flops(subject, plan->batch, row);
}

/* One round in which nothing counts, then the rounds that do. */
static bool take_turns(struct sbmt_speed_subject *subjects, int count,
                       const struct sbmt_speed_plan *plan, const struct sbmt_batch *batch,
                       struct sbmt_error *err)
{
    for (int round = -1; round < plan->repeats; round++)
        for (int s = 0; s < count; s++) {
            double step, inference;
            if (!train(&subjects[s], batch, &step, err) ||
                !infer(&subjects[s], batch, &inference, err))
                return sbmt_error_at(err, "%d tokens", (int)(batch->offset[1] - batch->offset[0]));
            if (round < 0)
                continue;
            subjects[s].step[round] = step;
            subjects[s].inference[round] = inference;
        }
    return true;
}

static bool measure_length(const struct sbmt_speed_plan *plan, struct sbmt_speed *speed,
                           struct sbmt_speed_row *rows, int count, struct sbmt_error *err)
{
    struct sbmt_arena arena = {0};
    struct sbmt_speed_batch batch;
    struct sbmt_speed_subject *subjects = sbmt_arena_zalloc(&arena, (size_t)count,
                                                            sizeof *subjects);
    bool done = subjects != NULL
                    ? sbmt_speed_batch_init(&batch, plan->batch, rows[0].n, &arena, err)
                    : sbmt_arena_check(&arena, "measurements", err);
    for (int s = 0; s < count && done; s++)
        done = sbmt_speed_subject_init(&subjects[s], plan, &rows[s], speed->threads, &arena, err);
    done = done && take_turns(subjects, count, plan, &batch.batch, err);
    for (int s = 0; s < count && done; s++)
        fill_row(&subjects[s], plan, &rows[s]);
    if (done) {
        speed->cpu = sbmt_stepper_cpu(subjects[0].stepper);
        sbmt_speed_ratios(rows, count);
    }
    for (int s = 0; subjects != NULL && s < count; s++)
        sbmt_speed_subject_finish(&subjects[s]);
    sbmt_arena_finish(&arena);
    return done;
}

/* The rows of one length, without their measurements: their number. */
static bool name_rows(const struct sbmt_speed_plan *plan, int n, struct sbmt_speed_row *rows,
                      int *count, struct sbmt_arena *arena, struct sbmt_error *err)
{
    *count = 0;
    for (int a = 0; a < plan->attentions; a++) {
        bool has_density;
        if (!sbmt_speed_has_density(plan, plan->attention[a], &has_density, arena, err))
            return false;
        const int variants = has_density ? plan->densities_count : 1;
        for (int i = 0; i < variants; i++)
            rows[(*count)++] = (struct sbmt_speed_row){
                .attention = plan->attention[a],
                .n = n,
                .target = has_density ? plan->densities[i] : -1,
            };
    }
    return true;
}

bool sbmt_speed_measure(const struct sbmt_speed_plan *plan,
                        void (*report)(void *context, const struct sbmt_speed_row *rows, int count),
                        void *context, struct sbmt_arena *arena, struct sbmt_speed *speed,
                        struct sbmt_error *err)
{
    const int most = plan->lengths_count * plan->attentions * plan->densities_count;
    *speed = (struct sbmt_speed){
        .threads = plan->threads > 0 ? plan->threads : sbmt_processor_count(),
        .row = sbmt_arena_zalloc(arena, (size_t)most, sizeof *speed->row),
    };
    if (speed->row == NULL)
        return sbmt_arena_check(arena, "measurements", err);
    for (int i = 0; i < plan->lengths_count; i++) {
        struct sbmt_speed_row *rows = speed->row + speed->rows;
        int count;
        if (!name_rows(plan, (int)plan->lengths[i], rows, &count, arena, err) ||
            !measure_length(plan, speed, rows, count, err))
            return false;
        speed->rows += count;
        if (report != NULL)
            report(context, rows, count);
    }
    return sbmt_speed_break_evens(speed, arena, err);
}
