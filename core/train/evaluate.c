/* Evaluation. */
#include "core/train/evaluate.h"
#include "core/base/clock.h"

#include <math.h>
#include <stdlib.h>

/* Sums over the batches of an evaluation. */
struct totals {
    double loss;
    int64_t count, labels, correct;
    int draws;
    int64_t draw_correct[SBMT_MOST_DRAWS];
    struct sbmt_stats stats;
    bool scores; /* the examples have scores, not labels */
};

static void add_heads(bool first, const struct sbmt_stats *batch, struct sbmt_densities *heads)
{
    for (int h = 0; h < batch->head_count && heads != NULL; h++) {
        if (first)
            heads[h] = (struct sbmt_densities){0};
        sbmt_densities_add(&heads[h], &batch->heads[h]);
    }
}

static void add(struct totals *totals, const struct sbmt_step_result *batch)
{
    totals->loss += batch->loss_sum;
    totals->count += batch->count;
    totals->labels += batch->labels;
    totals->correct += batch->correct;
    totals->scores = batch->scores;
    totals->draws = batch->draws;
    for (int d = 0; d < batch->draws; d++)
        totals->draw_correct[d] += batch->draw_correct[d];
    totals->stats.density += batch->stats.density;
    totals->stats.density_count += batch->stats.density_count;
}

/* How the accuracy varies from draw to draw. */
static void spread(const struct totals *totals, struct sbmt_eval_result *result)
{
    const int draws = totals->draws;
    double mean = 0, square = 0;
    for (int d = 0; d < draws; d++)
        mean += (double)totals->draw_correct[d] / (double)totals->labels / draws;
    for (int d = 0; d < draws; d++) {
        const double far = (double)totals->draw_correct[d] / (double)totals->labels - mean;
        square += far * far;
    }
    result->draws = draws;
    result->draw_accuracy = mean;
    result->draw_deviation = draws > 1 ? sqrt(square / (draws - 1)) : 0;
}

/* Loads and answers the next `size` examples. `answers` may be NULL. */
static bool evaluate_batch(const struct sbmt_eval_job *job, const int64_t *indices, int size,
                           struct sbmt_answer_list *answers, struct totals *totals,
                           struct sbmt_error *err)
{
    struct sbmt_batch batch;
    struct sbmt_step_result result;
    if (!job->source->load(job->source->context, indices, NULL, size, &batch, err) ||
        (answers != NULL && !sbmt_answers_reserve(answers, &batch, err)) ||
        !sbmt_stepper_evaluate(
            job->stepper, &batch, job->seed, answers != NULL ? sbmt_answers_logits(answers) : NULL,
            answers != NULL ? sbmt_answers_predictions(answers) : NULL, &result, err))
        return false;
    if (answers != NULL)
        sbmt_answers_add(answers, &batch, indices);
    if (job->observer != NULL)
        add_heads(totals->count == 0, &result.stats, job->observer->densities);
    add(totals, &result);
    return true;
}

/* Files may hold their classes one after the other: the first examples would be of one class. */
int64_t sbmt_evaluate_index(int64_t i, int64_t count, int64_t available)
{
    return available == 0 ? i : i * available / count;
}

/* Evaluates `count` examples. False with *stopped, and no error, when asked to stop. */
static bool evaluate_batches(const struct sbmt_eval_job *job, int64_t *indices, int64_t count,
                             struct sbmt_answer_list *answers, struct totals *totals, bool *stopped,
                             struct sbmt_error *err)
{
    const struct sbmt_train_observer *observer = job->observer;
    while (totals->count < count) {
        *stopped = sbmt_observer_stops(observer);
        if (*stopped)
            return false;
        const int64_t done = totals->count, left = count - done;
        const int size = (int)(left < job->batch_size ? left : job->batch_size);
        for (int i = 0; i < size; i++)
            indices[i] = sbmt_evaluate_index(done + i, count, job->source->count);
        if (!evaluate_batch(job, indices, size, answers, totals, err))
            return false;
        if (observer != NULL && observer->eval_progress != NULL)
            observer->eval_progress(observer->context, totals->count, count);
    }
    return true;
}

static struct sbmt_score primary(const struct sbmt_scorer *scorer,
                                 const struct sbmt_eval_result *result)
{
    if (scorer != NULL && scorer->choice == SBMT_CHOICE_SCORE)
        return result->score[0];
    if (scorer != NULL && scorer->choice == SBMT_CHOICE_LOSS)
        return (struct sbmt_score){"loss", result->loss, true, true};
    return (struct sbmt_score){"accuracy", result->accuracy, true, false};
}

/* What the sums and the answers amount to. */
static bool conclude(const struct sbmt_eval_job *job, const struct totals *totals,
                     const struct sbmt_answer_list *answers, struct sbmt_eval_result *result,
                     struct sbmt_error *err)
{
    const struct sbmt_scorer *scorer = job->scorer;
    if (totals->labels == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "evaluation: nothing is asked of these %lld examples; evaluate more",
                         (long long)totals->count);
    *result = (struct sbmt_eval_result){
        .count = totals->count,
        .available = job->source->count,
        .labels = totals->labels,
        .loss = totals->loss / (double)totals->count,
        .accuracy = totals->scores ? -1 : (double)totals->correct / (double)totals->labels,
        .density = sbmt_step_density(&totals->stats),
    };
    spread(totals, result);
    if (scorer != NULL && scorer->compute != NULL &&
        !scorer->compute(scorer->context, &answers->answers, result, err))
        return false;
    result->primary = primary(scorer, result);
    return true;
}

static bool evaluate(const struct sbmt_eval_job *job, int64_t count,
                     struct sbmt_answer_list *answers, struct sbmt_eval_result *result,
                     bool *stopped, struct sbmt_error *err)
{
    int64_t *indices = malloc((size_t)job->batch_size * sizeof *indices);
    if (indices == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "evaluation: out of memory");
    struct totals totals = {0};
    const bool done = evaluate_batches(job, indices, count, answers, &totals, stopped, err);
    free(indices);
    if (*stopped)
        return sbmt_fail(err, SBMT_ERROR_INTERRUPTED,
                         "evaluation: stopped after %lld of %lld examples", (long long)totals.count,
                         (long long)count);
    return done && conclude(job, &totals, answers, result, err);
}

bool sbmt_evaluate(const struct sbmt_eval_job *job, struct sbmt_answer_list *answers,
                   struct sbmt_eval_result *result, bool *stopped, struct sbmt_error *err)
{
    const double begin = sbmt_clock_steady();
    const int64_t limit = job->limit, available = job->source->count;
    bool interrupted = false;
    if (available == 0 && limit == 0) {
        if (stopped != NULL)
            *stopped = false;
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "train.eval_examples: 0 means all, but the data is endless; give a number");
    }
    const bool all = limit == 0 || (available != 0 && available < limit);
    const bool scored = job->scorer != NULL && job->scorer->compute != NULL;
    struct sbmt_answer_list own = {0};
    const bool done = evaluate(job, all ? available : limit,
                               answers == NULL && scored ? &own : answers, result, &interrupted,
                               err);
    sbmt_answers_finish(&own);
    if (stopped != NULL)
        *stopped = interrupted;
    if (done)
        result->seconds = sbmt_clock_steady() - begin;
    return done;
}
