/* Taking turns at a file that several processes change. */
#ifndef SBMT_CORE_IO_FILE_TURN_H
#define SBMT_CORE_IO_FILE_TURN_H

#include "core/base/error.h"

enum { SBMT_TURN_PATH = 4096 };

/** A turn; begins as {0}. */
struct sbmt_file_turn {
    char path[SBMT_TURN_PATH]; /**< of the lock, beside the file */
    int descriptor;
    bool taken, locked; /**< taken without a lock where the file system has none */
};

/** Waits until no other process has its turn at the file, which need not exist: from reading it to
 * putting a new one in its place is one turn. The lock is `path`.lock, which goes with the turn.
 * On a file system without flock nobody waits, and the lock stays. */
SBMT_MUST_CHECK bool sbmt_file_turn_take(struct sbmt_file_turn *turn, const char *path,
                                         struct sbmt_error *err);

/** Ends the turn, if there is one. */
void sbmt_file_turn_end(struct sbmt_file_turn *turn);

#endif
