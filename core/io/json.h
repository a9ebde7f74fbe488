/* JSON: objects written key by key, and read back. */
#ifndef SBMT_CORE_IO_JSON_H
#define SBMT_CORE_IO_JSON_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/base/str.h"

enum { SBMT_JSON_DEPTH = 6 };

/** An object being written. Keys stay in the order they were set in. Memory failure is sticky: set
 * what there is to set, then look at the result of sbmt_json_print. */
struct sbmt_json {
    void *item[SBMT_JSON_DEPTH]; /**< the root and the objects begun and not ended in it */
    int depth;
    bool failed;
};

/** An empty object; sbmt_json_finish frees it. */
struct sbmt_json sbmt_json_make(void);

/** Frees the object. Accepts a zeroed struct. */
void sbmt_json_finish(struct sbmt_json *json);

/** Numbers are written by sbmt_number_text; what is not finite becomes null. */
void sbmt_json_number(struct sbmt_json *json, const char *key, double value);
void sbmt_json_bool(struct sbmt_json *json, const char *key, bool value);
/** NULL becomes null. Inside a list the key is NULL. */
void sbmt_json_text(struct sbmt_json *json, const char *key, const char *text);

/** The words as one text with blanks between them. */
void sbmt_json_words(struct sbmt_json *json, const char *key, const char *const *words, int count);

/** What is set until sbmt_json_end goes into an object of its own under `key`; inside a list the
 * key is NULL. */
void sbmt_json_begin(struct sbmt_json *json, const char *key);
/** The objects begun until sbmt_json_end go into a list under `key`. */
void sbmt_json_begin_list(struct sbmt_json *json, const char *key);
void sbmt_json_end(struct sbmt_json *json);

/** Appends the whole object, on one line or with an indented line a value; no newline at the end.
 * U+FFFD stands for bytes that are no UTF-8. False if memory failed at any point. */
SBMT_MUST_CHECK bool sbmt_json_print(const struct sbmt_json *json, bool lines,
                                     struct sbmt_str *out);

/** Appends the whole object on a line of its own and frees it. */
void sbmt_json_line(struct sbmt_json *json, struct sbmt_str *out);

/** Reads an object to look things up in. False if the text is not exactly one JSON object. */
SBMT_MUST_CHECK bool sbmt_json_parse(struct sbmt_json *json, const char *text, size_t size);

/** The number under a key, or under "outer.inner"; `fallback` if there is none. */
double sbmt_json_get_number(const struct sbmt_json *json, const char *path, double fallback);

/** The text under a key, or NULL. It lives as long as `json`. */
const char *sbmt_json_get_text(const struct sbmt_json *json, const char *path);

/** Something stands under a key. */
bool sbmt_json_has(const struct sbmt_json *json, const char *path);

enum sbmt_json_kind {
    SBMT_JSON_NULL,
    SBMT_JSON_BOOL,
    SBMT_JSON_NUMBER,
    SBMT_JSON_TEXT,
    SBMT_JSON_LIST,
    SBMT_JSON_OBJECT,
};

/** A member of an object or list that is read. All zero stands before the first. */
struct sbmt_json_member {
    const char *key; /**< NULL in a list; lives as long as the object, like `text` */
    enum sbmt_json_kind kind;
    double number;    /**< of a number; 0 or 1 of a bool */
    const char *text; /**< of a text */
    const void *item;
};

/** Goes to the next member of the object or list under "outer.inner" ("": the whole). False past
 * the last one, and where there is neither. */
bool sbmt_json_next(const struct sbmt_json *json, const char *path,
                    struct sbmt_json_member *member);

/** The object that a member is, to look things up in; it borrows, and is not finished. */
struct sbmt_json sbmt_json_view(const struct sbmt_json_member *member);

#endif
