/* Lists of values in one word. */
#include "bench/list.h"

#include <string.h>

#include "bench/config_value.h"

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
