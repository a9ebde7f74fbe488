/* The model of a run as a folder that transformers loads. */
#ifndef SBMT_BENCH_EXPORT_H
#define SBMT_BENCH_EXPORT_H

#include "core/base/error.h"
#include "core/base/log.h"

/** What is exported, and how. All borrowed. */
struct sbmt_export {
    const char *run;        /**< folder of the run */
    const char *checkpoint; /**< "best" or "last" */
    const char *out;        /**< folder to be written, made if it is missing */
    const char *vocabulary; /**< folder with the vocabulary, whose files are copied; NULL: that of
                               the run's tokenizer.folder, if it reads texts */
    bool force;             /**< export a kind of attention that transformers has not */
    const struct sbmt_log *log;
};

/** Writes config.json, model.safetensors and the files of the vocabulary that there are
 * (vocab.txt, or vocab.json and merges.txt). Classes have the names that the checkpoint has, or the
 * task's; a model of scores is a regression. The architecture must be bert or roberta. transformers
 * knows softmax attention alone: another kind is SBMT_ERROR_USAGE unless forced, with a warning
 * then that the weights that it adds are stored and ignored there. sbmt_pretrained_load fills a
 * model with the same values again. Nothing is written over: SBMT_ERROR_USAGE where the
 * folder has one of the first two files. */
SBMT_MUST_CHECK bool sbmt_export_run(const struct sbmt_export *export, struct sbmt_error *err);

#endif
