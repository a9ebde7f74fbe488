/* What the values of options and keys can be: words of the tables, and names of files. */
#include "cli/completion_values.h"

#include <string.h>

#include "bench/config_visit.h"
#include "bench/experiment_config.h"
#include "bench/measure.h"
#include "bench/published.h"
#include "data/metric.h"
#include "data/task.h"

void sbmt_search_add(const struct sbmt_search *search, const char *before, const char *word,
                     const char *after, const char *meaning)
{
    struct sbmt_str whole = {0};
    sbmt_str_printf(&whole, "%s%s%s", before, word, after);
    if (whole.failed)
        search->out->failed = true;
    else if (strncmp(whole.text, search->word, strlen(search->word)) == 0)
        sbmt_str_printf(search->out, "%s%s%s\n", whole.text, meaning[0] != '\0' ? "\t" : "",
                        meaning);
    sbmt_str_finish(&whole);
}

void sbmt_search_add_names(const struct sbmt_search *search, const char *before, bool folders)
{
    sbmt_str_printf(search->out, ":%s\t%s\n", folders ? "folder" : "file", before);
}

void sbmt_search_add_choices(const struct sbmt_search *search)
{
    const char *last = "";
    for (int i = 0; sbmt_task_at(i) != NULL; i++) {
        const struct sbmt_task *task = sbmt_task_at(i);
        const size_t length = strcspn(task->name, "/");
        if (task->generator != NULL)
            continue;
        struct sbmt_str group = {0};
        sbmt_str_append(&group, task->name, length);
        if (!group.failed && strncmp(last, task->name, length + 1) != 0)
            sbmt_search_add(search, "", group.text, "", "");
        sbmt_str_finish(&group);
        sbmt_search_add(search, "", task->name, "", task->doc);
        last = task->name;
    }
}

static void add_kinds(const struct sbmt_search *search, const char *before,
                      const struct sbmt_field *field)
{
    for (int i = 0; field->variant_at(i) != NULL; i++)
        sbmt_search_add(search, before, field->variant_at(i)->name, "", field->variant_at(i)->doc);
}

/* The words that the row of an option has, behind `before`. */
static void add_words(const struct sbmt_search *search, const char *before,
                      const struct sbmt_field *field)
{
    static const char *const truths[] = {"false", "true", NULL};
    const char *const *words = field->type == SBMT_FIELD_CHOICE ? field->choices
                               : field->type == SBMT_FIELD_BOOL ? truths
                                                                : NULL;
    for (; words != NULL && *words != NULL; words++)
        sbmt_search_add(search, before, *words, "", "");
    if (field->type == SBMT_FIELD_VARIANT)
        add_kinds(search, before, field);
}

/* A text in a configuration is the name of a task, or of a file or folder. */
static void add_key_values(const struct sbmt_search *search, const char *before,
                           const struct sbmt_field *field)
{
    add_words(search, before, field);
    if (field->type == SBMT_FIELD_STRING && strcmp(field->key, "task") == 0)
        for (int i = 0; sbmt_task_at(i) != NULL; i++)
            sbmt_search_add(search, before, sbmt_task_at(i)->name, "", sbmt_task_at(i)->doc);
    else if (field->type == SBMT_FIELD_STRING)
        sbmt_search_add_names(search, before, false);
}

/* Which keys are looked for, and what stands around them. */
struct keys {
    const struct sbmt_search *search;
    bool (*takes)(const char *key, const struct sbmt_field *field);
    const char *before, *after;
};

/* A key that several kinds have comes once. */
static void add_key(const struct keys *keys, const struct sbmt_config_place *place)
{
    const char *text = keys->search->out->text;
    struct sbmt_str line = {0};
    sbmt_str_printf(&line, "\n%s%s%s\t", keys->before, place->key, keys->after);
    if (line.failed)
        keys->search->out->failed = true;
    else if (text == NULL || (strstr(text, line.text) == NULL &&
                              strncmp(text, line.text + 1, line.length - 1) != 0))
        sbmt_search_add(keys->search, keys->before, place->key, keys->after, place->field->doc);
    sbmt_str_finish(&line);
}

