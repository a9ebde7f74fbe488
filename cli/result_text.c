/* Results as text. */
#include "cli/result_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"

enum { MOST_CELLS = 20, CELL_SIZE = 32 };

/* The cells of a row as they are filled. */
struct row {
    const char *cells[MOST_CELLS][2];
    char text[MOST_CELLS][CELL_SIZE];
    char name[MOST_CELLS][CELL_SIZE]; /* of those that are put together */
    int count;
};

__attribute__((format(printf, 3, 4))) static void add(struct row *row, const char *name,
                                                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(row->text[row->count], CELL_SIZE, format, args);
    va_end(args);
    row->cells[row->count][0] = name;
    row->cells[row->count][1] = row->text[row->count];
    row->count++;
}

static void add_share(struct row *row, const char *name, double share)
{
    if (share >= 0)
        add(row, name, "%.2f %%", 100 * share);
    else
        add(row, name, "-");
}

static void add_names(struct row *row, const struct sbmt_result *result)
{
    const struct sbmt_experiment_config *config = result->config;
    add(row, "task", "%s", config->task);
    add(row, "protocol", "%s", sbmt_protocol_name(config->protocol));
    add(row, "attention", "%s", sbmt_attention_name(config));
    add(row, "seed", "%d", config->seed);
}

/* Where several graphs were drawn for each example: what one of them achieves, and how that varies.
 */
static void add_graphs(struct row *row, const struct sbmt_eval_result *eval)
{
    if (eval->draws <= 1)
        return;
    add(row, "graphs", "%d", eval->draws);
    add_share(row, "one graph", eval->draw_accuracy);
    add_share(row, "deviation", eval->draw_deviation);
}

/* Under names that say of which split: "test acc", "test f1". */
static void add_score(struct row *row, const char *split, const struct sbmt_score *score)
{
    const bool is_accuracy = strcmp(score->name, "accuracy") == 0;
    snprintf(row->name[row->count], CELL_SIZE, "%s %s", split, is_accuracy ? "acc" : score->name);
    const char *name = row->name[row->count];
    if (score->lower_is_better)
        add(row, name, "%.4f", score->value);
    else
        add(row, name, "%.2f %%", 100 * score->value);
}

/* What chose the weights comes first; accuracy stands beside a loss. */
static void add_scores(struct row *row, const char *split, const struct sbmt_eval_result *eval)
{
    for (int i = 0; i < eval->scores; i++)
        add_score(row, split, &eval->score[i]);
    if (eval->scores == 0)
        add_score(row, split, &eval->primary);
    if (eval->primary.lower_is_better)
        add_score(row, split, &(struct sbmt_score){.name = "accuracy", .value = eval->accuracy});
}

static void add_measures(struct row *row, const struct sbmt_eval_result *eval)
{
    for (int i = 0; i < eval->scores; i++)
        add(row, eval->score[i].name, "%.2f %%", 100 * eval->score[i].value);
    if (eval->scores == 0)
        add_share(row, "accuracy", eval->accuracy);
}

/* Examples evaluated, and of how many where those are not all. */
static void add_count(struct row *row, const struct sbmt_eval_result *eval)
{
    if (eval->available > eval->count)
        add(row, "count", "%" PRId64 " of %" PRId64, eval->count, eval->available);
    else
        add(row, "count", "%" PRId64, eval->count);
}

static void print(struct row *row, struct sbmt_str *out)
{
    sbmt_terminal_row((const char *const(*)[2])row->cells, row->count, out);
}

void sbmt_result_text_run(const struct sbmt_result *result, const char *folder,
                          struct sbmt_str *out)
{
    struct row row = {0};
    struct sbmt_str time = {0};
    sbmt_terminal_time(result->seconds, &time);
    add_names(&row, result);
    add(&row, "steps", "%d", result->steps);
    if (result->split != SBMT_SPLIT_DEV)
        add_score(&row, "dev", &result->best_dev);
    if (result->eval.available > result->eval.count)
        add_count(&row, &result->eval);
    add_scores(&row, sbmt_split_name(result->split), &result->eval);
    add_graphs(&row, &result->eval);
    if (result->majority >= 0)
        add_share(&row, "majority", result->majority);
    add_share(&row, "density", result->eval.density);
    add(&row, "time", "%s", time.failed ? "-" : time.text);
    sbmt_str_finish(&time);
    print(&row, out);
    sbmt_str_printf(out, "%s: result.json, metrics.jsonl, best.safetensors\n", folder);
}

void sbmt_result_text_eval(const struct sbmt_result *result, struct sbmt_str *out)
{
    struct row row = {0};
    add_names(&row, result);
    add(&row, "step", "%" PRId64, result->step);
    add(&row, "split", "%s", sbmt_split_name(result->split));
    add_count(&row, &result->eval);
    if (!result->unlabelled) {
        add_measures(&row, &result->eval);
        add_graphs(&row, &result->eval);
        add(&row, "loss", "%.4f", result->eval.loss);
        if (result->majority >= 0)
            add_share(&row, "majority", result->majority);
    }
    add_share(&row, "density", result->eval.density);
    print(&row, out);
    for (int i = 0; i < result->change_count; i++)
        sbmt_str_printf(out, "%s%s", i == 0 ? "with " : " ", result->changes[i]);
    sbmt_str_printf(out, "%s", result->change_count > 0 ? "\n" : "");
}

void sbmt_result_text_json(const struct sbmt_result *result, const char *folder,
                           struct sbmt_str *out)
{
    struct sbmt_json json = sbmt_json_make();
    sbmt_result_json(result, &json);
    sbmt_json_text(&json, "split", sbmt_split_name(result->split));
    sbmt_json_text(&json, "run", folder);
    sbmt_json_line(&json, out);
}
