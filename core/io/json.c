/* JSON by cJSON, with numbers of our own: cJSON's do not always read back as the same double. */
#include "core/io/json.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/base/number.h"
#include "core/io/utf8.h"

struct sbmt_json sbmt_json_make(void)
{
    struct sbmt_json json = {0};
    json.item[0] = cJSON_CreateObject();
    json.failed = json.item[0] == NULL;
    return json;
}

void sbmt_json_finish(struct sbmt_json *json)
{
    cJSON_Delete(json->item[0]);
    *json = (struct sbmt_json){0};
}

static void note(struct sbmt_json *json, const cJSON *added)
{
    json->failed = json->failed || added == NULL;
}

void sbmt_json_number(struct sbmt_json *json, const char *key, double value)
{
    char text[SBMT_NUMBER_TEXT];
    sbmt_number_text(value, text);
    note(json, cJSON_AddRawToObject(json->item[json->depth], key, isfinite(value) ? text : "null"));
}

void sbmt_json_bool(struct sbmt_json *json, const char *key, bool value)
{
    note(json, cJSON_AddBoolToObject(json->item[json->depth], key, value));
}

void sbmt_json_text(struct sbmt_json *json, const char *key, const char *text)
{
    cJSON *outer = json->item[json->depth];
    cJSON *item = text != NULL ? cJSON_CreateString(text) : cJSON_CreateNull();
    const bool added = item != NULL && (key != NULL ? cJSON_AddItemToObject(outer, key, item)
                                                    : cJSON_AddItemToArray(outer, item));
    note(json, added ? item : NULL);
    if (!added)
        cJSON_Delete(item);
}

void sbmt_json_words(struct sbmt_json *json, const char *key, const char *const *words, int count)
{
    struct sbmt_str text = {0};
    for (int i = 0; i < count; i++)
        sbmt_str_printf(&text, "%s%s", i > 0 ? " " : "", words[i]);
    json->failed = json->failed || text.failed;
    sbmt_json_text(json, key, text.text != NULL ? text.text : "");
    sbmt_str_finish(&text);
}

static void enter(struct sbmt_json *json, cJSON *item)
{
    note(json, item);
    assert(json->depth + 1 < SBMT_JSON_DEPTH);
    json->item[++json->depth] = item;
}

void sbmt_json_begin(struct sbmt_json *json, const char *key)
{
    cJSON *outer = json->item[json->depth];
    if (key != NULL) {
        enter(json, cJSON_AddObjectToObject(outer, key));
        return;
    }
    cJSON *object = cJSON_CreateObject();
    if (!cJSON_AddItemToArray(outer, object)) {
        cJSON_Delete(object);
        object = NULL;
    }
    enter(json, object);
}

void sbmt_json_begin_list(struct sbmt_json *json, const char *key)
{
    enter(json, cJSON_AddArrayToObject(json->item[json->depth], key));
}

void sbmt_json_end(struct sbmt_json *json)
{
    json->item[json->depth--] = NULL;
}

/* Appends a text whose bytes may be those of any file: U+FFFD stands for each that is no UTF-8. */
static void put_utf8(const char *text, struct sbmt_str *out)
{
    size_t left = strlen(text);
    for (int length; left > 0; left -= (size_t)length, text += length)
        if (sbmt_utf8_next(text, left, &length) >= 0)
            sbmt_str_append(out, text, (size_t)length);
        else
            sbmt_str_append(out, "\xEF\xBF\xBD", 3);
}

static void new_line(int depth, struct sbmt_str *out)
{
    sbmt_str_printf(out, "\n%*s", 2 * depth, "");
}

