/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames of the unix sockets; see frame.h.
 */

#include <config.h>
#include "octavia/frame.h"
#include <string.h>
#include "base/json-read.h"
#include "openvswitch/json.h"
#include "util.h"

/* Digits of a length: more of them than any limit has. */
#define DIGITS_MAX 9

void
frame_init(struct frame *frame, size_t bytes_max)
{
    *frame = (struct frame) {
        .state = FRAME_HEAD,
        .bytes_max = bytes_max,
        .payload = DS_EMPTY_INITIALIZER,
    };
}

void
frame_uninit(struct frame *frame)
{
    ds_destroy(&frame->payload);
}

static void
frame_spoil(struct frame *frame, const char *error)
{
    frame->state = FRAME_BAD;
    frame->error = error;
}

static void
end_head(struct frame *frame)
{
    if (!frame->n_digits) {
        frame_spoil(frame, "no length");
    } else if (frame->length > frame->bytes_max) {
        frame_spoil(frame, "too long");
    } else {
        /* Memory grows with the bytes that arrive, not with the length
         * announced. */
        frame->state = frame->length ? FRAME_BODY : FRAME_DONE;
    }
}

static void
put_frame_head(struct frame *frame, char c)
{
    if (c == '\n') {
        end_head(frame);
    } else if (c < '0' || c > '9') {
        frame_spoil(frame, "the length is no number");
    } else if (++frame->n_digits > DIGITS_MAX) {
        frame_spoil(frame, "too long");
    } else {
        frame->length = frame->length * 10 + (c - '0');
    }
}

static size_t
put_body(struct frame *frame, const char *data, size_t n)
{
    size_t n_wanted = frame->length - frame->payload.length;
    size_t n_taken = MIN(n, n_wanted);

    ds_put_buffer(&frame->payload, data, n_taken);
    if (n_taken == n_wanted) {
        frame->state = FRAME_DONE;
    }
    return n_taken;
}

enum frame_state
frame_put(struct frame *frame, const char *data, size_t n)
{
    size_t i = 0;

    while (i < n && frame->state == FRAME_HEAD) {
        put_frame_head(frame, data[i++]);
    }
    if (i < n && frame->state == FRAME_BODY) {
        i += put_body(frame, &data[i], n - i);
    }
    if (i < n && frame->state == FRAME_DONE) {
        frame_spoil(frame, "more than was announced");
    }
    return frame->state;
}

enum frame_state
frame_end(struct frame *frame)
{
    if (frame_is_open(frame)) {
        frame_spoil(frame, "cut off");
    }
    return frame->state;
}

bool
frame_is_open(const struct frame *frame)
{
    return frame->state == FRAME_HEAD || frame->state == FRAME_BODY;
}

struct json *
frame_read(const struct frame *frame)
{
    ovs_assert(frame->state == FRAME_DONE);
    return json_read(ds_cstr_ro(&frame->payload), frame->payload.length);
}

void
frame_write(const struct json *json, struct ds *out)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    json_to_ds(json, 0, &text);
    ds_put_format(out, "%"PRIuSIZE"\n", text.length);
    ds_put_buffer(out, text.string, text.length);
    ds_destroy(&text);
}
