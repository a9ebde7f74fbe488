/* Where the values of a configuration come from. */
#include "bench/config_origin.h"

#include <string.h>

int sbmt_config_origin_override(const struct sbmt_config_origin *origin, const char *key)
{
    const size_t length = strlen(key);
    for (int i = origin->count - 1; i >= 0; i--)
        if (strncmp(origin->overrides[i], key, length) == 0 && origin->overrides[i][length] == '=')
            return i;
    return -1;
}

bool sbmt_config_origin_fail(const struct sbmt_config_origin *origin, const char *key,
                             struct sbmt_error *err)
{
    if (err == NULL)
        return false;
    const int override = sbmt_config_origin_override(origin, key);
    if (override >= 0 && origin->places != NULL)
        return sbmt_error_at(err, "%s", origin->places[override]);
    if (override >= 0)
        return sbmt_error_at(err, "command line: %s", origin->overrides[override]);
    const struct sbmt_yaml_node *node = sbmt_yaml_find(origin->root, key);
    if (node == NULL)
        return sbmt_error_at(err, "%s", origin->path);
    return sbmt_error_at(err, "%s:%d:%d", node->source->name, node->line, node->column);
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
