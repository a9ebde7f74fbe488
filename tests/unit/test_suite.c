/* Suites: what they combine, every mistake with its place, states of cells, time left. */
#include "tests/suite.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "bench/energy.h"
#include "bench/suite_estimate.h"
#include "bench/suite_mixed.h"
#include "core/io/file.h"
#include "tests/temporary.h"

#define SHIPPED UNIT_DATA "/../../../configs/suites"
#define HEAD "name: s\nconfigs: [soft.yaml, sbm.yaml]\n"

/* A suite in a folder of its own, beside two configurations. */
struct world {
    struct temporary folder;
    struct sbmt_arena arena;
    struct sbmt_suite suite;
};

static bool load(struct world *world, const char *text, struct sbmt_error *err)
{
    *world = (struct world){.folder = temporary_make()};
    temporary_text(temporary_path(&world->folder, "soft.yaml"),
                   "task: synthetic/repeated-tokens\nmodel: {dim: 8}\ntrain: {warmup_steps: 1}\n");
    temporary_text(temporary_path(&world->folder, "sbm.yaml"),
                   "extends: soft.yaml\nmodel:\n  attention: {kind: sbm}\n");
    const char *path = temporary_path(&world->folder, "s.yaml");
    temporary_text(path, text);
    char folder[512];
    snprintf(folder, sizeof folder, "%s/run", world->folder.folder);
    return sbmt_suite_load(&world->suite, path, folder, &world->arena, err);
}

static void finish(struct world *world)
{
    sbmt_arena_finish(&world->arena);
    temporary_remove(&world->folder);
}

/* The names of the cells of a suite, with blanks between them. */
static void expect_cells(const char *text, const char *names)
{
    struct world world;
    struct sbmt_error err = {0};
    struct sbmt_str found = {0};
    ck_assert_msg(load(&world, text, &err), "%s", err.message);
    for (int i = 0; i < world.suite.count; i++)
        sbmt_str_printf(&found, "%s%s", i > 0 ? " " : "",
                        world.suite.cell[i].name + strlen("synthetic-repeated-tokens-"));
    ck_assert_str_eq(found.text, names);
    sbmt_str_finish(&found);
    finish(&world);
}

/* The message is without the folder of the test; "…" at its end stands for more. */
static void expect_error(const char *text, const char *message)
{
    struct world world;
    struct sbmt_error err = {0};
    struct sbmt_str masked = {0};
    ck_assert_msg(!load(&world, text, &err), "accepted: %s", text);
    const size_t length = strlen(world.folder.folder);
    const char *at = err.message;
    for (const char *next; (next = strstr(at, world.folder.folder)) != NULL; at = next + length + 1)
        sbmt_str_append(&masked, at, (size_t)(next - at));
    sbmt_str_printf(&masked, "%s", at);
    const char *more = strstr(message, "…");
    if (more != NULL && strlen(masked.text) > (size_t)(more - message))
        ck_assert_msg(strncmp(masked.text, message, (size_t)(more - message)) == 0, "%s",
                      masked.text);
    else
        ck_assert_str_eq(masked.text, message);
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    sbmt_str_finish(&masked);
    finish(&world);
}

START_TEST(files_seeds_and_sweeps_are_combined)
{
    expect_cells("name: s\nconfigs:\n  - '{soft,sbm}.yaml'\n", "soft-s1 sbm-s1");
    expect_cells("name: s\nconfigs:\n  - s{oft,bm}.yaml\nseeds: range(2, 4)\n",
                 "soft-s2 sbm-s2 soft-s3 sbm-s3");
    expect_cells(HEAD "seeds: range(1, 8, 3)\ninclude: [{model.attention.kind: sbm}]\n",
                 "sbm-s1 sbm-s4 sbm-s7");
    expect_cells(HEAD "seeds: 5\nsweep: {train.lr: [1e-3, 1e-2], model.layers: [1, 2]}\n",
                 "soft-lr=1e-3-layers=1-s5 soft-lr=1e-3-layers=2-s5 soft-lr=1e-2-layers=1-s5 "
                 "soft-lr=1e-2-layers=2-s5 sbm-lr=1e-3-layers=1-s5 sbm-lr=1e-3-layers=2-s5 "
                 "sbm-lr=1e-2-layers=1-s5 sbm-lr=1e-2-layers=2-s5");
}
END_TEST

