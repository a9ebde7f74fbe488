/* Writing whole folders or nothing. */
#include "core/io/folder_writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/file.h"

enum { LONGEST = 4000 }; /* bytes of a path: there is room for what is put behind it */

static const char mark_name[] = ".unfinished";

/* The folder to be replaced, behind links, or the name of one that is not there. */
static bool find_target(const char *path, char found[PATH_MAX], struct sbmt_error *err)
{
    struct stat status, named;
    const bool is_link = lstat(path, &named) == 0 && S_ISLNK(named.st_mode);
    const bool exists = stat(path, &status) == 0;
    if (exists && !S_ISDIR(status.st_mode))
        return sbmt_fail(err, SBMT_ERROR_IO, "%s: is a file where a folder is needed", path);
    if (!exists && is_link)
        return sbmt_fail(err, SBMT_ERROR_IO,
                         "%s: is a link to a folder that does not exist; make that folder or "
                         "remove the link",
                         path);
    if (is_link && realpath(path, found) == NULL)
        return sbmt_fail_errno(err, "%s: cannot follow this link", path);
    if (strlen(is_link ? found : path) > LONGEST)
        return sbmt_fail(err, SBMT_ERROR_IO, "%.200s…: this name is too long", path);
    if (!is_link)
        strcpy(found, path);
    return true;
}

static void name_beside(const struct sbmt_folder_writer *writer, const char *suffix,
                        char name[PATH_MAX])
{
    snprintf(name, PATH_MAX, "%.*s%s", LONGEST, writer->path, suffix);
}

static bool is_part(const struct sbmt_folder_writer *writer, const char *name)
{
    for (int i = 0; writer->parts[i] != NULL; i++)
        if (strcmp(writer->parts[i], name) == 0)
            return true;
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, mark_name) == 0;
}

/* A folder, if it is there, has nothing in it that would have to stay. */
static bool check_parts(const struct sbmt_folder_writer *writer, const char *folder,
                        struct sbmt_error *err)
{
    DIR *entries = opendir(folder);
    if (entries == NULL)
        return errno == ENOENT || sbmt_fail_errno(err, "%s: cannot look into it", folder);
    bool all = true;
    for (const struct dirent *entry = readdir(entries); entry != NULL && all;
         entry = readdir(entries))
        all = is_part(writer, entry->d_name) ||
              sbmt_fail(err, SBMT_ERROR_IO,
                        "%s: holds '%s', which is no part of what is replaced here; move it away",
                        folder, entry->d_name);
    closedir(entries);
    return all;
}

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *place)
{
    (void)status, (void)flag, (void)place;
    return remove(path);
}

/* Removes something of a folder with all in it, without following links; false with errno. */
static bool remove_entry(const char *folder, const char *name)
{
    enum { DESCRIPTORS = 16 };
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    errno = ENAMETOOLONG;
    return length < (int)sizeof path &&
           (nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 ||
            errno == ENOENT);
}

/* The mark goes first: without it nobody takes for whole what is left. */
static bool remove_parts(const struct sbmt_folder_writer *writer, const char *folder)
{
    bool removed = remove_entry(folder, mark_name);
    for (int i = 0; writer->parts[i] != NULL && removed; i++)
        removed = remove_entry(folder, writer->parts[i]);
    return removed;
}

bool sbmt_folder_writer_keep(const struct sbmt_folder_writer *writer, const char *part,
                             bool (*is_kept)(void *context, const char *name), void *context,
                             struct sbmt_error *err)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s/%s", LONGEST, writer->temporary, part);
    DIR *entries = opendir(folder);
    if (entries == NULL)
        return errno == ENOENT || sbmt_fail_errno(err, "%s: cannot look into it", folder);
    bool done = true;
    for (const struct dirent *entry = readdir(entries); entry != NULL && done;
         entry = readdir(entries)) {
        const char *name = entry->d_name;
        done = strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || is_kept(context, name) ||
               remove_entry(folder, name) ||
               sbmt_fail_errno(err, "%s/%s: cannot be removed", folder, name);
    }
    closedir(entries);
    return done;
}

static bool remove_folder(const struct sbmt_folder_writer *writer, const char *folder,
                          struct sbmt_error *err)
{
    return (remove_parts(writer, folder) && rmdir(folder) == 0) ||
           sbmt_fail_errno(err, "%s: cannot remove what was replaced", folder);
}

/* A lock on the folder of this name, which ends with the process; −1 with errno, EWOULDBLOCK if
 * another process has it. */
static int lock(const char *folder)
{
    struct stat locked, named;
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    const bool taken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    /* Who had it may have given it another name, or removed it. */
    if (!taken && fstat(descriptor, &locked) == 0 && stat(folder, &named) == 0 &&
        locked.st_dev == named.st_dev && locked.st_ino == named.st_ino)
        return descriptor;
    close(descriptor);
    errno = EWOULDBLOCK;
    return -1;
}

/* What was killed between two renamings has left the old folder under another name; what was killed
 * after them has not removed it. */
static bool put_back(const struct sbmt_folder_writer *writer, struct sbmt_error *err)
{
    char replaced[PATH_MAX];
    name_beside(writer, ".replaced", replaced);
    if (!check_parts(writer, replaced, err))
        return false;
    if (rename(replaced, writer->path) == 0 || errno == ENOENT)
        return true;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return sbmt_fail_errno(err, "%s: cannot be put back", replaced);
    return remove_folder(writer, replaced, err);
}

