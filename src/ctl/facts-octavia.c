/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks an existing Octavia for what OVN_Octavia does not have of a load
 * balancer; see facts.h.  Where Octavia's driver-agent does not run, explain
 * goes without it.
 */

#include <config.h>
#include <stdlib.h>
#include "base/octavia-conf.h"
#include "ctl/context.h"
#include "ctl/facts.h"
#include "model/objects.h"
#include "octavia/exchange.h"
#include "octavia/get-socket.h"
#include "octavia/unserved.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

/* A driver-agent that is there answers at once. */
#define ANSWER_MS 5000

struct octavia_question {
    struct facts *facts;
    bool is_over;
};

static void
facts_take_model(const struct get_reply *reply, void *question_)
{
    struct octavia_question *question = question_;

    question->is_over = true;
    if (!reply->error && reply->object) {
        question->facts->security_groups
            = unserved_security_groups(reply->object);
    }
}

void
facts_gather_octavia(struct context *ctx, struct facts *facts)
{
    struct octavia_question question = { .facts = facts };
    char *error = NULL;

    if (!ctx->octavia_conf) {
        return;
    }

    struct octavia_conf *conf = octavia_conf_load(ctx->octavia_conf, &error);
    struct exchanger *get = exchanger_create(get_socket_path(conf), 1,
                                             ANSWER_MS);
    get_send(get, RESOURCE_LOAD_BALANCER, &facts->lb->base.id,
             facts_take_model, &question);
    for (;;) {
        exchanger_run(get);
        if (question.is_over) {
            break;
        }
        exchanger_wait(get);
        poll_block();
    }
    exchanger_destroy(get);
    octavia_conf_destroy(conf);
    free(error);
}
