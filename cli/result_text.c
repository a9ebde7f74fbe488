/* Results as text. */
#include "cli/result_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/terminal.h"

enum { MOST_CELLS = 16, CELL_SIZE = 32 };

/* The cells of a row as they are filled. */
struct row {
    const char *cells[MOST_CELLS][2];
    char text[MOST_CELLS][CELL_SIZE];
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
    add(&row, "steps", "%d", result->config->train.steps);
    add_share(&row, "dev acc", result->dev_accuracy);
    add_share(&row, "test acc", result->eval.accuracy);
    add_graphs(&row, &result->eval);
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
    add(&row, "count", "%" PRId64, result->eval.count);
    add_share(&row, "accuracy", result->eval.accuracy);
    add_graphs(&row, &result->eval);
    add(&row, "loss", "%.4f", result->eval.loss);
    add_share(&row, "majority", result->majority);
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
