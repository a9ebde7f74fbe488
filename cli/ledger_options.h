/* What commands about finished runs share. */
#ifndef SBMT_CLI_LEDGER_OPTIONS_H
#define SBMT_CLI_LEDGER_OPTIONS_H

#include "bench/ledger.h"
#include "bench/summary.h"
#include "cli/command.h"

/** Options of tables. */
struct sbmt_ledger_options {
    const char *rows, *columns, *metric, *show, *baseline, *published;
    bool mixed, verify;
};

/** Rows for the member `table`, a struct sbmt_ledger_options, of a struct of options. */
#define SBMT_LEDGER_ROWS(row)                                                                      \
    SBMT_LEDGER_TEXT(row, rows, "attention",                                                       \
                     "what a row is: attention, task, protocol, seed, run or keys of config.yaml " \
                     "(default attention)",                                                        \
                     .argument = "LIST"),                                                          \
        SBMT_LEDGER_TEXT(row, columns, "task", "what a column is, likewise (default task)",        \
                         .argument = "LIST"),                                                      \
        SBMT_LEDGER_TEXT(                                                                          \
            row, metric, "task",                                                                   \
            "number of the results to compare (default task: what chose the weights)",             \
            .argument = "NAME"),                                                                   \
        SBMT_LEDGER_TEXT(row, show, "score,n,p,density,flops,time",                                \
                         "what to show of each column, of score, n, p, density, flops, time, "     \
                         "steps, parameters, loss (default score,n,p,density,flops,time)",         \
                         .argument = "LIST"),                                                      \
        SBMT_LEDGER_TEXT(row, baseline, NULL, "row that p-values compare with (default softmax)",  \
                         .argument = "NAME"),                                                      \
        SBMT_LEDGER_TEXT(row, published, NULL,                                                     \
                         "files of published rows, or protocols for those of "                     \
                         "configs/published",                                                      \
                         .argument = "LIST"),                                                      \
        SBMT_LEDGER_FLAG(row, verify,                                                              \
                         "first check each result against the other files of its run")
/** The row for its member `mixed`, for commands that refuse what is mixed. */
#define SBMT_LEDGER_MIXED_ROW(row)                                                                 \
    SBMT_LEDGER_FLAG(row, mixed, "let runs of several versions, protocols or data stand together")
#define SBMT_LEDGER_TEXT(row, member, fallback_, ...)                                              \
    {                                                                                              \
        .key = #member, .type = SBMT_FIELD_STRING, .offset = offsetof(row, table.member),          \
        .fallback_text = (fallback_), .doc = __VA_ARGS__                                           \
    }
#define SBMT_LEDGER_FLAG(row, member, doc_)                                                        \
    {                                                                                              \
        .key = #member, .type = SBMT_FIELD_BOOL, .offset = offsetof(row, table.member), .max = 1,  \
        .doc = (doc_)                                                                              \
    }

/** Reads the runs below a call's arguments. SBMT_ERROR_USAGE where there is no argument. */
SBMT_MUST_CHECK bool sbmt_ledger_options_open(const struct sbmt_call *call,
                                              struct sbmt_ledger *ledger, struct sbmt_error *err);

/** What `options` ask of a table, after `ledger` is verified where they say so. */
SBMT_MUST_CHECK bool sbmt_ledger_options_plan(const struct sbmt_ledger_options *options,
                                              const struct sbmt_ledger *ledger,
                                              struct sbmt_arena *arena,
                                              struct sbmt_summary_plan *plan,
                                              struct sbmt_error *err);

/** Writes a text to the file, or prints it where `path` is NULL; frees it. */
SBMT_MUST_CHECK bool sbmt_ledger_options_write(const char *path, struct sbmt_str *text,
                                               struct sbmt_error *err);

#endif
