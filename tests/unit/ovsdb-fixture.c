/* SPDX-License-Identifier: Apache-2.0
 *
 * A real ovsdb-server for a unit test; see ovsdb-fixture.h.
 */

#include <config.h>
#include "ovsdb-fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/ovs-compat.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

/* Long enough for a loaded machine and a sanitizer; a test that waits that
 * long has failed. */
#define DEADLINE_MS 10000

/* How often a condition is looked at that does not wake anybody. */
#define RETRY_MS 5

struct ovsdb_fixture {
    char *directory;
    char *schema_file;
    char *database;             /* The name in the schema. */
    char *file;
    char *remote;
    pid_t pid;                  /* 0 while stopped. */
    struct jsonrpc *rpc;        /* NULL while stopped. */
};

const char *
ovsdb_fixture_nb_schema(void)
{
    const char *file = getenv("OVN_NB_SCHEMA");
    return file && file[0] ? file : "/usr/share/ovn/ovn-nb.ovsschema";
}

const char *
ovsdb_fixture_sb_schema(void)
{
    const char *file = getenv("OVN_SB_SCHEMA");
    return file && file[0] ? file : "/usr/share/ovn/ovn-sb.ovsschema";
}

/* Starts a program.  It does not survive the test, however that ends. */
static pid_t
spawn(const char *const argv[])
{
    pid_t pid = fork();

    if (!pid) {
        int null_fd = open("/dev/null", O_RDWR);
        dup2(null_fd, STDIN_FILENO);
        dup2(null_fd, STDOUT_FILENO);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execvp(argv[0], (char *const *) argv);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

static void
run_program(const char *const argv[])
{
    pid_t pid = spawn(argv);
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        assert_int_equal(errno, EINTR);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        fail_msg("%s %s failed", argv[0], argv[1]);
    }
}

static char *
schema_name(const char *schema_file)
{
    struct json *schema = json_from_file(schema_file);

    if (schema->type != JSON_OBJECT) {
        fail_msg("%s: not a schema", schema_file);
    }

    const struct json *name = shash_find_data(json_object(schema), "name");
    char *copy = xstrdup(json_string(name));
    json_destroy(schema);
    return copy;
}

struct ovsdb_fixture *
ovsdb_fixture_create(const char *schema_file, bool is_clustered)
{
    struct ovsdb_fixture *fx = xzalloc(sizeof *fx);

    /* A server that goes away is for the test to notice. */
    signal(SIGPIPE, SIG_IGN);

    /* Short, as the path of a socket must be. */
    fx->directory = xstrdup("/tmp/ovsdb-fixture-XXXXXX");
    assert_non_null(mkdtemp(fx->directory));
    fx->schema_file = xstrdup(schema_file);
    fx->database = schema_name(schema_file);
    fx->file = xasprintf("%s/db", fx->directory);
    fx->remote = xasprintf("unix:%s/sock", fx->directory);

    if (is_clustered) {
        char *raft = xasprintf("unix:%s/raft", fx->directory);
        run_program((const char *[]) {
            "ovsdb-tool", "create-cluster", fx->file, schema_file, raft, NULL
        });
        free(raft);
    } else {
        run_program((const char *[]) {
            "ovsdb-tool", "create", fx->file, schema_file, NULL
        });
    }
    ovsdb_fixture_start(fx);
    return fx;
}

void
ovsdb_fixture_destroy(struct ovsdb_fixture *fx)
{
    if (!fx) {
        return;
    }
    ovsdb_fixture_stop(fx);
    run_program((const char *[]) { "rm", "-rf", fx->directory, NULL });
    free(fx->directory);
    free(fx->schema_file);
    free(fx->database);
    free(fx->file);
    free(fx->remote);
    free(fx);
}

const char *
ovsdb_fixture_remote(const struct ovsdb_fixture *fx)
{
    return fx->remote;
}

const char *
ovsdb_fixture_directory(const struct ovsdb_fixture *fx)
{
    return fx->directory;
}

void
ovsdb_fixture_stop(struct ovsdb_fixture *fx)
{
    jsonrpc_close(fx->rpc);
    fx->rpc = NULL;
    if (fx->pid) {
        kill(fx->pid, SIGTERM);
        while (waitpid(fx->pid, NULL, 0) < 0 && errno == EINTR) {
            continue;
        }
        fx->pid = 0;
    }
}

/* A connection is there as soon as the server listens. */
static bool
try_connect(void *fx_)
{
    struct ovsdb_fixture *fx = fx_;
    struct stream *stream;
    int error = stream_open(fx->remote, &stream, 0);

    error = stream_open_block(error, DEADLINE_MS, &stream);
    if (!error) {
        fx->rpc = jsonrpc_open(stream);
    }
    return !error;
}

/* And it answers as soon as it has joined its cluster. */
static bool
try_comment(void *fx)
{
    struct json *result = ovsdb_fixture_try_transact(
        fx, "{'op':'comment','comment':'ready'}");

    json_destroy(result);
    return result != NULL;
}

static void
wait_a_moment(void *aux OVS_UNUSED)
{
    poll_timer_wait(RETRY_MS);
}

void
ovsdb_fixture_start(struct ovsdb_fixture *fx)
{
    char *socket_arg = xasprintf("--remote=punix:%s/sock", fx->directory);
    char *ctl_arg = xasprintf("--unixctl=%s/ctl", fx->directory);
    char *log_arg = xasprintf("--log-file=%s/log", fx->directory);

    fx->pid = spawn((const char *[]) {
        "ovsdb-server", "-vconsole:off", "-vsyslog:off", socket_arg, ctl_arg,
        log_arg, fx->file, NULL
    });
    free(socket_arg);
    free(ctl_arg);
    free(log_arg);
    ovsdb_fixture_wait_until(try_connect, wait_a_moment, fx,
                             "ovsdb-server to listen");
    ovsdb_fixture_wait_until(try_comment, wait_a_moment, fx,
                             "ovsdb-server to answer");
}

/* "["database",OPS]" with quotes as JSON wants them. */
static char *
transaction_text(const struct ovsdb_fixture *fx, const char *ops)
{
    char *text = xasprintf("['%s',%s]", fx->database, ops);

    for (char *p = text; *p; p++) {
        if (*p == '\'') {
            *p = '"';
        }
    }
    return text;
}

static bool
is_success(const struct json *results)
{
    if (results->type != JSON_ARRAY) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(results); i++) {
        const struct json *result = json_array_at(results, i);
        if (result->type != JSON_OBJECT
            || shash_find(json_object(result), "error")) {
            return false;
        }
    }
    return true;
}

