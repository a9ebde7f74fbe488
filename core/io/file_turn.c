/* Turns by flock on a file that its last owner removes. */
#include "core/io/file_turn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the name still is that of the open file: who had the turn before may have removed it. */
static bool is_current(const struct sbmt_file_turn *turn)
{
    struct stat open_file, named;
    return fstat(turn->descriptor, &open_file) == 0 && stat(turn->path, &named) == 0 &&
           open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

/* False with errno where there is no lock to wait for. */
static bool wait_for_lock(int descriptor)
{
    int result;
    do
        result = flock(descriptor, LOCK_EX);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

static bool is_without_locks(int code)
{
    return code == ENOSYS || code == EOPNOTSUPP || code == EINVAL || code == ENOLCK;
}

/* Opens the lock and waits for it. If it has been removed meanwhile the turn is not taken. */
static bool try(struct sbmt_file_turn *turn, const char *path, struct sbmt_error *err)
{
    turn->descriptor = open(turn->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (turn->descriptor < 0)
        return sbmt_fail_errno(err, "%s: cannot write beside it, as its lock needs", path);
    turn->locked = wait_for_lock(turn->descriptor);
    const bool refused = !turn->locked && !is_without_locks(errno);
    if (refused)
        sbmt_fail_errno(err, "%s: cannot be locked", path);
    turn->taken = !refused && (!turn->locked || is_current(turn));
    if (!turn->taken)
        close(turn->descriptor);
    return !refused;
}

bool sbmt_file_turn_take(struct sbmt_file_turn *turn, const char *path, struct sbmt_error *err)
{
    const int length = snprintf(turn->path, sizeof turn->path, "%s.lock", path);
    if (length < 0 || (size_t)length >= sizeof turn->path)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%.100s…: the name of this file is too long", path);
    while (!turn->taken)
        if (!try(turn, path, err))
            return false;
    return true;
}

void sbmt_file_turn_end(struct sbmt_file_turn *turn)
{
    if (!turn->taken)
        return;
    if (turn->locked)
        unlink(turn->path);
    close(turn->descriptor);
    turn->taken = false;
}
