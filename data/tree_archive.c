/* Walking a source tree in its archive. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "data/name_set.h"
#include "data/tree_walk.h"

/* What has been seen of an archive. */
struct archive {
    struct sbmt_stream stream;
    struct sbmt_name_set names; /* below the folder, of the files that are wanted */
    struct sbmt_str above;      /* the folders that it lies in, each with its slash */
    bool found, placed;         /* something in the folder; something that is wanted: `above` */
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

static bool climbs(const char *name)
{
    for (const char *part = name; part != NULL;
         part = strchr(part, '/') != NULL ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return true;
    return false;
}

bool sbmt_tree_refuse_link(const struct sbmt_stream *stream, struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: is a link to '%.200s', which is not followed in an archive; unpack it "
                     "and remove the archive",
                     stream->place, stream->link);
}

/* A link could be a wanted file, or one of a folder that holds some. */
static bool check_link(const struct sbmt_tree_walker *walker, const struct archive *archive,
                       const char *name, struct sbmt_error *err)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/", name);
    const bool matters = sbmt_tree_wants(walker, name) ||
                         (archive->stream.symbolic && sbmt_tree_wants_below(walker, folder));
    return !matters || sbmt_tree_refuse_link(&archive->stream, err);
}

/* The folder may be in an archive once. */
static bool check_above(const struct sbmt_tree_walker *walker, struct archive *archive,
                        const char *member, const char *name, struct sbmt_error *err)
{
    const char *folder = walker->tree->folder;
    while (strncmp(member, "./", 2) == 0)
        member += 2;
    const size_t length = (size_t)(name - member) - strlen(folder) - 1;
    if (!archive->placed) {
        sbmt_str_append(&archive->above, member, length);
        archive->placed = true;
        return !archive->above.failed ||
               sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", archive->stream.place);
    }
    const char *above = archive->above.text;
    return (archive->above.length == length && memcmp(above, member, length) == 0) ||
           sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: is in another folder '%s' than '%s%s', where other files are; unpack the "
                     "archive, remove it and leave one of the folders",
                     archive->stream.place, folder, above, folder);
}

static bool check_once(struct archive *archive, const char *name, struct sbmt_error *err)
{
    bool is_new;
    if (!sbmt_name_set_add(&archive->names, name, &is_new))
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", archive->stream.place);
    return is_new || sbmt_fail(err, SBMT_ERROR_DATA,
                               "%s: is in the archive more than once; unpack it, which leaves the "
                               "last one, and remove the archive",
                               archive->stream.place);
}

static bool visit_member(struct sbmt_tree_walker *walker, struct archive *archive,
                         const char *member, struct sbmt_error *err)
{
    struct sbmt_stream *stream = &archive->stream;
    const char *name = sbmt_tree_below(walker->tree, member);
    if (name == NULL)
        return true;
    archive->found = true;
    if (climbs(name))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: has '..' in its name, as no file of a source; make the archive anew",
                         stream->place);
    if (stream->link != NULL)
        return check_link(walker, archive, name, err);
    return !sbmt_tree_wants(walker, name) ||
           (check_above(walker, archive, member, name, err) && check_once(archive, name, err) &&
            sbmt_tree_show(walker, name, stream->place, sbmt_tree_read_stream, stream, err));
}

static bool visit_members(struct sbmt_tree_walker *walker, struct archive *archive,
                          struct sbmt_error *err)
{
    const struct sbmt_tree *tree = walker->tree;
    for (;;) {
        const char *member;
        if (!sbmt_stream_member(&archive->stream, &member, err))
            return false;
        if (member == NULL)
            break;
        if (!visit_member(walker, archive, member, err))
            return false;
    }
    return archive->found || sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no files in a folder '%s'",
                                       tree->path, tree->folder);
}

bool sbmt_tree_walk_archive(struct sbmt_tree_walker *walker, struct sbmt_error *err)
{
    struct archive archive = {0};
    if (!sbmt_stream_open_archive(&archive.stream, walker->tree->path, err))
        return false;
    sbmt_stream_watch(&archive.stream, walker->tree->watch);
    const bool walked = visit_members(walker, &archive, err);
    sbmt_stream_close(&archive.stream);
    sbmt_name_set_finish(&archive.names);
    sbmt_str_finish(&archive.above);
    return walked;
}
