/* Zip archives being written: files that appear whole or not at all. */
#ifndef SBMT_DATA_ZIP_WRITER_H
#define SBMT_DATA_ZIP_WRITER_H

#include <stddef.h>

#include "core/base/error.h"

/** What writes it. */
struct sbmt_zip_writer_state;

/** An archive being written. All zero is a valid closed one. */
struct sbmt_zip_writer {
    struct sbmt_zip_writer_state *state;
};

/** Begins an archive under a temporary name beside `path`. */
SBMT_MUST_CHECK bool sbmt_zip_writer_open(struct sbmt_zip_writer *zip, const char *path,
                                          struct sbmt_error *err);

/** Adds a file, compressed. Its time is always the same, so that the same files give the same
 * bytes. On failure, call sbmt_zip_writer_abandon. */
SBMT_MUST_CHECK bool sbmt_zip_writer_add(struct sbmt_zip_writer *zip, const char *name,
                                         const void *bytes, size_t size, struct sbmt_error *err);

/** Makes the archive appear, in place of one that stood there, and closes the writer either way. */
SBMT_MUST_CHECK bool sbmt_zip_writer_commit(struct sbmt_zip_writer *zip, struct sbmt_error *err);

/** Gives up: what stood under the name stays. Accepts a closed writer. */
void sbmt_zip_writer_abandon(struct sbmt_zip_writer *zip);

#endif
