/* SPDX-License-Identifier: Apache-2.0
 *
 * Trees of the model as text, and the short names of UUIDs; see
 * model-fixture.h.
 */

#include <config.h>
#include "model-fixture.h"
#include <ctype.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model/objects.h"
#include "openvswitch/dynamic-string.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

/* UUIDs and names. */

#define N_CALLED_MAX 64

/* What uuid_call() said. */
static struct called {
    struct uuid uuid;
    char *name;
} called[N_CALLED_MAX];
static size_t n_called;

void
uuid_call(const struct uuid *uuid, const char *name)
{
    assert_true(n_called < N_CALLED_MAX);
    called[n_called++] = (struct called) { *uuid, xstrdup(name) };
}

void
uuid_forget_all(void)
{
    while (n_called) {
        free(called[--n_called].name);
    }
}

struct uuid
uuid_of(const char *name)
{
    struct uuid uuid = { { 0, 0x00004000, 0x80000000, 0 } };
    unsigned int number = 0;

    for (size_t i = 0; i < n_called; i++) {
        if (!strcmp(called[i].name, name)) {
            return called[i].uuid;
        }
    }
    if (!strcmp(name, "none")) {
        return UUID_ZERO;
    }
    if (!isupper((unsigned char) name[0])
        || !str_to_uint(name + 1, 10, &number)) {
        fail_msg("%s: not the name of a UUID", name);
    }
    uuid.parts[0] = name[0];
    uuid.parts[3] = number;
    return uuid;
}

static void
put_uuid(struct ds *s, const struct uuid *uuid)
{
    for (size_t i = 0; i < n_called; i++) {
        if (uuid_equals(&called[i].uuid, uuid)) {
            ds_put_cstr(s, called[i].name);
            return;
        }
    }
    if (uuid_is_zero(uuid)) {
        ds_put_cstr(s, "none");
    } else if (uuid->parts[0] < 'A' || uuid->parts[0] > 'Z'
               || uuid->parts[1] != 0x4000 || uuid->parts[2] != 0x80000000) {
        ds_put_format(s, UUID_FMT, UUID_ARGS(uuid));
    } else {
        ds_put_format(s, "%c%"PRIu32, (char) uuid->parts[0], uuid->parts[3]);
    }
}

char *
name_uuids(char *text)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct uuid uuid;

    ds_put_cstr(&s, "");
    for (const char *p = text; *p;) {
        if (uuid_from_string_prefix(&uuid, p)) {
            put_uuid(&s, &uuid);
            p += UUID_LEN;
        } else {
            ds_put_char(&s, *p++);
        }
    }
    free(text);
    return ds_steal_cstr(&s);
}

/* Parsing a tree. */

static unsigned int
parse_number(const char *text)
{
    unsigned int number = 0;

    if (!str_to_uint(text, 10, &number)) {
        fail_msg("%s: not a number", text);
    }
    return number;
}

static enum l4_protocol
parse_protocol(const char *word)
{
    for (enum l4_protocol p = 0; p < N_L4_PROTOCOLS; p++) {
        if (!strcmp(l4_protocol_to_ovn(p), word)) {
            return p;
        }
    }
    fail_msg("%s: not a protocol", word);
    return L4_TCP;
}

/* If 'word' is "KEY=VALUE", returns VALUE, else NULL. */
static const char *
value_of(const char *word, const char *key)
{
    size_t n = strlen(key);

    return !strncmp(word, key, n) && word[n] == '=' ? word + n + 1 : NULL;
}

static bool
parse_statuses(struct model_base *base, char *word)
{
    char *slash = strchr(word, '/');
    bool ok;

    if (slash) {
        *slash = '\0';
        assert_true(operating_status_from_string(slash + 1,
                                                 &base->operating_status));
    }
    ok = provisioning_status_from_string(word, &base->provisioning_status);
    assert_true(ok || !slash);
    return ok;
}

/* Takes the words that every object may have.  Of the others, calls
 * parse_word(), which returns false if it knows none such. */
static void
parse_base(struct model_base *base, const char *name, const struct svec *words,
           size_t first, bool (*parse_word)(void *object, const char *word),
           void *object)
{
    base->id = uuid_of(name);
    base->admin_state_up = true;
    for (size_t i = first; i < words->n; i++) {
        char *word = words->names[i];
        if (!strcmp(word, "down")) {
            base->admin_state_up = false;
        } else if (!strcmp(word, "deleting")) {
            base->deleting = true;
        } else if (!parse_word(object, word)
                   && !parse_statuses(base, word)) {
            fail_msg("%s: unknown word", word);
        }
    }
}

