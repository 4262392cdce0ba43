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
#include "base/log-format.h"
#include "base/places.h"
#include "command-line.h"
#include "daemon.h"
#include "dirs.h"
#include "openvswitch/vlog.h"
#include "stream-ssl.h"
#include "stream.h"
#include "util.h"

enum {
    OPT_CONFIG = UCHAR_MAX + 1,
    OPT_CHECK_CONFIG,
    OPT_PRINT_CONFIG,
    OPT_UNIXCTL,
    DAEMON_OPTION_ENUMS,
    VLOG_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
    OPT_OWN,                    /* Plus the index in the table. */
};

static const struct option common_options[] = {
    { "config", required_argument, NULL, OPT_CONFIG },
    { "check-config", no_argument, NULL, OPT_CHECK_CONFIG },
    { "print-config", no_argument, NULL, OPT_PRINT_CONFIG },
    { "unixctl", required_argument, NULL, OPT_UNIXCTL },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    DAEMON_LONG_OPTIONS,        /* All but one: see refuse_user(). */
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
    struct daemon_setup *setup;
    bool *is_given;             /* On the command line, by index in 'own'. */
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

/* --user needs libcap-ng in libopenvswitch as it was built, and ends the
 * program without it. */
OVS_NO_RETURN static void
refuse_user(void)
{
    ovs_fatal(0, "unrecognized option '--user': let systemd choose the user "
              "(User=), or setpriv(1)");
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
    printf("  %-26s %s\n", "--check-config", "say what is wrong with the "
           "settings, and end");
    printf("  %-26s %s\n", "--print-config", "print the settings, and end");
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
    memcpy(&all[n_all], common_options, sizeof common_options);
    return all;
}

/* Takes an option that chooses what the program does, or where it finds its
 * settings. */
static void
take_mode_option(struct daemon_setup *setup, int c)
{
    switch (c) {
    case OPT_CONFIG:
        svec_add(&setup->files, optarg);
        config_load(&setup->config, optarg);
        break;

    case OPT_CHECK_CONFIG:
        setup->check_only = true;
        break;

    case OPT_PRINT_CONFIG:
        setup->print_only = true;
        break;

    case OPT_USER_GROUP:
        refuse_user();

    default:
        break;
    }
}

/* True if the option makes, or will make, a file in one of our directories.
 * Makes the directory of logs, since logging begins at once. */
static bool
option_needs_rundir(int c)
{
    if (c == OPT_LOG_FILE && !optarg) {
        places_make_logdir();
    }
    return c == OPT_PIDFILE && (!optarg || *optarg != '/');
}

/* Takes an option of libopenvswitch, for a daemon that will run. */
static void
take_library_option(struct daemon_setup *setup, int c)
{
    setup->needs_rundir |= option_needs_rundir(c);
    switch (c) {
    DAEMON_OPTION_HANDLERS
    VLOG_OPTION_HANDLERS
    STREAM_SSL_OPTION_HANDLERS

    default:
        OVS_NOT_REACHED();
    }
}

/* The command line replaces what a file says, and then adds to itself. */
static void
take_own_option(const struct options_parser *parser, size_t i)
{
    const struct daemon_option *option = &parser->own[i];
    char *list = NULL;

    ovs_assert(i < parser->n_own);
    if (parser->is_given[i] && option->metavar
        && strstr(option->metavar, "[,")) {
        list = xasprintf("%s,%s", *option->setting.text, optarg);
    }
    parser->is_given[i] = true;
    config_set(&parser->setup->config, i,
               list ? list : optarg ? optarg : "true",
               xasprintf("--%s: [%s] %s", option->name,
                         option->setting.section, option->setting.key));
    free(list);
}

static void
take_daemon_option(const struct options_parser *parser, int c)
{
    struct daemon_setup *setup = parser->setup;

    switch (c) {
    case OPT_CONFIG:
    case OPT_CHECK_CONFIG:
    case OPT_PRINT_CONFIG:
        break;                  /* See take_mode_option(). */

    case OPT_UNIXCTL:
        free(setup->unixctl);
        setup->unixctl = xstrdup(optarg);
        break;

    case 'h':
        print_daemon_usage(parser);

    case 'V':
        ovs_print_version(0, 0);
        exit(EXIT_SUCCESS);

    default:
        if (c >= OPT_OWN) {
            take_own_option(parser, c - OPT_OWN);
        } else if (!setup->check_only && !setup->print_only) {
            take_library_option(setup, c);
        }
        break;
    }
}

/* Two passes: the file first, so that the command line wins wherever the file
 * is named on it. */
static void
parse_daemon_options(const struct options_parser *parser, int argc,
                     char *argv[], bool modes_only)
{
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, parser->short_options,
                            parser->long_options, NULL)) != -1) {
        if (c == '?') {
            exit(EXIT_FAILURE);     /* getopt_long() has said why. */
        } else if (modes_only) {
            take_mode_option(parser->setup, c);
        } else {
            take_daemon_option(parser, c);
        }
    }
    if (optind < argc) {
        ovs_fatal(0, "%s: no arguments are expected; use --help for help",
                  argv[optind]);
    }
}

