/* SPDX-License-Identifier: Apache-2.0
 *
 * The load generator of bench/run: creates load balancers with their children
 * as fast as the API allows, reads one URL again and again, or sends the
 * requests of a file.  One process for each client, one connection for each
 * process.
 * Prints a line "STEP MILLISECONDS" for each step of each client, and at the
 * end "elapsed MILLISECONDS".
 */

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "http.h"

#define CLIENTS_MAX 64
#define SUBNETS_MAX 100
#define SAMPLES_MAX 1000000     /* Of one client. */
#define WAIT_MS 60000           /* For one object to become ACTIVE. */
#define ID_BYTES 40

enum step { STEP_LB, STEP_LISTENER, STEP_POOL, STEP_MEMBER, STEP_TREE,
            STEP_GET, STEP_REPLY, STEP_SETTLED, STEP_REFUSED };

static const char *const step_names[] = {
    "lb", "listener", "pool", "member", "tree", "get", "reply", "settled",
    "refused"
};

struct sample {
    enum step step;
    float ms;
};

/* Shared between a client's process and the first one. */
struct client {
    size_t n_samples;
    struct sample samples[SAMPLES_MAX];
};

struct options {
    unsigned int port;
    unsigned int clients;
    unsigned int count;         /* Of load balancers or GETs; 0: any. */
    double seconds;             /* 0: until 'count' is reached. */
    unsigned int members;       /* Of each tree. */
    bool children;
    const char *get;            /* Path, or NULL: create. */
    const char *requests;       /* Name of a file, or NULL. */
    bool is_settled;            /* Wait until each has come true. */
    const char *subnets[SUBNETS_MAX]; /* Ids; the n-th is 10.(16+n).0.0/16. */
    unsigned int n_subnets;     /* Even: a tree uses two, of one router. */
};

/* A line "METHOD PATH LOADBALANCER BODY" of a file. */
struct script_line {
    char *method;
    char *path;
    char *load_balancer;        /* Path of what becomes ACTIVE, or is gone with
                                 * it; "+": what is made.  Or "-". */
    char *body;                 /* Or "". */
};

static struct options options = { .clients = 1, .members = 1 };
static struct script_line *script;
static size_t script_n;

static double
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void
add_sample(struct client *client, enum step step, double start_ms)
{
    if (client->n_samples >= SAMPLES_MAX) {
        die("too many samples");
    }
    client->samples[client->n_samples++]
        = (struct sample) { step, now_ms() - start_ms };
}

/* --- Creating ------------------------------------------------------------ */

/* A load balancer stays PENDING_UPDATE for a moment after its child became
 * ACTIVE, if they do not change in one transaction: then the answer is 409. */
static void
post(struct http *http, const char *path, const char *body)
{
    double end = now_ms() + WAIT_MS;
    int status;

    do {
        status = http_request(http, "POST", path, body);
    } while (status == 409 && now_ms() < end);
    if (status != 201) {
        die("POST %s %s: %d %s", path, body, status, http->body);
    }
}

/* The machine is left to those who do the work, as it is by a client with a
 * network between it and the API: a question that follows the last one at once
 * keeps a core and the API busy.  One client measures how long things take,
 * with this pause's precision; many measure how much gets done. */
static void
pause_between_polls(void)
{
    struct timespec pause = {
        .tv_nsec = (options.clients > 1 ? 1000 : 100) * 1000
    };

    nanosleep(&pause, NULL);
}

static void
wait_active(struct http *http, const char *path)
{
    double end = now_ms() + WAIT_MS;

    while (now_ms() < end) {
        char status[64];
        int code = http_request(http, "GET", path, NULL);

        if (code != 200) {
            die("GET %s: %d %s", path, code, http->body);
        }
        json_get_string(http->body, "provisioning_status", status,
                        sizeof status);
        if (!strcmp(status, "ACTIVE")) {
            return;
        }
        if (!strcmp(status, "ERROR")) {
            die("GET %s: %s", path, http->body);
        }
        pause_between_polls();
    }
    die("%s did not become ACTIVE", path);
}

/* POSTs 'body' to the collection 'path', and waits until the new object is
 * ACTIVE. */
static void
create(struct http *http, struct client *client, enum step step,
       const char *path, const char *body, char id[ID_BYTES])
{
    double start = now_ms();
    char object[512];

    post(http, path, body);
    json_get_string(http->body, "id", id, ID_BYTES);
    snprintf(object, sizeof object, "%s/%s", path, id);
    wait_active(http, object);
    add_sample(client, step, start);
}

/* The 'i'-th member of the 'subnet'-th subnet.  Addresses are taken from its
 * upper half, again and again. */
