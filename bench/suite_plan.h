/* The file of a suite, read: what is to be combined, before any configuration is looked at.
 *
 *   name: density
 *   configs: [../lra/listops/{softmax,sbm}.yaml]
 *   seeds: range(1, 4)
 *   set: {train.steps: 500}
 *   sweep:
 *     model.attention.density_weight: [0, 1e-4, 1e-2]
 *   exclude: [{model.attention.kind: sbm, seed: 3}]
 *
 * `configs` are relative to the folder of the file; words in braces stand for a path each. Values
 * are lists or range(first, end) or range(first, end, step), whose end is left out. A file may
 * extend another suite: it replaces that one's entries, but adds to its `set`. */
#ifndef SBMT_BENCH_SUITE_PLAN_H
#define SBMT_BENCH_SUITE_PLAN_H

#include "bench/yaml_tree.h"

/** A key and one value of it. */
struct sbmt_suite_setting {
    const char *key;   /**< "train.steps" */
    const char *value; /**< "100" */
    const char *text;  /**< "train.steps=100", as an override has it */
    const char *place; /**< "smoke.yaml:4:7", for messages */
};

/** A key and its values. */
struct sbmt_suite_axis {
    const char *key;
    const struct sbmt_yaml_node *node; /**< where it stands */
    const struct sbmt_suite_setting *value;
    int count;
};

/** Keys that a cell must all have one of the values of. */
struct sbmt_suite_filter {
    const struct sbmt_yaml_node *node;
    const struct sbmt_suite_axis *key;
    int count;
};

struct sbmt_suite_filters {
    const struct sbmt_suite_filter *filter;
    int count;
};

/** All strings live in the arena it was read into. */
struct sbmt_suite_plan {
    const char *path, *name;
    struct sbmt_suite_axis file;       /**< one value a configuration file, its path */
    struct sbmt_suite_axis seed;       /**< no value: the seeds are those of the files */
    const struct sbmt_suite_axis *set; /**< of one value each */
    int set_count;
    const struct sbmt_suite_axis *sweep;
    int sweep_count;
    struct sbmt_suite_filters include, exclude;
};

/** The most values of a list and cells of a suite; room for a path. */
enum { SBMT_SUITE_MOST = 10000, SBMT_SUITE_PATH = 1024 };

/** Reads a file. Fails with SBMT_ERROR_CONFIG and line and column of the first mistake. */
SBMT_MUST_CHECK bool sbmt_suite_plan_read(struct sbmt_suite_plan *plan, const char *path,
                                          struct sbmt_arena *arena, struct sbmt_error *err);

/** suite_values.c: the values of a key: a list of single values, one value, or a range. */
SBMT_MUST_CHECK bool sbmt_suite_values(struct sbmt_suite_axis *axis, const char *key,
                                       const struct sbmt_yaml_node *node, struct sbmt_arena *arena,
                                       struct sbmt_error *err);

/** suite_values.c: the paths that a list of paths with words in braces stands for, relative to the
 * folder of the file in which each stands. */
SBMT_MUST_CHECK bool sbmt_suite_paths(struct sbmt_suite_axis *axis,
                                      const struct sbmt_yaml_node *node, struct sbmt_arena *arena,
                                      struct sbmt_error *err);

#endif
