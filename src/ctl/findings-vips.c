/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of VIPs, and of the clients that can reach them, for the table in
 * findings.c.
 */

#include <config.h>
#include <stdlib.h>
#include "ctl/facts.h"
#include "ctl/findings-private.h"
#include "net/topology.h"
#include "svec.h"
#include "util.h"

void
vip_has_no_subnet(const struct facts *facts, struct svec *subjects)
{
    for (size_t i = 0; i < facts->n_vips; i++) {
        const struct fact_vip *fact = &facts->vips[i];
        if (!fact->is_floating && !fact->subnet) {
            svec_add(subjects, fact->vip->address);
        }
    }
}

void
vip_has_no_port(const struct facts *facts, struct svec *subjects)
{
    for (size_t i = 0; i < facts->n_vips; i++) {
        const struct fact_vip *fact = &facts->vips[i];
        if (!fact->is_floating && !fact->port) {
            svec_add(subjects, fact->vip->address);
        }
    }
}

void
vip_has_no_router(const struct facts *facts, struct svec *subjects)
{
    for (size_t i = 0; i < facts->n_vips; i++) {
        const struct fact_vip *fact = &facts->vips[i];
        if (!fact->is_floating && fact->sw && !fact->has_router
            && !fact->sw->is_provider) {
            svec_add(subjects, fact->vip->address);
        }
    }
}

/* By where the client is: in the VIP's network, or on a switch that carries
 * the load balancer. */
void
vip_serves_no_neighbours(const struct facts *facts, struct svec *subjects)
{
    for (size_t i = 0; i < facts->n_vips; i++) {
        const struct fact_vip *fact = &facts->vips[i];

        if (!fact->is_floating && fact->sw && fact->sw->is_provider
            && !fact->gateways.n) {
            char *switches = svec_join(&facts->switches, ", ", "");
            svec_add_nocopy(
                subjects,
                xasprintf("%s serves no host of its own network, as no router "
                          "there carries the load balancer and has a gateway "
                          "chassis; %s%s", fact->vip->address,
                          facts->switches.n ? "it serves hosts on "
                          : "nor any other", switches));
            free(switches);
        }
    }
}

void
router_has_no_gateway(const struct facts *facts, struct svec *subjects)
{
    for (size_t i = 0; i < facts->n_vips; i++) {
        const struct fact_vip *fact = &facts->vips[i];
        if (fact->nat_router && !fact->has_gateway) {
            svec_add_nocopy(subjects,
                            xasprintf("%s on router %s", fact->vip->address,
                                      fact->nat_router->name));
        }
    }
}

/* Chains: what was translated is not translated again. */

void
vip_is_member(const struct facts *facts, struct svec *subjects)
{
    svec_append(subjects, &facts->vips_used);
}

void
member_is_vip(const struct facts *facts, struct svec *subjects)
{
    svec_append(subjects, &facts->vips_of_others);
}

void
vip_ends_forward(const struct facts *facts, struct svec *subjects)
{
    svec_append(subjects, &facts->forwards);
}

/* An existing Octavia. */

void
vip_has_groups(const struct facts *facts, struct svec *subjects)
{
    if (facts->security_groups) {
        svec_add(subjects, facts->security_groups);
    }
}

void
options_are_unhonoured(const struct facts *facts, struct svec *subjects)
{
    svec_append(subjects, &facts->unhonoured);
}