static void
create_member(struct http *http, struct client *client, const char *pool,
              unsigned int subnet, uint32_t i)
{
    unsigned int host = 32768 + i % 32000;
    char body[512], path[128], id[ID_BYTES];

    snprintf(path, sizeof path, "/v2.0/lbaas/pools/%s/members", pool);
    snprintf(body, sizeof body,
             "{\"member\": {\"address\": \"10.%u.%u.%u\", "
             "\"protocol_port\": 8080, \"subnet_id\": \"%s\"}}",
             16 + subnet, host >> 8, host & 255, options.subnets[subnet]);
    create(http, client, STEP_MEMBER, path, body, id);
}

/* 'i' is different for each tree of all clients.  The VIP is in one subnet,
 * the members are in its neighbour. */
static void
create_tree(struct http *http, struct client *client, uint32_t i)
{
    unsigned int subnet = i % options.n_subnets;
    double start = now_ms();
    char lb[ID_BYTES], listener[ID_BYTES], pool[ID_BYTES], body[512];

    snprintf(body, sizeof body,
             "{\"loadbalancer\": {\"name\": \"bench-%u\", "
             "\"vip_subnet_id\": \"%s\"}}",
             i, options.subnets[subnet]);
    create(http, client, STEP_LB, "/v2.0/lbaas/loadbalancers", body, lb);
    if (!options.children) {
        return;
    }

    snprintf(body, sizeof body,
             "{\"listener\": {\"loadbalancer_id\": \"%s\", "
             "\"protocol\": \"TCP\", \"protocol_port\": 80}}", lb);
    create(http, client, STEP_LISTENER, "/v2.0/lbaas/listeners", body,
           listener);

    snprintf(body, sizeof body,
             "{\"pool\": {\"listener_id\": \"%s\", \"protocol\": \"TCP\", "
             "\"lb_algorithm\": \"SOURCE_IP_PORT\"}}", listener);
    create(http, client, STEP_POOL, "/v2.0/lbaas/pools", body, pool);

    for (uint32_t j = 0; j < options.members; j++) {
        create_member(http, client, pool, subnet ^ 1,
                      i * options.members + j);
    }
    add_sample(client, STEP_TREE, start);
}

/* --- A file of requests -------------------------------------------------- */

static char *
script_read(const char *name)
{
    FILE *file = fopen(name, "r");
    char *text = NULL;
    size_t size = 0;

    if (!file || getdelim(&text, &size, '\0', file) <= 0) {
        die("%s: %s", name, strerror(errno));
    }
    fclose(file);
    return text;
}

static void
script_load(const char *name)
{
    char *text = script_read(name);
    char *line;

    while ((line = strsep(&text, "\n")) && *line) {
        struct script_line *new;

        script = realloc(script, (script_n + 1) * sizeof *script);
        if (!script) {
            die("out of memory");
        }
        new = &script[script_n++];
        new->method = strsep(&line, " ");
        new->path = strsep(&line, " ");
        new->load_balancer = strsep(&line, " ");
        new->body = line;
        if (!new->body) {
            die("%s: line %zu is too short", name, script_n);
        }
    }
}

/* Waits until a load balancer is ACTIVE, or gone if it was deleted. */
static void
script_wait_settled(struct http *http, const struct script_line *line)
{
    double end = now_ms() + WAIT_MS;
    char id[ID_BYTES], made[512];
    const char *path = line->load_balancer;

    if (!strcmp(path, "+")) {
        json_get_string(http->body, "id", id, sizeof id);
        snprintf(made, sizeof made, "%s/%s", line->path, id);
        path = made;
    }
    if (strcmp(line->method, "DELETE")) {
        wait_active(http, path);
        return;
    }
    while (http_request(http, "GET", path, NULL) != 404) {
        if (now_ms() >= end) {
            die("%s did not go away", path);
        }
        pause_between_polls();
    }
}

static void
script_play(struct http *http, struct client *client,
            const struct script_line *line)
{
    double start = now_ms();
    int status = http_request(http, line->method, line->path,
                              *line->body ? line->body : NULL);

    if (status / 100 != 2) {
        add_sample(client, STEP_REFUSED, now_ms() - status);
        return;
    }
    add_sample(client, STEP_REPLY, start);
    if (options.is_settled && strcmp(line->load_balancer, "-")) {
        script_wait_settled(http, line);
        add_sample(client, STEP_SETTLED, start);
    }
}

/* --- Clients ------------------------------------------------------------- */

