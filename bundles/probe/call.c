/* System calls as such, for filters of them: made in the program itself, in a process or a thread of its own, under a
 * tracer, and by the numbers of another architecture. Each has six arguments, whether the kernel looks at them or not.
 */
#include "probe.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS 6
#define STACK (64 * 1024)

/* Exit statuses of a process that came to its end: the call was made and came back, or it never came back. */
#define RETURNED 0
#define NOT_RETURNED 1

static volatile sig_atomic_t signalled;
static volatile int returned;

struct call {
    long number;
    unsigned long arguments[ARGUMENTS];
};

static bool parse(char **words, struct call *call)
{
    static const struct { const char *name; long number; } names[] = {
        {"umask", SYS_umask}, {"getpriority", SYS_getpriority},
    };

    call->number = -1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i].name, words[1]))
            call->number = names[i].number;
    for (int i = 0; i < ARGUMENTS; i++)
        call->arguments[i] = strtoul(words[i + 2], NULL, 0);
    if (call->number < 0)
        errno = ENOTSUP;
    return call->number >= 0;
}

static long make(const struct call *call)
{
    const unsigned long *a = call->arguments;

    return syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void note_signal(int number)
{
    signalled = number;
}

/* call NAME A B C D E F: `signal` is the one that the call brought, if any. */
int try_call(char **words, struct json *result)
{
    struct sigaction handler = {.sa_handler = note_signal};
    struct call call;
    long outcome;
    int saved;

    if (!parse(words, &call))
        return -1;
    sigaction(SIGSYS, &handler, NULL);
    signalled = 0;
    outcome = make(&call);
    saved = errno;
    json_integer(result, "signal", signalled);
    errno = saved;
    return outcome < 0 ? -1 : 0;
}

/* The number of the signal that ended a process, and else its exit status. */
static int report_end(struct json *result, int status)
{
    json_integer(result, "signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    json_integer(result, "exit_status", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}

static pid_t fork_quietly(void)
{
    pid_t child = fork();

    if (child == 0) {
        /* No core dump of it is wanted. */
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        /* A filter that kills does so all the same, and one that only sends the signal does not. */
        signal(SIGSYS, note_signal);
    }
    return child;
}

static int call_and_return(void *argument)
{
    make(argument);
    returned = 1;
    syscall(SYS_exit, 0);
    return 0;
}

/* in-process NAME A B C D E F: the same in a process of its own, and how that ended. */
int try_call_in_process(char **words, struct json *result)
{
    struct call call;
    int status;
    pid_t child;

    if (!parse(words, &call))
        return -1;
    child = fork_quietly();
    if (child == 0) {
        make(&call);
        _exit(RETURNED);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return -1;
    return report_end(result, status);
}

/* in-thread NAME A B C D E F: the same in the second thread of a process of its own, and how that process ended. */
int try_call_in_thread(char **words, struct json *result)
{
    static char stack[STACK] __attribute__((aligned(16)));
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                      CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    struct call call;
    int status;
    pid_t child;

    if (!parse(words, &call))
        return -1;
    child = fork_quietly();
    if (child == 0) {
        static volatile int thread;

        if (clone(call_and_return, stack + STACK, flags, &call, &thread, NULL, &thread) < 0)
            _exit(123);
        /* The kernel sets it to 0 when the thread has ended, however it did. */
        for (int now; (now = thread) != 0;)
            syscall(SYS_futex, &thread, FUTEX_WAIT, now, NULL, NULL, 0);
        _exit(returned ? RETURNED : NOT_RETURNED);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return -1;
    return report_end(result, status);
}

/* traced NAME A B C D E F: the same in a process of its own that is traced; `message` is what its tracer is told. */
int try_call_traced(char **words, struct json *result)
{
    unsigned long message;
    struct call call;
    int status;
    pid_t child;

    if (!parse(words, &call))
        return -1;
    child = fork_quietly();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
            _exit(123);
        raise(SIGSTOP);
        make(&call);
        _exit(RETURNED);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return -1;
    if (WIFSTOPPED(status)) {
        ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL);
        ptrace(PTRACE_CONT, child, NULL, NULL);
        if (waitpid(child, &status, 0) < 0)
            return -1;
    }
    if (WIFSTOPPED(status) && status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
        if (ptrace(PTRACE_GETEVENTMSG, child, NULL, &message) == 0)
            json_unsigned(result, "message", message);
        ptrace(PTRACE_CONT, child, NULL, NULL);
        if (waitpid(child, &status, 0) < 0)
            return -1;
    }
    return report_end(result, status);
}

/* call32 NUMBER A: a system call of 32-bit x86, in a process of its own; `exit_status` is the errno. */
int try_call32(char **words, struct json *result)
{
#ifdef __x86_64__
    int status;
    pid_t child = fork_quietly();

    if (child == 0) {
        int outcome;

        __asm__ volatile("int $0x80"
                         : "=a"(outcome)
                         : "0"(atoi(words[1])), "b"(atoi(words[2])), "c"(0), "d"(0), "S"(0), "D"(0)
                         : "memory", "r8", "r9", "r10", "r11");
        _exit(outcome < 0 ? -outcome : 0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return -1;
    return report_end(result, status);
#else
    (void)words;
    (void)result;
    errno = ENOSYS;
    return -1;
#endif
}
