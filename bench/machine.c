/* The measured peak of matrix products, and the bandwidth of memory. */
#include "bench/machine.h"

#include <unistd.h>

#include "bench/stopwatch.h"
#include "core/base/arena.h"
#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"

struct product {
    int size;
    float *a, *b, *c;
};

static void multiply(void *context)
{
    const struct product *p = context;
    sbmt_gemm(p->size, p->size, p->size, p->a, p->size, p->b, p->size, 0, p->c, p->size);
}

/* Matrices that fit into the first two or three caches. */
static void measure_gemm(struct sbmt_machine *machine, float *a, float *b, float *c)
{
    static const int sizes[] = {64, 128, 192, 256, 384, 512};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct product product = {sizes[i], a, b, c};
        const double size = sizes[i], time = sbmt_stopwatch_call(multiply, &product);
        const double gflops = 2e-9 * size * size * size / time;
        if (gflops > machine->gemm) {
            machine->gemm = gflops;
            machine->gemm_size = sizes[i];
        }
    }
}

struct stream {
    const struct sbmt_kernels *kernels;
    int count;
    float *a, *b, *c, sink;
};

static void read_array(void *context)
{
    struct stream *s = context;
    s->sink += s->kernels->sum(s->count, s->b);
}

static void triad(void *context)
{
    struct stream *s = context;
    float *restrict a = s->a;
    const float *restrict b = s->b, *restrict c = s->c;
    for (int i = 0; i < s->count; i++)
        a[i] = b[i] + 0.5F * c[i];
}

/* Elements of an array: four times the last cache, 64 MB at least and 512 at the most. */
static int stream_count(void)
{
    const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    const long megabyte = 1L << 20;
    long bytes = cache > 0 ? 4 * cache : 128 * megabyte;
    bytes = bytes < 64 * megabyte ? 64 * megabyte : bytes;
    bytes = bytes > 512 * megabyte ? 512 * megabyte : bytes;
    return (int)(bytes / (long)sizeof(float));
}

bool sbmt_machine_measure(struct sbmt_machine *machine, struct sbmt_error *err)
{
    *machine = (struct sbmt_machine){0};
    struct sbmt_arena arena = {0};
    struct stream s = {.kernels = sbmt_kernels_get(NULL, err), .count = stream_count()};
    s.a = sbmt_arena_reals(&arena, (size_t)s.count);
    s.b = sbmt_arena_reals(&arena, (size_t)s.count);
    s.c = sbmt_arena_reals(&arena, (size_t)s.count);
    const bool fits = sbmt_arena_check(&arena, "memory bandwidth", err);
    if (fits) {
        for (int i = 0; i < s.count; i++)
            s.a[i] = s.b[i] = s.c[i] = (float)(i % 17) * 0.125F - 1;
        sbmt_gemm_init();
        measure_gemm(machine, s.a, s.b, s.c);
        const double bytes = (double)s.count * (double)sizeof(float);
        machine->read = 1e-9 * bytes / sbmt_stopwatch_call(read_array, &s);
        machine->triad = 3e-9 * bytes / sbmt_stopwatch_call(triad, &s);
        machine->megabytes = bytes / (1 << 20);
    }
    sbmt_arena_finish(&arena);
    return fits;
}

void sbmt_machine_json(const struct sbmt_machine *machine, struct sbmt_json *json)
{
    sbmt_json_number(json, "gemm_gflops", machine->gemm);
    sbmt_json_number(json, "gemm_size", machine->gemm_size);
    sbmt_json_number(json, "read_gbytes", machine->read);
    sbmt_json_number(json, "triad_gbytes", machine->triad);
    sbmt_json_number(json, "array_mbytes", machine->megabytes);
}