static void
run_client(unsigned int index, struct client *client)
{
    double end = now_ms() + options.seconds * 1000;
    struct http http;

    http_init(&http, options.port);
    for (uint32_t i = index; !options.count || i < options.count;
         i += options.clients) {
        if (options.seconds && now_ms() >= end) {
            break;
        }
        if (options.requests) {
            script_play(&http, client, &script[i % script_n]);
        } else if (options.get) {
            double start = now_ms();
            int status = http_request(&http, "GET", options.get, NULL);
            if (status != 200) {
                die("GET %s: %d %s", options.get, status, http.body);
            }
            add_sample(client, STEP_GET, start);
        } else {
            create_tree(&http, client, i);
        }
    }
}

static void
start_client(unsigned int index, struct client *client)
{
    switch (fork()) {
    case -1:
        die("fork: %s", strerror(errno));

    case 0:
        run_client(index, client);
        exit(0);

    default:
        break;
    }
}

static void
wait_clients(void)
{
    bool ok = true;

    for (unsigned int i = 0; i < options.clients; i++) {
        int status;

        if (wait(&status) < 0) {
            die("wait: %s", strerror(errno));
        }
        ok = ok && WIFEXITED(status) && !WEXITSTATUS(status);
    }
    if (!ok) {
        exit(1);
    }
}

static void
print_samples(const struct client *client)
{
    for (size_t i = 0; i < client->n_samples; i++) {
        const struct sample *sample = &client->samples[i];
        printf("%s %.4f\n", step_names[sample->step], sample->ms);
    }
}

/* --- Options ------------------------------------------------------------- */

static unsigned long
parse_number(const char *s)
{
    char *end;
    unsigned long n = strtoul(s, &end, 10);

    if (!*s || *end || n > UINT32_MAX) {
        die("%s: not a number", s);
    }
    return n;
}

static void
parse_options(int argc, char *argv[])
{
    enum { OPT_PORT = 256, OPT_CLIENTS, OPT_COUNT, OPT_SECONDS, OPT_MEMBERS,
           OPT_CHILDREN, OPT_GET, OPT_REQUESTS, OPT_SETTLED, OPT_SUBNET };
    static const struct option longs[] = {
        { "port", required_argument, NULL, OPT_PORT },
        { "clients", required_argument, NULL, OPT_CLIENTS },
        { "count", required_argument, NULL, OPT_COUNT },
        { "seconds", required_argument, NULL, OPT_SECONDS },
        { "members", required_argument, NULL, OPT_MEMBERS },
        { "children", no_argument, NULL, OPT_CHILDREN },
        { "get", required_argument, NULL, OPT_GET },
        { "requests", required_argument, NULL, OPT_REQUESTS },
        { "settled", no_argument, NULL, OPT_SETTLED },
        { "subnet", required_argument, NULL, OPT_SUBNET },
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {
        case OPT_PORT: options.port = parse_number(optarg); break;
        case OPT_CLIENTS: options.clients = parse_number(optarg); break;
        case OPT_COUNT: options.count = parse_number(optarg); break;
        case OPT_SECONDS: options.seconds = parse_number(optarg); break;
        case OPT_MEMBERS: options.members = parse_number(optarg); break;
        case OPT_CHILDREN: options.children = true; break;
        case OPT_GET: options.get = optarg; break;
        case OPT_REQUESTS: options.requests = optarg; break;
        case OPT_SETTLED: options.is_settled = true; break;

        case OPT_SUBNET:
            if (options.n_subnets >= SUBNETS_MAX) {
                die("too many subnets");
            }
            options.subnets[options.n_subnets++] = optarg;
            break;

        default:
            exit(2);
        }
    }
    if (optind < argc || !options.port || !options.clients
        || options.clients > CLIENTS_MAX
        || (!options.count && !options.seconds)
        || (!options.get && !options.requests && !options.n_subnets)
        || options.n_subnets % 2) {
        die("bad or missing options; bench/run shows how to call this");
    }
}

int
main(int argc, char *argv[])
{
    parse_options(argc, argv);
    if (options.requests) {
        script_load(options.requests);
    }

    struct client *clients
        = mmap(NULL, options.clients * sizeof *clients,
               PROT_READ | PROT_WRITE,
               MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (clients == MAP_FAILED) {
        die("mmap: %s", strerror(errno));
    }

    double start = now_ms();
    for (unsigned int i = 0; i < options.clients; i++) {
        start_client(i, &clients[i]);
    }
    wait_clients();
    double elapsed = now_ms() - start;

    for (unsigned int i = 0; i < options.clients; i++) {
        print_samples(&clients[i]);
    }
    printf("elapsed %.4f\n", elapsed);
    return 0;
}
