/* Where a file of GLUE is, and which of its rows belong to a split. */
#ifndef SBMT_DATA_GLUE_PLACE_H
#define SBMT_DATA_GLUE_PLACE_H

#include "core/base/str.h"
#include "data/glue/files.h"
#include "data/tree.h"

/** A file of a split. MRPC's train and dev can be parts of msr_paraphrase_train.txt: dev is the
 * pairs listed in dev_ids.tsv (mrpc_dev_ids.tsv), a line of two ids each, train all others. Its
 * test is then msr_paraphrase_test.txt without its labels. */
struct sbmt_glue_place {
    struct sbmt_tree tree;
    char name[PATH_MAX]; /**< below the folder glue */
    bool released;       /**< a file of the MSR corpus */
};

/** Finds the file of a split, or the one named in its place. Without it SBMT_ERROR_DATA says what
 * was looked for. */
SBMT_MUST_CHECK bool sbmt_glue_find(struct sbmt_glue_place *place, const struct sbmt_glue *glue,
                                    const struct sbmt_text_query *query, struct sbmt_error *err);

/** Reads the pairs of dev into `ids`: "\n<id>\t<id>\n<id>\t<id>\n…". */
SBMT_MUST_CHECK bool sbmt_glue_read_ids(const struct sbmt_glue_place *place, struct sbmt_str *ids,
                                        struct sbmt_error *err);

/** True if the pair of ids "<id>\t<id>" is one of dev. */
bool sbmt_glue_is_dev(const struct sbmt_str *ids, const char *pair, size_t size);

#endif
