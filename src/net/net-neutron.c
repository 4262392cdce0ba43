/* SPDX-License-Identifier: Apache-2.0
 *
 * Network facts from Neutron: what is asked for is fetched, and kept for a
 * short while.  Neutron does not tell what changes.
 *
 * Neutron's answers come in while neutron_run() runs, and count from the next
 * net_run() on, so that what a look-up has handed out stays as it is until
 * then.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "auth/service.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "coverage.h"
#include "net/net-provider.h"
#include "net/neutron-facts.h"
#include "net/neutron.h"
#include "net/subnet-search.h"
#include "openvswitch/hmap.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

COVERAGE_DEFINE(net_neutron_ask);
COVERAGE_DEFINE(net_neutron_trouble);

enum fact_kind {
    FACT_NETWORK,
    FACT_SUBNET,
    FACT_PORT,
    FACT_FREE,                  /* Free addresses of a network. */
    FACT_ROUTERS,               /* Interfaces of routers on a network. */
    FACT_INTERFACES,            /* Interfaces of a router. */
};

static bool network_is_valid(const struct json *);
static bool subnet_is_valid(const struct json *);
static bool port_is_valid(const struct json *);
static bool free_is_valid(const struct json *);

static const struct fact_class {
    const char *path;           /* Before the id. */
    const char *query;          /* Behind it. */
    const char *member;         /* The answer's, with the object. */
    int age_ms;                 /* How long it is kept. */
    bool (*is_valid)(const struct json *);
} classes[] = {
    [FACT_NETWORK] = { "/v2.0/networks/", NEUTRON_NETWORK_FIELDS, "network",
                       NEUTRON_NETWORK_AGE_MS, network_is_valid },
    [FACT_SUBNET] = { "/v2.0/subnets/", NEUTRON_SUBNET_FIELDS, "subnet",
                      NEUTRON_NETWORK_AGE_MS, subnet_is_valid },
    [FACT_PORT] = { "/v2.0/ports/", NEUTRON_PORT_FIELDS, "port",
                    NEUTRON_PORT_AGE_MS, port_is_valid },
    [FACT_FREE] = { "/v2.0/network-ip-availabilities/", "",
                    "network_ip_availability", NEUTRON_PORT_AGE_MS,
                    free_is_valid },
    [FACT_ROUTERS] = { "/v2.0/ports?network_id=", NEUTRON_INTERFACE_FIELDS,
                       "ports", NEUTRON_PORT_AGE_MS,
                       neutron_ports_are_valid },
    [FACT_INTERFACES] = { "/v2.0/ports?device_id=", NEUTRON_INTERFACE_FIELDS,
                          "ports", NEUTRON_PORT_AGE_MS,
                          neutron_ports_are_valid },
};

/* The state of an answer. */
enum fact_state {
    FACT_ASKING,                /* For the first time, or again. */
    FACT_FOUND,
    FACT_MISSING,
    FACT_FORBIDDEN,             /* FACT_FREE only: we may not know. */
    FACT_TROUBLE,
};

struct answer {
    enum fact_state state;
    struct json *json;          /* FACT_FOUND: the object. */
    char *trouble;              /* FACT_TROUBLE: why. */
};

/* A question, with its answer. */
struct fact {
    struct hmap_node in_facts;
    struct ovs_list in_asked;
    struct ovs_list in_arrived; /* Empty if not in there. */
    struct net_neutron *nn;
    enum fact_kind kind;
    struct uuid id;

    struct service_call *call;  /* While Neutron is being asked. */
    struct answer answer;
    struct answer next;         /* While in 'arrived'. */
    long long int until_ms;     /* How long 'answer' is good. */
};

struct net_neutron {
    struct net up;
    struct service *neutron;    /* Not owned. */
    struct hmap facts;          /* By kind and id. */
    struct ovs_list asked;      /* All; what was asked for last is last. */
    struct ovs_list arrived;    /* Facts with a 'next'. */
    unsigned int seqno;
    char *trouble;              /* The last look-up's; NULL: none. */
};

static const struct net_class net_neutron_class;

static struct net_neutron *
net_neutron_cast(const struct net *net)
{
    ovs_assert(net->class_ == &net_neutron_class);
    return CONTAINER_OF(net, struct net_neutron, up);
}

/* --- Answers ------------------------------------------------------------- */

