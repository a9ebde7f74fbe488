/* Checkpoints: parameters, moments and counters in one safetensors file. */
#include "core/train/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/checksum.h"
#include "core/io/safetensors.h"

static const char format_name[] = "sbmt checkpoint 1";
static const char *const moment_prefix[] = {"optimizer.m.", "optimizer.v."};

static const enum sbmt_dtype real_dtype = SBMT_REAL_BITS == 64 ? SBMT_DTYPE_F64 : SBMT_DTYPE_F32;

enum { SLABS = 3 };

/* The metadata, in file order; the checksum covers all entries before it. */
enum { FORMAT, STEP, BEST_METRIC, BEST_STEP, EVAL_PENDING, FINGERPRINT, CLASSES, CRC, ENTRIES };
static const char *const keys[ENTRIES] = {"format",       "step",        "best_metric", "best_step",
                                          "eval_pending", "fingerprint", "classes",     "crc32"};

static void checksum_text(const struct sbmt_stored *tensors, int count,
                          const char *const values[ENTRIES], char text[SBMT_CHECKSUM_TEXT])
{
    uint32_t crc = sbmt_checksum_tensors(0, tensors, count);
    for (int i = 0; i < CRC; i++) {
        if (values[i] == NULL)
            continue;
        crc = sbmt_checksum(crc, keys[i], strlen(keys[i]));
        crc = sbmt_checksum(crc, "=", 1);
        crc = sbmt_checksum(crc, values[i], strlen(values[i]));
        crc = sbmt_checksum(crc, "\n", 1);
    }
    sbmt_checksum_text(crc, text);
}

/* "optimizer.m." and the name, in the arena; NULL when out of memory. */
static const char *moment_name(struct sbmt_arena *arena, int moment, const char *name)
{
    const size_t size = strlen(moment_prefix[moment]) + strlen(name) + 1;
    char *full = sbmt_arena_alloc(arena, size);
    if (full != NULL)
        snprintf(full, size, "%s%s", moment_prefix[moment], name);
    return full;
}

/* The tensors of a file: all values, then with `optimiser` all of each moment. `bytes` points into
 * the slabs. When out of memory the arena has failed. */
static struct sbmt_stored *describe(struct sbmt_arena *arena, const struct sbmt_params *params,
                                    bool optimiser, int *count)
{
    real *const slabs[SLABS] = {params->value, params->moment1, params->moment2};
    const int used = optimiser ? SLABS : 1;
    *count = used * params->count;
    struct sbmt_stored *tensors = sbmt_arena_zalloc(arena, (size_t)*count, sizeof *tensors);
    if (tensors == NULL)
        return NULL;
    struct sbmt_stored *stored = tensors;
    for (int slab = 0; slab < used; slab++) {
        for (const struct sbmt_tensor *t = params->first; t != NULL; t = t->next, stored++) {
            stored->name = slab == 0 ? t->name : moment_name(arena, slab - 1, t->name);
            stored->dtype = real_dtype;
            stored->rank = t->rank;
            memcpy(stored->shape, t->shape, (size_t)t->rank * sizeof *t->shape);
            stored->count = t->size;
            stored->bytes = slabs[slab] + t->offset;
        }
    }
    return tensors;
}

bool sbmt_checkpoint_write(const char *path, const struct sbmt_params *params, bool optimiser,
                           const struct sbmt_checkpoint *state, const char *fingerprint,
                           struct sbmt_error *err)
{
    struct sbmt_arena arena = {0};
    int count = 0;
    const struct sbmt_stored *tensors = describe(&arena, params, optimiser, &count);
    char step[24], metric[32], best_step[24], checksum[SBMT_CHECKSUM_TEXT];
    snprintf(step, sizeof step, "%lld", (long long)state->step);
    snprintf(metric, sizeof metric, "%.17g", state->best_metric);
    snprintf(best_step, sizeof best_step, "%lld", (long long)state->best_step);
    const char *const values[ENTRIES] = {
        format_name, step,           metric,  best_step, state->eval_pending ? "true" : "false",
        fingerprint, state->classes, checksum};
    bool ok = sbmt_arena_check(&arena, path, err);
    if (ok) {
        checksum_text(tensors, count, values, checksum);
        const char *metadata[2 * ENTRIES];
        int entries = 0;
        for (int i = 0; i < ENTRIES; i++) {
            if (values[i] == NULL)
                continue;
            metadata[2 * entries] = keys[i];
            metadata[2 * entries + 1] = values[i];
            entries++;
        }
        ok = sbmt_safetensors_write(path, tensors, count, metadata, entries, err);
    }
    sbmt_arena_finish(&arena);
    return ok;
}

static bool read_count(const char *path, int entry, const char *text, int64_t *number,
                       struct sbmt_error *err)
{
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: damaged: metadata '%s' is not a number of steps", path, keys[entry]);
    *number = value;
    return true;
}

/* All metadata values, and the counters in them. Checkpoints of earlier versions name no classes.
 */
static bool read_state(const struct sbmt_safetensors *file, const char *values[ENTRIES],
                       struct sbmt_checkpoint *state, struct sbmt_error *err)
{
    const char *format = sbmt_safetensors_metadata(file, keys[FORMAT]);
    if (format == NULL || strcmp(format, format_name) != 0)
        return sbmt_fail(
            err, SBMT_ERROR_DATA,
            "%s: not a checkpoint: its metadata 'format' is not '%s'; give a file that "
            "sbmt train wrote",
            file->path, format_name);
    for (int i = 0; i < ENTRIES; i++) {
        values[i] = sbmt_safetensors_metadata(file, keys[i]);
        if (values[i] == NULL && i != CLASSES)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: damaged: metadata '%s' is missing",
                             file->path, keys[i]);
    }
    if (!read_count(file->path, STEP, values[STEP], &state->step, err) ||
        !read_count(file->path, BEST_STEP, values[BEST_STEP], &state->best_step, err))
        return false;
    char *end = NULL;
    state->best_metric = strtod(values[BEST_METRIC], &end);
    if (end == values[BEST_METRIC] || *end != '\0')
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: damaged: metadata '%s' is not a number",
                         file->path, keys[BEST_METRIC]);
    state->eval_pending = strcmp(values[EVAL_PENDING], "true") == 0;
    return true;
}

