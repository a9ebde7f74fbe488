/* Walking a source tree through its folders. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/tree_listing.h"
#include "data/tree_walk.h"

struct sbmt_tree_level {
    dev_t device;
    ino_t inode;
    const struct sbmt_tree_level *above;
};

/* An open file of the tree. */
struct source {
    int descriptor;
    const struct sbmt_stream_watch *watch; /* may be NULL */
};

static bool read_descriptor(void *context, void *bytes, size_t size, size_t *count,
                            struct sbmt_error *err)
{
    const struct source *source = context;
    const struct sbmt_stream_watch *watch = source->watch;
    ssize_t got;
    do
        got = read(source->descriptor, bytes, size);
    while (got < 0 && errno == EINTR);
    *count = got > 0 ? (size_t)got : 0;
    if (got < 0)
        return sbmt_fail_errno(err, "cannot read");
    return watch == NULL || watch->passed(watch->context, (int64_t)got, err);
}

static bool walk_folder(struct sbmt_tree_walker *walker, int descriptor, struct sbmt_error *err);

/* Walks a folder in others. By a link it may be one of them: then nothing in it is new. */
static bool enter_folder(struct sbmt_tree_walker *walker, int descriptor, struct sbmt_error *err)
{
    struct stat status;
    const struct sbmt_tree_level *above = walker->level;
    if (fstat(descriptor, &status) != 0) {
        sbmt_fail_errno(err, "%s: cannot look at it", walker->place.text);
        close(descriptor);
        return false;
    }
    while (above != NULL && (above->device != status.st_dev || above->inode != status.st_ino))
        above = above->above;
    if (above != NULL) {
        close(descriptor);
        return true;
    }
    const struct sbmt_tree_level level = {status.st_dev, status.st_ino, walker->level};
    walker->level = &level;
    const bool walked = walk_folder(walker, descriptor, err);
    walker->level = level.above;
    return walked;
}

static bool fail_open(struct sbmt_tree_walker *walker, int parent, struct sbmt_error *err)
{
    const int number = errno;
    struct sbmt_str *place = &walker->place;
    if (place->text[place->length - 1] == '/')
        place->text[--place->length] = '\0';
    if (number == ENOENT && sbmt_tree_is_link(parent, strrchr(place->text, '/') + 1))
        return sbmt_fail(err, SBMT_ERROR_IO,
                         "%s: is a link that leads to nothing; mend or remove it", place->text);
    errno = number;
    return sbmt_fail_errno(err, "%s: cannot open", place->text);
}

/* The name of a file that is not wanted as it is but unpacked, if there is no other one that is
 * taken for it first (sbmt_tree_stream); false: it is none. */
static bool is_packed(const struct sbmt_tree_walker *walker, int parent, const char *entry,
                      char name[PATH_MAX])
{
    char other[PATH_MAX];
    const char *end = strrchr(entry, '.');
    if (!walker->visitor->unpacks || end == NULL ||
        (strcmp(end, ".gz") != 0 && strcmp(end, ".xz") != 0))
        return false;
    const char *whole = walker->place.text + walker->base;
    snprintf(name, PATH_MAX, "%.*s", (int)(strlen(whole) - strlen(end)), whole);
    if (!sbmt_tree_wants(walker, name))
        return false;
    snprintf(other, sizeof other, "%.*s", (int)(end - entry), entry);
    if (faccessat(parent, other, F_OK, 0) == 0)
        return false;
    strcat(other, ".gz");
    return strcmp(end, ".gz") == 0 || faccessat(parent, other, F_OK, 0) != 0;
}

static bool show_packed(struct sbmt_tree_walker *walker, const char *name, struct sbmt_error *err)
{
    struct sbmt_stream stream;
    if (!sbmt_stream_open(&stream, walker->place.text, err))
        return false;
    sbmt_stream_watch(&stream, walker->tree->watch);
    const bool shown = sbmt_tree_show(walker, name, walker->place.text, sbmt_tree_read_stream,
                                      &stream, err);
    sbmt_stream_close(&stream);
    return shown;
}

/* A file, or a folder whose files may have names with the prefix; its path is the place. */
static bool enter(struct sbmt_tree_walker *walker, int parent, const char *entry,
                  struct sbmt_error *err)
{
    char unpacked[PATH_MAX];
    const char *name = walker->place.text + walker->base;
    const bool is_folder = name[strlen(name) - 1] == '/';
    if (is_folder ? !sbmt_tree_wants_below(walker, name) : !sbmt_tree_wants(walker, name))
        return is_folder || !is_packed(walker, parent, entry, unpacked) ||
               show_packed(walker, unpacked, err);
    const int descriptor = openat(parent, entry,
                                  O_RDONLY | O_CLOEXEC | (is_folder ? O_DIRECTORY : 0));
    if (descriptor < 0)
        return fail_open(walker, parent, err);
    if (is_folder)
        return enter_folder(walker, descriptor, err);
    struct source source = {descriptor, walker->tree->watch};
    const bool shown = sbmt_tree_show(walker, name, walker->place.text, read_descriptor, &source,
                                      err);
    close(descriptor);
    return shown;
}

/* Walks a folder, whose path with a slash is the place, and closes the descriptor. */
static bool walk_folder(struct sbmt_tree_walker *walker, int descriptor, struct sbmt_error *err)
{
    DIR *folder = fdopendir(descriptor);
    if (folder == NULL) {
        close(descriptor);
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", walker->place.text);
    }
    struct sbmt_tree_listing listing = {0};
    bool walked = sbmt_tree_list(&listing, folder, err) ||
                  sbmt_error_at(err, "%s", walker->place.text);
    const size_t length = walker->place.length;
    for (size_t i = 0; i < listing.count && walked; i++) {
        const char *entry = listing.entries[i];
        walker->place.length = length;
        sbmt_str_append(&walker->place, entry, strlen(entry));
        walked = !walker->place.failed ? enter(walker, descriptor, entry, err)
                                       : sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", entry);
    }
    sbmt_tree_listing_finish(&listing);
    closedir(folder);
    return walked;
}

/* Begins at the folder of the tree, which may be a link. */
bool sbmt_tree_walk_folder(struct sbmt_tree_walker *walker, struct sbmt_error *err)
{
    const struct sbmt_tree *tree = walker->tree;
    const int descriptor = open(tree->path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (descriptor < 0)
        return sbmt_fail_errno(err, "%s: cannot open", tree->path);
    sbmt_str_printf(&walker->place, "%s/", tree->path);
    walker->base = walker->place.length;
    if (!walker->place.failed)
        return enter_folder(walker, descriptor, err);
    close(descriptor);
    return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", tree->path);
}
