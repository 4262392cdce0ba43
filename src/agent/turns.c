/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides whose turn it is; see turns.h.
 */

#include <config.h>
#include "agent/turns.h"
#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "openvswitch/poll-loop.h"
#include "util.h"
#include "uuid.h"

/* The first of its project has the turn, the others wait. */
struct turn {
    struct ovs_list node;       /* In turns' 'list'. */
    struct uuid lb_id;
    bool is_waiting;
    long long int until_ms;     /* If it is not waiting. */
    char project_id[];
};

void
turns_init(struct turns *turns)
{
    ovs_list_init(&turns->list);
    turns->n_waiting = 0;
}

void
turns_destroy(struct turns *turns)
{
    struct turn *turn;

    LIST_FOR_EACH_POP (turn, node, &turns->list) {
        free(turn);
    }
}

static struct turn *
turn_of_lb(const struct turns *turns, const struct uuid *lb_id)
{
    struct turn *turn;

    LIST_FOR_EACH (turn, node, &turns->list) {
        if (uuid_equals(&turn->lb_id, lb_id)) {
            return turn;
        }
    }
    return NULL;
}

static struct turn *
first_of_project(const struct turns *turns, const char *project_id)
{
    struct turn *turn;

    LIST_FOR_EACH (turn, node, &turns->list) {
        if (!strcmp(turn->project_id, project_id)) {
            return turn;
        }
    }
    return NULL;
}

bool
turns_take(struct turns *turns, const char *project_id,
           const struct uuid *lb_id, long long int now_ms)
{
    struct turn *turn = turn_of_lb(turns, lb_id);

    if (!turn) {
        size_t size = strlen(project_id) + 1;

        turn = xmalloc(sizeof *turn + size);
        turn->lb_id = *lb_id;
        turn->is_waiting = first_of_project(turns, project_id) != NULL;
        turn->until_ms = now_ms + REPORT_TURN_MS;
        memcpy(turn->project_id, project_id, size);
        turns->n_waiting += turn->is_waiting;
        ovs_list_push_back(&turns->list, &turn->node);
    }
    return !turn->is_waiting;
}

/* Passes a turn on to the next load balancer of the project; one that only
 * waited has nothing to pass on. */
static bool
remove_turn(struct turns *turns, struct turn *turn, long long int now_ms,
            struct uuid *ret_next_id)
{
    struct turn *next = NULL;

    ovs_list_remove(&turn->node);
    if (turn->is_waiting) {
        turns->n_waiting--;
    } else {
        next = first_of_project(turns, turn->project_id);
    }
    free(turn);
    if (next) {
        next->is_waiting = false;
        next->until_ms = now_ms + REPORT_TURN_MS;
        turns->n_waiting--;
        *ret_next_id = next->lb_id;
    }
    return next != NULL;
}

bool
turns_end(struct turns *turns, const struct uuid *lb_id,
          long long int now_ms, struct uuid *ret_next_id)
{
    struct turn *turn = turn_of_lb(turns, lb_id);

    return turn && remove_turn(turns, turn, now_ms, ret_next_id);
}

/* True if others of its project wait for the end of the turn. */
static bool
is_waited_for(const struct turns *turns, const struct turn *turn)
{
    const struct turn *other;

    LIST_FOR_EACH (other, node, &turns->list) {
        if (other->is_waiting
            && !strcmp(other->project_id, turn->project_id)) {
            return !turn->is_waiting;
        }
    }
    return false;
}

bool
turns_expire(struct turns *turns, long long int now_ms,
             struct uuid *ret_next_id)
{
    struct turn *turn;

    LIST_FOR_EACH (turn, node, &turns->list) {
        if (is_waited_for(turns, turn) && now_ms >= turn->until_ms) {
            return remove_turn(turns, turn, now_ms, ret_next_id);
        }
    }
    return false;
}

void
turns_wait(const struct turns *turns)
{
    const struct turn *turn;

    LIST_FOR_EACH (turn, node, &turns->list) {
        if (is_waited_for(turns, turn)) {
            poll_timer_wait_until(turn->until_ms);
        }
    }
}

size_t
turns_n_waiting(const struct turns *turns)
{
    return turns->n_waiting;
}
