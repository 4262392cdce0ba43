/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what Keystone says about a token; see token-reply.h.
 */

#include <config.h>
#include "auth/token-reply.h"
#include <string.h>
#include <strings.h>
#include <time.h>
#include "auth/caller.h"
#include "base/json-read.h"
#include "base/ovs-compat.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "sset.h"
#include "util.h"

/* Returns the member of that name, if 'json' is an object that has it and it
 * is of the right type; else NULL. */
static const struct json *
token_reply_get(const struct json *json, const char *name, enum json_type type)
{
    const struct json *member = json_member(json, name);

    return member && member->type == type ? member : NULL;
}

static const char *
token_reply_get_string(const struct json *json, const char *name)
{
    const struct json *member = token_reply_get(json, name, JSON_STRING);

    return member && *json_string(member) ? json_string(member) : NULL;
}

/* Reads "2026-11-22T23:01:32.000000Z".  The fraction, if any, is cut off. */
static bool
token_reply_parse_time(const char *text, long long int *ret_ms)
{
    struct tm tm = { .tm_isdst = 0 };
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;

    if (rest && *rest == '.') {
        rest++;
        rest += strspn(rest, "0123456789");
    }
    if (!rest || strcmp(rest, "Z")) {
        return false;
    }

    time_t seconds = timegm(&tm);
    *ret_ms = seconds * 1000LL;
    return seconds >= 0;
}

static bool
token_reply_has_role(const struct sset *roles, const char *name)
{
    const char *role;

    SSET_FOR_EACH (role, roles) {
        if (!strcasecmp(role, name)) {
            return true;
        }
    }
    return false;
}

/* A token without roles has no such member. */
static bool
token_reply_parse_roles(const struct json *token,
                        const struct sset *service_roles,
                        unsigned int *ret_roles, bool *ret_is_service)
{
    const struct json *roles = token_reply_get(token, "roles", JSON_ARRAY);

    for (size_t i = 0; roles && i < json_array_size(roles); i++) {
        const char *name = token_reply_get_string(json_array_at(roles, i),
                                                  "name");

        if (!name) {
            return false;
        }
        *ret_roles |= role_from_name(name);
        *ret_is_service |= token_reply_has_role(service_roles, name);
    }
    return true;
}

/* True for the two kinds of tokens that are good only together with something
 * else, at which we do not look: an application credential with access rules,
 * for the calls in them (Keystone itself refuses such a token only to services
 * that do not say that they know of rules), and a token that is bound to
 * Kerberos, for that connection. */
static bool
token_reply_is_restricted(const struct json *token)
{
    return (token_reply_get(token_reply_get(token, "application_credential",
                                            JSON_OBJECT),
                            "access_rules", JSON_ARRAY)
            || (token_reply_get(token, "bind", JSON_OBJECT)
                && shash_find(json_object(
                                  token_reply_get(token, "bind", JSON_OBJECT)),
                              "kerberos")));
}

enum token_reply
token_reply_parse(const struct json *json, const struct sset *service_roles,
                  struct token_facts *ret)
{
    const struct json *token = token_reply_get(json, "token", JSON_OBJECT);
    const char *user = token_reply_get_string(token_reply_get(token, "user",
                                                              JSON_OBJECT),
                                              "id");
    struct token_facts facts = { NULL, 0, false };
    unsigned int roles = 0;

    if (!user
        || !token_reply_parse_time(token_reply_get_string(token, "expires_at"),
                                   &facts.expires_ms)
        || !token_reply_parse_roles(token, service_roles, &roles,
                                    &facts.is_service)) {
        return TOKEN_REPLY_GARBAGE;
    }
    if (token_reply_is_restricted(token)) {
        return TOKEN_REPLY_UNFIT;
    }
    facts.caller = caller_create(
        user,
        token_reply_get_string(token_reply_get(token, "project", JSON_OBJECT),
                               "id"),
        roles);
    *ret = facts;
    return TOKEN_REPLY_OK;
}
