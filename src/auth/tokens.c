/* SPDX-License-Identifier: Apache-2.0
 *
 * Who a caller is; see tokens.h.
 */

#include <config.h>
#include "auth/tokens.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "auth/caller.h"
#include "auth/session.h"
#include "base/limits.h"
#include "openvswitch/list.h"
#include "openvswitch/vlog.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(tokens);

#define ASK "/v3/auth/tokens?nocatalog"
#define ASK_EXPIRED ASK "&allow_expired=1"

struct tokens {
    struct session *session;
    struct token_cache *cache;
    long long int cache_time_ms;
    struct sset service_roles;
    bool service_roles_required;

    struct ovs_list questions;  /* struct question. */
    unsigned int seqno;
    unsigned long long int n_asked;
    bool is_away;               /* The last answer was none. */
};

/* One that Keystone is being asked. */
struct question {
    struct ovs_list node;
    struct tokens *tokens;
    struct token_key key;
    struct service_call *call;
};

static void answered(const struct service_reply *, void *question);

struct tokens *
tokens_create(struct session *session, const struct tokens_options *options)
{
    struct tokens *tokens = xzalloc(sizeof *tokens);

    tokens->session = session;
    tokens->cache = token_cache_create(TOKENS_GOOD_MAX, TOKENS_OTHER_MAX);
    tokens->cache_time_ms = MAX(options->cache_time_s * 1000LL,
                                TOKEN_GOOD_MIN_MS);
    sset_from_delimited_string(&tokens->service_roles,
                               options->service_roles, ", \t");
    tokens->service_roles_required = options->service_roles_required;
    ovs_list_init(&tokens->questions);
    return tokens;
}

static void
question_destroy(struct question *question)
{
    ovs_list_remove(&question->node);
    free(question);
}

void
tokens_destroy(struct tokens *tokens)
{
    struct question *question;

    if (tokens) {
        LIST_FOR_EACH_SAFE (question, node, &tokens->questions) {
            service_call_cancel(question->call);
            question_destroy(question);
        }
        token_cache_destroy(tokens->cache);
        sset_destroy(&tokens->service_roles);
        free(tokens);
    }
}

static void
ask(struct tokens *tokens, const struct token_key *key, const char *token,
    bool takes_expired)
{
    struct question *question = xzalloc(sizeof *question);

    token_cache_add(tokens->cache, key);
    question->tokens = tokens;
    question->key = *key;
    ovs_list_push_back(&tokens->questions, &question->node);
    tokens->n_asked++;
    question->call = session_send(tokens->session, "GET",
                                  takes_expired ? ASK_EXPIRED : ASK, token,
                                  answered, question);
}

/* Keystone works, or it does not: said once, however many ask. */
static void
note_health(struct tokens *tokens, const struct service_reply *reply,
            bool is_away)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

    if (is_away && (reply->status == 401 || reply->status == 403)) {
        VLOG_ERR_RL(&rl, "Keystone does not tell the user that is named in "
                    "[keystone_authtoken] whose a token is, so nobody is let "
                    "in: %s", reply->text);
    } else if (is_away) {
        VLOG_WARN_RL(&rl, "Keystone does not say whose a token is, so only "
                     "those who are known are let in: %s",
                     reply->text ? reply->text : "its answer is no token");
    } else if (tokens->is_away) {
        VLOG_INFO("Keystone says again whose a token is");
    }
    tokens->is_away = is_away;
}

static enum token_knowledge
judge(const struct tokens *tokens, const struct service_reply *reply,
      struct token_facts *facts)
{
    if (reply->status == 404) {
        return TOKEN_BAD;
    }
    if (reply->status != 200) {
        return TOKEN_UNKNOWN;
    }
    switch (token_reply_parse(reply->json, &tokens->service_roles, facts)) {
    case TOKEN_REPLY_OK:
        return TOKEN_GOOD;
    case TOKEN_REPLY_UNFIT:
        return TOKEN_BAD;
    case TOKEN_REPLY_GARBAGE:
    default:
        return TOKEN_UNKNOWN;
    }
}

