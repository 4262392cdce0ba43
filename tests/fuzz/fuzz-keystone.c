/* SPDX-License-Identifier: Apache-2.0
 *
 * What Keystone says of tokens, users' and ours, and where services are.
 */

#include <config.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "auth/caller.h"
#include "auth/catalog.h"
#include "auth/login.h"
#include "auth/rest-text.h"
#include "auth/token-reply.h"
#include "base/json-read.h"
#include "check.h"
#include "fuzz.h"
#include "openvswitch/json.h"
#include "sset.h"
#include "util.h"

/* More than rest_error_text() makes of anything. */
#define ERROR_BYTES_MAX 600

/* The year 10000: no sum with it overflows. */
#define TIME_MS_MAX (253402300800LL * 1000)

static void
check_error(const struct json *json)
{
    static const char *const secrets[] = { "", "secret", NULL };
    char *text = rest_error_text(500, json, secrets);

    check_line(text, ERROR_BYTES_MAX);
    ovs_assert(!strstr(text, "secret"));
    free(text);
}

void
fuzz_token(const char *data, size_t size)
{
    struct sset service_roles = SSET_INITIALIZER(&service_roles);
    struct json *json = json_read(data, size);
    struct token_facts facts = { .caller = NULL };

    sset_add(&service_roles, "service");
    if (json) {
        enum token_reply reply = token_reply_parse(json, &service_roles,
                                                   &facts);

        ovs_assert((reply == TOKEN_REPLY_OK) == !!facts.caller);
        if (facts.caller) {
            ovs_assert(!facts.caller->is_trusted);
            ovs_assert(facts.caller->user_id && *facts.caller->user_id);
            ovs_assert(facts.expires_ms >= 0
                       && facts.expires_ms <= TIME_MS_MAX);
            caller_unref(facts.caller);
        }
        check_error(json);
    }
    json_destroy(json);
    sset_destroy(&service_roles);
}

/* What is made of a URL is made of it only once, and is one still. */
static void
check_url(const char *url)
{
    char *again = endpoint_normalize(url);

    ovs_assert(again && strlen(again) <= strlen(url));
    ovs_assert(url[strlen(url) - 1] != '/');
    free(again);
}

void
fuzz_login(const char *data, size_t size)
{
    static const char *const interfaces[] = { "internalURL", "public", NULL };
    struct json *json = json_read(data, size);
    struct token *token = json ? token_create("id", json) : NULL;

    if (token) {
        char *any = catalog_find(token->catalog, "network", interfaces, NULL);
        char *here = catalog_find(token->catalog, "network", interfaces,
                                  "here");

        ovs_assert(token->lifetime_ms > 0
                   && token->lifetime_ms <= TIME_MS_MAX);
        ovs_assert(any || !here);
        if (any) {
            check_url(any);
        }
        free(any);
        free(here);
    }
    token_destroy(token);
    json_destroy(json);
}
