/* SPDX-License-Identifier: Apache-2.0
 *
 * Network facts from a Neutron that answers well, badly, or not at all.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "auth/service.h"
#include "auth/session.h"
#include "base/ip.h"
#include "base/limits.h"
#include "http-stub.h"
#include "net/net.h"
#include "net/neutron.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "patience.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

#define DEADLINE_MS patience_ms(10000)

#define ID1 "11111111-1111-4111-8111-111111111111"
#define ID2 "22222222-2222-4222-8222-222222222222"
#define ID3 "33333333-3333-4333-8333-333333333333"

#define NETWORK(MORE)                                                   \
    "{\"network\":{\"id\":\"" ID1 "\",\"name\":\"web\",\"subnets\":"    \
    "[\"" ID2 "\"]" MORE "}}"
#define SUBNET(CIDR, VERSION)                                           \
    "{\"subnet\":{\"id\":\"" ID2 "\",\"name\":\"s\",\"network_id\":\""  \
    ID1 "\",\"cidr\":\"" CIDR "\",\"gateway_ip\":null,\"ip_version\":"  \
    VERSION "}}"
#define PORT(OWNER)                                                     \
    "{\"port\":{\"id\":\"" ID3 "\",\"name\":\"p\",\"network_id\":\""    \
    ID1 "\",\"mac_address\":\"fa:16:3e:00:00:01\",\"device_id\":\"d\"," \
    "\"device_owner\":\"" OWNER "\",\"fixed_ips\":[{\"subnet_id\":\""   \
    ID2 "\",\"ip_address\":\"10.0.0.5\"}]}}"
#define FREE(NUMBERS)                                                   \
    "{\"network_ip_availability\":{\"subnet_ip_availability\":[{},"     \
    "{\"subnet_id\":\"" ID2 "\"," NUMBERS "}]}}"

/* An answer by the begin of the path. */
struct answer_row {
    const char *path;
    const char *body;
};

struct fixture {
    struct http_stub *stub;
    struct neutron *neutron;
    struct net *net;

    /* Answers by the begin of the path behind "/v2.0/"; those that are not
     * there are 404. */
    const char *network, *subnet, *port, *availability;
    const struct answer_row *answers;   /* Ends with NULL; comes first. */
    int status;                 /* Of all of them; 0: silence. */
    size_t n_asked;
};

static const char *
find_answer(const struct answer_row *row, const char *path)
{
    for (; row && row->path; row++) {
        if (!strncmp(path, row->path, strlen(row->path))) {
            return row->body;
        }
    }
    return NULL;
}

static void
handle(const struct stub_request *rq, void *f_)
{
    struct fixture *f = f_;

    if (!strcmp(rq->path, "/v3/auth/tokens")) {
        stub_reply(rq->connection, 201, "X-Subject-Token: gAAAAA\r\n",
                   "{\"token\":{}}");
        return;
    }

    f->n_asked++;
    const char *what = rq->path + strlen("/v2.0/");
    const char *body = (f->answers ? find_answer(f->answers, what)
                        : !strncmp(what, "networks/", 9) ? f->network
                        : !strncmp(what, "subnets/", 8) ? f->subnet
                        : !strncmp(what, "ports/", 6) ? f->port
                        : f->availability);
    if (f->status) {
        stub_reply(rq->connection, body ? f->status : 404, NULL,
                   body ? body : "{\"NeutronError\":{\"message\":\"No\"}}");
    }
}

static int
setup_limited(void **state, int timeout_ms)
{
    struct fixture *f = xzalloc(sizeof *f);
    const struct session_options options = {
        .username = "u",
        .user_domain_id = "default",
        .password = "x",
        .project_id = "p",
        .timeout_ms = timeout_ms,
    };
    struct session_options with_url = options;
    char *error = NULL;

    f->stub = http_stub_create(handle, f);
    f->status = 200;
    with_url.auth_url = http_stub_url(f->stub);
    f->neutron = xmalloc(sizeof *f->neutron);
    f->neutron->session = session_create(&with_url, &error);
    assert_null(error);
    const struct service_options service = {
        .type = "network",
        .endpoint_override = http_stub_url(f->stub),
        .calls_max = 4,
    };
    f->neutron->service = service_create(f->neutron->session, &service);
    f->net = net_neutron_create(f->neutron->service);
    *state = f;
    return 0;
}