static void
answered(const struct service_reply *reply, void *question_)
{
    struct question *question = question_;
    struct tokens *tokens = question->tokens;
    long long int now_ms = time_msec();
    struct token_entry *entry = token_cache_find(tokens->cache,
                                                 &question->key, now_ms);
    struct token_facts facts;
    enum token_knowledge state = judge(tokens, reply, &facts);

    note_health(tokens, reply, state == TOKEN_UNKNOWN);
    token_cache_settle(tokens->cache, entry, state,
                       state == TOKEN_GOOD ? &facts : NULL,
                       now_ms + (state == TOKEN_GOOD ? tokens->cache_time_ms
                                 : state == TOKEN_BAD ? TOKEN_BAD_MS
                                 : TOKEN_UNKNOWN_MS));
    tokens->seqno++;
    question_destroy(question);
}

/* What is known about a token; asks if there is nothing.  '*factsp' is set if
 * it is accepted, and good until the next call. */
static enum tokens_answer
look(struct tokens *tokens, const char *token, bool takes_expired,
     const struct token_facts **factsp)
{
    struct token_key key = token_key_make(token, takes_expired);
    const struct token_entry *entry = token_cache_find(tokens->cache, &key,
                                                       time_msec());

    if (!entry) {
        ask(tokens, &key, token, takes_expired);
        return TOKENS_WAIT;
    }
    switch (entry->state) {
    case TOKEN_GOOD:
        if (!takes_expired && time_wall_msec() >= entry->facts.expires_ms) {
            return TOKENS_REFUSED;
        }
        *factsp = &entry->facts;
        return TOKENS_ACCEPTED;
    case TOKEN_BAD:
        return TOKENS_REFUSED;
    case TOKEN_UNKNOWN:
        return TOKENS_AWAY;
    case TOKEN_ASKING:
    default:
        return TOKENS_WAIT;
    }
}

/* The token in a header field, without blanks around it; NULL if there is
 * none.  The caller frees it.  What could not be a token, and must not get
 * into a header field of ours, is none. */
static char *
read_token(const char *field)
{
    size_t length;

    if (!field) {
        return NULL;
    }
    field += strspn(field, " \t");
    length = strcspn(field, " \t");
    for (size_t i = 0; i < length; i++) {
        if (!isgraph((unsigned char) field[i])) {
            return NULL;
        }
    }
    return (length && !field[length + strspn(field + length, " \t")]
            ? xmemdup0(field, length) : NULL);
}

/* A service's own token first: it decides what a user's must be. */
static enum tokens_answer
look_at_service(struct tokens *tokens, const char *field,
                bool *ret_takes_expired)
{
    const struct token_facts *facts;
    enum tokens_answer answer;
    char *token = read_token(field);

    if (!token) {
        return TOKENS_REFUSED;
    }
    answer = look(tokens, token, false, &facts);
    free(token);
    if (answer == TOKENS_ACCEPTED) {
        *ret_takes_expired = facts->is_service;
        if (!facts->is_service && tokens->service_roles_required) {
            answer = TOKENS_REFUSED;
        }
    }
    return answer;
}

enum tokens_answer
tokens_identify(struct tokens *tokens, const char *user_token,
                const char *service_token, struct caller **retp)
{
    const struct token_facts *facts;
    bool takes_expired = false;
    enum tokens_answer answer;
    char *token = read_token(user_token);

    /* Whoever shows nothing costs Keystone nothing. */
    answer = (!token ? TOKENS_REFUSED
              : !service_token || !*service_token ? TOKENS_ACCEPTED
              : look_at_service(tokens, service_token, &takes_expired));
    if (answer == TOKENS_ACCEPTED) {
        answer = look(tokens, token, takes_expired, &facts);
    }
    if (answer == TOKENS_ACCEPTED) {
        *retp = caller_ref(facts->caller);
    }
    free(token);
    return answer;
}

unsigned int
tokens_seqno(const struct tokens *tokens)
{
    return tokens->seqno;
}

struct token_counts
tokens_count(const struct tokens *tokens)
{
    return token_cache_count(tokens->cache);
}

unsigned long long int
tokens_n_asked(const struct tokens *tokens)
{
    return tokens->n_asked;
}
