/* The most confident wrong predictions of a run. */
#include "bench/mistakes.h"

#include <math.h>
#include <stdlib.h>

#include "data/token_text.h"

/* Tokens that are shown on each side of a word to be guessed. */
enum { AROUND = 8 };

/* Keeps a mistake among the most confident ones. */
static void keep(struct sbmt_mistakes *mistakes, struct sbmt_mistake mistake)
{
    int at = mistakes->count;
    while (at > 0 && mistakes->mistake[at - 1].confidence < mistake.confidence)
        at--;
    if (at == mistakes->most)
        return;
    if (mistakes->count < mistakes->most)
        mistakes->count++;
    for (int i = mistakes->count - 1; i > at; i--)
        mistakes->mistake[i] = mistakes->mistake[i - 1];
    mistakes->mistake[at] = mistake;
}

/* What batches are computed into. */
struct desk {
    int64_t *indices;    /* batch_size: of the examples of a batch */
    real *logits;        /* (labels, classes) of a batch */
    int *predictions;    /* (labels) */
    double *probability; /* classes */
    size_t labels;       /* for how many there is room */
    int batch_size, classes;
};

static bool desk_open(struct desk *desk, const struct sbmt_inspection *inspection,
                      struct sbmt_error *err)
{
    const size_t batch = (size_t)inspection->experiment.config->train.batch_size;
    const size_t classes = (size_t)sbmt_inspection_classes(inspection);
    *desk = (struct desk){
        .indices = calloc(batch, sizeof *desk->indices),
        .probability = calloc(classes, sizeof *desk->probability),
        .batch_size = (int)batch,
        .classes = (int)classes,
    };
    return (desk->indices != NULL && desk->probability != NULL) ||
           sbmt_fail(err, SBMT_ERROR_MEMORY, "mistakes: out of memory");
}

/* Room for the answers to a batch. */
static bool desk_reserve(struct desk *desk, const struct sbmt_batch *batch, struct sbmt_error *err)
{
    const struct sbmt_labels last = sbmt_batch_labels(batch, batch->count - 1);
    const size_t labels = (size_t)last.first + (size_t)last.count;
    if (labels <= desk->labels)
        return true;
    free(desk->logits);
    free(desk->predictions);
    desk->logits = calloc(labels * (size_t)desk->classes, sizeof *desk->logits);
    desk->predictions = calloc(labels, sizeof *desk->predictions);
    desk->labels = labels;
    return (desk->logits != NULL && desk->predictions != NULL) ||
           sbmt_fail(err, SBMT_ERROR_MEMORY, "mistakes: out of memory");
}

static void desk_close(struct desk *desk)
{
    free(desk->indices);
    free(desk->logits);
    free(desk->predictions);
    free(desk->probability);
}

static int token_of(const struct sbmt_batch *batch, int64_t at, int i)
{
    if (batch->target == SBMT_TARGET_MASKED)
        return batch->place[at];
    return batch->target == SBMT_TARGET_TOKEN ? i : -1;
}

static void collect_score(const struct sbmt_inspection *inspection, const struct desk *desk,
                          const struct sbmt_batch *batch, int e, struct sbmt_mistakes *mistakes)
{
    const double target = sbmt_inspection_score(inspection, batch->score[e]);
    const double score = sbmt_inspection_score(inspection, (double)desk->logits[e]);
    mistakes->labels++;
    keep(mistakes, (struct sbmt_mistake){.example = desk->indices[e],
                                         .token = -1,
                                         .target = target,
                                         .score = score,
                                         .confidence = fabs(score - target)});
}

static void collect(const struct desk *desk, const struct sbmt_batch *batch, int e,
                    struct sbmt_mistakes *mistakes)
{
    const struct sbmt_labels labels = sbmt_batch_labels(batch, e);
    mistakes->labels += labels.count;
    for (int i = 0; i < labels.count; i++) {
        const int64_t at = labels.first + i;
        const int label = batch->label[at], prediction = desk->predictions[at];
        if (label == prediction)
            continue;
        mistakes->wrong++;
        sbmt_examined_softmax(desk->classes, desk->logits + at * desk->classes, desk->probability);
        keep(mistakes, (struct sbmt_mistake){.example = desk->indices[e],
                                             .token = token_of(batch, at, i),
                                             .label = label,
                                             .prediction = prediction,
                                             .confidence = desk->probability[prediction],
                                             .label_probability = desk->probability[label]});
    }
}

static void collect_batch(const struct sbmt_inspection *inspection, const struct desk *desk,
                          const struct sbmt_batch *batch, struct sbmt_mistakes *mistakes)
{
    for (int e = 0; e < batch->count; e++) {
        if (batch->target == SBMT_TARGET_SCORE)
            collect_score(inspection, desk, batch, e, mistakes);
        else
            collect(desk, batch, e, mistakes);
    }
}

