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
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
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

/* mknod PATH TYPE MAJOR MINOR: a device of type c or b. */
static int try_mknod_of_type(char **words, struct json *result)
{
    mode_t type = words[2][0] == 'b' ? S_IFBLK : S_IFCHR;

    (void)result;
    return mknod(words[1], type | 0600, makedev(atoi(words[3]), atoi(words[4])));
}

static int try_sethostname(char **words, struct json *result)
{
    (void)result;
    return sethostname(words[1], strlen(words[1]));
}

static int try_setdomainname(char **words, struct json *result)
{
    (void)result;
    return setdomainname(words[1], strlen(words[1]));
}

/* hostname, domainname: of this process's namespace. */
static int try_name(char **words, struct json *result)
{
    struct utsname names;
    int outcome = uname(&names);

    json_string(result, "content", words[0][0] == 'h' ? names.nodename : names.domainname);
    return outcome;
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

/* copy FROM TO: a new file with the content of another, which everybody may execute. */
static int try_copy(char **words, struct json *result)
{
    char content[65536];
    int from = open(words[1], O_RDONLY | O_CLOEXEC), to;
    ssize_t length = -1;

    (void)result;
    if (from < 0)
        return -1;
    to = open(words[2], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    while (to >= 0 && (length = read(from, content, sizeof content)) > 0)
        if (write(to, content, (size_t)length) != length)
            length = -1;
    close(from);
    return finish(to, length);
}

/* exec PATH UID: execute a copy of the probe as that user; it says what its effective user ID is. */
static int try_exec(char **words, struct json *result)
{
    uid_t user = (uid_t)atoi(words[2]);
    char content[SHOWN];
    int said[2], failed[2], number = 0;
    ssize_t length;
    pid_t child;

    if (pipe2(said, O_CLOEXEC) < 0 || pipe2(failed, O_CLOEXEC) < 0 || (child = fork()) < 0)
        return -1;
    if (child == 0) {
        if (setgid(user) == 0 && setuid(user) == 0 && dup2(said[1], STDOUT_FILENO) >= 0)
            execl(words[1], words[1], "euid", NULL);
        number = errno;
        _exit(write(failed[1], &number, sizeof number) < 0);
    }
    close(said[1]);
    close(failed[1]);
    if (read(failed[0], &number, sizeof number) <= 0)
        number = 0;
    length = read(said[0], content, sizeof content);
    waitpid(child, NULL, 0);
    close(said[0]);
    close(failed[0]);
    if (!number)
        json_bytes(result, "content", content, length < 0 ? 0 : (size_t)length);
    errno = number;
    return number ? -1 : 0;
}

/* access PATH AGE: set the time of the last access to so many seconds ago, and all others to now; then read the file, or
 * list the directory: was the time kept or updated?
 */
static int try_access(char **words, struct json *result)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - atol(words[2])}, {.tv_nsec = UTIME_NOW}};
    struct stat found;
    char byte;
    int fd;

    if (utimensat(AT_FDCWD, words[1], times, 0) < 0 || (fd = open(words[1], O_RDONLY | O_CLOEXEC)) < 0)
        return -1;
    if (fstat(fd, &found) == 0 && S_ISDIR(found.st_mode)) {
        DIR *directory = fdopendir(fd);

        while (readdir(directory))
            ;
        closedir(directory);
    } else {
        if (read(fd, &byte, 1) < 0)
            return finish(fd, -1);
        close(fd);
    }
    if (stat(words[1], &found) < 0)
        return -1;
    json_string(result, "content", found.st_atim.tv_sec == times[0].tv_sec ? "kept" : "updated");
    return 0;
}

/* What an executed copy says. */
int say_effective_user(char **argv)
{
    (void)argv;
    printf("%u", geteuid());
    return 0;
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
    {"mknod", 5, try_mknod_of_type}, {"setdomainname", 2, try_setdomainname}, {"hostname", 1, try_name},
    {"domainname", 1, try_name}, {"links", 1, try_links}, {"link", 2, try_link}, {"connect", 2, try_connect},
    {"message-queue", 2, try_message_queue}, {"mqueue", 2, try_mqueue},
    {"sethostname", 2, try_sethostname}, {"umount", 2, try_umount}, {"bind", 3, try_bind},
    {"fork", 2, try_fork}, {"allocate", 2, try_allocate},
    {"copy", 3, try_copy}, {"exec", 3, try_exec}, {"access", 3, try_access},
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
