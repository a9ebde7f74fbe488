/* Energy that the processors of this machine have used, where Linux tells it (RAPL by powercap). */
#ifndef SBMT_BENCH_ENERGY_H
#define SBMT_BENCH_ENERGY_H

#include <stdbool.h>
#include <stdint.h>

/** The most processor packages. */
enum { SBMT_ENERGY_PACKAGES = 16 };

/** A measurement. All zero is one of a machine that does not tell. */
struct sbmt_energy {
    const char *root;
    int packages;
    uint64_t last[SBMT_ENERGY_PACKAGES], range[SBMT_ENERGY_PACKAGES]; /**< microjoules */
    double joules, sampled;
};

/** Begins. `root` is /sys/class/powercap, which only root may read on many systems; borrowed. */
void sbmt_energy_start(struct sbmt_energy *energy, const char *root);

/** Reads the counters, at most once in some seconds unless `now`: they wrap around within minutes
 * at full load, so call it often. */
void sbmt_energy_sample(struct sbmt_energy *energy, bool now);

/** Joules of all packages up to the last sample, whoever used them; −1: the machine does not tell.
 */
double sbmt_energy_joules(const struct sbmt_energy *energy);

#endif
