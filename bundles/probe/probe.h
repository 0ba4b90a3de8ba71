/* The probe: the process of every container of the suite, and every hook. It reports what it sees, and judges nothing.
 *
 * Each report is one line, a JSON object whose first member is "probe" and whose last is "end"; a line without "end"
 * was cut off. Text that is no UTF-8 comes as lone surrogates, one for each byte, as Python's surrogateescape wants it.
 */
#ifndef PROBE_H
#define PROBE_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* json.c: a document that is built in memory and written in one go. */
struct json;

struct json *json_begin(const char *kind);
void json_end(struct json *document, int fd);
void json_object(struct json *document, const char *name);
void json_array(struct json *document, const char *name);
void json_close(struct json *document);
void json_string(struct json *document, const char *name, const char *value);
void json_bytes(struct json *document, const char *name, const char *value, size_t length);
void json_integer(struct json *document, const char *name, long long value);
void json_unsigned(struct json *document, const char *name, unsigned long long value);
void json_boolean(struct json *document, const char *name, bool value);
void json_null(struct json *document, const char *name);

/* arguments.c: `--name=value`. */
const char *option(char **argv, const char *name);
long number_option(char **argv, const char *name, long otherwise);

/* see.c: what several modes report. */
void see_strings(struct json *document, const char *name, char **strings);
void see_namespaces(struct json *document, const char *name, const char *process);
void see_file(struct json *document, const char *name, const char *path);
void see_link(struct json *document, const char *name, const char *path);
void see_status(struct json *document, const char *name, const char *path, bool follow);
void append_to_log(const char *path, struct json *document);

/* consume.c: operations of mode `try`. */
int try_fork(char **words, struct json *result);
int try_allocate(char **words, struct json *result);
/* isolated.c: operations of mode `try` on what network and ipc namespaces isolate. */
int try_links(char **words, struct json *result);
int try_link(char **words, struct json *result);
int try_connect(char **words, struct json *result);
int try_message_queue(char **words, struct json *result);
int try_mqueue(char **words, struct json *result);
/* call.c: operations of mode `try`. */
int try_call(char **words, struct json *result);
int try_call_in_process(char **words, struct json *result);
int try_call_in_thread(char **words, struct json *result);
int try_call_traced(char **words, struct json *result);
int try_call32(char **words, struct json *result);

int report_facts(char **argv);
int try_operations(char **argv);
int say_effective_user(char **argv);
int hold(char **argv);
int run_as_hook(char **argv);

#endif
