/* Writing whole files or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/file.h"

/* Names of temporary files that are taken are passed over, but not for ever. */
enum { BUFFER_SIZE = 1 << 18, SUFFIX_SIZE = 48, MOST_TAKEN = 1000 };

/* Fails with the text of errno, and the comfort that nothing is lost. */
static bool fail_write(const char *path, struct sbmt_error *err)
{
    const int number = errno;
    const bool exists = sbmt_file_exists(path);
    return sbmt_fail(err, SBMT_ERROR_IO, "%s: cannot write: %s%s", path, strerror(number),
                     exists ? "; the previous file is untouched" : "");
}

/* What stands already where a file is to be written. */
struct target {
    char *path; /* behind all links; allocated */
    bool exists;
    struct stat status; /* if it exists */
};

/* What a link leads to is replaced where it is. Renaming over anything but a file would fail, or
 * put a file in the place of a device. */
static bool find_target(struct target *target, const char *path, struct sbmt_error *err)
{
    struct stat named;
    *target = (struct target){0};
    target->exists = stat(path, &target->status) == 0;
    const int number = errno;
    const bool is_link = lstat(path, &named) == 0 && S_ISLNK(named.st_mode);
    if (!target->exists && number == ENOENT && is_link)
        return sbmt_fail(err, SBMT_ERROR_IO,
                         "%s: is a link to a file that does not exist; make that file or remove "
                         "the link",
                         path);
    errno = number;
    if (!target->exists && number != ENOENT)
        return sbmt_fail_errno(err, "%s: cannot write", path);
    if (target->exists && S_ISDIR(target->status.st_mode))
        return sbmt_fail(err, SBMT_ERROR_IO, "%s: is a folder where a file is to be written", path);
    if (target->exists && !S_ISREG(target->status.st_mode))
        return sbmt_fail(err, SBMT_ERROR_IO, "%s: is not a regular file; give another name", path);
    target->path = is_link ? realpath(path, NULL) : strdup(path);
    return target->path != NULL || fail_write(path, err);
}

/* A file that nobody else writes: names that are taken, by another thread, by another machine, or
 * by what was killed, are left alone. The mode is no wider than that of what is replaced. */
static int make_temporary(const struct target *target, char *name, size_t room)
{
    const mode_t mode = target->exists ? target->status.st_mode & 0777 : 0666;
    int descriptor = -1;
    errno = EEXIST;
    for (int i = 0; i < MOST_TAKEN && descriptor < 0 && errno == EEXIST; i++) {
        snprintf(name, room, "%s.%ld.%d.tmp", target->path, (long)getpid(), i);
        descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    }
    return descriptor;
}

/* The new file is whose the old one was, as far as this process may say so. */
static void keep_rights(int descriptor, const struct stat *status)
{
    const bool owner = fchown(descriptor, status->st_uid, status->st_gid) == 0;
    const bool mode = fchmod(descriptor, status->st_mode & 0777) == 0;
    (void)owner, (void)mode;
}

static bool open_beside(struct sbmt_writer *writer, const struct target *target,
                        struct sbmt_error *err)
{
    const size_t length = strlen(target->path) + 1;
    char *memory = malloc(BUFFER_SIZE + length + length + SUFFIX_SIZE);
    if (memory == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for writing it", target->path);
    char *copy = memory + BUFFER_SIZE, *temporary = copy + length;
    memcpy(copy, target->path, length);
    const int descriptor = make_temporary(target, temporary, length + SUFFIX_SIZE);
    if (descriptor < 0) {
        if (errno == EEXIST)
            sbmt_fail(err, SBMT_ERROR_IO,
                      "%s: cannot write: %d unfinished files stand beside it; remove %s.*.tmp",
                      copy, MOST_TAKEN, copy);
        else
            fail_write(copy, err);
        free(memory);
        return false;
    }
    if (target->exists)
        keep_rights(descriptor, &target->status);
    *writer = (struct sbmt_writer){
        .descriptor = descriptor, .path = copy, .temporary = temporary, .buffer = memory};
    return true;
}

bool sbmt_writer_open(struct sbmt_writer *writer, const char *path, struct sbmt_error *err)
{
    struct target target;
    *writer = (struct sbmt_writer){0};
    const bool opened = find_target(&target, path, err) && open_beside(writer, &target, err);
    free(target.path);
    return opened;
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

/* The temporary file is whole and on disk. */
static bool finish_temporary(struct sbmt_writer *writer, struct sbmt_error *err)
{
    if (!flush(writer, err))
        return false;
    if (!writer->unsynced && fsync(writer->descriptor) != 0)
        return fail_write(writer->path, err);
    const int closed = close(writer->descriptor);
    writer->descriptor = -1;
    return closed == 0 || fail_write(writer->path, err);
}

/* All take their names; returns how many did, with errno if it is not all. A name that was given up
 * may be that of another writer's file. */
static int rename_all(struct sbmt_writer *writers, int count)
{
    for (int i = 0; i < count; i++) {
        if (rename(writers[i].temporary, writers[i].path) != 0)
            return i;
        writers[i].temporary[0] = '\0';
    }
    return count;
}

bool sbmt_writer_commit_all(struct sbmt_writer *writers, int count, struct sbmt_error *err)
{
    bool done = true;
    for (int i = 0; i < count && done; i++)
        done = finish_temporary(&writers[i], err);
    const int renamed = done ? rename_all(writers, count) : 0;
    if (done && renamed < count) {
        const int number = errno;
        const char *path = writers[renamed].path;
        done = fail_write(path, err);
        if (renamed > 0)
            sbmt_fail(
                err, SBMT_ERROR_IO,
                "%s: cannot write: %s; %d of the %d files that belong together are new already: "
                "write them again",
                path, strerror(number), renamed, count);
    }
    for (int i = 0; i < count; i++) {
        done = done && (writers[i].unsynced || sync_folder(writers[i].path, err));
        sbmt_writer_abandon(&writers[i]);
    }
    return done;
}

bool sbmt_writer_commit(struct sbmt_writer *writer, struct sbmt_error *err)
{
    return sbmt_writer_commit_all(writer, 1, err);
}

void sbmt_writer_abandon(struct sbmt_writer *writer)
{
    if (writer->temporary != NULL) {
        if (writer->descriptor >= 0)
            close(writer->descriptor);
        if (writer->temporary[0] != '\0')
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