static bool
network_is_valid(const struct json *json)
{
    struct net_network network;
    bool ok = neutron_read_network(json, &network);

    if (ok) {
        net_network_uninit(&network);
    }
    return ok;
}

static bool
subnet_is_valid(const struct json *json)
{
    struct net_subnet subnet;

    return neutron_read_subnet(json, &subnet);
}

static bool
port_is_valid(const struct json *json)
{
    struct net_port port;
    bool ok = neutron_read_port(json, &port);

    if (ok) {
        net_port_uninit(&port);
    }
    return ok;
}

/* True if it is an object; whether it knows a subnet is another question. */
static bool
free_is_valid(const struct json *json)
{
    return json->type == JSON_OBJECT;
}

static void
answer_uninit(struct answer *answer)
{
    json_destroy(answer->json);
    free(answer->trouble);
    memset(answer, 0, sizeof *answer);
}

static void
read_answer(const struct fact *fact, const struct service_reply *reply,
            struct answer *ret)
{
    const struct fact_class *class = &classes[fact->kind];
    const struct json *json = json_member(reply->json, class->member);

    if (reply->status == 200 && json && class->is_valid(json)) {
        ret->state = FACT_FOUND;
        ret->json = json_clone(json);
    } else if (reply->status == 404) {
        ret->state = FACT_MISSING;
    } else if (reply->status == 403 && fact->kind == FACT_FREE) {
        ret->state = FACT_FORBIDDEN;
    } else {
        COVERAGE_INC(net_neutron_trouble);
        ret->state = FACT_TROUBLE;
        ret->trouble = xstrdup(reply->text ? reply->text
                               : "Neutron's answer makes no sense");
    }
}

static void
handle_reply(const struct service_reply *reply, void *fact_)
{
    struct fact *fact = fact_;

    fact->call = NULL;
    answer_uninit(&fact->next);
    read_answer(fact, reply, &fact->next);
    ovs_list_push_back(&fact->nn->arrived, &fact->in_arrived);
}

static int
age_ms(const struct fact *fact)
{
    return (fact->answer.state == FACT_MISSING ? NEUTRON_MISSING_AGE_MS
            : fact->answer.state == FACT_TROUBLE ? NEUTRON_TROUBLE_AGE_MS
            : classes[fact->kind].age_ms);
}

static void
accept_answer(struct fact *fact)
{
    answer_uninit(&fact->answer);
    fact->answer = fact->next;
    memset(&fact->next, 0, sizeof fact->next);
    fact->until_ms = time_msec() + age_ms(fact);
    ovs_list_remove(&fact->in_arrived);
    ovs_list_init(&fact->in_arrived);
    fact->nn->seqno++;
}

/* --- Questions ----------------------------------------------------------- */

static uint32_t
hash_fact(enum fact_kind kind, const struct uuid *id)
{
    return uuid_hash(id) + kind;
}

static struct fact *
find_fact(const struct net_neutron *nn, enum fact_kind kind,
          const struct uuid *id)
{
    struct fact *fact;

    HMAP_FOR_EACH_WITH_HASH (fact, in_facts, hash_fact(kind, id),
                             &nn->facts) {
        if (fact->kind == kind && uuid_equals(&fact->id, id)) {
            return fact;
        }
    }
    return NULL;
}

static struct fact *
add_fact(struct net_neutron *nn, enum fact_kind kind, const struct uuid *id)
{
    struct fact *fact = xzalloc(sizeof *fact);

    fact->nn = nn;
    fact->kind = kind;
    fact->id = *id;
    ovs_list_init(&fact->in_arrived);
    hmap_insert(&nn->facts, &fact->in_facts, hash_fact(kind, id));
    ovs_list_push_back(&nn->asked, &fact->in_asked);
    return fact;
}

static void
destroy_fact(struct fact *fact)
{
    if (fact->call) {
        service_call_cancel(fact->call);
    }
    hmap_remove(&fact->nn->facts, &fact->in_facts);
    ovs_list_remove(&fact->in_asked);
    ovs_list_remove(&fact->in_arrived);
    answer_uninit(&fact->answer);
    answer_uninit(&fact->next);
    free(fact);
}

static void
ask_neutron(struct fact *fact)
{
    const struct fact_class *class = &classes[fact->kind];
    char *path = xasprintf("%s"UUID_FMT"%s", class->path,
                           UUID_ARGS(&fact->id), class->query);

    COVERAGE_INC(net_neutron_ask);
    fact->call = service_send(fact->nn->neutron, "GET", path, NULL,
                              handle_reply, fact);
    free(path);
}

