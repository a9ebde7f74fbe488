/* The stack machine of the pickle format, reduced to data. */
#include "core/io/pickle.h"

#include <stdio.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");

enum {
    OP_MARK = '(',
    OP_STOP = '.',
    OP_POP = '0',
    OP_BINFLOAT = 'G',
    OP_BININT = 'J',
    OP_BININT1 = 'K',
    OP_BININT2 = 'M',
    OP_NONE = 'N',
    OP_BINPERSID = 'Q',
    OP_REDUCE = 'R',
    OP_BINSTRING = 'T',
    OP_SHORT_BINSTRING = 'U',
    OP_BINUNICODE = 'X',
    OP_APPEND = 'a',
    OP_BUILD = 'b',
    OP_GLOBAL = 'c',
    OP_APPENDS = 'e',
    OP_BINGET = 'h',
    OP_LONG_BINGET = 'j',
    OP_BINPUT = 'q',
    OP_LONG_BINPUT = 'r',
    OP_SETITEM = 's',
    OP_TUPLE = 't',
    OP_SETITEMS = 'u',
    OP_EMPTY_DICT = '}',
    OP_EMPTY_LIST = ']',
    OP_EMPTY_TUPLE = ')',
    OP_PROTO = 0x80,
    OP_TUPLE1 = 0x85,
    OP_TUPLE2 = 0x86,
    OP_TUPLE3 = 0x87,
    OP_NEWTRUE = 0x88,
    OP_NEWFALSE = 0x89,
    OP_LONG1 = 0x8A,
    OP_BINBYTES = 'B',
    OP_SHORT_BINBYTES = 'C',
    OP_SHORT_BINUNICODE = 0x8C,
    OP_BINUNICODE8 = 0x8D,
    OP_STACK_GLOBAL = 0x93,
    OP_MEMOIZE = 0x94,
    OP_FRAME = 0x95,
};

enum { NEWEST_PROTOCOL = 4, NAME_SHOWN = 100 };

/* A growing array of values. */
struct values {
    const struct sbmt_pickle_value **items;
    int count, capacity;
};

struct machine {
    const unsigned char *bytes;
    size_t size, position;
    const char *place;
    const char *const *globals;
    struct sbmt_arena *arena;
    struct sbmt_error *err;
    struct values stack, memo; /* a mark is a NULL on the stack, a free memo slot likewise */
    size_t opcode_at;
};

/* Fails at the opcode being read. */
#define FAIL(machine, ...)                                                                         \
    (sbmt_fail((machine)->err, SBMT_ERROR_DATA, __VA_ARGS__),                                      \
     sbmt_error_at((machine)->err, "%s: byte %zu", (machine)->place, (machine)->opcode_at))

/* Room for one more item. */
static bool reserve(struct machine *m, const struct sbmt_pickle_value ***items, int count,
                    int *capacity)
{
    if (count < *capacity)
        return true;
    const int doubled = *capacity < 8 ? 8 : 2 * *capacity;
    const struct sbmt_pickle_value **grown = sbmt_arena_zalloc(m->arena, (size_t)doubled,
                                                               sizeof *grown);
    if (!sbmt_arena_check(m->arena, m->place, m->err))
        return false;
    if (count > 0)
        memcpy(grown, *items, (size_t)count * sizeof *grown);
    *items = grown;
    *capacity = doubled;
    return true;
}

static bool push(struct machine *m, const struct sbmt_pickle_value *value)
{
    if (!reserve(m, &m->stack.items, m->stack.count, &m->stack.capacity))
        return false;
    m->stack.items[m->stack.count++] = value;
    return true;
}

/* Pushes a copy of a value in the arena. */
static bool push_new(struct machine *m, struct sbmt_pickle_value value)
{
    struct sbmt_pickle_value *made = sbmt_arena_alloc(m->arena, sizeof *made);
    if (!sbmt_arena_check(m->arena, m->place, m->err))
        return false;
    *made = value;
    return push(m, made);
}

static bool push_integer(struct machine *m, enum sbmt_pickle_kind kind, int64_t integer)
{
    return push_new(m, (struct sbmt_pickle_value){.kind = kind, .integer = integer});
}

/* The `count` topmost values, in order. */
static const struct sbmt_pickle_value **top(const struct machine *m, int count)
{
    return count > 0 ? m->stack.items + m->stack.count - count : NULL;
}

/* So many values must stand above the last mark. */
static bool need(struct machine *m, int count)
{
    for (int i = 1; i <= count; i++)
        if (i > m->stack.count || *top(m, i) == NULL)
            return FAIL(m, "it needs %d values on the stack and finds %d", count, i - 1);
    return true;
}

