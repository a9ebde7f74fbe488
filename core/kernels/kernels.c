/* Choice of the kernel table at run time. */
#include "core/kernels/kernels.h"

#include <stddef.h>
#include <string.h>

extern const struct sbmt_kernels sbmt_kernels_c;

#if SBMT_REAL_BITS == 32 && defined(__x86_64__)
extern const struct sbmt_kernels sbmt_kernels_avx2, sbmt_kernels_avx512;

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif

static bool has_c(void)
{
    return true;
}

/* From the best to the one that always works. */
static const struct {
    const struct sbmt_kernels *table;
    bool (*supported)(void);
} versions[] = {
#if SBMT_REAL_BITS == 32 && defined(__x86_64__)
    {&sbmt_kernels_avx512, has_avx512},
    {&sbmt_kernels_avx2, has_avx2},
#endif
    {&sbmt_kernels_c, has_c},
};

enum { VERSIONS = sizeof versions / sizeof versions[0] };

const char *sbmt_cpu_best(void)
{
    return sbmt_kernels_get(NULL, NULL)->cpu;
}

const struct sbmt_kernels *sbmt_kernels_get(const char *cpu, struct sbmt_error *err)
{
    for (int i = 0; i < VERSIONS; i++) {
        if (cpu != NULL && strcmp(cpu, versions[i].table->cpu) != 0)
            continue;
        if (versions[i].supported())
            return versions[i].table;
        if (cpu != NULL) {
            sbmt_fail(err, SBMT_ERROR_USAGE, "--cpu %s: this processor does not have it; use %s",
                      cpu, sbmt_cpu_best());
            return NULL;
        }
    }
    sbmt_fail(err, SBMT_ERROR_USAGE, "--cpu %s: unknown instruction set; use c, avx2 or avx512",
              cpu != NULL ? cpu : "");
    return NULL;
}
