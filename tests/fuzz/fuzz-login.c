/* SPDX-License-Identifier: Apache-2.0
 *
 * What a stranger sends to log in at the API itself, and the file of users.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "auth/local/login-form.h"
#include "auth/local/login-match.h"
#include "auth/local/secret.h"
#include "auth/local/users.h"
#include "base/json-read.h"
#include "fuzz.h"
#include "openvswitch/json.h"
#include "util.h"

/* What is taken names an account, and has a secret. */
void
fuzz_form(const char *data, size_t size)
{
    struct json *json = json_read(data, size);
    struct users *nobody = users_create();
    struct login_form form;

    if (!login_form_parse(&form, json)) {
        struct login_account account = login_find_account(nobody, &form);

        ovs_assert(form.secret && !account.user && !account.hash);
        ovs_assert(form.user_id || form.user_name || form.credential_id
                   || form.kind == LOGIN_TOKEN);
        ovs_assert(form.scope != LOGIN_SCOPE_PROJECT || form.project_id
                   || form.project_name);
    }
    login_form_uninit(&form);
    users_destroy(nobody);
    secret_json_destroy(json);
}

/* What is taken is written as it was read. */
void
fuzz_users(const char *data, size_t size)
{
    char *error = NULL;
    struct users *users = users_parse(data, size, &error);

    ovs_assert(!users == !!error);
    if (users) {
        char *text = users_format(users);
        struct users *again = users_parse(text, strlen(text), &error);
        char *same;

        ovs_assert(again);
        same = users_format(again);
        ovs_assert(!strcmp(text, same));
        users_destroy(again);
        free(text);
        free(same);
    }
    users_destroy(users);
    free(error);
}
