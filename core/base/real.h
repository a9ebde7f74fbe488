/* The number type of the engine: float in the product, double in the gradient tests.
 *
 * core is compiled twice from the same sources; SBMT_REAL_BITS (32 or 64) decides. */
#ifndef SBMT_CORE_BASE_REAL_H
#define SBMT_CORE_BASE_REAL_H

#include <math.h>

#ifndef SBMT_REAL_BITS
#define SBMT_REAL_BITS 32
#endif

#if SBMT_REAL_BITS == 64
typedef double real;
#define SBMT_REAL_MAX 1.7976931348623157e308
#define SBMT_REAL_MIN 2.2250738585072014e-308 /* the least that is normal */
#else
typedef float real;
#define SBMT_REAL_MAX 3.402823466e38F
#define SBMT_REAL_MIN 1.17549435e-38F
#endif

/** A literal or an expression as a real, without a warning about its width. */
#define SBMT_R(x) ((real)(x))

static inline real real_exp(real x)
{
    return SBMT_REAL_BITS == 64 ? (real)exp((double)x) : (real)expf((float)x);
}

static inline real real_sqrt(real x)
{
    return SBMT_REAL_BITS == 64 ? (real)sqrt((double)x) : (real)sqrtf((float)x);
}

static inline real real_log(real x)
{
    return SBMT_REAL_BITS == 64 ? (real)log((double)x) : (real)logf((float)x);
}

static inline real real_tanh(real x)
{
    return SBMT_REAL_BITS == 64 ? (real)tanh((double)x) : (real)tanhf((float)x);
}

static inline real real_erf(real x)
{
    return SBMT_REAL_BITS == 64 ? (real)erf((double)x) : (real)erff((float)x);
}

#endif