static int
setup(void **state)
{
    return setup_limited(state, DEADLINE_MS);
}

static int
setup_impatient(void **state)
{
    return setup_limited(state, 500);
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    net_destroy(f->net);
    neutron_destroy(f->neutron);
    http_stub_destroy(f->stub);
    free(f);
    return 0;
}

static void
turn(struct fixture *f)
{
    neutron_run(f->neutron);
    net_run(f->net);
    http_stub_run(f->stub);
    neutron_wait(f->neutron);
    net_wait(f->net);
    http_stub_wait(f->stub);
    poll_timer_wait(50);
    poll_block();
}

static void
turn_for(struct fixture *f, int ms)
{
    long long int end_ms = time_msec() + ms;

    while (time_msec() < end_ms) {
        turn(f);
    }
}

/* Asks again whenever there is news, as callers do. */
#define ASK(F, ANSWER, WAIT, QUESTION)                                  \
    do {                                                                \
        long long int end__ = time_msec() + DEADLINE_MS;                \
        while ((ANSWER = (QUESTION)) == WAIT) {                         \
            unsigned int seqno__ = net_seqno((F)->net);                 \
            assert_null(net_neutron_trouble((F)->net));                 \
            while (net_seqno((F)->net) == seqno__) {                    \
                assert_true(time_msec() < end__);                       \
                turn(F);                                                \
            }                                                           \
        }                                                               \
    } while (0)

static struct uuid
id(const char *s)
{
    struct uuid uuid;

    assert_true(uuid_from_string(&uuid, s));
    return uuid;
}

static enum net_answer
ask_network(struct fixture *f, struct net_network *ret)
{
    const struct uuid network_id = id(ID1);
    enum net_answer answer;

    ASK(f, answer, NET_WAIT, net_get_network(f->net, &network_id, ret));
    return answer;
}

static enum net_answer
ask_subnet(struct fixture *f, struct net_subnet *ret)
{
    const struct uuid subnet_id = id(ID2);
    enum net_answer answer;

    ASK(f, answer, NET_WAIT, net_get_subnet(f->net, &subnet_id, ret));
    return answer;
}

static enum net_answer
ask_port(struct fixture *f, struct net_port *ret)
{
    const struct uuid port_id = id(ID3);
    enum net_answer answer;

    ASK(f, answer, NET_WAIT, net_get_port(f->net, &port_id, ret));
    return answer;
}

static void
networks(void **state)
{
    static const struct {
        const char *json;
        bool is_provider;
    } rows[] = {
        { NETWORK(""), false },
        { NETWORK(",\"provider:physical_network\":null"), false },
        { NETWORK(",\"provider:physical_network\":\"physnet1\""), true },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct net_network network;

        net_destroy(f->net);
        f->net = net_neutron_create(f->neutron->service);
        f->network = rows[i].json;
        assert_int_equal(ask_network(f, &network), NET_FOUND);
        const struct uuid subnet_id = id(ID2);
        assert_string_equal(network.name, "web");
        assert_int_equal(network.is_provider, rows[i].is_provider);
        assert_int_equal(network.n_subnets, 1);
        assert_true(uuid_equals(&network.subnets[0], &subnet_id));
        net_network_uninit(&network);
    }
}

static void
subnets(void **state)
{
    struct fixture *f = *state;
    struct net_subnet subnet;

    f->subnet = SUBNET("10.0.0.0/24", "4");
    assert_int_equal(ask_subnet(f, &subnet), NET_FOUND);
    const struct uuid network_id = id(ID1);
    assert_string_equal(subnet.cidr, "10.0.0.0/24");
    assert_string_equal(subnet.name, "s");
    assert_null(subnet.gateway_ip);
    assert_false(subnet.is_ipv6);
    assert_true(uuid_equals(&subnet.network_id, &network_id));
}

