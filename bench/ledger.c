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
    if (sbmt_run_has(folder, "metrics.jsonl") || sbmt_run_has(folder, "result.json"))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: config.yaml is missing beside the files of a run; put it back or "
                         "delete the folder",
                         folder);
    return sbmt_ledger_find_missed(search->ledger, folder, search->arena, err) &&
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

static bool fail_none(const struct sbmt_ledger *ledger, const char *folder, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    sbmt_ledger_tell_missed(ledger, &text);
    sbmt_fail(err, SBMT_ERROR_DATA,
              "%s: no run here (no config.yaml in it or in three folders below it)%s", folder,
              text.length > 0 && !text.failed ? text.text : "");
    sbmt_str_finish(&text);
    return false;
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
            return fail_none(search->ledger, folder, err);
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
