/* Checkpoints: what is written comes back, and nothing broken or foreign is taken in. */
#include "tests/suite.h"

#include <string.h>

#include "core/io/safetensors.h"
#include "core/train/checkpoint.h"
#include "tests/temporary.h"

static const char fingerprint[] = "0123abcd";
static const struct sbmt_checkpoint state = {
    .step = 120, .best_metric = 1.0 / 3, .best_step = 100, .eval_pending = true, .seconds = 5};

/* Tensors "weight" (rows, 5) and "bias" (7), with moments that are not zero. */
static struct sbmt_params make(int rows, const char *second, uint64_t seed)
{
    struct sbmt_params params = {0};
    struct sbmt_error err = {0};
    const int64_t matrix[] = {rows, 5}, line[] = {7};
    const struct sbmt_init init = {SBMT_INIT_NORMAL, 1};
    sbmt_params_add(&params, "weight", 2, matrix, init);
    sbmt_params_add(&params, second, 1, line, init);
    ck_assert(sbmt_params_seal(&params, seed, &err));
    for (const struct sbmt_tensor *t = params.first; t != NULL; t = t->next)
        for (size_t i = t->offset; i < t->offset + t->size; i++) {
            params.moment1[i] = params.value[i] / 3;
            params.moment2[i] = params.value[i] * params.value[i];
        }
    return params;
}

static void save(const char *path, const struct sbmt_params *params, bool optimiser)
{
    struct sbmt_error err = {0};
    const bool done = sbmt_checkpoint_write(path, params, optimiser, &state, fingerprint, &err);
    ck_assert_msg(done, "%s", err.message);
}

static void assert_same(const struct sbmt_params *a, const struct sbmt_params *b, bool optimiser)
{
    ck_assert_uint_eq(a->size, b->size);
    ck_assert_mem_eq(a->value, b->value, a->size * sizeof(real));
    if (optimiser) {
        ck_assert_mem_eq(a->moment1, b->moment1, a->size * sizeof(real));
        ck_assert_mem_eq(a->moment2, b->moment2, a->size * sizeof(real));
    }
}