/* Returns the reply's result, whatever it says. */
static struct json *
transact(struct ovsdb_fixture *fx, const char *ops)
{
    char *text = transaction_text(fx, ops);
    struct json *params = json_from_string(text);
    if (params->type != JSON_ARRAY) {
        fail_msg("%s: not JSON: %s", text, json_string(params));
    }

    struct jsonrpc_msg *request = jsonrpc_create_request("transact", params,
                                                         NULL);
    struct jsonrpc_msg *reply;
    int error = jsonrpc_transact_block(fx->rpc, request, &reply);
    if (error) {
        fail_msg("%s: %s", text, ovs_strerror(error));
    }

    struct json *result = json_clone(reply->result ? reply->result
                                     : reply->error);
    jsonrpc_msg_destroy(reply);
    free(text);
    return result;
}

struct json *
ovsdb_fixture_try_transact(struct ovsdb_fixture *fx, const char *ops)
{
    struct json *result = transact(fx, ops);

    if (!is_success(result)) {
        json_destroy(result);
        return NULL;
    }
    return result;
}

struct json *
ovsdb_fixture_transact(struct ovsdb_fixture *fx, const char *ops)
{
    struct json *result = transact(fx, ops);

    if (!is_success(result)) {
        fail_msg("%s: %s", ops, json_to_string(result, 0));
    }
    return result;
}

void
ovsdb_fixture_transact_offline(struct ovsdb_fixture *fx, const char *ops)
{
    char *text = transaction_text(fx, ops);

    assert_int_equal(fx->pid, 0);
    run_program((const char *[]) {
        "ovsdb-tool", "transact", fx->file, text, NULL
    });
    free(text);
}

void
ovsdb_fixture_convert(struct ovsdb_fixture *fx)
{
    run_program((const char *[]) {
        "ovsdb-client", "convert", fx->remote, fx->schema_file, NULL
    });

    /* The server hangs up on clients that do not know about conversions. */
    jsonrpc_close(fx->rpc);
    fx->rpc = NULL;
    ovsdb_fixture_wait_until(try_connect, wait_a_moment, fx,
                             "ovsdb-server to listen");
}

void
ovsdb_fixture_wait_until(bool (*run)(void *aux), void (*wait)(void *aux),
                         void *aux, const char *what)
{
    long long int deadline = time_msec() + DEADLINE_MS;

    while (!run(aux)) {
        if (time_msec() > deadline) {
            fail_msg("waited in vain for %s", what);
        }
        wait(aux);
        poll_timer_wait_until(deadline + 1);
        poll_block();
    }
}
