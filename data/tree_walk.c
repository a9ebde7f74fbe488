/* Walking the files of a source tree: through folders, or through an archive. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/str.h"
#include "data/tree.h"
#include "data/tree_listing.h"

enum { FIRST_BUFFER = 1 << 16 };

/* A folder that is being walked, in the one above it. */
struct level {
    dev_t device;
    ino_t inode;
    const struct level *above;
};

/* A walk under way. One buffer holds the bytes of every file in turn. */
struct walk {
    const char *prefix;
    const struct sbmt_tree_visitor *visitor;
    struct sbmt_str place;     /* in a folder: the path of the current file */
    size_t base;               /* bytes of `place` in front of the name below the folder */
    const struct level *level; /* in a folder: the one whose entries are looked at */
    unsigned char *bytes;
    size_t size, capacity;
};

const char *sbmt_tree_below(const struct sbmt_tree *tree, const char *member)
{
    const size_t length = strlen(tree->folder);
    assert(tree->archived && length > 0);
    /* What macOS adds to zip archives: attributes of files, under names as these. */
    if (strncmp(member, "__MACOSX/", 9) == 0)
        return NULL;
    for (const char *at = member; (at = strstr(at, tree->folder)) != NULL; at++)
        if ((at == member || at[-1] == '/') && at[length] == '/' && at[length + 1] != '\0')
            return at + length + 1;
    return NULL;
}

/* As sbmt_stream_read. */
typedef bool (*reader)(void *source, void *bytes, size_t size, size_t *count,
                       struct sbmt_error *err);

static bool read_member(void *source, void *bytes, size_t size, size_t *count,
                        struct sbmt_error *err)
{
    return sbmt_stream_read(source, bytes, size, count, err);
}

static bool read_descriptor(void *source, void *bytes, size_t size, size_t *count,
                            struct sbmt_error *err)
{
    const int *descriptor = source;
    ssize_t got;
    do
        got = read(*descriptor, bytes, size);
    while (got < 0 && errno == EINTR);
    *count = got > 0 ? (size_t)got : 0;
    return got >= 0 || sbmt_fail_errno(err, "cannot read");
}

static bool grow(struct walk *walk, struct sbmt_error *err)
{
    const size_t capacity = walk->capacity == 0 ? FIRST_BUFFER : 2 * walk->capacity;
    unsigned char *bytes = realloc(walk->bytes, capacity);
    if (bytes == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for this file");
    walk->bytes = bytes;
    walk->capacity = capacity;
    return true;
}

/* All of a file into the buffer. Messages have no place. */
static bool read_all(struct walk *walk, reader read, void *source, struct sbmt_error *err)
{
    walk->size = 0;
    for (;;) {
        size_t count;
        if (walk->size == walk->capacity && !grow(walk, err))
            return false;
        if (!read(source, walk->bytes + walk->size, walk->capacity - walk->size, &count, err))
            return false;
        if (count == 0)
            return true;
        walk->size += count;
        if (walk->size > SBMT_TREE_LARGEST)
            return sbmt_fail(err, SBMT_ERROR_DATA, "is larger than %d MiB, and no file of a source",
                             SBMT_TREE_LARGEST >> 20);
    }
}

static bool is_wanted(const struct walk *walk, const char *name)
{
    const struct sbmt_tree_visitor *visitor = walk->visitor;
    return strncmp(name, walk->prefix, strlen(walk->prefix)) == 0 &&
           (visitor->wanted == NULL || visitor->wanted(visitor->context, name));
}

/* Reads a file and shows it. */
static bool show(struct walk *walk, const char *name, const char *place, reader read, void *source,
                 struct sbmt_error *err)
{
    if (!read_all(walk, read, source, err))
        return sbmt_error_at(err, "%s", place);
    const struct sbmt_tree_file file = {
        .name = name, .bytes = walk->bytes, .size = walk->size, .place = place};
    return walk->visitor->visit(walk->visitor->context, &file, err);
}

static bool walk_archive(struct walk *walk, const struct sbmt_tree *tree,
                         struct sbmt_stream *stream, struct sbmt_error *err)
{
    bool found = false;
    for (;;) {
        const char *member;
        if (!sbmt_stream_member(stream, &member, err))
            return false;
        if (member == NULL)
            break;
        const char *name = sbmt_tree_below(tree, member);
        found = found || name != NULL;
        if (name != NULL && is_wanted(walk, name) &&
            !show(walk, name, stream->place, read_member, stream, err))
            return false;
    }
    return found || sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no files in a folder '%s'",
                              tree->path, tree->folder);
}

