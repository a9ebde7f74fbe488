/* Prepared files: used as they are, or made from their source. */
#include "data/preparation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/preparation_progress.h"
#include "data/prepared.h"

bool sbmt_preparation_path(const struct sbmt_task *task, const struct sbmt_form *form,
                           const char *root, enum sbmt_split split, char path[PATH_MAX],
                           struct sbmt_error *err)
{
    char name[100];
    snprintf(name, sizeof name, "%s", task->name);
    for (char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash, '/'))
        *slash = '-';
    const int length = snprintf(path, PATH_MAX, "%s/prepared/%s.%s.%s.safetensors", root, name,
                                form->name, sbmt_split_name(split));
    return (length >= 0 && length < PATH_MAX) ||
           sbmt_fail(err, SBMT_ERROR_IO, "%.200s…: the name of this data root is too long", root);
}

/* <root>/prepared, into which can be written: said before the work rather than after it, with the
 * way round that needs no copy. */
static bool make_folder(const char *root, struct sbmt_error *err)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/prepared", root);
    const bool made = sbmt_folder_make(folder, err);
    if (access(made ? folder : root, W_OK) == 0)
        return made;
    return sbmt_fail(err, SBMT_ERROR_IO,
                     "%s: cannot write prepared data here: %s; make %s writable, or give with "
                     "--data or SBMT_DATA a folder of your own that has links to the files and "
                     "folders of %s",
                     folder, strerror(errno), made ? "it" : "the data root", root);
}

bool sbmt_preparation_wants(const struct sbmt_preparation *preparation, enum sbmt_split split)
{
    return (preparation->splits & 1U << split) != 0;
}

/* The source of a split: of a form whose splits are made together, that of all of them, for what
 * one holds may change the others (a vocabulary). */
static bool find_source(const struct sbmt_task *task, const struct sbmt_form *form,
                        const char *root, enum sbmt_split split, struct sbmt_origin *origin,
                        struct sbmt_error *err)
{
    if (!task->source(task, root, split, origin, err))
        return false;
    for (int s = 0; form->joint && s < SBMT_SPLIT_COUNT; s++) {
        /* Quickly: sources of other names are single files. */
        struct sbmt_origin other = {0};
        if (!task->source(task, root, (enum sbmt_split)s, &other, err))
            return false;
        if (strcmp(other.name, origin->name) == 0)
            continue;
        origin->size += other.size;
        origin->mtime = other.mtime > origin->mtime ? other.mtime : origin->mtime;
    }
    return true;
}

/* Bytes of the sources of some splits; 0: nobody knows, as of folders. */
static int64_t source_size(const struct sbmt_preparation *preparation, unsigned splits)
{
    int64_t sum = 0;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        const int64_t size = preparation->origin[split].size;
        if ((splits & 1U << split) == 0)
            continue;
        if (size == 0)
            return 0;
        sum = preparation->form->joint ? size : sum + size;
    }
    return sum;
}

static bool open_builders(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    const struct sbmt_task *task = preparation->task;
    const char *named = "";
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        char path[PATH_MAX];
        struct sbmt_origin *origin = &preparation->origin[split];
        if (!sbmt_preparation_wants(preparation, (enum sbmt_split)split))
            continue;
        origin->thorough = true;
        if (!find_source(task, preparation->form, preparation->root, (enum sbmt_split)split, origin,
                         err))
            return false;
        char *place = preparation->place[split];
        snprintf(place, PATH_MAX, "%s/%s", preparation->root, origin->name);
        if (strcmp(named, place) != 0)
            sbmt_log_write(preparation->log, SBMT_LOG_NOTE, "%s: preparing", place);
        named = place;
        if (!sbmt_preparation_path(task, preparation->form, preparation->root,
                                   (enum sbmt_split)split, path, err) ||
            !sbmt_builder_open(&preparation->builder[split], task, preparation->form, path, err))
            return false;
        preparation->builder[split].watch = &preparation->writing;
    }
    preparation->progress = (struct sbmt_preparation_progress){
        .size = source_size(preparation, preparation->splits)};
    return true;
}

/* What was read is the source only if that has not changed meanwhile. */
static bool check_unchanged(const struct sbmt_preparation *preparation, enum sbmt_split split,
                            struct sbmt_error *err)
{
    const struct sbmt_origin *before = &preparation->origin[split];
    struct sbmt_origin now = {.thorough = true};
    if (!find_source(preparation->task, preparation->form, preparation->root, split, &now, err))
        return false;
    return sbmt_origin_equal(&now, before) ||
           sbmt_fail(err, SBMT_ERROR_DATA, "%s: changed while it was read; try again",
                     preparation->place[split]);
}