static bool
is_busy(const struct fact *fact)
{
    return fact->call || !ovs_list_is_empty(&fact->in_arrived);
}

/* Remembers why a look-up has to say NET_WAIT: NULL if it is only a matter of
 * time. */
static void
net_neutron_note_trouble(struct net_neutron *nn, const char *trouble)
{
    free(nn->trouble);
    nn->trouble = nullable_xstrdup(trouble);
}

/* Returns the answer if there is a good one, otherwise NULL: then Neutron is
 * being asked, or has failed to answer a moment ago. */
static const struct answer *
look_up(struct net_neutron *nn, enum fact_kind kind, const struct uuid *id)
{
    struct fact *fact = find_fact(nn, kind, id);

    if (!fact) {
        fact = add_fact(nn, kind, id);
    }
    ovs_list_remove(&fact->in_asked);
    ovs_list_push_back(&nn->asked, &fact->in_asked);

    bool is_good = (fact->answer.state != FACT_ASKING
                    && time_msec() < fact->until_ms);
    if (!is_good && !is_busy(fact)) {
        ask_neutron(fact);
    }
    if (!is_good || fact->answer.state == FACT_TROUBLE) {
        net_neutron_note_trouble(nn, is_good ? fact->answer.trouble : NULL);
        return NULL;
    }
    return &fact->answer;
}

/* --- net.h --------------------------------------------------------------- */

struct net *
net_neutron_create(struct service *neutron)
{
    struct net_neutron *nn = xzalloc(sizeof *nn);

    nn->up.class_ = &net_neutron_class;
    nn->neutron = neutron;
    hmap_init(&nn->facts);
    ovs_list_init(&nn->asked);
    ovs_list_init(&nn->arrived);
    return &nn->up;
}

const char *
net_neutron_trouble(const struct net *net)
{
    return net_neutron_cast(net)->trouble;
}

static void
net_neutron_destroy(struct net *net)
{
    struct net_neutron *nn = net_neutron_cast(net);
    struct fact *fact;

    LIST_FOR_EACH_SAFE (fact, in_asked, &nn->asked) {
        destroy_fact(fact);
    }
    hmap_destroy(&nn->facts);
    free(nn->trouble);
    free(nn);
}

/* Drops facts, those looked up longest ago first: all above NEUTRON_FACTS_MAX,
 * and from there on until one that is not out of date.  Facts that Neutron is
 * being asked about stay. */
static void
net_neutron_evict(struct net_neutron *nn)
{
    long long int now = time_msec();
    struct fact *fact;

    LIST_FOR_EACH_SAFE (fact, in_asked, &nn->asked) {
        if (hmap_count(&nn->facts) <= NEUTRON_FACTS_MAX
            && (is_busy(fact) || now < fact->until_ms)) {
            break;
        }
        if (!is_busy(fact)) {
            destroy_fact(fact);
        }
    }
}

static void
net_neutron_run(struct net *net)
{
    struct net_neutron *nn = net_neutron_cast(net);
    struct fact *fact;

    LIST_FOR_EACH_SAFE (fact, in_arrived, &nn->arrived) {
        accept_answer(fact);
    }
    net_neutron_evict(nn);
}

static void
net_neutron_wait(struct net *net)
{
    if (!ovs_list_is_empty(&net_neutron_cast(net)->arrived)) {
        poll_immediate_wake();
    }
}

/* A REST service may have been put back from a backup without our noticing. */
static void
net_neutron_accept_older(struct net *net OVS_UNUSED)
{
}

static bool
net_neutron_is_ready(const struct net *net OVS_UNUSED)
{
    return true;
}

static bool
net_neutron_is_expected(const struct net *net OVS_UNUSED)
{
    return false;
}

static unsigned int
net_neutron_seqno(const struct net *net)
{
    return net_neutron_cast(net)->seqno;
}

static enum net_answer
net_neutron_get_network(struct net *net, const struct uuid *id,
                        struct net_network *ret)
{
    const struct answer *answer = look_up(net_neutron_cast(net),
                                          FACT_NETWORK, id);

    if (!answer) {
        return NET_WAIT;
    }
    return (answer->state == FACT_FOUND
            && neutron_read_network(answer->json, ret)
            ? NET_FOUND
            : NET_MISSING);
}

