/* Bytes that wait on disk. */
#include "data/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 1 << 18 };

/* O_TMPFILE where the file system knows it, else a name that is removed at once. */
static int open_nameless(const char *folder)
{
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0)
        return descriptor;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/.spool-XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    descriptor = mkstemp(path);
    if (descriptor >= 0)
        unlink(path);
    return descriptor;
}

bool sbmt_spool_open(struct sbmt_spool *spool, const char *folder, struct sbmt_error *err)
{
    *spool = (struct sbmt_spool){.buffer = malloc(BUFFER)};
    if (spool->buffer == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for prepared data", folder);
    spool->descriptor = open_nameless(folder);
    if (spool->descriptor >= 0)
        return true;
    free(spool->buffer);
    *spool = (struct sbmt_spool){0};
    return sbmt_fail_errno(err, "%s: cannot write prepared data here", folder);
}

static void flush(struct sbmt_spool *spool)
{
    size_t done = 0;
    while (spool->failure == 0 && done < spool->used) {
        const ssize_t size = write(spool->descriptor, spool->buffer + done, spool->used - done);
        if (size > 0)
            done += (size_t)size;
        else if (size == 0 || errno != EINTR)
            spool->failure = size == 0 ? ENOSPC : errno;
    }
    spool->used = 0;
}

void sbmt_spool_write(struct sbmt_spool *spool, const void *bytes, size_t size)
{
    const char *next = bytes;
    spool->written += size;
    while (size > 0) {
        const size_t room = BUFFER - spool->used, part = size < room ? size : room;
        memcpy(spool->buffer + spool->used, next, part);
        spool->used += part;
        next += part;
        size -= part;
        if (spool->used == BUFFER)
            flush(spool);
    }
}

bool sbmt_spool_copy(struct sbmt_spool *spool, const char *path, struct sbmt_writer *writer,
                     const struct sbmt_stream_watch *watch, struct sbmt_error *err)
{
    flush(spool);
    uint64_t done = 0;
    while (spool->failure == 0 && done < spool->written) {
        const ssize_t size = pread(spool->descriptor, spool->buffer, BUFFER, (off_t)done);
        if (size > 0) {
            if (!sbmt_writer_write(writer, spool->buffer, (size_t)size, err) ||
                (watch != NULL && !watch->passed(watch->context, size, err)))
                return false;
            done += (uint64_t)size;
        } else if (size == 0 || errno != EINTR) {
            spool->failure = size == 0 ? EIO : errno;
        }
    }
    errno = spool->failure;
    return spool->failure == 0 || sbmt_fail_errno(err, "%s: its tokens cannot be kept", path);
}

bool sbmt_spool_read(struct sbmt_spool *spool, const char *path, uint64_t place, void *bytes,
                     size_t size, struct sbmt_error *err)
{
    char *next = bytes;
    if (spool->used > 0)
        flush(spool);
    while (spool->failure == 0 && size > 0) {
        const ssize_t part = pread(spool->descriptor, next, size, (off_t)place);
        if (part > 0) {
            next += part;
            place += (uint64_t)part;
            size -= (size_t)part;
        } else if (part == 0 || errno != EINTR) {
            spool->failure = part == 0 ? EIO : errno;
        }
    }
    errno = spool->failure;
    return spool->failure == 0 || sbmt_fail_errno(err, "%s: its tokens cannot be kept", path);
}

void sbmt_spool_close(struct sbmt_spool *spool)
{
    if (spool->buffer != NULL)
        close(spool->descriptor);
    free(spool->buffer);
    *spool = (struct sbmt_spool){0};
}
