/* SPDX-License-Identifier: Apache-2.0
 *
 * Damage to inputs; see mutate.h.
 */

#include <config.h>
#include "mutate.h"
#include <string.h>
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Bytes that mean something to one parser or another. */
static const char special[] = "{}[]\",:;=&%/\\.-+_ \t\n\r#$@()<>*019aAeEfF"
                              "\x01\x1f\x7f\x80\xc0\xe2\xed\xf4\xff";

/* And words. */
static const char *const words[] = {
    "null", "true", "-1", "0", "65536", "9223372036854775808", "1e999", "0.1",
    "\\u0000", "\\ud800", "%00", "%", "::", "::ffff:1.2.3.4",
    "255.255.255.256",
    "/0", "/129", "fd00::1", "{}", "[]", "[[[[[[[[", "\"\"", "\xef\xbf\xbf",
    "00000000-0000-0000-0000-000000000000",
};

/* Marsaglia's xorshift: the libraries' own random numbers are others on other
 * machines. */
static size_t
pick(uint32_t *state, size_t n)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return n ? *state % n : 0;
}

/* Puts 'n' bytes in the place of 'n_old' at 'start'. */
static void
replace(struct ds *input, size_t start, size_t n_old, const char *bytes,
        size_t n)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    if (input->length - n_old + n <= MUTANT_BYTES_MAX) {
        ds_put_buffer(&out, input->string, start);
        ds_put_buffer(&out, bytes, n);
        ds_put_buffer(&out, input->string + start + n_old,
                      input->length - start - n_old);
        ds_swap(input, &out);
    }
    ds_destroy(&out);
}

static void
damage(struct ds *input, const struct ds *other, uint32_t *state)
{
    size_t start = pick(state, input->length + 1);
    size_t n = pick(state, MIN(input->length - start, 16) + 1);
    size_t from = pick(state, other->length + 1);
    const char *word;

    switch (pick(state, 7)) {
    case 0:                     /* A byte becomes a special one. */
        replace(input, start, start < input->length,
                &special[pick(state, sizeof special - 1)], 1);
        break;
    case 1:                     /* A bit is another one. */
        if (start < input->length) {
            input->string[start] ^= 1 << pick(state, 8);
        }
        break;
    case 2:                     /* Something is missing. */
        replace(input, start, n, "", 0);
        break;
    case 3:                     /* Something is there twice. */
        replace(input, start, 0, ds_cstr(input) + start, n);
        break;
    case 4:                     /* A word stands there. */
        word = words[pick(state, ARRAY_SIZE(words))];
        replace(input, start, n, word, strlen(word));
        break;
    case 5:                     /* A part of the other one does. */
        replace(input, start, n, other->string + from,
                pick(state, MIN(other->length - from, 64) + 1));
        break;
    default:                    /* The end is missing. */
        replace(input, start, input->length - start, "", 0);
        break;
    }
}

void
mutate(struct ds *input, const struct ds *other, uint32_t *state)
{
    for (size_t n = 1 + pick(state, 4); n; n--) {
        damage(input, other, state);
    }
}