/* Reading must fail with this text after the path, and change nothing. */
static void assert_refused(const char *path, struct sbmt_params *params, bool optimiser,
                           const char *wanted, const char *text)
{
    struct sbmt_error err = {0};
    struct sbmt_checkpoint read = {.step = 77, .best_metric = 2, .best_step = 5, .seconds = 3};
    const struct sbmt_checkpoint before = read;
    real *copy = malloc(3 * params->size * sizeof(real));
    memcpy(copy, params->value, params->size * sizeof(real));
    memcpy(copy + params->size, params->moment1, params->size * sizeof(real));
    memcpy(copy + 2 * params->size, params->moment2, params->size * sizeof(real));
    ck_assert(!sbmt_checkpoint_read(path, params, optimiser, &read, wanted, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_msg(strncmp(err.message, path, strlen(path)) == 0, "%s", err.message);
    ck_assert_msg(strstr(err.message, text) != NULL, "%s", err.message);
    ck_assert_ptr_null(strchr(err.message, '\n'));
    ck_assert_mem_eq(copy, params->value, params->size * sizeof(real));
    ck_assert_mem_eq(copy + params->size, params->moment1, params->size * sizeof(real));
    ck_assert_mem_eq(copy + 2 * params->size, params->moment2, params->size * sizeof(real));
    ck_assert(read.step == before.step && read.best_metric == before.best_metric &&
              read.best_step == before.best_step && read.seconds == before.seconds);
    free(copy);
}

START_TEST(what_is_written_is_read)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "last.safetensors");
    struct sbmt_params params = make(3, "bias", 1), other = make(3, "bias", 2);
    struct sbmt_error err = {0};
    save(path, &params, true);
    struct sbmt_checkpoint read = {.seconds = 9};
    ck_assert(sbmt_checkpoint_read(path, &other, true, &read, fingerprint, &err));
    assert_same(&params, &other, true);
    ck_assert_int_eq(read.step, 120);
    ck_assert_double_eq(read.best_metric, 1.0 / 3);
    ck_assert_int_eq(read.best_step, 100);
    ck_assert(read.eval_pending);
    ck_assert_double_eq(read.seconds, 9);
    sbmt_params_finish(&other);
    sbmt_params_finish(&params);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(weights_are_read_with_and_without_moments)
{
    struct temporary temporary = temporary_make();
    const char *last = temporary_path(&temporary, "last.safetensors");
    const char *best = temporary_path(&temporary, "best.safetensors");
    struct sbmt_params params = make(3, "bias", 1);
    struct sbmt_error err = {0};
    save(last, &params, true);
    save(best, &params, false);
    const char *paths[] = {last, best};
    for (int i = 0; i < 2; i++) {
        struct sbmt_params other = make(3, "bias", 2), untouched = make(3, "bias", 2);
        struct sbmt_checkpoint read = {0};
        ck_assert(sbmt_checkpoint_read(paths[i], &other, false, &read, NULL, &err));
        assert_same(&params, &other, false);
        ck_assert_mem_eq(other.moment1, untouched.moment1, other.size * sizeof(real));
        sbmt_params_finish(&untouched);
        sbmt_params_finish(&other);
    }
    assert_refused(best, &params, true, fingerprint, "'optimizer.m.weight'");
    sbmt_params_finish(&params);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(the_same_state_gives_the_same_bytes)
{
    struct temporary temporary = temporary_make();
    const char *first = temporary_path(&temporary, "first");
    const char *second = temporary_path(&temporary, "second");
    struct sbmt_params params = make(3, "bias", 1);
    save(first, &params, true);
    save(second, &params, true);
    size_t size, again;
    char *a = temporary_get(first, &size), *b = temporary_get(second, &again);
    ck_assert_uint_eq(size, again);
    ck_assert_mem_eq(a, b, size);
    free(a);
    free(b);
    sbmt_params_finish(&params);
    temporary_remove(&temporary);
}
END_TEST

/* Names, dtype, order and metadata as other programs see them. */
START_TEST(the_file_is_plain_safetensors)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "last.safetensors");
    struct sbmt_params params = make(3, "bias", 1);
    struct sbmt_error err = {0};
    save(path, &params, true);
    struct sbmt_safetensors file;
    ck_assert(sbmt_safetensors_open(&file, path, &err));
    static const char *const names[] = {
        "weight",          "bias", "optimizer.m.weight", "optimizer.m.bias", "optimizer.v.weight",
        "optimizer.v.bias"};
    ck_assert_int_eq(file.count, 6);
    for (int i = 0; i < 6; i++) {
        ck_assert_str_eq(file.tensors[i].name, names[i]);
        ck_assert_int_eq(file.tensors[i].dtype, SBMT_DTYPE_F32);
        ck_assert_uint_eq(file.tensors[i].count, i % 2 == 0 ? 15 : 7);
    }
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "format"), "sbmt checkpoint 1");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "step"), "120");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "best_metric"), "0.33333333333333331");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "eval_pending"), "true");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "fingerprint"), fingerprint);
    sbmt_safetensors_close(&file);
    sbmt_params_finish(&params);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(foreign_files_are_refused_by_name)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "last.safetensors");
    struct sbmt_params params = make(3, "bias", 1), taller = make(4, "bias", 1);
    struct sbmt_params renamed = make(3, "offset", 1);
    save(path, &params, true);
    assert_refused(path, &taller, true, fingerprint,
                   "tensor 'weight' has shape [3, 5], not [4, 5]");
    assert_refused(path, &renamed, true, fingerprint, "tensor 'bias' is not part of this model");
    assert_refused(path, &params, true, "another", "was made with another configuration");
    const struct sbmt_stored plain = {.name = "weight",
                                      .dtype = SBMT_DTYPE_F32,
                                      .rank = 1,
                                      .shape = {7},
                                      .count = 7,
                                      .bytes = params.value};
    struct sbmt_error err = {0};
    ck_assert(sbmt_safetensors_write(path, &plain, 1, NULL, 0, &err));
    assert_refused(path, &params, false, NULL, "not a checkpoint");
    sbmt_params_finish(&renamed);
    sbmt_params_finish(&taller);
    sbmt_params_finish(&params);
    temporary_remove(&temporary);
}
END_TEST

static void assert_refused_with(const char *path, const char *bytes, size_t size,
                                struct sbmt_params *params, const char *text)
{
    temporary_put(path, bytes, size);
    assert_refused(path, params, true, fingerprint, text);
}

