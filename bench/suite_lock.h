/* The right to work on a cell, held by one process at a time, on one machine or several.
 *
 * A lock is a file that stays. On a file system that knows flock the system gives the lock, and
 * takes it back when the process ends in whatever way, kill -9 included. Not every network file
 * system does so between machines. So the file also names its owner, and the owner touches it every
 * SBMT_LOCK_BEAT seconds: a lock of another machine, or on a file system without flock, is taken
 * over only when it has not been touched for SBMT_LOCK_STALE seconds by the file system's own
 * clock. On a network file system the name is read back after a pause: of several that took a lock
 * at once, the last to write its name has it. An owner that finds another name there has lost it
 * (its machine was asleep) and ends its work. */
#ifndef SBMT_BENCH_SUITE_LOCK_H
#define SBMT_BENCH_SUITE_LOCK_H

#include "core/base/error.h"

enum { SBMT_LOCK_BEAT = 10, SBMT_LOCK_STALE = 120, SBMT_LOCK_OWNER = 160 };

/** A held lock. All zero is a valid one that is not held. */
struct sbmt_lock {
    int descriptor;
    bool held;
    char owner[SBMT_LOCK_OWNER]; /**< "host pid nonce" */
};

/** Tries to take the lock of a file, which is made; lock->held says whether it was free. False only
 * where the file cannot be made or written. */
SBMT_MUST_CHECK bool sbmt_lock_take(struct sbmt_lock *lock, const char *path,
                                    struct sbmt_error *err);

/** Gives it back. Accepts one that is not held. */
void sbmt_lock_release(struct sbmt_lock *lock);

/** Touches the file of a lock held under an owner's name, by whichever process of the owner's;
 * false if it is another's by now. */
SBMT_MUST_CHECK bool sbmt_lock_beat(const char *path, const char *owner);

/** The owner that a lock file names; an empty text where it names none. */
void sbmt_lock_owner(const char *path, char owner[SBMT_LOCK_OWNER]);

#endif
