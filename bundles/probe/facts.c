/* Mode `facts`: everything about this process and its surroundings that the suite compares with a config.
 *
 * Options: --log=FILE --name=NAME also note in a log that the program ran; --fork=yes makes a process and reports what
 * it inherits; --status=N is the exit status.
 */
#include "probe.h"

#include <dirent.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void see_ids(struct json *document)
{
    uid_t uids[3];
    gid_t gids[3];
    gid_t groups[1024];
    int count = getgroups(1024, groups);
    mode_t mask = umask(0);

    getresuid(&uids[0], &uids[1], &uids[2]);
    getresgid(&gids[0], &gids[1], &gids[2]);
    json_array(document, "uids");
    for (int i = 0; i < 3; i++)
        json_unsigned(document, NULL, uids[i]);
    json_close(document);
    json_array(document, "gids");
    for (int i = 0; i < 3; i++)
        json_unsigned(document, NULL, gids[i]);
    json_close(document);
    json_array(document, "groups");
    for (int i = 0; i < count; i++)
        json_unsigned(document, NULL, groups[i]);
    json_close(document);
    umask(mask);
    json_unsigned(document, "umask", mask);
    json_integer(document, "pid", getpid());
    json_integer(document, "ppid", getppid());
    json_integer(document, "session", getsid(0));
}

static void see_limits(struct json *document)
{
    static const char *const names[] = {
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC",
        "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE",
        "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    };
    static const int numbers[] = {
        RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC,
        RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE,
        RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_RTTIME,
    };
    struct rlimit limit;

    json_object(document, "limits");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (getrlimit(numbers[i], &limit) < 0)
            continue;
        json_array(document, names[i]);
        json_unsigned(document, NULL, limit.rlim_cur);
        json_unsigned(document, NULL, limit.rlim_max);
        json_close(document);
    }
    json_close(document);
}

/* By system calls, and not from /proc/self/status: a sandbox may have the calls without the file. */
static void see_capabilities(struct json *document)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}, {0}};
    unsigned long long bounding = 0, ambient = 0;

    syscall(SYS_capget, &header, data);
    for (unsigned long capability = 0; capability < 64; capability++) {
        if (prctl(PR_CAPBSET_READ, capability, 0UL, 0UL, 0UL) == 1)
            bounding |= 1ULL << capability;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0UL, 0UL) == 1)
            ambient |= 1ULL << capability;
    }
    json_object(document, "capabilities");
    json_unsigned(document, "effective", data[0].effective | (unsigned long long)data[1].effective << 32);
    json_unsigned(document, "permitted", data[0].permitted | (unsigned long long)data[1].permitted << 32);
    json_unsigned(document, "inheritable", data[0].inheritable | (unsigned long long)data[1].inheritable << 32);
    json_unsigned(document, "bounding", bounding);
    json_unsigned(document, "ambient", ambient);
    json_close(document);
    json_boolean(document, "no_new_privileges", prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 1);
}

static void see_descriptors(struct json *document)
{
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;
    char path[300];

    if (!directory) {
        json_null(document, "descriptors");
        return;
    }
    json_object(document, "descriptors");
    while ((entry = readdir(directory))) {
        if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(directory))
            continue;
        snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        see_link(document, entry->d_name, path);
    }
    json_close(document);
    closedir(directory);
}

static void see_terminals(struct json *document)
{
    char name[16], path[256];
    struct winsize size;

    json_object(document, "terminals");
    for (int fd = 0; fd < 3; fd++) {
        if (!isatty(fd))
            continue;
        snprintf(name, sizeof name, "%d", fd);
        json_object(document, name);
        if (ttyname_r(fd, path, sizeof path) == 0)
            json_string(document, "name", path);
        else
            json_null(document, "name");
        if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
            json_unsigned(document, "height", size.ws_row);
            json_unsigned(document, "width", size.ws_col);
        }
        see_status(document, "file", path, true);
        json_boolean(document, "controlling", tcgetsid(fd) == getsid(0));
        json_close(document);
    }
    json_close(document);
}

static void see_clocks(struct json *document)
{
    static const struct { const char *name; clockid_t id; } clocks[] = {
        {"realtime", CLOCK_REALTIME}, {"monotonic", CLOCK_MONOTONIC}, {"boottime", CLOCK_BOOTTIME},
    };
    struct timespec now;

    json_object(document, "clocks");
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        clock_gettime(clocks[i].id, &now);
        json_integer(document, clocks[i].name, now.tv_sec * 1000000000LL + now.tv_nsec);
    }
    json_close(document);
}

