/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client when the name server hangs: neither the poll loop nor the
 * end of the client waits for it.  In a process with a network and an
 * /etc/resolv.conf of its own, where the system allows that.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "http/client.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

#define RESOLV_CONF "test-http-client-dns.conf"
#define TIMEOUT_MS 600

/* What the system's resolver would wait at least is 5 s. */
#define BLOCKED_MS 2500

/* How the process ends. */
enum { GOOD, NOT_ALLOWED, WAS_BLOCKED, NO_ERROR };

static bool
bring_up_loopback(void)
{
    struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    bool ok = !ioctl(fd, SIOCSIFFLAGS, &ifr);

    close(fd);
    return ok;
}

/* A name server that takes questions and never answers. */
static bool
open_name_server(void)
{
    struct sockaddr_in sin = {
        .sin_family = AF_INET,
        .sin_port = htons(53),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    return !bind(fd, (struct sockaddr *) &sin, sizeof sin);
}

static bool
hide_name_servers(void)
{
    static const char text[] = "nameserver 127.0.0.1\n";
    FILE *file = fopen(RESOLV_CONF, "w");

    fputs(text, file);
    fclose(file);
    return (!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)
            && !mount(RESOLV_CONF, "/etc/resolv.conf", NULL, MS_BIND, NULL));
}

static bool
enter_namespaces(void)
{
    int flags = CLONE_NEWNET | CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0);

    return (!unshare(flags) && bring_up_loopback() && open_name_server()
            && hide_name_servers());
}

static void
note_error(const struct http_response *response, void *is_done)
{
    *(bool *) is_done = true;
    if (response->status || response->was_sent) {
        _exit(NO_ERROR);
    }
}

static struct http_client *
create_client(void)
{
    const struct http_client_options options = {
        .connections_max = 1,
        .connect_timeout_ms = 60000,
        .response_bytes_max = 1000,
    };

    return http_client_create(&options);
}

static void
send_call(struct http_client *client, bool *is_done)
{
    const struct http_call_options options = {
        .method = "GET",
        .url = "http://keystone.example:5000/",
        .timeout_ms = TIMEOUT_MS,
    };

    *is_done = false;
    http_client_send(client, &options, note_error, is_done);
}

/* Nothing of our own may take long; waiting in poll_block() may. */
static void
turn(struct http_client *client)
{
    long long int start = time_msec();

    http_client_run(client);
    http_client_wait(client);
    if (time_msec() - start > BLOCKED_MS) {
        _exit(WAS_BLOCKED);
    }
    poll_timer_wait(20);
    poll_block();
}

static int
call_in_vain(void)
{
    struct http_client *client = create_client();
    long long int start = time_msec();
    bool is_done;

    send_call(client, &is_done);
    while (!is_done) {
        turn(client);
    }

    /* And the end while another one is under way. */
    send_call(client, &is_done);
    for (int i = 0; i < 5; i++) {
        turn(client);
    }
    http_client_destroy(client);
    return time_msec() - start > BLOCKED_MS ? WAS_BLOCKED : GOOD;
}

static void
a_hanging_name_server_blocks_nothing(void **state)
{
    int status;
    pid_t pid = fork();

    if (!pid) {
        _exit(enter_namespaces() ? call_in_vain() : NOT_ALLOWED);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    unlink(RESOLV_CONF);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NOT_ALLOWED) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), GOOD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hanging_name_server_blocks_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
