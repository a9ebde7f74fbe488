/* Run folders. */
#include "bench/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/file.h"

void sbmt_run_path(const char *folder, const char *name, char path[SBMT_RUN_PATH])
{
    snprintf(path, SBMT_RUN_PATH, "%s/%s", folder, name);
}

void sbmt_run_default_folder(const struct sbmt_experiment_config *config,
                             char folder[SBMT_RUN_PATH - 64])
{
    char task[128];
    snprintf(task, sizeof task, "%s", config->task);
    for (char *slash = strchr(task, '/'); slash != NULL; slash = strchr(slash, '/'))
        *slash = '-';
    snprintf(folder, SBMT_RUN_PATH - 64, "runs/%s-%s-s%d", task, sbmt_attention_name(config),
             config->seed);
}

bool sbmt_run_has(const char *folder, const char *name)
{
    char path[SBMT_RUN_PATH];
    sbmt_run_path(folder, name, path);
    return sbmt_file_exists(path);
}

bool sbmt_run_exists(const char *folder)
{
    return sbmt_run_has(folder, "config.yaml");
}

/* The lock goes with the process, however it ends. */
static bool lock(struct sbmt_run *run, struct sbmt_error *err)
{
    run->lock = open(run->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->lock < 0)
        return sbmt_fail_errno(err, "%s: cannot open this folder", run->folder);
    run->open = true;
    if (flock(run->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno != EWOULDBLOCK)
        return true; /* a file system without locks */
    sbmt_run_close(run);
    return false;
}

static bool open_folder(struct sbmt_run *run, const char *folder, struct sbmt_error *err)
{
    *run = (struct sbmt_run){0};
    if (strlen(folder) >= sizeof run->folder)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%.100s…: the name of this run folder is too long",
                         folder);
    snprintf(run->folder, sizeof run->folder, "%s", folder);
    struct sbmt_error failure = {0};
    if (lock(run, &failure))
        return true;
    if (failure.kind != SBMT_ERROR_NONE)
        return sbmt_fail(err, failure.kind, "%s", failure.message);
    return sbmt_fail(err, SBMT_ERROR_USAGE,
                     "%s: another process is at work in this run; wait for it or give another "
                     "folder with --run",
                     folder);
}

static bool is_run_file(const char *name)
{
    static const char *const names[] = {"config.yaml", "info.json", "metrics.jsonl", "result.json",
                                        "predictions.tsv"};
    static const char weights[] = ".safetensors";
    const size_t length = strlen(name), ending = sizeof weights - 1;
    bool is = length >= ending && strcmp(name + length - ending, weights) == 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        is = is || strcmp(name, names[i]) == 0;
    return is;
}

/* Weights and results that a run without its configuration left, or another program. */
static bool check_no_files(const char *folder, struct sbmt_error *err)
{
    DIR *entries = opendir(folder);
    if (entries == NULL && errno == ENOTDIR && sbmt_file_exists(folder))
        return sbmt_fail(err, SBMT_ERROR_IO, "%s: is a file where a folder is needed", folder);
    bool none = true;
    for (const struct dirent *entry; none && entries != NULL && (entry = readdir(entries)) != NULL;)
        none = !is_run_file(entry->d_name) ||
               sbmt_fail(err, SBMT_ERROR_USAGE,
                         "%s/%s: is there already, and a run would write over it; give another "
                         "folder with --run",
                         folder, entry->d_name);
    if (entries != NULL)
        closedir(entries);
    return none;
}

bool sbmt_run_check_free(const char *folder, struct sbmt_error *err)
{
    if (!sbmt_run_exists(folder))
        return check_no_files(folder, err);
    return sbmt_fail(err, SBMT_ERROR_USAGE,
                     "%s: holds a run already; go on with it by --resume, or give another folder "
                     "with --run",
                     folder);
}

bool sbmt_run_create(struct sbmt_run *run, const char *folder, struct sbmt_error *err)
{
    *run = (struct sbmt_run){0};
    if (!sbmt_folder_make(folder, err) || !open_folder(run, folder, err))
        return false;
    if (sbmt_run_check_free(folder, err))
        return true;
    sbmt_run_close(run);
    return false;
}

bool sbmt_run_resume(struct sbmt_run *run, const char *folder, struct sbmt_error *err)
{
    *run = (struct sbmt_run){0};
    if (!sbmt_run_exists(folder))
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "%s: there is no run to resume here (no config.yaml)", folder);
    return open_folder(run, folder, err);
}

bool sbmt_run_check_apart(const char *folder, const char *path, const char *option,
                          struct sbmt_error *err)
{
    struct stat run, parent;
    char above[SBMT_RUN_PATH];
    if (path == NULL)
        return true;
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    snprintf(above, sizeof above, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1,
             slash != NULL ? path : ".");
    if (!is_run_file(name) || stat(folder, &run) != 0 || stat(above, &parent) != 0 ||
        run.st_dev != parent.st_dev || run.st_ino != parent.st_ino)
        return true;
    if (strcmp(name, "predictions.tsv") == 0 && !sbmt_file_exists(path))
        return true;
    return sbmt_fail(err, SBMT_ERROR_USAGE,
                     "%s: %s is a file of the run, and would be lost; give another name", option,
                     path);
}

static bool write_text(const char *folder, const char *name, const struct sbmt_str *text,
                       struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    sbmt_run_path(folder, name, path);
    if (text->failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", path);
    return sbmt_file_write(path, text->text, text->length, err);
}

bool sbmt_run_write(const struct sbmt_run *run, const char *name, const struct sbmt_str *text,
                    struct sbmt_error *err)
{
    return write_text(run->folder, name, text, err);
}

bool sbmt_run_write_json(const struct sbmt_run *run, const char *name, const struct sbmt_json *json,
                         struct sbmt_error *err)
{
    return sbmt_run_write_json_to(run->folder, name, json, err);
}

bool sbmt_run_write_json_to(const char *folder, const char *name, const struct sbmt_json *json,
                            struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    if (!sbmt_json_print(json, true, &text))
        text.failed = true;
    sbmt_str_printf(&text, "\n");
    const bool written = write_text(folder, name, &text, err);
    sbmt_str_finish(&text);
    return written;
}

bool sbmt_run_read_json(const char *folder, const char *name, struct sbmt_json *json,
                        struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    struct sbmt_mapping file;
    sbmt_run_path(folder, name, path);
    if (!sbmt_mapping_open(&file, path, err))
        return false;
    const bool read = sbmt_json_parse(json, (const char *)file.bytes, file.size);
    sbmt_mapping_close(&file);
    return read ||
           sbmt_fail(err, SBMT_ERROR_DATA, "%s: damaged: not a JSON object; run it again", path);
}

void sbmt_run_close(struct sbmt_run *run)
{
    sbmt_metrics_close(&run->metrics);
    if (run->open)
        close(run->lock);
    *run = (struct sbmt_run){0};
}