#define NET_A "aaaaaaaa-1111-4111-8111-111111111111"
#define NET_B "bbbbbbbb-1111-4111-8111-111111111111"
#define SUBNET_A "aaaaaaaa-2222-4222-8222-222222222222"
#define SUBNET_B "bbbbbbbb-2222-4222-8222-222222222222"
#define SUBNET_C "cccccccc-2222-4222-8222-222222222222"
#define ROUTER_A "aaaaaaaa-3333-4333-8333-333333333333"
#define NETWORK_OF(ID, SUBNET)                                              \
    { "networks/" ID, "{\"network\":{\"id\":\"" ID "\",\"name\":\"\","        \
      "\"subnets\":[\"" SUBNET "\"]}}" }
#define SUBNET_OF(ID, NETWORK, CIDR)                                        \
    { "subnets/" ID, "{\"subnet\":{\"id\":\"" ID "\",\"name\":\"\","          \
      "\"network_id\":\"" NETWORK "\",\"cidr\":\"" CIDR "\","               \
      "\"gateway_ip\":null,\"ip_version\":4}}" }
#define INTERFACE(NETWORK, SUBNET, IP)                                      \
    "{\"id\":\"" ID3 "\",\"network_id\":\"" NETWORK "\",\"device_id\":\""    \
    ROUTER_A "\",\"fixed_ips\":[{\"subnet_id\":\"" SUBNET                   \
    "\",\"ip_address\":\"" IP "\"}]}"

/* A is joined to B, which has C's range, too. */
static const struct answer_row joined[] = {
    NETWORK_OF(NET_A, SUBNET_A),
    SUBNET_OF(SUBNET_A, NET_A, "10.0.1.0/24"),
    SUBNET_OF(SUBNET_B, NET_B, "10.0.2.0/24"),
    SUBNET_OF(SUBNET_C, NET_B, "10.0.2.128/25"),
    { "ports?network_id=" NET_A "&device_owner=network:router_interface&",
      "{\"ports\":[" INTERFACE(NET_A, SUBNET_A, "10.0.1.1") "]}" },
    { "ports?device_id=" ROUTER_A "&device_owner=network:router_interface&",
      "{\"ports\":[" INTERFACE(NET_A, SUBNET_A, "10.0.1.1") ","
      INTERFACE(NET_B, SUBNET_B, "10.0.2.1") ","
      INTERFACE(NET_B, SUBNET_C, "10.0.2.129") "]}" },
    { NULL, NULL },
};

static void
reached_subnets(void **state)
{
    static const struct {
        const char *ip;
        const char *subnet;     /* NULL: none, or several. */
    } rows[] = {
        { "10.0.1.9", SUBNET_A },
        { "10.0.2.9", SUBNET_B },
        { "10.0.2.200", NULL },
        { "10.0.3.9", NULL },
        { "fd00::9", NULL },
    };
    struct fixture *f = *state;
    const struct uuid network = id(NET_A);

    f->answers = joined;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct in6_addr ip = ip_parse_or_unset(rows[i].ip);
        struct net_subnet subnet;
        enum net_answer answer;

        ASK(f, answer, NET_WAIT,
            net_find_subnet(f->net, &network, 1, &ip, &subnet));
        assert_int_equal(answer, rows[i].subnet ? NET_FOUND : NET_MISSING);
        if (rows[i].subnet) {
            const struct uuid expected = id(rows[i].subnet);

            assert_true(uuid_equals(&subnet.id, &expected));
        }
    }
    assert_true(f->n_asked <= 6);
}

static void
ports(void **state)
{
    static const struct {
        const char *json;
        bool is_up_for_use;
    } rows[] = {
        { PORT(""), true },
        { PORT("compute:nova"), true },
        { PORT("network:router_interface"), false },
        { PORT("network:distributed"), false },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct uuid subnet_id = id(ID2);
        struct net_port port;
        char *ip;

        net_destroy(f->net);
        f->net = net_neutron_create(f->neutron->service);
        f->port = rows[i].json;
        assert_int_equal(ask_port(f, &port), NET_FOUND);
        assert_string_equal(port.name, "p");
        assert_string_equal(port.mac, "fa:16:3e:00:00:01");
        assert_string_equal(port.device_id, "d");
        assert_int_equal(port.is_up_for_use, rows[i].is_up_for_use);
        assert_int_equal(port.n_addresses, 1);
        assert_true(uuid_equals(&port.addresses[0].subnet_id, &subnet_id));
        ip = ip_format_any(&port.addresses[0].ip);
        assert_string_equal(ip, "10.0.0.5");
        free(ip);
        net_port_uninit(&port);
    }
}