/* True if the temporary folder has this mark. */
static bool is_marked(const char *path, const char *mark)
{
    struct sbmt_mapping mapping;
    if (!sbmt_mapping_open(&mapping, path, NULL))
        return false;
    const bool same = mapping.size == strlen(mark) &&
                      (mapping.size == 0 || memcmp(mapping.bytes, mark, mapping.size) == 0);
    sbmt_mapping_close(&mapping);
    return same;
}

static bool clear(struct sbmt_folder_writer *writer, const char *mark, struct sbmt_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.*s/%s", LONGEST, writer->temporary, mark_name);
    if (!put_back(writer, err) || !check_parts(writer, writer->path, err) ||
        !check_parts(writer, writer->temporary, err))
        return false;
    writer->resumed = mark != NULL && is_marked(path, mark);
    if (writer->resumed)
        return true;
    if (!remove_parts(writer, writer->temporary))
        return sbmt_fail_errno(err, "%s: cannot be emptied", writer->temporary);
    return mark == NULL || sbmt_file_write(path, mark, strlen(mark), err);
}

static void close_writer(struct sbmt_folder_writer *writer)
{
    close(writer->lock);
    *writer = (struct sbmt_folder_writer){0};
}

bool sbmt_folder_writer_open(struct sbmt_folder_writer *writer, const char *path,
                             const char *const *parts, const char *mark, struct sbmt_error *err)
{
    struct sbmt_folder_writer opened = {.parts = parts};
    *writer = (struct sbmt_folder_writer){0};
    if (!find_target(path, opened.path, err))
        return false;
    name_beside(&opened, ".partial", opened.temporary);
    if (!sbmt_folder_make(opened.temporary, err))
        return false;
    opened.lock = lock(opened.temporary);
    if (opened.lock < 0 && errno != EWOULDBLOCK)
        return sbmt_fail_errno(err, "%s: cannot open", opened.temporary);
    if (opened.lock < 0)
        return sbmt_fail(err, SBMT_ERROR_IO, "%s: another process is at work here; wait for it",
                         opened.temporary);
    const bool cleared = clear(&opened, mark, err);
    if (!cleared) {
        rmdir(opened.temporary); /* unless there is something in it */
        close_writer(&opened);
    }
    *writer = opened;
    return cleared;
}

/* The old folder goes out of the way before the new one takes its name, and back if it cannot. */
static bool rename_twice(const struct sbmt_folder_writer *writer, char old[PATH_MAX])
{
    name_beside(writer, ".replaced", old);
    if (rename(writer->path, old) != 0) {
        if (errno != ENOENT)
            return false;
        old[0] = '\0';
    }
    if (rename(writer->temporary, writer->path) == 0)
        return true;
    const int number = errno;
    if (old[0] != '\0' && rename(old, writer->path) != 0)
        return false;
    errno = number;
    return false;
}

/* Gives the new folder its name, and the old one that is returned in `old`, empty if there was
 * none; false with errno. */
static bool swap(const struct sbmt_folder_writer *writer, char old[PATH_MAX])
{
    strcpy(old, writer->temporary);
    if (!writer->stepwise &&
        renameat2(AT_FDCWD, writer->temporary, AT_FDCWD, writer->path, RENAME_EXCHANGE) == 0)
        return true;
    /* There is no old one, or the file system cannot. */
    const bool stepwise = writer->stepwise || errno == ENOENT || errno == EINVAL ||
                          errno == ENOSYS || errno == EOPNOTSUPP;
    return stepwise && rename_twice(writer, old);
}

bool sbmt_folder_writer_commit(struct sbmt_folder_writer *writer, struct sbmt_error *err)
{
    char old[PATH_MAX];
    const bool whole = remove_entry(writer->temporary, mark_name) ||
                       sbmt_fail_errno(err, "%s: cannot be finished", writer->temporary);
    if (!whole || !sbmt_folder_sync(writer->temporary, err)) {
        sbmt_folder_writer_abandon(writer);
        return false;
    }
    /* The old one gets the temporary name, under which nobody else may take it for his own. */
    const int old_lock = lock(writer->path);
    bool done = swap(writer, old);
    if (!done) {
        const int number = errno;
        sbmt_fail(err, SBMT_ERROR_IO,
                  "%s: cannot be replaced: %s; what was to replace it is whole: rename %s yourself",
                  writer->path, strerror(number), writer->temporary);
    }
    done = done && sbmt_folder_sync(writer->path, err) &&
           (old[0] == '\0' || remove_folder(writer, old, err));
    if (old_lock >= 0)
        close(old_lock);
    close_writer(writer);
    return done;
}

void sbmt_folder_writer_abandon(struct sbmt_folder_writer *writer)
{
    if (writer->temporary[0] == '\0')
        return;
    if (remove_parts(writer, writer->temporary))
        rmdir(writer->temporary);
    close_writer(writer);
}

void sbmt_folder_writer_leave(struct sbmt_folder_writer *writer)
{
    if (writer->temporary[0] != '\0')
        close_writer(writer);
}
