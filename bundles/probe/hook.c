/* Mode `hook`: append what a hook sees to a log.
 *
 * Options: --log=FILE, --name=NAME; --status=N is the exit status; --wait=FIFO blocks until a byte comes through the
 * FIFO; --inspect=yes looks at the process whose ID stands in the state on stdin.
 * At the end, a second report says so: two hooks that overlap can be told from two that do not.
 */
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Seconds after which a hook ends whatever happens, so that none is left behind. */
#define LONGEST 120
/* Milliseconds to wait for the end of a stdin that does not end. */
#define PATIENCE 10000
#define LARGEST (1 << 20)

extern char **environ;

static char *read_stdin(size_t *length, bool *ended)
{
    char *content = malloc(LARGEST + 1);
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

    if (!content)
        _exit(125);
    *length = 0;
    *ended = false;
    while (*length < LARGEST && poll(&input, 1, PATIENCE) > 0) {
        ssize_t result = read(STDIN_FILENO, content + *length, LARGEST - *length);

        if (result <= 0) {
            *ended = result == 0;
            break;
        }
        *length += (size_t)result;
    }
    content[*length] = 0;
    return content;
}

/* The ID of the container process, as the state on stdin has it. */
static void inspect(struct json *document, const char *state)
{
    const char *found = strstr(state, "\"pid\"");
    char pid[24], path[64];

    if (!found || !(found = strchr(found, ':'))) {
        json_null(document, "process");
        return;
    }
    snprintf(pid, sizeof pid, "%ld", strtol(found + 1, NULL, 10));
    json_object(document, "process");
    json_string(document, "pid", pid);
    see_namespaces(document, "namespaces", pid);
    snprintf(path, sizeof path, "/proc/%s/cmdline", pid);
    see_file(document, "cmdline", path);
    snprintf(path, sizeof path, "/proc/%s/mountinfo", pid);
    see_file(document, "mountinfo", path);
    snprintf(path, sizeof path, "/proc/%s/cgroup", pid);
    see_file(document, "cgroup", path);
    snprintf(path, sizeof path, "/proc/%s/root", pid);
    see_status(document, "root", path, true);
    json_close(document);
}

static void wait_for(const char *fifo)
{
    char byte;
    int fd = open(fifo, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, &byte, 1) < 0)
        _exit(119);
    close(fd);
}

int run_as_hook(char **argv)
{
    const char *log = option(argv, "--log"), *name = option(argv, "--name"), *fifo = option(argv, "--wait");
    bool ended;
    size_t length;
    char *state;
    char cwd[4096];
    struct json *document;

    alarm(LONGEST);
    if (!log || !name)
        return 120;
    state = read_stdin(&length, &ended);
    document = json_begin("hook");
    json_string(document, "name", name);
    json_integer(document, "pid", getpid());
    json_bytes(document, "stdin", state, length);
    json_boolean(document, "stdin_ended", ended);
    see_strings(document, "argv", argv);
    see_strings(document, "environ", environ);
    if (getcwd(cwd, sizeof cwd))
        json_string(document, "cwd", cwd);
    else
        json_null(document, "cwd");
    see_namespaces(document, "namespaces", "self");
    see_status(document, "root", "/", true);
    see_status(document, "executable", "/proc/self/exe", true);
    see_file(document, "mountinfo", "/proc/self/mountinfo");
    if (option(argv, "--inspect"))
        inspect(document, state);
    else
        json_null(document, "process");
    append_to_log(log, document);
    if (fifo)
        wait_for(fifo);
    document = json_begin("hook-end");
    json_string(document, "name", name);
    append_to_log(log, document);
    return (int)number_option(argv, "--status", 0);
}
