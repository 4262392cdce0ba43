/* SPDX-License-Identifier: Apache-2.0
 *
 * ovn-octavia-ctl: what an operator wants to see and do beside the API.
 */

#include <config.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/config.h"
#include "base/places.h"
#include "base/resolver.h"
#include "command-line.h"
#include "ctl/context.h"
#include "ctl/report.h"
#include "db-ctl-base.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "openvswitch/vlog.h"
#include "process.h"
#include "stream-ssl.h"
#include "stream.h"
#include "table.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ctl);

static const struct tool_command *const commands[] = {
    &command_adopt,
    &command_diff,
    &command_doctor,
    &command_explain,
    &command_orphans,
    &command_remove_orphan,
    &command_resync,
    &command_sync_octavia,
    &command_user,
};

enum {
    OPT_CONFIG = UCHAR_MAX + 1,
    OPT_DB,
    OPT_NB_DB,
    OPT_SB_DB,
    OPT_DRIVER_CTL,
    OPT_ASSOCIATION,
    OPT_OCTAVIA_CONF,
    OPT_DRY_RUN,
    OPT_ONELINE,
    OPT_NO_SYSLOG,
    OPT_PEER_CA_CERT,
    OPT_BOOTSTRAP_CA_CERT,
    OPT_LOCAL,                  /* An option of a command of db-ctl-base. */
    VLOG_OPTION_ENUMS,
    TABLE_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
};

static const struct option global_options[] = {
    { "config", required_argument, NULL, OPT_CONFIG },
    { "db", required_argument, NULL, OPT_DB },
    { "nb-db", required_argument, NULL, OPT_NB_DB },
    { "sb-db", required_argument, NULL, OPT_SB_DB },
    { "driver-ctl", required_argument, NULL, OPT_DRIVER_CTL },
    { "association", required_argument, NULL, OPT_ASSOCIATION },
    { "octavia-conf", required_argument, NULL, OPT_OCTAVIA_CONF },
    { "timeout", required_argument, NULL, 't' },
    { "dry-run", no_argument, NULL, OPT_DRY_RUN },
    { "oneline", no_argument, NULL, OPT_ONELINE },
    { "no-syslog", no_argument, NULL, OPT_NO_SYSLOG },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    VLOG_LONG_OPTIONS,
    TABLE_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    { "peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT },
    { "bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT },
    { NULL, 0, NULL, 0 },
};

/* Holds the input and the results of getopt_long(). */
struct ctl_parser {
    struct context *ctx;
    struct option *options;
    char *short_options;
    struct shash local_options; /* Options of the first command of
                                 * db-ctl-base. */
};

OVS_NO_RETURN static void ctl_usage(void);
static void ctl_parse(struct context *, int argc, char *argv[],
                      struct shash *local_options);
static const struct tool_command *find_command(const char *name);

int
main(int argc, char *argv[])
{
    struct shash local_options = SHASH_INITIALIZER(&local_options);
    struct context ctx;
    int status;

    ovs_set_program_name(argv[0], OVN_OCTAVIA_VERSION);
    places_init();
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:warn");

    /* We say it ourselves. */
    vlog_set_levels_from_string_assert("console:db_link:err");
    vlog_set_levels_from_string_assert("console:daemon_unix:err");

    resolver_set_blocking();
    db_commands_init();
    context_init(&ctx);

    char *args = process_escape_args(argv);
    ctl_parse(&ctx, argc, argv, &local_options);
    context_start(&ctx);
    argc -= optind;
    argv += optind;
    report_take_format(&ctx, &argc, argv);

    const struct tool_command *command = argc ? find_command(argv[0]) : NULL;
    if (command && shash_is_empty(&local_options)) {
        VLOG_INFO("Called as %s", args);
        status = command->run(&ctx, argc, argv);
    } else if (command) {
        ctl_fatal("options of %s go behind it", command->name);
    } else {
        status = db_commands_run(&ctx, argc, argv, &local_options, args);
    }

    context_uninit(&ctx);
    shash_destroy_free_data(&local_options);
    free(args);
    return status;
}

static const struct tool_command *
find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (!strcmp(commands[i]->name, name)) {
            return commands[i];
        }
    }
    return NULL;
}

/* Options. */

