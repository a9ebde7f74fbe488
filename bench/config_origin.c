/* Where the values of a configuration come from. */
#include "bench/config_origin.h"

#include <stdio.h>
#include <string.h>

int sbmt_config_origin_override(const struct sbmt_config_origin *origin, const char *key)
{
    const size_t length = strlen(key);
    for (int i = origin->count - 1; i >= 0; i--)
        if (strncmp(origin->overrides[i], key, length) == 0 && origin->overrides[i][length] == '=')
            return i;
    return -1;
}

void sbmt_config_origin_place(const struct sbmt_config_origin *origin, const char *key,
                              struct sbmt_str *place)
{
    const int override = sbmt_config_origin_override(origin, key);
    const struct sbmt_yaml_node *node = sbmt_yaml_find(origin->root, key);
    if (override >= 0 && origin->places != NULL)
        sbmt_str_printf(place, "%s", origin->places[override]);
    else if (override >= 0)
        sbmt_str_printf(place, "command line: %s", origin->overrides[override]);
    else if (node == NULL)
        sbmt_str_printf(place, "%s", origin->path);
    else
        sbmt_str_printf(place, "%s:%d:%d", node->source->name, node->line, node->column);
}

bool sbmt_config_place_fail(const char *place, const char *key, struct sbmt_error *err)
{
    char assigned[160], named[160];
    if (err == NULL || place == NULL)
        return false;
    snprintf(assigned, sizeof assigned, "command line: %s=", key);
    snprintf(named, sizeof named, "%s: ", key);
    const size_t length = strlen(named);
    if (strncmp(place, assigned, strlen(assigned)) == 0 &&
        strncmp(err->message, named, length) == 0)
        memmove(err->message, err->message + length, strlen(err->message + length) + 1);
    return sbmt_error_at(err, "%s", place);
}

bool sbmt_config_origin_fail(const struct sbmt_config_origin *origin, const char *key,
                             struct sbmt_error *err)
{
    struct sbmt_str place = {0};
    sbmt_config_origin_place(origin, key, &place);
    sbmt_config_place_fail(place.text, key, err);
    sbmt_str_finish(&place);
    return false;
}

const char *sbmt_config_origin_word(const struct sbmt_config_origin *origin, const char *key)
{
    const int override = sbmt_config_origin_override(origin, key);
    if (override >= 0)
        return origin->overrides[override] + strlen(key) + 1;
    const struct sbmt_yaml_node *node = sbmt_yaml_find(origin->root, key);
    return node != NULL ? node->text : NULL;
}

int sbmt_config_origin_choice(const struct sbmt_config_origin *origin, const char *key,
                              const char *const *words, int index)
{
    const char *word = sbmt_config_origin_word(origin, key);
    for (int i = 0; word != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return index;
}