/* True if the parameters have a tensor of this name, or of the name behind a moment's prefix. */
static bool known(const struct sbmt_params *params, const char *name)
{
    for (int i = 0; i < SLABS - 1; i++) {
        const size_t length = strlen(moment_prefix[i]);
        if (strncmp(name, moment_prefix[i], length) == 0)
            return sbmt_params_find(params, name + length) != NULL;
    }
    return sbmt_params_find(params, name) != NULL;
}

static bool fail_unknown(const struct sbmt_safetensors *file, const char *name,
                         struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: tensor '%.200s' is not part of this model; use the configuration of its "
                     "run",
                     file->path, name);
}

/* Points `bytes` of each wanted tensor into the file, after comparing both sides. */
static bool match(const struct sbmt_safetensors *file, const struct sbmt_params *params,
                  struct sbmt_stored *wanted, int count, struct sbmt_error *err)
{
    for (int i = 0; i < file->count; i++)
        if (!known(params, file->tensors[i].name))
            return fail_unknown(file, file->tensors[i].name, err);
    for (int i = 0; i < count; i++) {
        const struct sbmt_stored *stored = sbmt_safetensors_need(
            file, wanted[i].name, wanted[i].dtype, wanted[i].rank, wanted[i].shape, err);
        if (stored == NULL)
            return false;
        wanted[i].bytes = stored->bytes;
    }
    return true;
}

static bool check_sum(const struct sbmt_safetensors *file, const char *const values[ENTRIES],
                      struct sbmt_error *err)
{
    char checksum[SBMT_CHECKSUM_TEXT];
    checksum_text(file->tensors, file->count, values, checksum);
    return strcmp(checksum, values[CRC]) == 0 ||
           sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: damaged: the checksum of its tensors does not match; restore it "
                     "from a copy",
                     file->path);
}

static bool check(const struct sbmt_safetensors *file, const struct sbmt_params *params,
                  struct sbmt_stored *wanted, int count, const char *fingerprint,
                  struct sbmt_checkpoint *state, struct sbmt_error *err)
{
    const char *values[ENTRIES];
    if (!read_state(file, values, state, err))
        return false;
    if (fingerprint != NULL && strcmp(values[FINGERPRINT], fingerprint) != 0)
        return sbmt_fail(
            err, SBMT_ERROR_DATA,
            "%s: was made with another configuration; use the one of its run, or start "
            "anew in another folder",
            file->path);
    if (values[CLASSES] != NULL && state->classes != NULL &&
        strcmp(values[CLASSES], state->classes) != 0)
        return sbmt_fail(
            err, SBMT_ERROR_DATA,
            "%s: its classes are '%.200s', those of the task '%.200s': every prediction "
            "would be named wrongly; use the program that trained it, or train anew",
            file->path, values[CLASSES], state->classes);
    if (!match(file, params, wanted, count, err))
        return false;
    return check_sum(file, values, err);
}

bool sbmt_checkpoint_read(const char *path, struct sbmt_params *params, bool optimiser,
                          struct sbmt_checkpoint *state, const char *fingerprint,
                          struct sbmt_error *err)
{
    struct sbmt_safetensors file = {0};
    if (!sbmt_safetensors_open(&file, path, err))
        return false;
    struct sbmt_arena arena = {0};
    int count = 0;
    struct sbmt_stored *wanted = describe(&arena, params, optimiser, &count);
    struct sbmt_checkpoint read = *state;
    const bool ok = sbmt_arena_check(&arena, path, err) &&
                    check(&file, params, wanted, count, fingerprint, &read, err);
    if (ok) {
        real *const slabs[SLABS] = {params->value, params->moment1, params->moment2};
        const struct sbmt_stored *stored = wanted;
        for (int slab = 0; slab < (optimiser ? SLABS : 1); slab++)
            for (const struct sbmt_tensor *t = params->first; t != NULL; t = t->next, stored++)
                memcpy(slabs[slab] + t->offset, stored->bytes, t->size * sizeof(real));
        *state = read;
    }
    sbmt_arena_finish(&arena);
    sbmt_safetensors_close(&file);
    return ok;
}

bool sbmt_checkpoint_look(const char *path, const char **classes, struct sbmt_arena *arena,
                          struct sbmt_error *err)
{
    struct sbmt_safetensors file = {0};
    *classes = NULL;
    if (!sbmt_safetensors_open(&file, path, NULL)) /* of another form */
        return true;
    const char *format = sbmt_safetensors_metadata(&file, keys[FORMAT]);
    bool whole = true;
    if (format != NULL && strcmp(format, format_name) == 0) {
        const char *values[ENTRIES];
        struct sbmt_checkpoint state;
        whole = read_state(&file, values, &state, err) && check_sum(&file, values, err);
        if (whole && values[CLASSES] != NULL)
            *classes = sbmt_arena_strdup(arena, values[CLASSES]);
    }
    sbmt_safetensors_close(&file);
    return whole && sbmt_arena_check(arena, path, err);
}
