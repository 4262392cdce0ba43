/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's settings; see options.h.
 */

#include <config.h>
#include "api/options.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "api/own-url.h"
#include "base/daemon-options.h"
#include "base/ip.h"
#include "dirs.h"
#include "model/value.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(api_options);

#define DEFAULT_LISTEN "127.0.0.1:9876"

/* Splits HOST:PORT, where an IPv6 HOST is in brackets. */
static void
api_options_split_listen(struct api_options *options)
{
    const char *colon = strrchr(options->listen, ':');
    int port;

    if (!colon || !str_to_int(colon + 1, 10, &port)
        || port < 0 || port > UINT16_MAX) {
        ovs_fatal(0, "--listen=%s: must be HOST:PORT", options->listen);
    }

    const char *host = options->listen;
    size_t length = colon - host;
    if (length > 2 && *host == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    options->host = xmemdup0(host, length);
    options->port = port;
}

static bool
host_is_loopback(const char *host)
{
    struct in6_addr ip;

    return (ip_parse_any(host, &ip)
            && (ip_is_v4(&ip) ? ip.s6_addr[12] == 127
                : IN6_IS_ADDR_LOOPBACK(&ip)));
}

/* Without authentication, binding to a non-loopback address needs an explicit
 * option. */
static void
api_options_check_exposure(const struct api_options *options)
{
    if (options->auth.is_keystone || host_is_loopback(options->host)) {
        return;
    }
    if (!options->insecure_no_auth) {
        ovs_fatal(0, "refusing to listen on %s: there is no authentication, "
                  "and whoever reaches that address could change every load "
                  "balancer.  Set auth = keystone, listen on 127.0.0.1, or, "
                  "if that is what you want, add --insecure-no-auth-listen",
                  options->listen);
    }
    VLOG_WARN("listening on %s without authentication", options->listen);
}

/* Links begin with it, so what is no URL would reach every client. */
static void
api_options_check_links(struct api_options *options)
{
    if (options->base_url && !own_url_is_base(options->base_url)) {
        ovs_fatal(0, "base_url = %s: must be http or https, a host, and maybe "
                  "a path", options->base_url);
    }
    svec_init(&options->proxies);
    if (options->trusted_proxies) {
        char *wrong = own_url_parse_proxies(options->trusted_proxies,
                                            &options->proxies);

        if (wrong) {
            ovs_fatal(0, "trusted_proxies: %s is no address and no prefix",
                      wrong);
        }
    }
}

void
api_options_init(struct api_options *options, int argc, char *argv[])
{
    *options = (struct api_options) {
        .db = xasprintf("unix:%s/octavia_db.sock", ovs_rundir()),
        .nb_db = xasprintf("unix:%s/ovnnb_db.sock", ovs_rundir()),
        .listen = xstrdup(DEFAULT_LISTEN),
        .default_provider = xstrdup("ovn"),
        .default_project = xstrdup("default"),
        .round_robin = xstrdup("refuse"),
        .unsupported_options = xstrdup("refuse"),
    };
    auth_options_init(&options->auth);

    const struct daemon_option own[] = {
        { "db", "DATABASE", "OVN_Octavia (default:\n"
          "unix:RUNDIR/octavia_db.sock)",
          { "ovn-octavia", "db", &options->db, NULL } },
        { "nb-db", "DATABASE", "OVN_Northbound (default:\n"
          "unix:RUNDIR/ovnnb_db.sock)",
          { "ovn-octavia", "nb_db", &options->nb_db, NULL } },
        { "listen", "HOST:PORT", "where to serve HTTP (default:\n"
          DEFAULT_LISTEN ")",
          { "api", "listen", &options->listen, NULL } },
        { "base-url", "URL", "what links in answers begin with (default:\n"
          "as the client has asked)",
          { "api", "base_url", &options->base_url, NULL } },
        { "trusted-proxies", "PREFIX[,PREFIX...]", "believe the fields\n"
          "X-Forwarded-Proto, -Host and -Prefix of these",
          { "api", "trusted_proxies", &options->trusted_proxies, NULL } },
        { "insecure-no-auth-listen", NULL, "listen beyond loopback although\n"
          "nobody is asked who he is",
          { "api", "insecure_no_auth_listen", NULL,
            &options->insecure_no_auth } },
        { "round-robin", "refuse|hash", "what to do with pools of algorithm\n"
          "ROUND_ROBIN, which OVN does not have: refuse\n"
          "them (default), or hash as SOURCE_IP_PORT does",
          { "api", "round_robin", &options->round_robin, NULL } },
        { "unsupported-options", "refuse|accept", "what to do with options\n"
          "that OVN does not honour, and without which traffic\n"
          "flows all the same (connection_limit, time-outs):\n"
          "refuse them (default), or store them",
          { "api", "unsupported_options", &options->unsupported_options,
            NULL } },
        { "healthcheck-enabled", NULL, "answer /healthcheck, without a token",
          { "api", "healthcheck_enabled", NULL,
            &options->healthcheck_enabled } },
        { NULL, NULL, NULL,
          { "api", "default_provider", &options->default_provider, NULL } },
        { NULL, NULL, NULL,
          { "api", "default_project", &options->default_project, NULL } },
    };
    struct daemon_option table[ARRAY_SIZE(own) + AUTH_OPTIONS_MAX
                               + N_QUOTA_KINDS];
    size_t n;

    memcpy(table, own, sizeof own);
    n = auth_options_add(&options->auth, table, ARRAY_SIZE(own));
    n = quota_options_add(&options->quotas, table, n);
    daemon_options_parse(argc, argv, "Octavia API for OVN load balancing",
                         table, n, &options->control);
    auth_options_finish(&options->auth);
    quota_options_finish(&options->quotas);
    api_options_split_listen(options);
    api_options_check_exposure(options);
    api_options_check_links(options);
    /* Many clients know no other algorithm. */
    options->round_robin_is_hashed = daemon_option_choose(
        "round_robin", options->round_robin, "hash", "refuse");
    options->takes_unsupported_options = daemon_option_choose(
        "unsupported_options", options->unsupported_options, "accept",
        "refuse");
    if (strcmp(options->default_provider, "ovn")) {
        ovs_fatal(0, "default_provider = %s: there is only \"ovn\"",
                  options->default_provider);
    }
}

void
api_options_destroy(struct api_options *options)
{
    free(options->db);
    free(options->nb_db);
    free(options->listen);
    free(options->host);
    free(options->base_url);
    free(options->trusted_proxies);
    svec_destroy(&options->proxies);
    auth_options_destroy(&options->auth);
    quota_options_destroy(&options->quotas);
    free(options->default_provider);
    free(options->default_project);
    free(options->round_robin);
    free(options->unsupported_options);
    free(options->control);
}
