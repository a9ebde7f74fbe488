/* Whether a thousand Pathfinder pictures of an unfinished set are all there. */
#ifndef SBMT_DATA_PATHFINDER_BATCH_H
#define SBMT_DATA_PATHFINDER_BATCH_H

#include <stdbool.h>
#include <stdint.h>

/** Where to look; all borrowed. */
struct sbmt_pathfinder_batch {
    const char *folder; /**< of the set */
    int side;
    uint8_t *pixels; /**< room for a picture */
};

/** True if the metadata of a batch, which is written last, has `count` lines and every picture can
 * be read: after a power failure files may be there without their bytes. */
bool sbmt_pathfinder_batch_is_whole(const struct sbmt_pathfinder_batch *found, int batch,
                                    int count);

#endif
