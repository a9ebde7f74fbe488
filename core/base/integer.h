/* Arithmetic of whole numbers. */
#ifndef SBMT_CORE_BASE_INTEGER_H
#define SBMT_CORE_BASE_INTEGER_H

/** The smaller of two. */
static inline int sbmt_int_min(int a, int b)
{
    return a < b ? a : b;
}

#endif
