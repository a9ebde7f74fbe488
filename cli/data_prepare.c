/* sbmt data prepare: makes the prepared files that training would make when it first reads a task,
 * those of several tasks at the same time. */
#include <stdatomic.h>

#include "cli/command.h"
#include "cli/data_choice.h"
#include "cli/experiment_options.h"
#include "cli/generating.h"
#include "cli/terminal.h"
#include "core/base/thread.h"
#include "data/preparation.h"

struct options {
    const char *data;
    int protocol, threads;
    bool force;
};

static const struct sbmt_field fields[] = {
    SBMT_DATA_ROW(struct options),
    SBMT_CHOICE(struct options, protocol, sbmt_protocol_words, SBMT_PROTOCOL_SBM_PAPER,
                "whose lengths, vocabularies and splits"),
    SBMT_THREADS_ROW(struct options),
    SBMT_BOOL(struct options, force, false, "make those anew that are up to date"),
    SBMT_FIELDS_END,
};

struct work;

/* The files of one task. */
struct unit {
    struct work *work;
    struct sbmt_preparation preparation;
    struct sbmt_preparation_watch watch;
    struct sbmt_preparation_progress told; /* what the work knows of */
    bool sized;                            /* it knows how much is to be read */
    bool made;
    struct sbmt_error err;
};

/* All of them, shared out to threads. */
struct work {
    int count;
    struct unit *units;
    bool force;
    struct sbmt_generating generating;
    atomic_flag watching; /* a thread is at it */
    _Atomic int64_t examples, read, size;
    _Atomic int sized; /* units whose size is known */
};

/* Of what is read, in percent; −1 where nobody knows of all tasks how much that is. */
static int share_of(struct work *work)
{
    const int64_t read = work->read, size = work->size;
    if (work->sized < work->count || size == 0)
        return -1;
    return read < size ? (int)(100 * read / size) : 100;
}

/* Whichever thread comes by when no other does tells how far all are. */
static bool report(void *context, const struct sbmt_preparation_progress *progress)
{
    struct unit *unit = context;
    struct work *work = unit->work;
    work->examples += progress->examples - unit->told.examples;
    work->read += progress->read - unit->told.read;
    work->size += progress->size - unit->told.size;
    work->sized += (progress->size > 0) - unit->sized;
    unit->sized = progress->size > 0;
    unit->told = *progress;
    if (atomic_flag_test_and_set(&work->watching))
        return true;
    work->generating.share = share_of(work);
    const struct sbmt_generation_watch *watch = &work->generating.watch;
    const bool go_on = watch->report(watch->context, work->examples, 0);
    atomic_flag_clear(&work->watching);
    return go_on;
}

/* A task that nothing is to be made of has nothing to be read. */
static void count_out(struct unit *unit)
{
    unit->work->sized += !unit->sized;
    unit->sized = true;
}

static void prepare(void *context, int index, int worker)
{
    struct work *work = context;
    struct unit *unit = &work->units[index];
    (void)worker;
    unit->made = sbmt_preparation_choose(&unit->preparation, work->force, &unit->err) &&
                 (unit->preparation.splits == 0 ||
                  sbmt_preparation_make(&unit->preparation, &unit->err));
    if (unit->preparation.splits == 0)
        count_out(unit);
}

/* The message of the first task that failed is the command's; those of others are told as they
 * are, but for interruptions, which all have. */
static bool collect(const struct work *work, const struct sbmt_log *log, struct sbmt_error *err)
{
    bool good = true;
    for (int i = 0; i < work->count; i++) {
        const struct unit *unit = &work->units[i];
        if (unit->made)
            continue;
        if (good)
            *err = unit->err;
        else if (unit->err.kind != SBMT_ERROR_INTERRUPTED)
            sbmt_log_write(log, SBMT_LOG_WARNING, "%s", unit->err.message);
        good = false;
    }
    return good;
}

static bool run_work(struct work *work, int threads, const struct sbmt_log *log,
                     struct sbmt_error *err)
{
    const int most = threads > 0 ? threads : sbmt_processor_count();
    struct sbmt_team *team = sbmt_team_create(most < work->count ? most : work->count, err);
    if (team == NULL)
        return false;
    sbmt_generating_begin(&work->generating, "examples");
    sbmt_team_run(team, work->count, prepare, work);
    sbmt_generating_end(&work->generating);
    sbmt_team_destroy(team);
    return collect(work, log, err);
}

static void add_task(struct work *work, const struct sbmt_task *task, int wanted, const char *root,
                     const struct sbmt_log *log)
{
    if (task->texts != NULL) {
        sbmt_log_write(log, SBMT_LOG_NOTE,
                       "%s: texts become tokens whenever they are read; nothing to prepare",
                       task->name);
        return;
    }
    const int protocol = sbmt_data_choice_protocol(task, wanted);
    if (protocol != wanted)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: has no protocol %s; prepared for %s", task->name,
                       sbmt_protocol_words[wanted], sbmt_protocol_words[protocol]);
    struct unit *unit = &work->units[work->count++];
    unit->work = work;
    unit->watch = (struct sbmt_preparation_watch){.context = unit, .report = report};
    unit->preparation = (struct sbmt_preparation){
        .task = task,
        .form = task->forms[protocol],
        .root = root,
        .log = log,
        .watch = &unit->watch,
    };
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    const char *root = sbmt_data_root(options->data);
    const struct sbmt_log log = sbmt_terminal_log();
    if (!sbmt_data_choice_check(call, options->protocol, err))
        return false;
    struct sbmt_arena arena = {0};
    struct work work = {.force = options->force, .watching = ATOMIC_FLAG_INIT};
    int tasks = 0, chosen = 0;
    while (sbmt_task_at(tasks) != NULL)
        tasks++;
    work.units = sbmt_arena_zalloc(&arena, (size_t)tasks, sizeof *work.units);
    bool good = sbmt_arena_check(&arena, "data prepare", err);
    for (int i = 0; good && i < tasks; i++) {
        const struct sbmt_task *task = sbmt_task_at(i);
        if (!sbmt_data_choice_has(call, task, root))
            continue;
        chosen++;
        add_task(&work, task, options->protocol, root, &log);
    }
    if (good && chosen == 0)
        good = sbmt_data_choice_empty(root, err);
    else if (good && work.count > 0)
        good = run_work(&work, options->threads, &log, err);
    sbmt_arena_finish(&arena);
    return good;
}

extern const struct sbmt_command sbmt_command_data_prepare;
const struct sbmt_command sbmt_command_data_prepare = {
    .group = "Data",
    .name = "data prepare",
    .arguments = "[TASK ...]",
    .doc = "makes the prepared files of tasks whose files are there, or of those named, as "
           "training would when it first reads them",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
