/* Tests of preparing data: stopped at any moment, gone on with, and put right where it is damaged.
 */
#include "data/preparation.h"
#include "tests/unit/task_world.h"

enum { ROWS = 1000, ALL = (1 << SBMT_SPLIT_COUNT) - 1 };

/* A preparation that is watched. */
struct watched {
    struct task_world world;
    struct sbmt_preparation preparation;
    struct sbmt_log log;
    struct sbmt_preparation_watch watch;
    struct sbmt_preparation_progress last;
    int64_t stop; /* examples after which it is stopped; < 0: never */
    int reports;
    struct sbmt_error err;
};

static bool report(void *context, const struct sbmt_preparation_progress *progress)
{
    struct watched *watched = context;
    ck_assert_int_ge(progress->examples, watched->last.examples);
    ck_assert_int_ge(progress->read, watched->last.read);
    watched->last = *progress;
    watched->reports++;
    return watched->stop < 0 || progress->examples < watched->stop;
}

/* Notes about a task name no file. */
static void note(void *context, enum sbmt_log_level level, const char *message)
{
    struct task_world *world = context;
    const size_t used = strlen(world->notes);
    if (message[0] == '/')
        task_world_note(context, level, message);
    else
        snprintf(world->notes + used, sizeof world->notes - used, "%s\n", message);
}

static void watched_make(struct watched *watched, const char *task)
{
    *watched = (struct watched){.stop = -1};
    task_world_make(&watched->world, task);
    watched->log = (struct sbmt_log){.write = note, .context = &watched->world};
    watched->watch = (struct sbmt_preparation_watch){watched, report};
}

static void put_rows(struct task_world *world, const char *name, char digit)
{
    struct sbmt_str text = {0};
    sbmt_str_printf(&text, "Source\tTarget\n");
    for (int i = 0; i < ROWS; i++)
        sbmt_str_printf(&text, "( ( [MAX %c ) %c ) ]\t%c\n", digit, digit, digit);
    task_world_put(world, name, text.text);
    sbmt_str_finish(&text);
}

static void listops_make(struct watched *watched)
{
    watched_make(watched, "lra/listops");
    task_world_folder(&watched->world, "listops");
    put_rows(&watched->world, "listops/basic_train.tsv", '1');
    put_rows(&watched->world, "listops/basic_val.tsv", '2');
    put_rows(&watched->world, "listops/basic_test.tsv", '3');
}

/* What has to be made, of which the notes tell the rest. */
static unsigned choose(struct watched *watched)
{
    watched->world.notes[0] = '\0';
    watched->err = (struct sbmt_error){0};
    watched->last = (struct sbmt_preparation_progress){0};
    watched->reports = 0;
    watched->preparation = (struct sbmt_preparation){
        .task = watched->world.task,
        .form = watched->world.task->forms[SBMT_PROTOCOL_SBM_PAPER],
        .root = watched->world.temporary.folder,
        .log = &watched->log,
        .watch = &watched->watch,
    };
    ck_assert_msg(sbmt_preparation_choose(&watched->preparation, false, &watched->err), "%s",
                  watched->err.message);
    return watched->preparation.splits;
}

static bool make(struct watched *watched)
{
    watched->last = (struct sbmt_preparation_progress){0};
    return sbmt_preparation_make(&watched->preparation, &watched->err);
}

static void assert_stopped(struct watched *watched, int64_t stop, const char *message)
{
    watched->stop = stop;
    ck_assert(!make(watched));
    ck_assert_int_eq(watched->err.kind, SBMT_ERROR_INTERRUPTED);
    ck_assert_str_eq(watched->err.message, message);
    watched->stop = -1;
}

/* What is whole when a preparation is stopped stays, and is not made again. */
START_TEST(test_stopped_and_gone_on_with)
{
    struct watched watched;
    listops_make(&watched);
    ck_assert_uint_eq(choose(&watched), ALL);
    assert_stopped(&watched, 500, "lra/listops: stopped after 500 examples; nothing was written");
    const char *prepared = temporary_path(&watched.world.temporary, "prepared");
    ck_assert_int_eq(temporary_count(prepared), 0);
    ck_assert_uint_eq(choose(&watched), ALL);
    assert_stopped(&watched, 1500, "lra/listops: stopped after 1500 examples; train is complete");
    ck_assert_int_eq(temporary_count(prepared), 1);
    ck_assert_uint_eq(choose(&watched), ALL & ~(1U << SBMT_SPLIT_TRAIN));
    ck_assert_str_eq(watched.world.notes, "lra/listops, words-2000, train: up to date\n");
    ck_assert(make(&watched));
    ck_assert_int_eq(watched.last.examples, 2 * ROWS);
    ck_assert_uint_eq(choose(&watched), 0);
    task_world_remove(&watched.world);
}
END_TEST

