/* Submissions: the official files, their rows, the archive. */
#include "data/glue/submission.h"

#include <inttypes.h>
#include <string.h>

#include "core/io/file.h"
#include "core/io/zip.h"
#include "data/zip_writer.h"

/* A member of more bytes than this is no file of the leaderboard. */
enum { LARGEST = 1 << 28 };

#define NUMBERED(zero, one)                                                                        \
    {                                                                                              \
        {zero, "0"},                                                                               \
        {                                                                                          \
            one, "1"                                                                               \
        }                                                                                          \
    }
#define ENTAILMENT                                                                                 \
    {                                                                                              \
        {"entailment", "entailment"},                                                              \
        {                                                                                          \
            "not_entailment", "not_entailment"                                                     \
        }                                                                                          \
    }
#define INFERENCE                                                                                  \
    {                                                                                              \
        {"entailment", "entailment"}, {"neutral", "neutral"},                                      \
        {                                                                                          \
            "contradiction", "contradiction"                                                       \
        }                                                                                          \
    }

static const struct sbmt_submission_file files[SBMT_SUBMISSION_FILES] = {
    {.name = "CoLA.tsv",
     .task = "glue/cola",
     .rows = 1063,
     .dev_rows = 1043,
     .answers = NUMBERED("unacceptable", "acceptable")},
    {.name = "SST-2.tsv",
     .task = "glue/sst-2",
     .rows = 1821,
     .dev_rows = 872,
     .answers = NUMBERED("negative", "positive")},
    {.name = "MRPC.tsv",
     .task = "glue/mrpc",
     .rows = 1725,
     .dev_rows = 408,
     .answers = NUMBERED("not_equivalent", "equivalent")},
    {.name = "STS-B.tsv", .task = "glue/sts-b", .rows = 1379, .dev_rows = 1500},
    {.name = "QQP.tsv",
     .task = "glue/qqp",
     .rows = 390965,
     .dev_rows = 40430,
     .answers = NUMBERED("not_duplicate", "duplicate")},
    {.name = "MNLI-m.tsv",
     .task = "glue/mnli",
     .rows = 9796,
     .dev_rows = 9815,
     .answers = INFERENCE},
    {.name = "MNLI-mm.tsv",
     .task = "glue/mnli",
     .test = "test_mismatched.tsv",
     .rows = 9847,
     .dev_rows = 9832,
     .answers = INFERENCE},
    {.name = "QNLI.tsv", .task = "glue/qnli", .rows = 5463, .answers = ENTAILMENT},
    {.name = "RTE.tsv", .task = "glue/rte", .rows = 3000, .dev_rows = 277, .answers = ENTAILMENT},
    {.name = "WNLI.tsv",
     .task = "glue/wnli",
     .rows = 146,
     .dev_rows = 71,
     .answers = NUMBERED("not_entailment", "entailment")},
    {.name = "AX.tsv",
     .task = "glue/mnli",
     .test = "../AX/AX.tsv",
     .rows = 1104,
     .optional = true,
     .answers = INFERENCE},
};

const struct sbmt_submission_file *sbmt_submission_file_at(int index)
{
    return index >= 0 && index < SBMT_SUBMISSION_FILES ? &files[index] : NULL;
}

const struct sbmt_submission_file *sbmt_submission_file_of(const char *task, int place)
{
    for (int i = 0; sbmt_submission_file_at(i) != NULL; i++)
        if (strcmp(files[i].task, task) == 0 && place-- == 0)
            return &files[i];
    return NULL;
}

bool sbmt_submission_check_task(const struct sbmt_task *task, struct sbmt_error *err)
{
    return sbmt_submission_file_of(task->name, 0) != NULL ||
           sbmt_fail(err, SBMT_ERROR_USAGE,
                     "--submission: the leaderboard of GLUE has no file for %s; --predictions FILE "
                     "writes a table of any task",
                     task->name);
}

/* The answer that stands for a class of the task, or NULL. */
static const char *answer_of(const struct sbmt_submission_file *file, const struct sbmt_task *task,
                             int class)
{
    const char *name = task->label_names != NULL ? task->label_names[class] : "";
    for (const struct sbmt_submission_answer *a = file->answers; a->class != NULL; a++)
        if (strcmp(a->class, name) == 0 || strcmp(a->answer, name) == 0)
            return a->answer;
    return NULL;
}

static double clip(double score)
{
    return score > 0 ? score < 5 ? score : 5 : 0;
}

