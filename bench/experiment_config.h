/* The configuration of an experiment: what `sbmt train` reads. */
#ifndef SBMT_BENCH_EXPERIMENT_CONFIG_H
#define SBMT_BENCH_EXPERIMENT_CONFIG_H

#include "core/base/arena.h"
#include "core/model/config.h"
#include "core/train/config.h"
#include "data/texts.h"
#include "data/tokenizer_config.h"

/** A whole configuration file. Strings and options of kinds live in the arena it was loaded with.
 */
struct sbmt_experiment_config {
    const char *task;
    int protocol; /**< enum sbmt_protocol */
    struct sbmt_emulation emulate;
    struct sbmt_text_names files;
    struct sbmt_tokenizer_config tokenizer;
    int seed;
    struct sbmt_model_config model;
    struct sbmt_train_config train;
    /** Where these two options were set, for messages about what is there; NULL: nowhere. */
    const char *tokenizer_folder_place, *model_init_place;
};

/** The table of a configuration file. */
extern const struct sbmt_field sbmt_experiment_fields[];

/** "google", "nystromformer", "sbm-paper", "s4" or "bert". */
const char *sbmt_protocol_name(int protocol);

/** The name of the kind of attention. */
const char *sbmt_attention_name(const struct sbmt_experiment_config *config);

/** The sizes that a form of a task gives its models. `vocab` is the form's or, where that has
 * none, that of the prepared files or the tokenizer; `max_length` likewise. Where words are guessed
 * they are the classes. */
struct sbmt_model_shape sbmt_form_shape(const struct sbmt_task *task, const struct sbmt_form *form,
                                        int vocab, int max_length);

/** Loads a file over the defaults, then `count` overrides "key=value" in their order, and checks
 * the rules between options and the task's name. Fails with SBMT_ERROR_CONFIG and the place. */
SBMT_MUST_CHECK bool sbmt_experiment_config_load(struct sbmt_experiment_config *config,
                                                 const char *path, const char *const *overrides,
                                                 int count, struct sbmt_arena *arena,
                                                 struct sbmt_error *err);

/** The same of a file that a run keeps, which has every option that there was then: what it lacks
 * came later and has its default, whatever the protocol sets today. */
SBMT_MUST_CHECK bool sbmt_experiment_config_stored(struct sbmt_experiment_config *config,
                                                   const char *path, const char *const *overrides,
                                                   int count, struct sbmt_arena *arena,
                                                   struct sbmt_error *err);

/** The same as the first with overrides from elsewhere than the command line: messages name each by
 * its place
 * ("smoke.yaml:4:7"). */
SBMT_MUST_CHECK bool sbmt_experiment_config_load_at(struct sbmt_experiment_config *config,
                                                    const char *path, const char *const *overrides,
                                                    const char *const *places, int count,
                                                    struct sbmt_arena *arena,
                                                    struct sbmt_error *err);

/** True of an assignment "model.attention.x=…" of an option that other kinds of attention may have,
 * but not that with the index `kind`. */
bool sbmt_is_of_other_kind(const char *assignment, int kind);

#endif