static void
addresses(void **state)
{
    static const struct {
        const char *cidr, *version, *ip;
        enum net_address_state expected;
    } rows[] = {
        { "10.0.0.0/24", "4", "10.0.0.1", NET_ADDRESS_FREE },
        { "10.0.0.0/24", "4", "10.0.0.254", NET_ADDRESS_FREE },
        { "10.0.0.0/24", "4", "10.0.0.0", NET_ADDRESS_OUTSIDE },
        { "10.0.0.0/24", "4", "10.0.0.255", NET_ADDRESS_OUTSIDE },
        { "10.0.0.0/24", "4", "10.0.1.1", NET_ADDRESS_OUTSIDE },
        { "10.0.0.0/24", "4", "fd00::1", NET_ADDRESS_OUTSIDE },
        { "10.0.0.0/31", "4", "10.0.0.1", NET_ADDRESS_FREE },
        { "fd00::/64", "6", "fd00::1", NET_ADDRESS_FREE },
        { "fd00::/64", "6", "fd00::", NET_ADDRESS_FREE },
        { "fd00::/64", "6", "fd01::1", NET_ADDRESS_OUTSIDE },
        { "fd00::/64", "6", "10.0.0.1", NET_ADDRESS_OUTSIDE },
    };
    struct fixture *f = *state;
    const struct uuid subnet_id = id(ID2);

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *json = xasprintf(
            "{\"subnet\":{\"id\":\"" ID2 "\",\"network_id\":\"" ID1 "\","
            "\"cidr\":\"%s\",\"ip_version\":%s}}", rows[i].cidr,
            rows[i].version);
        enum net_address_state answer;
        struct in6_addr ip;

        assert_true(ip_parse_any(rows[i].ip, &ip));
        net_destroy(f->net);
        f->net = net_neutron_create(f->neutron->service);
        f->subnet = json;
        ASK(f, answer, NET_ADDRESS_WAIT,
            net_check_address(f->net, &subnet_id, &ip));
        assert_int_equal(answer, rows[i].expected);
        free(json);
    }
}

static void
free_addresses(void **state)
{
    static const struct {
        const char *json;       /* NULL: Neutron does not know such things. */
        int status;
        unsigned long long int n;
    } rows[] = {
        { FREE("\"total_ips\":253,\"used_ips\":250"), 200, 3 },
        { FREE("\"total_ips\":253,\"used_ips\":253"), 200, 0 },
        { FREE("\"total_ips\":253,\"used_ips\":254"), 200, 0 },
        { FREE("\"total_ips\":253,\"used_ips\":1"), 200, 10 },
        { FREE("\"total_ips\":18446744073709551614,\"used_ips\":1"), 200,
          10 },
        { FREE("\"total_ips\":\"x\",\"used_ips\":1"), 200, 10 },
        { "{\"network_ip_availability\":{}}", 200, 10 },
        { NULL, 200, 10 },
        { "{}", 403, 10 },
    };
    struct fixture *f = *state;
    const struct uuid subnet_id = id(ID2);

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned long long int n = 99;
        enum net_answer answer;
        struct net_subnet subnet;

        net_destroy(f->net);
        f->net = net_neutron_create(f->neutron->service);
        f->subnet = SUBNET("10.0.0.0/24", "4");
        f->status = 200;
        assert_int_equal(ask_subnet(f, &subnet), NET_FOUND);
        f->availability = rows[i].json;
        f->status = rows[i].status;
        ASK(f, answer, NET_WAIT,
            net_subnet_n_free(f->net, &subnet_id, 10, &n));
        assert_int_equal(answer, NET_FOUND);
        assert_int_equal(n, rows[i].n);
    }
}