static enum net_answer
net_neutron_get_subnet(struct net *net, const struct uuid *id,
                       struct net_subnet *ret)
{
    const struct answer *answer = look_up(net_neutron_cast(net), FACT_SUBNET,
                                          id);

    if (!answer) {
        return NET_WAIT;
    }
    return (answer->state == FACT_FOUND
            && neutron_read_subnet(answer->json, ret)
            ? NET_FOUND
            : NET_MISSING);
}

static enum net_answer
net_neutron_get_port(struct net *net, const struct uuid *id,
                     struct net_port *ret)
{
    const struct answer *answer = look_up(net_neutron_cast(net), FACT_PORT,
                                          id);

    if (!answer) {
        return NET_WAIT;
    }
    return (answer->state == FACT_FOUND
            && neutron_read_port(answer->json, ret)
            ? NET_FOUND
            : NET_MISSING);
}

static enum net_answer
net_neutron_list_ports(struct net *net, enum fact_kind kind,
                       const struct uuid *id, const struct json **ret)
{
    const struct answer *answer = look_up(net_neutron_cast(net), kind, id);

    *ret = answer && answer->state == FACT_FOUND ? answer->json : NULL;
    return !answer ? NET_WAIT : *ret ? NET_FOUND : NET_MISSING;
}

static enum net_answer
net_neutron_list_routers(struct net *net, const struct uuid *network_id,
                         const struct json **ret)
{
    return net_neutron_list_ports(net, FACT_ROUTERS, network_id, ret);
}

static enum net_answer
net_neutron_list_interfaces(struct net *net, const struct uuid *router_id,
                            const struct json **ret)
{
    return net_neutron_list_ports(net, FACT_INTERFACES, router_id, ret);
}

static enum net_answer
net_neutron_find_subnet(struct net *net, const struct uuid *networks, size_t n,
                        const struct in6_addr *ip, struct net_subnet *ret)
{
    static const struct subnet_source source = {
        net_neutron_list_routers, net_neutron_list_interfaces,
    };

    return subnet_search(net, &source, networks, n, ip, ret);
}

/* Checks only that the subnet has the address: whether it is taken, Neutron
 * decides when the port is made. */
static enum net_address_state
net_neutron_check_address(struct net *net, const struct uuid *subnet_id,
                          const struct in6_addr *ip)
{
    struct net_subnet subnet;

    switch (net_neutron_get_subnet(net, subnet_id, &subnet)) {
    case NET_FOUND:
        return (neutron_subnet_has_host(&subnet, ip)
                ? NET_ADDRESS_FREE
                : NET_ADDRESS_OUTSIDE);
    case NET_MISSING:
        return NET_ADDRESS_OUTSIDE;
    case NET_WAIT:
    default:
        return NET_ADDRESS_WAIT;
    }
}

/* This needs an extension, and an administrator's rights.  Without, there is
 * always room, until Neutron says otherwise. */
static enum net_answer
net_neutron_subnet_n_free(struct net *net, const struct uuid *subnet_id,
                          unsigned long long int max,
                          unsigned long long int *ret_n)
{
    struct net_subnet subnet;
    enum net_answer found = net_neutron_get_subnet(net, subnet_id, &subnet);

    if (found != NET_FOUND) {
        return found;
    }

    const struct answer *answer = look_up(net_neutron_cast(net), FACT_FREE,
                                          &subnet.network_id);
    if (!answer) {
        return NET_WAIT;
    }
    if (answer->state != FACT_FOUND
        || !neutron_read_n_free(answer->json, subnet_id, max, ret_n)) {
        *ret_n = max;
    }
    return NET_FOUND;
}

static const struct net_class net_neutron_class = {
    .destroy = net_neutron_destroy,
    .run = net_neutron_run,
    .wait = net_neutron_wait,
    .accept_older = net_neutron_accept_older,
    .is_ready = net_neutron_is_ready,
    .is_expected = net_neutron_is_expected,
    .seqno = net_neutron_seqno,
    .get_network = net_neutron_get_network,
    .get_subnet = net_neutron_get_subnet,
    .find_subnet = net_neutron_find_subnet,
    .get_port = net_neutron_get_port,
    .check_address = net_neutron_check_address,
    .subnet_n_free = net_neutron_subnet_n_free,
};
