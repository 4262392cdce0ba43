/* SPDX-License-Identifier: Apache-2.0
 *
 * Logs as JSON; see log-format.h.
 */

#include <config.h>
#include "base/log-format.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/json-write.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "util.h"

/* Before each field of a record; vlog makes all but the last, the message,
 * which may have any bytes. */
#define LOG_MARK "\x1f"

#define LOG_PATTERN LOG_MARK "%D{%Y-%m-%dT%H:%M:%S.###Z}" LOG_MARK "%p"     \
    LOG_MARK "%c" LOG_MARK "%m"

/* Fields of an object, in the order of the pattern. */
static const char *const log_names[] = { "time", "level", "module",
                                         "message" };
#define LOG_FIELDS ARRAY_SIZE(log_names)

static void
log_put_field(struct ds *line, const char *name, const char *text,
              size_t length)
{
    ds_put_format(line, "%s\"%s\": ", line->length ? ", " : "{", name);
    json_put_string(line, text, length);
}

/* Adds the fields that vlog makes.  Returns where the message begins: at once,
 * if the text is no record. */
static const char *
log_put_record(struct ds *line, const char *text, const char *end)
{
    const char *fields[LOG_FIELDS];
    const char *p = text;

    for (size_t i = 0; i < LOG_FIELDS; i++) {
        p = memchr(p, *LOG_MARK, end - p);
        if (!p || (!i && p != text)) {
            return text;
        }
        fields[i] = ++p;
    }
    for (size_t i = 0; i < LOG_FIELDS - 1; i++) {
        log_put_field(line, log_names[i], fields[i],
                      fields[i + 1] - fields[i] - 1);
    }
    return fields[LOG_FIELDS - 1];
}

/* Writes all of it; what cannot be written is lost. */
static void
log_write(const struct ds *line)
{
    size_t done = 0;

    while (done < line->length) {
        ssize_t n = write(STDERR_FILENO, line->string + done,
                          line->length - done);

        if (n <= 0 && errno != EINTR) {
            break;
        }
        done += MAX(n, 0);
    }
}

/* Writes one record, or one line of another origin. */
static void
log_put_line(const char *text, const char *end)
{
    struct ds line = DS_EMPTY_INITIALIZER;

    while (end > text && end[-1] == '\n') {
        end--;
    }
    if (end > text) {
        const char *message = log_put_record(&line, text, end);

        log_put_field(&line, "program", program_name, strlen(program_name));
        log_put_field(&line, "message", message, end - message);
        ds_put_cstr(&line, "}\n");
        log_write(&line);
    }
    ds_destroy(&line);
}

/* Takes what one call has printed to stderr.  vlog prints a record at once,
 * with its last new-line and maybe others before; ovs_fatal() prints in
 * pieces. */
static ssize_t
log_take(void *pieces_, const char *text, size_t length)
{
    struct ds *pieces = pieces_;

    ds_put_buffer(pieces, text, length);
    if (length && text[length - 1] == '\n') {
        log_put_line(pieces->string, pieces->string + pieces->length);
        ds_clear(pieces);
    }
    return length;
}

void
log_format_set_json(void)
{
    const cookie_io_functions_t functions = { .write = log_take };
    static struct ds pieces = DS_EMPTY_INITIALIZER;
    FILE *stream = fopencookie(&pieces, "w", functions);

    if (!stream) {
        ovs_fatal(errno, "fopencookie");
    }
    setvbuf(stream, NULL, _IONBF, 0);
    stderr = stream;
    vlog_set_pattern(VLF_CONSOLE, LOG_PATTERN);
}
