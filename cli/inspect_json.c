/* What `sbmt inspect` found, as JSON. */
#include <inttypes.h>

#include "bench/metrics.h"
#include "cli/inspect_report.h"
#include "core/io/json.h"

static void put_class(struct sbmt_json *json, const char *key,
                      const struct sbmt_inspection *inspection, int class)
{
    struct sbmt_str name = {0};
    sbmt_inspection_class(inspection, class, &name);
    sbmt_json_text(json, key, name.text);
    sbmt_str_finish(&name);
}

static void put_run(struct sbmt_json *json, const struct sbmt_inspect_report *report)
{
    const struct sbmt_inspection *inspection = report->inspection;
    const struct sbmt_experiment_config *config = inspection->experiment.config;
    sbmt_json_text(json, "run", inspection->evaluation.folder);
    sbmt_json_text(json, "task", config->task);
    sbmt_json_text(json, "protocol", sbmt_protocol_name(config->protocol));
    sbmt_json_text(json, "attention", sbmt_attention_name(config));
    sbmt_json_number(json, "seed", config->seed);
    sbmt_json_number(json, "parameters",
                     (double)sbmt_experiment_parameters(&inspection->experiment));
    sbmt_json_text(json, "checkpoint", report->checkpoint);
    sbmt_json_number(json, "step", (double)inspection->state.step);
    sbmt_json_text(json, "split", sbmt_split_name(inspection->split));
    sbmt_json_text(json, "config", inspection->evaluation.fingerprint);
}

static void put_densities(struct sbmt_json *json, const struct sbmt_inspect_report *report)
{
    const struct sbmt_head_densities *all = &report->densities;
    sbmt_json_number(json, "count", (double)report->eval->count);
    if (sbmt_inspection_labelled(report->inspection))
        sbmt_metrics_scores(report->eval, json);
    sbmt_json_begin_list(json, "densities");
    for (int i = 0; i < all->layers * all->heads; i++) {
        double mean, deviation;
        if (all->of[i].count == 0)
            continue;
        sbmt_inspect_spread(&all->of[i], &mean, &deviation);
        sbmt_json_begin(json, NULL);
        sbmt_json_number(json, "layer", i / all->heads);
        sbmt_json_number(json, "head", i % all->heads);
        sbmt_json_number(json, "graphs", all->of[i].count);
        sbmt_json_number(json, "mean", mean);
        sbmt_json_number(json, "deviation", deviation);
        sbmt_json_number(json, "least", all->of[i].least);
        sbmt_json_number(json, "most", all->of[i].most);
        sbmt_json_end(json);
    }
    sbmt_json_end(json);
}

static void put_tensors(struct sbmt_json *json, const struct sbmt_inspection *inspection)
{
    const struct sbmt_tensor *tensor = inspection->experiment.params.first;
    sbmt_json_begin_list(json, "tensors");
    for (; tensor != NULL; tensor = tensor->next) {
        struct sbmt_str shape = {0};
        double norm, largest;
        sbmt_inspect_norm(inspection, tensor, &norm, &largest);
        for (int i = 0; i < tensor->rank; i++)
            sbmt_str_printf(&shape, "%s%" PRId64, i > 0 ? "x" : "", tensor->shape[i]);
        sbmt_json_begin(json, NULL);
        sbmt_json_text(json, "name", tensor->name);
        sbmt_json_text(json, "shape", shape.text);
        sbmt_json_number(json, "norm", norm);
        sbmt_json_number(json, "largest", largest);
        sbmt_json_end(json);
        sbmt_str_finish(&shape);
    }
    sbmt_json_end(json);
}

/* Of every label, the classes. */
static void put_labels(struct sbmt_json *json, const struct sbmt_inspect_report *report)
{
    const struct sbmt_examined *examined = report->examined;
    const int classes = sbmt_inspection_classes(report->inspection);
    sbmt_json_begin_list(json, "classes");
    for (int i = 0; i < examined->labels * classes; i++) {
        const struct sbmt_inspect_class found = sbmt_inspect_class_of(report, i / classes,
                                                                      i % classes);
        sbmt_json_begin(json, NULL);
        if (examined->batch.target == SBMT_TARGET_TOKEN)
            sbmt_json_number(json, "token", i / classes);
        put_class(json, "class", report->inspection, i % classes);
        if (sbmt_inspection_labelled(report->inspection))
            sbmt_json_bool(json, "label", examined->batch.label[i / classes] == i % classes);
        sbmt_json_bool(json, "prediction", examined->prediction[i / classes] == i % classes);
        sbmt_json_number(json, "logit", found.logit);
        sbmt_json_number(json, "probability", found.probability);
        if (report->draws > 0) {
            sbmt_json_number(json, "mean", found.mean);
            sbmt_json_number(json, "deviation", found.deviation);
            sbmt_json_number(json, "predicted", found.predicted);
        }
        sbmt_json_end(json);
    }
    sbmt_json_end(json);
}

