/* Writing whole files or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/file.h"

enum { BUFFER_SIZE = 1 << 18, SUFFIX_SIZE = 32 };

/* Fails with the text of errno, and the comfort that nothing is lost. */
static bool fail_write(const char *path, struct sbmt_error *err)
{
    const int number = errno;
    const bool exists = sbmt_file_exists(path);
    return sbmt_fail(err, SBMT_ERROR_IO, "%s: cannot write: %s%s", path, strerror(number),
                     exists ? "; the previous file is untouched" : "");
}

bool sbmt_writer_open(struct sbmt_writer *writer, const char *path, struct sbmt_error *err)
{
    struct stat status;
    *writer = (struct sbmt_writer){0};
    /* Renaming would fail only after all of the work. */
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return sbmt_fail(err, SBMT_ERROR_IO, "%s: is a folder where a file is to be written", path);
    const size_t length = strlen(path) + 1;
    char *memory = malloc(BUFFER_SIZE + length + length + SUFFIX_SIZE);
    if (memory == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for writing it", path);
    char *copy = memory + BUFFER_SIZE, *temporary = copy + length;
    memcpy(copy, path, length);
    snprintf(temporary, length + SUFFIX_SIZE, "%s.%ld.tmp", path, (long)getpid());
    const int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        fail_write(path, err);
        free(memory);
        return false;
    }
    *writer = (struct sbmt_writer){
        .descriptor = descriptor, .path = copy, .temporary = temporary, .buffer = memory};
    return true;
}

static bool write_out(struct sbmt_writer *writer, const char *bytes, size_t size,
                      struct sbmt_error *err)
{
    while (size > 0) {
        const ssize_t count = write(writer->descriptor, bytes, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_write(writer->path, err);
        bytes += count;
        size -= (size_t)count;
    }
    return true;
}

static bool flush(struct sbmt_writer *writer, struct sbmt_error *err)
{
    const size_t used = writer->used;
    writer->used = 0;
    return write_out(writer, writer->buffer, used, err);
}

bool sbmt_writer_write(struct sbmt_writer *writer, const void *bytes, size_t size,
                       struct sbmt_error *err)
{
    writer->written += size;
    if (size > BUFFER_SIZE - writer->used && !flush(writer, err))
        return false;
    if (size >= BUFFER_SIZE)
        return write_out(writer, bytes, size, err);
    if (size > 0)
        memcpy(writer->buffer + writer->used, bytes, size);
    writer->used += size;
    return true;
}

/* Makes the renaming itself survive a power failure. */
static bool sync_folder(const char *path, struct sbmt_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL   ? strdup(".")
                   : slash == path ? strdup("/")
                                   : strndup(path, (size_t)(slash - path));
    if (folder == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: written, but no memory to sync its folder",
                         path);
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    /* A folder that may be written but not read, or a file system that cannot sync folders, is no
     * reason to refuse. */
    if (descriptor < 0)
        return true;
    const bool synced = fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS;
    if (!synced)
        sbmt_fail_errno(err, "%s: written, but its folder cannot be synced", path);
    close(descriptor);
    return synced;
}

static bool finish_temporary(struct sbmt_writer *writer, struct sbmt_error *err)
{
    if (!flush(writer, err))
        return false;
    if (!writer->unsynced && fsync(writer->descriptor) != 0)
        return fail_write(writer->path, err);
    const int closed = close(writer->descriptor);
    writer->descriptor = -1;
    if (closed != 0 || rename(writer->temporary, writer->path) != 0)
        return fail_write(writer->path, err);
    return true;
}

bool sbmt_writer_commit(struct sbmt_writer *writer, struct sbmt_error *err)
{
    if (!finish_temporary(writer, err)) {
        sbmt_writer_abandon(writer);
        return false;
    }
    const bool synced = writer->unsynced || sync_folder(writer->path, err);
    free(writer->buffer);
    *writer = (struct sbmt_writer){0};
    return synced;
}

void sbmt_writer_abandon(struct sbmt_writer *writer)
{
    if (writer->temporary != NULL) {
        if (writer->descriptor >= 0)
            close(writer->descriptor);
        unlink(writer->temporary);
        free(writer->buffer);
    }
    *writer = (struct sbmt_writer){0};
}

static bool write_whole(const char *path, const void *bytes, size_t size, bool unsynced,
                        struct sbmt_error *err)
{
    struct sbmt_writer writer;
    if (!sbmt_writer_open(&writer, path, err))
        return false;
    writer.unsynced = unsynced;
    if (!sbmt_writer_write(&writer, bytes, size, err)) {
        sbmt_writer_abandon(&writer);
        return false;
    }
    return sbmt_writer_commit(&writer, err);
}

bool sbmt_file_write(const char *path, const void *bytes, size_t size, struct sbmt_error *err)
{
    return write_whole(path, bytes, size, false, err);
}

bool sbmt_file_write_unsynced(const char *path, const void *bytes, size_t size,
                              struct sbmt_error *err)
{
    return write_whole(path, bytes, size, true, err);
}