static void
ctl_load_file(struct context *ctx, const char *file_name)
{
    const struct config_option options[] = {
        { "ovn-octavia", "db", &ctx->db, NULL },
        { "ovn-octavia", "nb_db", &ctx->nb_db, NULL },
        { "driver", NULL, NULL, NULL },
        { "driver", "sb_db", &ctx->sb_db, NULL },
        { "ovn-octavia", "allowed_cidrs", &ctx->allowed_cidrs, NULL },
        { "driver", "association", &ctx->association, NULL },
        { "driver", "octavia_conf", &ctx->octavia_conf, NULL },
    };
    struct config config;

    config_init(&config, options, ARRAY_SIZE(options));
    config_load(&config, file_name);
    if (config.faults.n) {
        ctl_fatal("%s", svec_join(&config.faults, "\n", ""));
    }
    config_uninit(&config);
}

static void
ctl_replace(char **setting, const char *value)
{
    free(*setting);
    *setting = xstrdup(value);
}

static void
take_local_option(struct ctl_parser *parser, const char *name)
{
    if (shash_find(&parser->local_options, name)) {
        ctl_fatal("'%s' option specified multiple times", name);
    }
    shash_add_nocopy(&parser->local_options, xasprintf("--%s", name),
                     nullable_xstrdup(optarg));
}

static void
ctl_take_option(struct ctl_parser *parser, int c, int index)
{
    struct context *ctx = parser->ctx;

    switch (c) {
    case OPT_CONFIG:
        break;                  /* Has been read. */

    case OPT_DB:
        ctl_replace(&ctx->db, optarg);
        break;

    case OPT_NB_DB:
        ctl_replace(&ctx->nb_db, optarg);
        break;

    case OPT_SB_DB:
        ctl_replace(&ctx->sb_db, optarg);
        break;

    case OPT_DRIVER_CTL:
        ctl_replace(&ctx->driver_ctl, optarg);
        break;

    case OPT_ASSOCIATION:
        ctl_replace(&ctx->association, optarg);
        break;

    case OPT_OCTAVIA_CONF:
        ctl_replace(&ctx->octavia_conf, optarg);
        break;

    case 't':
        if (!str_to_uint(optarg, 10, &ctx->timeout_s) || !ctx->timeout_s) {
            ctl_fatal("value %s on -t or --timeout is invalid", optarg);
        }
        break;

    case OPT_DRY_RUN:
        ctx->dry_run = true;
        break;

    case OPT_ONELINE:
        ctx->oneline = true;
        break;

    case OPT_NO_SYSLOG:
        vlog_set_levels(NULL, VLF_SYSLOG, VLL_WARN);
        break;

    case OPT_LOCAL:
        take_local_option(parser, parser->options[index].name);
        break;

    case 'h':
        ctl_usage();

    case 'V':
        ovs_print_version(0, 0);
        exit(EXIT_SUCCESS);

    VLOG_OPTION_HANDLERS
    TABLE_OPTION_HANDLERS(&ctx->table_style)
    STREAM_SSL_OPTION_HANDLERS

    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(optarg);
        break;

    case OPT_BOOTSTRAP_CA_CERT:
        stream_ssl_set_ca_cert_file(optarg, true);
        break;

    default:
        OVS_NOT_REACHED();
    }
}

/* Two passes: the file first, so that the command line wins wherever the file
 * is named on it. */
static void
parse_pass(struct ctl_parser *parser, int argc, char *argv[], bool file_only)
{
    int c, index;

    optind = 0;                 /* Begin anew. */
    while ((c = getopt_long(argc, argv, parser->short_options,
                            parser->options, &index)) != -1) {
        if (c == '?') {
            exit(EXIT_FAILURE);     /* getopt_long() has said why. */
        } else if (!file_only) {
            ctl_take_option(parser, c, index);
        } else if (c == OPT_CONFIG) {
            ctl_load_file(parser->ctx, optarg);
        }
    }
}

static void
ctl_parse(struct context *ctx, int argc, char *argv[],
          struct shash *local_options)
{
    struct ctl_parser parser = {
        .ctx = ctx,
        .local_options = SHASH_INITIALIZER(&parser.local_options),
    };
    size_t n_global = ARRAY_SIZE(global_options) - 1;
    size_t allocated = ARRAY_SIZE(global_options);
    size_t n = n_global;

    /* "+": what follows the command is the command's. */
    char *short_options
        = ovs_cmdl_long_options_to_short_options(global_options);
    parser.short_options = xasprintf("+%s", short_options);
    free(short_options);
    parser.options = xmemdup(global_options, sizeof global_options);
    ctl_add_cmd_options(&parser.options, &n, &allocated, OPT_LOCAL);

    parse_pass(&parser, argc, argv, true);
    parse_pass(&parser, argc, argv, false);

    for (size_t i = n_global; parser.options[i].name; i++) {
        free(CONST_CAST(char *, parser.options[i].name));
    }
    if (ctx->association && strcmp(ctx->association, "group")
        && strcmp(ctx->association, "direct")) {
        ctl_fatal("association = %s: must be direct or group",
                  ctx->association);
    }
    free(parser.options);
    free(parser.short_options);
    shash_swap(local_options, &parser.local_options);
    shash_destroy(&parser.local_options);
}

