/* A folder for the files of one test. */
#ifndef SBMT_TESTS_TEMPORARY_H
#define SBMT_TESTS_TEMPORARY_H

#include <check.h>
#include <dirent.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** A folder and names in it. */
struct temporary {
    char folder[256];
    char paths[8][512]; /**< the names given out last */
    int next;
};

static inline struct temporary temporary_make(void)
{
    struct temporary temporary = {0};
    const char *base = getenv("TMPDIR");
    snprintf(temporary.folder, sizeof temporary.folder, "%.200s/sbmt-test-XXXXXX",
             base != NULL ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(temporary.folder));
    return temporary;
}

/** A path in the folder; good until eight more are asked for. */
static inline const char *temporary_path(struct temporary *temporary, const char *name)
{
    char *path = temporary->paths[temporary->next++ % 8];
    char made[sizeof temporary->paths[0]];
    snprintf(made, sizeof made, "%s/%s", temporary->folder, name);
    return memcpy(path, made, sizeof made);
}

static inline void temporary_put(const char *path, const void *bytes, size_t size)
{
    /* A new file: some file systems write what replaces an old one to the disk at once. */
    unlink(path);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void temporary_text(const char *path, const char *text)
{
    temporary_put(path, text, strlen(text));
}

/** The bytes of a file with a NUL behind them; the caller frees. */
static inline char *temporary_get(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    const long end = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)end + 1);
    ck_assert_ptr_nonnull(bytes);
    *size = fread(bytes, 1, (size_t)end, file);
    ck_assert_uint_eq(*size, (size_t)end);
    bytes[*size] = '\0';
    fclose(file);
    return bytes;
}

/** How many files and folders stand directly in a folder. */
static inline int temporary_count(const char *folder)
{
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    int count = 0;
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(entries);
    return count;
}

static inline int temporary_remove_one(const char *path, const struct stat *status, int flag,
                                       struct FTW *place)
{
    (void)status, (void)flag, (void)place;
    return remove(path);
}

/** Removes the folder and all in it. */
static inline void temporary_remove(struct temporary *temporary)
{
    nftw(temporary->folder, temporary_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/** Makes files unreadable that say so, also where tests run as root: this process becomes nobody,
 * who may write into the folder. Returns whether it was root, for temporary_regain_rights. */
static inline bool temporary_drop_rights(const struct temporary *temporary)
{
    const uid_t nobody = 65534;
    if (getuid() != 0)
        return false;
    ck_assert_int_eq(chmod(temporary->folder, 0777), 0);
    ck_assert_int_eq(setresuid(nobody, nobody, 0), 0);
    return true;
}

static inline void temporary_regain_rights(bool was_root)
{
    if (was_root)
        ck_assert_int_eq(setresuid(0, 0, 0), 0);
}

#endif
