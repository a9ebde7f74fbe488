/* What `sbmt inspect` found, as text. */
#include <inttypes.h>
#include <string.h>

#include "bench/config_value.h"
#include "bench/config_write.h"
#include "bench/measure.h"
#include "bench/scoring.h"
#include "cli/inspect_report.h"
#include "cli/terminal.h"
#include "core/attention/attention.h"
#include "data/token_text.h"

enum { LABEL = 12, MOST_TEXT = 600 };

/* A line "label       some words", broken where it is too long. */
static void line(const char *label, const struct sbmt_str *words, int width, struct sbmt_str *out)
{
    sbmt_str_printf(out, "%-*s", LABEL, label);
    sbmt_config_wrap(words->text != NULL ? words->text : "", LABEL, LABEL, width, out);
    out->failed |= words->failed;
}

/* The options of the kind of attention that are not the defaults. */
static void attention(const struct sbmt_experiment_config *config, struct sbmt_str *out)
{
    const struct sbmt_variant_value *value = &config->model.attention;
    const struct sbmt_field *fields = sbmt_attention_variant(value->index)->fields;
    sbmt_str_printf(out, "%s", sbmt_attention_name(config));
    for (; fields != NULL && fields->type != SBMT_FIELD_END; fields++) {
        struct sbmt_str now = {0}, normally = {0};
        sbmt_value_write(fields, (const char *)value->config + fields->offset, &now);
        sbmt_value_write_default(fields, &normally);
        if (!now.failed && !normally.failed && strcmp(now.text, normally.text) != 0)
            sbmt_str_printf(out, ", %s %s", fields->key, now.text);
        sbmt_str_finish(&now);
        sbmt_str_finish(&normally);
    }
}

static void measure(const struct sbmt_score *score, struct sbmt_str *out)
{
    if (sbmt_measure_is_percent(score->name))
        sbmt_str_printf(out, "%s %.2f %%", score->name, 100 * score->value);
    else
        sbmt_str_printf(out, "%s %.4f", score->name, score->value);
}

static void summary(const struct sbmt_inspect_report *report, int width, struct sbmt_str *out)
{
    const struct sbmt_inspection *inspection = report->inspection;
    const struct sbmt_experiment_config *config = inspection->experiment.config;
    const struct sbmt_model_config *model = &config->model;
    struct sbmt_str words = {0};
    sbmt_str_printf(&words, "%s", inspection->evaluation.folder);
    line("run", &words, width, out);
    sbmt_str_clear(&words);
    sbmt_str_printf(&words, "%s, protocol %s, seed %d", config->task,
                    sbmt_protocol_name(config->protocol), config->seed);
    line("task", &words, width, out);
    sbmt_str_clear(&words);
    attention(config, &words);
    line("attention", &words, width, out);
    sbmt_str_clear(&words);
    sbmt_str_printf(&words, "%d layer%s of %d head%s, width %d, %" PRId64 " parameters",
                    model->layers, sbmt_terminal_plural(model->layers), model->heads,
                    sbmt_terminal_plural(model->heads), model->dim,
                    sbmt_experiment_parameters(&inspection->experiment));
    line("model", &words, width, out);
    sbmt_str_clear(&words);
    sbmt_str_printf(&words, "%s.safetensors, after %" PRId64 " of %d steps of %d",
                    report->checkpoint, inspection->state.step, config->train.steps,
                    config->train.batch_size);
    if (inspection->state.best_step > 0) {
        const struct sbmt_score best = sbmt_scoring_primary(inspection->experiment.task,
                                                            inspection->state.best_metric);
        sbmt_str_printf(&words, "; best dev ");
        measure(&best, &words);
        sbmt_str_printf(&words, " at step %" PRId64, inspection->state.best_step);
    }
    line("weights", &words, width, out);
    sbmt_str_finish(&words);
}

