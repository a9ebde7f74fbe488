/* The state dict in a pickle of PyTorch's: which tensors lie in which storages. */
#ifndef SBMT_CORE_IO_TORCH_STATE_H
#define SBMT_CORE_IO_TORCH_STATE_H

#include "core/io/pickle.h"
#include "core/io/strided.h"

/** A tensor whose bytes are still to be found. */
struct sbmt_torch_tensor {
    struct sbmt_strided view;
    const struct sbmt_pickle_value *key; /**< the text that names its storage */
    uint64_t storage_count;              /**< elements of the storage */
    uint64_t offset;                     /**< of the first element in the storage */
};

/** The tensors of a dict, in its order. */
struct sbmt_torch_state {
    int count;
    struct sbmt_torch_tensor *tensors;
};

/** The names that may occur in a pickle, for sbmt_pickle_read. */
extern const char *const sbmt_torch_globals[];

/** Finds the tensors of a dict and checks that each lies within its storage. The list lives in
 * `arena`. */
SBMT_MUST_CHECK bool sbmt_torch_state_read(struct sbmt_torch_state *state,
                                           const struct sbmt_pickle_value *dict, const char *path,
                                           struct sbmt_arena *arena, struct sbmt_error *err);

/** The size of a tensor's storage in bytes. */
size_t sbmt_torch_storage_size(const struct sbmt_torch_tensor *tensor);

/** Says where a tensor's storage begins. */
void sbmt_torch_tensor_attach(struct sbmt_torch_tensor *tensor, const unsigned char *storage);

#endif
