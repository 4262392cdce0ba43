/* SPDX-License-Identifier: Apache-2.0
 *
 * Random changes of a network; see random-network.h.
 */

#include <config.h>
#include "random-network.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "openvswitch/dynamic-string.h"
#include "random-tree.h"
#include "random.h"
#include "rows-fixture.h"
#include "util.h"
#include "vips-model.h"

/* UUIDs are always the same, so that what happened can be repeated. */

static void
make_switch(struct ds *ops, unsigned int n)
{
    ds_put_format(ops,
                  OP_INSERT_AS(SWITCH, "N%u",
                               "1000000%u-0000-4000-8000-000000000000",
                               ",'other_config':"
                               MAP2("subnet", "10.0.%u.0/24",
                                    "ipv6_prefix", "fd00:%u::/64"))
                  "," ADD_PORT("N%u", "phys%u", "") ",",
                  n, n, n, n, n, n, n, n);
    for (unsigned int host = 11; host <= 13; host++) {
        ds_put_format(ops,
                      ADD_PORT("N%u", "p%u_%u",
                               ",'addresses':'0a:00:00:00:%02u:%02u "
                               "10.0.%u.%u fd00:%u::%u'") ",",
                      n, n, host, n, host, n, host, n, host, n, host, n, host);
    }
}

/* Not linked yet. */
static void
make_router(struct ds *ops, unsigned int r)
{
    ds_put_format(ops,
                  OP_INSERT_AS(ROUTER, "R%u",
                               "2000000%u-0000-4000-8000-000000000000", "")
                  ",", r + 1, r + 1);
    for (unsigned int n = 0; n < RANDOM_NETWORK_N_SWITCHES; n++) {
        ds_put_format(ops,
                      ADD_PORT("N%u", "sw_%u_%u", "") ","
                      ADD_ROUTER_PORT("R%u", "r_%u_%u", "'192.168.0.1/32'")
                      ",", n + 1, r, n, r, n, r, n, r + 1, r, n, r, n, r, n);
    }
}

void
random_network_init(struct random_network *net)
{
    struct ds ops = DS_EMPTY_INITIALIZER;

    memset(net, 0, sizeof *net);
    for (unsigned int n = 1; n <= RANDOM_NETWORK_N_SWITCHES; n++) {
        make_switch(&ops, n);
    }
    for (unsigned int r = 0; r < RANDOM_NETWORK_N_ROUTERS; r++) {
        make_router(&ops, r);
    }
    for (unsigned int i = 0; i < RANDOM_NETWORK_N_NATS; i++) {
        ds_put_format(&ops, "%s" ADD_NAT("R%u", FIXED("%u"),
                                         FLOATING("172.24.4.%u", "10.9.9.9")),
                      i ? "," : "", 1 + i % RANDOM_NETWORK_N_ROUTERS, i + 1,
                      i + 1, i + 1);
    }
    topology_fixture_init(&net->tf);
    topology_fixture_apply(&net->tf, ds_cstr(&ops));
    name_network(net->tf.topology);
    ds_destroy(&ops);
}

void
random_network_uninit(struct random_network *net)
{
    uuid_forget_all();
    topology_fixture_uninit(&net->tf);
}

