/* Python's pickle format, read as data.
 *
 * A pickle is a program for a stack machine. This reader knows the opcodes with which PyTorch
 * writes a state dict, protocols 2 to 4, and refuses every other one. Nothing is ever executed: a
 * global is no more than its name and must be on the caller's list, a call is a value that names
 * what would be called and holds the arguments. (Format description: CPython, Lib/pickletools.py.)
 */
#ifndef SBMT_CORE_IO_PICKLE_H
#define SBMT_CORE_IO_PICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/error.h"

enum {
    SBMT_PICKLE_MOST = 1 << 20, /**< opcodes of one pickle, and so its values and its stack */
};

enum sbmt_pickle_kind {
    SBMT_PICKLE_NONE,
    SBMT_PICKLE_BOOL,       /**< `integer` is 0 or 1 */
    SBMT_PICKLE_INTEGER,    /**< `integer` */
    SBMT_PICKLE_LONG,       /**< an integer of over 8 bytes: `text`, little-endian */
    SBMT_PICKLE_FLOAT,      /**< a value that no tensor depends on, not kept */
    SBMT_PICKLE_TEXT,       /**< `text` */
    SBMT_PICKLE_BYTES,      /**< `text` */
    SBMT_PICKLE_GLOBAL,     /**< `global`: the index in the caller's list */
    SBMT_PICKLE_TUPLE,      /**< `items` */
    SBMT_PICKLE_LIST,       /**< `items` */
    SBMT_PICKLE_DICT,       /**< `items`: key, value, key, value, … */
    SBMT_PICKLE_CALL,       /**< `items`: what is called, a tuple of arguments, then keys and values
                                 that were set in the result as in a dict */
    SBMT_PICKLE_PERSISTENT, /**< `items`: the one value that names an object outside the pickle */
};

/** A value. It may be reached along several ways, and hold itself. */
struct sbmt_pickle_value {
    enum sbmt_pickle_kind kind;
    int count; /**< of items */
    int capacity;
    int global;
    union {
        int64_t integer;
        size_t length; /**< of text, which does not end in NUL */
    };
    union {
        const char *text; /**< in the bytes that were read */
        const struct sbmt_pickle_value **items;
    };
};

/** Reads the pickle in `bytes` that begins at *position, and moves behind it. Values live in
 * `arena` and point into `bytes`. `globals` are the names that may occur, "module name",
 * NULL-ended. Every other name, every opcode that is not on this reader's list, and every defect is
 * SBMT_ERROR_DATA:
 * "<place>: byte …". */
SBMT_MUST_CHECK bool sbmt_pickle_read(const unsigned char *bytes, size_t size, size_t *position,
                                      const char *place, const char *const *globals,
                                      struct sbmt_arena *arena,
                                      const struct sbmt_pickle_value **value,
                                      struct sbmt_error *err);

/** True if a value is exactly this text. */
bool sbmt_pickle_is(const struct sbmt_pickle_value *value, const char *text);

#endif