static bool write_classes(const struct sbmt_submission_file *file, const struct sbmt_task *task,
                          const struct sbmt_answers *answers, struct sbmt_str *out,
                          struct sbmt_error *err)
{
    for (int64_t i = 0; i < answers->count; i++) {
        const char *answer = answer_of(file, task, answers->prediction[i]);
        if (answer == NULL)
            return sbmt_fail(err, SBMT_ERROR_CONFIG,
                             "%s: the leaderboard has no answer for class %d of %s", file->name,
                             answers->prediction[i], task->name);
        sbmt_str_printf(out, "%" PRId64 "\t%s\n", i, answer);
    }
    return true;
}

bool sbmt_submission_write(const struct sbmt_submission_file *file, const struct sbmt_task *task,
                           const struct sbmt_answers *answers, struct sbmt_str *out,
                           struct sbmt_error *err)
{
    if (answers->count != file->rows)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: has to answer the %" PRId64 " examples of the official test set, but "
                         "these are %" PRId64,
                         file->name, file->rows, answers->count);
    sbmt_str_printf(out, "index\tprediction\n");
    if (file->answers[0].class != NULL) {
        if (!write_classes(file, task, answers, out, err))
            return false;
    } else {
        for (int64_t i = 0; i < answers->count; i++)
            sbmt_str_printf(out, "%" PRId64 "\t%.3f\n", i, clip(5 * answers->score[i]));
    }
    return !out->failed || sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", file->name);
}

static bool is_replaced(const char *name, const struct sbmt_submission_part *parts, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(parts[i].name, name) == 0)
            return true;
    return false;
}

/* The end of the directory is there, behind it at most a comment: without it libarchive reads as
 * far as it gets, and the members that are cut off would be missing without a word. */
static bool is_whole(const unsigned char *bytes, size_t size)
{
    static const char signature[] = "PK\5\6";
    enum { END_SIZE = 22, LONGEST_COMMENT = 65535 };
    for (size_t back = END_SIZE; back <= size && back <= END_SIZE + LONGEST_COMMENT; back++)
        if (memcmp(bytes + size - back, signature, 4) == 0)
            return true;
    return false;
}

bool sbmt_submission_open(struct sbmt_stream *stream, const char *path, struct sbmt_error *err)
{
    struct sbmt_mapping file;
    *stream = (struct sbmt_stream){0};
    if (!sbmt_mapping_open(&file, path, err))
        return false;
    const bool is_zip = sbmt_zip_is(file.bytes, file.size);
    const bool whole = is_zip && is_whole(file.bytes, file.size);
    sbmt_mapping_close(&file);
    if (!whole)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: %s", path,
                         is_zip ? "is cut short: its directory is missing"
                                : "is not a zip archive");
    return sbmt_stream_open_archive(stream, path, err);
}

bool sbmt_submission_read(struct sbmt_stream *stream, struct sbmt_str *bytes,
                          struct sbmt_error *err)
{
    char chunk[4096];
    size_t count;
    sbmt_str_clear(bytes);
    do {
        if (!sbmt_stream_read(stream, chunk, sizeof chunk, &count, err))
            return sbmt_error_at(err, "%s", stream->place);
        sbmt_str_append(bytes, chunk, count);
        if (bytes->length > LARGEST)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: too large for a submission", stream->place);
    } while (count > 0);
    return !bytes->failed || sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", stream->place);
}

/* The members of the old archive that stay. */
static bool copy_members(struct sbmt_stream *stream, struct sbmt_zip_writer *zip,
                         const struct sbmt_submission_part *parts, int count,
                         struct sbmt_error *err)
{
    struct sbmt_str bytes = {0};
    const char *name = NULL;
    bool done = sbmt_stream_member(stream, &name, err);
    while (done && name != NULL) {
        done = is_replaced(name, parts, count) ||
               (sbmt_submission_read(stream, &bytes, err) &&
                sbmt_zip_writer_add(zip, name, bytes.text, bytes.length, err));
        done = done && sbmt_stream_member(stream, &name, err);
    }
    sbmt_str_finish(&bytes);
    return done;
}

bool sbmt_submission_put(const char *path, const struct sbmt_submission_part *parts, int count,
                         struct sbmt_error *err)
{
    struct sbmt_zip_writer zip = {0};
    struct sbmt_stream stream = {0};
    bool done = true;
    if (sbmt_file_exists(path))
        done = sbmt_submission_open(&stream, path, err);
    done = done && sbmt_zip_writer_open(&zip, path, err) &&
           (stream.state == NULL || copy_members(&stream, &zip, parts, count, err));
    for (int i = 0; i < count && done; i++)
        done = sbmt_zip_writer_add(&zip, parts[i].name, parts[i].text, parts[i].size, err);
    sbmt_stream_close(&stream);
    if (done)
        return sbmt_zip_writer_commit(&zip, err);
    sbmt_zip_writer_abandon(&zip);
    return false;
}
