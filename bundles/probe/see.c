/* Things of the system that more than one mode reports. What cannot be seen is null, or has an errno. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A file that is larger, such as a device that never ends, is cut off here. */
#define LARGEST (1 << 20)

const char *option(char **argv, const char *name)
{
    size_t length = strlen(name);

    for (; *argv; argv++)
        if (!strncmp(*argv, name, length) && (*argv)[length] == '=')
            return *argv + length + 1;
    return NULL;
}

long number_option(char **argv, const char *name, long otherwise)
{
    const char *value = option(argv, name);

    return value ? strtol(value, NULL, 10) : otherwise;
}

void see_strings(struct json *document, const char *name, char **strings)
{
    json_array(document, name);
    for (; *strings; strings++)
        json_string(document, NULL, *strings);
    json_close(document);
}

void see_link(struct json *document, const char *name, const char *path)
{
    char target[4096];
    ssize_t length = readlink(path, target, sizeof target);

    if (length < 0)
        json_null(document, name);
    else
        json_bytes(document, name, target, (size_t)length);
}

void see_namespaces(struct json *document, const char *name, const char *process)
{
    static const char *const types[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    char path[128];

    json_object(document, name);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        snprintf(path, sizeof path, "/proc/%s/ns/%s", process, types[i]);
        see_link(document, types[i], path);
    }
    json_close(document);
}

void see_file(struct json *document, const char *name, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *content = malloc(LARGEST);
    size_t length = 0;
    ssize_t result = fd < 0 ? -1 : 1;

    if (!content)
        _exit(125);
    while (result > 0 && length < LARGEST) {
        result = read(fd, content + length, LARGEST - length);
        length += result > 0 ? (size_t)result : 0;
    }
    json_object(document, name);
    if (result < 0)
        json_integer(document, "errno", errno);
    else
        json_bytes(document, "content", content, length);
    json_close(document);
    if (fd >= 0)
        close(fd);
    free(content);
}

static const char *kind(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return "file";
    case S_IFDIR: return "directory";
    case S_IFLNK: return "link";
    case S_IFCHR: return "character device";
    case S_IFBLK: return "block device";
    case S_IFIFO: return "fifo";
    default: return "socket";
    }
}

void see_status(struct json *document, const char *name, const char *path, bool follow)
{
    struct stat found;
    int result = follow ? stat(path, &found) : lstat(path, &found);

    json_object(document, name);
    if (result < 0) {
        json_integer(document, "errno", errno);
    } else {
        json_string(document, "type", kind(found.st_mode));
        json_unsigned(document, "mode", found.st_mode & 07777);
        json_unsigned(document, "uid", found.st_uid);
        json_unsigned(document, "gid", found.st_gid);
        json_unsigned(document, "device", found.st_dev);
        json_unsigned(document, "inode", found.st_ino);
        json_unsigned(document, "size", (unsigned long long)found.st_size);
        json_unsigned(document, "major", major(found.st_rdev));
        json_unsigned(document, "minor", minor(found.st_rdev));
    }
    json_close(document);
}

/* One write(2) with O_APPEND for each report, so that the order in the log is the order of the reports. */
void append_to_log(const char *path, struct json *document)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

    if (fd < 0) {
        fprintf(stderr, "probe: cannot open the log %s: %s\n", path, strerror(errno));
        _exit(123);
    }
    json_end(document, fd);
    close(fd);
}
