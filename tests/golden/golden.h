/* Reading golden files and comparing with them. The files are made by scripts/golden. */
#ifndef SBMT_TESTS_GOLDEN_GOLDEN_H
#define SBMT_TESTS_GOLDEN_GOLDEN_H

#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/field.h"
#include "core/base/real.h"
#include "core/io/safetensors.h"

/** What the engine may differ by: a share of the tensor's largest entry. */
#define GOLDEN_TOLERANCE 1e-5

/** Opens GOLDEN_FOLDER/<name>.safetensors, or fails the test. The caller closes it. */
static inline void golden_open(struct sbmt_safetensors *file, const char *name)
{
    struct sbmt_error err = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.safetensors", GOLDEN_FOLDER, name);
    ck_assert_msg(sbmt_safetensors_open(file, path, &err), "%s", err.message);
}

/** The tensor whose name is formatted, of the given dtype and any shape, or a failed test. */
__attribute__((format(printf, 3, 4))) static inline const struct sbmt_stored *
golden_tensor(const struct sbmt_safetensors *file, enum sbmt_dtype dtype, const char *format, ...)
{
    struct sbmt_error err = {0};
    char name[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    const struct sbmt_stored *tensor = sbmt_safetensors_need(file, name, dtype, -1, NULL, &err);
    ck_assert_msg(tensor != NULL, "%s", err.message);
    return tensor;
}

/** The largest absolute value of a float tensor. */
static inline double golden_largest(const struct sbmt_stored *tensor)
{
    const float *values = tensor->bytes;
    double largest = 0;
    for (size_t i = 0; i < tensor->count; i++)
        largest = fmax(largest, fabs((double)values[i]));
    return largest;
}

/** Fails unless every |found − expected| is at most GOLDEN_TOLERANCE · scale. NaN fails. */
static inline void golden_compare_scaled(const char *what, const real *found,
                                         const struct sbmt_stored *expected, double scale)
{
    const float *values = expected->bytes;
    for (size_t i = 0; i < expected->count; i++) {
        const double difference = fabs((double)found[i] - (double)values[i]);
        ck_assert_msg(difference <= GOLDEN_TOLERANCE * scale,
                      "%s: %s[%zu] is %.9g, expected %.9g: off by %.2e of the largest entry", what,
                      expected->name, i, (double)found[i], (double)values[i], difference / scale);
    }
}

/** The same with the tensor's own largest entry as the scale; all zeros must be met exactly. */
static inline void golden_compare(const char *what, const real *found,
                                  const struct sbmt_stored *expected)
{
    golden_compare_scaled(what, found, expected, golden_largest(expected));
}

/** Copies a float tensor of `count` numbers to reals. */
static inline void golden_copy(const struct sbmt_stored *tensor, size_t count, real *to)
{
    ck_assert_msg(tensor->count == count, "%s has %zu numbers, expected %zu", tensor->name,
                  tensor->count, count);
    const float *values = tensor->bytes;
    for (size_t i = 0; i < count; i++)
        to[i] = SBMT_R(values[i]);
}

static inline const struct sbmt_field *golden_field(const struct sbmt_field *fields,
                                                    const char *key, enum sbmt_field_type type)
{
    const struct sbmt_field *field = sbmt_field_find(fields, key);
    ck_assert_msg(field != NULL && field->type == type, "there is no such option: %s", key);
    return field;
}

/** Sets an option of a struct by its key. */
static inline void golden_set_int(const struct sbmt_field *fields, void *config, const char *key,
                                  int value)
{
    const size_t offset = golden_field(fields, key, SBMT_FIELD_INT)->offset;
    *(int *)(void *)((char *)config + offset) = value;
}

static inline void golden_set_number(const struct sbmt_field *fields, void *config, const char *key,
                                     double value)
{
    const size_t offset = golden_field(fields, key, SBMT_FIELD_NUMBER)->offset;
    *(double *)(void *)((char *)config + offset) = value;
}

static inline void golden_set_bool(const struct sbmt_field *fields, void *config, const char *key,
                                   bool value)
{
    const size_t offset = golden_field(fields, key, SBMT_FIELD_BOOL)->offset;
    *(bool *)(void *)((char *)config + offset) = value;
}

static inline void golden_set_choice(const struct sbmt_field *fields, void *config, const char *key,
                                     const char *word)
{
    const struct sbmt_field *field = golden_field(fields, key, SBMT_FIELD_CHOICE);
    int index = 0;
    while (field->choices[index] != NULL && strcmp(field->choices[index], word) != 0)
        index++;
    ck_assert_msg(field->choices[index] != NULL, "%s: there is no such word: %s", key, word);
    *(int *)(void *)((char *)config + field->offset) = index;
}

#endif
