/* What commands about finished runs share. */
#include "cli/ledger_options.h"

#include <stdio.h>
#include <string.h>

#include "bench/list.h"
#include "bench/published.h"
#include "bench/verify.h"
#include "cli/terminal.h"
#include "core/io/file.h"

bool sbmt_ledger_options_open(const struct sbmt_call *call, struct sbmt_ledger *ledger,
                              struct sbmt_error *err)
{
    if (call->count == 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "DIR is missing: sbmt %s DIR, a folder with runs in it or below it",
                         call->command->name);
    return sbmt_ledger_open(ledger, call->arguments, call->count, call->arena, err);
}

/* Makes a path of a word: a file as it is, or that of a protocol. */
static bool find_published(const char **word, struct sbmt_arena *arena, struct sbmt_error *err)
{
    char path[512];
    struct sbmt_str names = {0};
    if (sbmt_file_exists(*word))
        return true;
    for (int i = 0; sbmt_published_protocol_at(i) != NULL; i++) {
        const char *name = sbmt_published_protocol_at(i)->name;
        if (strcmp(name, *word) == 0) {
            snprintf(path, sizeof path, "configs/published/%s.yaml", name);
            sbmt_str_finish(&names);
            *word = sbmt_arena_strdup(arena, path);
            return sbmt_file_exists(path) ? sbmt_arena_check(arena, "table", err)
                                          : sbmt_fail(err, SBMT_ERROR_USAGE,
                                                      "--published: %s is not below this folder; "
                                                      "give the path of the file itself",
                                                      path);
        }
        sbmt_str_printf(&names, "%s%s", i > 0 ? ", " : "", name);
    }
    sbmt_fail(err, SBMT_ERROR_USAGE, "--published: '%.200s' is neither a file nor a protocol (%s)",
              *word, names.text);
    sbmt_str_finish(&names);
    return false;
}

static bool read_published(const char *text, struct sbmt_arena *arena,
                           struct sbmt_summary_plan *plan, struct sbmt_error *err)
{
    struct sbmt_list words = {0};
    if (text == NULL)
        return true;
    if (!sbmt_list_split("--published", text, arena, &words, err))
        return false;
    for (int i = 0; i < words.count; i++)
        if (!find_published(&words.word[i], arena, err))
            return false;
    plan->published = words.word;
    plan->published_count = words.count;
    return true;
}

/* What of a run's numbers in the table nothing could tell, as a note. */
static bool tell_lacks(const struct sbmt_ledger_run *run,
                       const struct sbmt_verification *verification,
                       const struct sbmt_ledger_options *options, struct sbmt_arena *arena,
                       struct sbmt_error *err)
{
    const struct sbmt_log log = sbmt_terminal_log();
    const char *metric = sbmt_ledger_metric(run, options->metric);
    struct sbmt_list show = {0};
    struct sbmt_str text = {0};
    if (!sbmt_list_split("--show", options->show, arena, &show, err))
        return false;
    for (int i = 0; i < show.count; i++) {
        const bool is_score = strcmp(show.word[i], "score") == 0;
        const char *lack = sbmt_verify_lack(verification, show.word[i], metric);
        if (lack != NULL)
            sbmt_str_printf(&text, "%s%s (%s)", text.length > 0 ? ", " : "",
                            is_score ? metric : show.word[i], lack);
    }
    if (text.length > 0 && !text.failed)
        sbmt_log_write(&log, SBMT_LOG_NOTE, "%s: not verified: %s", run->folder, text.text);
    sbmt_str_finish(&text);
    return true;
}

static bool verify_all(const struct sbmt_ledger_options *options, const struct sbmt_ledger *ledger,
                       struct sbmt_arena *arena, struct sbmt_error *err)
{
    for (int i = 0; i < ledger->count; i++) {
        struct sbmt_verification verification;
        if (ledger->run[i].finished &&
            (!sbmt_verify_run(&ledger->run[i], &verification, arena, err) ||
             !tell_lacks(&ledger->run[i], &verification, options, arena, err)))
            return false;
    }
    return true;
}

bool sbmt_ledger_options_plan(const struct sbmt_ledger_options *options,
                              const struct sbmt_ledger *ledger, struct sbmt_arena *arena,
                              struct sbmt_summary_plan *plan, struct sbmt_error *err)
{
    *plan = (struct sbmt_summary_plan){
        .rows = options->rows,
        .columns = options->columns,
        .metric = options->metric,
        .show = options->show,
        .baseline = options->baseline,
        .mixed = options->mixed,
    };
    return (!options->verify || verify_all(options, ledger, arena, err)) &&
           read_published(options->published, arena, plan, err);
}

bool sbmt_ledger_options_write(const char *path, struct sbmt_str *text, struct sbmt_error *err)
{
    if (path == NULL)
        return sbmt_terminal_print(text, err);
    const bool written = text->failed ? sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", path)
                                      : sbmt_file_write(path, text->text, text->length, err);
    sbmt_str_finish(text);
    return written;
}
