/* SPDX-License-Identifier: Apache-2.0
 *
 * Salted hashes of passwords; see password.h.
 */

#include <config.h>
#include "auth/local/password.h"
#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "auth/local/secret.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "util.h"

BUILD_ASSERT_DECL(PASSWORD_BYTES_MAX < CRYPT_MAX_PASSPHRASE_SIZE);

#define YESCRYPT "$y$"

/* Returns what crypt(3) makes of both, NULL with errno set if that fails.  The
 * caller frees it. */
static char *
password_crypt(const char *password, const char *setting)
{
    /* 32 KiB, which hold the password. */
    struct crypt_data *data = xzalloc(sizeof *data);
    char *hash = crypt_r(password, setting, data);
    int error = errno;

    /* Failures are told as a text that no hash begins with. */
    hash = hash && *hash != '*' ? xstrdup(hash) : NULL;
    explicit_bzero(data, sizeof *data);
    free(data);
    errno = error;
    return hash;
}

char *
password_hash(const char *password)
{
    char *setting = password_make_dummy();
    char *hash = setting ? password_crypt(password, setting) : NULL;
    int error = errno;

    free(setting);
    errno = error;
    return hash;
}

char *
password_make_dummy(void)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    return (crypt_gensalt_rn(YESCRYPT, PASSWORD_COST, NULL, 0, setting,
                             sizeof setting) ? xstrdup(setting) : NULL);
}

bool
password_matches(const char *password, const char *hash)
{
    char *made = (strlen(password) <= PASSWORD_BYTES_MAX
                  ? password_crypt(password, hash) : NULL);
    bool matches = made && secret_equals(made, hash);

    secret_free(made);
    return matches;
}

bool
password_hash_is_valid(const char *hash)
{
    return (!strncmp(hash, YESCRYPT, strlen(YESCRYPT))
            && strlen(hash) < CRYPT_OUTPUT_SIZE
            && crypt_checksalt(hash) == CRYPT_SALT_OK);
}

const char *
password_find_fault(const char *password)
{
    size_t length = strlen(password);

    return (!length ? "it is empty"
            : length > PASSWORD_BYTES_MAX ? "it is too long"
            : !utf8_is_valid(password, length) ? "it is no UTF-8" : NULL);
}
