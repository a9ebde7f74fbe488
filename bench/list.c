/* Lists of values in one word. */
#include "bench/list.h"

#include <string.h>

#include "bench/config_load.h"
#include "bench/config_value.h"
#include "core/attention/attention.h"
#include "core/model/config.h"

bool sbmt_list_split(const char *name, const char *text, struct sbmt_arena *arena,
                     struct sbmt_list *list, struct sbmt_error *err)
{
    int count = 1;
    for (const char *c = text; *c != '\0'; c++)
        count += *c == ',';
    char *copy = sbmt_arena_strdup(arena, text);
    *list = (struct sbmt_list){0, sbmt_arena_zalloc(arena, (size_t)count, sizeof *list->word)};
    if (copy == NULL || list->word == NULL)
        return sbmt_arena_check(arena, "list", err);
    for (char *word = copy; word != NULL;) {
        char *comma = strchr(word, ',');
        if (comma != NULL)
            *comma = '\0';
        if (*word == '\0')
            return sbmt_fail(err, SBMT_ERROR_CONFIG,
                             "%s: expected values separated by commas, got '%.80s'", name, text);
        list->word[list->count++] = word;
        word = comma != NULL ? comma + 1 : NULL;
    }
    return true;
}

static bool all_kinds(struct sbmt_arena *arena, struct sbmt_list *list, struct sbmt_error *err)
{
    int count = 0;
    while (sbmt_attention_variant(count) != NULL)
        count++;
    *list = (struct sbmt_list){count, sbmt_arena_zalloc(arena, (size_t)count, sizeof *list->word)};
    if (list->word == NULL)
        return sbmt_arena_check(arena, "list", err);
    for (int i = 0; i < count; i++)
        list->word[i] = sbmt_attention_variant(i)->name;
    return true;
}

bool sbmt_list_kinds(const char *name, const char *text, struct sbmt_arena *arena,
                     struct sbmt_list *list, struct sbmt_error *err)
{
    if (strcmp(text, "all") == 0)
        return all_kinds(arena, list, err);
    if (!sbmt_list_split(name, text, arena, list, err))
        return false;
    for (int i = 0; i < list->count; i++)
        if (sbmt_variant_find(sbmt_attention_variant, list->word[i]) < 0) {
            char hint[SBMT_CONFIG_HINT];
            sbmt_config_kind_hint(sbmt_field_find(sbmt_model_fields, "attention"), list->word[i],
                                  hint, sizeof hint);
            return sbmt_fail(err, SBMT_ERROR_CONFIG, "%s: unknown kind '%.80s'; %s", name,
                             list->word[i], hint);
        }
    return true;
}

const double *sbmt_list_numbers(const char *name, const char *text, bool whole, double least,
                                double most, struct sbmt_arena *arena, int *count,
                                struct sbmt_error *err)
{
    const struct sbmt_field element = {
        .key = name, .type = whole ? SBMT_FIELD_INT : SBMT_FIELD_NUMBER, .min = least, .max = most};
    struct sbmt_list list;
    if (!sbmt_list_split(name, text, arena, &list, err))
        return NULL;
    double *numbers = sbmt_arena_zalloc(arena, (size_t)list.count, sizeof *numbers);
    if (!sbmt_arena_check(arena, "list", err))
        return NULL;
    for (int i = 0; i < list.count; i++) {
        int integer = 0;
        void *member = whole ? (void *)&integer : (void *)&numbers[i];
        if (!sbmt_value_parse(&element, member, list.word[i], false, arena, err)) {
            sbmt_error_at(err, "%s", name);
            return NULL;
        }
        if (whole)
            numbers[i] = integer;
        if (i > 0 && numbers[i] <= numbers[i - 1]) {
            sbmt_fail(err, SBMT_ERROR_CONFIG, "%s: %s after %s; give them in ascending order", name,
                      list.word[i], list.word[i - 1]);
            return NULL;
        }
    }
    *count = list.count;
    return numbers;
}
