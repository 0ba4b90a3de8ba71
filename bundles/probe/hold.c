/* Mode `hold`: say that the program runs, then stay and report every signal, until one that ends it.
 *
 * Options: --log=FILE --name=NAME also note in a log that the program ran; --exit-on=N ends at signal N, with
 * --status=N as exit status.
 */
#include "probe.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int hold(char **argv)
{
    long last = number_option(argv, "--exit-on", 0);
    const char *log = option(argv, "--log");
    siginfo_t received;
    sigset_t all;
    struct json *document;

    /* A blocked signal reaches a process 1, too, which would otherwise never see one that it has no handler for. */
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    document = json_begin("ready");
    json_integer(document, "pid", getpid());
    json_end(document, STDOUT_FILENO);
    if (log) {
        const char *name = option(argv, "--name");

        document = json_begin("program");
        json_string(document, "name", name ? name : "program");
        append_to_log(log, document);
    }
    for (;;) {
        if (sigwaitinfo(&all, &received) < 0) {
            if (errno == EINTR)
                continue;
            return 121;
        }
        if (received.si_signo == SIGCHLD)
            while (waitpid(-1, NULL, WNOHANG) > 0)
                ;
        document = json_begin("signal");
        json_integer(document, "signal", received.si_signo);
        json_end(document, STDOUT_FILENO);
        if (received.si_signo == last)
            return (int)number_option(argv, "--status", 0);
    }
}
