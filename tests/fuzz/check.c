/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of results; see check.h.
 */

#include <config.h>
#include "check.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fault.h"
#include "base/json-read.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

struct json *
check_json(const char *text, size_t length)
{
    struct json *json = json_read(text, length);

    if (!json) {
        fprintf(stderr, "not JSON: %.*s\n", (int) length, text);
        abort();
    }
    return json;
}

void
check_fault(struct fault *fault)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ovs_assert(fault);
    ovs_assert(fault->code >= 400 && fault->code < 600);
    fault_format(fault, &body);

    struct json *json = check_json(ds_cstr(&body), body.length);
    ovs_assert(json_member_string(json, "faultstring")
               || json_member(json, "title"));
    json_destroy(json);
    ds_destroy(&body);
    fault_destroy(fault);
}

void
check_line(const char *text, size_t length_max)
{
    size_t length = strlen(text);

    ovs_assert(length && length <= length_max);
    ovs_assert(utf8_is_valid(text, length));
    for (size_t i = 0; i < length; i++) {
        ovs_assert(!iscntrl((unsigned char) text[i]));
    }
}

void
check_same(const char *a, const char *b)
{
    if (!nullable_string_is_equal(a, b)) {
        fprintf(stderr, "not the same:\n%s\n%s\n", a ? a : "(null)",
                b ? b : "(null)");
        abort();
    }
}
