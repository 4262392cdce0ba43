/* SPDX-License-Identifier: Apache-2.0
 *
 * The callers behind tokens; see tokens.h.
 */

#include <config.h>
#include "auth/tokens.h"
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "auth/caller.h"
#include "auth/service.h"
#include "base/limits.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(tokens);

#define ASK "/v3/auth/tokens?nocatalog"
#define ASK_EXPIRED ASK "&allow_expired=1"

struct tokens {
    struct service *keystone;
    struct token_cache *cache;
    long long int cache_time_ms;
    struct sset service_roles;
    bool service_roles_required;

    /* Questions, each list with the oldest first. */
    struct ovs_list asked;      /* Keystone has them. */
    struct ovs_list known;      /* About tokens that were good before. */
    struct ovs_list unknown;
    size_t n_asked_now;         /* In 'asked'. */
    long long int next_look_ms;

    unsigned int seqno;
    unsigned long long int n_asked;
    bool is_away;               /* The last answer was none. */
};

/* A question about a token. */
struct token_question {
    struct ovs_list node;
    struct tokens *tokens;
    struct token_entry *entry;
    char *token;                /* NULL once Keystone is being asked. */
    bool takes_expired;
    long long int wanted_until_ms;  /* After this, no request waits for it. */
    struct service_call *call;  /* NULL until then. */
};

static void question_answer(const struct service_reply *, void *question);

struct tokens *
tokens_create(struct session *session, const struct tokens_options *options)
{
    struct tokens *tokens = xzalloc(sizeof *tokens);

    tokens->keystone = service_create_keystone(session);
    tokens->cache = token_cache_create(TOKENS_GOOD_MAX, TOKENS_OTHER_MAX);
    tokens->cache_time_ms = MAX(options->cache_time_s * 1000LL,
                                TOKEN_GOOD_MIN_MS);
    sset_from_delimited_string(&tokens->service_roles,
                               options->service_roles, ", \t");
    tokens->service_roles_required = options->service_roles_required;
    ovs_list_init(&tokens->asked);
    ovs_list_init(&tokens->known);
    ovs_list_init(&tokens->unknown);
    tokens->next_look_ms = LLONG_MIN;
    return tokens;
}

/* Questions. */

static void
question_destroy(struct token_question *question)
{
    ovs_list_remove(&question->node);
    if (!question->token) {
        question->tokens->n_asked_now--;
    }
    free(question->token);
    free(question);
}

static void
question_cancel(struct token_question *question)
{
    if (question->call) {
        service_call_cancel(question->call);
    }
    token_cache_drop(question->tokens->cache, question->entry);
    question_destroy(question);
}

static void
tokens_cancel_all(struct ovs_list *questions)
{
    struct token_question *question;

    LIST_FOR_EACH_SAFE (question, node, questions) {
        question_cancel(question);
    }
}

void
tokens_destroy(struct tokens *tokens)
{
    if (tokens) {
        tokens_cancel_all(&tokens->asked);
        tokens_cancel_all(&tokens->known);
        tokens_cancel_all(&tokens->unknown);
        service_destroy(tokens->keystone);
        token_cache_destroy(tokens->cache);
        sset_destroy(&tokens->service_roles);
        free(tokens);
    }
}

static void
question_send(struct token_question *question)
{
    struct tokens *tokens = question->tokens;
    char *token = question->token;

    ovs_list_remove(&question->node);
    ovs_list_push_back(&tokens->asked, &question->node);
    question->token = NULL;
    tokens->n_asked_now++;
    tokens->n_asked++;
    question->call = service_send_about(
        tokens->keystone, "GET", question->takes_expired ? ASK_EXPIRED : ASK,
        token, question_answer, question);
    free(token);
}

static struct ovs_list *
tokens_next_queue(struct tokens *tokens)
{
    return (!ovs_list_is_empty(&tokens->known) ? &tokens->known
            : !ovs_list_is_empty(&tokens->unknown) ? &tokens->unknown
            : NULL);
}

/* Asks Keystone as much at once as it may be. */
static void
tokens_send_waiting(struct tokens *tokens)
{
    struct ovs_list *queue;

    while (tokens->n_asked_now < KEYSTONE_CALLS_MAX
           && (queue = tokens_next_queue(tokens))) {
        question_send(
            CONTAINER_OF(ovs_list_front(queue), struct token_question, node));
    }
}

static void
question_want(struct token_question *question)
{
    question->wanted_until_ms = time_msec() + TOKEN_WANTED_MS;
}

static void
tokens_drop_unwanted(struct ovs_list *questions)
{
    struct token_question *question;

    LIST_FOR_EACH_SAFE (question, node, questions) {
        if (time_msec() >= question->wanted_until_ms) {
            question_cancel(question);
        }
    }
}

/* Keeps what Keystone has been asked already, for the next time, unless it
 * keeps others waiting. */