static void put_score(struct sbmt_json *json, const struct sbmt_inspect_report *report)
{
    const struct sbmt_inspection *inspection = report->inspection;
    const struct sbmt_inspect_class found = sbmt_inspect_class_of(report, 0, 0);
    if (sbmt_inspection_labelled(inspection))
        sbmt_json_number(json, "score",
                         sbmt_inspection_score(inspection, report->examined->batch.score[0]));
    sbmt_json_number(json, "prediction", sbmt_inspection_score(inspection, found.logit));
    if (report->draws > 0) {
        sbmt_json_number(json, "mean", sbmt_inspection_score(inspection, found.mean));
        sbmt_json_number(json, "deviation", sbmt_inspection_score(inspection, found.deviation));
    }
}

static void put_words(struct sbmt_json *json, const struct sbmt_inspect_report *report)
{
    const struct sbmt_examined *examined = report->examined;
    sbmt_json_begin_list(json, "words");
    for (int i = 0; i < examined->labels; i++) {
        const int hidden = examined->batch.label[i], guess = examined->prediction[i];
        sbmt_json_begin(json, NULL);
        sbmt_json_number(json, "token", examined->batch.place[i]);
        put_class(json, "label", report->inspection, hidden);
        sbmt_json_number(json, "label_probability",
                         sbmt_inspect_class_of(report, i, hidden).probability);
        put_class(json, "prediction", report->inspection, guess);
        sbmt_json_number(json, "confidence", sbmt_inspect_class_of(report, i, guess).probability);
        sbmt_json_end(json);
    }
    sbmt_json_end(json);
}

static void put_heads(struct sbmt_json *json, const struct sbmt_inspect_report *report)
{
    struct sbmt_head_walk walk = sbmt_examined_heads(report->inspection, report->examined, -1, -1);
    struct sbmt_pairs pairs;
    sbmt_json_begin_list(json, "heads");
    while (sbmt_head_next(&walk, &pairs)) {
        sbmt_json_begin(json, NULL);
        sbmt_json_number(json, "sequence", walk.segment);
        sbmt_json_number(json, "layer", walk.layer);
        sbmt_json_number(json, "head", walk.head);
        sbmt_json_number(json, "tokens", pairs.n);
        sbmt_json_number(json, "edges", (double)pairs.count);
        sbmt_json_end(json);
    }
    sbmt_json_end(json);
}

static void put_example(struct sbmt_json *json, const struct sbmt_inspect_report *report)
{
    sbmt_json_number(json, "example", (double)report->examined->index);
    const enum sbmt_target target = report->examined->batch.target;
    if (sbmt_inspection_labelled(report->inspection)) {
        sbmt_json_number(json, "example_loss", report->examined->outcome.loss);
        sbmt_json_number(json, "labels", report->examined->labels);
        if (target != SBMT_TARGET_SCORE)
            sbmt_json_number(json, "correct", report->examined->outcome.correct);
    }
    if (report->draws > 0)
        sbmt_json_number(json, "draws", report->draws);
    if (target == SBMT_TARGET_SCORE)
        put_score(json, report);
    else if (target == SBMT_TARGET_MASKED)
        put_words(json, report);
    else
        put_labels(json, report);
    put_heads(json, report);
}

static void put_mistakes(struct sbmt_json *json, const struct sbmt_inspect_report *report)
{
    const struct sbmt_mistakes *mistakes = report->mistakes;
    const bool scores = report->inspection->experiment.task->target == SBMT_TARGET_SCORE;
    if (!scores)
        sbmt_json_number(json, "wrong", (double)mistakes->wrong);
    sbmt_json_number(json, "predictions", (double)mistakes->labels);
    sbmt_json_begin_list(json, "errors");
    for (int i = 0; i < mistakes->count; i++) {
        const struct sbmt_mistake *mistake = &mistakes->mistake[i];
        sbmt_json_begin(json, NULL);
        sbmt_json_number(json, "example", (double)mistake->example);
        if (mistake->token >= 0)
            sbmt_json_number(json, "token", mistake->token);
        if (scores) {
            sbmt_json_number(json, "score", mistake->target);
            sbmt_json_number(json, "prediction", mistake->score);
        } else {
            put_class(json, "label", report->inspection, mistake->label);
            put_class(json, "prediction", report->inspection, mistake->prediction);
            sbmt_json_number(json, "confidence", mistake->confidence);
            sbmt_json_number(json, "label_probability", mistake->label_probability);
        }
        if (mistake->text != NULL)
            sbmt_json_text(json, "text", mistake->text);
        sbmt_json_end(json);
    }
    sbmt_json_end(json);
}

void sbmt_inspect_json(const struct sbmt_inspect_report *report, struct sbmt_str *out)
{
    struct sbmt_json json = sbmt_json_make();
    put_run(&json, report);
    if (report->eval != NULL)
        put_densities(&json, report);
    if (report->tensors)
        put_tensors(&json, report->inspection);
    if (report->examined != NULL)
        put_example(&json, report);
    if (report->mistakes != NULL)
        put_mistakes(&json, report);
    sbmt_json_line(&json, out);
}
