/* Looking at source files. */
#include "data/origin.h"

#include <string.h>
#include <sys/stat.h>

bool sbmt_origin_add(struct sbmt_origin *origin, const char *path, struct sbmt_error *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return sbmt_fail_errno(err, "%s: cannot read", path);
    const int64_t mtime = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
    if (!S_ISDIR(status.st_mode))
        origin->size += status.st_size;
    if (mtime > origin->mtime)
        origin->mtime = mtime;
    return true;
}

bool sbmt_origin_equal(const struct sbmt_origin *a, const struct sbmt_origin *b)
{
    return strcmp(a->name, b->name) == 0 && a->size == b->size && a->mtime == b->mtime &&
           strcmp(a->files, b->files) == 0;
}
