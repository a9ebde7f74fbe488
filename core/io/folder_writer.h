/* The file layer: folders that appear whole or not at all. */
#ifndef SBMT_CORE_IO_FOLDER_WRITER_H
#define SBMT_CORE_IO_FOLDER_WRITER_H

#include <limits.h>

#include "core/base/error.h"

/** A folder being filled under a temporary name beside its final one. All zero is a valid closed
 * one: it is open while `temporary` is not empty. */
struct sbmt_folder_writer {
    char path[PATH_MAX];      /**< behind links */
    char temporary[PATH_MAX]; /**< `path`.partial: where to write */
    const char *const *parts; /**< borrowed until it is closed */
    int lock;                 /**< descriptor; without meaning while closed */
    bool resumed;  /**< the folder holds what an earlier writer has made of the same thing */
    bool stepwise; /**< commit renames twice, as it does where names cannot be exchanged at once */
};

/** Begins a folder: makes `path`.partial, empty. `parts` are the names, ended by NULL, of all that
 * stands directly in it, and in the folder that it replaces, if any: nothing else is ever removed.
 * What a writer that was killed has left is removed, or put back where it had renamed the old
 * folder. Where `path` is a link, the folder that it leads to is the one that is replaced. Fails
 * with SBMT_ERROR_IO if the parent cannot be written, if something else stands in one of the
 * folders, or while another process has this folder open.
 *
 * `mark` says what is made, in words that are others for anything else. It waits in the folder, and
 * what a writer with the same one has left is not removed but `resumed`: it is for the caller to
 * look what is whole. NULL: nothing is. */
SBMT_MUST_CHECK bool sbmt_folder_writer_open(struct sbmt_folder_writer *writer, const char *path,
                                             const char *const *parts, const char *mark,
                                             struct sbmt_error *err);

/** Removes all that stands directly in a part, if it is there, but what is to be kept. */
SBMT_MUST_CHECK bool sbmt_folder_writer_keep(const struct sbmt_folder_writer *writer,
                                             const char *part,
                                             bool (*is_kept)(void *context, const char *name),
                                             void *context, struct sbmt_error *err);

/** Makes the folder appear: waits until it is on disk, exchanges the names of the new folder and
 * the old one, and removes that. Killed at any moment, either the old folder or the new one stands
 * under the name, whole; only where the file system cannot exchange names there is a moment with
 * neither, in which the old one is `path`.replaced. On failure the old one is as it was, and the
 * new one is removed, or stays `path`.partial if it is whole, which the message says; if it is the
 * removal of the old one that fails, the new one stands and the message says so. Closes the writer
 * either way. */
SBMT_MUST_CHECK bool sbmt_folder_writer_commit(struct sbmt_folder_writer *writer,
                                               struct sbmt_error *err);

/** Gives up: removes the temporary folder. Accepts a closed writer. */
void sbmt_folder_writer_abandon(struct sbmt_folder_writer *writer);

/** Stops: the temporary folder stays for the next writer with the same mark. Accepts a closed
 * writer. */
void sbmt_folder_writer_leave(struct sbmt_folder_writer *writer);

#endif
