/* YAML to a tree, by libyaml's events. The only user of yaml.h. */
#include "bench/yaml_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <yaml.h>

/* Deeper nesting than any configuration needs; bounds the recursion. */
enum { DEEPEST = 32 };

struct reader {
    yaml_parser_t parser;
    const char *text;
    size_t size;
    const struct sbmt_yaml_source *source;
    struct sbmt_arena *arena;
    struct sbmt_error *err;
};

bool sbmt_yaml_fail(const struct sbmt_yaml_source *source, int line, int column,
                    struct sbmt_error *err, const char *format, ...)
{
    char message[600];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (source->is_file)
        return sbmt_fail(err, SBMT_ERROR_CONFIG, "%.400s:%d:%d: %s", source->name, line, column,
                         message);
    return sbmt_fail(err, SBMT_ERROR_CONFIG, "%.400s: %s", source->name, message);
}

static bool fail_mark(struct reader *reader, yaml_mark_t mark, const char *message)
{
    return sbmt_yaml_fail(reader->source, (int)mark.line + 1, (int)mark.column + 1, reader->err,
                          "%s", message);
}

/* libyaml gives the place of bytes that are not UTF-8 as an offset only. */
static bool fail_bytes(struct reader *reader)
{
    int line = 1, column = 1;
    for (size_t i = 0; i < reader->parser.problem_offset && i < reader->size; i++) {
        const unsigned char byte = (unsigned char)reader->text[i];
        column += (byte & 0xC0) != 0x80;
        if (byte == '\n') {
            line++;
            column = 1;
        }
    }
    return sbmt_yaml_fail(reader->source, line, column, reader->err, "not YAML: %s",
                          reader->parser.problem);
}

static bool next(struct reader *reader, yaml_event_t *event)
{
    yaml_parser_t *parser = &reader->parser;
    if (yaml_parser_parse(parser, event))
        return true;
    if (parser->error == YAML_MEMORY_ERROR)
        return sbmt_fail(reader->err, SBMT_ERROR_MEMORY, "%s: no memory for reading it",
                         reader->source->name);
    if (parser->error == YAML_READER_ERROR)
        return fail_bytes(reader);
    return sbmt_yaml_fail(reader->source, (int)parser->problem_mark.line + 1,
                          (int)parser->problem_mark.column + 1, reader->err, "not YAML: %s%s%s",
                          parser->context != NULL ? parser->context : "",
                          parser->context != NULL ? ", " : "", parser->problem);
}

/* The first anchor or tag of an event, or NULL. */
static const char *decoration(const yaml_event_t *event)
{
    const void *anchor = NULL, *tag = NULL;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor, tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor, tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor, tag = event->data.mapping_start.tag;
        break;
    case YAML_ALIAS_EVENT:
        return "aliases (*name) are not supported; write the value out";
    default:
        break;
    }
    if (anchor != NULL)
        return "anchors (&name) are not supported; write the value out";
    return tag != NULL ? "tags (!name) are not supported; leave it out" : NULL;
}

static struct sbmt_yaml_node *make_node(struct reader *reader, const yaml_event_t *event)
{
    struct sbmt_yaml_node *node = sbmt_arena_zalloc(reader->arena, 1, sizeof *node);
    if (node == NULL)
        return NULL;
    node->source = reader->source;
    node->line = (int)event->start_mark.line + 1;
    node->column = (int)event->start_mark.column + 1;
    if (event->type != YAML_SCALAR_EVENT) {
        node->kind = event->type == YAML_MAPPING_START_EVENT ? SBMT_YAML_MAPPING : SBMT_YAML_LIST;
        return node;
    }
    const char *text = (const char *)event->data.scalar.value;
    node->kind = SBMT_YAML_SCALAR;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = sbmt_arena_strdup(reader->arena, text);
    if (node->text != NULL && strlen(text) != event->data.scalar.length) {
        fail_mark(reader, event->start_mark, "a text must not hold the character \\0");
        return NULL;
    }
    return node->text != NULL ? node : NULL;
}

static struct sbmt_yaml_node *parse_node(struct reader *reader, yaml_event_t *event, int depth);

/* Reads the key of an entry from its event and then the value. */
static struct sbmt_yaml_node *parse_entry(struct reader *reader, yaml_event_t *event, int depth,
                                          const struct sbmt_yaml_node *mapping)
{
    if (event->type != YAML_SCALAR_EVENT && decoration(event) == NULL) {
        fail_mark(reader, event->start_mark, "a key must be a word");
        yaml_event_delete(event);
        return NULL;
    }
    const struct sbmt_yaml_node *key = parse_node(reader, event, depth);
    if (key == NULL)
        return NULL;
    const struct sbmt_yaml_node *earlier = sbmt_yaml_entry(mapping, key->text);
    if (earlier != NULL) {
        sbmt_yaml_fail(reader->source, key->line, key->column, reader->err,
                       "duplicate key '%s'; it stands on line %d already", key->text,
                       earlier->key_line);
        return NULL;
    }
    yaml_event_t value;
    struct sbmt_yaml_node *node = next(reader, &value) ? parse_node(reader, &value, depth) : NULL;
    if (node != NULL) {
        node->key = key->text;
        node->key_line = key->line;
        node->key_column = key->column;
    }
    return node;
}