/* What the evaluation's answers are worth. */
static void measures(const struct sbmt_inspect_report *report, struct sbmt_str *out)
{
    const struct sbmt_eval_result *eval = report->eval;
    if (!sbmt_inspection_labelled(report->inspection)) {
        sbmt_str_printf(out, " without labels\n");
        return;
    }
    if (eval->accuracy >= 0)
        sbmt_str_printf(out, ", accuracy %.2f %%", 100 * eval->accuracy);
    for (int i = 0; i < eval->scores; i++) {
        if (strcmp(eval->score[i].name, "accuracy") == 0)
            continue;
        sbmt_str_printf(out, ", ");
        measure(&eval->score[i], out);
    }
    sbmt_str_printf(out, ", loss %.4f\n", eval->loss);
}

static void densities(const struct sbmt_inspect_report *report, struct sbmt_str *out)
{
    const struct sbmt_head_densities *all = &report->densities;
    const struct sbmt_eval_result *eval = report->eval;
    sbmt_str_printf(out, "%-*s%" PRId64 " example%s", LABEL,
                    sbmt_split_name(report->inspection->split), eval->count,
                    sbmt_terminal_plural(eval->count));
    measures(report, out);
    if (eval->density < 0) {
        sbmt_str_printf(out, "%-*snone: this kind of attention has no graphs\n", LABEL, "density");
        return;
    }
    sbmt_str_printf(out, "\nlayer  head   density  deviation     least      most\n");
    for (int i = 0; i < all->layers * all->heads; i++) {
        const struct sbmt_densities *head = &all->of[i];
        double mean, deviation;
        if (head->count == 0)
            continue;
        sbmt_inspect_spread(head, &mean, &deviation);
        sbmt_str_printf(out, "%5d %5d %7.2f %% %8.2f %% %7.2f %% %7.2f %%\n", i / all->heads,
                        i % all->heads, 100 * mean, 100 * deviation, 100 * head->least,
                        100 * head->most);
    }
}

static void shape_of(const struct sbmt_tensor *tensor, struct sbmt_str *out)
{
    for (int i = 0; i < tensor->rank; i++)
        sbmt_str_printf(out, "%s%" PRId64, i > 0 ? " x " : "", tensor->shape[i]);
}

static void tensors(const struct sbmt_inspection *inspection, struct sbmt_str *out)
{
    const struct sbmt_tensor *first = inspection->experiment.params.first;
    int longest = (int)strlen("tensor");
    for (const struct sbmt_tensor *tensor = first; tensor != NULL; tensor = tensor->next)
        longest = (int)strlen(tensor->name) > longest ? (int)strlen(tensor->name) : longest;
    sbmt_str_printf(out, "\n%-*s  %14s  %10s  %10s\n", longest, "tensor", "shape", "norm",
                    "largest");
    for (const struct sbmt_tensor *tensor = first; tensor != NULL; tensor = tensor->next) {
        struct sbmt_str shape = {0};
        double norm, largest;
        shape_of(tensor, &shape);
        sbmt_inspect_norm(inspection, tensor, &norm, &largest);
        sbmt_str_printf(out, "%-*s  %14s  %10.4g  %10.4g\n", longest, tensor->name,
                        shape.text != NULL ? shape.text : "", norm, largest);
        out->failed |= shape.failed;
        sbmt_str_finish(&shape);
    }
}

