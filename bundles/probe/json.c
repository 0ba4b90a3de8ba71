/* A writer of JSON. The probe has to be small and static, so it brings its own. */
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEEPEST 32

struct json {
    char *text;
    size_t length;
    size_t room;
    /* For each level: whether it is an array, and whether it has an entry already. */
    bool array[DEEPEST];
    bool begun[DEEPEST];
    int depth;
};

static void put(struct json *document, const char *text, size_t length)
{
    if (document->length + length > document->room) {
        document->room = (document->length + length) * 2 + 4096;
        document->text = realloc(document->text, document->room);
        if (!document->text)
            _exit(125);
    }
    memcpy(document->text + document->length, text, length);
    document->length += length;
}

static void put_text(struct json *document, const char *text)
{
    put(document, text, strlen(text));
}

/* How many bytes the UTF-8 sequence at `bytes` has; 0 if it is none. */
static size_t sequence(const unsigned char *bytes, size_t left)
{
    size_t length = bytes[0] < 0x80 ? 1 : bytes[0] >= 0xc2 && bytes[0] < 0xe0 ? 2
                  : (bytes[0] & 0xf0) == 0xe0 ? 3 : bytes[0] >= 0xf0 && bytes[0] < 0xf5 ? 4 : 0;

    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, and what lies beyond Unicode. */
    if ((bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xed && bytes[1] >= 0xa0)
        || (bytes[0] == 0xf0 && bytes[1] < 0x90) || (bytes[0] == 0xf4 && bytes[1] >= 0x90))
        return 0;
    return length;
}

static void put_string(struct json *document, const char *value, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)value;
    char escape[16];

    put_text(document, "\"");
    for (size_t i = 0; i < length;) {
        size_t valid = sequence(bytes + i, length - i);

        if (valid == 0) {
            snprintf(escape, sizeof escape, "\\udc%02x", bytes[i]);
            put_text(document, escape);
            i++;
        } else if (bytes[i] == '"' || bytes[i] == '\\' || bytes[i] < 0x20 || bytes[i] == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", bytes[i]);
            put_text(document, escape);
            i++;
        } else {
            put(document, value + i, valid);
            i += valid;
        }
    }
    put_text(document, "\"");
}

static void name_entry(struct json *document, const char *name)
{
    if (document->begun[document->depth])
        put_text(document, ",");
    document->begun[document->depth] = true;
    if (!document->array[document->depth]) {
        put_string(document, name, strlen(name));
        put_text(document, ":");
    }
}

static void open_level(struct json *document, const char *name, bool array)
{
    name_entry(document, name);
    put_text(document, array ? "[" : "{");
    if (++document->depth == DEEPEST)
        _exit(125);
    document->array[document->depth] = array;
    document->begun[document->depth] = false;
}

struct json *json_begin(const char *kind)
{
    struct json *document = calloc(1, sizeof *document);

    if (!document)
        _exit(125);
    put_text(document, "{");
    json_string(document, "probe", kind);
    return document;
}

void json_object(struct json *document, const char *name)
{
    open_level(document, name, false);
}

void json_array(struct json *document, const char *name)
{
    open_level(document, name, true);
}

void json_close(struct json *document)
{
    put_text(document, document->array[document->depth--] ? "]" : "}");
}

void json_bytes(struct json *document, const char *name, const char *value, size_t length)
{
    name_entry(document, name);
    put_string(document, value, length);
}

void json_string(struct json *document, const char *name, const char *value)
{
    json_bytes(document, name, value, strlen(value));
}

void json_integer(struct json *document, const char *name, long long value)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", value);
    name_entry(document, name);
    put_text(document, text);
}

void json_unsigned(struct json *document, const char *name, unsigned long long value)
{
    char text[32];

    snprintf(text, sizeof text, "%llu", value);
    name_entry(document, name);
    put_text(document, text);
}

void json_boolean(struct json *document, const char *name, bool value)
{
    name_entry(document, name);
    put_text(document, value ? "true" : "false");
}

void json_null(struct json *document, const char *name)
{
    name_entry(document, name);
    put_text(document, "null");
}

void json_end(struct json *document, int fd)
{
    size_t written = 0;

    json_boolean(document, "end", true);
    put_text(document, "}\n");
    while (written < document->length) {
        ssize_t result = write(fd, document->text + written, document->length - written);

        if (result <= 0)
            _exit(124);
        written += (size_t)result;
    }
    free(document->text);
    free(document);
}