static char *
turn_link(struct random_network *net)
{
    unsigned int r = random_range(RANDOM_NETWORK_N_ROUTERS);
    unsigned int n = random_range(RANDOM_NETWORK_N_SWITCHES);
    enum random_link how = random_range(N_LINKS);
    char *ipv4 = xasprintf("'10.0.%u.%u/24'", n + 1, 251 + r);
    char *ipv6 = xasprintf("'fd00:%u::%u/64'", n + 1, 251 + r);
    struct ds ops = DS_EMPTY_INITIALIZER;

    net->links[r][n] = how;
    ds_put_format(&ops,
                  "{'op':'update','table':'Logical_Switch_Port',"
                  "'where':[['name','==','sw_%u_%u']],'row':{", r, n);
    if (how == NOT_LINKED) {
        ds_put_cstr(&ops, "'type':'','options':['map',[]]}}");
    } else {
        ds_put_format(&ops, "'type':'router','addresses':'router','options':"
                      MAP("router-port", "r_%u_%u") "}}", r, n);
    }
    ds_put_format(&ops,
                  ",{'op':'update','table':'Logical_Router_Port',"
                  "'where':[['name','==','r_%u_%u']],'row':{"
                  "'networks':['set',[%s%s%s]],"
                  "'external_ids':%s}}", r, n,
                  how == LINKED_IPV6 ? "" : ipv4,
                  how == LINKED_IPV4 || how == LINKED_IPV6 ? "" : ",",
                  how == LINKED_IPV4 ? "" : ipv6,
                  (how == LINKED_AS_GATEWAY ? MAP("neutron:is_ext_gw", "True")
                   : "['map',[]]"));
    free(ipv4);
    free(ipv6);
    return ds_steal_cstr(&ops);
}

static char *
turn_provider(struct random_network *net OVS_UNUSED)
{
    return xasprintf(OP_UPDATE(PORT, "phys%u", "'type':'%s'"),
                     1 + random_range(RANDOM_NETWORK_N_SWITCHES),
                     one_in(2) ? "" : "localnet");
}

static char *
turn_member_port(struct random_network *net OVS_UNUSED)
{
    unsigned int n = 1 + random_range(RANDOM_NETWORK_N_SWITCHES);
    unsigned int host = 11 + random_range(3);

    return (one_in(2)
            ? xasprintf(OP_UPDATE(PORT, "p%u_%u", "'addresses':['set',[]]"),
                        n, host)
            : xasprintf(OP_UPDATE(PORT, "p%u_%u",
                                  "'addresses':'0a:00:00:00:%02u:%02u "
                                  "10.0.%u.%u fd00:%u::%u'"),
                        n, host, n, host, n, host, n, host));
}

static char *
turn_nat(struct random_network *net)
{
    unsigned int i = random_range(RANDOM_NETWORK_N_NATS);

    net->nat_vips[i] = random_range(RANDOM_NETWORK_N_SWITCHES + 1);
    return (net->nat_vips[i]
            ? xasprintf(OP_UPDATE_NAT(FIXED("%u"),
                                      "'logical_ip':'10.0.%u.1'"),
                        i + 1, net->nat_vips[i])
            : xasprintf(OP_UPDATE_NAT(FIXED("%u"),
                                      "'logical_ip':'10.9.9.9'"), i + 1));
}

/* The topology's own checks are slow, and have tests of their own: several
 * changes at once. */
void
random_network_change(struct random_network *net)
{
    static char *(*const turns[])(struct random_network *) = {
        turn_link, turn_link, turn_link, turn_provider, turn_member_port,
        turn_nat,
    };

    for (unsigned int n = random_range(4); n > 0; n--) {
        char *ops = turns[random_range(ARRAY_SIZE(turns))](net);
        topology_fixture_commit(&net->tf, ops);
        free(ops);
    }
    char *ops = turns[random_range(ARRAY_SIZE(turns))](net);
    topology_fixture_apply(&net->tf, ops);
    free(ops);
}

size_t
random_network_floats(const struct random_network *net,
                      struct vips_model_float *floats, char texts[][2][32])
{
    size_t n = 0;

    for (unsigned int i = 0; i < RANDOM_NETWORK_N_NATS; i++) {
        unsigned int vip = net->nat_vips[i];
        if (vip && (net->links[i % RANDOM_NETWORK_N_ROUTERS][vip - 1]
                    != NOT_LINKED)) {
            snprintf(texts[n][0], sizeof texts[n][0], "10.0.%u.1", vip);
            snprintf(texts[n][1], sizeof texts[n][1], "172.24.4.%u", i + 1);
            floats[n] = (struct vips_model_float) { texts[n][0], texts[n][1] };
            n++;
        }
    }
    return n;
}
