/* Looking at Pathfinder pictures of an unfinished set. */
#include "data/pathfinder_batch.h"

#include <limits.h>
#include <stdio.h>

#include "core/io/file.h"
#include "data/png.h"

static bool has_lines(const struct sbmt_pathfinder_batch *found, int batch, int count)
{
    char path[PATH_MAX];
    struct sbmt_mapping mapping;
    int lines = 0;
    snprintf(path, sizeof path, "%.4000s/metadata/%d.npy", found->folder, batch);
    if (!sbmt_mapping_open(&mapping, path, NULL))
        return false;
    for (size_t i = 0; i < mapping.size; i++)
        lines += mapping.bytes[i] == '\n';
    const bool ended = mapping.size > 0 && mapping.bytes[mapping.size - 1] == '\n';
    sbmt_mapping_close(&mapping);
    return ended && lines == count;
}

static bool has_picture(const struct sbmt_pathfinder_batch *found, int batch, int sample)
{
    char path[PATH_MAX];
    struct sbmt_mapping mapping;
    snprintf(path, sizeof path, "%.4000s/imgs/%d/sample_%d.png", found->folder, batch, sample);
    if (!sbmt_mapping_open(&mapping, path, NULL))
        return false;
    const bool good = sbmt_png_read(path, mapping.bytes, mapping.size, found->side, found->side,
                                    found->pixels, NULL);
    sbmt_mapping_close(&mapping);
    return good;
}

bool sbmt_pathfinder_batch_is_whole(const struct sbmt_pathfinder_batch *found, int batch, int count)
{
    bool whole = has_lines(found, batch, count);
    for (int sample = 0; sample < count && whole; sample++)
        whole = has_picture(found, batch, sample);
    return whole;
}