/* How many values stand above the last mark; −1 and an error without a mark. */
static int count_to_mark(struct machine *m)
{
    for (int i = m->stack.count; i > 0; i--)
        if (m->stack.items[i - 1] == NULL)
            return m->stack.count - i;
    FAIL(m, "it needs a mark on the stack and finds none");
    return -1;
}

/* The next `size` bytes behind an opcode. */
static const unsigned char *take(struct machine *m, uint64_t size)
{
    if (size > m->size - m->position) {
        FAIL(m, "it needs %llu bytes of the %zu behind it; the file is truncated or damaged",
             (unsigned long long)size, m->size - m->position);
        return NULL;
    }
    const unsigned char *bytes = m->bytes + m->position;
    m->position += (size_t)size;
    return bytes;
}

/* An unsigned number of `size` bytes. */
static bool take_number(struct machine *m, size_t size, uint64_t *number)
{
    const unsigned char *bytes = take(m, size);
    *number = 0;
    if (bytes != NULL)
        memcpy(number, bytes, size);
    return bytes != NULL;
}

/* A text or bytes behind a length of `size` bytes. */
static bool push_text(struct machine *m, enum sbmt_pickle_kind kind, size_t size)
{
    uint64_t length;
    const unsigned char *bytes = take_number(m, size, &length) ? take(m, length) : NULL;
    return bytes != NULL &&
           push_new(m, (struct sbmt_pickle_value){
                           .kind = kind, .length = (size_t)length, .text = (const char *)bytes});
}

/* A two's complement number behind its length. */
static bool push_long(struct machine *m)
{
    uint64_t length;
    const unsigned char *bytes = take_number(m, 1, &length) ? take(m, length) : NULL;
    if (bytes == NULL)
        return false;
    if (length > sizeof(int64_t))
        return push_new(m, (struct sbmt_pickle_value){.kind = SBMT_PICKLE_LONG,
                                                      .length = (size_t)length,
                                                      .text = (const char *)bytes});
    uint64_t number = length > 0 && bytes[length - 1] >= 0x80 ? UINT64_MAX : 0;
    memcpy(&number, bytes, (size_t)length);
    return push_integer(m, SBMT_PICKLE_INTEGER, (int64_t)number);
}

static bool push_global(struct machine *m, const char *module, size_t module_length,
                        const char *name, size_t name_length)
{
    char full[2 * NAME_SHOWN + 2];
    size_t length = 0;
    const bool fits = module_length <= NAME_SHOWN && name_length <= NAME_SHOWN;
    for (size_t i = 0; i < module_length && i < NAME_SHOWN; i++)
        full[length++] = module[i];
    full[length++] = ' ';
    for (size_t i = 0; i < name_length && i < NAME_SHOWN; i++)
        full[length++] = name[i];
    full[length] = '\0';
    for (int i = 0; fits && m->globals[i] != NULL; i++)
        if (strlen(m->globals[i]) == length && memcmp(m->globals[i], full, length) == 0)
            return push_new(m, (struct sbmt_pickle_value){.kind = SBMT_PICKLE_GLOBAL, .global = i});
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)full[i] < 0x20 || (unsigned char)full[i] >= 0x7F)
            full[i] = '?';
    full[module_length < NAME_SHOWN ? module_length : NAME_SHOWN] = '.';
    return FAIL(m, "it names %s, which is no part of a checkpoint's tensors; refused", full);
}

/* A line behind an opcode, without its end. */
static const char *take_line(struct machine *m, size_t *length)
{
    const unsigned char *begin = m->bytes + m->position;
    const size_t left = m->size - m->position;
    const unsigned char *end = left > 0 ? memchr(begin, '\n', left) : NULL;
    if (end == NULL) {
        FAIL(m, "a name does not end; the file is truncated or damaged");
        return NULL;
    }
    *length = (size_t)(end - begin);
    m->position += *length + 1;
    return (const char *)begin;
}

static bool read_global(struct machine *m)
{
    size_t module_length, name_length;
    const char *module = take_line(m, &module_length);
    const char *name = module != NULL ? take_line(m, &name_length) : NULL;
    return name != NULL && push_global(m, module, module_length, name, name_length);
}

static bool read_stack_global(struct machine *m)
{
    if (!need(m, 2))
        return false;
    const struct sbmt_pickle_value **pair = top(m, 2);
    if (pair[0]->kind != SBMT_PICKLE_TEXT || pair[1]->kind != SBMT_PICKLE_TEXT)
        return FAIL(m, "the name of a global is not a text");
    m->stack.count -= 2;
    return push_global(m, pair[0]->text, pair[0]->length, pair[1]->text, pair[1]->length);
}

