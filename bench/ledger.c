/* Finding runs below folders, and what tells them apart. */
#include "bench/ledger.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/ledger_run.h"
#include "bench/run.h"
#include "core/io/file.h"

enum { DEPTH = 3 };

/* A search: runs as they are found, in a list that grows. */
struct search {
    struct sbmt_ledger *ledger;
    int capacity;
    struct sbmt_arena *arena;
};

static bool has(const char *folder, const char *name)
{
    char path[SBMT_RUN_PATH];
    sbmt_run_path(folder, name, path);
    return sbmt_file_exists(path);
}

static bool add_run(struct search *search, const char *folder, struct sbmt_error *err)
{
    struct sbmt_ledger *ledger = search->ledger;
    if (ledger->count == search->capacity) {
        search->capacity = 2 * search->capacity + 16;
        struct sbmt_ledger_run *more = realloc(ledger->run,
                                               (size_t)search->capacity * sizeof *more);
        if (more == NULL)
            return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", folder);
        ledger->run = more;
    }
    return sbmt_ledger_run_read(&ledger->run[ledger->count++], folder, search->arena, err);
}

/* Adds a line about a cell, or cells of a suite, without a result: what it says after the folder.
 */
static bool add_missed(struct search *search, const char *folder, const char *what,
                       const char *more_of_it, struct sbmt_error *err)
{
    struct sbmt_ledger *ledger = search->ledger;
    struct sbmt_str line = {0};
    const char **more = realloc(ledger->missed, ((size_t)ledger->missing + 1) * sizeof *more);
    if (more == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", folder);
    ledger->missed = more;
    sbmt_str_printf(&line, "%s%s%s", folder, what, more_of_it);
    ledger->missed[ledger->missing++] = sbmt_arena_strdup(search->arena,
                                                          line.failed ? folder : line.text);
    sbmt_str_finish(&line);
    return sbmt_arena_check(search->arena, folder, err);
}

/* Cells of a suite that have not begun are told one by one where they are few. */
enum { TOLD_ONE_BY_ONE = 3 };

struct cells {
    int count, waiting;
    char first[TOLD_ONE_BY_ONE][SBMT_RUN_PATH]; /* of those that have not begun */
};

static bool look_at_cell(struct search *search, const char *folder, struct cells *cells,
                         struct sbmt_error *err)
{
    struct sbmt_json failure = {0};
    bool done = sbmt_ledger_object_read(folder, "failed.json", &failure, err);
    cells->count++;
    if (done && failure.item[0] != NULL) {
        const char *message = sbmt_json_get_text(&failure, "message");
        done = add_missed(search, folder, " failed: ", message != NULL ? message : "", err);
    } else if (done && !sbmt_run_exists(folder)) {
        if (cells->waiting < TOLD_ONE_BY_ONE)
            snprintf(cells->first[cells->waiting], SBMT_RUN_PATH, "%s", folder);
        cells->waiting++;
    }
    sbmt_json_finish(&failure);
    return done;
}

static bool tell_waiting(struct search *search, const char *suite, const struct cells *cells,
                         struct sbmt_error *err)
{
    char what[100];
    if (cells->waiting > TOLD_ONE_BY_ONE) {
        snprintf(what, sizeof what, ": %d of %d cells have not begun", cells->waiting,
                 cells->count);
        return add_missed(search, suite, what, "", err);
    }
    for (int i = 0; i < cells->waiting; i++)
        if (!add_missed(search, cells->first[i], " has not begun", "", err))
            return false;
    return true;
}

/* The cells of a suite, as cells.json names them, that have failed or not begun. */
static bool find_missed(struct search *search, const char *suite, struct sbmt_error *err)
{
    struct sbmt_json json = {0};
    struct cells cells = {0};
    bool done = sbmt_ledger_object_read(suite, "cells.json", &json, err);
    for (struct sbmt_json_member member = {0};
         done && json.item[0] != NULL && sbmt_json_next(&json, "cells", &member);) {
        char folder[SBMT_RUN_PATH];
        const struct sbmt_json cell = sbmt_json_view(&member);
        const char *run = sbmt_json_get_text(&cell, "run");
        sbmt_run_path(suite, run != NULL ? run : "", folder);
        done = run == NULL || look_at_cell(search, folder, &cells, err);
    }
    sbmt_json_finish(&json);
    return done && tell_waiting(search, suite, &cells, err);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool find_below(struct search *search, const char *folder, int depth,
                       struct sbmt_error *err);

static bool find(struct search *search, const char *folder, int depth, struct sbmt_error *err)
{
    if (sbmt_run_exists(folder))
        return add_run(search, folder, err);
    if (has(folder, "metrics.jsonl") || has(folder, "result.json"))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: config.yaml is missing beside the files of a run; put it back or "
                         "delete the folder",
                         folder);
    return find_missed(search, folder, err) &&
           (depth == 0 || find_below(search, folder, depth, err));
}

static bool find_below(struct search *search, const char *folder, int depth, struct sbmt_error *err)
{
    struct dirent **entries;
    const int count = scandir(folder, &entries, visible, alphasort);
    if (count < 0)
        return sbmt_fail_errno(err, "%s: cannot read this folder", folder);
    bool done = true;
    for (int i = 0; i < count; i++) {
        char path[SBMT_RUN_PATH];
        sbmt_run_path(folder, entries[i]->d_name, path);
        done = done && (!is_folder(path) || find(search, path, depth - 1, err));
        free(entries[i]);
    }
    free(entries);
    return done;
}

static int task_index(const char *name)
{
    int index = 0;
    while (sbmt_task_at(index) != NULL && strcmp(sbmt_task_at(index)->name, name) != 0)
        index++;
    return index;
}

static int compare(const void *a, const void *b)
{
    const struct sbmt_ledger_run *first = a, *second = b;
    const int task = task_index(first->config.task) - task_index(second->config.task);
    const int kind = first->config.model.attention.index - second->config.model.attention.index;
    const int name = strcmp(first->folder, second->folder);
    return task != 0 ? task : kind != 0 ? kind : name;
}

/* Without slashes at its end, so that the same folder has one name. */
static bool trim(const char *folder, char trimmed[SBMT_RUN_PATH], struct sbmt_error *err)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    if (length >= SBMT_RUN_PATH - 1024)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%.100s…: the name of this folder is too long",
                         folder);
    memcpy(trimmed, folder, length);
    trimmed[length] = '\0';
    return true;
}

