/* Locks by flock, owners' names and heartbeats. */
#include "bench/suite_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/* How long on a network file system a name must stand to count. */
#define SECONDS_TO_CONFIRM 2

static void host_name(char name[64])
{
    snprintf(name, 64, "unknown");
    if (gethostname(name, 64) == 0)
        name[63] = '\0';
    for (char *c = name; *c != '\0'; c++)
        if (*c == ' ' || *c == '\n')
            *c = '-';
}

static void make_owner(char owner[SBMT_LOCK_OWNER])
{
    char host[64];
    struct timespec time;
    host_name(host);
    clock_gettime(CLOCK_REALTIME, &time);
    snprintf(owner, SBMT_LOCK_OWNER, "%s %ld %lld.%09ld", host, (long)getpid(),
             (long long)time.tv_sec, time.tv_nsec);
}

static void read_owner(int descriptor, char owner[SBMT_LOCK_OWNER])
{
    const ssize_t size = pread(descriptor, owner, SBMT_LOCK_OWNER - 1, 0);
    owner[size > 0 ? size : 0] = '\0';
    owner[strcspn(owner, "\n")] = '\0';
}

static bool write_owner(const struct sbmt_lock *lock)
{
    char line[SBMT_LOCK_OWNER + 1];
    const int size = snprintf(line, sizeof line, "%s\n", lock->owner);
    return ftruncate(lock->descriptor, 0) == 0 &&
           pwrite(lock->descriptor, line, (size_t)size, 0) == size && fsync(lock->descriptor) == 0;
}

static bool is_of_this_host(const char *owner)
{
    char host[64];
    host_name(host);
    const size_t length = strlen(host);
    return strncmp(owner, host, length) == 0 && owner[length] == ' ';
}

/* File systems that several machines may share. */
static bool is_network(int descriptor)
{
    static const uint32_t types[] = {
        0x6969,     /* NFS */
        0x517B,     /* SMB */
        0xFF534D42, /* CIFS */
        0xFE534D42, /* SMB2 */
        0x65735546, /* FUSE */
        0x0BD00BD0, /* Lustre */
        0x00C36400, /* Ceph */
        0x47504653, /* GPFS */
        0x19830326, /* BeeGFS */
        0x01021997, /* 9P */
    };
    struct statfs status;
    if (fstatfs(descriptor, &status) != 0)
        return true;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if ((uint32_t)status.f_type == types[i])
            return true;
    return false;
}

/* The clock of the file system, which owners on other machines are measured by: the time it gives a
 * file that is touched now. */
static bool file_system_time(const char *path, time_t *now)
{
    char clock[4096];
    struct stat status;
    if (snprintf(clock, sizeof clock, "%s.clock-%ld", path, (long)getpid()) >= (int)sizeof clock)
        return false;
    const int descriptor = open(clock, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return false;
    const bool known = futimens(descriptor, NULL) == 0 && fstat(descriptor, &status) == 0;
    close(descriptor);
    unlink(clock);
    if (known)
        *now = status.st_mtim.tv_sec;
    return known;
}

static bool is_stale(int descriptor, const char *path)
{
    struct stat status;
    time_t now;
    return fstat(descriptor, &status) == 0 && file_system_time(path, &now) &&
           now - status.st_mtim.tv_sec >= SBMT_LOCK_STALE;
}

/* Whether nobody else has the lock, as far as can be seen before taking it. */
static bool is_free(int descriptor, const char *path)
{
    char owner[SBMT_LOCK_OWNER];
    const bool flocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    if (!flocked && errno == EWOULDBLOCK)
        return false;
    read_owner(descriptor, owner);
    return owner[0] == '\0' || (flocked && is_of_this_host(owner)) || is_stale(descriptor, path);
}

static bool confirm(const struct sbmt_lock *lock)
{
    char owner[SBMT_LOCK_OWNER];
    if (!is_network(lock->descriptor))
        return true;
    nanosleep(&(struct timespec){.tv_sec = SECONDS_TO_CONFIRM}, NULL);
    read_owner(lock->descriptor, owner);
    return strcmp(owner, lock->owner) == 0;
}

bool sbmt_lock_take(struct sbmt_lock *lock, const char *path, struct sbmt_error *err)
{
    *lock = (struct sbmt_lock){0};
    lock->descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock->descriptor < 0)
        return sbmt_fail_errno(err, "%s: cannot open this lock", path);
    bool written = true;
    if (is_free(lock->descriptor, path)) {
        make_owner(lock->owner);
        written = write_owner(lock);
        lock->held = written && confirm(lock);
    }
    if (!written)
        sbmt_fail_errno(err, "%s: cannot write this lock", path);
    if (!lock->held)
        close(lock->descriptor);
    return written;
}

void sbmt_lock_release(struct sbmt_lock *lock)
{
    char owner[SBMT_LOCK_OWNER];
    if (!lock->held)
        return;
    read_owner(lock->descriptor, owner);
    /* A name that cannot be taken out grows stale. */
    if (strcmp(owner, lock->owner) == 0 && ftruncate(lock->descriptor, 0) != 0)
        errno = 0;
    close(lock->descriptor);
    *lock = (struct sbmt_lock){0};
}

bool sbmt_lock_beat(const char *path, const char *owner)
{
    char now[SBMT_LOCK_OWNER];
    sbmt_lock_owner(path, now);
    if (strcmp(now, owner) != 0)
        return false;
    utimensat(AT_FDCWD, path, NULL, 0);
    return true;
}

void sbmt_lock_owner(const char *path, char owner[SBMT_LOCK_OWNER])
{
    owner[0] = '\0';
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    read_owner(descriptor, owner);
    close(descriptor);
}
