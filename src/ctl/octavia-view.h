/* SPDX-License-Identifier: Apache-2.0
 *
 * A view of an existing Octavia, beside OVN_Octavia: its load balancers, their
 * data models, and the states of all objects.
 */

#ifndef CTL_OCTAVIA_VIEW_H
#define CTL_OCTAVIA_VIEW_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"

struct context;
struct exchanger;
struct json;
struct octavia_api;
struct octavia_conf;
struct octavia_item;
struct rows;
struct store;

struct octavia_view_lb {
    struct octavia_view *view;
    struct uuid id;
    struct json *model;         /* NULL: Octavia does not have it. */
    char *error;                /* Octavia did not say, or NULL. */
    bool is_over;
};

struct octavia_view {
    struct context *ctx;
    struct octavia_conf *conf;
    struct store *store;        /* The context's. */
    struct rows *rows;
    struct exchanger *get;
    struct octavia_api *api;

    struct octavia_view_lb *lbs;    /* By id. */
    size_t n_lbs;
    struct hmap states;         /* Elements: struct octavia_item. */

    char *error;                /* The error of the query under way. */
    bool is_listed;
};

/* Asks Octavia, whose configuration is the file 'conf', about the load
 * balancers that are named, or all: those that Octavia has of this provider,
 * and those that came from it.  Ends the program if Octavia does not
 * answer. */
struct octavia_view *octavia_view_create(struct context *, const char *conf,
                                         char *names[], size_t n_names);
void octavia_view_destroy(struct octavia_view *);

/* Returns the states of an object in Octavia, NULL if it was not listed. */
const struct octavia_item *octavia_view_state(const struct octavia_view *,
                                              const struct uuid *id);

/* Does as context_wait_until(), while Octavia's sockets and API run, too. */
void octavia_view_wait_until(struct octavia_view *, bool (*is_over)(void *aux),
                             void *aux, const char *what);

#endif /* ctl/octavia-view.h */
