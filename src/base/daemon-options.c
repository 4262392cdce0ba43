/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines of daemons; see daemon-options.h.
 */

#include <config.h>
#include "base/daemon-options.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "command-line.h"
#include "daemon.h"
#include "dirs.h"
#include "openvswitch/vlog.h"
#include "stream-ssl.h"
#include "stream.h"
#include "util.h"

enum {
    OPT_CONFIG = UCHAR_MAX + 1,
    OPT_UNIXCTL,
    DAEMON_OPTION_ENUMS,
    VLOG_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
    OPT_OWN,                    /* Plus the index in the table. */
};

static const struct option common_options[] = {
    { "config", required_argument, NULL, OPT_CONFIG },
    { "unixctl", required_argument, NULL, OPT_UNIXCTL },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    DAEMON_LONG_OPTIONS,        /* All but one: see is_offered(). */
    VLOG_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    { NULL, 0, NULL, 0 },
};

struct options_parser {
    const char *summary;
    const struct daemon_option *own;
    size_t n_own;
    struct option *long_options;
    char *short_options;
    char **unixctl;
};

static void
print_option(const struct daemon_option *option)
{
    char *left = (option->metavar
                  ? xasprintf("--%s=%s", option->name, option->metavar)
                  : xasprintf("--%s", option->name));
    const char *help = option->help;

    for (;;) {
        int length = strcspn(help, "\n");
        printf("  %-26s %.*s\n", left, length, help);
        if (!help[length]) {
            break;
        }
        help += length + 1;
        left[0] = '\0';
    }
    free(left);
}

/* True for all options of libopenvswitch but --user: that needs libcap-ng in
 * the library as it was built, and ends the program without it. systemd has
 * User=; elsewhere there is setpriv(1). */
static bool
is_offered(const struct option *option)
{
    return option->val != OPT_USER_GROUP;
}

static void
print_daemon_options(void)
{
    printf("\nDaemon options:\n"
           "  --detach                   run in the background\n"
           "  --monitor                  start it again if it crashes\n"
           "  --no-chdir                 do not chdir to '/'\n"
           "  --pidfile[=FILE]           create pidfile (default: %s/%s.pid)\n"
           "  --overwrite-pidfile        start even if already running\n",
           ovs_rundir(), program_name);
}

OVS_NO_RETURN static void
print_daemon_usage(const struct options_parser *parser)
{
    printf("%s: %s\nusage: %s [OPTIONS]\n\nOptions:\n", program_name,
           parser->summary, program_name);
    for (size_t i = 0; i < parser->n_own; i++) {
        if (parser->own[i].name) {
            print_option(&parser->own[i]);
        }
    }
    printf("  %-26s %s\n", "--config=FILE", "read settings from FILE first");
    stream_usage("DATABASE", true, false, false);
    print_daemon_options();
    vlog_usage();
    printf("\nOther options:\n"
           "  --unixctl=SOCKET           set control socket name\n"
           "  -h, --help                 display this help message\n"
           "  -V, --version              display version information\n");
    exit(EXIT_SUCCESS);
}

static struct option *
build_long_options(const struct daemon_option *own, size_t n)
{
    struct option *all = xcalloc(n + ARRAY_SIZE(common_options),
                                 sizeof *all);
    size_t n_all = 0;

    for (size_t i = 0; i < n; i++) {
        if (own[i].name) {
            all[n_all++] = (struct option) {
                own[i].name,
                own[i].metavar ? required_argument : no_argument,
                NULL, OPT_OWN + i
            };
        }
    }
    for (size_t i = 0; common_options[i].name; i++) {
        if (is_offered(&common_options[i])) {
            all[n_all++] = common_options[i];
        }
    }
    return all;
}

static void
load_options_file(const struct options_parser *parser, const char *file_name)
{
    struct config_option *settings = xcalloc(parser->n_own,
                                             sizeof *settings);
    char *error;

    for (size_t i = 0; i < parser->n_own; i++) {
        settings[i] = parser->own[i].setting;
    }
    if (!config_load(file_name, settings, parser->n_own, &error)) {
        ovs_fatal(0, "%s", error);
    }
    free(settings);
}

static void
take_daemon_option(const struct options_parser *parser, int c)
{
    switch (c) {
    case OPT_CONFIG:
        break;                  /* Has been read. */

    case OPT_UNIXCTL:
        free(*parser->unixctl);
        *parser->unixctl = xstrdup(optarg);
        break;

    case 'h':
        print_daemon_usage(parser);

    case 'V':
        ovs_print_version(0, 0);
        exit(EXIT_SUCCESS);

    DAEMON_OPTION_HANDLERS
    VLOG_OPTION_HANDLERS
    STREAM_SSL_OPTION_HANDLERS

    default:
        ovs_assert(c >= OPT_OWN && c - OPT_OWN < parser->n_own);
        config_set(&parser->own[c - OPT_OWN].setting,
                   optarg ? optarg : "true");
        break;
    }
}

/* Two passes: the file first, so that the command line wins wherever the file
 * is named on it. */
static void
parse_daemon_options(const struct options_parser *parser, int argc,
                     char *argv[], bool file_only)
{
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, parser->short_options,
                            parser->long_options, NULL)) != -1) {
        if (c == '?') {
            exit(EXIT_FAILURE);     /* getopt_long() has said why. */
        } else if (!file_only) {
            take_daemon_option(parser, c);
        } else if (c == OPT_CONFIG) {
            load_options_file(parser, optarg);
        }
    }
    if (optind < argc) {
        ovs_fatal(0, "%s: no arguments are expected; use --help for help",
                  argv[optind]);
    }
}

void
daemon_options_parse(int argc, char *argv[], const char *summary,
                     const struct daemon_option *own, size_t n,
                     char **unixctl)
{
    struct options_parser parser = {
        .summary = summary,
        .own = own,
        .n_own = n,
        .long_options = build_long_options(own, n),
        .unixctl = unixctl,
    };

    *unixctl = NULL;

    /* base/db-link.c says what an operator acts on, once; these tell of each
     * attempt, ten times a second during an election. */
    vlog_set_levels_from_string_assert("reconnect:warn");
    vlog_set_levels_from_string_assert("ovsdb_cs:warn");
    parser.short_options
        = ovs_cmdl_long_options_to_short_options(parser.long_options);
    parse_daemon_options(&parser, argc, argv, true);
    parse_daemon_options(&parser, argc, argv, false);
    free(parser.short_options);
    free(parser.long_options);
}

bool
daemon_option_choose(const char *name, const char *value, const char *yes,
                     const char *no)
{
    bool is_yes = !strcmp(value, yes);

    if (!is_yes && strcmp(value, no)) {
        ovs_fatal(0, "%s = %s: must be \"%s\" or \"%s\"", name, value, no,
                  yes);
    }
    return is_yes;
}