static void
missing_ones_are_missing(void **state)
{
    struct fixture *f = *state;
    const struct uuid subnet_id = id(ID2);
    struct in6_addr ip = { .s6_addr = { 0 } };
    unsigned long long int n;
    struct net_network network;
    struct net_subnet subnet;
    struct net_port port;

    assert_int_equal(ask_network(f, &network), NET_MISSING);
    assert_int_equal(ask_subnet(f, &subnet), NET_MISSING);
    assert_int_equal(ask_port(f, &port), NET_MISSING);
    assert_int_equal(net_check_address(f->net, &subnet_id, &ip),
                     NET_ADDRESS_OUTSIDE);
    assert_int_equal(net_subnet_n_free(f->net, &subnet_id, 1, &n),
                     NET_MISSING);
    net_for_each_network(f->net, NULL, NULL);
    assert_true(net_is_ready(f->net));
    net_accept_older(f->net);
}

static void
answers_are_kept_for_a_while(void **state)
{
    struct fixture *f = *state;
    struct net_subnet subnet;
    struct net_port port;

    f->subnet = SUBNET("10.0.0.0/24", "4");
    assert_int_equal(ask_port(f, &port), NET_MISSING);
    assert_int_equal(ask_subnet(f, &subnet), NET_FOUND);
    assert_int_equal(f->n_asked, 2);

    /* That there is none is believed for a shorter time. */
    f->port = PORT("");
    assert_int_equal(ask_port(f, &port), NET_MISSING);
    assert_int_equal(f->n_asked, 2);
    turn_for(f, NEUTRON_MISSING_AGE_MS + 50);
    assert_int_equal(ask_port(f, &port), NET_FOUND);
    net_port_uninit(&port);
    f->port = NULL;
    assert_int_equal(ask_port(f, &port), NET_FOUND);
    net_port_uninit(&port);
    assert_int_equal(f->n_asked, 3);
    turn_for(f, NEUTRON_PORT_AGE_MS + 50);
    assert_int_equal(ask_port(f, &port), NET_MISSING);
    assert_int_equal(ask_subnet(f, &subnet), NET_FOUND);
    assert_int_equal(f->n_asked, 4);
}

static void
one_question_at_a_time(void **state)
{
    struct fixture *f = *state;
    const struct uuid subnet_id = id(ID2);
    struct net_subnet subnet;

    f->subnet = SUBNET("10.0.0.0/24", "4");
    for (int i = 0; i < 10; i++) {
        assert_int_equal(net_get_subnet(f->net, &subnet_id, &subnet),
                         NET_WAIT);
    }
    assert_int_equal(ask_subnet(f, &subnet), NET_FOUND);
    assert_int_equal(f->n_asked, 1);
    assert_int_equal(net_seqno(f->net), 1);
}

/* Asks for the subnet until there is trouble, and returns it. */
static const char *
wait_for_trouble(struct fixture *f)
{
    const struct uuid subnet_id = id(ID2);
    unsigned int seqno = net_seqno(f->net);
    long long int end_ms = time_msec() + DEADLINE_MS;
    struct net_subnet subnet;

    assert_int_equal(net_get_subnet(f->net, &subnet_id, &subnet), NET_WAIT);
    assert_null(net_neutron_trouble(f->net));
    while (net_seqno(f->net) == seqno) {
        assert_true(time_msec() < end_ms);
        turn(f);
    }
    assert_int_equal(net_get_subnet(f->net, &subnet_id, &subnet), NET_WAIT);
    return net_neutron_trouble(f->net);
}

