/* Checks every kernel of every instruction set against the reference: check_kernels [SEED]
 *
 * A row of the table below is a kernel. Where it was built so, the code for AVX-512 runs in
 * emulation, and so on processors without it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/kernels/checks.h"

#ifdef SBMT_EMULATED_AVX512
extern const struct sbmt_kernels sbmt_kernels_avx512_emulated;
#endif

static const struct {
    const char *name;
    void (*check)(struct trial *trial);
} kernels[] = {
    {"random_bits", check_random_bits},
    {"sum", check_sum},
    {"dot", check_dot},
    {"max", check_max},
    {"exp_sum", check_exp_sum},
    {"log", check_log},
    {"sigmoid", check_sigmoid},
    {"gelu", check_gelu},
    {"gelu_backward", check_gelu_backward},
    {"dropout", check_dropout},
    {"softmax_backward", check_softmax_backward},
    {"exponential", check_exponential},
    {"above", check_above},
    {"rest_bounds", check_rest_bounds},
    {"scan", check_scan},
    {"skip", check_skip},
    {"thin", check_thin},
    {"set_bits", check_set_bits},
    {"collect", check_collect},
    {"spread", check_spread},
    {"keep", check_keep},
    {"turn_bits", check_turn_bits},
    {"product", check_product},
    {"butterfly", check_butterfly},
    {"gather_dot", check_gather_dot},
    {"gather_add", check_gather_add},
    {"gather_add_turned", check_gather_add_turned},
};
enum { KERNELS = sizeof kernels / sizeof kernels[0] };

/* A table has a name and kernels, nothing else: a kernel that is not checked is a compile error. */
_Static_assert(sizeof(struct sbmt_kernels) == sizeof(char *) + KERNELS * sizeof(void (*)(void)),
               "a kernel has no row in the table of checks");

/* An instruction set; `table` is NULL where it cannot run here. */
struct set {
    const char *name, *missing;
    const struct sbmt_kernels *table;
};

enum { SETS = 4 };

static void find_sets(struct set sets[SETS])
{
    sets[0] = (struct set){"c", "", sbmt_kernels_get("c", NULL)};
    sets[1] = (struct set){"avx2", "not on this machine", sbmt_kernels_get("avx2", NULL)};
    sets[2] = (struct set){"avx512", "not on this machine", sbmt_kernels_get("avx512", NULL)};
    sets[3] = (struct set){"avx512 emulated", "built without SIMDe", NULL};
#ifdef SBMT_EMULATED_AVX512
    sets[3].table = &sbmt_kernels_avx512_emulated;
#endif
}

/* What was running when a kernel touched an unreadable page. */
static char bail_out[128];

static void on_fault(int signal)
{
    (void)signal;
    if (write(STDOUT_FILENO, bail_out, strlen(bail_out)) < 0)
        _exit(3);
    _exit(2);
}

static int check_set(const struct set *set, const struct sbmt_kernels *reference, uint64_t seed,
                     struct trial *trial, int *number)
{
    int failed = 0;
    for (int k = 0; k < KERNELS; k++) {
        (*number)++;
        if (set->table == NULL) {
            printf("ok %d - %s %s # SKIP %s\n", *number, set->name, kernels[k].name, set->missing);
            continue;
        }
        snprintf(bail_out, sizeof bail_out, "Bail out! %s %s: reads or writes beyond its arrays\n",
                 set->name, kernels[k].name);
        trial->set = set->table;
        trial->reference = reference;
        trial->random = seed;
        trial->failures = 0;
        kernels[k].check(trial);
        if (trial->failures > 0)
            printf("# %d failures; the first: %s\nnot ", trial->failures, trial->first_failure);
        printf("ok %d - %s %s\n", *number, set->name, kernels[k].name);
        fflush(stdout);
        failed += trial->failures > 0;
    }
    return failed;
}

static int check_all(const struct set sets[SETS], uint64_t seed)
{
    struct trial trial = {0};
    if (!trial_init(&trial)) {
        printf("Bail out! no memory for the arrays\n");
        return 1;
    }
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    printf("1..%d\n# seed %llu\n", SETS * KERNELS, (unsigned long long)seed);
    fflush(stdout);
    int number = 0, failed = 0;
    for (int s = 0; s < SETS; s++)
        failed += check_set(&sets[s], sets[0].table, seed, &trial, &number);
    trial_finish(&trial);
    return failed > 0;
}

int main(int argc, char **argv)
{
    struct set sets[SETS];
    uint64_t seed = 1;
    find_sets(sets);
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 0);
    return check_all(sets, seed);
}
