/* Answers for the leaderboard. */
#include "bench/submit.h"

#include "data/glue/submission.h"

/* The files of a task; MNLI has three. */
enum { MOST_FILES = 3 };

bool sbmt_submit(const struct sbmt_experiment *experiment, const struct sbmt_answers *answers,
                 const char *path, const struct sbmt_experiment_options *options,
                 struct sbmt_error *err)
{
    struct sbmt_str text[MOST_FILES] = {0};
    struct sbmt_submission_part parts[MOST_FILES];
    const struct sbmt_task *task = experiment->task;
    const struct sbmt_submission_file *file;
    int count = 0;
    bool done = true;
    for (int i = 0; (file = sbmt_submission_file_of(task->name, i)) != NULL && done; i++) {
        if (file->test != NULL)
            continue;
        done = sbmt_submission_write(file, task, answers, &text[i], err);
        parts[count++] = (struct sbmt_submission_part){file->name, text[i].text, text[i].length};
    }
    done = done && sbmt_submission_put(path, parts, count, err);
    for (int i = 0; i < count && done; i++)
        sbmt_log_write(options->log, SBMT_LOG_NOTE, "%s: %s is in it now", path, parts[i].name);
    for (int i = 0; i < MOST_FILES; i++)
        sbmt_str_finish(&text[i]);
    return done;
}