START_TEST(options_of_a_kind_are_for_kinds_that_have_them)
{
    expect_cells(HEAD "sweep:\n  model.attention.clusters: range(4, 9, 4)\n",
                 "soft-s1 sbm-clusters=4-s1 sbm-clusters=8-s1");
    expect_cells("name: s\nconfigs: [soft.yaml]\nset: {model.attention.clusters: 4}\n"
                 "sweep: {model.attention.kind: [softmax, sbm]}\n",
                 "soft-kind=softmax-s1 soft-kind=sbm-s1");
}
END_TEST

START_TEST(include_and_exclude_match_effective_values)
{
    expect_cells(HEAD "sweep: {train.lr: [1e-3, 1e-2]}\nexclude: [{train.lr: 0.01, "
                      "model.attention.kind: sbm}]\n",
                 "soft-lr=1e-3-s1 soft-lr=1e-2-s1 sbm-lr=1e-3-s1");
    expect_cells(HEAD "seeds: [1, 2, 3]\ninclude: [{seed: [1, 3]}]\n"
                      "exclude: [{model.attention.exploration: 0.01, seed: 3}]\n",
                 "soft-s1 sbm-s1 soft-s3");
}
END_TEST

START_TEST(what_is_set_reaches_the_configuration)
{
    struct world world;
    struct sbmt_error err = {0};
    ck_assert_msg(load(&world, HEAD "set: {train.steps: 7, protocol: google}\nseeds: [3]\n", &err),
                  "%s", err.message);
    const struct sbmt_cell *cell = &world.suite.cell[1];
    ck_assert_int_eq(cell->config.train.steps, 7);
    ck_assert_int_eq(cell->config.seed, 3);
    ck_assert_int_eq(cell->config.protocol, SBMT_PROTOCOL_GOOGLE);
    ck_assert_str_eq(sbmt_attention_name(&cell->config), "sbm");
    finish(&world);
}
END_TEST

START_TEST(mistakes_in_the_suite_have_their_place)
{
    expect_error("name: s\n", "s.yaml: 'configs' is missing: a list of configuration files");
    expect_error("configs: [soft.yaml]\n", "s.yaml: 'name' is missing");
    expect_error(HEAD "seed: 1\n", "s.yaml:3:1: unknown key 'seed'; did you mean 'seeds'?");
    expect_error(HEAD "zebra: 1\n",
                 "s.yaml:3:1: unknown key 'zebra'; the keys of a suite are name, configs, seeds, "
                 "set, sweep, include, exclude, extends");
    expect_error(HEAD "seeds: []\n",
                 "s.yaml:3:8: seeds: this list is empty; leave the key out, or give it values");
    expect_error(HEAD "seeds: [1, 2, 1]\n", "s.yaml:3:8: seeds: '1' stands here twice");
    expect_error(HEAD "seeds: range(3, 3)\n",
                 "s.yaml:3:8: seeds: this range is empty: its end is left out");
    expect_error(HEAD "seeds: range(1, 9, 0)\n",
                 "s.yaml:3:8: seeds: the step of a range must be at least 1");
    expect_error(HEAD "sweep: {train.lr: range(1, 3)}\n",
                 "s.yaml:3:19: train.lr: expected range(first, end) or range(first, end, step) of "
                 "integers, outside of { } and [ ], where a comma would end it");
    expect_error(HEAD "sweep: {}\n",
                 "s.yaml:3:8: sweep: this is empty; leave it out, or give it keys");
    expect_error(HEAD "set: {train.lr: [1, 2]}\n",
                 "s.yaml:3:17: train.lr: expected a single value; several belong under 'sweep'");
    expect_error(HEAD "sweep: {seed: [1, 2]}\n",
                 "s.yaml:3:15: seed: the seeds of a suite are given by 'seeds'");
    expect_error(HEAD "set:\n  train.lr: 1\nsweep:\n  train.lr: [1, 2]\n",
                 "s.yaml:6:3: 'train.lr' is swept here, and set on line 4; drop one of them");
    expect_error(HEAD "set: {model.attention: sbm}\nsweep: {model.attention.kind: [sbm]}\n",
                 "s.yaml:4:9: 'model.attention.kind' is swept here, and set on line 3; drop one of "
                 "them");
    expect_error("name: s\nconfigs: ['{soft.yaml']\n",
                 "s.yaml:2:11: configs: expected words in braces, as in {softmax,sbm}.yaml");
    expect_error("name: s/t\nconfigs: [soft.yaml]\n",
                 "s.yaml:1:7: name: expected one word of letters, digits, '-' and '_'");
    expect_error(HEAD "exclude: [{seed: 9}]\n", "s.yaml:3:11: exclude: this matches no cell");
    expect_error(HEAD "exclude: [{seed: 1}]\n", "s.yaml: 'include' and 'exclude' leave no cell");
    expect_error(HEAD "include: [{sed: 1}]\n",
                 "s.yaml:3:17: unknown key 'sed'; did you mean 'seed'?");
}
END_TEST

