/* SPDX-License-Identifier: Apache-2.0
 *
 * Table Token; see tokens-stored.h.
 */

#include <config.h>
#include "store/tokens-stored.h"
#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "base/ovs-compat.h"
#include "octavia-idl.h"
#include "ovsdb-idl-provider.h"
#include "store/store.h"
#include "store/weak-refs.h"
#include "util.h"
#include "uuid.h"

struct stored_tokens {
    struct store *store;
    struct ovsdb_idl_index *by_end;
    struct ovsdb_idl_index *by_user;
};

struct stored_tokens *
stored_tokens_create(struct store *store)
{
    const struct ovsdb_idl_table_class *table = &octrec_table_token;
    struct stored_tokens *tokens = xmalloc(sizeof *tokens);
    struct ovsdb_idl *idl = store_idl(store);

    for (size_t i = 0; i < table->n_columns; i++) {
        ovsdb_idl_add_column(idl, &table->columns[i]);
    }
    *tokens = (struct stored_tokens) {
        .store = store,
        .by_end = ovsdb_idl_index_create1(idl, &octrec_token_col_expires_at),
        .by_user = ovsdb_idl_index_create1(idl, &octrec_token_col_user_id),
    };
    return tokens;
}

/* The indexes belong to the IDL. */
void
stored_tokens_destroy(struct stored_tokens *tokens)
{
    free(tokens);
}

/* The IDL knows the server's tables once it has asked. */
bool
stored_tokens_are_lacking(const struct stored_tokens *tokens)
{
    const struct ovsdb_idl *idl = store_idl(tokens->store);

    return (ovsdb_idl_has_ever_connected(idl)
            && !ovsdb_idl_server_has_table(idl, &octrec_table_token));
}

/* Returns the UUID of the row of a token: the start of its digest, which is as
 * good as random. */
static struct uuid
stored_token_id(const char *digest)
{
    struct uuid id;

    for (size_t i = 0; i < ARRAY_SIZE(id.parts); i++) {
        bool ok;

        id.parts[i] = hexits_value(digest + 8 * i, 8, &ok);
    }
    return id;
}

/* Also finds a row that this transaction has inserted, but none that it has
 * removed. */
static const struct octrec_token *
stored_token_row(const struct stored_tokens *tokens, const char *digest)
{
    struct uuid id = stored_token_id(digest);
    const struct octrec_token *row
        = octrec_token_get_for_uuid(store_idl(tokens->store), &id);

    return (row && row->header_.new_datum && !strcmp(row->digest, digest)
            ? row : NULL);
}

/* The origin stands behind the seal: the token depends on both. */
static const char *
stored_token_origin(const struct octrec_token *row)
{
    return (strlen(row->seal) == STORED_SEAL_LENGTH + STORED_ORIGIN_LENGTH
            ? row->seal + STORED_SEAL_LENGTH : NULL);
}

bool
stored_tokens_have_origin(const struct stored_tokens *tokens,
                          const struct stored_token *token)
{
    struct uuid id;

    if (!token->origin) {
        return true;
    }
    id = stored_token_id(token->origin);
    return octrec_token_get_for_uuid(store_idl(tokens->store), &id) != NULL;
}

bool
stored_tokens_find(const struct stored_tokens *tokens, const char *digest,
                   struct stored_token *ret)
{
    const struct octrec_token *row = stored_token_row(tokens, digest);

    if (!row) {
        return false;
    }
    *ret = (struct stored_token) {
        .digest = row->digest,
        .user_id = row->user_id,
        .project_id = row->project_id,
        .credential_id = row->credential_id,
        .seal = row->seal,
        .origin = stored_token_origin(row),
        .roles = strings_as_const(row->roles),
        .n_roles = row->n_roles,
        .issued_at = row->issued_at,
        .expires_at = row->expires_at,
    };
    return true;
}

/* --- Writing ------------------------------------------------------------- */

static void
stored_token_delete(const struct stored_tokens *tokens,
                    const struct octrec_token *row)
{
    weak_refs_delete_row(store_weak_refs(tokens->store), &row->header_);
}