/* ioprio_get(2) of a process that this one makes; -1 if it cannot make one. */
static long io_priority_of_child(void)
{
    long priority = -1;
    int ends[2];
    pid_t child;

    if (pipe(ends) < 0)
        return -1;
    child = fork();
    if (child == 0) {
        priority = syscall(SYS_ioprio_get, 1, 0);
        _exit(write(ends[1], &priority, sizeof priority) != sizeof priority);
    }
    close(ends[1]);
    if (child < 0 || read(ends[0], &priority, sizeof priority) != sizeof priority)
        priority = -1;
    close(ends[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
    return priority;
}

/* sched_getattr(2): the C library has no function for it. */
struct scheduling_attributes {
    unsigned int size, policy;
    unsigned long long flags;
    int nice;
    unsigned int priority;
    unsigned long long runtime, deadline, period;
};

static void see_scheduling(struct json *document, bool forks)
{
    struct scheduling_attributes attributes = {0};
    struct sched_param parameters = {0};
    unsigned long nodes[16] = {0};
    const int bits = 8 * sizeof *nodes;
    cpu_set_t set;
    int mode = -1;

    json_object(document, "scheduling");
    json_integer(document, "policy", sched_getscheduler(0));
    sched_getparam(0, &parameters);
    json_integer(document, "priority", parameters.sched_priority);
    json_integer(document, "nice", getpriority(PRIO_PROCESS, 0));
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) == 0) {
        json_unsigned(document, "flags", attributes.flags);
        json_unsigned(document, "runtime", attributes.runtime);
        json_unsigned(document, "deadline", attributes.deadline);
        json_unsigned(document, "period", attributes.period);
    }
    json_integer(document, "io_priority", syscall(SYS_ioprio_get, 1, 0));
    if (forks)
        json_integer(document, "io_priority_of_child", io_priority_of_child());
    json_integer(document, "personality", personality(0xffffffff));
    syscall(SYS_get_mempolicy, &mode, nodes, 8 * sizeof nodes, NULL, 0UL);
    json_integer(document, "memory_policy", mode);
    json_array(document, "memory_nodes");
    for (int node = 0; node < 16 * bits; node++)
        if (nodes[node / bits] >> node % bits & 1)
            json_integer(document, NULL, node);
    json_close(document);
    json_array(document, "cpus");
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            if (CPU_ISSET(cpu, &set))
                json_integer(document, NULL, cpu);
    json_close(document);
    json_close(document);
}

static void see_names(struct json *document)
{
    struct utsname names;

    uname(&names);
    json_string(document, "hostname", names.nodename);
    json_string(document, "domainname", names.domainname);
    json_string(document, "machine", names.machine);
}

static void see_files(struct json *document)
{
    static const char *const paths[] = {
        "/proc/self/status", "/proc/self/mountinfo", "/proc/self/cgroup", "/proc/self/oom_score_adj",
        "/proc/self/attr/current", "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/timens_offsets",
        "/proc/sys/kernel/pid_max",
    };

    json_object(document, "files");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        see_file(document, paths[i], paths[i]);
    json_close(document);
}

int report_facts(char **argv)
{
    struct json *document = json_begin("facts");
    const char *log = option(argv, "--log");
    char cwd[4096];

    see_strings(document, "argv", argv);
    see_strings(document, "environ", environ);
    if (getcwd(cwd, sizeof cwd))
        json_string(document, "cwd", cwd);
    else
        json_null(document, "cwd");
    see_ids(document);
    see_names(document);
    see_limits(document);
    see_capabilities(document);
    see_namespaces(document, "namespaces", "self");
    see_descriptors(document);
    see_terminals(document);
    see_clocks(document);
    see_scheduling(document, option(argv, "--fork") != NULL);
    see_files(document);
    see_status(document, "root", "/", true);
    see_link(document, "executable", "/proc/self/exe");
    json_end(document, STDOUT_FILENO);
    if (log) {
        const char *name = option(argv, "--name");
        struct json *entry = json_begin("program");

        json_string(entry, "name", name ? name : "program");
        append_to_log(log, entry);
    }
    return (int)number_option(argv, "--status", 0);
}