static struct sbmt_yaml_node *parse_entries(struct reader *reader, struct sbmt_yaml_node *parent,
                                            int depth)
{
    const bool mapping = parent->kind == SBMT_YAML_MAPPING;
    struct sbmt_yaml_node **end = &parent->first;
    for (;;) {
        yaml_event_t event;
        if (!next(reader, &event))
            return NULL;
        if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return parent;
        }
        struct sbmt_yaml_node *entry = mapping ? parse_entry(reader, &event, depth, parent)
                                               : parse_node(reader, &event, depth);
        if (entry == NULL)
            return NULL;
        *end = entry;
        end = &entry->next;
    }
}

/* The node that begins with an event, which is deleted. NULL with *err or the arena's failure. */
static struct sbmt_yaml_node *parse_node(struct reader *reader, yaml_event_t *event, int depth)
{
    const char *unsupported = decoration(event);
    if (unsupported == NULL && depth > DEEPEST)
        unsupported = "nested too deeply";
    if (unsupported != NULL) {
        fail_mark(reader, event->start_mark, unsupported);
        yaml_event_delete(event);
        return NULL;
    }
    struct sbmt_yaml_node *node = make_node(reader, event);
    yaml_event_delete(event);
    if (node == NULL || node->kind == SBMT_YAML_SCALAR)
        return node;
    return parse_entries(reader, node, depth + 1);
}

static struct sbmt_yaml_node *empty_document(struct reader *reader)
{
    struct sbmt_yaml_node *node = sbmt_arena_zalloc(reader->arena, 1, sizeof *node);
    if (node == NULL)
        return NULL;
    *node = (struct sbmt_yaml_node){
        .kind = SBMT_YAML_SCALAR, .source = reader->source, .line = 1, .column = 1, .text = ""};
    return node;
}

/* The events around the one document of the stream. */
static struct sbmt_yaml_node *parse_stream(struct reader *reader)
{
    struct sbmt_yaml_node *root = NULL;
    for (;;) {
        yaml_event_t event;
        if (!next(reader, &event))
            return NULL;
        const yaml_event_type_t type = event.type;
        const yaml_mark_t mark = event.start_mark;
        if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
            type != YAML_DOCUMENT_START_EVENT && type != YAML_DOCUMENT_END_EVENT) {
            root = parse_node(reader, &event, 0);
            if (root == NULL)
                return NULL;
            continue;
        }
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            return root != NULL ? root : empty_document(reader);
        if (type == YAML_DOCUMENT_START_EVENT && root != NULL) {
            fail_mark(reader, mark, "a second document (---); one file holds one configuration");
            return NULL;
        }
    }
}

struct sbmt_yaml_node *sbmt_yaml_parse(const char *text, size_t size,
                                       const struct sbmt_yaml_source *source,
                                       struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct reader reader = {
        .text = text, .size = size, .source = source, .arena = arena, .err = err};
    if (!yaml_parser_initialize(&reader.parser)) {
        sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for reading it", source->name);
        return NULL;
    }
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, size);
    struct sbmt_yaml_node *root = parse_stream(&reader);
    yaml_parser_delete(&reader.parser);
    return sbmt_arena_check(arena, source->name, err) ? root : NULL;
}

bool sbmt_yaml_is_null(const struct sbmt_yaml_node *node)
{
    return node->kind == SBMT_YAML_SCALAR && !node->quoted &&
           (strcmp(node->text, "") == 0 || strcmp(node->text, "~") == 0 ||
            strcmp(node->text, "null") == 0);
}

const struct sbmt_yaml_node *sbmt_yaml_entry(const struct sbmt_yaml_node *mapping, const char *key)
{
    for (const struct sbmt_yaml_node *entry = mapping->first; entry != NULL; entry = entry->next)
        if (entry->key != NULL && strcmp(entry->key, key) == 0)
            return entry;
    return NULL;
}

const struct sbmt_yaml_node *sbmt_yaml_find(const struct sbmt_yaml_node *root, const char *path)
{
    while (root != NULL && *path != '\0') {
        char key[128];
        const size_t length = strcspn(path, ".");
        if (length >= sizeof key)
            return NULL;
        memcpy(key, path, length);
        key[length] = '\0';
        root = sbmt_yaml_entry(root, key);
        path += length + (path[length] == '.');
    }
    return root;
}
