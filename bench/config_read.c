/* Configuration files, and what they extend. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/config_load.h"
#include "core/io/file.h"

enum { DEEPEST = 8 };

static const char extends_key[] = SBMT_CONFIG_EXTENDS, kind_key[] = "kind";

/* A file being read, and the files that led to it. */
struct chain {
    const char *path;
    const struct sbmt_yaml_node *named; /* the `extends` that names it; NULL: the first file */
    const struct chain *from;
    dev_t device;
    ino_t inode;
    int depth;
};

/* What reading needs everywhere. */
struct reader {
    const struct sbmt_field *fields;
    struct sbmt_arena *arena;
    struct sbmt_error *err;
};

/* Fails at the `extends` that names a file. */
static bool fail_named(const struct reader *reader, const struct sbmt_yaml_node *named,
                       const char *message)
{
    return sbmt_yaml_fail(named->source, named->line, named->column, reader->err, "%s: %s",
                          extends_key, message);
}

static bool open_file(const struct reader *reader, struct chain *chain, struct sbmt_mapping *file)
{
    struct sbmt_error plain = {0};
    struct stat status;
    /* Opening a pipe would wait for somebody to write to it. */
    const bool is_pipe = stat(chain->path, &status) == 0 && S_ISFIFO(status.st_mode);
    if (is_pipe)
        sbmt_fail(&plain, SBMT_ERROR_IO, "%s: is not a regular file", chain->path);
    if (is_pipe || !sbmt_mapping_open(file, chain->path, &plain))
        return chain->named != NULL
                   ? fail_named(reader, chain->named, plain.message)
                   : sbmt_fail(reader->err, SBMT_ERROR_CONFIG, "%s", plain.message);
    if (stat(chain->path, &status) == 0) {
        chain->device = status.st_dev;
        chain->inode = status.st_ino;
    }
    return true;
}

/* The mapping of one file, as it stands there. */
static struct sbmt_yaml_node *parse(const struct reader *reader, const char *path,
                                    const struct sbmt_mapping *file)
{
    struct sbmt_yaml_source *source = sbmt_arena_zalloc(reader->arena, 1, sizeof *source);
    if (source == NULL)
        return NULL;
    *source = (struct sbmt_yaml_source){.name = sbmt_arena_strdup(reader->arena, path),
                                        .is_file = true};
    if (!sbmt_arena_check(reader->arena, "configuration", reader->err))
        return NULL;
    /* libyaml wants a pointer even for no bytes. */
    const char *text = file->bytes != NULL ? (const char *)file->bytes : "";
    struct sbmt_yaml_node *root = sbmt_yaml_parse(text, file->size, source, reader->arena,
                                                  reader->err);
    if (root == NULL || root->kind == SBMT_YAML_MAPPING)
        return root;
    if (sbmt_yaml_is_null(root))
        sbmt_yaml_fail(source, 1, 1, reader->err, "empty; expected a mapping of options");
    else
        sbmt_yaml_fail(source, root->line, root->column, reader->err,
                       "expected a mapping of options (key: value), got %s",
                       root->kind == SBMT_YAML_LIST ? "a list" : "a single value");
    return NULL;
}

/* The place of the pointer to an entry, or of the one that ends the list. */
static struct sbmt_yaml_node **find_link(struct sbmt_yaml_node *mapping, const char *key)
{
    struct sbmt_yaml_node **link = &mapping->first;
    while (*link != NULL && strcmp((*link)->key, key) != 0)
        link = &(*link)->next;
    return link;
}

/* The name of the kind that a variant's value gives, or NULL. */
static const char *kind_of(const struct sbmt_yaml_node *value)
{
    if (value->kind == SBMT_YAML_MAPPING)
        value = sbmt_yaml_entry(value, kind_key);
    return value != NULL ? value->text : NULL;
}

static void merge(const struct sbmt_field *fields, struct sbmt_yaml_node *base,
                  struct sbmt_yaml_node *over);

/* Another kind stands alone. `sbm` and `{kind: sbm}` and, over a kind, `{clusters: 3}` add to what
 * the base gives of the same kind. */
static struct sbmt_yaml_node *merge_variant(const struct sbmt_field *field,
                                            struct sbmt_yaml_node *base,
                                            struct sbmt_yaml_node *over)
{
    const char *base_kind = kind_of(base), *kind = kind_of(over);
    if (base_kind == NULL || over->kind == SBMT_YAML_LIST ||
        (kind != NULL && strcmp(kind, base_kind) != 0))
        return over;
    if (over->kind == SBMT_YAML_SCALAR)
        return base;
    if (base->kind == SBMT_YAML_MAPPING) {
        const int index = sbmt_variant_find(field->variant_at, base_kind);
        merge(index >= 0 ? field->variant_at(index)->fields : NULL, base, over);
    } else if (kind == NULL) {
        base->key = kind_key;
        base->next = NULL;
        *find_link(over, kind_key) = base;
    }
    return over;
}

