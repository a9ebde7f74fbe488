/* The file layer: reading whole files, and writing files that appear whole or not at all. */
#ifndef SBMT_CORE_IO_FILE_H
#define SBMT_CORE_IO_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

/** A file mapped read-only into memory. All zero is a valid closed one. */
struct sbmt_mapping {
    const unsigned char *bytes; /**< NULL for an empty file */
    size_t size;
};

/** Maps a regular file. An empty file is not an error here. */
SBMT_MUST_CHECK bool sbmt_mapping_open(struct sbmt_mapping *mapping, const char *path,
                                       struct sbmt_error *err);

/** Unmaps. Accepts a zeroed mapping. */
void sbmt_mapping_close(struct sbmt_mapping *mapping);

/** A file being written under a temporary name beside its final one. All zero is a valid closed
 * one: it is open while `temporary` is not NULL. */
struct sbmt_writer {
    int descriptor;         /**< −1 once closed; without meaning while `temporary` is NULL */
    char *path, *temporary; /**< owned, in one allocation with `buffer`; `path` is behind links */
    char *buffer;
    size_t used;      /**< bytes in the buffer */
    uint64_t written; /**< bytes handed to the writer so far */
    bool unsynced;    /**< commit does not wait for the disk */
};

/** Begins a file: makes `path`.<process id>.<number>.tmp in the same folder, which is nobody
 * else's. Where `path` is a link, the file that it leads to is the one that is written, in its own
 * folder, and the link stays. The new file has the mode of the one it replaces, and its owner where
 * that is allowed. Fails with SBMT_ERROR_IO if the folder cannot be written, and if there is
 * something that is not a regular file, or a link that leads to nothing. Nothing removes a
 * temporary file whose writer was killed. */
SBMT_MUST_CHECK bool sbmt_writer_open(struct sbmt_writer *writer, const char *path,
                                      struct sbmt_error *err);

/** Appends bytes (buffered). On failure, call sbmt_writer_abandon. */
SBMT_MUST_CHECK bool sbmt_writer_write(struct sbmt_writer *writer, const void *bytes, size_t size,
                                       struct sbmt_error *err);

/** Makes the file appear: flush, fsync, rename over the final name, fsync of the folder. On failure
 *  the temporary file is removed and what stood under the final name is untouched (unless it is the
 *  folder's fsync that fails: then the new file stands and the message says so). Closes the writer
 *  either way. */
SBMT_MUST_CHECK bool sbmt_writer_commit(struct sbmt_writer *writer, struct sbmt_error *err);

/** Makes files appear that belong together: as sbmt_writer_commit of each, but every temporary file
 * is whole and on disk before the first is renamed, so that whatever fails while bytes are written
 * leaves all as it was. The renamings follow one another at once; who is killed between two of
 * them, which no file system rules out, leaves new files beside old ones, and so does a renaming
 * that fails, whose message says so. Closes all writers either way. */
SBMT_MUST_CHECK bool sbmt_writer_commit_all(struct sbmt_writer *writers, int count,
                                            struct sbmt_error *err);

/** Gives up: removes the temporary file. Accepts a closed writer. */
void sbmt_writer_abandon(struct sbmt_writer *writer);

/** Writes a whole file from memory by the three calls above. */
SBMT_MUST_CHECK bool sbmt_file_write(const char *path, const void *bytes, size_t size,
                                     struct sbmt_error *err);

/** As sbmt_file_write without waiting for the disk: after a power failure the file may be there and
 * broken. For many small files, followed by one sbmt_folder_sync. */
SBMT_MUST_CHECK bool sbmt_file_write_unsynced(const char *path, const void *bytes, size_t size,
                                              struct sbmt_error *err);

/** Waits until all that was written to a folder's file system is on disk. */
SBMT_MUST_CHECK bool sbmt_folder_sync(const char *path, struct sbmt_error *err);

/** Makes a folder and its missing parents. Not an error if it exists. */
SBMT_MUST_CHECK bool sbmt_folder_make(const char *path, struct sbmt_error *err);

/** True if something of that name exists: also what cannot be read, which opening it will tell, and
 * a link that leads to nothing. */
bool sbmt_file_exists(const char *path);

#endif
