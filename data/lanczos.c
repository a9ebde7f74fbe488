/* Shrinking small grey pictures. */
#include "data/lanczos.h"

#include <assert.h>
#include <math.h>

enum { LOBES = 3, FRACTION_BITS = 22 };

static double sinc(double x)
{
    const double pi = 3.14159265358979323846;
    return x == 0 ? 1 : sin(pi * x) / (pi * x);
}

static double window(double x)
{
    return x >= -LOBES && x < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
}

void sbmt_lanczos_init(struct sbmt_lanczos *filter, int in, int out)
{
    assert(out <= SBMT_LANCZOS_MOST_OUT && out <= in && in <= 2 * out);
    const double scale = (double)in / out;
    filter->in = in;
    filter->out = out;
    for (int o = 0; o < out; o++) {
        const double center = (o + 0.5) * scale;
        const int first = (int)fmax(center - LOBES * scale + 0.5, 0);
        const int end = (int)fmin(center + LOBES * scale + 0.5, in);
        double weight[SBMT_LANCZOS_TAPS], sum = 0;
        assert(end - first <= SBMT_LANCZOS_TAPS);
        for (int i = 0; i < end - first; i++) {
            weight[i] = window((first + i + 0.5 - center) / scale);
            sum += weight[i];
        }
        filter->first[o] = first;
        filter->count[o] = end - first;
        for (int i = 0; i < end - first; i++)
            filter->weight[o][i] = (int32_t)lround(weight[i] / sum * (1 << FRACTION_BITS));
    }
}

/* Pixel `o` of a line of pixels that stand `stride` apart. */
static uint8_t filtered(const struct sbmt_lanczos *filter, int o, const uint8_t *line, int stride)
{
    int32_t sum = 1 << (FRACTION_BITS - 1);
    line += filter->first[o] * stride;
    for (int i = 0; i < filter->count[o]; i++)
        sum += filter->weight[o][i] * line[i * stride];
    /* Lobes below zero and above white are cut off. */
    if (sum < 0)
        return 0;
    sum >>= FRACTION_BITS;
    return sum > UINT8_MAX ? UINT8_MAX : (uint8_t)sum;
}

void sbmt_lanczos_shrink(const struct sbmt_lanczos *rows, const struct sbmt_lanczos *columns,
                         const uint8_t *picture, uint8_t *out)
{
    uint8_t narrow[SBMT_LANCZOS_MOST_IN * SBMT_LANCZOS_MOST_OUT];
    for (int y = 0; y < rows->in; y++)
        for (int x = 0; x < columns->out; x++)
            narrow[y * columns->out + x] = filtered(columns, x, picture + y * columns->in, 1);
    for (int y = 0; y < rows->out; y++)
        for (int x = 0; x < columns->out; x++)
            out[y * columns->out + x] = filtered(rows, y, narrow + x, columns->out);
}
