/* safetensors: writing a file. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/str.h"
#include "core/io/safetensors.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");

enum { HEADER_ALIGNMENT = 64 };

static void append_string(struct sbmt_str *str, const char *text)
{
    sbmt_str_append(str, "\"", 1);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            sbmt_str_printf(str, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            sbmt_str_printf(str, "\\u%04x", (unsigned char)*c);
        else
            sbmt_str_append(str, c, 1);
    }
    sbmt_str_append(str, "\"", 1);
}

static void append_metadata(struct sbmt_str *str, const char *const *metadata, int count)
{
    sbmt_str_printf(str, "\"__metadata__\":{");
    for (int i = 0; i < count; i++) {
        if (i > 0)
            sbmt_str_append(str, ",", 1);
        append_string(str, metadata[2 * i]);
        sbmt_str_append(str, ":", 1);
        append_string(str, metadata[2 * i + 1]);
    }
    sbmt_str_append(str, "}", 1);
}

static size_t stored_size(const struct sbmt_stored *tensor)
{
    return tensor->count * sbmt_dtype_size(tensor->dtype);
}

static void append_tensor(struct sbmt_str *str, const struct sbmt_stored *tensor, size_t begin)
{
    assert(tensor->rank >= 0 && tensor->rank <= SBMT_MAX_RANK);
    assert(begin % sbmt_dtype_size(tensor->dtype) == 0);
    append_string(str, tensor->name);
    sbmt_str_printf(str, ":{\"dtype\":\"%s\",\"shape\":[", sbmt_dtype_name(tensor->dtype));
    size_t count = 1;
    for (int i = 0; i < tensor->rank; i++) {
        sbmt_str_printf(str, "%s%" PRId64, i > 0 ? "," : "", tensor->shape[i]);
        count *= (size_t)tensor->shape[i];
    }
    assert(count == tensor->count);
    (void)count;
    sbmt_str_printf(str, "],\"data_offsets\":[%zu,%zu]}", begin, begin + stored_size(tensor));
}

/* The whole head of the file: length, JSON, padding. */
static void make_header(struct sbmt_str *header, const struct sbmt_stored *tensors, int count,
                        const char *const *metadata, int metadata_count)
{
    uint64_t length = 0;
    sbmt_str_append(header, (const char *)&length, sizeof length);
    sbmt_str_append(header, "{", 1);
    if (metadata_count > 0)
        append_metadata(header, metadata, metadata_count);
    size_t begin = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 || metadata_count > 0)
            sbmt_str_append(header, ",", 1);
        append_tensor(header, &tensors[i], begin);
        begin += stored_size(&tensors[i]);
    }
    sbmt_str_append(header, "}", 1);
    while (!header->failed && header->length % HEADER_ALIGNMENT != 0)
        sbmt_str_append(header, " ", 1);
    if (header->failed)
        return;
    length = header->length - sizeof length;
    memcpy(header->text, &length, sizeof length);
}

bool sbmt_safetensors_begin(struct sbmt_writer *writer, const char *path,
                            const struct sbmt_stored *tensors, int count,
                            const char *const *metadata, int metadata_count, struct sbmt_error *err)
{
    struct sbmt_str header = {0};
    make_header(&header, tensors, count, metadata, metadata_count);
    bool begun = false;
    if (header.failed)
        sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for its header", path);
    else if (header.length > SBMT_HEADER_LIMIT)
        sbmt_fail(err, SBMT_ERROR_DATA, "%s: cannot write: the header would have %zu bytes", path,
                  header.length);
    else
        begun = sbmt_writer_open(writer, path, err) &&
                sbmt_writer_write(writer, header.text, header.length, err);
    sbmt_str_finish(&header);
    return begun;
}

bool sbmt_safetensors_bytes(struct sbmt_writer *writer, const struct sbmt_stored *tensors,
                            int count, struct sbmt_error *err)
{
    for (int i = 0; i < count; i++)
        if (!sbmt_writer_write(writer, tensors[i].bytes, stored_size(&tensors[i]), err))
            return false;
    return true;
}

bool sbmt_safetensors_write(const char *path, const struct sbmt_stored *tensors, int count,
                            const char *const *metadata, int metadata_count, struct sbmt_error *err)
{
    struct sbmt_writer writer = {0};
    const bool written = sbmt_safetensors_begin(&writer, path, tensors, count, metadata,
                                                metadata_count, err) &&
                         sbmt_safetensors_bytes(&writer, tensors, count, err) &&
                         sbmt_writer_commit(&writer, err);
    sbmt_writer_abandon(&writer);
    return written;
}