static bool find(struct sbmt_inspection *inspection, struct desk *desk, int64_t count,
                 const struct sbmt_train_observer *observer, struct sbmt_mistakes *mistakes,
                 struct sbmt_error *err)
{
    struct sbmt_experiment *experiment = &inspection->experiment;
    const struct sbmt_source source = sbmt_experiment_evaluated(experiment, inspection->split);
    for (int64_t done = 0; done < count;) {
        const int size = (int)(count - done < desk->batch_size ? count - done : desk->batch_size);
        struct sbmt_batch batch;
        struct sbmt_step_result result;
        for (int i = 0; i < size; i++)
            desk->indices[i] = sbmt_evaluate_index(done + i, count, source.count);
        if (sbmt_observer_stops(observer))
            return sbmt_fail(err, SBMT_ERROR_INTERRUPTED, "mistakes: stopped");
        if (!source.load(source.context, desk->indices, NULL, size, &batch, err) ||
            !desk_reserve(desk, &batch, err) ||
            !sbmt_stepper_evaluate(experiment->stepper, &batch, (uint64_t)experiment->config->seed,
                                   desk->logits, desk->predictions, &result, err))
            return false;
        collect_batch(inspection, desk, &batch, mistakes);
        done += size;
        if (observer->eval_progress != NULL)
            observer->eval_progress(observer->context, done, count);
    }
    return true;
}

static void write_text(const struct sbmt_dataset *dataset, const struct sbmt_batch *batch,
                       int token, struct sbmt_str *text)
{
    if (token >= 0 && batch->target == SBMT_TARGET_MASKED) {
        const struct sbmt_sequence all = sbmt_batch_sequence(batch, 0, 0);
        const int from = token < AROUND ? 0 : token - AROUND;
        const int end = token + AROUND < all.n ? token + AROUND + 1 : all.n;
        sbmt_token_text(dataset, all.tokens + from, end - from, text);
        return;
    }
    if (token >= 0) {
        sbmt_token_text(dataset, batch->tokens + batch->offset[0] + token, 1, text);
        return;
    }
    for (int s = 0; s < batch->segments; s++) {
        const struct sbmt_sequence sequence = sbmt_batch_sequence(batch, 0, s);
        sbmt_str_printf(text, "%s", s > 0 ? " | " : "");
        sbmt_token_text(dataset, sequence.tokens, sequence.n, text);
    }
}

/* The texts of the mistakes that are left. */
static bool add_texts(struct sbmt_inspection *inspection, struct sbmt_mistakes *mistakes,
                      struct sbmt_error *err)
{
    struct sbmt_dataset *dataset = &inspection->experiment.set[inspection->split];
    const struct sbmt_source source = sbmt_dataset_source(dataset);
    if (dataset->form->picture_width > 0)
        return true;
    struct sbmt_str text = {0};
    bool done = true;
    for (int i = 0; i < mistakes->count && done; i++) {
        struct sbmt_mistake *mistake = &mistakes->mistake[i];
        struct sbmt_batch batch;
        sbmt_str_clear(&text);
        done = source.load(source.context, &mistake->example, NULL, 1, &batch, err);
        if (done)
            write_text(dataset, &batch, mistake->token, &text);
        if (done && text.text != NULL)
            mistake->text = sbmt_arena_strdup(mistakes->arena, text.text);
    }
    if (done && text.failed)
        done = sbmt_fail(err, SBMT_ERROR_MEMORY, "mistakes: out of memory");
    sbmt_str_finish(&text);
    return done && sbmt_arena_check(mistakes->arena, "mistakes", err);
}

bool sbmt_mistakes_find(struct sbmt_inspection *inspection, int64_t limit,
                        const struct sbmt_train_observer *observer, struct sbmt_mistakes *mistakes,
                        struct sbmt_error *err)
{
    const int64_t all = sbmt_experiment_evaluated(&inspection->experiment, inspection->split).count;
    struct desk desk;
    mistakes->count = 0;
    mistakes->wrong = mistakes->labels = 0;
    if (!sbmt_inspection_labelled(inspection))
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--errors: %s of %s has no labels, so that nothing is known to be wrong; "
                         "look at --split dev",
                         sbmt_split_name(inspection->split), inspection->experiment.task->name);
    if (all == 0 && limit == 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--examples 0 means all, but the data is endless; give a number");
    const int64_t count = limit == 0 || (all != 0 && all < limit) ? all : limit;
    const bool done = desk_open(&desk, inspection, err) &&
                      find(inspection, &desk, count, observer, mistakes, err) &&
                      add_texts(inspection, mistakes, err);
    desk_close(&desk);
    return done;
}
