/* SPDX-License-Identifier: Apache-2.0
 *
 * "doctor": whether the parts of an installation reach each other, and what to
 * do if not.  It changes nothing.
 */

#include <config.h>
#include "ctl/doctor.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/octavia-conf.h"
#include "ctl/context.h"
#include "ctl/report.h"
#include "db-ctl-base.h"
#include "openvswitch/json.h"
#include "timeval.h"
#include "util.h"

/* A part that is there answers in much less. */
#define DOCTOR_ANSWER_MS 3000

static const struct {
    const char *code;
    enum doctor_level level;
    const char *meaning;
    const char *advice;
} verdicts[] = {
#define VERDICT(ID, CODE, LEVEL, MEANING, ADVICE) \
    [DOCTOR_##ID] = { CODE, DOCTOR_##LEVEL, MEANING, ADVICE },
    DOCTOR_VERDICTS
#undef VERDICT
};

static doctor_check_func *const checks[] = {
    doctor_check_databases,
    doctor_check_daemons,
    doctor_check_services,
    doctor_check_provider,
    doctor_check_files,
};

static const char *const level_words[N_DOCTOR_LEVELS] = {
    [DOCTOR_GOOD] = "good",
    [DOCTOR_WARNING] = "warning",
    [DOCTOR_BAD] = "bad",
};

/* What comes from elsewhere may hold what moves a terminal's cursor. */
static void
doctor_print(const char *text)
{
    for (; *text; text++) {
        putchar(iscntrl((unsigned char) *text) ? '?' : *text);
    }
}

static void
doctor_report(struct doctor *doctor, enum doctor_verdict verdict,
              const char *text)
{
    const char *advice = verdicts[verdict].advice;
    struct json *object = json_object_create();

    report_put_text(object, "level", level_words[verdicts[verdict].level]);
    report_put_text(object, "code", verdicts[verdict].code);
    report_put_text(object, "text", text);
    report_put_text(object, "advice", *advice ? advice : NULL);
    json_array_add(doctor->verdicts, object);
}

static void
doctor_end(struct doctor *doctor)
{
    struct json *document;

    if (!doctor->verdicts) {
        printf("%u good, %u to look at, %u bad\n", doctor->n[DOCTOR_GOOD],
               doctor->n[DOCTOR_WARNING], doctor->n[DOCTOR_BAD]);
        return;
    }
    document = json_object_create();
    for (size_t i = 0; i < N_DOCTOR_LEVELS; i++) {
        report_put_integer(document, level_words[i], doctor->n[i]);
    }
    json_object_put(document, "verdicts", doctor->verdicts);
    report_print(document);
}

void
doctor_say(struct doctor *doctor, enum doctor_verdict verdict,
           const char *format, ...)
{
    const char *meaning = verdicts[verdict].meaning;
    const char *mark = strstr(meaning, "%s");
    va_list args;

    va_start(args, format);
    char *detail = xvasprintf(format, args);
    va_end(args);

    ovs_assert(mark);
    doctor->n[verdicts[verdict].level]++;
    if (doctor->verdicts) {
        char *text = xasprintf("%.*s%s%s", (int) (mark - meaning), meaning,
                               detail, mark + 2);
        doctor_report(doctor, verdict, text);
        free(text);
        free(detail);
        return;
    }
    printf("%-7s [%s] %.*s", level_words[verdicts[verdict].level],
           verdicts[verdict].code, (int) (mark - meaning), meaning);
    doctor_print(detail);
    printf("%s.%s%s%s\n", mark + 2, *verdicts[verdict].advice ? " " : "",
           verdicts[verdict].advice, *verdicts[verdict].advice ? "." : "");
    free(detail);
}

long long int
doctor_deadline_ms(const struct doctor *doctor)
{
    return MIN(time_msec() + DOCTOR_ANSWER_MS, doctor->ctx->deadline_ms);
}

static int
doctor_run(struct context *ctx, int argc, char *argv[] OVS_UNUSED)
{
    struct doctor doctor = { .ctx = ctx };
    char *error;

    if (argc > 1) {
        ctl_fatal("doctor takes no arguments");
    }
    if (ctx->octavia_conf) {
        doctor.conf = octavia_conf_load(ctx->octavia_conf, &error);
        if (!doctor.conf) {
            ctl_fatal("%s", error);
        }
    }
    if (report_is_json(ctx)) {
        doctor.verdicts = json_array_create_empty();
    }
    for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
        checks[i](&doctor);
    }
    octavia_conf_destroy(doctor.conf);
    doctor_end(&doctor);
    return doctor.n[DOCTOR_BAD] ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct tool_command command_doctor = { "doctor", doctor_run };
