/* Pathfinder as files, laid out as Long Range Arena's release. */
#ifndef SBMT_DATA_PATHFINDER_GENERATE_H
#define SBMT_DATA_PATHFINDER_GENERATE_H

#include "core/base/field.h"
#include "core/base/log.h"
#include "data/generation.h"

/** What to generate; filled by sbmt_fields_defaults and the command line. */
struct sbmt_pathfinder_options {
    const char *out; /**< data root; files go to <out>/pathfinder<side>/. Required */
    int count;       /**< pictures */
    int seed;
    int contour_length; /**< 6, 9 or 14 */
    bool force;         /**< replace a set that exists */
};

/** The rows of struct sbmt_pathfinder_options. */
extern const struct sbmt_field sbmt_pathfinder_fields[];

/** Writes pictures of `side` pixels to <out>/pathfinder<side>/<set>/imgs/K/sample_J.png and a line
 * for each to <set>/metadata/K.npy, a text: a thousand pictures a K. The set is curv_baseline for
 * contour length 6, else curv_contour_length_<N>. The columns of a line are folder, file, J, label,
 * continuity, contour length, distractor length, paddle length, paddle thickness, paddle margin and
 * the number of paddle contrasts.
 *
 * The set is made as <set>.partial and appears when all of it is on disk, in the place of the old
 * one, which is then removed (core/io/folder_writer.h): whatever happens, what stands under its
 * name is one of the two, whole. Of a generation that was stopped or killed <set>.partial stays:
 * one with the same options, but for `force`, goes on behind its whole thousands, any other removes
 * it. The same options give the same bytes, and more pictures begin with fewer.
 * `watch` and `log` may be NULL. Fails with SBMT_ERROR_USAGE for a wrong option or (without
 * `force`) a set that exists, SBMT_ERROR_IO if writing fails or something other than a set is in
 * the folder. */
SBMT_MUST_CHECK bool sbmt_pathfinder_generate(int side,
                                              const struct sbmt_pathfinder_options *options,
                                              const struct sbmt_generation_watch *watch,
                                              const struct sbmt_log *log, struct sbmt_error *err);

#endif
