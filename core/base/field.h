/* Tables of options: one row says everything about an option.
 *
 * Loading, defaults, command-line overrides, bounds, help, the reference in docs and the effective
 * configuration of a run are all made from these rows; nothing else in the program repeats a key, a
 * default or a bound. A row is written with one of the macros below, which reject a row whose type
 * is not the member's at compile time. */
#ifndef SBMT_CORE_BASE_FIELD_H
#define SBMT_CORE_BASE_FIELD_H

#include <stdbool.h>
#include <stddef.h>

struct sbmt_arena;

enum sbmt_field_type {
    SBMT_FIELD_END = 0, /**< last row of a table */
    SBMT_FIELD_INT,     /**< int */
    SBMT_FIELD_NUMBER,  /**< double */
    SBMT_FIELD_BOOL,    /**< bool */
    SBMT_FIELD_STRING,  /**< const char *, owned by the arena of the configuration */
    SBMT_FIELD_CHOICE,  /**< int: the index of a word in `choices` */
    SBMT_FIELD_SECTION, /**< a struct of its own with the table `fields` */
    SBMT_FIELD_VARIANT, /**< struct sbmt_variant_value: a kind and the kind's own options */
};

/** One of several kinds that an option of type SBMT_FIELD_VARIANT may name. */
struct sbmt_variant {
    const char *name;                /**< the word in a configuration file */
    const char *doc;                 /**< one line, ending in its citation where it has one */
    const struct sbmt_field *fields; /**< the kind's own options; NULL: none */
    size_t config_size;              /**< bytes of its struct of options */
};

/** The value of an option of type SBMT_FIELD_VARIANT. */
struct sbmt_variant_value {
    int index;    /**< which variant, in the order of `variant_at` */
    void *config; /**< its options, in the configuration's arena; NULL where it has none */
};

/** One option. */
struct sbmt_field {
    const char *key;
    enum sbmt_field_type type;
    size_t offset;                   /**< of the member in its struct */
    double fallback, min, max;       /**< default and bounds of int, number, bool; default index of
                                        choice, variant */
    const char *fallback_text;       /**< default of a string; may be NULL */
    const char *argument;            /**< what help puts in the place of a string: FILE or DIR,
                                        which are completed, or another word; NULL: TEXT */
    const char *const *choices;      /**< NULL-ended words of a choice */
    const struct sbmt_field *fields; /**< table of a section */
    const struct sbmt_variant *(*variant_at)(int index); /**< variant by index; NULL past the end */
    const char *doc;                                     /**< one line for help and docs */
    bool evaluation; /**< matters in evaluation alone, so that a finished run can be evaluated with
                        another value */
};

/* offsetof, with a compile-time error where the member has another type. */
#define SBMT_OFFSET_OF_TYPE(row, member, wanted)                                                   \
    (offsetof(row, member) + 0 * sizeof(_Generic(&((row *)0)->member, wanted * : 0)))

/* Behind `doc` there may be more members of the row: "…", .evaluation = true. */
#define SBMT_INT(row, member, fallback_, min_, max_, ...)                                          \
    {                                                                                              \
        .key = #member, .type = SBMT_FIELD_INT, .offset = SBMT_OFFSET_OF_TYPE(row, member, int),   \
        .fallback = (fallback_), .min = (min_), .max = (max_), .doc = __VA_ARGS__                  \
    }
#define SBMT_NUMBER(row, member, fallback_, min_, max_, doc_)                                      \
    {                                                                                              \
        .key = #member, .type = SBMT_FIELD_NUMBER,                                                 \
        .offset = SBMT_OFFSET_OF_TYPE(row, member, double), .fallback = (fallback_),               \
        .min = (min_), .max = (max_), .doc = (doc_)                                                \
    }
#define SBMT_BOOL(row, member, fallback_, doc_)                                                    \
    {                                                                                              \
        .key = #member, .type = SBMT_FIELD_BOOL, .offset = SBMT_OFFSET_OF_TYPE(row, member, bool), \
        .fallback = (fallback_), .max = 1, .doc = (doc_)                                           \
    }
#define SBMT_STRING(row, member, fallback_, ...)                                                   \
    {                                                                                              \
        .key = #member, .type = SBMT_FIELD_STRING,                                                 \
        .offset = SBMT_OFFSET_OF_TYPE(row, member, const char *), .fallback_text = (fallback_),    \
        .doc = __VA_ARGS__                                                                         \
    }
#define SBMT_CHOICE(row, member, words, fallback_, ...)                                            \
    {                                                                                              \
        .key = #member, .type = SBMT_FIELD_CHOICE,                                                 \
        .offset = SBMT_OFFSET_OF_TYPE(row, member, int), .choices = (words),                       \
        .fallback = (fallback_), .doc = __VA_ARGS__                                                \
    }
#define SBMT_SECTION(row, member, table, doc_)                                                     \
    {                                                                                              \
        .key = #member, .type = SBMT_FIELD_SECTION, .offset = offsetof(row, member),               \
        .fields = (table), .doc = (doc_)                                                           \
    }
#define SBMT_VARIANT(row, member, at, fallback_, doc_)                                             \
    {                                                                                              \
        .key = #member, .type = SBMT_FIELD_VARIANT,                                                \
        .offset = SBMT_OFFSET_OF_TYPE(row, member, struct sbmt_variant_value), .variant_at = (at), \
        .fallback = (fallback_), .doc = (doc_)                                                     \
    }
#define SBMT_FIELDS_END                                                                            \
    {                                                                                              \
        .type = SBMT_FIELD_END                                                                     \
    }

/** Fills a struct with the defaults of its table, sections and variants included. Variant configs
 * and nothing else are allocated, in `arena`; check the arena afterwards. */
void sbmt_fields_defaults(const struct sbmt_field *fields, void *config, struct sbmt_arena *arena);

/** The index of the variant with a name, or −1. */
int sbmt_variant_find(const struct sbmt_variant *(*variant_at)(int index), const char *name);

/** The row with a key, or NULL. */
const struct sbmt_field *sbmt_field_find(const struct sbmt_field *fields, const char *key);

#endif
