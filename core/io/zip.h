/* Zip archives whose members are stored, not compressed, such as PyTorch's: views into their bytes.
 *
 * (Format description: PKWARE, APPNOTE.TXT 6.3, with the 64-bit extensions; one disk.) PyTorch
 * stores tensors uncompressed so that they can be mapped; a general library would copy every one of
 * them. The checksums of members are not looked at, as PyTorch itself does not. */
#ifndef SBMT_CORE_IO_ZIP_H
#define SBMT_CORE_IO_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/error.h"

/** One member; bytes in the archive. */
struct sbmt_zip_member {
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

/** The members of an archive in the order of their names. */
struct sbmt_zip {
    int count;
    const struct sbmt_zip_member *members;
};

/** True if bytes begin as a zip archive does. */
bool sbmt_zip_is(const unsigned char *bytes, size_t size);

/** Reads the directory of an archive in memory; the list lives in `arena`. Every defect, a member
 * that is compressed or encrypted and a name that occurs twice is SBMT_ERROR_DATA naming `path`. */
SBMT_MUST_CHECK bool sbmt_zip_read(struct sbmt_zip *zip, const unsigned char *bytes, size_t size,
                                   const char *path, struct sbmt_arena *arena,
                                   struct sbmt_error *err);

/** The member with a name, or NULL. */
const struct sbmt_zip_member *sbmt_zip_find(const struct sbmt_zip *zip, const char *name);

#endif