START_TEST(mistakes_of_a_cell_are_found_before_anything_runs)
{
    expect_error("name: s\nconfigs: [sofd.yaml]\n",
                 "s.yaml:2:11: configs: sofd.yaml: cannot open: No such file or directory");
    expect_error(HEAD "set: {train.stepz: 1}\n",
                 "s.yaml:3:20: unknown key 'train.stepz'; did you mean 'train.steps'? (with "
                 "soft.yaml)");
    expect_error(HEAD "sweep: {train.steps: [5, many]}\n",
                 "s.yaml:3:26: expected an integer, got 'many' (with soft.yaml)");
    expect_error(HEAD "set: {train.batch_size: 0}\n",
                 "s.yaml:3:25: 0 is not within [1, 65536] (with soft.yaml)");
    expect_error(HEAD "set: {task: lra/lisstops}\n",
                 "s.yaml:3:13: unknown task 'lra/lisstops'; did you mean 'lra/listops'?…");
    expect_error(HEAD "sweep: {model.attention.kind: [sbn]}\n",
                 "s.yaml:3:32: unknown kind 'sbn'; did you mean 'sbm'? (with soft.yaml)");
    expect_error(HEAD "sweep: {model.dim: [8, 9]}\n",
                 "s.yaml:3:24: model.dim: 9 is not a multiple of model.heads (2); change one of "
                 "them (with soft.yaml)");
    expect_error("name: s\nconfigs: [soft.yaml]\nset: {model.attention.clusters: 4}\n",
                 "s.yaml:3:33: unknown key 'model.attention.clusters'; this kind has no options "
                 "(with soft.yaml)");
    expect_error(HEAD "set: {model.attention: softmax}\n",
                 "s.yaml:2:22: the cells synthetic-repeated-tokens-soft-s1 (soft.yaml) and "
                 "synthetic-repeated-tokens-sbm-s1 (sbm.yaml) have the same configuration; drop "
                 "one of them");
}
END_TEST

