/* Makes the N-th sync of what is below a directory fail with EIO, as a dying disk does, or another error: preloaded before the C
   library, whose fsync and fdatasync Rust's File calls. Says what it did in a file, a line each. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int count;
static char failed[4096];

static void say(const char *what, const char *path) {
    FILE *log = fopen(getenv("VECVAULT_TEST_SYNC_LOG"), "a");
    if (log) {
        fprintf(log, "%s %s\n", what, path);
        fclose(log);
    }
}

static int sync_or_fail(int fd, long call) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    if (!strstr(path, getenv("VECVAULT_TEST_SYNC_OF")))
        return (int)syscall(call, fd);
    if (atomic_fetch_add(&count, 1) + 1 == atoi(getenv("VECVAULT_TEST_SYNC_FAILS_AT"))) {
        strcpy(failed, path);
        say("failed", path);
        const char *error = getenv("VECVAULT_TEST_SYNC_ERROR");
        errno = error ? atoi(error) : EIO;
        return -1;
    }
    if (failed[0] && strcmp(failed, path) == 0)
        say("again", path);
    return (int)syscall(call, fd);
}

int fsync(int fd) { return sync_or_fail(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_or_fail(fd, SYS_fdatasync); }