static bool
parse_lb_word(void *lb_, const char *word)
{
    struct model_lb *lb = lb_;
    const char *value;

    if ((value = value_of(word, "subnet"))) {
        lb->vips[0].subnet_id = uuid_of(value);
    } else if ((value = value_of(word, "net"))) {
        lb->vips[0].network_id = uuid_of(value);
    } else if ((value = value_of(word, "port"))) {
        lb->vips[0].port_id = uuid_of(value);
    } else if ((value = value_of(word, "fault"))) {
        char *text = strchr(value, ':');
        lb->fault_code = strtol(value, NULL, 10);
        free(lb->fault_text);
        lb->fault_text = xstrdup(text + 1);
        for (char *p = lb->fault_text; (p = strchr(p, '_'));) {
            *p = ' ';
        }
    } else {
        return false;
    }
    return true;
}

static void
parse_lb(struct model_lb *lb, const struct svec *words)
{
    if (strcmp(words->names[1], "none")) {
        model_vip_set_address(&lb->vips[0], words->names[1]);
    }
    lb->vips[0].port_id = uuid_of("V1");
    parse_base(&lb->base, "B1", words, 2, parse_lb_word, lb);
}

static void
parse_vip(struct model_lb *lb, const struct svec *words)
{
    char row[16];

    struct model_vip *vip = model_lb_add_vip(lb);
    snprintf(row, sizeof row, "A%"PRIuSIZE, lb->n_vips - 1);
    vip->row = uuid_of(row);
    if (strcmp(words->names[1], "none")) {
        model_vip_set_address(vip, words->names[1]);
    }
    for (size_t i = 2; i < words->n; i++) {
        const char *word = words->names[i];
        const char *value;

        if ((value = value_of(word, "subnet"))) {
            vip->subnet_id = uuid_of(value);
        } else if ((value = value_of(word, "net"))) {
            vip->network_id = uuid_of(value);
        } else if ((value = value_of(word, "port"))) {
            vip->port_id = uuid_of(value);
        } else {
            fail_msg("%s: unknown word", word);
        }
    }
}

static bool
parse_listener_word(void *listener_, const char *word)
{
    struct model_listener *listener = listener_;
    const char *value = value_of(word, "pool");

    if (value) {
        listener->default_pool_id = uuid_of(value);
    }
    return value;
}

static void
parse_listener(struct model_lb *lb, const struct svec *words)
{
    lb->listeners = xrealloc(lb->listeners, ((lb->n_listeners + 1)
                                             * sizeof *lb->listeners));

    struct model_listener *listener = &lb->listeners[lb->n_listeners++];
    *listener = (struct model_listener) {
        .protocol = parse_protocol(words->names[2]),
        .protocol_port = parse_number(words->names[3]),
    };
    parse_base(&listener->base, words->names[1], words, 4,
               parse_listener_word, listener);
}

static bool
parse_pool_word(void *pool_, const char *word)
{
    struct model_pool *pool = pool_;
    const char *value;

    if (!strcmp(word, "source_ip")) {
        pool->is_source_ip = true;
    } else if (!strcmp(word, "affinity")) {
        pool->has_persistence = true;
    } else if ((value = value_of(word, "affinity"))) {
        pool->has_persistence = true;
        pool->persistence_timeout = xstrdup(value);
    } else {
        return false;
    }
    return true;
}

static void
parse_pool(struct model_lb *lb, const struct svec *words)
{
    lb->pools = xrealloc(lb->pools, (lb->n_pools + 1) * sizeof *lb->pools);

    struct model_pool *pool = &lb->pools[lb->n_pools++];
    *pool = (struct model_pool) {
        .protocol = parse_protocol(words->names[2]),
    };
    parse_base(&pool->base, words->names[1], words, 3, parse_pool_word, pool);
}

static const char *const monitor_words[N_MONITOR_TYPES] = {
    [MONITOR_TCP] = "tcp",
    [MONITOR_UDP_CONNECT] = "udp-connect",
};