/* Breaks JSON without blanks into lines. */
static void break_lines(const char *text, struct sbmt_str *out)
{
    bool quoted = false;
    int depth = 0;
    for (const char *c = text; *c != '\0'; c++) {
        const bool closes = !quoted && (*c == '}' || *c == ']');
        if (closes)
            new_line(--depth, out);
        sbmt_str_append(out, c, 1);
        if (*c == '"')
            quoted = !quoted;
        else if (quoted && *c == '\\' && c[1] != '\0')
            sbmt_str_append(out, ++c, 1);
        else if (!quoted && *c == ':')
            sbmt_str_append(out, " ", 1);
        else if (!quoted && (*c == '{' || *c == '['))
            new_line(++depth, out);
        else if (!quoted && *c == ',')
            new_line(depth, out);
    }
}

bool sbmt_json_print(const struct sbmt_json *json, bool lines, struct sbmt_str *out)
{
    char *text = json->failed ? NULL : cJSON_PrintUnformatted(json->item[0]);
    if (text == NULL)
        return false;
    struct sbmt_str whole = {0};
    put_utf8(text, lines ? &whole : out);
    if (lines)
        break_lines(whole.failed ? "" : whole.text, out);
    out->failed = out->failed || whole.failed;
    sbmt_str_finish(&whole);
    cJSON_free(text);
    return !out->failed;
}

void sbmt_json_line(struct sbmt_json *json, struct sbmt_str *out)
{
    if (!sbmt_json_print(json, false, out))
        out->failed = true;
    sbmt_str_printf(out, "\n");
    sbmt_json_finish(json);
}

bool sbmt_json_parse(struct sbmt_json *json, const char *text, size_t size)
{
    *json = (struct sbmt_json){0};
    const char *end = NULL;
    cJSON *item = cJSON_ParseWithLengthOpts(text, size, &end, false);
    if (item == NULL)
        return false;
    json->item[0] = item;
    while (end < text + size && *end != '\0' && strchr(" \t\r\n", *end) != NULL)
        end++;
    if (end == text + size && cJSON_IsObject(item))
        return true;
    sbmt_json_finish(json);
    return false;
}

static const cJSON *find(const struct sbmt_json *json, const char *path)
{
    const cJSON *item = json->item[0];
    while (item != NULL && *path != '\0') {
        char key[64];
        const size_t length = strcspn(path, ".");
        if (length >= sizeof key)
            return NULL;
        memcpy(key, path, length);
        key[length] = '\0';
        item = cJSON_GetObjectItemCaseSensitive(item, key);
        path += length + (path[length] == '.');
    }
    return item;
}

double sbmt_json_get_number(const struct sbmt_json *json, const char *path, double fallback)
{
    const cJSON *item = find(json, path);
    return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

const char *sbmt_json_get_text(const struct sbmt_json *json, const char *path)
{
    return cJSON_GetStringValue(find(json, path));
}

bool sbmt_json_has(const struct sbmt_json *json, const char *path)
{
    return find(json, path) != NULL;
}

static enum sbmt_json_kind kind_of(const cJSON *item)
{
    return cJSON_IsBool(item)     ? SBMT_JSON_BOOL
           : cJSON_IsNumber(item) ? SBMT_JSON_NUMBER
           : cJSON_IsString(item) ? SBMT_JSON_TEXT
           : cJSON_IsArray(item)  ? SBMT_JSON_LIST
           : cJSON_IsObject(item) ? SBMT_JSON_OBJECT
                                  : SBMT_JSON_NULL;
}

bool sbmt_json_next(const struct sbmt_json *json, const char *path, struct sbmt_json_member *member)
{
    const cJSON *item = member->item;
    if (item == NULL) {
        const cJSON *object = find(json, path);
        item = cJSON_IsObject(object) || cJSON_IsArray(object) ? object->child : NULL;
    } else {
        item = item->next;
    }
    if (item == NULL)
        return false;
    *member = (struct sbmt_json_member){
        .key = item->string,
        .kind = kind_of(item),
        .number = cJSON_IsBool(item) ? cJSON_IsTrue(item) : item->valuedouble,
        .text = cJSON_GetStringValue(item),
        .item = item,
    };
    return true;
}

struct sbmt_json sbmt_json_view(const struct sbmt_json_member *member)
{
    return (struct sbmt_json){.item = {(void *)(uintptr_t)member->item}};
}