static void
ctl_usage(void)
{
    printf("%s: shows and mends load balancers of ovn-octavia\n"
           "usage: %s [OPTIONS] COMMAND [ARG...]\n\n"
           "Load balancers (LB is an id or a name):\n"
           "  --format=json, with show, diff, explain, doctor and orphans:\n"
           "                              print JSON, for programs\n"
           "  show [LB]                   print LB, or all, with all below\n"
           "  diff [LB...]                print what the driver would do in\n"
           "                              OVN for these, or for all; exits\n"
           "                              with 1 if there is something\n"
           "  explain LB                  print where LB is in OVN, and what\n"
           "                              is wrong with it; exits with 1 if\n"
           "                              something is\n"
           "  doctor                      print whether the parts reach each\n"
           "                              other, and what to do if not;\n"
           "                              exits with 1 if something is bad\n"
           "  resync [LB]                 let the driver look at LB, or all,\n"
           "                              anew\n\n"
           "Takeover (ID is an id, as OVN knows no names):\n"
           "  adopt [--dry-run] [--force] [--project=PROJECT] [ID...]\n"
           "                              take over load balancers that are\n"
           "                              in OVN, but not in OVN_Octavia\n"
           "  orphans                     list what looks like ours in OVN\n"
           "                              and belongs to no load balancer\n"
           "  remove-orphan ID...         remove just these, by id or name\n"
           "\nWith an existing Octavia:\n"
           "  sync-octavia [--dry-run] [--delete] [--octavia-conf=FILE]\n"
           "               [LB...]\n"
           "                              make these, or all, as Octavia has\n"
           "                              them; exits with 1 if something\n"
           "                              differs still\n"
           "\nUsers of an API with auth = local, all with\n"
           "[--users-file=FILE] (default: /etc/ovn-octavia/users):\n"
           "  user list                   print them, their roles, and their\n"
           "                              application credentials\n"
           "  user add [--password-file=FILE] NAME [PROJECT ROLE...]\n"
           "                              add one; asks for the password\n"
           "  user roles NAME PROJECT [ROLE...]\n"
           "                              give exactly these roles\n"
           "  user passwd [--password-file=FILE] NAME\n"
           "                              change the password; tokens end\n"
           "  user remove NAME            remove one; tokens end\n"
           "  user add-project NAME [ID]  add a project\n"
           "  user remove-project NAME    remove one that nobody uses\n"
           "  user add-credential [--days=DAYS] USER NAME PROJECT [ROLE...]\n"
           "                              add an application credential, and\n"
           "                              print its secret\n"
           "  user remove-credential ID   remove one; tokens end\n"
           "\n%s%s",
           program_name, program_name, ctl_get_db_cmd_usage(),
           ctl_list_db_tables_usage());
    printf("\nOptions:\n"
           "  --db=DATABASE               OVN_Octavia (default:\n"
           "                              $OVN_OCTAVIA_DB, or\n"
           "                              unix:/run/ovn-octavia/"
           "octavia_db.sock)\n"
           "  --nb-db=DATABASE            OVN_Northbound (default:\n"
           "                              $OVN_NB_DB, or\n"
           "                              unix:/run/ovn/ovnnb_db.sock)\n"
           "  --sb-db=DATABASE            OVN_Southbound (default:\n"
           "                              $OVN_SB_DB, or\n"
           "                              unix:/run/ovn/ovnsb_db.sock)\n"
           "  --driver-ctl=SOCKET         the driver's control socket\n"
           "                              (default:\n"
           "                              $OVN_OCTAVIA_DRIVER_CTL, or the\n"
           "                              one in %s)\n"
           "  --octavia-conf=FILE         the driver's, if it has one\n"
           "  --association=WAY           how the driver associates: direct\n"
           "                              (the default with --octavia-conf)\n"
           "                              or group (the default without)\n"
           "  --config=FILE               read settings from FILE first\n"
           "  -t, --timeout=SECS          wait at most SECS seconds "
           "(default: 30)\n"
           "  --dry-run                   change nothing\n"
           "  --oneline                   print exactly one line of output "
           "per command\n", ovs_rundir());
    table_usage();
    vlog_usage();
    printf("  --no-syslog                 log warnings only to syslog\n");
    stream_usage("DATABASE", true, true, true);
    printf("\nOther options:\n"
           "  -h, --help                  display this help message\n"
           "  -V, --version               display version information\n");
    exit(EXIT_SUCCESS);
}