static void report(const struct sbmt_preparation *preparation, enum sbmt_split split)
{
    const struct sbmt_builder *builder = &preparation->builder[split];
    char cut[128] = "";
    if (builder->cut > 0)
        snprintf(cut, sizeof cut, ", %" PRId64 " sequences cut to %d %ss", builder->cut,
                 preparation->form->max_length, preparation->form->unit);
    sbmt_log_write(preparation->log, SBMT_LOG_NOTE,
                   "%s, %s: %" PRId64 " examples, %" PRId64 " %ss%s", preparation->place[split],
                   sbmt_split_name(split), sbmt_builder_count(builder), builder->kept,
                   preparation->form->unit, cut);
}

bool sbmt_preparation_write(struct sbmt_preparation *preparation, enum sbmt_split split,
                            struct sbmt_error *err)
{
    struct sbmt_builder *builder = &preparation->builder[split];
    const char *place = preparation->place[split];
    if (!check_unchanged(preparation, split, err))
        return false;
    if (sbmt_builder_count(builder) == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no examples of %s", place,
                         sbmt_split_name(split));
    if (!sbmt_builder_write(builder, &preparation->origin[split], place, err))
        return false;
    report(preparation, split);
    preparation->written |= 1U << split;
    sbmt_builder_close(builder);
    /* Of an archive only the bytes up to the file were read. */
    if (!preparation->form->joint)
        preparation->progress.read = source_size(preparation, preparation->written);
    return true;
}

/* What the task has left to be written. */
static bool write_files(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    const unsigned left = preparation->splits & ~preparation->written;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        if ((left & 1U << split) != 0 &&
            !sbmt_preparation_write(preparation, (enum sbmt_split)split, err))
            return false;
    return true;
}

/* Names the splits without a source, of a task that has some: training needs them. */
static void report_missing(const struct sbmt_preparation *preparation, unsigned found,
                           const char *why)
{
    struct sbmt_str names = {0};
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        if ((found & 1U << split) == 0)
            sbmt_str_printf(&names, "%s%s", names.length > 0 ? ", " : "",
                            sbmt_split_name((enum sbmt_split)split));
    if (names.length > 0 && !names.failed)
        sbmt_log_write(preparation->log, SBMT_LOG_WARNING,
                       "%s: %s cannot be prepared, and training needs it: %s",
                       preparation->task->name, names.text, why);
    sbmt_str_finish(&names);
}

/* Damage shows only when all is read. */
static bool check_tokens(struct sbmt_preparation *preparation, const struct sbmt_dataset *dataset,
                         struct sbmt_error *err)
{
    for (int64_t e = 0; e < dataset->examples.count; e++)
        if (!sbmt_preparation_go_on(preparation, (size_t)e, err) ||
            !sbmt_prepared_check(dataset, e, err))
            return false;
    return true;
}

/* True if a prepared file is there, whole, and made from this source. What should be good and is
 * not is warned about. */
static bool is_up_to_date(struct sbmt_preparation *preparation, enum sbmt_split split,
                          const struct sbmt_origin *origin, struct sbmt_error *err)
{
    struct sbmt_dataset dataset = {
        .task = preparation->task, .form = preparation->form, .split = split};
    char path[PATH_MAX];
    bool good = sbmt_preparation_path(preparation->task, preparation->form, preparation->root,
                                      split, path, NULL) &&
                sbmt_prepared_open(&dataset, path, NULL) &&
                sbmt_prepared_compare(&dataset.file, origin) == SBMT_PREPARED_SAME;
    if (good && !check_tokens(preparation, &dataset, err)) {
        good = false;
        if (err->kind == SBMT_ERROR_DATA)
            sbmt_log_write(preparation->log, SBMT_LOG_WARNING, "%s: damaged: it is made anew",
                           path);
    }
    sbmt_dataset_close(&dataset);
    return good;
}

static void report_up_to_date(const struct sbmt_preparation *preparation, unsigned found)
{
    for (int split = 0; split < SBMT_SPLIT_COUNT && preparation->splits != 0; split++)
        if ((found & ~preparation->splits & 1U << split) != 0)
            sbmt_log_write(preparation->log, SBMT_LOG_NOTE, "%s, %s, %s: up to date",
                           preparation->task->name, preparation->form->name,
                           sbmt_split_name((enum sbmt_split)split));
    if (preparation->splits == 0)
        sbmt_log_write(preparation->log, SBMT_LOG_NOTE, "%s, %s: up to date",
                       preparation->task->name, preparation->form->name);
}

bool sbmt_preparation_choose(struct sbmt_preparation *preparation, bool force,
                             struct sbmt_error *err)
{
    const struct sbmt_task *task = preparation->task;
    struct sbmt_error missing = {0};
    unsigned found = 0;
    preparation->splits = 0;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        struct sbmt_origin origin = {.thorough = true};
        struct sbmt_error broken = {0};
        /* The message of the first that is missing names what is looked for. */
        if (!find_source(task, preparation->form, preparation->root, (enum sbmt_split)split,
                         &origin, missing.kind == SBMT_ERROR_NONE ? &missing : NULL))
            continue;
        found |= 1U << split;
        if (force || !is_up_to_date(preparation, (enum sbmt_split)split, &origin, &broken))
            preparation->splits |= 1U << split;
        if (broken.kind == SBMT_ERROR_INTERRUPTED)
            return sbmt_preparation_stopped(preparation, err);
    }
    if (found == 0)
        return sbmt_fail(err, missing.kind, "%s", missing.message);
    report_missing(preparation, found, missing.message);
    report_up_to_date(preparation, found);
    return true;
}

