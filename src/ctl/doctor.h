/* SPDX-License-Identifier: Apache-2.0
 *
 * The verdicts of "doctor", and what its checks share.  A check looks at one
 * part of the installation and says any number of verdicts about it.
 */

#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H 1

#include "compiler.h"

struct context;
struct json;
struct octavia_conf;

enum doctor_level {
    DOCTOR_GOOD,
    DOCTOR_WARNING,             /* Clients are served, but not for sure. */
    DOCTOR_BAD,
    N_DOCTOR_LEVELS
};

/* Identifier, code, level, meaning (the check says of what), advice. */
#define DOCTOR_VERDICTS                                                     \
    VERDICT(DB_SERVES, "db", GOOD, "%s", "")                                \
    VERDICT(DB_AWAY, "db-away", BAD, "%s",                                  \
            "Start its ovsdb-server, or mend its address or files for TLS") \
    VERDICT(DB_SERVER_AWAY, "db-server-away", WARNING,                      \
            "%s; other servers of it serve",                                \
            "Start this one before the next is lost")                       \
    VERDICT(DB_UNSYNCED, "db-unsynced", WARNING,                            \
            "%s has lost contact with its cluster",                         \
            "See \"cluster/status\" of its control socket")                 \
    VERDICT(DB_LEADERLESS, "db-leaderless", BAD,                            \
            "no server of %s leads that could be reached",                  \
            "Most of its servers must run and reach each other")            \
    VERDICT(DB_APART, "db-apart", BAD,                                      \
            "the servers of %s belong to different clusters",               \
            "Mend the list of its servers, or join them to one cluster")    \
    VERDICT(DB_OLD, "db-old", BAD, "the schema of %s",                      \
            "Convert it: \"ovn-octavia-db convert\"")                       \
    VERDICT(DB_NEW, "db-new", WARNING, "the schema of %s",                  \
            "Upgrade the programs of this machine")                         \
    VERDICT(CLOCK_GOOD, "clock", GOOD, "%s", "")                            \
    VERDICT(CLOCK_DIFFERS, "clock-differs", WARNING, "%s",                  \
            "Have all machines keep time with chrony or the like")          \
    VERDICT(DRIVER_ACTIVE, "driver", GOOD, "a driver is active%s", "")      \
    VERDICT(DRIVER_NONE, "driver-none", BAD,                                \
            "no driver is active: nothing reaches OVN%s",                   \
            "Start ovn-octavia-driver on one machine at least")             \
    VERDICT(AGENT_ACTIVE, "agent", GOOD,                                    \
            "an agent reports to Octavia%s", "")                            \
    VERDICT(AGENT_NONE, "agent-none", BAD,                                  \
            "no agent reports to Octavia: all stays PENDING there%s",       \
            "Start ovn-octavia-agent with every octavia-driver-agent")      \
    VERDICT(PROVIDER_ACTIVE, "provider-active", BAD,                        \
            "the Python provider's agent runs: it holds its lock in %s",    \
            "Remove python3-ovn-octavia-provider there, and restart "       \
            "octavia-driver-agent")                                         \
    VERDICT(DAEMON_GOOD, "daemon", GOOD, "%s", "")                          \
    VERDICT(DAEMON_TROUBLE, "daemon-trouble", WARNING, "%s",                \
            "Its log says more")                                            \
    VERDICT(DAEMON_SILENT, "daemon-silent", BAD, "%s does not answer",      \
            "Restart it; its log may say why")                              \
    VERDICT(DAEMON_VERSION, "daemon-version", WARNING, "%s",                \
            "Restart it if it was upgraded, or upgrade it")                 \
    VERDICT(CONF_BAD, "conf-bad", BAD, "%s", "Mend the file")               \
    VERDICT(KEYSTONE_GOOD, "keystone", GOOD, "%s", "")                      \
    VERDICT(KEYSTONE_AWAY, "keystone-away", BAD, "%s",                      \
            "Mend [service_auth] or [neutron], or Keystone")                \
    VERDICT(NEUTRON_GOOD, "neutron", GOOD, "Neutron answers%s", "")         \
    VERDICT(NEUTRON_AWAY, "neutron-away", BAD, "Neutron: %s",               \
            "Mend [neutron] or Neutron's endpoint; VIPs wait for it")       \
    VERDICT(SOCKET_GOOD, "socket", GOOD, "%s", "")                          \
    VERDICT(SOCKET_AWAY, "socket-away", BAD, "%s",                          \
            "Start the daemon that listens there, or mend its path")        \
    VERDICT(SOCKET_OPEN, "socket-open", WARNING,                            \
            "every user of this machine may write to %s",                   \
            "chmod o-w, and give it to a group")                            \
    VERDICT(PROVIDERS_BOTH, "providers-both", BAD,                          \
            "the Python provider is installed beside ours (%s): "           \
            "Octavia loads neither",                                        \
            "Remove python3-ovn-octavia-provider")                          \
    VERDICT(PROVIDER_OLD, "provider-old", BAD,                              \
            "the Python provider is installed, and our plugin is not (%s)", \
            "Install the plugin and remove python3-ovn-octavia-provider")   \
    VERDICT(PROVIDER_GOOD, "provider", GOOD,                                \
            "of the Python provider nothing is left%s", "")                 \
    VERDICT(PROVIDER_OFF, "provider-off", BAD, "%s",                        \
            "Name ovn there, and restart octavia-api and driver-agent")     \
    VERDICT(SECRET_GOOD, "secret", GOOD, "%s", "")                          \
    VERDICT(SECRET_OPEN, "secret-open", WARNING,                            \
            "every user of this machine may read the secrets in %s",        \
            "chmod o-r, and give it to the daemons' group")                 \
    VERDICT(FILE_UNREADABLE, "file-unreadable", BAD, "%s",                  \
            "Mend its name, its permissions or its text")

enum doctor_verdict {
#define VERDICT(ID, CODE, LEVEL, MEANING, ADVICE) DOCTOR_##ID,
    DOCTOR_VERDICTS
#undef VERDICT
};

struct doctor {
    struct context *ctx;
    struct octavia_conf *conf;  /* NULL: there is none. */
    unsigned int n[N_DOCTOR_LEVELS];
    struct json *verdicts;      /* An array; NULL: they are printed. */
};

/* Where octavia.conf, which there must be, has the plugin look for the agent.
 * Borrowed. */
const char *doctor_agent_socket(const struct doctor *);

/* Prints the verdict about what 'format' says. */
void doctor_say(struct doctor *, enum doctor_verdict, const char *format, ...)
    OVS_PRINTF_FORMAT(3, 4);

/* Returns when an answer is given up that is asked for now. */
long long int doctor_deadline_ms(const struct doctor *);

/* Says so if every user may write to the socket. */
void doctor_check_socket_mode(struct doctor *, const char *path);

typedef void doctor_check_func(struct doctor *);

doctor_check_func doctor_check_databases;       /* doctor-databases.c */
doctor_check_func doctor_check_daemons;         /* doctor-daemons.c */
doctor_check_func doctor_check_services;        /* doctor-services.c */
doctor_check_func doctor_check_provider;        /* doctor-files.c */
doctor_check_func doctor_check_files;           /* doctor-files.c */

#endif /* ctl/doctor.h */
