/* Reading by mapping; folders. */
#include "core/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
    /* Without O_NONBLOCK a pipe would be waited for. */
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
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
    struct stat status;
    return lstat(path, &status) == 0;
}
