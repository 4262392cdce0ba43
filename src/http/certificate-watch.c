/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps the certificate up to date; see certificate-watch.h.
 */

#include <config.h>
#include "http/certificate-watch.h"
#include <limits.h>
#include <stdlib.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_certificate);

/* Between two looks at the files while clients come, and while none does. */
#define LOOK_MS 1000
#define CHECK_MS (60 * 1000)

#define DAY_S (24 * 60 * 60)

/* Days before the end of a certificate at which the log tells about it: the
 * usual ones of Let's Encrypt and the like are renewed 30 days before. */
static const int days_to_tell[] = { 30, 7, 1, 0 };

static const char *
certificate_watch_name(const struct certificate_watch *watch, size_t i)
{
    const char *const names[CERTIFICATE_FILES_MAX] = {
        watch->files.certificate, watch->files.private_key,
        watch->files.client_ca,
    };

    return names[i];
}

/* Returns true if a file has changed since the last call. */
static bool
certificate_watch_has_changed(struct certificate_watch *watch)
{
    bool has_changed = false;

    for (size_t i = 0; i < CERTIFICATE_FILES_MAX; i++) {
        has_changed |= file_mark_update(&watch->marks[i],
                                        certificate_watch_name(watch, i));
    }
    return has_changed;
}

/* Returns the days before the certificate is invalid, negative if it is. */
static int
certificate_watch_days(const struct certificate_watch *watch)
{
    time_t left = certificate_end(watch->current) - time_wall();

    return left >= 0 ? MIN(left / DAY_S, INT_MAX) : -1;
}

static char *
certificate_watch_format_end(const struct certificate_watch *watch)
{
    time_t end = certificate_end(watch->current);
    char text[64];
    struct tm tm;

    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&end, &tm));
    return xstrdup(text);
}

/* Tells about the end of the certificate, once for each threshold. */
static void
certificate_watch_tell_end(struct certificate_watch *watch)
{
    int days = certificate_watch_days(watch);
    int threshold = INT_MAX;

    for (size_t i = 0; i < ARRAY_SIZE(days_to_tell); i++) {
        if (days < days_to_tell[i]) {
            threshold = days_to_tell[i];
        }
    }
    if (threshold >= watch->days_told) {
        return;
    }
    watch->days_told = threshold;

    char *end = certificate_watch_format_end(watch);
    if (days < 0) {
        VLOG_ERR("%s: the certificate has expired (%s): clients refuse it",
                 watch->files.certificate, end);
    } else {
        VLOG_WARN("%s: the certificate expires in %d day%s (%s); renew it",
                  watch->files.certificate, days, days == 1 ? "" : "s", end);
    }
    free(end);
}

static void
certificate_watch_take(struct certificate_watch *watch,
                       struct certificate *certificate)
{
    certificate_unref(watch->current);
    watch->current = certificate;
    watch->days_told = INT_MAX;
    watch->n_loads++;

    char *end = certificate_watch_format_end(watch);
    VLOG_INFO("%s: certificate loaded, valid until %s",
              watch->files.certificate, end);
    free(end);
    certificate_watch_tell_end(watch);
}

static void
certificate_watch_load(struct certificate_watch *watch)
{
    char *error = NULL;
    struct certificate *certificate = certificate_load(&watch->files, &error);

    if (certificate) {
        certificate_watch_take(watch, certificate);
        watch->is_told = false;
    } else if (!nullable_string_is_equal(watch->fault, error)) {
        watch->is_told = false;
    }
    free(watch->fault);
    watch->fault = error;
}

static void
certificate_watch_tell_fault(struct certificate_watch *watch)
{
    if (watch->fault && !watch->is_told) {
        VLOG_WARN("%s; new connections still get the certificate that was "
                  "loaded before", watch->fault);
        watch->is_told = true;
    }
}

/* New files may be written one after another: they are told about if they are
 * still wrong, and the same, at the next look. */
void
certificate_watch_look(struct certificate_watch *watch)
{
    long long int now = time_msec();

    if (now < watch->next_look_ms) {
        return;
    }
    watch->next_look_ms = now + LOOK_MS;
    watch->next_check_ms = now + (watch->fault ? LOOK_MS : CHECK_MS);
    if (certificate_watch_has_changed(watch)) {
        certificate_watch_load(watch);
        watch->next_check_ms = now + LOOK_MS;
    } else if (watch->fault) {
        certificate_watch_load(watch);
        certificate_watch_tell_fault(watch);
        watch->next_check_ms = now + (watch->fault && watch->is_told
                                      ? CHECK_MS : LOOK_MS);
    }
}

const char *
certificate_watch_reload(struct certificate_watch *watch)
{
    certificate_watch_has_changed(watch);
    certificate_watch_load(watch);
    certificate_watch_tell_fault(watch);
    return watch->fault;
}

static char *
certificate_copy_name(const char *name)
{
    return name && *name ? xstrdup(name) : NULL;
}

bool
certificate_watch_open(struct certificate_watch *watch,
                       const struct certificate_files *files, char **errorp)
{
    *watch = (struct certificate_watch) {
        .files.certificate = certificate_copy_name(files->certificate),
        .files.private_key = certificate_copy_name(files->private_key),
        .files.client_ca = certificate_copy_name(files->client_ca),
        .files.client_is_optional = files->client_is_optional,
    };
    certificate_watch_has_changed(watch);

    struct certificate *certificate = certificate_load(&watch->files, errorp);
    if (!certificate) {
        certificate_watch_close(watch);
        return false;
    }
    certificate_watch_take(watch, certificate);
    watch->next_check_ms = time_msec() + CHECK_MS;
    return true;
}

void
certificate_watch_close(struct certificate_watch *watch)
{
    certificate_unref(watch->current);
    free(watch->files.certificate);
    free(watch->files.private_key);
    free(watch->files.client_ca);
    free(watch->fault);
    *watch = (struct certificate_watch) { .current = NULL };
}

void
certificate_watch_run(struct certificate_watch *watch)
{
    if (watch->current && time_msec() >= watch->next_check_ms) {
        certificate_watch_look(watch);
        certificate_watch_tell_end(watch);
    }
}

void
certificate_watch_wait(const struct certificate_watch *watch)
{
    if (watch->current) {
        poll_timer_wait_until(MAX(watch->next_check_ms,
                                  watch->next_look_ms));
    }
}

/* Appends "good", or what an operator has to do something about. */
static void
certificate_watch_format_state(const struct certificate_watch *watch,
                               struct ds *out)
{
    int days = certificate_watch_days(watch);

    if (watch->fault) {
        ds_put_format(out, "the new files are not taken: %s", watch->fault);
    } else if (days < 0) {
        ds_put_cstr(out, "expired");
    } else if (certificate_begin(watch->current) > time_wall()) {
        ds_put_cstr(out, "not valid yet");
    } else if (days < days_to_tell[0]) {
        ds_put_format(out, "expires in %d day%s", days, days == 1 ? "" : "s");
    } else {
        ds_put_cstr(out, "good");
    }
}

void
certificate_watch_format(const struct certificate_watch *watch,
                         struct ds *out)
{
    if (watch->current) {
        char *end = certificate_watch_format_end(watch);

        ds_put_cstr(out, "certificate: ");
        certificate_watch_format_state(watch, out);
        ds_put_format(out, "\ncertificate end: %s\n", end);
        ds_put_format(out, "certificate loads: %u\n", watch->n_loads);
        free(end);
    }
}