/* Replaces the `count` topmost values by one that holds them. */
static bool collect(struct machine *m, enum sbmt_pickle_kind kind, int count, int marks)
{
    if (!need(m, count))
        return false;
    const struct sbmt_pickle_value **items = sbmt_arena_zalloc(m->arena, (size_t)count,
                                                               sizeof *items);
    if (!sbmt_arena_check(m->arena, m->place, m->err))
        return false;
    if (count > 0)
        memcpy(items, top(m, count), (size_t)count * sizeof *items);
    m->stack.count -= count + marks;
    return push_new(m, (struct sbmt_pickle_value){
                           .kind = kind, .count = count, .capacity = count, .items = items});
}

static bool reduce(struct machine *m)
{
    if (!need(m, 2))
        return false;
    const struct sbmt_pickle_value **pair = top(m, 2);
    if (pair[0]->kind != SBMT_PICKLE_GLOBAL || pair[1]->kind != SBMT_PICKLE_TUPLE)
        return FAIL(m, "what it calls is not a global with a tuple of arguments");
    return collect(m, SBMT_PICKLE_CALL, 2, 0);
}

/* Moves the `count` topmost values to the end of the container below them, and a mark away. */
static bool extend(struct machine *m, int count, int marks, bool is_list)
{
    if (count < 0)
        return false;
    const int below = m->stack.count - count - marks - 1;
    const struct sbmt_pickle_value *found = below >= 0 ? m->stack.items[below] : NULL;
    if (!need(m, count))
        return false;
    const bool fits = found != NULL && (is_list ? found->kind == SBMT_PICKLE_LIST
                                                : found->kind == SBMT_PICKLE_DICT ||
                                                      found->kind == SBMT_PICKLE_CALL);
    if (!fits)
        return FAIL(m, "there is no %s below the values for it", is_list ? "list" : "dict");
    if (!is_list && count % 2 != 0)
        return FAIL(m, "a key has no value");
    /* Every value was made by push_new, in memory that may be written. */
    struct sbmt_pickle_value *to = (struct sbmt_pickle_value *)(uintptr_t)found;
    for (int i = 0; i < count; i++) {
        if (!reserve(m, &to->items, to->count, &to->capacity))
            return false;
        to->items[to->count++] = m->stack.items[m->stack.count - count + i];
    }
    m->stack.count -= count + marks;
    return true;
}

/* Keeps the topmost value under an index. */
static bool memoize(struct machine *m, uint64_t index)
{
    if (!need(m, 1))
        return false;
    if (index >= SBMT_PICKLE_MOST)
        return FAIL(m, "%llu values to remember are over the limit of %d",
                    (unsigned long long)index + 1, SBMT_PICKLE_MOST);
    while ((uint64_t)m->memo.count <= index) {
        if (!reserve(m, &m->memo.items, m->memo.count, &m->memo.capacity))
            return false;
        m->memo.items[m->memo.count++] = NULL;
    }
    m->memo.items[index] = *top(m, 1);
    return true;
}

static bool recall(struct machine *m, uint64_t index)
{
    if (index >= (uint64_t)m->memo.count || m->memo.items[index] == NULL)
        return FAIL(m, "value %llu was never remembered", (unsigned long long)index);
    return push(m, m->memo.items[index]);
}

/* Opcodes that work on the stack and the memo. */
static bool run_stack(struct machine *m, int opcode)
{
    uint64_t number;
    int count;
    switch (opcode) {
    case OP_MARK:
        return push(m, NULL);
    case OP_POP:
    case OP_BUILD: /* attributes of an object, such as a state dict's _metadata: not needed */
        if (!need(m, opcode == OP_BUILD ? 2 : 1))
            return false;
        m->stack.count--;
        return true;
    case OP_TUPLE:
        count = count_to_mark(m);
        return count >= 0 && collect(m, SBMT_PICKLE_TUPLE, count, 1);
    case OP_TUPLE1:
    case OP_TUPLE2:
    case OP_TUPLE3:
        return collect(m, SBMT_PICKLE_TUPLE, opcode - OP_TUPLE1 + 1, 0);
    case OP_APPEND:
        return extend(m, 1, 0, true);
    case OP_APPENDS:
        return extend(m, count_to_mark(m), 1, true);
    case OP_SETITEM:
        return extend(m, 2, 0, false);
    case OP_SETITEMS:
        return extend(m, count_to_mark(m), 1, false);
    case OP_REDUCE:
        return reduce(m);
    case OP_BINPERSID:
        return collect(m, SBMT_PICKLE_PERSISTENT, 1, 0);
    case OP_BINPUT:
    case OP_LONG_BINPUT:
        return take_number(m, opcode == OP_BINPUT ? 1 : 4, &number) && memoize(m, number);
    case OP_BINGET:
    case OP_LONG_BINGET:
        return take_number(m, opcode == OP_BINGET ? 1 : 4, &number) && recall(m, number);
    case OP_MEMOIZE:
        return memoize(m, (uint64_t)m->memo.count);
    case OP_FRAME: /* a hint for readers of streams */
        return take_number(m, 8, &number);
    default:
        return FAIL(m, "opcode 0x%02x is not one of those that hold tensors; refused", opcode);
    }
}

