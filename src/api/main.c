/* SPDX-License-Identifier: Apache-2.0
 *
 * ovn-octavia-api: Octavia's API over HTTP.  Reads intent from OVN_Octavia and
 * writes it there; never touches OVN.  Any number of copies may run.
 */

#include <config.h>
#include "api/access-log.h"
#include "api/account.h"
#include "api/api.h"
#include "api/local-auth.h"
#include "api/metrics.h"
#include "api/options.h"
#include "api/pipeline.h"
#include "api/request.h"
#include "api/settle.h"
#include "api/stop.h"
#include "auth/service.h"
#include "auth/session.h"
#include "auth/tokens.h"
#include "base/control.h"
#include "base/limits.h"
#include "base/ovs-compat.h"
#include "base/places.h"
#include "base/supervisor.h"
#include "base/terminate.h"
#include "command-line.h"
#include "fatal-signal.h"
#include "http/exporter.h"
#include "http/server.h"
#include "net/net.h"
#include "net/neutron.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "store/quotas.h"
#include "store/row-index.h"
#include "store/rows.h"
#include "store/store.h"
#include "store/tree.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(api);

static struct unixctl_server *api_open_control_socket(
    const struct api_options *, struct api *);
static struct http_server *api_open_http_server(const struct api_options *,
                                                struct api *);
static struct session *api_open_keystone(const struct api_options *,
                                         struct api *);
static void api_open_local(const struct api_options *, struct api *);
static void api_tell_supervisor(const struct api *,
                                const struct api_options *);

int
main(int argc, char *argv[])
{
    struct api_options options;

    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], OVN_OCTAVIA_VERSION);
    places_init();
    api_options_init(&options, argc, argv);
    fatal_ignore_sigpipe();
    ovs_daemonize_start();
    terminate_init();

    /* A busy server is not worth a line in the log. */
    vlog_set_levels_from_string_assert("poll_loop:warn");

    struct api api = {
        .store = store_create(options.db, STORE_READER_WRITER),
        .net = net_ovn_create(options.nb_db),
        .base_url = options.base_url,
        .trusted_proxies = &options.proxies,
        .default_provider = options.default_provider,
        .default_project = options.default_project,
        .auth = options.auth.auth,
        .ui = options.ui,
        .healthcheck_enabled = options.healthcheck_enabled,
        .round_robin_is_hashed = options.round_robin_is_hashed,
        .takes_unsupported_options = options.takes_unsupported_options,
        .enforces_cidrs = options.enforces_cidrs,
        .has_quotas = options.auth.is_keystone || options.auth.is_local,
        .slow_request_ms = options.slow_request_ms,
        .waiting = OVS_LIST_INITIALIZER(&api.waiting),
    };
    api.rows = rows_create(api.store);
    api.row_index = row_index_create(api.store, api.rows);
    api.quotas = quotas_create(api.store, &options.quotas.limits);
    api.settle = settle_create(options.prefer_wait_max_s);
    api.access_log = access_log_open(options.access_log, options.log_is_json);

    struct session *session = api_open_keystone(&options, &api);
    api_open_local(&options, &api);
    struct http_server *server = api_open_http_server(&options, &api);
    api.server = server;
    struct unixctl_server *control = api_open_control_socket(&options, &api);
    api_add_metrics(&api);
    struct exporter *exporter = exporter_create(&options.metrics);
    struct stop stop = { .has_begun = false };
    supervisor_init();
    daemonize_complete();

    while (!stop_run(&stop, &api, options.stop_seconds_max)) {
        store_run(api.store);
        row_index_run(api.row_index);
        net_run(api.net);
        if (session) {
            session_run(session);
            tokens_run(api.tokens);
        }
        if (api.local) {
            local_auth_run(api.local);
        }
        if (api.neutron) {
            service_run(api.neutron);
        }
        http_server_run(server);
        requests_run(&api);
        settle_run(api.settle);
        unixctl_server_run(control);
        exporter_run(exporter);
        api_tell_supervisor(&api, &options);
        access_log_run(api.access_log);

        store_wait(api.store);
        net_wait(api.net);
        if (session) {
            session_wait(session);
            tokens_wait(api.tokens);
        }
        if (api.local) {
            local_auth_wait(api.local);
        }
        if (api.neutron) {
            service_wait(api.neutron);
        }
        http_server_wait(server);
        requests_wait(&api);
        settle_wait(api.settle);
        unixctl_server_wait(control);
        exporter_wait(exporter);
        supervisor_wait();
        stop_wait(&stop);
        terminate_wait();
        poll_block();
    }
    VLOG_INFO("exiting");
    exporter_destroy(exporter);

    /* Requests that still wait for a commit are told that it will not come, or
     * not from here. */
    row_index_destroy(api.row_index);
    quotas_destroy(api.quotas);
    rows_destroy(api.rows);
    store_destroy(api.store);
    requests_close(&api);
    http_server_close(server);
    settle_destroy(api.settle);
    access_log_close(api.access_log);
    tokens_destroy(api.tokens);
    local_auth_destroy(api.local);
    net_destroy(api.net);
    service_destroy(api.neutron);
    session_destroy(session);
    unixctl_server_destroy(control);
    api_options_destroy(&options);
    return 0;
}

static void
api_count_lb(const struct uuid *id OVS_UNUSED, void *n_)
{
    size_t *n = n_;

    ++*n;
}