static struct sbmt_yaml_node *merge_value(const struct sbmt_field *field,
                                          struct sbmt_yaml_node *base, struct sbmt_yaml_node *over)
{
    if (field == NULL)
        return over;
    if (field->type == SBMT_FIELD_VARIANT)
        return merge_variant(field, base, over);
    if (field->type != SBMT_FIELD_SECTION || base->kind != SBMT_YAML_MAPPING)
        return over;
    if (sbmt_yaml_is_null(over))
        return base;
    if (over->kind == SBMT_YAML_MAPPING)
        merge(field->fields, base, over);
    return over;
}

/* Gives a mapping the entries of its base that it does not name itself. `fields` may be NULL. */
static void merge(const struct sbmt_field *fields, struct sbmt_yaml_node *base,
                  struct sbmt_yaml_node *over)
{
    struct sbmt_yaml_node *next;
    for (struct sbmt_yaml_node *entry = base->first; entry != NULL; entry = next) {
        next = entry->next;
        struct sbmt_yaml_node **link = find_link(over, entry->key);
        struct sbmt_yaml_node *rest = NULL, *value = entry;
        if (*link != NULL) {
            rest = (*link)->next;
            value = merge_value(fields != NULL ? sbmt_field_find(fields, entry->key) : NULL, entry,
                                *link);
        }
        *link = value;
        value->next = rest;
    }
}

/* The path that a file gives for another: relative to its own folder. NULL without memory. */
static char *resolve(const struct reader *reader, const char *path, const char *named)
{
    const char *slash = strrchr(path, '/');
    const int folder = named[0] == '/' || slash == NULL ? 0 : (int)(slash - path + 1);
    const size_t size = (size_t)folder + strlen(named) + 1;
    char *resolved = sbmt_arena_alloc(reader->arena, size);
    if (resolved != NULL)
        snprintf(resolved, size, "%.*s%s", folder, path, named);
    return resolved;
}

static bool is_read_already(const struct chain *chain)
{
    for (const struct chain *file = chain->from; file != NULL; file = file->from)
        if (file->device == chain->device && file->inode == chain->inode)
            return true;
    return false;
}

static struct sbmt_yaml_node *read_file(const struct reader *reader, struct chain *chain);

/* Puts what the file extends under its own options. */
static bool extend(const struct reader *reader, const struct chain *chain,
                   struct sbmt_yaml_node *root)
{
    struct sbmt_yaml_node **link = find_link(root, extends_key);
    const struct sbmt_yaml_node *named = *link;
    if (named == NULL)
        return true;
    *link = named->next;
    if (named->kind != SBMT_YAML_SCALAR || sbmt_yaml_is_null(named) || named->text[0] == '\0')
        return fail_named(reader, named, "expected the path of another configuration file");
    if (chain->depth == DEEPEST)
        return fail_named(reader, named, "too many files that extend each other; at most 8 may");
    struct chain base = {.named = named, .from = chain, .depth = chain->depth + 1};
    base.path = resolve(reader, chain->path, named->text);
    if (base.path == NULL)
        return sbmt_arena_check(reader->arena, "configuration", reader->err);
    struct sbmt_yaml_node *under = read_file(reader, &base);
    if (under == NULL)
        return false;
    merge(reader->fields, under, root);
    return true;
}

static struct sbmt_yaml_node *read_file(const struct reader *reader, struct chain *chain)
{
    struct sbmt_mapping file;
    if (!open_file(reader, chain, &file))
        return NULL;
    struct sbmt_yaml_node *root = NULL;
    if (is_read_already(chain))
        fail_named(reader, chain->named, "this file extends itself, directly or through others");
    else
        root = parse(reader, chain->path, &file);
    sbmt_mapping_close(&file);
    return root != NULL && extend(reader, chain, root) ? root : NULL;
}

struct sbmt_yaml_node *sbmt_config_read(const struct sbmt_field *fields, const char *path,
                                        struct sbmt_arena *arena, struct sbmt_error *err)
{
    const struct reader reader = {.fields = fields, .arena = arena, .err = err};
    struct chain chain = {.path = path, .depth = 1};
    return read_file(&reader, &chain);
}
