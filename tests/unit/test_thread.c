/* The thread team: every task exactly once, for any number of threads and rounds.
 *
 * Check runs each test in a forked child, which has only the thread that forked: teams are made
 * inside tests, never in an unchecked fixture. */
#include "tests/suite.h"

#include <stdatomic.h>
#include <string.h>

#include "core/base/thread.h"

static const int team_sizes[] = {1, 2, 3, 8};
enum { SIZES = sizeof team_sizes / sizeof team_sizes[0], TASKS = 1000 };

struct tally {
    atomic_int runs[TASKS];
    atomic_int bad_worker;
    int workers;
};

static void count_task(void *context, int task, int worker)
{
    struct tally *tally = context;
    atomic_fetch_add(&tally->runs[task], 1);
    if (worker < 0 || worker >= tally->workers)
        atomic_fetch_add(&tally->bad_worker, 1);
}

static struct sbmt_team *create(int threads)
{
    struct sbmt_error err = {0};
    struct sbmt_team *team = sbmt_team_create(threads, &err);
    ck_assert_msg(team != NULL, "%s", err.message);
    return team;
}

START_TEST(every_task_runs_once)
{
    static struct tally tally;
    for (int s = 0; s < SIZES; s++) {
        struct sbmt_team *team = create(team_sizes[s]);
        memset(&tally, 0, sizeof tally);
        tally.workers = team_sizes[s];
        sbmt_team_run(team, TASKS, count_task, &tally);
        for (int i = 0; i < TASKS; i++)
            ck_assert_int_eq(atomic_load(&tally.runs[i]), 1);
        ck_assert_int_eq(atomic_load(&tally.bad_worker), 0);
        sbmt_team_destroy(team);
    }
}
END_TEST

/* Short rounds are where a thread could still be in the last round or miss the next one. */
START_TEST(rounds_do_not_run_into_each_other)
{
    enum { ROUNDS = 3000 };
    static struct tally tally;
    for (int s = 0; s < SIZES; s++) {
        struct sbmt_team *team = create(team_sizes[s]);
        tally.workers = team_sizes[s];
        for (int round = 0; round < ROUNDS; round++) {
            const int count = round % 10;
            memset(tally.runs, 0, 10 * sizeof tally.runs[0]);
            sbmt_team_run(team, count, count_task, &tally);
            for (int i = 0; i < 10; i++)
                ck_assert_int_eq(atomic_load(&tally.runs[i]), i < count);
        }
        ck_assert_int_eq(atomic_load(&tally.bad_worker), 0);
        sbmt_team_destroy(team);
    }
}
END_TEST

struct squares {
    double result[TASKS]; /* plain memory: run must make it visible to the caller */
};

static void square(void *context, int task, int worker)
{
    struct squares *squares = context;
    (void)worker;
    squares->result[task] = (double)task * task;
}

START_TEST(results_are_there_when_run_returns)
{
    static struct squares squares;
    struct sbmt_team *team = create(3);
    sbmt_team_run(team, TASKS, square, &squares);
    for (int i = 0; i < TASKS; i++)
        ck_assert_double_eq(squares.result[i], (double)i * i);
    sbmt_team_destroy(team);
}
END_TEST

struct meeting {
    atomic_int arrived;
    int expected;
};

/* Ends only when as many tasks run at the same time as there are threads. */
static void meet(void *context, int task, int worker)
{
    struct meeting *meeting = context;
    (void)task;
    (void)worker;
    atomic_fetch_add(&meeting->arrived, 1);
    while (atomic_load(&meeting->arrived) < meeting->expected)
        ;
}

START_TEST(tasks_run_at_the_same_time)
{
    struct meeting meeting = {.expected = 3};
    struct sbmt_team *team = create(3);
    sbmt_team_run(team, 3, meet, &meeting);
    ck_assert_int_eq(atomic_load(&meeting.arrived), 3);
    sbmt_team_destroy(team);
}
END_TEST

struct order {
    int next, wrong;
};

static void in_order(void *context, int task, int worker)
{
    struct order *order = context;
    order->wrong += task != order->next++ || worker != 0;
}

START_TEST(one_thread_runs_tasks_in_order_itself)
{
    struct order order = {0};
    struct sbmt_team *team = create(1);
    sbmt_team_run(team, 50, in_order, &order);
    ck_assert_int_eq(order.next, 50);
    ck_assert_int_eq(order.wrong, 0);
    sbmt_team_destroy(team);
}
END_TEST

START_TEST(teams_come_and_go)
{
    for (int i = 0; i < 200; i++)
        sbmt_team_destroy(create(1 + i % 8));
    sbmt_team_destroy(NULL);
    static struct tally tally = {.workers = 1};
    struct sbmt_team *team = create(-5); /* of one */
    sbmt_team_run(team, TASKS, count_task, &tally);
    ck_assert_int_eq(atomic_load(&tally.bad_worker), 0);
    ck_assert_int_eq(atomic_load(&tally.runs[TASKS - 1]), 1);
    sbmt_team_destroy(team);
}
END_TEST

START_TEST(there_is_a_processor)
{
    ck_assert_int_ge(sbmt_processor_count(), 1);
}
END_TEST

SBMT_SUITE_MAIN("thread", every_task_runs_once, rounds_do_not_run_into_each_other,
                results_are_there_when_run_returns, tasks_run_at_the_same_time,
                one_thread_runs_tasks_in_order_itself, teams_come_and_go, there_is_a_processor)
