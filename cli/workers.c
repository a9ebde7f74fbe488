/* Worker processes: forked, heard through a pipe, replaced when they die. */
#include "cli/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/suite_lock.h"
#include "cli/interrupt.h"
#include "core/base/clock.h"

enum { TICK_MILLISECONDS = 200 };

/* The exit status of a child that was asked to stop. */
enum { STOPPED_EARLY = 3 };

/* What the parent knows of a child. */
struct child {
    pid_t pid; /* 0: none */
    int cell;  /* at work on; −1: none */
    char owner[SBMT_LOCK_OWNER];
};

struct pool {
    const struct sbmt_suite_worker *worker;
    const struct sbmt_workers_watch *watch;
    struct child *child;
    int jobs, running;
    int pipe[2];
    bool stopping;
    double beaten; /* when locks were touched last */
    struct sbmt_error failure;
};

/* A message of a child: who, and what. */
struct message {
    pid_t pid;
    struct sbmt_suite_event event;
};

/* Messages of all children come through one pipe: each is written, and read, in one piece. */
_Static_assert(sizeof(struct message) <= PIPE_BUF, "a message must fit a pipe");

static void send(void *context, const struct sbmt_suite_event *event)
{
    const int *pipe_end = context;
    struct message message = {.pid = getpid(), .event = *event};
    /* Without a parent SIGPIPE ends the child here. */
    while (write(*pipe_end, &message, sizeof message) < 0 && errno == EINTR)
        continue;
}

static bool child_should_stop(void *context)
{
    (void)context;
    return sbmt_interrupt_caught();
}

/* A child's life. An error of the work itself is told as an event of no cell. */
static void live(struct pool *pool)
{
    close(pool->pipe[0]);
    signal(SIGPIPE, SIG_DFL);
    sbmt_interrupt_catch_all();
    struct sbmt_suite_worker worker = *pool->worker;
    struct sbmt_error err = {0};
    worker.context = &pool->pipe[1];
    worker.report = send;
    worker.should_stop = child_should_stop;
    if (sbmt_suite_work(&worker, &err))
        _exit(0);
    if (err.kind == SBMT_ERROR_INTERRUPTED)
        _exit(STOPPED_EARLY);
    struct sbmt_suite_event event = {.kind = SBMT_SUITE_FAILED, .cell = -1};
    snprintf(event.text, sizeof event.text, "%s", err.message);
    send(&pool->pipe[1], &event);
    _exit(0);
}

static bool start(struct pool *pool, struct child *child, struct sbmt_error *err)
{
    fflush(NULL);
    const pid_t pid = fork();
    if (pid < 0)
        return sbmt_fail_errno(err, "cannot start a worker process");
    if (pid == 0)
        live(pool);
    *child = (struct child){.pid = pid, .cell = -1};
    pool->running++;
    return true;
}

static struct child *find(struct pool *pool, pid_t pid)
{
    for (int i = 0; i < pool->jobs; i++)
        if (pool->child[i].pid == pid)
            return &pool->child[i];
    return NULL;
}

static bool is_child(struct pool *pool, const char *owner)
{
    for (int i = 0; i < pool->jobs; i++)
        if (pool->child[i].cell >= 0 && strcmp(pool->child[i].owner, owner) == 0)
            return true;
    return false;
}

static void hear(struct pool *pool, const struct message *message)
{
    const struct sbmt_suite_event *event = &message->event;
    struct child *child = find(pool, message->pid);
    if (event->kind == SBMT_SUITE_FAILED && event->cell < 0) {
        sbmt_fail(&pool->failure, SBMT_ERROR_IO, "%s", event->text);
        return;
    }
    if (child != NULL && event->kind == SBMT_SUITE_CLAIMED) {
        child->cell = event->cell;
        snprintf(child->owner, sizeof child->owner, "%.*s", SBMT_LOCK_OWNER - 1, event->text);
    }
    if (event->kind == SBMT_SUITE_WAITS && is_child(pool, event->text))
        return;
    pool->watch->event(pool->watch->context, event);
    if (child != NULL && (event->kind == SBMT_SUITE_FINISHED || event->kind == SBMT_SUITE_FAILED ||
                          event->kind == SBMT_SUITE_STOPPED))
        child->cell = -1;
}

/* Hears what has been sent so far. */
static void hear_all(struct pool *pool)
{
    struct message message;
    struct pollfd ready = {.fd = pool->pipe[0], .events = POLLIN};
    while (poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0 &&
           read(pool->pipe[0], &message, sizeof message) == (ssize_t)sizeof message)
        hear(pool, &message);
}

