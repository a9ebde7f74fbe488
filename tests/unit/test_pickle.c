/* The pickle reader: every opcode it knows, and that it knows no other. */
#include <stdint.h>
#include <string.h>

#include "core/io/pickle.h"
#include "tests/suite.h"

static const char *const globals[] = {"collections OrderedDict", "torch FloatStorage", NULL};

/* Reads a pickle after "\x80\x02" in front of it. */
static const struct sbmt_pickle_value *read_bytes(const char *bytes, size_t size,
                                                  struct sbmt_arena *arena, struct sbmt_error *err)
{
    unsigned char all[4096] = {0x80, 2};
    ck_assert_uint_le(size + 2, sizeof all);
    memcpy(all + 2, bytes, size);
    /* Values point into the bytes. */
    unsigned char *kept = sbmt_arena_alloc(arena, size + 2);
    ck_assert_ptr_nonnull(kept);
    memcpy(kept, all, size + 2);
    const struct sbmt_pickle_value *value = NULL;
    size_t position = 0;
    if (!sbmt_pickle_read(kept, size + 2, &position, "f", globals, arena, &value, err))
        return NULL;
    ck_assert_uint_eq(position, size + 2);
    return value;
}

/* The value of a pickle that is a literal, which must be read. */
#define READ(literal) read_good(literal, sizeof(literal) - 1, &arena)

static const struct sbmt_pickle_value *read_good(const char *bytes, size_t size,
                                                 struct sbmt_arena *arena)
{
    struct sbmt_error err = {0};
    const struct sbmt_pickle_value *value = read_bytes(bytes, size, arena, &err);
    ck_assert_msg(value != NULL, "%s", err.message);
    return value;
}

