/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's settings; see options.h.
 */

#include <config.h>
#include "api/options.h"
#include <stdlib.h>
#include <string.h>
#include "api/origin.h"
#include "api/own-url.h"
#include "base/daemon-options.h"
#include "base/limits.h"
#include "base/log-format.h"
#include "base/places.h"
#include "model/value.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(api_options);

#define DEFAULT_LISTEN "127.0.0.1:9876"

/* True if a client that reaches the address must show who it is, or is on this
 * machine. */
static bool
api_options_is_guarded(const struct api_options *options,
                       const struct listen_address *address)
{
    return (options->auth.is_keystone || options->auth.is_local
            || listen_address_is_local(address)
            || (address->is_tls && options->tls.client_ca
                && !options->tls.client_is_optional));
}

/* Without authentication, an address that others can reach needs an explicit
 * option. */
static void
api_options_check_exposure(const struct api_options *options,
                           struct config *config)
{
    for (size_t i = 0; i < options->addresses.n; i++) {
        const struct listen_address *address = &options->addresses.list[i];

        if (api_options_is_guarded(options, address)) {
            continue;
        }
        if (!options->insecure_no_auth) {
            config_fault(config, &options->listen, "refusing to listen "
                         "there: there is no authentication, and whoever "
                         "reaches that address could change every load "
                         "balancer.  Set auth = keystone or auth = local, "
                         "listen on 127.0.0.1, or, if that is what you "
                         "want, add --insecure-no-auth-listen");
            return;
        }
        VLOG_WARN("listening on %s without authentication", address->text);
    }
}

/* Loads the files, too: a wrong one is found before the daemon is started. */
static void
api_options_check_tls(struct api_options *options, struct config *config)
{
    const struct certificate_files *files = &options->tls;

    options->tls.client_is_optional = config_choose(
        config, &options->tls_client_auth, "optional", "required");
    for (size_t i = 0; i < options->addresses.n; i++) {
        options->has_tls |= options->addresses.list[i].is_tls;
    }
    if (!options->has_tls) {
        return;
    }
    if (!files->certificate || !files->private_key) {
        config_fault(config, &options->listen, "https needs tls_certificate "
                     "and tls_private_key");
        return;
    }

    char *error;
    struct certificate *certificate = certificate_load(files, &error);
    if (!certificate) {
        config_fault(config, &options->tls.certificate, "%s", error);
        free(error);
    }
    certificate_unref(certificate);
}

static void
api_options_check_listen(struct api_options *options, struct config *config)
{
    char *wrong = listen_addresses_parse(&options->addresses,
                                         options->listen);

    if (wrong) {
        config_fault(config, &options->listen, "%s", wrong);
        listen_addresses_destroy(&options->addresses);
        free(wrong);
    }
    socket_access_parse(&options->socket_access, config,
                        &options->socket_group, &options->socket_mode);
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
        char *wrong = origin_parse_proxies(options->trusted_proxies,
                                           &options->proxies);

        if (wrong) {
            config_fault(config, &options->trusted_proxies, "%s is no address "
                         "and no prefix, and not \"unix\"", wrong);
            free(wrong);
        }
    }
}

static void
api_options_check_wait(struct api_options *options, struct config *config)
{
    int seconds;

    if (!str_to_int(options->prefer_wait_max, 10, &seconds)
        || seconds < 0 || seconds > SETTLE_WAIT_MAX_S) {
        config_fault(config, &options->prefer_wait_max, "must be a number of "
                     "seconds, from 0 to %d", SETTLE_WAIT_MAX_S);
        return;
    }
    options->prefer_wait_max_s = seconds;
}

static void
api_options_check_stop(struct api_options *options, struct config *config)
{
    int seconds;

    if (!str_to_int(options->stop_seconds, 10, &seconds)
        || seconds < 0 || seconds > STOP_MAX_S) {
        config_fault(config, &options->stop_seconds, "must be a number of "
                     "seconds, from 0 to %d", STOP_MAX_S);
        return;
    }
    options->stop_seconds_max = seconds;
}

static void
api_options_check_logs(struct api_options *options, struct config *config)
{
    int ms;

    if (!*options->access_log) {
        config_fault(config, &options->access_log, "must be a file, "
                     "\"stderr\" or \"none\"");
    }
    if (str_to_int(options->slow_request, 10, &ms)
        && ms >= 0 && ms <= SLOW_REQUEST_MAX_MS) {
        options->slow_request_ms = ms;
    } else {
        config_fault(config, &options->slow_request, "must be a number of "
                     "milliseconds, from 0 to %d", SLOW_REQUEST_MAX_MS);
    }
}