static bool
stored_token_is_origin(const struct octrec_token *row,
                       const struct stored_token *token)
{
    return token->origin && !strncmp(row->digest, token->origin,
                                     STORED_ORIGIN_LENGTH);
}

/* Returns the oldest token of the user of 'token', but for its origin; NULL if
 * there is room for it. */
static const struct octrec_token *
stored_tokens_find_surplus(const struct stored_tokens *tokens,
                           const struct stored_token *token)
{
    struct octrec_token *key = octrec_token_index_init_row(tokens->by_user);
    const struct octrec_token *row, *oldest = NULL;
    size_t n = 0;

    octrec_token_index_set_user_id(key, token->user_id);
    OCTREC_TOKEN_FOR_EACH_EQUAL (row, key, tokens->by_user) {
        if (!stored_token_is_origin(row, token)
            && (!oldest || row->issued_at < oldest->issued_at)) {
            oldest = row;
        }
        n++;
    }
    octrec_token_index_destroy_row(key);
    return n >= USER_TOKENS_MAX ? oldest : NULL;
}

/* There may be more than the limit: copies that insert at once may remove the
 * same one. */
static void
stored_tokens_make_room(const struct stored_tokens *tokens,
                        const struct stored_token *token)
{
    const struct octrec_token *row;

    while ((row = stored_tokens_find_surplus(tokens, token))) {
        stored_token_delete(tokens, row);
    }
}

static char *
stored_token_format_seal(const struct stored_token *token)
{
    return xasprintf("%.*s%.*s", STORED_SEAL_LENGTH, token->seal,
                     STORED_ORIGIN_LENGTH,
                     token->origin ? token->origin : "");
}

void
stored_tokens_insert(const struct stored_tokens *tokens,
                     struct ovsdb_idl_txn *txn,
                     const struct stored_token *token)
{
    struct uuid id = stored_token_id(token->digest);
    char *seal = stored_token_format_seal(token);
    const struct octrec_token *row;

    stored_tokens_make_room(tokens, token);
    row = octrec_token_insert_persist_uuid(txn, &id);
    octrec_token_set_digest(row, token->digest);
    octrec_token_set_user_id(row, token->user_id);
    octrec_token_set_project_id(row, token->project_id);
    octrec_token_set_credential_id(row, token->credential_id);
    octrec_token_set_seal(row, seal);
    octrec_token_set_roles(row, token->roles, token->n_roles);
    octrec_token_set_issued_at(row, token->issued_at);
    octrec_token_set_expires_at(row, token->expires_at);
    free(seal);
}

bool
stored_tokens_remove(const struct stored_tokens *tokens, const char *digest)
{
    const struct octrec_token *row = stored_token_row(tokens, digest);

    if (row) {
        stored_token_delete(tokens, row);
    }
    return row != NULL;
}

/* Returns the token that expires first, NULL if there is none. */
static const struct octrec_token *
stored_tokens_first(const struct stored_tokens *tokens)
{
    const struct octrec_token *row;

    OCTREC_TOKEN_FOR_EACH_BYINDEX (row, tokens->by_end) {
        return row;
    }
    return NULL;
}

/* The index knows what the transaction has removed. */
size_t
stored_tokens_purge(const struct stored_tokens *tokens, int64_t now_us,
                    size_t max)
{
    const struct octrec_token *row;
    size_t n = 0;

    while (n < max && (row = stored_tokens_first(tokens))
           && row->expires_at <= now_us) {
        stored_token_delete(tokens, row);
        n++;
    }
    return n;
}

bool
stored_tokens_have_expired(const struct stored_tokens *tokens,
                           int64_t now_us)
{
    const struct octrec_token *row = stored_tokens_first(tokens);

    return row && row->expires_at <= now_us;
}

size_t
stored_tokens_count(const struct stored_tokens *tokens)
{
    const struct octrec_token *row;
    size_t n = 0;

    OCTREC_TOKEN_FOR_EACH (row, store_idl(tokens->store)) {
        n++;
    }
    return n;
}
