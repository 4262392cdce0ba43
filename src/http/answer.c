/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers in flight; see answer.h.
 */

#include <config.h>
#include "http/answer.h"
#include <string.h>
#include "coverage.h"
#include "http/server-private.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_answer);

COVERAGE_DEFINE(http_answer_given_up);

/* Smaller ones are the library's: the socket takes them at once. */
#define PIECEWISE_BYTES_MIN (64 * 1024)
#define PIECE_BYTES (32 * 1024)

void
answer_release(struct http_request *rq)
{
    rq->server->answers_bytes -= rq->answer_bytes;
    rq->answer_bytes = 0;
    ds_destroy(&rq->answer);
    ds_init(&rq->answer);
}

/* Returns the client whose last piece was fetched the longest time ago, NULL
 * if 'rq' is the only one. */
static struct http_request *
answer_find_victim(const struct http_request *rq)
{
    struct http_request *victim = NULL;
    struct http_request *other;

    LIST_FOR_EACH (other, node, &rq->server->sending) {
        if (other != rq && other->answer.length
            && (!victim || other->heard_ms < victim->heard_ms)) {
            victim = other;
        }
    }
    return victim;
}

static void
answer_make_room(const struct http_request *rq)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
    struct http_server *server = rq->server;
    struct http_request *victim;

    while (server->answers_bytes > server->options.answers_bytes_max
           && (victim = answer_find_victim(rq))) {
        COVERAGE_INC(http_answer_given_up);
        VLOG_WARN_RL(&rl, "%"PRIuSIZE" bytes of answers wait to be fetched: "
                     "the slowest client is cut off", server->answers_bytes);
        answer_release(victim);
        http_request_cut_for(victim, HTTP_CUT_UNFETCHED);
    }
}

/* Copies what follows 'offset'. */
static ssize_t
answer_read(void *rq_, uint64_t offset, char *piece, size_t bytes_max)
{
    struct http_request *rq = rq_;

    if (offset >= rq->answer.length) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }

    size_t bytes = MIN(bytes_max, rq->answer.length - offset);
    memcpy(piece, rq->answer.string + offset, bytes);
    rq->heard_ms = time_msec();
    return bytes;
}

struct MHD_Response *
answer_create(struct http_request *rq, struct ds *body)
{
    size_t bytes = body ? body->length : 0;
    struct MHD_Response *response;

    if (bytes >= PIECEWISE_BYTES_MIN) {
        rq->answer = *body;
        ds_init(body);
        rq->answer_bytes = bytes + PIECE_BYTES;
        response = MHD_create_response_from_callback(bytes, PIECE_BYTES,
                                                     answer_read, rq, NULL);
    } else if (bytes) {
        rq->answer_bytes = bytes;
        response = MHD_create_response_from_buffer(
            bytes, ds_steal_cstr(body), MHD_RESPMEM_MUST_FREE);
    } else {
        response = MHD_create_response_from_buffer(
            0, CONST_CAST(char *, ""), MHD_RESPMEM_PERSISTENT);
        if (body) {
            ds_destroy(body);
            ds_init(body);
        }
    }
    if (!response) {
        out_of_memory();
    }
    rq->server->answers_bytes += rq->answer_bytes;
    answer_make_room(rq);
    return response;
}