static bool open_all(struct search *search, const char *const *folders, int count,
                     struct sbmt_error *err)
{
    for (int i = 0; i < count; i++) {
        const int before = search->ledger->count;
        char folder[SBMT_RUN_PATH];
        if (!trim(folders[i], folder, err))
            return false;
        if (!is_folder(folder))
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: %s", folder,
                             sbmt_file_exists(folder)
                                 ? "is a file; give a folder with runs in it or below it"
                                 : "there is no such folder");
        if (!find(search, folder, DEPTH, err))
            return false;
        if (search->ledger->count == before)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: no run here (no config.yaml in it or in three folders below it)",
                             folder);
    }
    return true;
}

/* Runs that two of the folders hold in common count once. */
static void drop_repeats(struct sbmt_ledger *ledger)
{
    int kept = 0;
    for (int i = 0; i < ledger->count; i++) {
        if (kept > 0 && strcmp(ledger->run[kept - 1].folder, ledger->run[i].folder) == 0)
            sbmt_ledger_run_finish(&ledger->run[i]);
        else
            ledger->run[kept++] = ledger->run[i];
    }
    ledger->count = kept;
}

bool sbmt_ledger_open(struct sbmt_ledger *ledger, const char *const *folders, int count,
                      struct sbmt_arena *arena, struct sbmt_error *err)
{
    *ledger = (struct sbmt_ledger){0};
    struct search search = {.ledger = ledger, .arena = arena};
    if (!open_all(&search, folders, count, err)) {
        sbmt_ledger_finish(ledger);
        return false;
    }
    qsort(ledger->run, (size_t)ledger->count, sizeof *ledger->run, compare);
    drop_repeats(ledger);
    return true;
}

void sbmt_ledger_finish(struct sbmt_ledger *ledger)
{
    for (int i = 0; i < ledger->count; i++)
        sbmt_ledger_run_finish(&ledger->run[i]);
    free(ledger->run);
    free(ledger->missed);
    *ledger = (struct sbmt_ledger){0};
}

const char *sbmt_ledger_origin(const struct sbmt_ledger_run *run, enum sbmt_split split)
{
    char key[64];
    snprintf(key, sizeof key, "data.%s.sha256", sbmt_split_name(split));
    const char *digest = sbmt_json_get_text(&run->info, key);
    snprintf(key, sizeof key, "data.%s.generator", sbmt_split_name(split));
    return digest != NULL ? digest : sbmt_json_get_text(&run->info, key);
}
