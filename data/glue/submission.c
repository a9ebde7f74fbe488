/* Submissions: the official files, their rows, the archive. */
#include "data/glue/submission.h"

#include <inttypes.h>
#include <string.h>

#include "core/io/file.h"
#include "core/io/file_turn.h"
#include "core/io/zip.h"
#include "data/zip_writer.h"

/* A member of more bytes than this is no file of the leaderboard. */
enum { LARGEST = 1 << 28 };

static const struct sbmt_submission_answer
    acceptable[] = {{"unacceptable", "0"}, {"acceptable", "1"}, {NULL, NULL}},
    positive[] = {{"negative", "0"}, {"positive", "1"}, {NULL, NULL}},
    equivalent[] = {{"not_equivalent", "0"}, {"equivalent", "1"}, {NULL, NULL}},
    duplicate[] = {{"not_duplicate", "0"}, {"duplicate", "1"}, {NULL, NULL}},
    follows[] = {{"not_entailment", "0"}, {"entailment", "1"}, {NULL, NULL}},
    two_way[] = {{"entailment", "entailment"}, {"not_entailment", "not_entailment"}, {NULL, NULL}},
    three_way[] = {{"entailment", "entailment"},
                   {"neutral", "neutral"},
                   {"contradiction", "contradiction"},
                   {NULL, NULL}},
    scores[] = {{NULL, NULL}};

static const struct sbmt_submission_file files[SBMT_SUBMISSION_FILES] = {
    {"CoLA.tsv", "glue/cola", "glue/cola", 1063, 1043, false, acceptable},
    {"SST-2.tsv", "glue/sst-2", "glue/sst-2", 1821, 872, false, positive},
    {"MRPC.tsv", "glue/mrpc", "glue/mrpc", 1725, 408, false, equivalent},
    {"STS-B.tsv", "glue/sts-b", "glue/sts-b", 1379, 1500, false, scores},
    {"QQP.tsv", "glue/qqp", "glue/qqp", 390965, 40430, false, duplicate},
    {"MNLI-m.tsv", "glue/mnli", "glue/mnli", 9796, 9815, false, three_way},
    {"MNLI-mm.tsv", "glue/mnli-mm", "glue/mnli", 9847, 9832, false, three_way},
    {"QNLI.tsv", "glue/qnli", "glue/qnli", 5463, 0, false, two_way},
    {"RTE.tsv", "glue/rte", "glue/rte", 3000, 277, false, two_way},
    {"WNLI.tsv", "glue/wnli", "glue/wnli", 146, 71, false, follows},
    {"AX.tsv", "glue/ax", "glue/mnli", 1104, 0, true, three_way},
};

const struct sbmt_submission_file *sbmt_submission_file_at(int index)
{
    return index >= 0 && index < SBMT_SUBMISSION_FILES ? &files[index] : NULL;
}

const struct sbmt_submission_file *sbmt_submission_file_of(const char *task, int place)
{
    const char *model = NULL;
    for (int i = 0; i < SBMT_SUBMISSION_FILES; i++)
        if (strcmp(files[i].task, task) == 0)
            model = files[i].model;
    for (int i = 0; i < SBMT_SUBMISSION_FILES && model != NULL; i++)
        if (strcmp(files[i].model, model) == 0 && place-- == 0)
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

bool sbmt_submission_check_path(const char *path, struct sbmt_error *err)
{
    struct sbmt_stream old = {0};
    struct sbmt_writer file = {0};
    const bool fits = (!sbmt_file_exists(path) || sbmt_submission_open(&old, path, err)) &&
                      sbmt_writer_open(&file, path, err);
    sbmt_stream_close(&old);
    sbmt_writer_abandon(&file);
    return fits;
}

static bool put(const char *path, const struct sbmt_submission_part *parts, int count,
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

bool sbmt_submission_put(const char *path, const struct sbmt_submission_part *parts, int count,
                         struct sbmt_error *err)
{
    struct sbmt_file_turn turn = {0};
    const bool done = sbmt_file_turn_take(&turn, path, err) && put(path, parts, count, err);
    sbmt_file_turn_end(&turn);
    return done;
}