static void
api_options_check(struct api_options *options, struct config *config)
{
    config_check_remote(config, &options->db);
    config_check_remote(config, &options->nb_db);
    auth_options_finish(&options->auth, config);
    quota_options_finish(&options->quotas, config);
    api_options_check_listen(options, config);
    api_options_check_tls(options, config);
    api_options_check_exposure(options, config);
    api_options_check_links(options, config);
    api_options_check_wait(options, config);
    api_options_check_stop(options, config);
    api_options_check_logs(options, config);
    metrics_listen_finish(&options->metrics, METRICS_LISTEN_API, config);
    /* Many clients know no other algorithm. */
    options->round_robin_is_hashed = config_choose(
        config, &options->round_robin, "hash", "refuse");
    options->takes_unsupported_options = config_choose(
        config, &options->unsupported_options, "accept", "refuse");
    options->enforces_cidrs = config_choose(config, &options->allowed_cidrs,
                                            "enforce", "refuse");
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
        .socket_mode = xstrdup(SOCKET_ACCESS_DEFAULT_MODE),
        .tls_client_auth = xstrdup("required"),
        .metrics = { .text = xstrdup(METRICS_LISTEN_API) },
        .default_provider = xstrdup("ovn"),
        .default_project = xstrdup("default"),
        .round_robin = xstrdup("refuse"),
        .unsupported_options = xstrdup("refuse"),
        .allowed_cidrs = xstrdup("enforce"),
        .prefer_wait_max = xstrdup("60"),
        .stop_seconds = xstrdup("10"),
        .access_log = xstrdup("none"),
        .log_format = xstrdup("text"),
        .slow_request = xstrdup("1000"),
        .ui = true,
    };
    auth_options_init(&options->auth);

    const struct daemon_option own[] = {
        { "db", "DATABASE", "OVN_Octavia (default:\n"
          "unix:/run/ovn-octavia/octavia_db.sock)",
          { "ovn-octavia", "db", &options->db, NULL } },
        { "nb-db", "DATABASE", "OVN_Northbound (default:\n"
          "unix:/run/ovn/ovnnb_db.sock)",
          { "ovn-octavia", "nb_db", &options->nb_db, NULL } },
        { "listen", "ADDRESS[,ADDRESS...]", "where to serve:\n"
          "HOST:PORT, https://HOST:PORT or unix:FILE (default:\n"
          DEFAULT_LISTEN ")",
          { "api", "listen", &options->listen, NULL } },
        { "socket-group", "GROUP", "the group that may use unix sockets\n"
          "(default: that of the process)",
          { "api", "socket_group", &options->socket_group, NULL } },
        { "socket-mode", "MODE", "who may use unix sockets, as for chmod(1)\n"
          "(default: " SOCKET_ACCESS_DEFAULT_MODE ", its user and group)",
          { "api", "socket_mode", &options->socket_mode, NULL } },
        { "tls-certificate", "FILE", "with https: the certificate, and those\n"
          "between it and its root",
          { "api", "tls_certificate", &options->tls.certificate, NULL } },
        { "tls-private-key", "FILE", "with https: its key",
          { "api", "tls_private_key", &options->tls.private_key, NULL } },
        { "tls-client-ca", "FILE", "with https: the authorities from which\n"
          "clients must have a certificate (default: none)",
          { "api", "tls_client_ca", &options->tls.client_ca, NULL } },
        { "tls-client-auth", "required|optional", "whether clients may come\n"
          "without a certificate (default: required)",
          { "api", "tls_client_auth", &options->tls_client_auth, NULL } },
        METRICS_LISTEN_OPTION("api", &options->metrics, METRICS_LISTEN_API),
        { "base-url", "URL", "what links in answers begin with (default:\n"
          "as the client has asked)",
          { "api", "base_url", &options->base_url, NULL } },
        { "trusted-proxies", "PREFIX[,PREFIX...]", "believe the fields\n"
          "X-Forwarded-For, -Proto, -Host and -Prefix of these;\n"
          "\"unix\": of all that come over unix sockets",
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
        { "allowed-cidrs", "enforce|refuse", "as the driver has it: take\n"
          "allowed_cidrs of listeners (default), or refuse them",
          { "ovn-octavia", "allowed_cidrs", &options->allowed_cidrs,
            NULL } },
        { "prefer-wait-max", "SECONDS", "how long a write may wait for its\n"
          "load balancer if its client prefers that (Prefer:\n"
          "wait=SECONDS); 0: not at all (default: 60)",
          { "api", "prefer_wait_max", &options->prefer_wait_max, NULL } },
        { "stop-seconds", "SECONDS", "how long SIGTERM leaves for requests\n"
          "in flight (default: 10)",
          { "api", "stop_seconds", &options->stop_seconds, NULL } },
        { "access-log", "FILE|stderr|none", "where to note every request\n"
          "(default: none)",
          { "api", "access_log", &options->access_log, NULL } },
        LOG_FORMAT_OPTION("api", &options->log_format),
        { "slow-request-ms", "MS", "log what a request that takes as long\n"
          "has waited for; 0: none (default: 1000)",
          { "api", "slow_request_ms", &options->slow_request, NULL } },
        { "healthcheck-enabled", NULL, "answer /healthcheck, without a token",
          { "api", "healthcheck_enabled", NULL,
            &options->healthcheck_enabled } },
        { NULL, NULL, NULL, { "api", "ui", NULL, &options->ui } },
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
    options->log_is_json = daemon_options_set_log_format(
        &setup, &options->log_format);
    api_options_check(options, &setup.config);
    options->control = daemon_options_finish(&setup);
}

void
api_options_destroy(struct api_options *options)
{
    free(options->db);
    free(options->nb_db);
    free(options->listen);
    listen_addresses_destroy(&options->addresses);
    free(options->socket_group);
    free(options->socket_mode);
    free(options->tls.certificate);
    free(options->tls.private_key);
    free(options->tls.client_ca);
    free(options->tls_client_auth);
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
    free(options->allowed_cidrs);
    free(options->prefer_wait_max);
    free(options->stop_seconds);
    free(options->access_log);
    free(options->log_format);
    free(options->slow_request);
    free(options->control);
}
