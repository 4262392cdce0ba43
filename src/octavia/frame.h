/* SPDX-License-Identifier: Apache-2.0
 *
 * The frame of JSON on the unix sockets of octavia-lib, and on our own that
 * stands beside them: the length of the payload in bytes as a decimal number,
 * a newline, and the payload.  One object each way, then the connection ends.
 *
 * Takes what has arrived, in pieces of any size.  Never blocks, for it never
 * touches a socket.
 */

#ifndef OCTAVIA_FRAME_H
#define OCTAVIA_FRAME_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/dynamic-string.h"

struct json;

enum frame_state {
    FRAME_HEAD,                 /* Wants (more of) the length. */
    FRAME_BODY,                 /* Wants (more of) the payload. */
    FRAME_DONE,                 /* All there. */
    FRAME_BAD,                  /* 'error' says why.  There is no way to find
                                 * the next frame. */
};

struct frame {
    enum frame_state state;
    const char *error;          /* Static storage. */
    size_t bytes_max;           /* The payload's. */
    size_t n_digits;            /* The length's, so far. */
    size_t length;              /* The payload's, as announced. */
    struct ds payload;
};

void frame_init(struct frame *, size_t bytes_max);
void frame_uninit(struct frame *);

/* Takes 'n' bytes.  Bytes behind the end of the payload are an error. */
enum frame_state frame_put(struct frame *, const char *data, size_t n);

/* The peer will send no more.  Returns the state, which is FRAME_BAD now if it
 * was not FRAME_DONE. */
enum frame_state frame_end(struct frame *);

/* True while more may come. */
bool frame_is_open(const struct frame *);

/* The payload of a frame that is done.  NULL if it is no JSON that we read
 * (base/json-read.h).  The caller owns the result. */
struct json *frame_read(const struct frame *);

/* Appends 'json' as a frame. */
void frame_write(const struct json *, struct ds *);

#endif /* octavia/frame.h */