static enum monitor_type
parse_monitor_type(const char *word)
{
    for (size_t i = 0; i < N_MONITOR_TYPES; i++) {
        if (!strcmp(monitor_words[i], word)) {
            return i;
        }
    }
    fail_msg("%s: not a type of monitor", word);
    return MONITOR_TCP;
}

static bool
parse_monitor_word(void *monitor_, const char *word)
{
    struct model_monitor *monitor = monitor_;

    if (strcmp(word, "unserved")) {
        return false;
    }
    monitor->is_unserved = true;
    return true;
}

static void
parse_monitor(struct model_lb *lb, const struct svec *words)
{
    assert_true(lb->n_pools);

    struct model_pool *pool = &lb->pools[lb->n_pools - 1];
    assert_null(pool->monitor);
    pool->monitor = xmalloc(sizeof *pool->monitor);
    *pool->monitor = (struct model_monitor) {
        .type = parse_monitor_type(words->names[2]),
        .delay = parse_number(words->names[3]),
        .timeout = parse_number(words->names[4]),
        .max_retries = parse_number(words->names[5]),
        .max_retries_down = parse_number(words->names[6]),
    };
    parse_base(&pool->monitor->base, words->names[1], words, 7,
               parse_monitor_word, pool->monitor);
}

static const char *const health_words[] = {
    [HEALTH_NO_MONITOR] = "none",
    [HEALTH_UNKNOWN] = "unknown",
    [HEALTH_ONLINE] = "online",
    [HEALTH_ERROR] = "error",
    [HEALTH_CUT_OFF] = "cut_off",
};

static enum member_health
parse_health(const char *word)
{
    for (size_t i = 0; i < ARRAY_SIZE(health_words); i++) {
        if (!strcmp(health_words[i], word)) {
            return i;
        }
    }
    fail_msg("%s: not a health", word);
    return HEALTH_NO_MONITOR;
}

static bool
parse_member_word(void *member_, const char *word)
{
    struct model_member *member = member_;
    const char *value;

    if (!strcmp(word, "backup")) {
        member->backup = true;
    } else if ((value = value_of(word, "weight"))) {
        member->weight = parse_number(value);
    } else if ((value = value_of(word, "subnet"))) {
        member->subnet_id = uuid_of(value);
    } else if ((value = value_of(word, "health"))) {
        member->health = parse_health(value);
    } else {
        return false;
    }
    return true;
}

static void
parse_member(struct model_lb *lb, const struct svec *words)
{
    assert_true(lb->n_pools);

    struct model_pool *pool = &lb->pools[lb->n_pools - 1];
    pool->members = xrealloc(pool->members, ((pool->n_members + 1)
                                             * sizeof *pool->members));

    struct model_member *member = &pool->members[pool->n_members++];
    *member = (struct model_member) {
        .base.operating_status = OS_NO_MONITOR,
        .protocol_port = parse_number(words->names[3]),
        .weight = 1,
        .subnet_id = lb->vips[0].subnet_id,
    };
    model_member_set_address(member, words->names[2]);
    parse_base(&member->base, words->names[1], words, 4, parse_member_word,
               member);
    member->has_subnet = !uuid_is_zero(&member->subnet_id);
}

struct model_lb *
model_lb_parse(const char *text)
{
    static const struct {
        const char *kind;
        size_t n_words;
        void (*parse)(struct model_lb *, const struct svec *words);
    } kinds[] = {
        { "lb", 2, parse_lb },
        { "vip", 2, parse_vip },
        { "listener", 4, parse_listener },
        { "pool", 3, parse_pool },
        { "monitor", 7, parse_monitor },
        { "member", 4, parse_member },
    };
    struct model_lb *lb = model_lb_create();

    lb->name = xstrdup("lb");
    lb->project_id = xstrdup("demo");
    lb->fault_text = xstrdup("");

    char *copy = xstrdup(text);
    char *rest = copy;
    char *line;
    while ((line = strsep(&rest, "\n"))) {
        struct svec words = SVEC_EMPTY_INITIALIZER;
        size_t i = 0;

        svec_parse_words(&words, line);
        if (!words.n) {
            svec_destroy(&words);
            continue;
        }
        while (i < ARRAY_SIZE(kinds)
               && strcmp(kinds[i].kind, words.names[0])) {
            i++;
        }
        if (i >= ARRAY_SIZE(kinds) || words.n < kinds[i].n_words) {
            fail_msg("%s: not a line of a tree", line);
        }
        kinds[i].parse(lb, &words);
        svec_destroy(&words);
    }
    free(copy);
    return lb;
}

