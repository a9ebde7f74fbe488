/* CRC-32, by zlib. */
#include "core/io/checksum.h"

#include <inttypes.h>
#include <stdio.h>

#include <zlib.h>

uint32_t sbmt_checksum(uint32_t so_far, const void *bytes, size_t size)
{
    return (uint32_t)crc32_z(so_far, bytes, size);
}

uint32_t sbmt_checksum_tensors(uint32_t so_far, const struct sbmt_stored *tensors, int count)
{
    for (int i = 0; i < count; i++)
        so_far = sbmt_checksum(so_far, tensors[i].bytes,
                               tensors[i].count * sbmt_dtype_size(tensors[i].dtype));
    return so_far;
}

void sbmt_checksum_text(uint32_t checksum, char text[SBMT_CHECKSUM_TEXT])
{
    snprintf(text, SBMT_CHECKSUM_TEXT, "%08" PRIx32, checksum);
}
