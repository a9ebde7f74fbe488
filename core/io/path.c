/* Paths of files in folders. */
#include "core/io/path.h"

#include <string.h>

const char *sbmt_path_join(struct sbmt_arena *arena, const char *folder, size_t length,
                           const char *name)
{
    char *path = sbmt_arena_alloc(arena, length + strlen(name) + sizeof "/");
    if (path == NULL)
        return NULL;
    memcpy(path, folder, length);
    if (length > 0 && folder[length - 1] != '/')
        path[length++] = '/';
    strcpy(path + length, name);
    return path;
}
