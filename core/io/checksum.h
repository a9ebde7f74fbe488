/* CRC-32 of bytes, to see damage that leaves a file well-formed. */
#ifndef SBMT_CORE_IO_CHECKSUM_H
#define SBMT_CORE_IO_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "core/io/safetensors.h"

enum { SBMT_CHECKSUM_TEXT = 9 };

/** Continues a CRC-32 (zlib's and gzip's; 0 to begin with) over more bytes. */
uint32_t sbmt_checksum(uint32_t so_far, const void *bytes, size_t size);

/** Likewise over the bytes of tensors in their order. */
uint32_t sbmt_checksum_tensors(uint32_t so_far, const struct sbmt_stored *tensors, int count);

/** Writes eight hexadecimal digits. */
void sbmt_checksum_text(uint32_t checksum, char text[SBMT_CHECKSUM_TEXT]);

#endif