static void visit_key(void *context, const struct sbmt_config_place *place)
{
    const struct keys *keys = context;
    const char *word = keys->search->word;
    const size_t length = strlen(place->key);
    if (keys->takes != NULL && !keys->takes(place->key, place->field))
        return;
    if (keys->after[0] != '=' || strncmp(word, place->key, length) != 0 || word[length] != '=') {
        add_key(keys, place);
        return;
    }
    struct sbmt_str before = {0};
    sbmt_str_append(&before, word, length + 1);
    if (!before.failed)
        add_key_values(keys->search, before.text, place->field);
    sbmt_str_finish(&before);
}

void sbmt_search_add_keys(const struct sbmt_search *search,
                          bool (*takes)(const char *key, const struct sbmt_field *field))
{
    struct keys keys = {.search = search, .takes = takes, .before = "", .after = "="};
    sbmt_config_visit(sbmt_experiment_fields, visit_key, &keys);
}

static void add_attention(const struct sbmt_search *search, const char *before)
{
    add_kinds(search, before, sbmt_field_find(sbmt_model_fields, "attention"));
}

static void add_all_attention(const struct sbmt_search *search, const char *before)
{
    sbmt_search_add(search, before, "all", "", "");
    add_attention(search, before);
}

/* What bench/grid.h sorts runs by. */
static void add_sortings(const struct sbmt_search *search, const char *before)
{
    struct keys keys = {.search = search, .before = before, .after = ""};
    sbmt_search_add(search, before, "attention", "", "its kind");
    sbmt_search_add(search, before, "run", "", "the folder");
    sbmt_config_visit(sbmt_experiment_fields, visit_key, &keys);
}

static void add_measures(const struct sbmt_search *search, const char *before)
{
    for (int i = 0; sbmt_measure_at(i) != NULL; i++)
        sbmt_search_add(search, before, sbmt_measure_at(i)->name, "", "");
}

static void add_metrics(const struct sbmt_search *search, const char *before)
{
    for (int i = 0; sbmt_metric_at(i) != NULL; i++)
        sbmt_search_add(search, before, sbmt_metric_at(i)->name, "", sbmt_metric_at(i)->doc);
}

static void add_published(const struct sbmt_search *search, const char *before)
{
    for (int i = 0; sbmt_published_protocol_at(i) != NULL; i++)
        sbmt_search_add(search, before, sbmt_published_protocol_at(i)->name, "", "");
    sbmt_search_add_names(search, before, false);
}

static void add_files(const struct sbmt_search *search, const char *before)
{
    sbmt_search_add_names(search, before, false);
}

static void add_folders(const struct sbmt_search *search, const char *before)
{
    sbmt_search_add_names(search, before, true);
}

/* The values of a text, by its key or by what stands for it in help. */
static void add_text(const struct sbmt_search *search, const char *before,
                     const struct sbmt_field *field)
{
    static const struct {
        const char *word;
        void (*add)(const struct sbmt_search *search, const char *before);
    } texts[] = {
        {"attention", add_all_attention},
        {"baseline", add_attention},
        {"rows", add_sortings},
        {"columns", add_sortings},
        {"show", add_measures},
        {"metric", add_metrics},
        {"published", add_published},
        {"speed", add_files},
        {"tokenizer", add_files},
        {"FILE", add_files},
        {"DIR", add_folders},
    };
    const char *argument = field->argument != NULL ? field->argument : "";
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(texts[i].word, field->key) == 0 || strcmp(texts[i].word, argument) == 0) {
            texts[i].add(search, before);
            return;
        }
}

void sbmt_search_add_option(const struct sbmt_search *search, const char *before,
                            const struct sbmt_field *field)
{
    add_words(search, before, field);
    if (field->type != SBMT_FIELD_STRING)
        return;
    /* Of a list its last value. */
    const char *value = search->word + strlen(before), *comma = strrchr(value, ',');
    const bool listed = field->argument != NULL && strcmp(field->argument, "LIST") == 0;
    struct sbmt_str done = {0};
    sbmt_str_append(&done, search->word,
                    (size_t)((listed && comma != NULL ? comma + 1 : value) - search->word));
    if (done.failed)
        search->out->failed = true;
    else
        add_text(search, done.text != NULL ? done.text : "", field);
    sbmt_str_finish(&done);
}
