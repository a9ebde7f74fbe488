/* One head of attention on the inputs of a golden file. */
#ifndef SBMT_TESTS_GOLDEN_HEAD_H
#define SBMT_TESTS_GOLDEN_HEAD_H

#include "core/attention/attention.h"
#include "core/kernels/kernels.h"
#include "tests/golden/golden.h"

/** The prefix under which the layer's parameters are registered. */
#define GOLDEN_PREFIX "self."

/** A head of a golden file: the case "n24" and so on. Rows of q, k, v are further apart than d, as
 * in a layer with several heads. */
struct golden_head {
    struct sbmt_safetensors file;
    const char *name; /**< of the case */
    const struct sbmt_attention_ops *ops;
    struct sbmt_arena arena, saved, scratch;
    void *config, *state;
    struct sbmt_params params;
    int n, d, stride;
    real *q, *k, *v, *dout, *out; /**< (n, d), stride; q and k NULL where the kind reads none */
    real *dq, *dk, *dv;           /**< (n, d), stride */
    real *grad;                   /**< of the parameters */
    struct sbmt_stats stats;
    struct sbmt_mask_override override;
    struct sbmt_pass pass;
};

/** Opens a file, sizes the head by v (n, d) and makes the kind's default options. */
void golden_head_open(struct golden_head *head, const char *kind, const char *file,
                      const char *name);

/** Registers the parameters for sequences of up to `positions` tokens and makes the pass: seed 1,
 * step 1, layer 0, head 0, sequence 0, in training, without dropout. Values come next. */
void golden_head_seal(struct golden_head *head, int positions, const char *cpu);

/** Takes a parameter's values from the tensor <case>.<stored>. */
void golden_head_value(struct golden_head *head, const char *parameter, const char *stored);

/** Forward; returns what it saved. */
void *golden_head_forward(struct golden_head *head);

/** Forward and backward. */
void golden_head_run(struct golden_head *head);

/** A zeroed array that lives as long as the head. */
real *golden_head_reals(struct golden_head *head, size_t count);

/** A zeroed (n, d) with the head's stride, filled from the tensor <case>.<name> where that is not
 * NULL. */
real *golden_head_rows(struct golden_head *head, const char *name);

/** Compares (n, d) with the head's stride with the tensor <case>.<name>. */
void golden_head_compare(struct golden_head *head, const char *what, const char *name,
                         const real *found);

/** Frees everything. */
void golden_head_close(struct golden_head *head);

#endif
