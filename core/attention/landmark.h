/* Attention between tokens and landmarks, which kinds share that approximate all pairs by them:
 * landmarks gather what the sequence has, then the tokens gather what the landmarks have. */
#ifndef SBMT_CORE_ATTENTION_LANDMARK_H
#define SBMT_CORE_ATTENTION_LANDMARK_H

#include "core/attention/attention.h"
#include "core/attention/dense.h"

/** Landmarks over the head's keys and values; query (landmarks, d) without gaps between rows. */
struct sbmt_dense_attend sbmt_landmark_inner(const struct sbmt_head *head, int landmarks,
                                             const real *query);

/** The head's queries over landmarks, key and value (landmarks, d) without gaps; without landmarks,
 * where their number is 0, over the head's own keys and values. */
struct sbmt_dense_attend sbmt_landmark_outer(const struct sbmt_head *head, int landmarks,
                                             const real *key, const real *value);

#endif
