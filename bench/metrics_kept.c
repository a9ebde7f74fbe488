/* The lines of metrics.jsonl that a resumed run keeps. */
#include "bench/metrics_kept.h"

#include <string.h>

#include "core/base/str.h"
#include "core/io/file.h"
#include "core/io/json.h"

/* What is kept of the lines of a run that goes on. */
struct keeping {
    const struct sbmt_checkpoint *state;
    struct sbmt_str text;
    double step, elapsed; /* of the last line */
    int later;            /* lines that will be written anew */
    int damaged;          /* lines that are none, before one that is kept */
    int first_damaged;    /* the number of the first of these */
    int odd, first_odd;   /* the same before it is known what follows */
};

/* A line that was cut short, or is none, is not kept; nor is what is newer than the checkpoint. */
static void keep_line(struct keeping *keeping, int number, const char *line, size_t size)
{
    const struct sbmt_checkpoint *state = keeping->state;
    struct sbmt_json json;
    const bool parsed = line[size - 1] == '\n' && sbmt_json_parse(&json, line, size - 1);
    const double step = parsed ? sbmt_json_get_number(&json, "step", -1) : -1;
    if (step < 0) {
        keeping->first_odd = keeping->odd++ == 0 ? number : keeping->first_odd;
    } else if (step > (double)state->step || (state->eval_pending && step >= (double)state->step &&
                                              sbmt_json_has(&json, "dev"))) {
        keeping->later++;
    } else {
        sbmt_str_append(&keeping->text, line, size);
        keeping->step = step;
        keeping->elapsed = sbmt_json_get_number(&json, "elapsed", keeping->elapsed);
        keeping->first_damaged = keeping->first_odd;
        keeping->damaged = keeping->odd;
    }
    if (parsed)
        sbmt_json_finish(&json);
}

static void keep_lines(struct keeping *keeping, const char *text, size_t size)
{
    const char *end = text + size;
    for (int number = 1; text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *next = newline != NULL ? newline + 1 : end;
        keep_line(keeping, number, text, (size_t)(next - text));
        text = next;
    }
}

/* Says what is left out, and what is not there to be kept. */
static void report_kept(const char *path, const struct keeping *keeping, bool cut,
                        const struct sbmt_log *log)
{
    const long long step = (long long)keeping->state->step;
    if (keeping->damaged > 0)
        sbmt_log_write(log, SBMT_LOG_WARNING, "%s:%d: damaged: not a JSON object; left out%s", path,
                       keeping->first_damaged,
                       keeping->damaged > 1 ? ", like others after it" : "");
    if (cut && step > 0 && keeping->later + keeping->odd > keeping->damaged)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: cut back to step %lld, where the checkpoint is",
                       path, step);
    if (cut && step == 0)
        sbmt_log_write(log, SBMT_LOG_NOTE,
                       "%s: emptied: the run has no checkpoint yet and begins again", path);
    if (keeping->step < (double)step)
        sbmt_log_write(log, SBMT_LOG_WARNING,
                       "%s: has no lines of the steps from %lld to %lld, where the checkpoint is: "
                       "curves lack them, and their time counts for none",
                       path, (long long)keeping->step + 1, step);
}

bool sbmt_metrics_cut_back(const char *path, const struct sbmt_checkpoint *state, double *elapsed,
                           const struct sbmt_log *log, struct sbmt_error *err)
{
    struct sbmt_mapping file = {0};
    struct keeping keeping = {.state = state};
    const bool exists = sbmt_file_exists(path);
    if (exists && !sbmt_mapping_open(&file, path, err))
        return false;
    keep_lines(&keeping, (const char *)file.bytes, file.size);
    const bool cut = keeping.text.length < file.size;
    bool done = !keeping.text.failed ||
                sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", path);
    if (done) {
        report_kept(path, &keeping, cut, log);
        *elapsed = keeping.elapsed;
        const char *text = keeping.text.text != NULL ? keeping.text.text : "";
        done = !cut || sbmt_file_write(path, text, keeping.text.length, err);
    }
    sbmt_str_finish(&keeping.text);
    if (exists)
        sbmt_mapping_close(&file);
    return done;
}
