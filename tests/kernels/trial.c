/* Guarded arrays, random numbers and comparisons for the checks of kernels. */
#include "tests/kernels/trial.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Elements of slack, and bytes of a region: the largest array has a number for each edge that can
 * be turned. */
enum { SLACK = 64, REGION = 1 << 23 };

bool trial_init(struct trial *trial)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < TRIAL_ARRAYS; i++) {
        char *region = mmap(NULL, REGION + page, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (region == MAP_FAILED || mprotect(region + REGION, page, PROT_NONE) != 0)
            return false;
        trial->arrays[i].region = region;
        trial->arrays[i].end = region + REGION;
    }
    return true;
}

void trial_finish(struct trial *trial)
{
    for (int i = 0; i < TRIAL_ARRAYS; i++)
        munmap(trial->arrays[i].region, REGION + (size_t)sysconf(_SC_PAGESIZE));
}

void trial_begin(struct trial *trial, bool tight)
{
    trial->used = 0;
    trial->tight = tight;
}

void *trial_array(struct trial *trial, size_t count)
{
    struct trial_array *array = &trial->arrays[trial->used++];
    array->count = count;
    array->slack = trial->tight ? 0 : SLACK;
    array->first = (uint32_t *)(void *)array->end - array->slack - count;
    for (uint32_t *p = array->first - SLACK; (char *)p < array->end; p++)
        *p = TRIAL_PATTERN;
    return array->first;
}

float *trial_floats(struct trial *trial, int count, double low, double high)
{
    float *x = trial_array(trial, (size_t)count);
    for (int i = 0; i < count; i++)
        x[i] = (float)(low + (high - low) * trial_uniform(trial));
    return x;
}

float *trial_matrix(struct trial *trial, int rows, int d, int ld)
{
    const size_t last = (size_t)(rows - 1) * (size_t)ld;
    float *matrix = trial_array(trial, last + (size_t)d);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < d; j++)
            matrix[i * ld + j] = (float)(2 * trial_uniform(trial) - 1);
    return matrix;
}

int32_t *trial_columns(struct trial *trial, int count, int rows)
{
    int32_t *columns = trial_array(trial, (size_t)count);
    for (int e = 0; e < count; e++)
        columns[e] = (int32_t)(trial_uniform(trial) * rows);
    return columns;
}

void *trial_copy(struct trial *trial, const void *array)
{
    int source = 0;
    while ((const void *)trial->arrays[source].first != array)
        source++;
    const size_t count = trial->arrays[source].count;
    void *copy = trial_array(trial, count);
    if (count > 0)
        memcpy(copy, array, count * sizeof(uint32_t));
    return copy;
}

void trial_check_slack(struct trial *trial, const char *what)
{
    for (int i = 0; i < trial->used; i++) {
        const struct trial_array *array = &trial->arrays[i];
        for (int s = 1; s <= SLACK; s++)
            if (array->first[-s] != TRIAL_PATTERN)
                trial_fail(trial, "%s: writes %d before the beginning of an array", what, s);
        for (size_t s = 0; s < array->slack; s++)
            if (array->first[array->count + s] != TRIAL_PATTERN)
                trial_fail(trial, "%s: writes %zu behind the end of an array", what, s);
    }
}

void trial_check_gaps(struct trial *trial, const float *matrix, int rows, int d, int ld)
{
    for (int i = 0; i + 1 < rows; i++)
        for (int j = d; j < ld; j++) {
            uint32_t bits;
            memcpy(&bits, &matrix[i * ld + j], sizeof bits);
            if (bits != TRIAL_PATTERN)
                trial_fail(trial, "d = %d, ld = %d: writes between the rows of a matrix", d, ld);
        }
}

/* SplitMix64 (Steele, Lea & Flood 2014). */
uint32_t trial_bits(struct trial *trial)
{
    uint64_t z = trial->random += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

double trial_uniform(struct trial *trial)
{
    return trial_bits(trial) * 0x1p-32;
}

void trial_fail(struct trial *trial, const char *format, ...)
{
    if (trial->failures++ > 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->first_failure, sizeof trial->first_failure, format, arguments);
    va_end(arguments);
}

void nmse_add(struct nmse *nmse, int count, const float *found, const float *expected)
{
    for (int i = 0; i < count; i++) {
        const double difference = (double)found[i] - (double)expected[i];
        nmse->error += difference * difference;
        nmse->power += (double)expected[i] * (double)expected[i];
    }
}

void nmse_check(struct trial *trial, const struct nmse *nmse, double limit, const char *what,
                int size)
{
    if (!(nmse->error <= limit * nmse->power))
        trial_fail(trial, "%s = %d: normalised mean squared error %.2e, at most %.0e", what, size,
                   nmse->error / nmse->power, limit);
}

double ulp_error(float found, double exact)
{
    int exponent;
    frexp(exact, &exponent);
    const int least = -125; /* below, floats are denormal and equally far apart */
    const double unit = ldexp(1, (exponent > least ? exponent : least) - 24);
    return fabs((double)found - exact) / unit;
}
