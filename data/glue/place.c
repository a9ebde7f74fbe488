/* Finding the files of GLUE. */
#include "data/glue/place.h"

#include <stdio.h>
#include <string.h>

#include "data/lines.h"

static const char *const released[SBMT_SPLIT_COUNT] = {"MRPC/msr_paraphrase_train.txt",
                                                       "MRPC/msr_paraphrase_train.txt",
                                                       "MRPC/msr_paraphrase_test.txt"};

static const char *const id_files[] = {"MRPC/dev_ids.tsv", "MRPC/mrpc_dev_ids.tsv", NULL};

/* True if a file is there. In an archive only reading tells. */
static bool is_there(const struct sbmt_tree *tree, const char *name)
{
    const char *const parts[] = {name, NULL};
    struct sbmt_origin origin = {0};
    return sbmt_tree_origin(tree, parts, &origin, NULL);
}

/* The name below the folder glue of a file that was named in place of an official one: it is in the
 * same folder. */
static bool set_name(struct sbmt_glue_place *place, const char *official, const char *name)
{
    const char *slash = strrchr(official, '/');
    const int folder = (int)(slash - official) + 1;
    const int length = name == NULL ? snprintf(place->name, sizeof place->name, "%s", official)
                                    : snprintf(place->name, sizeof place->name, "%.*s%s", folder,
                                               official, name);
    return length >= 0 && (size_t)length < sizeof place->name;
}

bool sbmt_glue_find(struct sbmt_glue_place *place, const struct sbmt_glue *glue,
                    const struct sbmt_text_query *query, struct sbmt_error *err)
{
    static const char *const archives[] = {"glue.tar.gz", "glue.tar.xz", "glue.zip", NULL};
    const char *official = glue->split[query->split].name;
    place->released = false;
    if (!sbmt_tree_open(&place->tree, query->root, "glue", archives, err))
        return false;
    if (!set_name(place, official, query->name))
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s/glue/%.200s…: the name is too long", query->root,
                         query->name);
    if (query->name == NULL && glue->from_release && !is_there(&place->tree, official) &&
        is_there(&place->tree, released[query->split])) {
        place->released = true;
        snprintf(place->name, sizeof place->name, "%s", released[query->split]);
        return true;
    }
    if (is_there(&place->tree, place->name))
        return true;
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s/%s: not found, nor the same with .gz or .xz; gluebenchmark.com/tasks has "
                     "the official files, and files.%s names another one of this folder",
                     place->tree.path, place->name, sbmt_split_name(query->split));
}

static bool add_ids(struct sbmt_lines *lines, struct sbmt_str *ids, struct sbmt_error *err)
{
    sbmt_str_append(ids, "\n", 1);
    for (;;) {
        if (!sbmt_lines_next(lines, err))
            return false;
        if (lines->text == NULL)
            return !ids->failed ||
                   sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for its ids", lines->path);
        sbmt_str_append(ids, lines->text, lines->length);
        sbmt_str_append(ids, "\n", 1);
    }
}

bool sbmt_glue_read_ids(const struct sbmt_glue_place *place, struct sbmt_str *ids,
                        struct sbmt_error *err)
{
    int i = 0;
    while (id_files[i] != NULL && !is_there(&place->tree, id_files[i]))
        i++;
    if (id_files[i] == NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s/%s: not found; it says which pairs of %s are for dev, and "
                         "mrpc_dev_ids.tsv of GLUE's servers is good as well",
                         place->tree.path, id_files[0], place->name);
    struct sbmt_stream stream;
    struct sbmt_lines lines = {0};
    const bool read = sbmt_tree_stream(&place->tree, id_files[i], &stream, err) &&
                      sbmt_lines_open_stream(&lines, &stream, err) && add_ids(&lines, ids, err);
    sbmt_lines_close(&lines);
    return read;
}

bool sbmt_glue_is_dev(const struct sbmt_str *ids, const char *pair, size_t size)
{
    const char *at = ids->text, *end = ids->text + ids->length;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL && (size_t)(end - ++at) > size)
        if (memcmp(at, pair, size) == 0 && at[size] == '\n')
            return true;
    return false;
}