/* A text that may be longer than anybody wants to read here. */
static void shortened(const char *label, const char *text, int width, struct sbmt_str *out)
{
    struct sbmt_str words = {0};
    int length = (int)strlen(text);
    if (length > MOST_TEXT) {
        for (length = MOST_TEXT; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
            length--;
        sbmt_str_printf(&words, "%.*s \u2026", length, text);
    } else {
        sbmt_str_printf(&words, "%s", text);
    }
    line(label, &words, width, out);
    sbmt_str_finish(&words);
}

static void example_texts(const struct sbmt_inspect_report *report, int width, struct sbmt_str *out)
{
    const struct sbmt_inspection *inspection = report->inspection;
    const struct sbmt_dataset *dataset = &inspection->experiment.set[inspection->split];
    for (int s = 0; s < report->examined->batch.segments; s++) {
        const struct sbmt_sequence sequence = sbmt_batch_sequence(&report->examined->batch, 0, s);
        struct sbmt_str text = {0};
        sbmt_str_printf(&text, "%d %ss", sequence.n, dataset->form->unit);
        line("length", &text, width, out);
        sbmt_str_clear(&text);
        if (dataset->form->picture_width == 0) {
            sbmt_token_text(dataset, sequence.tokens, sequence.n, &text);
            shortened("text", text.text != NULL ? text.text : "", width, out);
        }
        out->failed |= text.failed;
        sbmt_str_finish(&text);
    }
}

static void example_classes(const struct sbmt_inspect_report *report, struct sbmt_str *out)
{
    const struct sbmt_examined *examined = report->examined;
    const bool labelled = sbmt_inspection_labelled(report->inspection);
    sbmt_str_printf(out, "\nclass            logit  probability%s\n",
                    report->draws > 0 ? "      mean  deviation  predicted" : "");
    for (int c = 0; c < sbmt_inspection_classes(report->inspection); c++) {
        const struct sbmt_inspect_class found = sbmt_inspect_class_of(report, 0, c);
        struct sbmt_str name = {0};
        sbmt_inspection_class(report->inspection, c, &name);
        sbmt_str_printf(out, "%-12s %9.4f  %9.2f %%", name.text != NULL ? name.text : "",
                        found.logit, 100 * found.probability);
        if (report->draws > 0)
            sbmt_str_printf(out, " %9.4f  %9.4f  %4d of %d", found.mean, found.deviation,
                            found.predicted, report->draws);
        sbmt_str_printf(out, "%s%s\n", labelled && c == examined->batch.label[0] ? "  label" : "",
                        c == examined->prediction[0] ? "  predicted" : "");
        out->failed |= name.failed;
        sbmt_str_finish(&name);
    }
}

/* How many of the labels of tokens are right, and how far their logits lie apart from draw to draw.
 */
static void example_tokens(const struct sbmt_inspect_report *report, struct sbmt_str *out)
{
    const int classes = sbmt_inspection_classes(report->inspection);
    const struct sbmt_examined *examined = report->examined;
    double deviation = 0;
    for (int i = 0; i < examined->labels && report->draws > 0; i++)
        for (int c = 0; c < classes; c++)
            deviation += sbmt_inspect_class_of(report, i, c).deviation /
                         ((double)examined->labels * classes);
    sbmt_str_printf(out, "%-*s%d of %d tokens right\n", LABEL, "labels", examined->outcome.correct,
                    examined->labels);
    if (report->draws > 0)
        sbmt_str_printf(out, "%-*s%d, mean deviation of the logits %.4f\n", LABEL, "draws",
                        report->draws, deviation);
}

static void example_score(const struct sbmt_inspect_report *report, struct sbmt_str *out)
{
    const struct sbmt_inspection *inspection = report->inspection;
    const struct sbmt_inspect_class found = sbmt_inspect_class_of(report, 0, 0);
    sbmt_str_printf(out, "%-*s", LABEL, "score");
    if (sbmt_inspection_labelled(inspection))
        sbmt_str_printf(out, "%.4g, ",
                        sbmt_inspection_score(inspection, report->examined->batch.score[0]));
    sbmt_str_printf(out, "predicted %.4g\n", sbmt_inspection_score(inspection, found.logit));
    if (report->draws > 0)
        sbmt_str_printf(out, "%-*s%d, mean prediction %.4g, deviation %.4g\n", LABEL, "draws",
                        report->draws, sbmt_inspection_score(inspection, found.mean),
                        sbmt_inspection_score(inspection, found.deviation));
}

static void word(const struct sbmt_inspect_report *report, int label, int class,
                 struct sbmt_str *out)
{
    struct sbmt_str text = {0};
    sbmt_inspection_class(report->inspection, class, &text);
    sbmt_str_printf(out, "  %-16s %7.2f %%", text.text != NULL ? text.text : "",
                    100 * sbmt_inspect_class_of(report, label, class).probability);
    out->failed |= text.failed;
    sbmt_str_finish(&text);
}

/* What was hidden, and what was guessed. */
static void example_words(const struct sbmt_inspect_report *report, struct sbmt_str *out)
{
    const struct sbmt_examined *examined = report->examined;
    sbmt_str_printf(out, "%-*s%d of %d words right\n", LABEL, "hidden", examined->outcome.correct,
                    examined->labels);
    if (examined->labels > 0)
        sbmt_str_printf(out, "\ntoken  %-16s %9s  %-16s %9s\n", "hidden", "", "guessed", "");
    for (int i = 0; i < examined->labels; i++) {
        sbmt_str_printf(out, "%5d", (int)examined->batch.place[i]);
        word(report, i, examined->batch.label[i], out);
        word(report, i, examined->prediction[i], out);
        sbmt_str_printf(out, "\n");
    }
}

static void example_heads(const struct sbmt_inspect_report *report, struct sbmt_str *out)
{
    struct sbmt_head_walk walk = sbmt_examined_heads(report->inspection, report->examined, -1, -1);
    struct sbmt_pairs pairs;
    if (!sbmt_head_next(&walk, &pairs))
        return;
    sbmt_str_printf(out, "\nsequence  layer  head     edges    density\n");
    do {
        sbmt_str_printf(out, "%8d %6d %5d %9" PRId64 " %8.2f %%\n", walk.segment, walk.layer,
                        walk.head, pairs.count,
                        100.0 * (double)pairs.count / ((double)pairs.n * pairs.n));
    } while (sbmt_head_next(&walk, &pairs));
}

static void example(const struct sbmt_inspect_report *report, int width, struct sbmt_str *out)
{
    const struct sbmt_examined *examined = report->examined;
    sbmt_str_printf(out, "\n%-*s%" PRId64 " of %s", LABEL, "example", examined->index,
                    sbmt_split_name(report->inspection->split));
    if (sbmt_inspection_labelled(report->inspection))
        sbmt_str_printf(out, ", loss %.4f", examined->outcome.loss);
    sbmt_str_printf(out, "\n");
    example_texts(report, width, out);
    if (examined->batch.target == SBMT_TARGET_EXAMPLE)
        example_classes(report, out);
    else if (examined->batch.target == SBMT_TARGET_SCORE)
        example_score(report, out);
    else if (examined->batch.target == SBMT_TARGET_MASKED)
        example_words(report, out);
    else
        example_tokens(report, out);
    example_heads(report, out);
}

static void mistaken(const struct sbmt_inspect_report *report, const struct sbmt_mistake *mistake,
                     struct sbmt_str *words)
{
    if (mistake->token >= 0)
        sbmt_str_printf(words, "token %d, ", mistake->token);
    sbmt_str_printf(words, "predicted ");
    sbmt_inspection_class(report->inspection, mistake->prediction, words);
    sbmt_str_printf(words, " (%.2f %%), label ", 100 * mistake->confidence);
    sbmt_inspection_class(report->inspection, mistake->label, words);
    sbmt_str_printf(words, " (%.2f %%)", 100 * mistake->label_probability);
}

static void mistakes(const struct sbmt_inspect_report *report, int width, struct sbmt_str *out)
{
    const struct sbmt_mistakes *found = report->mistakes;
    const bool scores = report->inspection->experiment.task->target == SBMT_TARGET_SCORE;
    if (scores)
        sbmt_str_printf(out, "\nof %" PRId64 " scores, those that are farthest off:\n",
                        found->labels);
    else
        sbmt_str_printf(out, "\n%" PRId64 " of %" PRId64 " predictions are wrong%s\n", found->wrong,
                        found->labels, found->count > 0 ? "; the most confident ones:" : "");
    for (int i = 0; i < found->count; i++) {
        const struct sbmt_mistake *mistake = &found->mistake[i];
        struct sbmt_str words = {0};
        if (scores)
            sbmt_str_printf(&words, "predicted %.4g, score %.4g", mistake->score, mistake->target);
        else
            mistaken(report, mistake, &words);
        char label[32];
        snprintf(label, sizeof label, "%" PRId64, mistake->example);
        sbmt_str_printf(out, "\n");
        line(label, &words, width, out);
        if (mistake->text != NULL)
            shortened("", mistake->text, width, out);
        sbmt_str_finish(&words);
    }
}

void sbmt_inspect_text(const struct sbmt_inspect_report *report, int width, struct sbmt_str *out)
{
    summary(report, width, out);
    if (report->eval != NULL)
        densities(report, out);
    if (report->tensors)
        tensors(report->inspection, out);
    if (report->examined != NULL)
        example(report, width, out);
    if (report->mistakes != NULL)
        mistakes(report, width, out);
}
