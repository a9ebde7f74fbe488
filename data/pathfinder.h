/* Reading Pathfinder as Long Range Arena ships it. */
#ifndef SBMT_DATA_PATHFINDER_H
#define SBMT_DATA_PATHFINDER_H

#include "data/lra_release.h"
#include "data/preparation.h"

/** How a form reads the files (sbmt_form.reading). */
struct sbmt_pathfinder_reading {
    int side; /**< pixels, at most 256 */
    struct sbmt_lra_place place;
    bool hashed;       /**< splits follow the hashed order of rows, else torch's with seed 42 */
    const char *set;   /**< the folder below it: "curv_contour_length_14" */
    const char *split; /**< what TensorFlow Datasets calls it: "hard" */
    const char *generated_by; /**< options of 'sbmt data generate', after a blank: "" for hard */
};

/** sbmt_task.source and .prepare of tasks whose forms have such a reading: its pictures, 80 %
 * of them for train, 10 % each for dev and test. An empty picture is left out with a warning;
 * metadata that names a picture which is not there, or a picture that is damaged or of another
 * size, is SBMT_ERROR_DATA. */
bool sbmt_pathfinder_source(const struct sbmt_task *task, const char *root, enum sbmt_split split,
                            struct sbmt_origin *origin, struct sbmt_error *err);
bool sbmt_pathfinder_prepare(struct sbmt_preparation *preparation, struct sbmt_error *err);

#endif