static char *
api_describe(const struct api *api, const struct api_options *options)
{
    size_t n_lbs = 0;

    if (!store_is_ready(api->store)) {
        return xasprintf("waiting for OVN_Octavia at %s", options->db);
    }
    store_for_each_lb(api->store, api_count_lb, &n_lbs);
    return xasprintf("serving on %s; %"PRIuSIZE" load balancers%s%s",
                     options->listen, n_lbs,
                     net_is_ready(api->net)
                     ? "" : "; waiting for OVN_Northbound at ",
                     net_is_ready(api->net) ? "" : options->nb_db);
}

static void
api_tell_supervisor(const struct api *api, const struct api_options *options)
{
    supervisor_run(store_is_ready(api->store),
                   supervisor_wants_status()
                   ? api_describe(api, options) : NULL);
}

static void
api_put_tokens(struct ds *out, const struct tokens *tokens)
{
    struct token_counts counts = tokens_count(tokens);

    ds_put_format(out, "good tokens: %"PRIuSIZE"\n", counts.n_good);
    ds_put_format(out, "other tokens: %"PRIuSIZE"\n", counts.n_other);
    ds_put_format(out, "questions: %llu\n", tokens_n_asked(tokens));
}

static void
api_format_status(const void *api_, struct ds *out)
{
    const struct api *api = api_;

    ds_put_format(out, "loaded: %s\n",
                  store_is_loaded(api->store) ? "true" : "false");
    ds_put_format(out, "ready: %s\n",
                  store_is_ready(api->store) ? "true" : "false");
    ds_put_format(out, "network ready: %s\n",
                  net_is_ready(api->net) ? "true" : "false");
    ds_put_format(out, "requests: %llu\n", api->n_requests);
    ds_put_format(out, "waiting: %"PRIuSIZE"\n", api->n_waiting);
    ds_put_format(out, "settling: %"PRIuSIZE"\n",
                  settle_n_waiting(api->settle));
    ds_put_format(out, "commits: %llu\n", store_n_commits(api->store));
    ds_put_format(out, "answers bytes: %"PRIuSIZE"\n",
                  http_server_answers_bytes(api->server));
    http_server_format_status(api->server, out);
    if (api->tokens) {
        api_put_tokens(out, api->tokens);
    }
    if (api->local) {
        local_auth_format(api->local, out);
    }
}

static void
api_accept_older(void *api_)
{
    struct api *api = api_;

    store_accept_older(api->store);
    net_accept_older(api->net);
}

static void
api_reload_certificate(const void *api_, struct ds *out)
{
    const struct api *api = api_;
    const char *wrong = http_server_reload(api->server);

    ds_put_format(out, "%s\n", wrong ? wrong : "loaded");
}

static struct unixctl_server *
api_open_control_socket(const struct api_options *options, struct api *api)
{
    struct unixctl_server *control = control_open(options->control);

    control_add_report("api/status", api_format_status, api);
    control_add_action("cluster-state-reset", api_accept_older, api);
    control_add_report("api/reload-certificate", api_reload_certificate, api);
    return control;
}

static struct http_server *
api_open_http_server(const struct api_options *options, struct api *api)
{
    const struct http_server_options http_options = {
        .addresses = &options->addresses,
        .access = &options->socket_access,
        .certificate = options->has_tls ? &options->tls : NULL,
        .body_bytes_max = BODY_BYTES_MAX,
        .connections_max = HTTP_CONNECTIONS_MAX,
        .idle_timeout_s = HTTP_IDLE_TIMEOUT_S,
        .stranger_timeout_s = HTTP_STRANGER_TIMEOUT_S,
        .answers_bytes_max = HTTP_ANSWERS_BYTES_MAX,
        .retry_after_s = HTTP_RETRY_AFTER_S,
        .has_request_ids = true,
    };
    const struct http_handlers handlers = {
        .head = pipeline_meet,
        .complete = pipeline_accept,
        .gone = pipeline_forget,
        .answered = account_answer,
    };
    char *error;
    struct http_server *server = http_server_open(&http_options, &handlers,
                                                  api, &error);

    if (!server) {
        ovs_fatal(0, "%s", error);
    }
    return server;
}

/* Returns NULL if no authentication is configured. */
static struct session *
api_open_keystone(const struct api_options *options, struct api *api)
{
    struct session *session;

    if (!options->auth.is_keystone) {
        return NULL;
    }
    session = auth_options_open_session(&options->auth);
    api->tokens = auth_options_open_tokens(&options->auth, session);
    api->neutron = auth_options_open_neutron(&options->auth, session);
    if (api->neutron) {
        api->net = net_fallback_create(api->net,
                                       net_neutron_create(api->neutron));
    }
    api->www_authenticate_uri = auth_options_www_uri(&options->auth);
    api->legacy_roles = options->auth.legacy_roles;
    return session;
}

/* Sets 'api->local' if users are our own. */
static void
api_open_local(const struct api_options *options, struct api *api)
{
    const struct local_auth_options local_options = {
        .users_file = options->auth.users_file,
        .token_hours = options->auth.token_hours,
        .insecure_login = options->auth.insecure_login,
    };
    char *error;

    if (!options->auth.is_local) {
        return;
    }
    api->local = local_auth_create(api->store, &local_options, &error);
    if (!api->local) {
        ovs_fatal(0, "auth = local: %s", error);
    }
    api->legacy_roles = options->auth.legacy_roles;
}
