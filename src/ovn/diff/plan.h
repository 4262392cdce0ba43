/* SPDX-License-Identifier: Apache-2.0
 *
 * The difference between how a load balancer should look in OVN and how it
 * does, as a list of the smallest writes that make them equal.  Pure: equal
 * inputs give an empty plan, and that is how "nothing to do" is known.
 *
 * New rows have no UUID yet.  The steps call each by a label that is unique in
 * the plan and follows from the inputs; plan_apply() gives it a UUID that no
 * row ever had.  Groups are called by the ids in their names, whether they are
 * there or not.
 */

#ifndef OVN_DIFF_PLAN_H
#define OVN_DIFF_PLAN_H 1

#include <stddef.h>
#include "openvswitch/uuid.h"

struct ds;
struct health_check;
struct lb_acl;
struct lb_group;
struct lb_port;
struct lb_row;
struct ovn_lb;

/* Each step names the row that it changes or makes in 'row' (for steps on a
 * carrier: the row that is put on or taken off), and uses of the other members
 * what the comment says. */
#define PLAN_VERBS                                                      \
    PLAN_VERB(ROW_INSERT)       /* 'want'; 'value': its name */         \
    PLAN_VERB(ROW_DELETE)                                               \
    PLAN_VERB(SET_NAME)         /* 'value' */                           \
    PLAN_VERB(SET_PROTOCOL)     /* 'value' */                           \
    PLAN_VERB(SET_SELECTION)    /* 'want': selection_fields */          \
    PLAN_VERB(VIP_SET)          /* 'key', 'value' */                    \
    PLAN_VERB(VIP_REMOVE)       /* 'key' */                             \
    PLAN_VERB(OPTION_SET)       /* 'key', 'value' */                    \
    PLAN_VERB(OPTION_REMOVE)    /* 'key' */                             \
    PLAN_VERB(EXTERNAL_ID_SET)  /* 'key', 'value' */                    \
    PLAN_VERB(EXTERNAL_ID_REMOVE) /* 'key' */                           \
    PLAN_VERB(MAPPING_SET)      /* 'key', 'value' */                    \
    PLAN_VERB(MAPPING_REMOVE)   /* 'key' */                             \
    PLAN_VERB(CHECK_INSERT)     /* 'check'; 'target': its label */       \
    PLAN_VERB(CHECK_REMOVE)     /* 'target': Load_Balancer_Health_Check */ \
    PLAN_VERB(CHECK_OPTION_SET)   /* In 'row', a check: 'key', 'value' */ \
    PLAN_VERB(CHECK_OPTION_REMOVE) /* 'key' */                          \
    PLAN_VERB(CHECK_EXTERNAL_ID_SET) /* 'key', 'value' */               \
    PLAN_VERB(SWITCH_ADD)       /* 'target': Logical_Switch */          \
    PLAN_VERB(SWITCH_REMOVE)    /* 'target' */                          \
    PLAN_VERB(ROUTER_ADD)       /* 'target': Logical_Router */          \
    PLAN_VERB(ROUTER_REMOVE)    /* 'target' */                          \
    PLAN_VERB(GROUP_ADD)        /* 'target': Load_Balancer_Group */     \
    PLAN_VERB(GROUP_REMOVE)     /* 'target' */                          \
    PLAN_VERB(GROUP_INSERT)     /* A group */                           \
    PLAN_VERB(GROUP_SET_NAME)   /* A group */                           \
    PLAN_VERB(GROUP_SWITCH_ADD) /* A group; 'target': Logical_Switch */ \
    PLAN_VERB(GROUP_SWITCH_REMOVE) /* 'target' */                       \
    PLAN_VERB(GROUP_ROUTER_ADD) /* 'target': Logical_Router */          \
    PLAN_VERB(GROUP_ROUTER_REMOVE) /* 'target' */                       \
    PLAN_VERB(PORT_INSERT)      /* 'port'; 'target': Logical_Switch */  \
    PLAN_VERB(PORT_SET)         /* 'port': type and addresses */        \
    PLAN_VERB(PORT_EXTERNAL_ID_SET) /* 'key', 'value' */                \
    PLAN_VERB(PORT_DELETE)      /* 'target': Logical_Switch, may be zero */ \
    PLAN_VERB(NAT_CENTRALISE)   /* A NAT row */                         \
    PLAN_VERB(ENTRANCE_INSERT)  /* A router */                          \
    PLAN_VERB(ENTRANCE_SET)     /* A router: name, marks */             \
    PLAN_VERB(ENTRANCE_PORT_ADD) /* A router; 'target': switch port */  \
    PLAN_VERB(ENTRANCE_PORT_REMOVE) /* 'target' */                      \
    PLAN_VERB(ACL_INSERT)       /* 'acl'; 'target': router or switch; */ \
                                /* 'key': load balancer; 'value': match */ \
    PLAN_VERB(ACL_SET)          /* The same */                          \
    PLAN_VERB(ACL_REMOVE)       /* 'target': router or switch */

enum plan_verb {
#define PLAN_VERB(NAME) PLAN_##NAME,
    PLAN_VERBS
#undef PLAN_VERB
    N_PLAN_VERBS
};

struct plan_step {
    enum plan_verb verb;
    struct uuid row;
    struct uuid target;
    const char *key;                    /* All borrowed from the two inputs */
    const char *value;                  /* of plan_diff(). */
    const struct lb_row *want;
    const struct lb_port *port;
    const struct health_check *check;
    const struct lb_acl *acl;
};

struct plan {
    struct plan_step *steps;            /* In an order that works. */
    size_t n, allocated;
};

/* Fills 'ret' with what turns 'seen' into 'want'.  Both must outlive it.  The
 * caller must call plan_uninit(). */
void plan_diff(const struct ovn_lb *want, const struct ovn_lb *seen,
               struct plan *ret);
void plan_uninit(struct plan *);

/* Adds one line for each step, for people and for tests. */
void plan_format(const struct plan *, struct ds *);

#endif /* ovn/diff/plan.h */
