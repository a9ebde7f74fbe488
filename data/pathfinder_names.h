/* Names and rows of Pathfinder's files, read to the letter. */
#ifndef SBMT_DATA_PATHFINDER_NAMES_H
#define SBMT_DATA_PATHFINDER_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/** The numbers of "imgs/K/sample_J.png"; false: it is no such name. Numbers are decimal without
 * signs and leading zeros, as all below. */
bool sbmt_pathfinder_is_picture(const char *name, int64_t *folder, int64_t *number);

/** The number of "metadata/K.npy". */
bool sbmt_pathfinder_is_sheet(const char *name, int64_t *number);

/** The folder, the number and the label 0 or 1 of a row of metadata: "imgs/K sample_J.png", a word
 * and the label, and then whatever there is. */
bool sbmt_pathfinder_is_row(const char *text, int64_t *folder, int64_t *number, int *label);

#endif
