/* Source trees: finding them, opening a file of one, and what tells whether one has changed. */
#include "data/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/str.h"

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A link that leads to nothing is not there, and another name may be. */
static bool is_there(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* The path of something under the root; false if it would be too long to exist. */
static bool set_path(struct sbmt_tree *tree, const char *root, const char *name)
{
    const int length = snprintf(tree->path, sizeof tree->path, "%s/%s", root, name);
    return length >= 0 && (size_t)length < sizeof tree->path;
}

bool sbmt_tree_open(struct sbmt_tree *tree, const char *root, const char *folder,
                    const char *const *archives, struct sbmt_error *err)
{
    *tree = (struct sbmt_tree){.folder = folder, .root = strlen(root) + 1};
    if (set_path(tree, root, folder) && is_folder(tree->path))
        return true;
    tree->archived = true;
    struct sbmt_str looked = {0};
    bool found = false;
    for (int i = 0; archives[i] != NULL && !found; i++) {
        found = set_path(tree, root, archives[i]) && is_there(tree->path);
        sbmt_str_printf(&looked, "%s %s", i > 0 ? "," : ", nor", archives[i]);
    }
    if (!found)
        sbmt_fail(err, SBMT_ERROR_DATA,
                  "%s/%s: not found%s; --data DIR or SBMT_DATA set the data root", root, folder,
                  looked.text != NULL ? looked.text : "");
    sbmt_str_finish(&looked);
    return found;
}

/* The path of a file or folder below an unpacked folder; a file may be compressed. */
static bool find_part(const struct sbmt_tree *tree, const char *name, char path[PATH_MAX],
                      struct sbmt_error *err)
{
    static const char *const endings[] = {"", ".gz", ".xz"};
    const char *slash = name[0] != '\0' ? "/" : "";
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const int length = snprintf(path, PATH_MAX, "%s%s%s%s", tree->path, slash, name,
                                    endings[i]);
        if (length >= 0 && length < PATH_MAX && is_there(path))
            return true;
    }
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s%s%s: not found, nor the same with .gz or .xz",
                     tree->path, slash, name);
}

bool sbmt_tree_stream(const struct sbmt_tree *tree, const char *name, struct sbmt_stream *stream,
                      struct sbmt_error *err)
{
    *stream = (struct sbmt_stream){0};
    char path[PATH_MAX];
    if (tree->archived ? !sbmt_stream_open_archive(stream, tree->path, err)
                       : !find_part(tree, name, path, err) || !sbmt_stream_open(stream, path, err))
        return false;
    sbmt_stream_watch(stream, tree->watch);
    if (!tree->archived)
        return true;
    for (;;) {
        const char *member;
        if (!sbmt_stream_member(stream, &member, err))
            break;
        if (member == NULL) {
            sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no file '%s/%s'", tree->path, tree->folder,
                      name);
            break;
        }
        const char *below = sbmt_tree_below(tree, member);
        if (below == NULL || strcmp(below, name) != 0)
            continue;
        if (stream->link == NULL)
            return true;
        sbmt_tree_refuse_link(stream, err);
        break;
    }
    sbmt_stream_close(stream);
    return false;
}

/* A digest of files one after the other. */
struct summary {
    const struct sbmt_tree *tree;
    struct sbmt_digest digest;
    const char *only; /* the name of the one that counts; NULL: all do */
    bool failed;      /* a file could not be looked at: *err says so */
    struct sbmt_error *err;
};

static bool is_summed(void *context, const char *name)
{
    const struct summary *summary = context;
    return summary->only == NULL || strcmp(name, summary->only) == 0;
}

static void add_text(struct summary *summary, const char *text)
{
    sbmt_digest_add(&summary->digest, text, strlen(text) + 1);
}

/* What a file looks like, for a walk that reads none. */
static bool glance(void *context, const char *name)
{
    struct summary *summary = context;
    struct sbmt_origin file = {0};
    char path[PATH_MAX], look[64];
    if (summary->failed || !is_summed(context, name))
        return false;
    const int length = snprintf(path, sizeof path, "%s/%s", summary->tree->path, name);
    if (length < 0 || (size_t)length >= sizeof path ||
        !sbmt_origin_add(&file, path, summary->err)) {
        summary->failed = true;
        return false;
    }
    snprintf(look, sizeof look, "%" PRId64 " %" PRId64, file.size, file.mtime);
    add_text(summary, name);
    add_text(summary, look);
    return false;
}

static bool sum_part(const char *part, const struct sbmt_tree_visitor *visitor,
                     struct sbmt_error *err)
{
    struct summary *summary = visitor->context;
    const struct sbmt_tree *tree = summary->tree;
    char path[PATH_MAX], prefix[PATH_MAX];
    summary->only = NULL;
    if (part[0] == '\0')
        return sbmt_tree_walk(tree, "", visitor, err);
    if (!find_part(tree, part, path, err))
        return false;
    /* As it is found: it may end in .gz. */
    const char *name = path + strlen(tree->path) + 1;
    if (!is_folder(path)) {
        summary->only = name;
        return sbmt_tree_walk(tree, name, visitor, err);
    }
    snprintf(prefix, sizeof prefix, "%s/", name);
    return sbmt_tree_walk(tree, prefix, visitor, err);
}

/* The digest of the files of some parts, each of which the visitor adds to its summary. */
static bool sum_parts(const char *const *parts, const struct sbmt_tree_visitor *visitor,
                      char hex[SBMT_SHA256_HEX], struct sbmt_error *err)
{
    struct summary *summary = visitor->context;
    sbmt_digest_begin(&summary->digest, SBMT_DIGEST_SHA256);
    bool summed = true;
    for (int i = 0; parts[i] != NULL && summed; i++)
        summed = sum_part(parts[i], visitor, err) && !summary->failed;
    /* Finished in any case: it holds memory. */
    return sbmt_digest_finish(&summary->digest, hex, summed ? err : NULL) && summed;
}

bool sbmt_tree_origin(const struct sbmt_tree *tree, const char *const *parts,
                      struct sbmt_origin *origin, struct sbmt_error *err)
{
    *origin = (struct sbmt_origin){.thorough = origin->thorough};
    snprintf(origin->name, sizeof origin->name, "%s", tree->path + tree->root);
    if (tree->archived)
        return sbmt_origin_add(origin, tree->path, err);
    char path[PATH_MAX];
    int count = 0;
    for (; parts[count] != NULL; count++)
        if (!find_part(tree, parts[count], path, err) || !sbmt_origin_add(origin, path, err))
            return false;
    if (count == 1)
        snprintf(origin->name, sizeof origin->name, "%s", path + tree->root);
    if (!origin->thorough || (count == 1 && !is_folder(path)))
        return true;
    struct summary summary = {.tree = tree, .err = err};
    const struct sbmt_tree_visitor visitor = {.wanted = glance, .context = &summary};
    return sum_parts(parts, &visitor, origin->files, err);
}