bool sbmt_preparation_make(struct sbmt_preparation *preparation, struct sbmt_error *err)
{
    struct sbmt_error broken = {0};
    preparation->written = 0;
    sbmt_preparation_watch_bytes(preparation);
    const bool made = make_folder(preparation->root, &broken) &&
                      open_builders(preparation, &broken) &&
                      preparation->task->prepare(preparation, &broken) &&
                      write_files(preparation, &broken);
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        sbmt_builder_close(&preparation->builder[split]);
    if (broken.kind == SBMT_ERROR_INTERRUPTED)
        return sbmt_preparation_stopped(preparation, err);
    return made || sbmt_fail(err, broken.kind, "%s", broken.message);
}

static bool make(struct sbmt_dataset *dataset, const char *root, const char *path,
                 const struct sbmt_log *log, struct sbmt_error *err)
{
    enum { ALL = (1U << SBMT_SPLIT_COUNT) - 1 };
    struct sbmt_preparation preparation = {
        .task = dataset->task,
        .form = dataset->form,
        .root = root,
        .log = log,
        .splits = dataset->form->joint ? (unsigned)ALL : 1U << dataset->split,
    };
    return sbmt_preparation_make(&preparation, err) && sbmt_prepared_open(dataset, path, err);
}

/* Tries the prepared file. Returns true if it is open and good for this source (NULL: absent).
 * Otherwise it has to be made anew, unless the error is SBMT_ERROR_IO; a file that should have been
 * good is warned about. */
static bool open_prepared(struct sbmt_dataset *dataset, const char *path,
                          const struct sbmt_origin *origin, const struct sbmt_log *log,
                          struct sbmt_error *err)
{
    if (!sbmt_prepared_open(dataset, path, err)) {
        if (origin != NULL && err->kind != SBMT_ERROR_IO)
            sbmt_log_write(log, SBMT_LOG_WARNING, "%s; it is made anew", err->message);
        return false;
    }
    if (origin == NULL) {
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: used without its source file, which is absent",
                       path);
        return true;
    }
    const enum sbmt_prepared_match match = sbmt_prepared_compare(&dataset->file, origin);
    if (match == SBMT_PREPARED_SAME)
        return true;
    static const char unknown[] = "made by an earlier version, which did not record its files";
    if (match == SBMT_PREPARED_UNKNOWN && access(path, W_OK) != 0) {
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %s: whether these have changed is not known", path,
                       unknown);
        return true;
    }
    sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %s; it is made anew", path,
                   match == SBMT_PREPARED_CHANGED ? "its source has changed" : unknown);
    sbmt_safetensors_close(&dataset->file);
    return false;
}

bool sbmt_preparation_available(const struct sbmt_task *task, const struct sbmt_form *form,
                                const char *root, enum sbmt_split split, struct sbmt_error *err)
{
    char path[PATH_MAX];
    struct sbmt_origin origin = {0};
    struct sbmt_error absent = {0};
    if (!sbmt_preparation_path(task, form, root, split, path, err))
        return false;
    return sbmt_file_exists(path) || find_source(task, form, root, split, &origin, &absent) ||
           sbmt_fail(err, absent.kind, "%s", absent.message);
}

bool sbmt_preparation_open(struct sbmt_dataset *dataset, const struct sbmt_data_options *options,
                           struct sbmt_error *err)
{
    const struct sbmt_task *task = dataset->task;
    const char *root = options->root;
    char path[PATH_MAX];
    struct sbmt_error absent = {0}, broken = {0};
    struct sbmt_origin origin = {.thorough = options->thorough};
    if (!sbmt_preparation_path(task, dataset->form, root, dataset->split, path, err))
        return false;
    const bool has_source = find_source(task, dataset->form, root, dataset->split, &origin,
                                        &absent);
    if (sbmt_file_exists(path)) {
        if (open_prepared(dataset, path, has_source ? &origin : NULL, options->log, &broken))
            return true;
        if (!has_source)
            return sbmt_fail(err, broken.kind, "%s; its source file is absent", broken.message);
        /* Made anew it could not be read either, or not be put in its place. */
        if (broken.kind == SBMT_ERROR_IO)
            return sbmt_fail(err, broken.kind, "%s; make it readable, or remove it",
                             broken.message);
    }
    if (!has_source)
        return sbmt_fail(err, absent.kind, "%s", absent.message);
    return make(dataset, root, path, options->log, err);
}
