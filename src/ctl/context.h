/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings and databases that the commands of ovn-octavia-ctl share; a command
 * opens the databases that it needs.  Waiting ends with the timeout, and then
 * the program ends, with a message that says what it was waiting for.
 */

#ifndef CTL_CONTEXT_H
#define CTL_CONTEXT_H 1

#include <stdbool.h>
#include "table.h"

struct inventory;
struct nb;
struct ovsdb_idl;
struct sb;
struct sb_facts;
struct store;
struct uuid;

struct context {
    /* Settings. */
    char *db;                   /* Connection methods, comma separated. */
    char *nb_db;
    char *sb_db;
    char *octavia_conf;         /* The driver's, or NULL.  Then ports are
                                 * Neutron's. */
    char *association;          /* The driver's: "direct" or "group". */
    char *allowed_cidrs;        /* The driver's: "enforce" (or NULL) or
                                 * "refuse". */
    char *driver_ctl;           /* The driver's control socket; NULL: look for
                                 * it. */
    unsigned int timeout_s;
    bool dry_run;
    bool oneline;               /* See ovn-nbctl(8). */
    struct table_style table_style;

    long long int deadline_ms;

    /* See the functions below.  NULL: not opened. */
    struct store *store;
    struct inventory *inventory;
    struct nb *nb;
    struct sb *sb;
    struct sb_facts *sb_facts;
};

/* A command of our own, as against those of db-ctl-base. */
struct tool_command {
    const char *name;

    /* 'argv[0]' is the command's name.  Returns the exit status. */
    int (*run)(struct context *, int argc, char *argv[]);
};

extern const struct tool_command command_adopt, command_diff, command_doctor;
extern const struct tool_command command_explain, command_orphans;
extern const struct tool_command command_remove_orphan, command_resync;
extern const struct tool_command command_sync_octavia, command_user;

/* Settings are what the environment says, or NULL. */
void context_init(struct context *);
void context_uninit(struct context *);

/* Gives defaults to settings that are not set, as the driver does.  Must be
 * called when the options are known.  Time runs from here. */
void context_start(struct context *);

/* OVN_Octavia, OVN's inventory, and the driver's view of OVN's databases,
 * opened and loaded.  Borrowed. */
struct store *context_store(struct context *);
struct inventory *context_inventory(struct context *);
struct nb *context_nb(struct context *);
struct sb *context_sb(struct context *);
struct sb_facts *context_sb_facts(struct context *);

/* Has an early end of the program give 'status' instead of EXIT_FAILURE from
 * now on: for commands to which that means something else. */
void context_set_failure_status(int status);

/* Ends the program.  For ctl_init(). */
void context_exit(int status);

/* Runs what is open until 'is_over(aux)' returns true.  'what' completes "gave
 * up waiting for". */
void context_wait_until(struct context *, bool (*is_over)(void *aux),
                        void *aux, const char *what);

/* Sleeps until something happens that was asked for, no longer than the
 * timeout allows.  'what' as above.  'idl' may be NULL; else its last error is
 * part of the message. */
void context_block(struct context *, const struct ovsdb_idl *idl,
                   const char *what);

/* Waits until 'idl' holds the whole database, which is called 'what'. */
void context_load(struct context *, struct ovsdb_idl *idl, const char *what);

/* Returns the id of a load balancer: 'name' if that is one, else that of the
 * load balancer of that name.  Ends the program if there is not exactly
 * one. */
struct uuid context_find_lb(struct context *, const char *name);

/* db-commands.c: runs the commands of db-ctl-base, and "show". */
void db_commands_init(void);
int db_commands_run(struct context *, int argc, char *argv[],
                    struct shash *local_options, const char *args);

#endif /* ctl/context.h */
