/* Results that others have published, as configs/published has them: a file for each protocol, that
 * is, for each way of cutting, padding, splitting and counting the same tasks. Rows of different
 * protocols are not comparable.
 *
 *     protocol: sbm-paper
 *     doc: "one line"
 *     rows:
 *       - model: SBM
 *         source: "SBM-Transformer (arXiv 2210.15541)"
 *         unverified: true                  # nobody has looked it up in the source
 *         scores: {listops: 37.45, …}       # percent, by the columns of the protocol
 *         density: {listops: 20.09, …}      # percent of all pairs of tokens
 *         printed_average: 59.93            # only where the source prints one
 *         note: "one line"
 */
#ifndef SBMT_BENCH_PUBLISHED_H
#define SBMT_BENCH_PUBLISHED_H

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/error.h"

enum { SBMT_PUBLISHED_COLUMNS = 14 };

/** A number that a protocol reports. */
struct sbmt_published_column {
    const char *key;    /**< in a file: "mrpc-f1" */
    const char *task;   /**< as data/list.h calls it; "glue/mrpc" */
    const char *metric; /**< as data/metric.h calls it; "f1" */
};

/** A protocol: what its rows have in common. */
struct sbmt_published_protocol {
    const char *name;
    int columns;
    const struct sbmt_published_column *column; /**< (columns) */
};

/** One row of one table. */
struct sbmt_published_row {
    const char *model;
    const char *source;
    const char *note;       /**< NULL: none */
    bool unverified;        /**< print a mark beside its numbers */
    double printed_average; /**< of the source, in percent; NAN: it prints none */
    double
        score[SBMT_PUBLISHED_COLUMNS]; /**< of the protocol's columns, in percent; NAN: not given */
    double density[SBMT_PUBLISHED_COLUMNS]; /**< likewise */
};

/** One file. Its memory is the arena's. */
struct sbmt_published {
    const struct sbmt_published_protocol *protocol;
    const char *doc; /**< one line */
    int count;
    struct sbmt_published_row *rows; /**< in the order of the file */
};

/** Protocol by index; NULL past the end. */
const struct sbmt_published_protocol *sbmt_published_protocol_at(int index);

/** Reads a file of one protocol. Fails with SBMT_ERROR_CONFIG at the line and column of the first
 * mistake: an unknown protocol, key or column, a value that is no percentage, a row without model,
 * source or scores, the same model from the same source twice. */
SBMT_MUST_CHECK bool sbmt_published_load(struct sbmt_published *published, const char *path,
                                         struct sbmt_arena *arena, struct sbmt_error *err);

#endif