static bool walk_folder(struct walk *walk, int descriptor, struct sbmt_error *err);

/* Walks a folder in others. By a link it may be one of them: then nothing in it is new. */
static bool enter_folder(struct walk *walk, int descriptor, struct sbmt_error *err)
{
    struct stat status;
    const struct level *above = walk->level;
    if (fstat(descriptor, &status) != 0) {
        sbmt_fail_errno(err, "%s: cannot look at it", walk->place.text);
        close(descriptor);
        return false;
    }
    while (above != NULL && (above->device != status.st_dev || above->inode != status.st_ino))
        above = above->above;
    if (above != NULL) {
        close(descriptor);
        return true;
    }
    const struct level level = {status.st_dev, status.st_ino, walk->level};
    walk->level = &level;
    const bool walked = walk_folder(walk, descriptor, err);
    walk->level = level.above;
    return walked;
}

static bool fail_open(struct walk *walk, int parent, struct sbmt_error *err)
{
    const int number = errno;
    struct sbmt_str *place = &walk->place;
    if (place->text[place->length - 1] == '/')
        place->text[--place->length] = '\0';
    if (number == ENOENT && sbmt_tree_is_link(parent, strrchr(place->text, '/') + 1))
        return sbmt_fail(err, SBMT_ERROR_IO,
                         "%s: is a link that leads to nothing; mend or remove it", place->text);
    errno = number;
    return sbmt_fail_errno(err, "%s: cannot open", place->text);
}

/* A file, or a folder whose files may have names with the prefix; its path is the place. */
static bool enter(struct walk *walk, int parent, const char *entry, struct sbmt_error *err)
{
    const char *name = walk->place.text + walk->base;
    const size_t length = strlen(name), prefix = strlen(walk->prefix);
    const bool is_folder = name[length - 1] == '/';
    if (is_folder ? strncmp(name, walk->prefix, length < prefix ? length : prefix) != 0
                  : !is_wanted(walk, name))
        return true;
    int descriptor = openat(parent, entry, O_RDONLY | O_CLOEXEC | (is_folder ? O_DIRECTORY : 0));
    if (descriptor < 0)
        return fail_open(walk, parent, err);
    if (is_folder)
        return enter_folder(walk, descriptor, err);
    const bool shown = show(walk, name, walk->place.text, read_descriptor, &descriptor, err);
    close(descriptor);
    return shown;
}

/* Walks a folder, whose path with a slash is the place, and closes the descriptor. */
static bool walk_folder(struct walk *walk, int descriptor, struct sbmt_error *err)
{
    DIR *folder = fdopendir(descriptor);
    if (folder == NULL) {
        close(descriptor);
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", walk->place.text);
    }
    struct sbmt_tree_listing listing = {0};
    bool walked = sbmt_tree_list(&listing, folder, err) ||
                  sbmt_error_at(err, "%s", walk->place.text);
    const size_t length = walk->place.length;
    for (size_t i = 0; i < listing.count && walked; i++) {
        const char *entry = listing.entries[i];
        walk->place.length = length;
        sbmt_str_append(&walk->place, entry, strlen(entry));
        walked = !walk->place.failed ? enter(walk, descriptor, entry, err)
                                     : sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", entry);
    }
    sbmt_tree_listing_finish(&listing);
    closedir(folder);
    return walked;
}

/* Begins at the folder of the tree, which may be a link. */
static bool walk_top(struct walk *walk, const struct sbmt_tree *tree, struct sbmt_error *err)
{
    const int descriptor = open(tree->path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (descriptor < 0)
        return sbmt_fail_errno(err, "%s: cannot open", tree->path);
    sbmt_str_printf(&walk->place, "%s/", tree->path);
    walk->base = walk->place.length;
    if (!walk->place.failed)
        return enter_folder(walk, descriptor, err);
    close(descriptor);
    return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", tree->path);
}

bool sbmt_tree_walk(const struct sbmt_tree *tree, const char *prefix,
                    const struct sbmt_tree_visitor *visitor, struct sbmt_error *err)
{
    struct walk walk = {.prefix = prefix, .visitor = visitor};
    struct sbmt_stream stream = {0};
    const bool walked = tree->archived ? sbmt_stream_open_archive(&stream, tree->path, err) &&
                                             walk_archive(&walk, tree, &stream, err)
                                       : walk_top(&walk, tree, err);
    sbmt_stream_close(&stream);
    sbmt_str_finish(&walk.place);
    free(walk.bytes);
    return walked;
}