START_TEST(numbers)
{
    struct sbmt_arena arena = {0};
    static const struct {
        const char *bytes;
        size_t size;
        enum sbmt_pickle_kind kind;
        int64_t value;
    } cases[] = {
        {"N.", 2, SBMT_PICKLE_NONE, 0},
        {"\x88.", 2, SBMT_PICKLE_BOOL, 1},
        {"\x89.", 2, SBMT_PICKLE_BOOL, 0},
        {"K\xFF.", 3, SBMT_PICKLE_INTEGER, 255},
        {"M\x01\x02.", 4, SBMT_PICKLE_INTEGER, 513},
        {"J\xFE\xFF\xFF\xFF.", 6, SBMT_PICKLE_INTEGER, -2},
        {"\x8A\x00.", 3, SBMT_PICKLE_INTEGER, 0},
        {"\x8A\x01\xFF.", 4, SBMT_PICKLE_INTEGER, -1},
        {"\x8A\x05\x00\x00\x00\x00\x01.", 8, SBMT_PICKLE_INTEGER, 1LL << 32},
        {"G\x3F\xF0\0\0\0\0\0\0.", 10, SBMT_PICKLE_FLOAT, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct sbmt_pickle_value *value = read_good(cases[i].bytes, cases[i].size, &arena);
        ck_assert_int_eq(value->kind, cases[i].kind);
        ck_assert_int_eq(value->integer, cases[i].value);
    }
    const struct sbmt_pickle_value *value = READ("\x8A\x09\0\0\0\0\0\0\0\0\x01.");
    ck_assert_int_eq(value->kind, SBMT_PICKLE_LONG);
    ck_assert_uint_eq(value->length, 9);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(texts)
{
    struct sbmt_arena arena = {0};
    ck_assert(sbmt_pickle_is(READ("X\x02\0\0\0ab."), "ab"));
    ck_assert(sbmt_pickle_is(READ("U\x02"
                                  "ab."),
                             "ab"));
    ck_assert(sbmt_pickle_is(READ("T\x02\0\0\0ab."), "ab"));
    ck_assert(sbmt_pickle_is(READ("\x8C\x02"
                                  "ab."),
                             "ab"));
    ck_assert(sbmt_pickle_is(READ("\x8D\x02\0\0\0\0\0\0\0ab."), "ab"));
    ck_assert(!sbmt_pickle_is(READ("X\x02\0\0\0ab."), "abc"));
    ck_assert_int_eq(READ("C\x01"
                          "a.")
                         ->kind,
                     SBMT_PICKLE_BYTES);
    ck_assert_int_eq(READ("B\x01\0\0\0a.")->kind, SBMT_PICKLE_BYTES);
    ck_assert(!sbmt_pickle_is(READ("C\x01"
                                   "a."),
                              "a"));
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(containers)
{
    struct sbmt_arena arena = {0};
    ck_assert_int_eq(READ(").")->kind, SBMT_PICKLE_TUPLE);
    ck_assert_int_eq(READ("K\1\x85.")->count, 1);
    ck_assert_int_eq(READ("K\1K\2\x86.")->items[1]->integer, 2);
    ck_assert_int_eq(READ("K\1K\2K\3\x87.")->items[2]->integer, 3);
    ck_assert_int_eq(READ("(K\1K\2K\3K\4t.")->count, 4);
    ck_assert_int_eq(READ("(t.")->count, 0);
    const struct sbmt_pickle_value *list = READ("]K\1a(K\2K\3e.");
    ck_assert_int_eq(list->kind, SBMT_PICKLE_LIST);
    ck_assert_int_eq(list->count, 3);
    ck_assert_int_eq(list->items[2]->integer, 3);
    const struct sbmt_pickle_value *dict = READ("}K\1K\2s(K\3K\4K\5K\6u.");
    ck_assert_int_eq(dict->kind, SBMT_PICKLE_DICT);
    ck_assert_int_eq(dict->count, 6);
    ck_assert_int_eq(dict->items[5]->integer, 6);
    ck_assert_int_eq(READ("K\1K\2"
                          "0.")
                         ->integer,
                     1);
    ck_assert_int_eq(READ("\x95\0\0\0\0\0\0\0\0K\7.")->integer, 7);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(memory)
{
    struct sbmt_arena arena = {0};
    ck_assert_int_eq(READ("K\1q\5K\2h\5\x87.")->items[2]->integer, 1);
    ck_assert_int_eq(READ("K\1r\0\1\0\0K\2j\0\1\0\0\x87.")->items[2]->integer, 1);
    ck_assert_int_eq(READ("K\1\x94K\2\x94h\0\x87.")->items[2]->integer, 1);
    /* A list that holds itself is no more than a pointer. */
    const struct sbmt_pickle_value *list = READ("]q\0h\0a.");
    ck_assert_ptr_eq(list->items[0], list);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(calls_stay_descriptions)
{
    struct sbmt_arena arena = {0};
    const struct sbmt_pickle_value *call = READ("ccollections\nOrderedDict\n)R(K\1K\2u}b.");
    ck_assert_int_eq(call->kind, SBMT_PICKLE_CALL);
    ck_assert_int_eq(call->count, 4);
    ck_assert_int_eq(call->items[0]->global, 0);
    ck_assert_int_eq(call->items[1]->kind, SBMT_PICKLE_TUPLE);
    ck_assert_int_eq(call->items[3]->integer, 2);
    const struct sbmt_pickle_value *name = READ("X\5\0\0\0torch\x8C\x0C"
                                                "FloatStorage\x93.");
    ck_assert_int_eq(name->kind, SBMT_PICKLE_GLOBAL);
    ck_assert_int_eq(name->global, 1);
    const struct sbmt_pickle_value *persistent = READ("K\5Q.");
    ck_assert_int_eq(persistent->kind, SBMT_PICKLE_PERSISTENT);
    ck_assert_int_eq(persistent->items[0]->integer, 5);
    sbmt_arena_finish(&arena);
}
END_TEST

#define REFUSED(bytes, message)                                                                    \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, message                                                          \
    }

static const struct {
    const char *bytes;
    size_t size;
    const char *message;
} refusals[] = {
    REFUSED("cos\nsystem\n", "byte 2: it names os.system, which is no part of a checkpoint's "
                             "tensors; refused"),
    REFUSED("c__builtin__\neval\n", "byte 2: it names __builtin__.eval, which is no part of a "
                                    "checkpoint's tensors; refused"),
    REFUSED("cco\nllections OrderedDict\n",
            "byte 2: it names co.llections OrderedDict, which is no part of a checkpoint's "
            "tensors; refused"),
    REFUSED("ca\1\nb\n", "byte 2: it names a?.b, which is no part of a checkpoint's tensors; "
                         "refused"),
    REFUSED("X\2\0\0\0osX\6\0\0\0system\x93",
            "byte 20: it names os.system, which is no part of a checkpoint's tensors; refused"),
    REFUSED("K\1K\2\x93", "byte 6: the name of a global is not a text"),
    REFUSED("(S'ls'\nios\nsystem\n", "byte 3: opcode 0x53 is not one of those that hold tensors; "
                                     "refused"),
    REFUSED("ccollections\nOrderedDict\n)\x81", "byte 28: opcode 0x81 is not one of those that "
                                                "hold tensors; refused"),
    REFUSED("Pid\n", "byte 2: opcode 0x50 is not one of those that hold tensors; refused"),
    REFUSED("\x82\1", "byte 2: opcode 0x82 is not one of those that hold tensors; refused"),
    REFUSED("K\1)R.", "byte 5: what it calls is not a global with a tuple of arguments"),
    REFUSED(")R.", "byte 3: it needs 2 values on the stack and finds 1"),
    REFUSED("(K\1\x86.", "byte 5: it needs 2 values on the stack and finds 1"),
    REFUSED("K\1t.", "byte 4: it needs a mark on the stack and finds none"),
    REFUSED("K\1K\2a.", "byte 6: there is no list below the values for it"),
    REFUSED("(K\2a.", "byte 5: there is no list below the values for it"),
    REFUSED("](K\1K\2u.", "byte 8: there is no dict below the values for it"),
    REFUSED("}(K\1u.", "byte 6: a key has no value"),
    REFUSED("h\0.", "byte 2: value 0 was never remembered"),
    REFUSED("K\1q\2h\1.", "byte 6: value 1 was never remembered"),
    REFUSED("K\1r\xFF\xFF\xFF\xFF.", "byte 4: 4294967296 values to remember are over the limit of "
                                     "1048576"),
    REFUSED("(q\0.", "byte 3: it needs 1 values on the stack and finds 0"),
    REFUSED("X\xFF\0\0\0a.", "byte 2: it needs 255 bytes of the 2 behind it; the file is truncated "
                             "or damaged"),
    REFUSED("\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF.",
            "byte 2: it needs 18446744073709551615 bytes of the 1 behind it; the file is truncated "
            "or damaged"),
    REFUSED("ctorch\nFloat", "byte 2: a name does not end; the file is truncated or damaged"),
    REFUSED("K\1", "byte 4: it needs 1 bytes of the 0 behind it; the file is truncated or damaged"),
    REFUSED(".", "byte 2: it needs 1 values on the stack and finds 0"),
    REFUSED("K\1K\2.", "byte 6: it ends with 2 values instead of one"),
    REFUSED("(.", "byte 3: it needs 1 values on the stack and finds 0"),
};

START_TEST(everything_else_is_refused)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    ck_assert_ptr_null(read_bytes(refusals[_i].bytes, refusals[_i].size, &arena, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_int_eq(strncmp(err.message, "f: ", 3), 0);
    ck_assert_str_eq(err.message + 3, refusals[_i].message);
    sbmt_arena_finish(&arena);
}
END_TEST

/* The list of opcodes is as long as it is meant to be. */
START_TEST(most_opcodes_are_unknown)
{
    int known = 0;
    for (int opcode = 0; opcode < 256; opcode++) {
        struct sbmt_arena arena = {0};
        struct sbmt_error err = {0};
        const char byte = (char)opcode;
        ck_assert_ptr_null(read_bytes(&byte, 1, &arena, &err));
        known += strstr(err.message, "is not one of those") == NULL;
        sbmt_arena_finish(&arena);
    }
    ck_assert_int_eq(known, 40);
}
END_TEST

START_TEST(protocols)
{
    static const struct {
        unsigned char bytes[2];
        size_t size;
        const char *message;
    } cases[] = {
        {{0x80, 1}, 2, "f: pickle protocol 1 is not known (2 to 4 are)"},
        {{0x80, 5}, 2, "f: pickle protocol 5 is not known (2 to 4 are)"},
        {{'K', 1}, 2, "f: does not begin as a pickle does"},
        {{0x80, 2},
         1,
         "f: byte 0: it needs 2 bytes of the 1 behind it; the file is truncated or "
         "damaged"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sbmt_arena arena = {0};
        struct sbmt_error err = {0};
        const struct sbmt_pickle_value *value;
        size_t position = 0;
        ck_assert(!sbmt_pickle_read(cases[i].bytes, cases[i].size, &position, "f", globals, &arena,
                                    &value, &err));
        ck_assert_str_eq(err.message, cases[i].message);
        sbmt_arena_finish(&arena);
    }
}
END_TEST

/* A pickle that goes on and on is given up. */
START_TEST(opcodes_are_counted)
{
    const size_t size = (size_t)SBMT_PICKLE_MOST + 16;
    unsigned char *bytes = malloc(size);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, '(', size);
    memcpy(bytes, "\x80\x02", 2);
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    const struct sbmt_pickle_value *value;
    size_t position = 0;
    ck_assert(!sbmt_pickle_read(bytes, size, &position, "f", globals, &arena, &value, &err));
    ck_assert_str_eq(err.message,
                     "f: byte 1048577: over 1048576 opcodes: too many for a checkpoint");
    sbmt_arena_finish(&arena);
    free(bytes);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {numbers, 1},
        {texts, 1},
        {containers, 1},
        {memory, 1},
        {calls_stay_descriptions, 1},
        {everything_else_is_refused, (int)(sizeof refusals / sizeof refusals[0])},
        {most_opcodes_are_unknown, 1},
        {protocols, 1},
        {opcodes_are_counted, 1},
    };
    return sbmt_suite_run_loops("pickle", tests, (int)(sizeof tests / sizeof tests[0]));
}
