/* Walking the files of a source tree: what is wanted, read and shown. */
#include "data/tree_walk.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BUFFER = 1 << 16 };

bool sbmt_tree_read_stream(void *stream, void *bytes, size_t size, size_t *count,
                           struct sbmt_error *err)
{
    return sbmt_stream_read(stream, bytes, size, count, err);
}

static bool grow(struct sbmt_tree_walker *walker, struct sbmt_error *err)
{
    const size_t capacity = walker->capacity == 0 ? FIRST_BUFFER : 2 * walker->capacity;
    unsigned char *bytes = realloc(walker->bytes, capacity);
    if (bytes == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for this file");
    walker->bytes = bytes;
    walker->capacity = capacity;
    return true;
}

/* All of a file into the buffer. Messages have no place. */
static bool read_all(struct sbmt_tree_walker *walker, sbmt_tree_reader *read, void *source,
                     struct sbmt_error *err)
{
    walker->size = 0;
    for (;;) {
        size_t count;
        if (walker->size == walker->capacity && !grow(walker, err))
            return false;
        if (!read(source, walker->bytes + walker->size, walker->capacity - walker->size, &count,
                  err))
            return false;
        if (count == 0)
            return true;
        walker->size += count;
        if (walker->size > SBMT_TREE_LARGEST)
            return sbmt_fail(err, SBMT_ERROR_DATA, "is larger than %d MiB, and no file of a source",
                             SBMT_TREE_LARGEST >> 20);
    }
}

bool sbmt_tree_wants(const struct sbmt_tree_walker *walker, const char *name)
{
    const struct sbmt_tree_visitor *visitor = walker->visitor;
    return strncmp(name, walker->prefix, strlen(walker->prefix)) == 0 &&
           (visitor->wanted == NULL || visitor->wanted(visitor->context, name));
}

bool sbmt_tree_wants_below(const struct sbmt_tree_walker *walker, const char *name)
{
    const size_t length = strlen(name), prefix = strlen(walker->prefix);
    return strncmp(name, walker->prefix, length < prefix ? length : prefix) == 0;
}

bool sbmt_tree_show(struct sbmt_tree_walker *walker, const char *name, const char *place,
                    sbmt_tree_reader *read, void *source, struct sbmt_error *err)
{
    if (!read_all(walker, read, source, err))
        return sbmt_error_at(err, "%s", place);
    const struct sbmt_tree_file file = {
        .name = name, .bytes = walker->bytes, .size = walker->size, .place = place};
    return walker->visitor->visit(walker->visitor->context, &file, err);
}

bool sbmt_tree_walk(const struct sbmt_tree *tree, const char *prefix,
                    const struct sbmt_tree_visitor *visitor, struct sbmt_error *err)
{
    struct sbmt_tree_walker walker = {.tree = tree, .prefix = prefix, .visitor = visitor};
    const bool walked = tree->archived ? sbmt_tree_walk_archive(&walker, err)
                                       : sbmt_tree_walk_folder(&walker, err);
    sbmt_str_finish(&walker.place);
    free(walker.bytes);
    return walked;
}
