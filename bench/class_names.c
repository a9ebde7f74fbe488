/* Names of classes. */
#include "bench/class_names.h"

#include <string.h>
#include <strings.h>

static const char separator[] = ", ";

struct sbmt_class_names sbmt_class_names_split(const char *list, struct sbmt_arena *arena)
{
    struct sbmt_class_names names = {0};
    if (list == NULL || list[0] == '\0')
        return names;
    int count = 1;
    for (const char *at = list; (at = strstr(at, separator)) != NULL; at += strlen(separator))
        count++;
    const char **name = sbmt_arena_zalloc(arena, (size_t)count, sizeof *name);
    char *rest = sbmt_arena_strdup(arena, list);
    if (name == NULL || rest == NULL)
        return names;
    for (int i = 0; i < count; i++) {
        char *end = strstr(rest, separator);
        name[i] = rest;
        if (end == NULL)
            break;
        *end = '\0';
        rest = end + strlen(separator);
    }
    return (struct sbmt_class_names){count, name};
}

bool sbmt_class_names_tell(const struct sbmt_class_names *names)
{
    static const char unnamed[] = "LABEL_";
    for (int i = 0; i < names->count; i++)
        if (strncmp(names->name[i], unnamed, strlen(unnamed)) == 0)
            return false;
    return names->count > 0;
}

enum sbmt_class_relation sbmt_class_names_compare(const struct sbmt_class_names *theirs,
                                                  const struct sbmt_class_names *ours, int *order)
{
    bool same = true;
    if (theirs->count != ours->count)
        return SBMT_CLASSES_OTHER;
    for (int c = 0; c < ours->count; c++) {
        order[c] = 0;
        while (order[c] < theirs->count && strcasecmp(theirs->name[order[c]], ours->name[c]) != 0)
            order[c]++;
        if (order[c] == theirs->count)
            return SBMT_CLASSES_OTHER;
        same = same && order[c] == c;
    }
    return same ? SBMT_CLASSES_SAME : SBMT_CLASSES_REORDERED;
}
