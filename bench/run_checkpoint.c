/* Reading the checkpoints of a run. */
#include "bench/run_checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "bench/run.h"
#include "core/io/file.h"
#include "core/io/safetensors.h"

/* True if metrics.jsonl has the line of an evaluation. */
static bool is_evaluated(const char *folder)
{
    static const char mark[] = "\"dev\":{";
    char path[SBMT_RUN_PATH];
    struct sbmt_mapping file;
    sbmt_run_path(folder, "metrics.jsonl", path);
    if (!sbmt_file_exists(path) || !sbmt_mapping_open(&file, path, NULL))
        return false;
    const bool is = memmem(file.bytes, file.size, mark, sizeof mark - 1) != NULL;
    sbmt_mapping_close(&file);
    return is;
}

/* What is left: the other checkpoint, as far as it is there. */
static const char *other(const char *folder, const char *checkpoint)
{
    const bool is_best = strcmp(checkpoint, "best") == 0;
    if (!sbmt_run_has(folder, is_best ? "last.safetensors" : "best.safetensors"))
        return "";
    return is_best ? " take --checkpoint last to evaluate or inspect the run, or"
                   : " take --checkpoint best to evaluate or inspect the run, or";
}

static bool fail_damaged(const char *folder, const char *left, struct sbmt_error *err)
{
    if (err == NULL)
        return false;
    const struct sbmt_error damage = *err;
    return sbmt_fail(err, damage.kind,
                     "%.700s; without a good copy of it,%s delete the folder %s and train anew",
                     damage.message, left, folder);
}

bool sbmt_run_damaged(const char *folder, struct sbmt_error *err)
{
    return fail_damaged(folder, "", err);
}

/* It was written, and is gone; or the run did not come that far. */
static bool fail_missing(const char *folder, const char *checkpoint, const char *path,
                         struct sbmt_error *err)
{
    const bool is_best = strcmp(checkpoint, "best") == 0;
    if (sbmt_run_has(folder, "result.json") || (is_best && is_evaluated(folder)))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: is gone: the run had written it; without a copy of it,%s delete the "
                         "folder %s and train anew",
                         path, other(folder, checkpoint), folder);
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: not there: the run has not come to its first %s;%s go on with it by "
                     "'sbmt train --resume --run %s'",
                     path, is_best ? "evaluation" : "checkpoint", other(folder, checkpoint),
                     folder);
}

static bool is_whole(const char *path)
{
    struct sbmt_safetensors file = {0};
    struct sbmt_arena arena = {0};
    const char *classes;
    const bool whole = sbmt_safetensors_open(&file, path, NULL) &&
                       sbmt_checkpoint_look(path, &classes, &arena, NULL);
    sbmt_safetensors_close(&file);
    sbmt_arena_finish(&arena);
    return whole;
}

bool sbmt_run_checkpoint_read(const char *folder, const char *checkpoint,
                              struct sbmt_params *params, bool optimiser,
                              struct sbmt_checkpoint *state, const char *fingerprint,
                              struct sbmt_error *err)
{
    char name[64], path[SBMT_RUN_PATH];
    snprintf(name, sizeof name, "%s.safetensors", checkpoint);
    sbmt_run_path(folder, name, path);
    if (!sbmt_file_exists(path))
        return fail_missing(folder, checkpoint, path, err);
    if (sbmt_checkpoint_read(path, params, optimiser, state, fingerprint, err))
        return true;
    /* One that cannot be read may be whole. */
    const bool damaged = err != NULL && err->kind == SBMT_ERROR_DATA && !is_whole(path);
    return damaged ? fail_damaged(folder, other(folder, checkpoint), err) : false;
}
