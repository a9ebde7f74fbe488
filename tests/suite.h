/* The main function of a test program written with Check. */
#ifndef SBMT_TESTS_SUITE_H
#define SBMT_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

/** The address sanitizer watches memory, which a part of the draws and combinations shows as well;
 * what all of them prove about numbers they prove in the ordinary build. */
#ifdef __SANITIZE_ADDRESS__
enum { SBMT_SUITE_SANITIZED = 1 };
#else
enum { SBMT_SUITE_SANITIZED = 0 };
#endif

/** A test that runs for _i = 0 … count−1. */
struct sbmt_suite_loop {
    const TTest *test;
    int count;
};

/** Runs one test case called `name` made of the given tests and returns the program's exit code. */
static inline int sbmt_suite_run_loops(const char *name, const struct sbmt_suite_loop *tests,
                                       int count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 240);
    for (int i = 0; i < count; i++)
        tcase_add_loop_test(tcase, tests[i].test, 0, tests[i].count);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/** The same for tests that run once. */
static inline int sbmt_suite_run(const char *name, const TTest *const *tests, int count)
{
    struct sbmt_suite_loop *loops = malloc((size_t)count * sizeof *loops);
    if (loops == NULL)
        return EXIT_FAILURE;
    for (int i = 0; i < count; i++)
        loops[i] = (struct sbmt_suite_loop){tests[i], 1};
    const int result = sbmt_suite_run_loops(name, loops, count);
    free(loops);
    return result;
}

/** `SBMT_SUITE_MAIN("arena", test_a, test_b)` at the foot of a test file. */
#define SBMT_SUITE_MAIN(name, ...)                                                                 \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return sbmt_suite_run(name, tests, (int)(sizeof tests / sizeof tests[0]));                 \
    }

#endif
