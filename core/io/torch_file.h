/* PyTorch's files of tensors (torch.save of a state dict: pytorch_model.bin, *.pt, *.pth).
 *
 * Two formats. Since PyTorch 1.6 a zip archive with the members <any>/data.pkl, a pickle of the
 * dict, and <any>/data/<key>, the bytes of storage <key>. Before it, and with
 * _use_new_zipfile_serialization=False, five pickles: a magic number, a version, the machine, the
 * dict, the list of storage keys; then for each key an int64 count and the elements. (Format
 * description: PyTorch, torch/serialization.py.) Pickles are read as data, see core/io/pickle.h. */
#ifndef SBMT_CORE_IO_TORCH_FILE_H
#define SBMT_CORE_IO_TORCH_FILE_H

#include "core/io/file.h"
#include "core/io/strided.h"

/** An open file: everything points into the mapping and the arena and lives until close. */
struct sbmt_torch_file {
    struct sbmt_mapping mapping;
    struct sbmt_arena arena;
    const char *path;
    int count;
    const struct sbmt_strided *tensors; /**< in file order; several may share elements */
};

/** True if a file that begins with these bytes is a zip archive or a pickle. */
bool sbmt_torch_file_is(const unsigned char *bytes, size_t size);

/** Opens and checks a whole file: every tensor of the dict lies within its storage, every storage
 * within the file. Entries of the dict that are no tensors are left out; a dict without a tensor,
 * and any defect, is SBMT_ERROR_DATA naming the path and the tensor or the byte. */
SBMT_MUST_CHECK bool sbmt_torch_file_open(struct sbmt_torch_file *file, const char *path,
                                          struct sbmt_error *err);

/** Closes. Accepts a zeroed struct. */
void sbmt_torch_file_close(struct sbmt_torch_file *file);

#endif