/* Every bit of the tensors, and every character of the counters. */
START_TEST(no_damage_goes_unseen)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "last.safetensors");
    struct sbmt_params params = make(3, "bias", 1);
    save(path, &params, true);
    size_t size;
    char *bytes = temporary_get(path, &size);
    const size_t data = size - 3 * 22 * sizeof(real);
    for (size_t i = data; i < size; i++) {
        bytes[i] ^= (char)(1 << i % 8);
        assert_refused_with(path, bytes, size, &params,
                            "damaged: the checksum of its tensors does not match; restore it from "
                            "a copy");
        bytes[i] ^= (char)(1 << i % 8);
    }
    char *counter = strstr(bytes + 8, "\"120\"");
    ck_assert_ptr_nonnull(counter);
    counter[1] = '2';
    assert_refused_with(path, bytes, size, &params, "checksum");
    counter[1] = '-';
    assert_refused_with(path, bytes, size, &params, "'step' is not a number of steps");
    counter[1] = 'x';
    assert_refused_with(path, bytes, size, &params, "'step' is not a number of steps");
    counter[1] = '1';
    char *name = strstr(bytes + 8, "optimizer.v.bias");
    ck_assert_ptr_nonnull(name);
    memcpy(name, "optimizer.v.bi\\n", 16);
    assert_refused_with(path, bytes, size, &params, "'optimizer.v.bi?' is not part of this model");
    memcpy(name, "optimizer.v.bias", 16);
    char *metric = strstr(bytes + 8, "0.333");
    ck_assert_ptr_nonnull(metric);
    metric[0] = 'x';
    assert_refused_with(path, bytes, size, &params, "'best_metric' is not a number");
    metric[0] = '0';
    for (size_t cut = 0; cut < size; cut += 13)
        assert_refused_with(path, bytes, cut, &params, "");
    temporary_put(path, bytes, size);
    struct sbmt_error err = {0};
    struct sbmt_checkpoint read = {0};
    ck_assert(sbmt_checkpoint_read(path, &params, true, &read, fingerprint, &err));
    free(bytes);
    sbmt_params_finish(&params);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(a_path_that_cannot_be_is_named)
{
    struct temporary temporary = temporary_make();
    struct sbmt_params params = make(3, "bias", 1);
    struct sbmt_error err = {0};
    const char *path = temporary_path(&temporary, "missing/last.safetensors");
    ck_assert(!sbmt_checkpoint_write(path, &params, true, &state, fingerprint, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "missing/last.safetensors"));
    ck_assert_int_eq(temporary_count(temporary.folder), 0);
    struct sbmt_checkpoint read = {0};
    ck_assert(!sbmt_checkpoint_read(path, &params, true, &read, fingerprint, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "missing/last.safetensors"));
    sbmt_params_finish(&params);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(names_of_classes_are_compared)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "last.safetensors");
    struct sbmt_params params = make(3, "bias", 1);
    struct sbmt_error err = {0};
    struct sbmt_checkpoint named = state, read = {0};
    struct sbmt_safetensors file;
    named.classes = "neutral, entailment, contradiction";
    ck_assert(sbmt_checkpoint_write(path, &params, true, &named, fingerprint, &err));
    ck_assert(sbmt_safetensors_open(&file, path, &err));
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "classes"), named.classes);
    sbmt_safetensors_close(&file);
    /* The same, and whoever does not know. */
    read.classes = "neutral, entailment, contradiction";
    ck_assert(sbmt_checkpoint_read(path, &params, true, &read, fingerprint, &err));
    read.classes = NULL;
    ck_assert(sbmt_checkpoint_read(path, &params, true, &read, fingerprint, &err));
    read.classes = "entailment, neutral, contradiction";
    ck_assert(!sbmt_checkpoint_read(path, &params, true, &read, fingerprint, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_ptr_nonnull(
        strstr(err.message, "its classes are 'neutral, entailment, contradiction', those of the "
                            "task 'entailment, neutral, contradiction'"));
    /* A file that names none. */
    save(path, &params, true);
    ck_assert(sbmt_checkpoint_read(path, &params, true, &read, fingerprint, &err));
    sbmt_params_finish(&params);
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("checkpoint", what_is_written_is_read, weights_are_read_with_and_without_moments,
                the_same_state_gives_the_same_bytes, the_file_is_plain_safetensors,
                foreign_files_are_refused_by_name, no_damage_goes_unseen,
                a_path_that_cannot_be_is_named, names_of_classes_are_compared)
