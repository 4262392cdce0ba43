/* SPDX-License-Identifier: Apache-2.0
 *
 * The load generator's HTTP client; see http.h.
 */

#include "http.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define CHUNK 65536
#define REPLY_SECONDS 300       /* Then the server hangs. */

#define REQUEST_HEAD "%s %s HTTP/1.1\r\nHost: localhost\r\n" \
                     "Accept: application/json\r\n"

void
die(const char *format, ...)
{
    va_list args;

    fprintf(stderr, "bench-load: ");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

void
http_init(struct http *http, unsigned int port)
{
    *http = (struct http) { .port = port, .fd = -1 };
}

static void
http_connect(struct http *http)
{
    struct sockaddr_in sin = {
        .sin_family = AF_INET,
        .sin_port = htons(http->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct timeval timeout = { .tv_sec = REPLY_SECONDS };
    int yes = 1;

    http->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (http->fd < 0
        || connect(http->fd, (struct sockaddr *) &sin, sizeof sin)) {
        die("connect to port %u: %s", http->port, strerror(errno));
    }
    setsockopt(http->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(http->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static bool
send_all(int fd, const char *data, size_t bytes)
{
    while (bytes) {
        ssize_t n = send(fd, data, bytes, MSG_NOSIGNAL);
        if (n < 0) {
            return false;
        }
        data += n;
        bytes -= n;
    }
    return true;
}

/* Returns the length of the whole reply in 'text', 0 if its head is not
 * complete, or SIZE_MAX if it has no length and ends with the connection. */
static size_t
reply_bytes(const char *text, const char **body)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\nContent-Length:");

    if (!end) {
        return 0;
    }
    *body = end + 4;
    size_t head = *body - text;
    if (length && length < end) {
        return head + strtoul(length + 17, NULL, 10);
    }
    return strncmp(text + strlen("HTTP/1.1"), " 204 ", 5) ? SIZE_MAX : head;
}

static void
http_close(struct http *http)
{
    close(http->fd);
    http->fd = -1;
}

/* Returns false if the server closed the connection before it answered. */
static bool
read_reply(struct http *http)
{
    size_t n = 0;
    size_t bytes = 0;

    while (!bytes || n < bytes) {
        if (http->reply_allocated < n + CHUNK + 1) {
            http->reply_allocated = 2 * (n + CHUNK + 1);
            http->reply = realloc(http->reply, http->reply_allocated);
            if (!http->reply) {
                die("out of memory");
            }
        }

        ssize_t got = recv(http->fd, http->reply + n, CHUNK, 0);
        if (got < 0 && errno == EAGAIN) {
            die("no reply within %d seconds", REPLY_SECONDS);
        }
        if (got <= 0) {
            if (n && bytes != SIZE_MAX) {
                die("connection closed within a reply");
            }
            break;
        }
        n += got;
        http->reply[n] = '\0';
        if (bytes != SIZE_MAX) {
            bytes = reply_bytes(http->reply, &http->body);
        }
    }
    if (n && bytes == SIZE_MAX) {
        http_close(http);
    }
    return n > 0;
}

int
http_request(struct http *http, const char *method, const char *path,
             const char *body)
{
    char *request;
    int bytes = (body
                 ? asprintf(&request, REQUEST_HEAD
                            "Content-Type: application/json\r\n"
                            "Content-Length: %zu\r\n\r\n%s",
                            method, path, strlen(body), body)
                 : asprintf(&request, REQUEST_HEAD "\r\n", method, path));

    if (bytes < 0) {
        die("out of memory");
    }

    /* A server may close a connection that it thinks is idle: once more. */
    for (int i = 0; i < 2; i++) {
        if (http->fd < 0) {
            http_connect(http);
        }
        if (send_all(http->fd, request, bytes) && read_reply(http)) {
            free(request);
            return strtol(http->reply + strlen("HTTP/1.1 "), NULL, 10);
        }
        http_close(http);
    }
    die("%s %s: connection closed", method, path);
}

/* 's' is at a quotation mark; returns what is behind the closing one. */
static const char *
skip_string(const char *s)
{
    for (s++; *s && *s != '"'; s++) {
        if (*s == '\\' && s[1]) {
            s++;
        }
    }
    return *s ? s + 1 : s;
}

void
json_get_string(const char *json, const char *name, char *value, size_t size)
{
    size_t name_bytes = strlen(name);
    int depth = 0;

    for (const char *s = json; *s; ) {
        if (*s != '"') {
            depth += (*s == '{' || *s == '[') - (*s == '}' || *s == ']');
            s++;
            continue;
        }

        const char *end = skip_string(s);
        bool found = (depth == 2 && (size_t) (end - s) == name_bytes + 2
                      && !strncmp(s + 1, name, name_bytes));
        s = end + strspn(end, " ");
        if (found && *s == ':') {
            s += 1 + strspn(s + 1, " ");
            end = *s == '"' ? skip_string(s) : s;
            if (end - s < 2 || (size_t) (end - s - 2) >= size) {
                break;
            }
            memcpy(value, s + 1, end - s - 2);
            value[end - s - 2] = '\0';
            return;
        }
    }
    die("no \"%s\" in: %.500s", name, json);
}
