/* Making the three files of a task. */
#include "data/generation.h"

#include <stdio.h>

enum { REPORT_EVERY = 100 };

bool sbmt_generation_open(struct sbmt_generation *generation, const char *out, const char *name,
                          const char *const files[SBMT_SPLIT_COUNT], bool force,
                          struct sbmt_error *err)
{
    enum { ROOM = 64 }; /* for the name of a file */
    char path[PATH_MAX];
    const int length = snprintf(generation->folder, sizeof generation->folder, "%s/%s", out, name);
    if (length < 0 || (size_t)length + ROOM > sizeof path)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%.200s…: this name is too long", out);
    if (!sbmt_folder_make(generation->folder, err))
        return false;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        /* The compressed name first: both are refused, and `path` stays the plain one. */
        for (int i = 0; i < 2; i++) {
            snprintf(path, sizeof path, "%.4000s/%s%s", generation->folder, files[split],
                     i == 0 ? ".gz" : "");
            if (!force && sbmt_file_exists(path))
                return sbmt_fail(err, SBMT_ERROR_USAGE, "%s: exists; --force replaces it", path);
        }
        if (!sbmt_writer_open(&generation->writer[split], path, err))
            return false;
    }
    return true;
}

bool sbmt_generation_report(const struct sbmt_generation *generation, struct sbmt_error *err)
{
    const struct sbmt_generation_watch *watch = generation->watch;
    if (watch == NULL || watch->report == NULL ||
        watch->report(watch->context, generation->done, generation->total))
        return true;
    return sbmt_fail(err, SBMT_ERROR_INTERRUPTED,
                     "%s: stopped after %lld of %lld %s; no file was made", generation->folder,
                     (long long)generation->done, (long long)generation->total, generation->unit);
}

bool sbmt_generation_count(struct sbmt_generation *generation, struct sbmt_error *err)
{
    generation->done++;
    return generation->done % REPORT_EVERY != 0 || sbmt_generation_report(generation, err);
}

bool sbmt_generation_commit(struct sbmt_generation *generation, struct sbmt_error *err)
{
    return sbmt_writer_commit_all(generation->writer, SBMT_SPLIT_COUNT, err);
}

void sbmt_generation_abandon(struct sbmt_generation *generation)
{
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        sbmt_writer_abandon(&generation->writer[split]);
}
