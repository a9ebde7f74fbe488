/* What this program is and what it runs on. */
#ifndef SBMT_BENCH_INFO_H
#define SBMT_BENCH_INFO_H

#include "core/io/json.h"

/** A library, and its version at build time. */
struct sbmt_library {
    const char *name, *version;
};

/** Facts about the program and the machine; all strings but `cpu` are static. */
struct sbmt_info {
    const char *version; /**< sbmt_build */
    const char *compiler, *flags;
    const struct sbmt_library *libraries; /**< that it was built with, ended by a NULL name */
    const char *blas;                     /**< BLAS's description of itself */
    const char *kernels;                  /**< the best instruction set of the kernels here */
    int processors;                       /**< that this process may use */
    char cpu[128];                        /**< the processor's name, or "unknown" */
};

struct sbmt_info sbmt_info_get(void);

/** A new object with these facts: version, compiler, flags, cpu, processors, libraries, blas and
 * kernels; and cpu_used, the instruction set of what else will stand in the object, where that is
 * not NULL. */
struct sbmt_json sbmt_info_json(const char *cpu_used);

/** Sets the same in the object that stands open. */
void sbmt_info_set(struct sbmt_json *json, const char *cpu_used);

/** The version alone: "0.1.0". */
const char *sbmt_version(void);

/** The version with the commit it was built from: "0.1.0 (3c70aad)", "0.1.0 (3c70aad changed)"
 * where files differed from it. */
const char *sbmt_build(void);

#endif
