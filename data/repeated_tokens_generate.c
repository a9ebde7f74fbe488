/* Repeated tokens as files. */
#include "data/repeated_tokens_generate.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/str.h"
#include "data/generated.h"

enum { MOST_EXAMPLES = 10000000 };

const struct sbmt_field sbmt_repeated_tokens_fields[] = {
    SBMT_STRING(struct sbmt_repeated_tokens_options, out, NULL,
                "folder to write repeated-tokens/ under", .argument = "DIR"),
    SBMT_INT(struct sbmt_repeated_tokens_options, train, 10000, 0, MOST_EXAMPLES,
             "training sequences"),
    SBMT_INT(struct sbmt_repeated_tokens_options, val, 2000, 0, MOST_EXAMPLES,
             "validation sequences"),
    SBMT_INT(struct sbmt_repeated_tokens_options, test, 2000, 0, MOST_EXAMPLES, "test sequences"),
    SBMT_INT(struct sbmt_repeated_tokens_options, seed, 1, 0, INT_MAX,
             "seed of the run whose training sequences are written"),
    SBMT_BOOL(struct sbmt_repeated_tokens_options, force, false, "replace files that exist"),
    SBMT_FIELDS_END,
};

static const char *const file_names[SBMT_SPLIT_COUNT] = {"train.tsv", "val.tsv", "test.tsv"};

/* Room for one sequence. */
struct sequence {
    int32_t *tokens, *label; /* max_length */
    struct sbmt_str text;
};

static bool write_line(struct sequence *sequence, int length, struct sbmt_writer *writer,
                       struct sbmt_error *err)
{
    struct sbmt_str *text = &sequence->text;
    sbmt_str_clear(text);
    for (int i = 0; i < length; i++)
        sbmt_str_printf(text, "%s%" PRId32, i > 0 ? " " : "", sequence->tokens[i] + 1);
    for (int i = 0; i < length; i++)
        sbmt_str_printf(text, "%c%" PRId32, i > 0 ? ' ' : '\t', sequence->label[i]);
    sbmt_str_printf(text, "\n");
    if (text->failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", writer->path);
    return sbmt_writer_write(writer, text->text, text->length, err);
}

static bool write_split(struct sbmt_generation *files, const struct sbmt_task *task,
                        enum sbmt_split split, const struct sbmt_repeated_tokens_options *options,
                        struct sequence *sequence, struct sbmt_error *err)
{
    static const char header[] = "Source\tTarget\n";
    const int counts[SBMT_SPLIT_COUNT] = {options->train, options->val, options->test};
    struct sbmt_writer *writer = &files->writer[split];
    if (!sbmt_writer_write(writer, header, sizeof header - 1, err))
        return false;
    for (int i = 0; i < counts[split]; i++) {
        const int length = sbmt_generated_example(task, split, (uint64_t)options->seed, i,
                                                  sequence->tokens, sequence->label);
        if (!write_line(sequence, length, writer, err) || !sbmt_generation_count(files, err))
            return false;
    }
    return sbmt_generation_report(files, err);
}

static bool write_files(struct sbmt_generation *files, const struct sbmt_task *task,
                        const struct sbmt_repeated_tokens_options *options,
                        struct sequence *sequence, struct sbmt_error *err)
{
    if (sequence->tokens == NULL || sequence->label == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for a sequence");
    if (!sbmt_generation_open(files, options->out, "repeated-tokens", file_names, options->force,
                              err))
        return false;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        if (!write_split(files, task, (enum sbmt_split)split, options, sequence, err))
            return false;
    return sbmt_generation_commit(files, err);
}

bool sbmt_repeated_tokens_generate(const struct sbmt_repeated_tokens_options *options,
                                   const struct sbmt_generation_watch *watch,
                                   const struct sbmt_log *log, struct sbmt_error *err)
{
    const struct sbmt_task *task = sbmt_task_find("synthetic/repeated-tokens", err);
    if (task == NULL)
        return false;
    if (options->out == NULL || options->out[0] == '\0')
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--out: a folder to write repeated-tokens/ under is needed");
    struct sbmt_generation files = {
        .unit = "sequences",
        .watch = watch,
        .total = (int64_t)options->train + options->val + options->test,
    };
    const size_t size = (size_t)task->forms[0]->max_length * sizeof(int32_t);
    struct sequence sequence = {.tokens = malloc(size), .label = malloc(size)};
    const bool written = write_files(&files, task, options, &sequence, err);
    if (written)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %d training, %d validation and %d test sequences",
                       files.folder, options->train, options->val, options->test);
    sbmt_generation_abandon(&files);
    sbmt_str_finish(&sequence.text);
    free(sequence.tokens);
    free(sequence.label);
    return written;
}
