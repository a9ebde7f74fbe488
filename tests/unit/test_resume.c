/* Runs that are stopped or killed anywhere and resumed end at the same bytes. */
#include "tests/suite.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/temporary.h"
#include "tests/unit/loop_world.h"

/* Where the run ends with a patience of one evaluation. */
enum { PATIENT_STEPS = 8 };

/* Both files of a run that nothing disturbed. */
struct files {
    char *last, *best;
    size_t last_size, best_size;
};

static struct files read_files(const char *last, const char *best)
{
    struct files files;
    files.last = temporary_get(last, &files.last_size);
    files.best = temporary_get(best, &files.best_size);
    return files;
}

static void free_files(struct files *files)
{
    free(files->last);
    free(files->best);
}

static void assert_same_files(const struct files *wanted, const char *last, const char *best)
{
    struct files files = read_files(last, best);
    ck_assert_uint_eq(files.last_size, wanted->last_size);
    ck_assert_mem_eq(files.last, wanted->last, files.last_size);
    ck_assert_uint_eq(files.best_size, wanted->best_size);
    ck_assert_mem_eq(files.best, wanted->best, files.best_size);
    free_files(&files);
}

static struct files undisturbed(struct temporary *temporary, int patience)
{
    const char *last = temporary_path(temporary, "last"), *best = temporary_path(temporary, "best");
    struct world world;
    struct sbmt_error err = {0};
    begin(&world, last, best);
    world.config.patience = patience;
    ck_assert_msg(resume(&world, &err), "%s", err.message);
    struct files files = read_files(last, best);
    finish(&world);
    unlink(last);
    unlink(best);
    return files;
}

/* Asked to stop at any point, the run ends at the same bytes after resuming. */
static void stop_anywhere(int patience, int steps, int evaluations)
{
    struct temporary temporary = temporary_make();
    const struct files wanted = undisturbed(&temporary, patience);
    int stops = 0;
    for (int stop_at = 1;; stop_at++) {
        const char *last = temporary_path(&temporary, "last");
        const char *best = temporary_path(&temporary, "best");
        struct world world;
        struct sbmt_error err = {0};
        begin(&world, last, best);
        world.config.patience = patience;
        world.stop_at = stop_at;
        const bool done = resume(&world, &err);
        for (int i = 1; i < world.save_count; i++)
            ck_assert_int_gt(world.saves[i], world.saves[i - 1]);
        if (!done) {
            stops++;
            ck_assert_int_eq(err.kind, SBMT_ERROR_INTERRUPTED);
            ck_assert_ptr_nonnull(strstr(err.message, "stopped; the state is saved in "));
            ck_assert_ptr_nonnull(strstr(err.message, last));
            finish(&world);
            begin(&world, last, best);
            world.config.patience = patience;
            ck_assert_msg(resume(&world, &err), "%s", err.message);
        }
        ck_assert_int_eq(world.state.step, steps);
        finish(&world);
        assert_same_files(&wanted, last, best);
        unlink(last);
        unlink(best);
        if (done)
            break;
    }
    ck_assert_int_eq(stops, steps + evaluations * 3);
    free_files((struct files *)&wanted);
    temporary_remove(&temporary);
}

/* Before each of 20 steps and of 5 · 3 evaluation batches. */
START_TEST(stopping_anywhere_changes_no_byte)
{
    stop_anywhere(0, STEPS, 5);
}
END_TEST

/* The run ends by itself before its last step. */
START_TEST(patience_ends_a_stopped_run_where_it_ends_any)
{
    stop_anywhere(1, PATIENT_STEPS, PATIENT_STEPS / 4);
}
END_TEST

START_TEST(an_interrupted_evaluation_is_done_anew)
{
    struct temporary temporary = temporary_make();
    const char *last = temporary_path(&temporary, "last");
    struct world world;
    struct sbmt_error err = {0};
    begin(&world, last, NULL);
    world.stop_at = 6; /* four steps and the first batch of the evaluation have been asked for */
    ck_assert(!resume(&world, &err));
    ck_assert_int_eq(world.event_count, 4);
    ck_assert_int_eq(world.progress_count, 1);
    ck_assert_int_eq(world.eval_count, 0);
    ck_assert(world.state.eval_pending);
    finish(&world);
    begin(&world, last, NULL);
    ck_assert(resume(&world, &err));
    ck_assert_int_eq(world.evals[0].step, 4);
    ck_assert_int_eq(world.eval_count, 5);
    ck_assert_int_eq(world.events[0].step, 5);
    ck_assert(!world.state.eval_pending);
    finish(&world);
    temporary_remove(&temporary);
}
END_TEST

/* One process of a run: 0 done, 1 failed, killed by itself in call number `kill_at`. */
static int run_process(const char *last, const char *best, int kill_at)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        static struct world world;
        struct sbmt_error err = {0};
        begin(&world, last, best);
        world.kill_at = kill_at;
        _exit(resume(&world, &err) ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        ck_assert_int_eq(WTERMSIG(status), SIGKILL);
    else
        ck_assert_int_eq(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status) ? -1 : 0;
}

/* Killed in any call of the observer, and again in its resumed part. */
START_TEST(killing_anywhere_changes_no_byte)
{
    struct temporary temporary = temporary_make();
    const struct files wanted = undisturbed(&temporary, 0);
    int kills = 0;
    for (int kill_at = 1;; kill_at++) {
        const char *last = temporary_path(&temporary, "last");
        const char *best = temporary_path(&temporary, "best");
        const bool killed = run_process(last, best, kill_at) != 0;
        kills += killed;
        if (killed && run_process(last, best, kill_at / 2 + 1) != 0)
            ck_assert_int_eq(run_process(last, best, 0), 0);
        assert_same_files(&wanted, last, best);
        unlink(last);
        unlink(best);
        if (!killed)
            break;
    }
    /* 20 steps, 5 evaluations of 3 batches, 4 checkpoints. */
    ck_assert_int_eq(kills, STEPS + 5 * 4 + 4);
    free_files((struct files *)&wanted);
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("resume", stopping_anywhere_changes_no_byte,
                patience_ends_a_stopped_run_where_it_ends_any,
                an_interrupted_evaluation_is_done_anew, killing_anywhere_changes_no_byte)
