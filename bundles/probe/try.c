/* Mode `try`: attempt operations, and report the result of each.
 *
 *     probe try read /etc/passwd , write /dev/full x , mkdir /new
 *
 * Operations are separated by a comma as a word of its own. --user=UID makes them as that user, without capabilities.
 */
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

/* As much of a file as a result shows. */
#define SHOWN 256

static int finish(int fd, long result)
{
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
    return result < 0 ? -1 : 0;
}

/* read PATH: the first bytes of a file. */
static int try_read(char **words, struct json *result)
{
    char content[SHOWN];
    int fd = open(words[1], O_RDONLY | O_NONBLOCK | O_NOCTTY);
    ssize_t length = fd < 0 ? -1 : read(fd, content, sizeof content);

    if (length >= 0)
        json_bytes(result, "content", content, (size_t)length);
    return finish(fd, length);
}

/* write PATH TEXT: overwrite the beginning of an existing file. */
static int try_write(char **words, struct json *result)
{
    int fd = open(words[1], O_WRONLY | O_NONBLOCK | O_NOCTTY);
    ssize_t length = fd < 0 ? -1 : write(fd, words[2], strlen(words[2]));

    (void)result;
    return finish(fd, length);
}

/* create PATH: make a new file. */
static int try_create(char **words, struct json *result)
{
    int fd = open(words[1], O_WRONLY | O_CREAT | O_EXCL, 0644);

    (void)result;
    return finish(fd, fd);
}

/* list PATH: the names in a directory. */
static int try_list(char **words, struct json *result)
{
    DIR *directory = opendir(words[1]);
    struct dirent *entry;

    if (!directory)
        return -1;
    json_array(result, "names");
    while ((entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            json_string(result, NULL, entry->d_name);
    json_close(result);
    closedir(directory);
    return 0;
}

/* stat PATH, lstat PATH: type, mode, owner, numbers. */
static int try_stat(char **words, struct json *result)
{
    struct stat found;
    bool follow = words[0][0] == 's';

    if ((follow ? stat(words[1], &found) : lstat(words[1], &found)) < 0)
        return -1;
    see_status(result, "status", words[1], follow);
    return 0;
}

/* readlink PATH. */
static int try_readlink(char **words, struct json *result)
{
    char target[4096];
    ssize_t length = readlink(words[1], target, sizeof target);

    if (length >= 0)
        json_bytes(result, "content", target, (size_t)length);
    return finish(-1, length);
}

/* ptmx PATH: open a new pseudoterminal, and its other end by name. */
static int try_ptmx(char **words, struct json *result)
{
    int master = open(words[1], O_RDWR | O_NOCTTY), slave = -1, unlock = 0;
    unsigned int number;
    char path[64];

    if (master < 0)
        return -1;
    if (ioctl(master, TIOCSPTLCK, &unlock) == 0 && ioctl(master, TIOCGPTN, &number) == 0) {
        snprintf(path, sizeof path, "/dev/pts/%u", number);
        json_string(result, "content", path);
        slave = open(path, O_RDWR | O_NOCTTY);
    }
    int outcome = finish(slave, slave);

    return finish(master, outcome);
}

static int try_mkdir(char **words, struct json *result)
{
    (void)result;
    return mkdir(words[1], 0755);
}

static int try_unlink(char **words, struct json *result)
{
    (void)result;
    return unlink(words[1]);
}

static int try_rmdir(char **words, struct json *result)
{
    (void)result;
    return rmdir(words[1]);
}

static int try_rename(char **words, struct json *result)
{
    (void)result;
    return rename(words[1], words[2]);
}

static int try_symlink(char **words, struct json *result)
{
    (void)result;
    return symlink(words[1], words[2]);
}

static int try_chmod(char **words, struct json *result)
{
    (void)result;
    return chmod(words[1], (mode_t)strtol(words[2], NULL, 8));
}

static int try_truncate(char **words, struct json *result)
{
    (void)result;
    return truncate(words[1], strtol(words[2], NULL, 10));
}

/* mknod PATH MAJOR MINOR: a character device. */
static int try_mknod(char **words, struct json *result)
{
    (void)result;
    return mknod(words[1], S_IFCHR | 0600, makedev(atoi(words[2]), atoi(words[3])));
}

static int try_sethostname(char **words, struct json *result)
{
    (void)result;
    return sethostname(words[1], strlen(words[1]));
}

static int try_umount(char **words, struct json *result)
{
    (void)result;
    return umount2(words[1], MNT_DETACH);
}

/* bind SOURCE DESTINATION. */
static int try_bind(char **words, struct json *result)
{
    (void)result;
    return mount(words[1], words[2], NULL, MS_BIND, NULL);
}

static const struct {
    const char *name;
    int words;
    int (*attempt)(char **, struct json *);
} operations[] = {
    {"read", 2, try_read}, {"write", 3, try_write}, {"create", 2, try_create}, {"list", 2, try_list},
    {"stat", 2, try_stat}, {"lstat", 2, try_stat}, {"readlink", 2, try_readlink}, {"ptmx", 2, try_ptmx},
    {"mkdir", 2, try_mkdir}, {"unlink", 2, try_unlink}, {"rmdir", 2, try_rmdir}, {"rename", 3, try_rename},
    {"symlink", 3, try_symlink}, {"chmod", 3, try_chmod}, {"truncate", 3, try_truncate}, {"mknod", 4, try_mknod},
    {"sethostname", 2, try_sethostname}, {"umount", 2, try_umount}, {"bind", 3, try_bind},
    {"call", 8, try_call}, {"in-process", 8, try_call_in_process}, {"in-thread", 8, try_call_in_thread},
    {"traced", 8, try_call_traced}, {"call32", 3, try_call32},
};

static int attempt(char **words, int count, struct json *result)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (!strcmp(operations[i].name, words[0]) && operations[i].words == count)
            return operations[i].attempt(words, result);
    errno = ENOTSUP;
    return -1;
}

static void become(long uid)
{
    if (setgid((gid_t)uid) < 0 || setuid((uid_t)uid) < 0) {
        perror("probe: cannot become the user");
        _exit(122);
    }
}

int try_operations(char **argv)
{
    struct json *document = json_begin("try");
    long user = number_option(argv, "--user", -1);

    if (user >= 0)
        become(user);
    json_array(document, "results");
    argv += 2;
    while (*argv && !strncmp(*argv, "--", 2))
        argv++;
    while (*argv) {
        char **words = argv;
        int count = 0, outcome;

        while (*argv && strcmp(*argv, ",")) {
            argv++;
            count++;
        }
        if (*argv)
            *argv++ = NULL;
        json_object(document, NULL);
        see_strings(document, "operation", words);
        outcome = attempt(words, count, document);
        json_integer(document, "errno", outcome < 0 ? errno : 0);
        json_close(document);
    }
    json_close(document);
    json_end(document, STDOUT_FILENO);
    return 0;
}
