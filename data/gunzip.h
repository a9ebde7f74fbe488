/* Unpacking gzip, with every check that the format allows. */
#ifndef SBMT_DATA_GUNZIP_H
#define SBMT_DATA_GUNZIP_H

#include <stddef.h>

#include "core/base/error.h"

/** Where the packed bytes come from: at most `size` into `bytes`, their number into *count, 0 at
 * the end. Messages have no place. */
struct sbmt_gunzip_source {
    bool (*read)(void *context, void *bytes, size_t size, size_t *count, struct sbmt_error *err);
    void *context;
};

/** A file being unpacked. */
struct sbmt_gunzip;

/** NULL without memory. */
struct sbmt_gunzip *sbmt_gunzip_open(void);

/** Unpacks into `bytes`: at least one byte and at most `size`, their number into *count; 0 at the
 * end. The file is some gzip members one after the other, which may have zeros behind them; one
 * that does not begin as gzip is handed on as it is. What is damaged, cut short or followed by
 * something else is SBMT_ERROR_DATA; messages have no place. */
SBMT_MUST_CHECK bool sbmt_gunzip_read(struct sbmt_gunzip *gunzip,
                                      const struct sbmt_gunzip_source *source, void *bytes,
                                      size_t size, size_t *count, struct sbmt_error *err);

/** Accepts NULL. */
void sbmt_gunzip_close(struct sbmt_gunzip *gunzip);

#endif
