/* Operations of mode `try` that take what a cgroup may limit. Whatever becomes of them, the probe itself stays. */
#include "probe.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* fork COUNT: have so many children at a time; `count` is how many there could be. */
int try_fork(char **words, struct json *result)
{
    long wanted = strtol(words[1], NULL, 10), made = 0;
    pid_t *children = calloc((size_t)wanted, sizeof *children);
    int failure = 0;

    if (!children)
        return -1;
    while (made < wanted && !failure) {
        pid_t child = fork();

        if (child == 0) {
            pause();
            _exit(0);
        }
        if (child < 0)
            failure = errno;
        else
            children[made++] = child;
    }
    for (long i = 0; i < made; i++)
        kill(children[i], SIGKILL);
    for (long i = 0; i < made; i++)
        waitpid(children[i], NULL, 0);
    free(children);
    json_integer(result, "count", made);
    errno = failure;
    return failure ? -1 : 0;
}

/* allocate BYTES: have a child use so much memory; `signal` is the one that ended it, 0 if it could. */
int try_allocate(char **words, struct json *result)
{
    size_t size = (size_t)strtoull(words[1], NULL, 10);
    int status;
    pid_t child = fork();

    if (child == 0) {
        char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (memory == MAP_FAILED)
            _exit(1);
        memset(memory, 1, size);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return -1;
    json_integer(result, "signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    errno = ENOMEM;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}