/* Formatting a tree. */

static void
put_base(struct ds *s, const struct model_base *base)
{
    ds_put_format(s, "%s%s %s/%s\n", base->admin_state_up ? "" : " down",
                  base->deleting ? " deleting" : "",
                  provisioning_status_to_string(base->provisioning_status),
                  operating_status_to_string(base->operating_status));
}

static void
put_id(struct ds *s, const char *key, const struct uuid *uuid)
{
    if (!uuid_is_zero(uuid)) {
        ds_put_format(s, " %s=", key);
        put_uuid(s, uuid);
    }
}

static void
put_member(struct ds *s, const struct model_member *member)
{
    ds_put_cstr(s, "member ");
    put_uuid(s, &member->base.id);
    ds_put_format(s, " %s %"PRIu16, member->address, member->protocol_port);
    put_id(s, "subnet", &member->subnet_id);
    if (member->weight != 1) {
        ds_put_format(s, " weight=%d", member->weight);
    }
    ds_put_cstr(s, member->backup ? " backup" : "");
    if (member->health != HEALTH_NO_MONITOR) {
        ds_put_format(s, " health=%s", health_words[member->health]);
    }
    assert_int_equal(member->has_subnet, !uuid_is_zero(&member->subnet_id));
    put_base(s, &member->base);
}

static void
put_monitor(struct ds *s, const struct model_monitor *monitor)
{
    ds_put_cstr(s, "monitor ");
    put_uuid(s, &monitor->base.id);
    ds_put_format(s, " %s %d %d %d %d%s", monitor_words[monitor->type],
                  monitor->delay, monitor->timeout, monitor->max_retries,
                  monitor->max_retries_down,
                  monitor->is_unserved ? " unserved" : "");
    put_base(s, &monitor->base);
}

static void
put_pool(struct ds *s, const struct model_pool *pool)
{
    ds_put_cstr(s, "pool ");
    put_uuid(s, &pool->base.id);
    ds_put_format(s, " %s%s", l4_protocol_to_ovn(pool->protocol),
                  pool->is_source_ip ? " source_ip" : "");
    if (pool->has_persistence) {
        ds_put_format(s, " affinity%s%s", pool->persistence_timeout ? "=" : "",
                      pool->persistence_timeout ? pool->persistence_timeout
                      : "");
    }
    put_base(s, &pool->base);
    if (pool->monitor) {
        put_monitor(s, pool->monitor);
    }
    for (size_t i = 0; i < pool->n_members; i++) {
        put_member(s, &pool->members[i]);
    }
}

static void
put_vip(struct ds *s, const struct model_vip *vip)
{
    ds_put_format(s, "vip %s", vip->address ? vip->address : "none");
    put_id(s, "subnet", &vip->subnet_id);
    put_id(s, "net", &vip->network_id);
    put_id(s, "port", &vip->port_id);
    ds_put_char(s, '\n');
}

static void
put_listener(struct ds *s, const struct model_listener *listener)
{
    ds_put_cstr(s, "listener ");
    put_uuid(s, &listener->base.id);
    ds_put_format(s, " %s %"PRIu16, l4_protocol_to_ovn(listener->protocol),
                  listener->protocol_port);
    put_id(s, "pool", &listener->default_pool_id);
    put_base(s, &listener->base);
}

char *
model_lb_format(const struct model_lb *lb)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "lb %s",
                  lb->vips[0].address ? lb->vips[0].address : "none");
    put_id(&s, "subnet", &lb->vips[0].subnet_id);
    put_id(&s, "net", &lb->vips[0].network_id);
    if (lb->fault_code || lb->fault_text[0]) {
        ds_put_format(&s, " fault=%"PRId64":%s", lb->fault_code,
                      lb->fault_text);
    }
    put_base(&s, &lb->base);
    for (size_t i = 1; i < lb->n_vips; i++) {
        put_vip(&s, &lb->vips[i]);
    }
    for (size_t i = 0; i < lb->n_listeners; i++) {
        put_listener(&s, &lb->listeners[i]);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        put_pool(&s, &lb->pools[i]);
    }
    return ds_steal_cstr(&s);
}
