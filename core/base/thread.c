/* A team of threads over a shared list of tasks. */
#include "core/base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

struct worker {
    struct sbmt_team *team;
    pthread_t thread;
    int index;
};

struct sbmt_team {
    pthread_mutex_t lock;
    pthread_cond_t start, done;
    int started; /* threads that exist */
    long round;  /* counts calls of sbmt_team_run */
    int busy;    /* threads still in this round */
    bool ending;
    sbmt_task task;
    void *context;
    int count, next; /* tasks of this round; next one to hand out */
    struct worker workers[];
};

/* The next task, or -1. Tasks are coarse (a shard each), so a lock costs nothing. */
static int claim(struct sbmt_team *team)
{
    pthread_mutex_lock(&team->lock);
    const int task = team->next < team->count ? team->next++ : -1;
    pthread_mutex_unlock(&team->lock);
    return task;
}

static void work(struct sbmt_team *team, int worker)
{
    for (int task = claim(team); task >= 0; task = claim(team))
        team->task(team->context, task, worker);
}

static void *worker_main(void *argument)
{
    const struct worker *worker = argument;
    struct sbmt_team *team = worker->team;
    long seen = 0;
    for (;;) {
        pthread_mutex_lock(&team->lock);
        while (team->round == seen && !team->ending)
            pthread_cond_wait(&team->start, &team->lock);
        const bool ending = team->ending;
        seen = team->round;
        pthread_mutex_unlock(&team->lock);
        if (ending)
            return NULL;
        work(team, worker->index);
        pthread_mutex_lock(&team->lock);
        if (--team->busy == 0)
            pthread_cond_signal(&team->done);
        pthread_mutex_unlock(&team->lock);
    }
}

struct sbmt_team *sbmt_team_create(int threads, struct sbmt_error *err)
{
    if (threads < 1)
        threads = 1;
    struct sbmt_team *team = calloc(1, sizeof *team + (size_t)threads * sizeof team->workers[0]);
    if (team == NULL) {
        sbmt_fail(err, SBMT_ERROR_MEMORY, "threads: out of memory");
        return NULL;
    }
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->start, NULL);
    pthread_cond_init(&team->done, NULL);
    /* Signals are for the main thread: the others block them. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = 0;
    for (int i = 1; i < threads && failure == 0; i++) {
        team->workers[i] = (struct worker){.team = team, .index = i};
        failure = pthread_create(&team->workers[i].thread, NULL, worker_main, &team->workers[i]);
        team->started += failure == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure == 0)
        return team;
    sbmt_team_destroy(team);
    sbmt_fail(err, SBMT_ERROR_MEMORY,
              "threads: the system does not allow %d threads; use fewer with "
              "--threads",
              threads);
    return NULL;
}

void sbmt_team_destroy(struct sbmt_team *team)
{
    if (team == NULL)
        return;
    pthread_mutex_lock(&team->lock);
    team->ending = true;
    pthread_cond_broadcast(&team->start);
    pthread_mutex_unlock(&team->lock);
    for (int i = 1; i <= team->started; i++)
        pthread_join(team->workers[i].thread, NULL);
    pthread_cond_destroy(&team->done);
    pthread_cond_destroy(&team->start);
    pthread_mutex_destroy(&team->lock);
    free(team);
}

void sbmt_team_run(struct sbmt_team *team, int count, sbmt_task task, void *context)
{
    pthread_mutex_lock(&team->lock);
    team->task = task;
    team->context = context;
    team->count = count;
    team->next = 0;
    team->busy = team->started;
    team->round++;
    pthread_cond_broadcast(&team->start);
    pthread_mutex_unlock(&team->lock);
    work(team, 0);
    pthread_mutex_lock(&team->lock);
    while (team->busy > 0)
        pthread_cond_wait(&team->done, &team->lock);
    pthread_mutex_unlock(&team->lock);
}

int sbmt_processor_count(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    const int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count;
}
