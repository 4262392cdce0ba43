/* SPDX-License-Identifier: Apache-2.0
 *
 * Network facts for the agent; see network.h.
 */

#include <config.h>
#include "agent/network.h"
#include "agent/options.h"
#include "net/net.h"
#include "net/neutron.h"
#include "util.h"

void
network_init(struct network *network, const struct agent_options *options)
{
    char *error;

    *network = (struct network) { .net = NULL };
    if (options->nb_db) {
        network->net = net_ovn_create(options->nb_db);
    } else if (options->conf) {
        network->neutron = neutron_create(options->conf, &error);
        if (!network->neutron) {
            ovs_fatal(0, "%s: %s", options->octavia_conf, error);
        }
        network->net = net_neutron_create(network->neutron->service);
    }
}

void
network_uninit(struct network *network)
{
    net_destroy(network->net);
    if (network->neutron) {
        neutron_destroy(network->neutron);
    }
}

void
network_run(struct network *network)
{
    if (network->neutron) {
        neutron_run(network->neutron);
    }
    if (network->net) {
        net_run(network->net);
    }
}

void
network_wait(struct network *network)
{
    if (network->neutron) {
        neutron_wait(network->neutron);
    }
    if (network->net) {
        net_wait(network->net);
    }
}

const char *
network_trouble(const struct network *network)
{
    return network->neutron ? net_neutron_trouble(network->net) : NULL;
}
