/* Listing the folders of a source tree. */
#include "data/tree_listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool sbmt_tree_is_link(int folder, const char *name)
{
    char first;
    return readlinkat(folder, name, &first, 1) >= 0;
}

/* A link is what it leads to. One that leads nowhere may have been a folder: so it is opened, and
 * the walk fails, if files in it could be wanted. */
static bool add_entry(struct sbmt_tree_listing *listing, int descriptor, const struct dirent *entry)
{
    unsigned char type = entry->d_type;
    struct stat status;
    if (type == DT_UNKNOWN || type == DT_LNK) {
        if (fstatat(descriptor, entry->d_name, &status, 0) == 0)
            type = S_ISDIR(status.st_mode) ? DT_DIR : S_ISREG(status.st_mode) ? DT_REG : DT_SOCK;
        else if (type == DT_LNK || sbmt_tree_is_link(descriptor, entry->d_name))
            type = DT_DIR;
        else
            return false;
    }
    if (type != DT_REG && type != DT_DIR)
        return true;
    sbmt_str_append(&listing->text, entry->d_name, strlen(entry->d_name));
    if (type == DT_DIR)
        sbmt_str_append(&listing->text, "/", 1);
    sbmt_str_append(&listing->text, "", 1);
    listing->count++;
    return true;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool sbmt_tree_list(struct sbmt_tree_listing *listing, DIR *folder, struct sbmt_error *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL && errno == 0)
            break;
        if (entry == NULL)
            return sbmt_fail_errno(err, "cannot list");
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!add_entry(listing, dirfd(folder), entry))
            return sbmt_fail_errno(err, "cannot look at %s", entry->d_name);
    }
    if (listing->count == 0)
        return true;
    listing->entries = malloc(listing->count * sizeof *listing->entries);
    if (listing->text.failed || listing->entries == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for listing it");
    const char *next = listing->text.text;
    for (size_t i = 0; i < listing->count; i++, next += strlen(next) + 1)
        listing->entries[i] = next;
    qsort(listing->entries, listing->count, sizeof *listing->entries, compare);
    return true;
}

void sbmt_tree_listing_finish(struct sbmt_tree_listing *listing)
{
    free(listing->entries);
    sbmt_str_finish(&listing->text);
    *listing = (struct sbmt_tree_listing){0};
}
