/* Cells of suites without a result. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/ledger_run.h"
#include "bench/run.h"
#include "core/io/file.h"

/* Adds a line about a cell, or cells of a suite, without a result: what it says after the folder.
 */
static bool add_missed(struct sbmt_ledger *ledger, const char *folder, const char *what,
                       const char *more_of_it, struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_str line = {0};
    const char **more = realloc(ledger->missed, ((size_t)ledger->missing + 1) * sizeof *more);
    if (more == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", folder);
    ledger->missed = more;
    sbmt_str_printf(&line, "%s%s%s", folder, what, more_of_it);
    ledger->missed[ledger->missing++] = sbmt_arena_strdup(arena, line.failed ? folder : line.text);
    sbmt_str_finish(&line);
    return sbmt_arena_check(arena, folder, err);
}

/* Cells of a suite that have not begun are told one by one where they are few. */
enum { TOLD_ONE_BY_ONE = 3 };

struct cells {
    int count, waiting;
    char first[TOLD_ONE_BY_ONE][SBMT_RUN_PATH]; /* of those that have not begun */
};

static bool look_at_cell(struct sbmt_ledger *ledger, const char *folder, struct cells *cells,
                         struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_json failure = {0};
    bool done = sbmt_ledger_object_read(folder, "failed.json", &failure, err);
    cells->count++;
    if (done && failure.item[0] != NULL) {
        const char *message = sbmt_json_get_text(&failure, "message");
        done = add_missed(ledger, folder, " failed: ", message != NULL ? message : "", arena, err);
    } else if (done && !sbmt_run_exists(folder)) {
        if (cells->waiting < TOLD_ONE_BY_ONE)
            snprintf(cells->first[cells->waiting], SBMT_RUN_PATH, "%s", folder);
        cells->waiting++;
    }
    sbmt_json_finish(&failure);
    return done;
}

static bool tell_waiting(struct sbmt_ledger *ledger, const char *suite, const struct cells *cells,
                         struct sbmt_arena *arena, struct sbmt_error *err)
{
    char what[100];
    if (cells->waiting > TOLD_ONE_BY_ONE) {
        snprintf(what, sizeof what, ": %d of %d cells have not begun", cells->waiting,
                 cells->count);
        return add_missed(ledger, suite, what, "", arena, err);
    }
    for (int i = 0; i < cells->waiting; i++)
        if (!add_missed(ledger, cells->first[i], " has not begun", "", arena, err))
            return false;
    return true;
}

bool sbmt_ledger_find_missed(struct sbmt_ledger *ledger, const char *suite,
                             struct sbmt_arena *arena, struct sbmt_error *err)
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
        done = run == NULL || look_at_cell(ledger, folder, &cells, arena, err);
    }
    sbmt_json_finish(&json);
    return done && tell_waiting(ledger, suite, &cells, arena, err);
}

void sbmt_ledger_tell_missed(const struct sbmt_ledger *ledger, struct sbmt_str *out)
{
    for (int i = 0; i < ledger->missing && i < TOLD_ONE_BY_ONE; i++)
        sbmt_str_printf(out, "; %s", ledger->missed[i]);
    if (ledger->missing > TOLD_ONE_BY_ONE)
        sbmt_str_printf(out, "; and so on, %d in all", ledger->missing);
}

/* The folder of the suite that a run is a cell of. */
static bool find_suite(const char *folder, char suite[SBMT_RUN_PATH])
{
    char list[SBMT_RUN_PATH];
    const char *slash = strrchr(folder, '/'), *cells = "/cells";
    const size_t length = slash != NULL ? (size_t)(slash - folder) : 0;
    if (length <= strlen(cells) || strncmp(slash - strlen(cells), cells, strlen(cells)) != 0)
        return false;
    snprintf(suite, SBMT_RUN_PATH, "%.*s", (int)(length - strlen(cells)), folder);
    sbmt_run_path(suite, "cells.json", list);
    return sbmt_file_exists(list);
}

void sbmt_ledger_go_on(const struct sbmt_ledger_run *run, struct sbmt_str *out)
{
    char suite[SBMT_RUN_PATH], failed[SBMT_RUN_PATH];
    if (!find_suite(run->folder, suite)) {
        sbmt_str_printf(out, "sbmt train --run %s --resume", run->folder);
        return;
    }
    sbmt_run_path(run->folder, "failed.json", failed);
    sbmt_str_printf(out, "sbmt bench run SUITE --dir %s%s", suite,
                    sbmt_file_exists(failed) ? " --retry" : "");
}
