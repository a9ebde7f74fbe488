/* Locks of cells: one holder at a time, freed by any death, heartbeats of other machines. */
#include "tests/suite.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/suite_lock.h"
#include "tests/temporary.h"

static bool take(struct sbmt_lock *lock, const char *path)
{
    struct sbmt_error err = {0};
    ck_assert_msg(sbmt_lock_take(lock, path, &err), "%s", err.message);
    return lock->held;
}

/* Makes a file as old as that. */
static void set_age(const char *path, int seconds)
{
    const time_t then = time(NULL) - seconds;
    const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

START_TEST(one_holder_at_a_time)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "lock");
    struct sbmt_lock first, second;
    char owner[SBMT_LOCK_OWNER];
    ck_assert(take(&first, path));
    ck_assert(!take(&second, path));
    sbmt_lock_owner(path, owner);
    ck_assert_str_eq(owner, first.owner);
    sbmt_lock_release(&first);
    sbmt_lock_owner(path, owner);
    ck_assert_str_eq(owner, "");
    ck_assert(take(&second, path));
    sbmt_lock_release(&second);
    sbmt_lock_release(&second);
    ck_assert_int_eq(temporary_count(folder.folder), 1);
    temporary_remove(&folder);
}
END_TEST

START_TEST(a_killed_holder_has_it_no_more)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "lock");
    struct sbmt_lock lock;
    int ready[2];
    char byte;
    ck_assert_int_eq(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (take(&lock, path) && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert(!take(&lock, path));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    ck_assert(take(&lock, path));
    sbmt_lock_release(&lock);
    temporary_remove(&folder);
}
END_TEST

START_TEST(another_machine_holds_it_while_it_touches_it)
{
    struct temporary folder = temporary_make();
    const char *path = temporary_path(&folder, "lock");
    struct sbmt_lock lock;
    temporary_text(path, "elsewhere.invalid 17 1.0\n");
    ck_assert(!take(&lock, path));
    set_age(path, SBMT_LOCK_STALE - 30);
    ck_assert(!take(&lock, path));
    set_age(path, SBMT_LOCK_STALE + 30);
    ck_assert(sbmt_lock_beat(path, "elsewhere.invalid 17 1.0"));
    ck_assert(!take(&lock, path));
    set_age(path, SBMT_LOCK_STALE + 30);
    ck_assert(take(&lock, path));
    /* The other one finds out. */
    ck_assert(!sbmt_lock_beat(path, "elsewhere.invalid 17 1.0"));
    ck_assert(sbmt_lock_beat(path, lock.owner));
    sbmt_lock_release(&lock);
    temporary_remove(&folder);
}
END_TEST

START_TEST(a_lock_that_cannot_be_made_is_an_error)
{
    struct temporary folder = temporary_make();
    struct sbmt_lock lock;
    struct sbmt_error err = {0};
    const char *path = temporary_path(&folder, "missing/lock");
    ck_assert(!sbmt_lock_take(&lock, path, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    ck_assert(!lock.held);
    temporary_remove(&folder);
}
END_TEST

SBMT_SUITE_MAIN("suite_lock", one_holder_at_a_time, a_killed_holder_has_it_no_more,
                another_machine_holds_it_while_it_touches_it,
                a_lock_that_cannot_be_made_is_an_error)
