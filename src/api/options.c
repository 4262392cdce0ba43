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
#include "base/places.h"
#include "model/value.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(api_options);

#define DEFAULT_LISTEN "127.0.0.1:9876"

/* True if 'host' is an address, which may name its link ("fe80::1%eth0"). */
static bool
host_is_address(const char *host)
{
    char *address = xmemdup0(host, strcspn(host, "%"));
    struct in6_addr ip;
    bool is_address = (inet_pton(AF_INET6, address, &ip) == 1
                       || inet_pton(AF_INET, address, &ip) == 1);

    free(address);
    return is_address;
}

/* Splits HOST:PORT, where an IPv6 HOST is in brackets. */
static void
api_options_split_listen(struct api_options *options, struct config *config)
{
    const char *colon = strrchr(options->listen, ':');
    int port;

    if (!colon || !str_to_int(colon + 1, 10, &port)
        || port < 0 || port > UINT16_MAX) {
        config_fault(config, &options->listen, "must be HOST:PORT");
        return;
    }

    const char *host = options->listen;
    size_t length = colon - host;
    if (length > 2 && *host == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    options->host = xmemdup0(host, length);
    options->port = port;
    if (*options->host && !host_is_address(options->host)) {
        config_fault(config, &options->listen, "must be HOST:PORT, and HOST "
                     "an address (IPv6 in brackets)");
        free(options->host);
        options->host = NULL;
    }
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
api_options_check_exposure(const struct api_options *options,
                           struct config *config)
{
    if (options->auth.is_keystone || !options->host
        || host_is_loopback(options->host)) {
        return;
    }
    if (!options->insecure_no_auth) {
        config_fault(config, &options->listen, "refusing to listen there: "
                     "there is no authentication, and whoever reaches that "
                     "address could change every load balancer.  Set auth = "
                     "keystone, listen on 127.0.0.1, or, if that is what you "
                     "want, add --insecure-no-auth-listen");
        return;
    }
    VLOG_WARN("listening on %s without authentication", options->listen);
}

/* Links begin with it, so what is no URL would reach every client. */
static void
api_options_check_links(struct api_options *options, struct config *config)
{
    if (options->base_url && !own_url_is_base(options->base_url)) {
        config_fault(config, &options->base_url, "must be http or https, a "
                     "host, and maybe a path");
    }
    svec_init(&options->proxies);
    if (options->trusted_proxies) {
        char *wrong = own_url_parse_proxies(options->trusted_proxies,
                                            &options->proxies);

        if (wrong) {
            config_fault(config, &options->trusted_proxies, "%s is no address "
                         "and no prefix", wrong);
            free(wrong);
        }
    }
}

static void
api_options_check(struct api_options *options, struct config *config)
{
    config_check_remote(config, &options->db);
    config_check_remote(config, &options->nb_db);
    auth_options_finish(&options->auth, config);
    quota_options_finish(&options->quotas, config);
    api_options_split_listen(options, config);
    api_options_check_exposure(options, config);
    api_options_check_links(options, config);
    metrics_listen_finish(&options->metrics, METRICS_LISTEN_API, config);
    /* Many clients know no other algorithm. */
    options->round_robin_is_hashed = config_choose(
        config, &options->round_robin, "hash", "refuse");
    options->takes_unsupported_options = config_choose(
        config, &options->unsupported_options, "accept", "refuse");
    if (strcmp(options->default_provider, "ovn")) {
        config_fault(config, &options->default_provider, "there is only "
                     "\"ovn\"");
    }
}

void
api_options_init(struct api_options *options, int argc, char *argv[])
{
    *options = (struct api_options) {
        .db = places_octavia_db(),
        .nb_db = places_nb_db(),
        .listen = xstrdup(DEFAULT_LISTEN),
        .metrics = { .text = xstrdup(METRICS_LISTEN_API) },
        .default_provider = xstrdup("ovn"),
        .default_project = xstrdup("default"),
        .round_robin = xstrdup("refuse"),
        .unsupported_options = xstrdup("refuse"),
    };
    auth_options_init(&options->auth);

    const struct daemon_option own[] = {
        { "db", "DATABASE", "OVN_Octavia (default:\n"
          "unix:/run/ovn-octavia/octavia_db.sock)",
          { "ovn-octavia", "db", &options->db, NULL } },
        { "nb-db", "DATABASE", "OVN_Northbound (default:\n"
          "unix:/run/ovn/ovnnb_db.sock)",
          { "ovn-octavia", "nb_db", &options->nb_db, NULL } },
        { "listen", "HOST:PORT", "where to serve HTTP (default:\n"
          DEFAULT_LISTEN ")",
          { "api", "listen", &options->listen, NULL } },
        METRICS_LISTEN_OPTION("api", &options->metrics, METRICS_LISTEN_API),
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
    struct daemon_setup setup;
    size_t n;

    memcpy(table, own, sizeof own);
    n = auth_options_add(&options->auth, table, ARRAY_SIZE(own));
    n = quota_options_add(&options->quotas, table, n);
    daemon_options_parse(argc, argv, "Octavia API for OVN load balancing",
                         table, n, &setup);
    api_options_check(options, &setup.config);
    options->control = daemon_options_finish(&setup);
}

void
api_options_destroy(struct api_options *options)
{
    free(options->db);
    free(options->nb_db);
    free(options->listen);
    free(options->host);
    metrics_listen_destroy(&options->metrics);
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
