/* Names of protocols, and the switches of their quirks. */
#include "data/protocol.h"

#include <stddef.h>

const char *const sbmt_protocol_words[] = {"google", "nystromformer", "sbm-paper",
                                           "s4",     "bert",          NULL};

#define ROW struct sbmt_emulation
const struct sbmt_field sbmt_emulation_fields[] = {
    SBMT_BOOL(ROW, drop_last, false,
              "evaluations leave out the last batch where it has fewer than train.batch_size "
              "examples, as all published code but s4 does"),
    SBMT_BOOL(ROW, dev_is_test, false,
              "the test examples stand for dev, as for lra/text in every published protocol, "
              "where training then has those of dev too"),
    SBMT_BOOL(ROW, mask_black, false,
              "pixels of intensity 0 are left out as if they were padding, as all published code "
              "but s4 does"),
    SBMT_FIELDS_END,
};