static void
bad_answers_are_trouble(void **state)
{
    static const struct {
        const char *json;
        int status;
        const char *trouble;
    } rows[] = {
        { "{\"NeutronError\":{\"message\":\"Not you\"}}", 403, "Not you" },
        { "{\"NeutronError\":{\"message\":\"Odd\"}}", 400, "Odd" },
        { "<html>", 200, "Neutron's answer makes no sense" },
        { "[]", 200, "Neutron's answer makes no sense" },
        { "{\"subnet\":[]}", 200, "Neutron's answer makes no sense" },
        { "{\"subnet\":{\"id\":7}}", 200, "Neutron's answer makes no sense" },
        { SUBNET("10.0.0.0/33", "4"), 200,
          "Neutron's answer makes no sense" },
        { SUBNET("10.0.0.0/24", "6"), 200,
          "Neutron's answer makes no sense" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("  %s\n", rows[i].json);
        net_destroy(f->net);
        f->net = net_neutron_create(f->neutron->service);
        f->subnet = rows[i].json;
        f->status = rows[i].status;
        assert_string_equal(wait_for_trouble(f), rows[i].trouble);
    }
}

static void
a_neutron_that_fails_is_asked_again_later(void **state)
{
    struct fixture *f = *state;
    struct net_subnet subnet;

    f->subnet = "{}";
    f->status = 501;
    assert_string_equal(wait_for_trouble(f), "HTTP status 501");
    f->subnet = SUBNET("10.0.0.0/24", "4");
    f->status = 200;
    const struct uuid subnet_id = id(ID2);
    assert_int_equal(net_get_subnet(f->net, &subnet_id, &subnet), NET_WAIT);
    assert_non_null(net_neutron_trouble(f->net));
    turn_for(f, NEUTRON_TROUBLE_AGE_MS + 50);
    assert_int_equal(ask_subnet(f, &subnet), NET_FOUND);
}

static void
a_silent_neutron_is_trouble(void **state)
{
    struct fixture *f = *state;

    f->subnet = "{}";
    f->status = 0;
    assert_non_null(strstr(wait_for_trouble(f), "does not answer: timed out"));
}

static void
what_was_handed_out_stays_until_the_next_run(void **state)
{
    struct fixture *f = *state;
    const struct uuid port_id = id(ID3);
    struct net_port port, other;

    f->port = PORT("");
    assert_int_equal(ask_port(f, &port), NET_FOUND);
    turn_for(f, NEUTRON_PORT_AGE_MS + 50);

    /* Stale, so it is asked for again; 'port' is from before. */
    assert_int_equal(net_get_port(f->net, &port_id, &other), NET_WAIT);
    net_port_uninit(&port);
    size_t n = f->n_asked;
    long long int end_ms = time_msec() + DEADLINE_MS;
    while (f->n_asked == n) {
        assert_true(time_msec() < end_ms);
        turn(f);
    }
    for (int i = 0; i < 5; i++) {
        neutron_run(f->neutron);
        http_stub_run(f->stub);
    }
    assert_int_equal(ask_port(f, &port), NET_FOUND);
    for (int i = 0; i < 5; i++) {
        neutron_run(f->neutron);
        http_stub_run(f->stub);
    }
    assert_string_equal(port.name, "p");
    net_port_uninit(&port);
}

static void
facts_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct net_port port;

    /* All of these at once are more than the service takes; what it refuses
     * is trouble, and forgotten some time after. */
    for (int i = 0; i < NEUTRON_FACTS_MAX + 100; i++) {
        struct uuid port_id = { .parts = { i, 0, 0, 1 } };

        assert_int_equal(net_get_port(f->net, &port_id, &port), NET_WAIT);
    }
    turn(f);
    turn(f);
    struct uuid last = { .parts = { NEUTRON_FACTS_MAX + 99, 0, 0, 1 } };
    assert_int_equal(net_get_port(f->net, &last, &port), NET_WAIT);
    assert_string_equal(net_neutron_trouble(f->net),
                        "too many calls are waiting");
    struct uuid first = { .parts = { 0, 0, 0, 1 } };
    assert_int_equal(net_get_port(f->net, &first, &port), NET_WAIT);
    assert_null(net_neutron_trouble(f->net));
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(networks),
        TEST(subnets),
        TEST(reached_subnets),
        TEST(ports),
        TEST(addresses),
        TEST(free_addresses),
        TEST(missing_ones_are_missing),
        TEST(answers_are_kept_for_a_while),
        TEST(one_question_at_a_time),
        TEST(bad_answers_are_trouble),
        TEST(a_neutron_that_fails_is_asked_again_later),
        cmocka_unit_test_setup_teardown(a_silent_neutron_is_trouble,
                                        setup_impatient, teardown),
        TEST(what_was_handed_out_stays_until_the_next_run),
        TEST(facts_are_bounded),
    };

    setvbuf(stdout, NULL, _IOLBF, 0);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
