/* Protocols: the published ways of reading the same files, whose numbers must never be mixed; and
 * the quirks of published code, each its own switch. */
#ifndef SBMT_DATA_PROTOCOL_H
#define SBMT_DATA_PROTOCOL_H

#include "core/base/field.h"

/** Whose lengths, vocabularies and splits. */
enum sbmt_protocol {
    SBMT_PROTOCOL_GOOGLE,        /**< google-research/long-range-arena */
    SBMT_PROTOCOL_NYSTROMFORMER, /**< mlpen/Nystromformer, and pkuzengqi/Skyformer */
    SBMT_PROTOCOL_SBM_PAPER,     /**< sc782/SBM-Transformer */
    SBMT_PROTOCOL_S4,            /**< state-spaces/s4 and those that followed it */
    SBMT_PROTOCOL_BERT,          /**< GLUE's files and metrics with BERT's recipe; masked words */
    SBMT_PROTOCOL_COUNT,
};

/** "google", "nystromformer", "sbm-paper", "s4", "bert"; then NULL. */
extern const char *const sbmt_protocol_words[];

/** What published code does beside its protocol. All off: the whole test set, dev apart from test,
 * every token counts. */
struct sbmt_emulation {
    bool drop_last;   /**< evaluations leave out the last batch where it is not full */
    bool dev_is_test; /**< the test examples stand for dev, and those of dev may be part of train
                         (sbmt_task.dev_of_train) */
    bool mask_black;  /**< tokens 0 of images are left out as if they were padding */
};

/** The table of the section `emulate:`. */
extern const struct sbmt_field sbmt_emulation_fields[];

#endif
