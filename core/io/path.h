/* Paths of files in folders. */
#ifndef SBMT_CORE_IO_PATH_H
#define SBMT_CORE_IO_PATH_H

#include "core/base/arena.h"

/** "<folder>/<name>" in the arena, with one slash between, of the first `length` bytes of `folder`;
 * the name alone where that is 0. NULL (and arena->failed) where there is no memory. */
const char *sbmt_path_join(struct sbmt_arena *arena, const char *folder, size_t length,
                           const char *name);

#endif