START_TEST(names_that_clash_get_a_part_of_the_fingerprint)
{
    struct world world;
    struct sbmt_error err = {0};
    ck_assert(load(&world, HEAD, &err));
    sbmt_arena_finish(&world.arena);
    char folder[600];
    snprintf(folder, sizeof folder, "%s/other", world.folder.folder);
    ck_assert(sbmt_folder_make(folder, &err));
    temporary_text(temporary_path(&world.folder, "other/sbm.yaml"),
                   "extends: ../sbm.yaml\nmodel: {layers: 1}\n");
    const char *path = temporary_path(&world.folder, "s.yaml");
    temporary_text(path, "name: s\nconfigs: [sbm.yaml, other/sbm.yaml]\n");
    ck_assert_msg(sbmt_suite_load(&world.suite, path, "f", &world.arena, &err), "%s", err.message);
    for (int i = 0; i < 2; i++) {
        char name[200];
        snprintf(name, sizeof name, "synthetic-repeated-tokens-sbm-s1-%.8s",
                 world.suite.cell[i].fingerprint);
        ck_assert_str_eq(world.suite.cell[i].name, name);
    }
    finish(&world);
}
END_TEST

/* Of `set` a file says only what differs; any other entry is all its own. */
START_TEST(a_suite_sets_more_than_the_one_it_extends)
{
    struct world world;
    struct sbmt_error err = {0};
    ck_assert(load(&world,
                   HEAD "seeds: [1, 2]\nset: {train.steps: 3, train.lr: 2e-3}\n"
                        "exclude: [{seed: 2}]\n",
                   &err));
    const char *path = temporary_path(&world.folder, "more.yaml");
    temporary_text(path,
                   "extends: s.yaml\nname: more\nset: {train.steps: 5}\nexclude: [{seed: 1}]\n");
    ck_assert_msg(sbmt_suite_load(&world.suite, path, "f", &world.arena, &err), "%s", err.message);
    ck_assert_int_eq(world.suite.count, 2);
    const struct sbmt_experiment_config *config = &world.suite.cell[0].config;
    ck_assert_int_eq(config->seed, 2);
    ck_assert_int_eq(config->train.steps, 5);
    ck_assert_double_eq(config->train.lr, 2e-3);
    finish(&world);
}
END_TEST

START_TEST(the_text_of_a_suite_is_a_suite)
{
    struct world world;
    struct sbmt_error err = {0};
    struct sbmt_suite again;
    ck_assert(load(&world,
                   HEAD "seeds: range(1, 4)\nset: {train.steps: 3}\n"
                        "sweep: {train.lr: [1e-3, 2e-3]}\nexclude: [{seed: 2, train.lr: 1e-3}]\n",
                   &err));
    const char *path = temporary_path(&world.folder, "suite.yaml");
    temporary_text(path, world.suite.text);
    ck_assert_msg(sbmt_suite_load(&again, path, "f", &world.arena, &err), "%s", err.message);
    ck_assert_int_eq(again.count, world.suite.count);
    for (int i = 0; i < again.count; i++)
        ck_assert_str_eq(again.cell[i].fingerprint, world.suite.cell[i].fingerprint);
    finish(&world);
}
END_TEST

START_TEST(cells_fail_and_are_forgiven)
{
    struct world world;
    struct sbmt_error err = {0};
    struct sbmt_str message = {0};
    ck_assert(load(&world, HEAD, &err));
    const struct sbmt_cell *cell = &world.suite.cell[0];
    ck_assert_msg(sbmt_suite_check(&world.suite, &err) && sbmt_suite_begin(&world.suite, &err),
                  "%s", err.message);
    ck_assert_int_eq(sbmt_cell_state(cell), SBMT_CELL_NEW);
    ck_assert(sbmt_cell_forgive(cell, &err));
    ck_assert(sbmt_cell_fail(cell, "too \"hot\"", &err));
    ck_assert_int_eq(sbmt_cell_state(cell), SBMT_CELL_FAILED);
    ck_assert(sbmt_cell_failure(cell, &message));
    ck_assert_str_eq(message.text, "too \"hot\"");
    ck_assert_int_eq(sbmt_cell_state(&world.suite.cell[1]), SBMT_CELL_NEW);
    ck_assert(sbmt_cell_forgive(cell, &err));
    ck_assert_int_eq(sbmt_cell_state(cell), SBMT_CELL_NEW);
    sbmt_str_finish(&message);
    finish(&world);
}
END_TEST

