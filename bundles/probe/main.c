#include "probe.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    static const struct { const char *name; int (*run)(char **); } modes[] = {
        {"facts", report_facts}, {"try", try_operations}, {"hold", hold}, {"hook", run_as_hook},
        {"euid", say_effective_user},
    };

    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(modes[i].name, argv[1]))
            return modes[i].run(argv);
    fprintf(stderr, "usage: probe facts|try|hold|hook ...\n");
    return 2;
}