/* Opcodes that push a value of their own, and any other. */
static bool run(struct machine *m, int opcode)
{
    uint64_t number;
    switch (opcode) {
    case OP_NONE:
        return push_integer(m, SBMT_PICKLE_NONE, 0);
    case OP_NEWTRUE:
    case OP_NEWFALSE:
        return push_integer(m, SBMT_PICKLE_BOOL, opcode == OP_NEWTRUE);
    case OP_BININT:
        return take_number(m, 4, &number) &&
               push_integer(m, SBMT_PICKLE_INTEGER, (int32_t)(uint32_t)number);
    case OP_BININT1:
        return take_number(m, 1, &number) && push_integer(m, SBMT_PICKLE_INTEGER, (int64_t)number);
    case OP_BININT2:
        return take_number(m, 2, &number) && push_integer(m, SBMT_PICKLE_INTEGER, (int64_t)number);
    case OP_LONG1:
        return push_long(m);
    case OP_BINFLOAT:
        return take_number(m, 8, &number) && push_integer(m, SBMT_PICKLE_FLOAT, 0);
    case OP_SHORT_BINUNICODE:
    case OP_SHORT_BINSTRING: /* texts of Python 2 */
        return push_text(m, SBMT_PICKLE_TEXT, 1);
    case OP_BINUNICODE:
    case OP_BINSTRING:
        return push_text(m, SBMT_PICKLE_TEXT, 4);
    case OP_BINUNICODE8:
        return push_text(m, SBMT_PICKLE_TEXT, 8);
    case OP_SHORT_BINBYTES:
        return push_text(m, SBMT_PICKLE_BYTES, 1);
    case OP_BINBYTES:
        return push_text(m, SBMT_PICKLE_BYTES, 4);
    case OP_GLOBAL:
        return read_global(m);
    case OP_STACK_GLOBAL:
        return read_stack_global(m);
    case OP_EMPTY_DICT:
        return collect(m, SBMT_PICKLE_DICT, 0, 0);
    case OP_EMPTY_LIST:
        return collect(m, SBMT_PICKLE_LIST, 0, 0);
    case OP_EMPTY_TUPLE:
        return collect(m, SBMT_PICKLE_TUPLE, 0, 0);
    default:
        return run_stack(m, opcode);
    }
}

static bool read_protocol(struct machine *m)
{
    const unsigned char *head = take(m, 2);
    if (head == NULL)
        return false;
    if (head[0] != OP_PROTO)
        return sbmt_fail(m->err, SBMT_ERROR_DATA, "%s: does not begin as a pickle does", m->place);
    if (head[1] < 2 || head[1] > NEWEST_PROTOCOL)
        return sbmt_fail(m->err, SBMT_ERROR_DATA,
                         "%s: pickle protocol %d is not known (2 to %d are)", m->place, head[1],
                         NEWEST_PROTOCOL);
    return true;
}

bool sbmt_pickle_read(const unsigned char *bytes, size_t size, size_t *position, const char *place,
                      const char *const *globals, struct sbmt_arena *arena,
                      const struct sbmt_pickle_value **value, struct sbmt_error *err)
{
    struct machine m = {.bytes = bytes,
                        .size = size,
                        .position = *position,
                        .opcode_at = *position,
                        .place = place,
                        .globals = globals,
                        .arena = arena,
                        .err = err};
    if (!read_protocol(&m))
        return false;
    for (int i = 0; i < SBMT_PICKLE_MOST; i++) {
        m.opcode_at = m.position;
        const unsigned char *opcode = take(&m, 1);
        if (opcode == NULL)
            return false;
        if (*opcode != OP_STOP) {
            if (!run(&m, *opcode))
                return false;
            continue;
        }
        if (!need(&m, 1))
            return false;
        if (m.stack.count != 1)
            return FAIL(&m, "it ends with %d values instead of one", m.stack.count);
        *value = *top(&m, 1);
        *position = m.position;
        return true;
    }
    return FAIL(&m, "over %d opcodes: too many for a checkpoint", SBMT_PICKLE_MOST);
}

bool sbmt_pickle_is(const struct sbmt_pickle_value *value, const char *text)
{
    return value->kind == SBMT_PICKLE_TEXT && value->length == strlen(text) &&
           memcmp(value->text, text, value->length) == 0;
}