/* A run or result of another configuration is neither skipped nor gone on with. */
START_TEST(other_runs_in_the_folder_are_seen)
{
    struct world world;
    struct sbmt_error err = {0};
    char path[SBMT_RUN_PATH], text[256];
    ck_assert(load(&world, HEAD, &err));
    const struct sbmt_cell *cell = &world.suite.cell[0];
    ck_assert(sbmt_folder_make(cell->folder, &err));
    sbmt_run_path(cell->folder, "result.json", path);
    temporary_text(path, "{\"config\": \"0123\"}");
    ck_assert_int_eq(sbmt_cell_state(cell), SBMT_CELL_NEW);
    snprintf(text, sizeof text, "{\"config\": \"%s\"}", cell->fingerprint);
    temporary_text(path, text);
    ck_assert_int_eq(sbmt_cell_state(cell), SBMT_CELL_NEW);
    sbmt_run_path(cell->folder, "info.json", path);
    temporary_text(path, "{}");
    ck_assert_int_eq(sbmt_cell_state(cell), SBMT_CELL_FINISHED);
    sbmt_run_path(cell->folder, "config.yaml", path);
    temporary_text(path, "task: synthetic/repeated-tokens\nmodel: {dim: 16}\n");
    ck_assert(!sbmt_suite_check(&world.suite, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "holds a run of another configuration (model.dim: "
                                              "16, not 8); give another folder with --dir"));
    finish(&world);
}
END_TEST

static void count_warning(void *context, enum sbmt_log_level level, const char *message)
{
    (void)message;
    *(int *)context += level == SBMT_LOG_WARNING;
}

static void put_result(const struct sbmt_cell *cell, const char *version, const char *digest)
{
    char path[SBMT_RUN_PATH], text[512];
    struct sbmt_error err = {0};
    ck_assert(sbmt_folder_make(cell->folder, &err));
    sbmt_run_path(cell->folder, "result.json", path);
    snprintf(text, sizeof text,
             "{\"config\": \"%s\", \"machine\": {\"version\": \"%s\"}, \"data\": {\"test\": "
             "{\"sha256\": \"%s\"}}}",
             cell->fingerprint, version, digest);
    temporary_text(path, text);
    sbmt_run_path(cell->folder, "info.json", path);
    temporary_text(path, "{}");
}

START_TEST(other_versions_and_data_are_told)
{
    struct world world;
    struct sbmt_error err = {0};
    int count = 0;
    const struct sbmt_log log = {.write = count_warning, .context = &count};
    ck_assert(load(&world, HEAD, &err));
    const struct sbmt_suite *suite = &world.suite;
    put_result(&suite->cell[0], "0.0.1", "a");
    ck_assert(!sbmt_suite_warn_data(suite, 0, &log));
    ck_assert_int_eq(count, 0);
    sbmt_suite_warn_version(suite, &log);
    ck_assert_int_eq(count, 1);
    put_result(&suite->cell[1], "0.0.1", "a");
    ck_assert(!sbmt_suite_warn_data(suite, 1, &log));
    put_result(&suite->cell[1], "0.0.1", "b");
    ck_assert(sbmt_suite_warn_data(suite, 1, &log));
    ck_assert_int_eq(count, 2);
    finish(&world);
}
END_TEST

