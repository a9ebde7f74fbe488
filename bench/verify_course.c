/* A result against metrics.jsonl. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/ledger_run.h"
#include "bench/run.h"
#include "bench/verify_parts.h"

static const char where[] = "metrics.jsonl";

/* Numbers of two evaluations of the same examples: another processor gives other last bits. */
#define SAME 1e-3
/* Of other examples the density is another, and of few of them anything. */
#define NEAR 1.25
enum { ENOUGH = 100 };

/* What the lines say. */
struct course {
    const char *metric; /* by which weights are chosen */
    int evaluations;
    double step, elapsed; /* of the last line */
    double best;          /* value of the metric */
    struct sbmt_json at;  /* the evaluation of the result's weights; zeroed: none */
};

static double value_of(const struct sbmt_json *line, const char *metric)
{
    char key[128];
    snprintf(key, sizeof key, "dev.metrics.%s", metric);
    const double value = sbmt_json_get_number(line, key, (double)NAN);
    snprintf(key, sizeof key, "dev.%s", metric);
    return isnan(value) ? sbmt_json_get_number(line, key, (double)NAN) : value;
}

static bool is_better(const char *metric, double value, double than)
{
    return isnan(than) || (sbmt_ledger_higher_is_better(metric) ? value > than : value < than);
}

static void read_course(const struct sbmt_mapping *file, double step, struct course *course)
{
    struct sbmt_json line;
    for (size_t at = 0; sbmt_ledger_line(file, &at, &line);) {
        course->step = sbmt_json_get_number(&line, "step", (double)NAN);
        course->elapsed = sbmt_json_get_number(&line, "elapsed", (double)NAN);
        bool kept = false;
        if (sbmt_json_has(&line, "dev")) {
            const double value = value_of(&line, course->metric);
            course->evaluations++;
            if (is_better(course->metric, value, course->best))
                course->best = value;
            kept = fabs(course->step - step) < 0.5;
        }
        if (kept)
            sbmt_json_finish(&course->at);
        if (kept)
            course->at = line;
        else
            sbmt_json_finish(&line);
    }
}

static bool check_best(const struct sbmt_ledger_run *run, const struct course *course, double step,
                       struct sbmt_error *err)
{
    char key[128];
    if (!sbmt_json_has(&run->result, "best_dev"))
        return course->evaluations == 0 ||
               sbmt_verify_fail(run, "best_dev", "missing", where, "evaluations", err);
    if (course->at.item[0] == NULL)
        return sbmt_verify_number(run, "best_dev.step", where, (double)NAN, 0, err);
    snprintf(key, sizeof key, "best_dev.%s", course->metric);
    return sbmt_verify_number(run, "step", "best_dev.step", step, 0, err) &&
           sbmt_verify_number(run, key, where, value_of(&course->at, course->metric), 0, err) &&
           sbmt_verify_number(run, key, where, course->best, 0, err);
}

/* Where training ended, and when. */
static bool check_end(const struct sbmt_ledger_run *run, const struct course *course,
                      struct sbmt_error *err)
{
    const char *key = sbmt_json_has(&run->result, "ended_at_step") ? "ended_at_step" : "steps";
    return (!sbmt_json_has(&run->result, key) ||
            sbmt_verify_number(run, key, where, course->step, 0, err)) &&
           (!sbmt_json_has(&run->result, "seconds") ||
            sbmt_verify_number(run, "seconds", where, course->elapsed, 1e-6, err));
}

/* The density is the mean of those of the heads. */
static bool check_heads(const struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    double sum = 0;
    int count = 0;
    for (struct sbmt_json_member member = {0}; sbmt_json_next(&run->result, "densities", &member);
         count++) {
        const struct sbmt_json head = sbmt_json_view(&member);
        sum += sbmt_json_get_number(&head, "density", (double)NAN);
    }
    return count == 0 || sbmt_verify_number(run, "density", "densities", sum / count, 1e-6, err);
}

/* The result is of all that the evaluation was of. */
static bool same_examples(const struct sbmt_ledger_run *run, const struct course *course)
{
    return strcmp(run->split, "dev") == 0 && sbmt_json_has(&run->result, "dev.count") &&
           fabs(sbmt_json_get_number(&course->at, "dev.count", -1) -
                sbmt_json_get_number(&run->result, "dev.count", -2)) < 0.5;
}

static bool check_density(const struct sbmt_ledger_run *run, const struct course *course,
                          struct sbmt_verification *verification, struct sbmt_error *err)
{
    const double dev = sbmt_json_get_number(&course->at, "dev.density", (double)NAN);
    const double has = sbmt_json_get_number(&run->result, "density", (double)NAN);
    if (isnan(dev) && isnan(has))
        return true;
    if (isnan(dev) || isnan(has) || same_examples(run, course))
        return sbmt_verify_number(run, "density", where, dev, SAME * dev, err);
    if (sbmt_json_get_number(&course->at, "dev.count", 0) < ENOUGH)
        verification->density = "metrics.jsonl has that of too few examples";
    else if (has < dev / NEAR || has > dev * NEAR)
        return sbmt_verify_number(run, "density", where, dev, 0, err);
    return true;
}

/* Loss, accuracy and metrics of the same examples. */
static bool check_scores(const struct sbmt_ledger_run *run, const struct course *course,
                         struct sbmt_error *err)
{
    static const char *const objects[] = {"dev", "dev.metrics"};
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        for (struct sbmt_json_member member = {0};
             sbmt_json_next(&run->result, objects[i], &member);) {
            char key[128];
            if (member.kind != SBMT_JSON_NUMBER || strcmp(member.key, "seconds") == 0)
                continue;
            snprintf(key, sizeof key, "%s.%s", objects[i], member.key);
            const double dev = sbmt_json_get_number(&course->at, key, (double)NAN);
            if (!sbmt_verify_number(run, key, where, dev, SAME * fabs(dev), err))
                return false;
        }
    return true;
}

static bool check_evaluation(const struct sbmt_ledger_run *run, const struct course *course,
                             struct sbmt_verification *verification, struct sbmt_error *err)
{
    const bool same = course->at.item[0] != NULL && same_examples(run, course);
    if (same)
        verification->score = verification->loss = NULL;
    if (course->at.item[0] == NULL) {
        verification->density = sbmt_json_has(&run->result, "density") ? "there was no evaluation"
                                                                       : NULL;
        return true;
    }
    return check_density(run, course, verification, err) &&
           (!same || check_scores(run, course, err));
}

bool sbmt_verify_course(const struct sbmt_ledger_run *run, struct sbmt_verification *verification,
                        struct sbmt_error *err)
{
    static const char missing[] = "there is no metrics.jsonl";
    const bool dense = sbmt_json_has(&run->result, "density");
    char path[SBMT_RUN_PATH];
    struct sbmt_mapping file;
    struct course course = {.metric = sbmt_ledger_metric(run, "task"), .best = (double)NAN};
    const double step = sbmt_json_get_number(&run->result, "best_dev.step", (double)NAN);
    sbmt_run_path(run->folder, where, path);
    verification->score = "there is no predictions.tsv";
    verification->loss = "no other file has it";
    if (!check_heads(run, err))
        return false;
    if (!sbmt_file_exists(path)) {
        verification->time = missing;
        verification->density = dense ? missing : NULL;
        return true;
    }
    if (!sbmt_mapping_open(&file, path, err))
        return false;
    read_course(&file, step, &course);
    sbmt_mapping_close(&file);
    const bool same = check_best(run, &course, step, err) && check_end(run, &course, err) &&
                      check_evaluation(run, &course, verification, err);
    sbmt_json_finish(&course.at);
    return same;
}
