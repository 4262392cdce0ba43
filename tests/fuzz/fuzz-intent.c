/* SPDX-License-Identifier: Apache-2.0
 *
 * What an existing Octavia wants, and has, as rows of OVN_Octavia: whatever is
 * accepted can be written, and is then what was asked for.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "base/json-read.h"
#include "check.h"
#include "fuzz.h"
#include "model-fixture.h"
#include "model/objects.h"
#include "octavia/body.h"
#include "octavia/compare.h"
#include "octavia/intent-private.h"
#include "openvswitch/json.h"
#include "ovsdb-idl.h"
#include "store-check.h"
#include "store/import.h"
#include "util.h"
#include "uuid.h"

/* What is there already: B1 of model-fixture.h, with what is below it. */
static const char tree[] =
    "lb 10.0.1.5 subnet=S1 net=N1\n"
    "listener L1 tcp 80 pool=P1\n"
    "pool P1 tcp affinity\n"
    "monitor H1 tcp 5 3 3 3\n"
    "member M1 10.0.2.1 81 weight=7\n"
    "pool P2 udp source_ip deleting PENDING_DELETE/ONLINE\n";

static void
import_tree(struct ovsdb_idl_txn *txn)
{
    static struct model_lb *lb;

    if (!lb) {
        lb = model_lb_parse(tree);
    }
    store_import_lb(txn, lb);
}

static void
forbid_difference(const struct difference *difference, void *aux OVS_UNUSED)
{
    if (difference->kind != DIFFERENCE_BAD) {
        fprintf(stderr, "difference %d: "UUID_FMT" %s: %s, not %s\n",
                difference->kind, UUID_ARGS(&difference->id),
                difference->field ? difference->field : "",
                difference->ours ? difference->ours : "",
                difference->theirs ? difference->theirs : "");
        abort();
    }
}

static void
ignore_difference(const struct difference *difference, void *aux OVS_UNUSED)
{
    if (difference->text) {
        check_line(difference->text, SIZE_MAX);
    }
}

struct wish {
    enum intent_action action;
    enum resource_id resource;
    bool is_batch;
    bool is_lenient, is_strict;
};

/* Of a whole load balancer that was not there. */
static bool
is_new_lb(const struct wish *wish, const struct json *object)
{
    struct uuid id, old = uuid_of("B1");

    return (wish->resource == RESOURCE_LOAD_BALANCER && !wish->is_batch
            && wish->action == INTENT_CREATE
            && body_uuid(object, "loadbalancer_id", &id)
            && !uuid_equals(&id, &old));
}

static bool
collect(struct intent *intent, const struct wish *wish,
        const struct json *object, struct fault **faultp)
{
    struct uuid pool_id = uuid_of("P1");

    if (wish->is_lenient) {
        intent_set_lenient(intent);
    }
    if (wish->is_strict) {
        intent_set_strict(intent);
    }
    return (wish->is_batch
            ? intent_add_batch(intent, &pool_id, object, faultp)
            : intent_add(intent, wish->action, wish->resource, object,
                         faultp));
}

static void
check_wish(const struct wish *wish, const struct json *object)
{
    struct ovsdb_idl_txn *txn = store_check_begin();
    struct fault *fault = NULL;

    import_tree(txn);

    struct intent *intent = intent_create(store_check_store(),
                                          store_check_rows(), NULL);
    if (!collect(intent, wish, object, &fault)) {
        check_fault(fault);
    } else if (intent_check(intent)) {
        ovs_assert(!intent->fault);
        intent_write(intent, txn);
        octavia_compare_lb(store_check_rows(), object, NULL,
                           is_new_lb(wish, object) ? forbid_difference
                           : ignore_difference, NULL);
    } else {
        ovs_assert(intent->fault);
    }
    intent_destroy(intent);
    store_check_end(txn);
}

/* A letter for the kind of object ("a" for a batch of members), one for what
 * to do with it ("C", "U" or "D", or small for an object that is there), and
 * octavia-lib's object. */
void
fuzz_intent(const char *data, size_t size)
{
    static const char letters[] = "blpmvha";    /* As enum resource_id. */
    static const char actions[] = "CUDcud";     /* As enum intent_action. */
    const char *letter = size >= 2 ? strchr(letters, data[0]) : NULL;
    const char *action = size >= 2 ? strchr(actions, data[1]) : NULL;

    if (!letter || *letter == 'v' || !*letter || !action || !*action) {
        return;
    }

    struct json *json = json_read(data + 2, size - 2);
    if (json) {
        const struct wish wish = {
            .action = (action - actions) % 3,
            .resource = (*letter == 'a' ? RESOURCE_MEMBER
                         : letter - letters),
            .is_batch = *letter == 'a',
            .is_lenient = action - actions >= 3,
            .is_strict = size & 1,
        };

        check_wish(&wish, json);
        json_destroy(json);
    }
}
