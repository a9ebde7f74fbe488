/* Energy by the counters below /sys/class/powercap. */
#include "bench/energy.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/clock.h"

#define SECONDS_BETWEEN_SAMPLES 5.0

static bool read_counter(const char *root, int package, const char *name, uint64_t *value)
{
    char path[512];
    snprintf(path, sizeof path, "%.400s/intel-rapl:%d/%s", root, package, name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    const bool read = fscanf(file, "%" SCNu64, value) == 1;
    fclose(file);
    return read;
}

void sbmt_energy_start(struct sbmt_energy *energy, const char *root)
{
    *energy = (struct sbmt_energy){.root = root, .sampled = sbmt_clock_steady()};
    int count = 0;
    while (count < SBMT_ENERGY_PACKAGES &&
           read_counter(root, count, "energy_uj", &energy->last[count]) &&
           read_counter(root, count, "max_energy_range_uj", &energy->range[count]))
        count++;
    energy->packages = count;
}

void sbmt_energy_sample(struct sbmt_energy *energy, bool now)
{
    const double time = energy->packages > 0 ? sbmt_clock_steady() : 0;
    if (energy->packages == 0 || (!now && time - energy->sampled < SECONDS_BETWEEN_SAMPLES))
        return;
    energy->sampled = time;
    for (int p = 0; p < energy->packages; p++) {
        uint64_t value;
        if (!read_counter(energy->root, p, "energy_uj", &value)) {
            energy->packages = 0;
            return;
        }
        const uint64_t wrapped = value < energy->last[p] ? energy->range[p] : 0;
        energy->joules += 1e-6 * (double)(value + wrapped - energy->last[p]);
        energy->last[p] = value;
    }
}

double sbmt_energy_joules(const struct sbmt_energy *energy)
{
    return energy->packages > 0 ? energy->joules : -1;
}
