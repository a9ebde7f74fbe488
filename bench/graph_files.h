/* The pairs that heads attend along, as files for other programs. Kinds that do not show their
 * pairs are SBMT_ERROR_USAGE. Layers and heads: −1 for all. Files appear whole or not at all. */
#ifndef SBMT_BENCH_GRAPH_FILES_H
#define SBMT_BENCH_GRAPH_FILES_H

#include "bench/inspection.h"

/** A table with a line a pair: [sequence] layer, head, query, key, weight and, where edges are
 * drawn, probability. Numbers of queries and keys are rows: with a class token that is row 0. */
SBMT_MUST_CHECK bool sbmt_graph_write_table(const char *path,
                                            const struct sbmt_inspection *inspection,
                                            const struct sbmt_examined *examined, int layer,
                                            int head, struct sbmt_error *err);

/** GraphML: a directed graph from queries to keys with nodes named n<row> (s<sequence>n<row> for
 * pairs of sequences) that know their text, and parallel edges that know layer and head. */
SBMT_MUST_CHECK bool sbmt_graph_write_graphml(const char *path,
                                              const struct sbmt_inspection *inspection,
                                              const struct sbmt_examined *examined, int layer,
                                              int head, struct sbmt_error *err);

/** SBMT_ERROR_USAGE of a kind that does not show its pairs, for the option `what`. */
bool sbmt_graph_fail_none(const char *what, const struct sbmt_inspection *inspection,
                          struct sbmt_error *err);

#endif