void
tokens_run(struct tokens *tokens)
{
    service_run(tokens->keystone);
    if (tokens_next_queue(tokens) && time_msec() >= tokens->next_look_ms) {
        tokens->next_look_ms = time_msec() + AUTH_LOOK_MS;
        tokens_drop_unwanted(&tokens->known);
        tokens_drop_unwanted(&tokens->unknown);
        if (tokens_next_queue(tokens)) {
            tokens_drop_unwanted(&tokens->asked);
        }
    }
    tokens_send_waiting(tokens);
}

void
tokens_wait(const struct tokens *tokens)
{
    service_wait(tokens->keystone);
    if (!ovs_list_is_empty(&tokens->known)
        || !ovs_list_is_empty(&tokens->unknown)) {
        poll_timer_wait_until(tokens->next_look_ms);
    }
}

/* 'is_known': the token was good the last time. */
static void
tokens_ask(struct tokens *tokens, const struct token_key *key,
           const char *token, bool takes_expired, bool is_known)
{
    struct token_question *question = xzalloc(sizeof *question);

    question->tokens = tokens;
    question->entry = token_cache_add(tokens->cache, key);
    question->entry->question = question;
    question->token = xstrdup(token);
    question->takes_expired = takes_expired;
    question_want(question);
    ovs_list_push_back(is_known ? &tokens->known : &tokens->unknown,
                       &question->node);
    tokens_send_waiting(tokens);
}

/* Answers. */

/* Logs that Keystone works, or does not: once, however many ask. */
static void
tokens_note_health(struct tokens *tokens, const struct service_reply *reply,
                   bool is_away)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    static struct vlog_rate_limit again_rl = VLOG_RATE_LIMIT_INIT(1, 5);

    if (is_away && (reply->status == 401 || reply->status == 403)) {
        VLOG_ERR_RL(&rl, "Keystone does not tell the user that is named in "
                    "[keystone_authtoken] whose a token is, so nobody is let "
                    "in: %s", reply->text);
    } else if (is_away) {
        VLOG_WARN_RL(&rl, "Keystone does not say whose a token is, so only "
                     "those who are known are let in: %s",
                     reply->text ? reply->text : "its answer is no token");
    } else if (tokens->is_away) {
        VLOG_INFO_RL(&again_rl, "Keystone says again whose a token is");
    }
    tokens->is_away = is_away;
}

/* Takes only a 404 for a bad token.  All other failures are of Keystone, or of
 * our own login: they say nothing about the token, and must not be remembered
 * as if they did. */
static enum token_knowledge
tokens_judge(const struct tokens *tokens, const struct service_reply *reply,
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
question_answer(const struct service_reply *reply, void *question_)
{
    struct token_question *question = question_;
    struct tokens *tokens = question->tokens;
    long long int now_ms = time_msec();
    struct token_facts facts;
    enum token_knowledge state = tokens_judge(tokens, reply, &facts);

    tokens_note_health(tokens, reply, state == TOKEN_UNKNOWN);
    token_cache_settle(tokens->cache, question->entry, state,
                       state == TOKEN_GOOD ? &facts : NULL,
                       now_ms + (state == TOKEN_GOOD ? tokens->cache_time_ms
                                 : state == TOKEN_BAD ? TOKEN_BAD_MS
                                 : TOKEN_UNKNOWN_MS));
    tokens->seqno++;
    question_destroy(question);
    tokens_send_waiting(tokens);
}

/* Returns what is known about a token; asks if there is nothing.  '*factsp' is
 * set if it is accepted, and good until the next call. */
static enum tokens_answer
tokens_look(struct tokens *tokens, const char *token, bool takes_expired,
            const struct token_facts **factsp)
{
    struct token_key key = token_key_make(token, takes_expired);
    bool was_good;
    struct token_entry *entry = token_cache_find(tokens->cache, &key,
                                                 time_msec(), &was_good);

    if (!entry) {
        tokens_ask(tokens, &key, token, takes_expired, was_good);
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
        question_want(entry->question);
        return TOKENS_WAIT;
    }
}

/* Returns the token in a header field, without blanks around it; NULL if there
 * is none.  The caller frees it.  A text that cannot be a token, and must not
 * get into a header field of ours, counts as none. */
static char *
tokens_read_field(const char *field)
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

/* Looks at a service's own token, which comes first: it decides what a user's
 * must be. */
static enum tokens_answer
tokens_look_at_service(struct tokens *tokens, const char *field,
                       bool *ret_takes_expired)
{
    const struct token_facts *facts;
    enum tokens_answer answer;
    char *token = tokens_read_field(field);

    if (!token) {
        return TOKENS_REFUSED;
    }
    answer = tokens_look(tokens, token, false, &facts);
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
    char *token = tokens_read_field(user_token);

    /* A caller without a token costs Keystone nothing. */
    answer = (!token ? TOKENS_REFUSED
              : !service_token || !*service_token ? TOKENS_ACCEPTED
              : tokens_look_at_service(tokens, service_token, &takes_expired));
    if (answer == TOKENS_ACCEPTED) {
        answer = tokens_look(tokens, token, takes_expired, &facts);
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
