/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and ids of VIPs' ports; see vip-ports.h.
 */

#include <config.h>
#include "net/vip-ports.h"
#include <stdlib.h>
#include <string.h>
#include "base/name-uuid.h"
#include "util.h"
#include "uuid.h"

/* All tools for OVN load balancers of Octavia know the port by this name. */
#define VIP_PORT_PREFIX "ovn-lb-vip-"
#define ADDITIONAL_INFIX "additional-"

char *
vip_port_name(const struct uuid *lb_id, unsigned int n)
{
    return (n ? xasprintf(VIP_PORT_PREFIX ADDITIONAL_INFIX "%u-" UUID_FMT, n,
                          UUID_ARGS(lb_id))
            : xasprintf(VIP_PORT_PREFIX UUID_FMT, UUID_ARGS(lb_id)));
}

struct uuid
vip_port_id(const struct uuid *lb_id, unsigned int n)
{
    char *name = (n ? xasprintf("vip-port-additional-%u", n)
                  : xstrdup("vip-port"));
    struct uuid id = name_uuid(lb_id, name);

    free(name);
    return id;
}

/* Steps over "additional-<n>-", which a first VIP's port does not have.
 * Stores 'n', or 0, in '*ret_n'. */
static const char *
skip_infix(const char *text, unsigned int *ret_n)
{
    size_t infix_len = strlen(ADDITIONAL_INFIX);

    *ret_n = 0;
    if (strncmp(text, ADDITIONAL_INFIX, infix_len)) {
        return text;
    }

    const char *number = text + infix_len;
    size_t n_digits = strspn(number, "0123456789");
    if (!n_digits || number[n_digits] != '-') {
        return text;
    }
    *ret_n = strtoul(number, NULL, 10);
    return number + n_digits + 1;
}

static bool
name_parse(const char *port_name, struct uuid *ret_lb_id, unsigned int *ret_n)
{
    size_t prefix_len = strlen(VIP_PORT_PREFIX);

    return (!strncmp(port_name, VIP_PORT_PREFIX, prefix_len)
            && uuid_from_string(ret_lb_id,
                                skip_infix(port_name + prefix_len, ret_n)));
}

bool
vip_port_name_parse(const char *port_name, struct uuid *ret_lb_id)
{
    unsigned int n;

    return name_parse(port_name, ret_lb_id, &n);
}

bool
vip_port_name_to_id(const char *port_name, struct uuid *ret_id)
{
    struct uuid lb_id;
    unsigned int n;

    if (!name_parse(port_name, &lb_id, &n)) {
        return false;
    }
    *ret_id = vip_port_id(&lb_id, n);
    return true;
}