START_TEST(test_two_are_complete)
{
    struct watched watched;
    listops_make(&watched);
    ck_assert_uint_eq(choose(&watched), ALL);
    assert_stopped(&watched, 2500,
                   "lra/listops: stopped after 2500 examples; train, dev are complete");
    task_world_remove(&watched.world);
}
END_TEST

/* All bytes of the source are told of, packed as they are there. */
START_TEST(test_progress)
{
    struct watched watched;
    struct stat packed;
    int64_t size = 0;
    listops_make(&watched);
    task_world_run(&watched.world, "gzip listops/*");
    static const char *const names[] = {"listops/basic_train.tsv.gz", "listops/basic_val.tsv.gz",
                                        "listops/basic_test.tsv.gz"};
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(stat(temporary_path(&watched.world.temporary, names[i]), &packed), 0);
        size += packed.st_size;
    }
    ck_assert_uint_eq(choose(&watched), ALL);
    ck_assert(make(&watched));
    ck_assert_int_ge(watched.reports, 3 * ROWS / 100);
    ck_assert_int_eq(watched.last.examples, 3 * ROWS);
    ck_assert_int_eq(watched.last.size, size);
    ck_assert_int_eq(watched.last.read, size);
    task_world_remove(&watched.world);
}
END_TEST

/* Whoever checks all bytes can be stopped too. */
START_TEST(test_stopped_while_checking)
{
    struct watched watched;
    listops_make(&watched);
    ck_assert_uint_eq(choose(&watched), ALL);
    ck_assert(make(&watched));
    watched.stop = 0;
    watched.last = (struct sbmt_preparation_progress){0};
    watched.preparation.progress = watched.last;
    ck_assert(!sbmt_preparation_choose(&watched.preparation, false, &watched.err));
    ck_assert_int_eq(watched.err.kind, SBMT_ERROR_INTERRUPTED);
    task_world_remove(&watched.world);
}
END_TEST

/* A damaged token is found without training, and the file made anew. */
START_TEST(test_damaged_tokens)
{
    struct watched watched;
    listops_make(&watched);
    ck_assert_uint_eq(choose(&watched), ALL);
    ck_assert(make(&watched));
    const char *path = temporary_path(&watched.world.temporary,
                                      "prepared/lra-listops.words-2000.dev.safetensors");
    size_t size, again;
    char *bytes = temporary_get(path, &size);
    bytes[size - 3] ^= 1;
    temporary_put(path, bytes, size);
    ck_assert_uint_eq(choose(&watched), 1U << SBMT_SPLIT_DEV);
    ck_assert_str_eq(watched.world.notes,
                     "warning: prepared/lra-listops.words-2000.dev.safetensors: damaged: it is "
                     "made anew\n"
                     "lra/listops, words-2000, train: up to date\n"
                     "lra/listops, words-2000, test: up to date\n");
    ck_assert(make(&watched));
    bytes[size - 3] ^= 1;
    char *made = temporary_get(path, &again);
    ck_assert_uint_eq(again, size);
    ck_assert_mem_eq(made, bytes, size);
    ck_assert_uint_eq(choose(&watched), 0);
    free(made);
    free(bytes);
    task_world_remove(&watched.world);
}
END_TEST

/* Records of files that are read whole are counted too. */
START_TEST(test_pictures)
{
    enum { FILE_SIZE = 30730000, FILES = 6 };
    static const char *const names[FILES] = {"data_batch_1.bin", "data_batch_2.bin",
                                             "data_batch_3.bin", "data_batch_4.bin",
                                             "data_batch_5.bin", "test_batch.bin"};
    struct watched watched;
    watched_make(&watched, "lra/image");
    task_world_folder(&watched.world, "cifar-10-batches-bin");
    for (int f = 0; f < FILES; f++) {
        char name[100];
        snprintf(name, sizeof name, "cifar-10-batches-bin/%s", names[f]);
        task_world_put(&watched.world, name, "");
        ck_assert_int_eq(truncate(temporary_path(&watched.world.temporary, name), FILE_SIZE), 0);
    }
    ck_assert_uint_eq(choose(&watched), ALL);
    assert_stopped(&watched, 30000, "lra/image: stopped after 30000 examples; nothing was written");
    ck_assert_int_eq(watched.last.size, (int64_t)FILES * FILE_SIZE);
    ck_assert_int_eq(watched.last.read, 3 * (int64_t)FILE_SIZE);
    task_world_remove(&watched.world);
}
END_TEST

SBMT_SUITE_MAIN("preparation", test_stopped_and_gone_on_with, test_two_are_complete, test_progress,
                test_stopped_while_checking, test_damaged_tokens, test_pictures)
