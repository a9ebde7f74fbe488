/* Reading by mapping, and writing whole files or nothing. */
#include "core/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_SIZE = 1 << 18, SUFFIX_SIZE = 32 };

static bool map(struct sbmt_mapping *mapping, int descriptor, const char *path,
                struct sbmt_error *err)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return sbmt_fail_errno(err, "%s: cannot read", path);
    if (S_ISDIR(status.st_mode))
        return sbmt_fail(err, SBMT_ERROR_IO, "%s: is a folder, not a file", path);
    if (!S_ISREG(status.st_mode))
        return sbmt_fail(err, SBMT_ERROR_IO, "%s: is not a regular file", path);
    if (status.st_size == 0)
        return true;
    const size_t size = (size_t)status.st_size;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED)
        return sbmt_fail_errno(err, "%s: cannot map into memory", path);
    *mapping = (struct sbmt_mapping){.bytes = bytes, .size = size};
    return true;
}

bool sbmt_mapping_open(struct sbmt_mapping *mapping, const char *path, struct sbmt_error *err)
{
    *mapping = (struct sbmt_mapping){0};
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return sbmt_fail_errno(err, "%s: cannot open", path);
    const bool mapped = map(mapping, descriptor, path, err);
    close(descriptor);
    return mapped;
}

void sbmt_mapping_close(struct sbmt_mapping *mapping)
{
    if (mapping->bytes != NULL)
        munmap((void *)(uintptr_t)mapping->bytes, mapping->size);
    *mapping = (struct sbmt_mapping){0};
}

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

bool sbmt_folder_sync(const char *path, struct sbmt_error *err)
{
    const int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && syncfs(descriptor) == 0;
    if (!synced)
        sbmt_fail_errno(err, "%s: cannot wait until it is on disk", path);
    if (descriptor >= 0)
        close(descriptor);
    return synced;
}

/* One folder whose parent exists. */
static bool make_one(const char *path, struct sbmt_error *err)
{
    if (mkdir(path, 0777) == 0)
        return true;
    const int number = errno;
    struct stat status;
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return true;
        return sbmt_fail(err, SBMT_ERROR_IO, "%s: is a file where a folder is needed", path);
    }
    errno = number;
    return sbmt_fail_errno(err, "%s: cannot make this folder", path);
}

bool sbmt_folder_make(const char *path, struct sbmt_error *err)
{
    char part[PATH_MAX];
    const size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return sbmt_fail(err, SBMT_ERROR_IO, "'%.200s': not the name of a folder", path);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (!make_one(part, err))
            return false;
    }
    return true;
}

bool sbmt_file_exists(const char *path)
{
    return access(path, R_OK) == 0;
}
