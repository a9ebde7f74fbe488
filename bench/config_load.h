/* Configurations from YAML, checked against their tables of options. */
#ifndef SBMT_BENCH_CONFIG_LOAD_H
#define SBMT_BENCH_CONFIG_LOAD_H

#include "bench/yaml_tree.h"
#include "core/base/field.h"

/** Reads a YAML file, whose mapping the tree's root must be, and what it extends: with
 * `extends: other.yaml` (relative to the folder of the file that says so, at most 8 files deep) the
 * tree is the other file's, overridden by this one's. Sections merge. A variant that names another
 * kind replaces the other file's, with the same kind or none it merges with it. Every node keeps
 * the place it comes from. The tree lives in `arena`. NULL with SBMT_ERROR_CONFIG (or the system's
 * reason) where a file is missing, empty or not a mapping, or extends itself. */
struct sbmt_yaml_node *sbmt_config_read(const struct sbmt_field *fields, const char *path,
                                        struct sbmt_arena *arena, struct sbmt_error *err);

/** Sets the options that a mapping names in a struct that holds values already (defaults). `path`
 * is the dotted path of the struct ("" for the whole configuration, "train" for a section), for
 * messages. Fails with SBMT_ERROR_CONFIG at the line and column of the first mistake: an unknown or
 * mistyped key, a wrong type, a value out of bounds, an unknown kind. */
SBMT_MUST_CHECK bool sbmt_config_apply(const struct sbmt_field *fields, void *config,
                                       const char *path, const struct sbmt_yaml_node *mapping,
                                       struct sbmt_arena *arena, struct sbmt_error *err);

/** Sets one option from its node, as sbmt_config_apply does. */
SBMT_MUST_CHECK bool sbmt_config_apply_value(const struct sbmt_field *field, void *member,
                                             const char *path, const struct sbmt_yaml_node *node,
                                             struct sbmt_arena *arena, struct sbmt_error *err);

/** The option that "train.steps=200" would set, of the configuration as it is; NULL with the error
 * of sbmt_config_override. The value is not looked at. */
const struct sbmt_field *sbmt_config_overridden(const struct sbmt_field *fields, void *config,
                                                const char *assignment, struct sbmt_error *err);

/** Sets one option from "train.steps=200"; the value is read as YAML. Another kind for a variant
 * ("model.attention.kind=softmax") resets its options to that kind's defaults. Fails with
 * SBMT_ERROR_CONFIG and the place "command line: train.steps=200". */
SBMT_MUST_CHECK bool sbmt_config_override(const struct sbmt_field *fields, void *config,
                                          const char *assignment, struct sbmt_arena *arena,
                                          struct sbmt_error *err);

/** The same for an assignment that stands elsewhere: `place` is how messages name it
 * ("smoke.yaml:4:7"); NULL: the command line. */
SBMT_MUST_CHECK bool sbmt_config_override_at(const struct sbmt_field *fields, void *config,
                                             const char *assignment, const char *place,
                                             struct sbmt_arena *arena, struct sbmt_error *err);

/** Gives a variant the kind with a name. The same kind keeps its options, another one starts with
 * its defaults. False if there is none of that name. */
bool sbmt_config_set_kind(const struct sbmt_field *field, struct sbmt_variant_value *value,
                          const char *name, struct sbmt_arena *arena);

/** Room for a hint that names every kind. */
enum { SBMT_CONFIG_HINT = 768 };

/** The key that names another file, at the top of configurations and suites. */
#define SBMT_CONFIG_EXTENDS "extends"

/** The end of a message about an unknown key or kind into `hint`: the nearest of the words if one
 * is near, else all of them. `more` is another key that may stand there, or NULL. */
void sbmt_config_hint(const struct sbmt_field *fields, const char *more, const char *key,
                      const char *prefix, char *hint, size_t size);

/** The same for the names of a variant's kinds. */
void sbmt_config_kind_hint(const struct sbmt_field *field, const char *name, char *hint,
                           size_t size);

#endif
