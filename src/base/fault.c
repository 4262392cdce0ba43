/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults; see fault.h.
 */

#include <config.h>
#include "base/fault.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "base/json-write.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

static const struct {
    int code;
    enum fault_shape shape;
    const char *text;
} fault_table[] = {
#define FAULT(NAME, CODE, SHAPE, TEXT) \
    [FAULT_##NAME] = { CODE, FAULT_SHAPE_##SHAPE, TEXT },
    FAULTS
#undef FAULT
};

/* Not printf: parameters are strings only, and the texts are no literals
 * here. */
static char *
fill_in_fault(const char *text, va_list args)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    const char *mark;

    while ((mark = strstr(text, "%s"))) {
        ds_put_buffer(&out, text, mark - text);
        ds_put_cstr(&out, va_arg(args, const char *));
        text = mark + 2;
    }
    ds_put_cstr(&out, text);
    return ds_steal_cstr(&out);
}

bool
fault_set(struct fault **faultp, enum fault_id id, ...)
{
    if (*faultp) {
        return false;
    }

    struct fault *fault = xmalloc(sizeof *fault);
    va_list args;

    fault->id = id;
    fault->shape = fault_table[id].shape;
    fault->code = fault_table[id].code;
    va_start(args, id);
    fault->text = fill_in_fault(fault_table[id].text, args);
    va_end(args);

    *faultp = fault;
    return false;
}

bool
fault_set_id(struct fault **faultp, enum fault_id id, const char *title,
             const struct uuid *uuid)
{
    char text[UUID_LEN + 1];

    snprintf(text, sizeof text, UUID_FMT, UUID_ARGS(uuid));
    return fault_set(faultp, id, title, text);
}

bool
fault_set_format(struct fault **faultp, enum fault_id id, const char *format,
                 ...)
{
    va_list args;

    va_start(args, format);
    char *text = xvasprintf(format, args);
    va_end(args);
    fault_set(faultp, id, text);
    free(text);
    return false;
}

bool
fault_set_value(struct fault **faultp, enum fault_id id, const char *text,
                const char *value)
{
    const char *mark = strstr(text, "%s");

    return (mark && value
            ? fault_set_format(faultp, id, "%.*s%s%s", (int) (mark - text),
                               text, value, mark + 2)
            : fault_set(faultp, id, text));
}

bool
fault_set_text(struct fault **faultp, int code, const char *text)
{
    if (!*faultp) {
        struct fault *fault = xmalloc(sizeof *fault);

        fault->id = FAULT_UNKNOWN;
        fault->shape = FAULT_SHAPE_API;
        fault->code = code;
        fault->text = xstrdup(text);
        *faultp = fault;
    }
    return false;
}

const char *
fault_detail(const struct fault *fault)
{
    const char *text = fault_table[fault->id].text;
    size_t prefix = strcspn(text, "%");

    return (!strncmp(text, "Provider ", strlen("Provider "))
            && !strncmp(fault->text, text, prefix)
            ? fault->text + prefix : fault->text);
}

void
fault_destroy(struct fault *fault)
{
    if (fault) {
        free(fault->text);
        free(fault);
    }
}

static const char *
title_from_id(enum fault_id id)
{
    switch ((int) id) {
    case FAULT_NO_ROUTE:
    case FAULT_NO_TOP_ROUTE:
        return "Not Found";
    case FAULT_METHOD_NOT_ALLOWED:
        return "Method Not Allowed";
    case FAULT_NOT_ACCEPTABLE:
        return "Not Acceptable";
    default:
        return "Bad Request";
    }
}

static void
put_fault_member(struct ds *out, const char *label, const char *text)
{
    ds_put_cstr(out, label);
    json_put_string(out, text, strlen(text));
}

static void
put_routing_members(const struct fault *fault, struct ds *out)
{
    ds_put_cstr(out, "\"code\": ");
    json_put_integer(out, fault->code);
    put_fault_member(out, ", \"title\": ", title_from_id(fault->id));
    if (fault->id == FAULT_NO_TOP_ROUTE) {
        ds_put_cstr(out, ", \"description\": null");
    } else {
        put_fault_member(out, ", \"description\": ", fault->text);
    }
}

static void
put_api_members(const struct fault *fault, struct ds *out)
{
    put_fault_member(out, "\"faultcode\": ",
                     fault->code < 500 ? "Client" : "Server");
    put_fault_member(out, ", \"faultstring\": ", fault->text);
    ds_put_cstr(out, ", \"debuginfo\": null");
}

void
fault_format(const struct fault *fault, struct ds *out)
{
    ds_put_char(out, '{');
    if (fault->shape != FAULT_SHAPE_API) {
        put_routing_members(fault, out);
    }
    if (fault->shape == FAULT_SHAPE_BOTH) {
        ds_put_cstr(out, ", ");
    }
    if (fault->shape != FAULT_SHAPE_ROUTING) {
        put_api_members(fault, out);
    }
    ds_put_char(out, '}');
}
