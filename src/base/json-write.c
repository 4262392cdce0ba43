/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON straight into a buffer; see json-write.h.
 */

#include <config.h>
#include "base/json-write.h"
#include <string.h>
#include "base/json-read.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

static const char hex_digits[] = "0123456789abcdef";

/* The letter after the backslash, 'u' for \u00xx, 0 for what needs none, 'x'
 * for what is part of a longer character, or of none. */
static const char escapes[256] = {
    [0x00 ... 0x07] = 'u',
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', [0x0b] = 'u', ['\f'] = 'f',
    ['\r'] = 'r', [0x0e ... 0x1f] = 'u',
    ['"'] = '"', ['\\'] = '\\', [0x80 ... 0xff] = 'x',
};

/* U+FFFD, for a byte that is no UTF-8. */
static const char replacement[] = "\xef\xbf\xbd";

static void
put_escape(struct ds *out, unsigned char c)
{
    if (escapes[c] == 'u') {
        char *p = ds_put_uninit(out, 6);
        memcpy(p, "\\u00", 4);
        p[4] = hex_digits[c >> 4];
        p[5] = hex_digits[c & 15];
    } else {
        char *p = ds_put_uninit(out, 2);
        p[0] = '\\';
        p[1] = escapes[c];
    }
}

void
json_put_string(struct ds *out, const char *text, size_t length)
{
    size_t start = 0;

    ds_put_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = text[i];
        size_t bytes;

        if (OVS_LIKELY(!escapes[c])) {
            continue;
        }
        if (escapes[c] != 'x') {
            ds_put_buffer(out, text + start, i - start);
            put_escape(out, c);
            start = i + 1;
        } else if ((bytes = utf8_char_bytes(text + i, length - i))) {
            i += bytes - 1;
        } else {
            ds_put_buffer(out, text + start, i - start);
            ds_put_cstr(out, replacement);
            start = i + 1;
        }
    }
    ds_put_buffer(out, text + start, length - start);
    ds_put_char(out, '"');
}

void
json_put_integer(struct ds *out, int64_t value)
{
    char digits[20];
    size_t n = 0;
    uint64_t rest = value < 0 ? -(uint64_t) value : value;

    do {
        digits[n++] = '0' + rest % 10;
        rest /= 10;
    } while (rest);

    char *p = ds_put_uninit(out, n + (value < 0));
    if (value < 0) {
        *p++ = '-';
    }
    while (n) {
        *p++ = digits[--n];
    }
}

static char *
put_hex(char *p, uint32_t value, unsigned int n_digits)
{
    for (unsigned int i = 0; i < n_digits; i++) {
        p[i] = hex_digits[(value >> (4 * (n_digits - 1 - i))) & 15];
    }
    return p + n_digits;
}

void
json_put_uuid(struct ds *out, const struct uuid *uuid)
{
    char *p = ds_put_uninit(out, UUID_LEN + 2);

    *p++ = '"';
    p = put_hex(p, uuid->parts[0], 8);
    *p++ = '-';
    p = put_hex(p, uuid->parts[1] >> 16, 4);
    *p++ = '-';
    p = put_hex(p, uuid->parts[1], 4);
    *p++ = '-';
    p = put_hex(p, uuid->parts[2] >> 16, 4);
    *p++ = '-';
    p = put_hex(p, uuid->parts[2], 4);
    p = put_hex(p, uuid->parts[3], 8);
    *p = '"';
}

static char *
put_decimal(char *p, unsigned int value, unsigned int n_digits, char after)
{
    for (unsigned int i = n_digits; i-- > 0; value /= 10) {
        p[i] = '0' + value % 10;
    }
    p[n_digits] = after;
    return p + n_digits + 1;
}

/* The proleptic Gregorian date of a day.  Years begin in March here, so that
 * the leap day is a year's last; 719468 days lie between 0000-03-01 and the
 * epoch, 146097 in 400 years. */
static void
date_from_days(int64_t days, unsigned int *ret_year, unsigned int *ret_month,
               unsigned int *ret_day)
{
    int64_t shifted = days + 719468;
    int64_t era = shifted / 146097;
    unsigned int of_era = shifted % 146097;
    unsigned int year = (of_era - of_era / 1460 + of_era / 36524
                         - of_era / 146096) / 365;
    unsigned int of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned int month = (5 * of_year + 2) / 153;

    *ret_day = of_year - (153 * month + 2) / 5 + 1;
    *ret_month = month < 10 ? month + 3 : month - 9;
    *ret_year = year + era * 400 + (*ret_month <= 2);
}

void
json_put_time(struct ds *out, int64_t epoch_us)
{
    int64_t seconds = epoch_us / 1000000;
    unsigned int of_day = seconds % 86400;
    unsigned int year, month, day;

    date_from_days(seconds / 86400, &year, &month, &day);

    char *p = ds_put_uninit(out, sizeof "\"2026-11-22T14:01:54\"" - 1);
    *p++ = '"';
    p = put_decimal(p, year, 4, '-');
    p = put_decimal(p, month, 2, '-');
    p = put_decimal(p, day, 2, 'T');
    p = put_decimal(p, of_day / 3600, 2, ':');
    p = put_decimal(p, of_day / 60 % 60, 2, ':');
    put_decimal(p, of_day % 60, 2, '"');
}