static void
daemon_setup_init(struct daemon_setup *setup, const struct daemon_option *own,
                  size_t n)
{
    struct config_option *settings = xcalloc(n, sizeof *settings);

    for (size_t i = 0; i < n; i++) {
        settings[i] = own[i].setting;
    }
    *setup = (struct daemon_setup) {
        .files = SVEC_EMPTY_INITIALIZER,
        .settings = settings,
    };
    config_init(&setup->config, settings, n);
}

void
daemon_options_parse(int argc, char *argv[], const char *summary,
                     const struct daemon_option *own, size_t n,
                     struct daemon_setup *setup)
{
    struct options_parser parser = {
        .summary = summary,
        .own = own,
        .n_own = n,
        .long_options = build_long_options(own, n),
        .setup = setup,
        .is_given = xcalloc(n, sizeof *parser.is_given),
    };

    daemon_setup_init(setup, own, n);

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
    free(parser.is_given);
}

bool
daemon_options_set_log_format(struct daemon_setup *setup,
                              char *const *setting)
{
    bool is_json = config_choose(&setup->config, setting, "json", "text");

    if (is_json && !setup->check_only && !setup->print_only) {
        log_format_set_json();
    }
    return is_json;
}

/* Prints all faults.  For --check-config their places come first, as a
 * compiler has them. */
static void
print_faults(const struct daemon_setup *setup)
{
    const char *fault;
    size_t i;

    SVEC_FOR_EACH (i, fault, &setup->config.faults) {
        if (setup->check_only) {
            fprintf(stderr, "%s\n", fault);
        } else {
            ovs_error(0, "%s", fault);
        }
    }
}

static void
print_good(const struct daemon_setup *setup)
{
    const char *file;
    size_t i;

    SVEC_FOR_EACH (i, file, &setup->files) {
        printf("%s: good\n", file);
    }
    if (!setup->files.n) {
        printf("%s: good\n", program_name);
    }
}

char *
daemon_options_finish(struct daemon_setup *setup)
{
    char *unixctl = setup->unixctl;

    if (setup->config.faults.n) {
        print_faults(setup);
        exit(EXIT_FAILURE);
    }
    if (setup->print_only) {
        config_print(&setup->config);
        exit(EXIT_SUCCESS);
    }
    if (setup->check_only) {
        print_good(setup);
        exit(EXIT_SUCCESS);
    }
    if (setup->needs_rundir
        || !unixctl || (*unixctl != '/' && strcmp(unixctl, "none"))) {
        places_make_rundir();
    }
    config_uninit(&setup->config);
    svec_destroy(&setup->files);
    free(setup->settings);
    return unixctl;
}