START_TEST(time_left_follows_from_what_is_finished)
{
    struct world world;
    struct sbmt_error err = {0};
    struct sbmt_cell_progress progress[4];
    ck_assert(load(&world, HEAD "seeds: [1, 2]\nset: {train.steps: 10}\n", &err));
    for (int i = 0; i < 4; i++)
        progress[i] = (struct sbmt_cell_progress){.seconds = -1};
    ck_assert_double_eq(sbmt_suite_seconds_left(&world.suite, progress, 1), -1);
    /* Cells 0 and 2 are alike, and so are 1 and 3. */
    progress[0] = (struct sbmt_cell_progress){.finished = true, .seconds = 20};
    progress[1] = (struct sbmt_cell_progress){
        .running = true, .step = 5, .steps = 10, .seconds = 40};
    ck_assert_double_eq_tol(sbmt_suite_seconds_left(&world.suite, progress, 1),
                            40 + 20 + (20 + 80 + 20) / 3., 1e-9);
    progress[1] = (struct sbmt_cell_progress){.finished = true, .seconds = 100};
    ck_assert_double_eq_tol(sbmt_suite_seconds_left(&world.suite, progress, 1), 120, 1e-9);
    ck_assert_double_eq_tol(sbmt_suite_seconds_left(&world.suite, progress, 2), 100, 1e-9);
    progress[2].failed = true;
    ck_assert_double_eq_tol(sbmt_suite_seconds_left(&world.suite, progress, 1), 100, 1e-9);
    finish(&world);
}
END_TEST

START_TEST(energy_is_counted_across_the_wrap)
{
    struct temporary folder = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_energy energy;
    char package[400];
    sbmt_energy_start(&energy, folder.folder);
    ck_assert_double_eq(sbmt_energy_joules(&energy), -1);
    snprintf(package, sizeof package, "%s/intel-rapl:0", folder.folder);
    ck_assert(sbmt_folder_make(package, &err));
    temporary_text(temporary_path(&folder, "intel-rapl:0/max_energy_range_uj"), "10000000\n");
    temporary_text(temporary_path(&folder, "intel-rapl:0/energy_uj"), "7000000\n");
    sbmt_energy_start(&energy, folder.folder);
    ck_assert_double_eq(sbmt_energy_joules(&energy), 0);
    temporary_text(temporary_path(&folder, "intel-rapl:0/energy_uj"), "9000000\n");
    sbmt_energy_sample(&energy, false); /* too early to look */
    ck_assert_double_eq(sbmt_energy_joules(&energy), 0);
    sbmt_energy_sample(&energy, true);
    ck_assert_double_eq_tol(sbmt_energy_joules(&energy), 2, 1e-9);
    temporary_text(temporary_path(&folder, "intel-rapl:0/energy_uj"), "1500000\n");
    sbmt_energy_sample(&energy, true);
    ck_assert_double_eq_tol(sbmt_energy_joules(&energy), 4.5, 1e-9);
    temporary_remove(&folder);
}
END_TEST

START_TEST(every_suite_that_ships_loads)
{
    glob_t found;
    ck_assert_int_eq(glob(SHIPPED "/*.yaml", 0, NULL, &found), 0);
    ck_assert_uint_ge(found.gl_pathc, 5);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct sbmt_arena arena = {0};
        struct sbmt_error err = {0};
        struct sbmt_suite suite;
        ck_assert_msg(sbmt_suite_load(&suite, found.gl_pathv[i], NULL, &arena, &err), "%s",
                      err.message);
        const char *name = strrchr(found.gl_pathv[i], '/') + 1;
        ck_assert_msg(strncmp(name, suite.name, strlen(suite.name)) == 0, "%s", name);
        sbmt_arena_finish(&arena);
    }
    globfree(&found);
}
END_TEST

SBMT_SUITE_MAIN("suite", files_seeds_and_sweeps_are_combined,
                options_of_a_kind_are_for_kinds_that_have_them,
                include_and_exclude_match_effective_values, what_is_set_reaches_the_configuration,
                mistakes_in_the_suite_have_their_place,
                mistakes_of_a_cell_are_found_before_anything_runs,
                names_that_clash_get_a_part_of_the_fingerprint,
                a_suite_sets_more_than_the_one_it_extends, the_text_of_a_suite_is_a_suite,
                cells_fail_and_are_forgiven, other_runs_in_the_folder_are_seen,
                other_versions_and_data_are_told, time_left_follows_from_what_is_finished,
                energy_is_counted_across_the_wrap, every_suite_that_ships_loads)