/* A child that a signal ended had a cell that brings it down: the others go on without it. */
static bool fail_cell(struct pool *pool, int cell, int signal_number, struct sbmt_error *err)
{
    struct sbmt_suite_event event = {.kind = SBMT_SUITE_FAILED, .cell = cell};
    snprintf(event.text, sizeof event.text,
             "the process was ended by signal %d (%s)%s; its state is saved up to the last "
             "checkpoint",
             signal_number, strsignal(signal_number),
             signal_number == SIGKILL ? ", as by a system out of memory" : "");
    pool->watch->event(pool->watch->context, &event);
    return sbmt_cell_fail(&pool->worker->suite->cell[cell], event.text, err);
}

/* A child that ended before its work did is replaced. */
static bool bury(struct pool *pool, struct child *child, int status, struct sbmt_error *err)
{
    hear_all(pool);
    const int cell = child->cell;
    *child = (struct child){.cell = -1};
    pool->running--;
    if (WIFEXITED(status) && WEXITSTATUS(status) != STOPPED_EARLY)
        return true;
    if (WIFSIGNALED(status) && cell >= 0 && !fail_cell(pool, cell, WTERMSIG(status), err))
        return false;
    return pool->stopping || start(pool, child, err);
}

static bool reap(struct pool *pool, struct sbmt_error *err)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = find(pool, pid);
        if (child != NULL && !bury(pool, child, status, err))
            return false;
    }
    return true;
}

static void signal_all(const struct pool *pool, int number)
{
    for (int i = 0; i < pool->jobs; i++)
        if (pool->child[i].pid > 0)
            kill(pool->child[i].pid, number);
}

/* Ends a child whose lock is another's by now. */
static void give_up(const struct pool *pool, const struct child *child)
{
    struct sbmt_suite_event event = {.kind = SBMT_SUITE_WARNING, .cell = child->cell};
    snprintf(event.text, sizeof event.text,
             "another process has taken its lock, which had not been touched for long, and goes on "
             "with it");
    pool->watch->event(pool->watch->context, &event);
    kill(child->pid, SIGTERM);
}

/* Touches the locks of the cells at work. */
static void beat(struct pool *pool)
{
    const double now = sbmt_clock_steady();
    if (now - pool->beaten < SBMT_LOCK_BEAT)
        return;
    pool->beaten = now;
    for (int i = 0; i < pool->jobs; i++) {
        const struct child *child = &pool->child[i];
        if (child->cell >= 0 &&
            !sbmt_lock_beat(pool->worker->suite->cell[child->cell].lock, child->owner)) {
            /* Unless it has just given the lock back. */
            hear_all(pool);
            if (child->cell >= 0)
                give_up(pool, child);
        }
    }
}

static bool attend(struct pool *pool, struct sbmt_error *err)
{
    while (pool->running > 0) {
        struct pollfd ready = {.fd = pool->pipe[0], .events = POLLIN};
        poll(&ready, 1, TICK_MILLISECONDS);
        hear_all(pool);
        if (sbmt_interrupt_caught() && !pool->stopping) {
            pool->stopping = true;
            signal_all(pool, SIGTERM);
        }
        beat(pool);
        pool->watch->tick(pool->watch->context);
        if (!reap(pool, err))
            return false;
    }
    hear_all(pool);
    return true;
}

/* After a failure of the parent's own: children save what they have before it goes. */
static void end_all(struct pool *pool)
{
    struct sbmt_error further = {0};
    pool->stopping = true;
    signal_all(pool, SIGTERM);
    while (pool->running > 0)
        if (!attend(pool, &further))
            further = (struct sbmt_error){0};
}

bool sbmt_workers_run(const struct sbmt_suite_worker *worker, int jobs,
                      const struct sbmt_workers_watch *watch, struct sbmt_error *err)
{
    struct pool pool = {.worker = worker, .watch = watch, .jobs = jobs};
    pool.child = calloc((size_t)jobs, sizeof *pool.child);
    if (pool.child == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "suite: out of memory");
    if (pipe2(pool.pipe, O_CLOEXEC) != 0) {
        free(pool.child);
        return sbmt_fail_errno(err, "cannot make a pipe");
    }
    bool done = true;
    sbmt_interrupt_catch();
    for (int i = 0; i < jobs; i++)
        pool.child[i].cell = -1;
    for (int i = 0; i < jobs && done; i++)
        done = start(&pool, &pool.child[i], err);
    done = done && attend(&pool, err);
    if (!done)
        end_all(&pool);
    close(pool.pipe[0]);
    close(pool.pipe[1]);
    free(pool.child);
    if (done && pool.failure.kind != SBMT_ERROR_NONE)
        done = sbmt_fail(err, pool.failure.kind, "%s", pool.failure.message);
    if (done && pool.stopping)
        done = sbmt_fail(err, SBMT_ERROR_INTERRUPTED, "stopped");
    return done;
}
