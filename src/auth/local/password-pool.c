/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares passwords beside the poll loop; see password-pool.h.
 */

#include <config.h>
#include "auth/local/password-pool.h"
#include <errno.h>
#include <stdlib.h>
#include "auth/local/password.h"
#include "auth/local/secret.h"
#include "base/limits.h"
#include "latch.h"
#include "openvswitch/list.h"
#include "openvswitch/thread.h"
#include "ovs-thread.h"
#include "util.h"

/* Owned by the loop, but for 'matches' while a thread has it. */
struct password_check {
    struct ovs_list node;       /* In one of the pool's lists, or in none
                                 * while a thread has it. */
    char *password;
    char *hash;
    bool matches;
    password_check_done *done;  /* NULL: cancelled. */
    void *aux;
};

struct password_pool {
    pthread_t threads[PASSWORD_THREADS];
    struct latch latch;         /* Set when a check has ended. */
    char *dummy;                /* The hash that nothing matches. */
    size_t n;                   /* Submitted and not called back. */

    struct ovs_mutex mutex;     /* Of what follows. */
    pthread_cond_t wake;
    struct ovs_list waiting OVS_GUARDED;
    struct ovs_list ended OVS_GUARDED;
    bool is_closing OVS_GUARDED;
};

/* Returns the next check, NULL if there will be none. */
static struct password_check *
password_pool_take(struct password_pool *pool)
{
    struct password_check *check = NULL;

    ovs_mutex_lock(&pool->mutex);
    while (ovs_list_is_empty(&pool->waiting) && !pool->is_closing) {
        ovs_mutex_cond_wait(&pool->wake, &pool->mutex);
    }
    if (!pool->is_closing) {
        check = CONTAINER_OF(ovs_list_pop_front(&pool->waiting),
                             struct password_check, node);
    }
    ovs_mutex_unlock(&pool->mutex);
    return check;
}

static void *
password_pool_work(void *pool_)
{
    struct password_pool *pool = pool_;
    struct password_check *check;

    while ((check = password_pool_take(pool))) {
        check->matches = password_matches(check->password, check->hash);

        ovs_mutex_lock(&pool->mutex);
        ovs_list_push_back(&pool->ended, &check->node);
        ovs_mutex_unlock(&pool->mutex);
        latch_set(&pool->latch);
    }
    return NULL;
}

struct password_pool *
password_pool_create(void)
{
    struct password_pool *pool = xzalloc(sizeof *pool);

    latch_init(&pool->latch);
    pool->dummy = password_make_dummy();
    if (!pool->dummy) {
        ovs_fatal(errno, "the system's libcrypt has no yescrypt");
    }
    ovs_mutex_init(&pool->mutex);
    xpthread_cond_init(&pool->wake, NULL);
    ovs_list_init(&pool->waiting);
    ovs_list_init(&pool->ended);
    for (size_t i = 0; i < PASSWORD_THREADS; i++) {
        pool->threads[i] = ovs_thread_create("password", password_pool_work,
                                             pool);
    }
    return pool;
}

static void
password_check_destroy(struct password_check *check)
{
    secret_free(check->password);
    secret_free(check->hash);
    free(check);
}

static void
password_checks_destroy(struct ovs_list *checks)
{
    struct password_check *check;

    LIST_FOR_EACH_POP (check, node, checks) {
        password_check_destroy(check);
    }
}

void
password_pool_destroy(struct password_pool *pool)
{
    if (!pool) {
        return;
    }
    ovs_mutex_lock(&pool->mutex);
    pool->is_closing = true;
    xpthread_cond_broadcast(&pool->wake);
    ovs_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < PASSWORD_THREADS; i++) {
        xpthread_join(pool->threads[i], NULL);
    }
    password_checks_destroy(&pool->waiting);
    password_checks_destroy(&pool->ended);
    latch_destroy(&pool->latch);
    ovs_mutex_destroy(&pool->mutex);
    xpthread_cond_destroy(&pool->wake);
    secret_free(pool->dummy);
    free(pool);
}

struct password_check *
password_pool_submit(struct password_pool *pool, const char *password,
                     const char *hash, password_check_done *done, void *aux)
{
    struct password_check *check;

    if (pool->n >= PASSWORD_CHECKS_MAX) {
        return NULL;
    }
    check = xzalloc(sizeof *check);
    check->password = xstrdup(password);
    check->hash = xstrdup(hash ? hash : pool->dummy);
    check->done = done;
    check->aux = aux;
    pool->n++;

    ovs_mutex_lock(&pool->mutex);
    ovs_list_push_back(&pool->waiting, &check->node);
    xpthread_cond_signal(&pool->wake);
    ovs_mutex_unlock(&pool->mutex);
    return check;
}

void
password_check_cancel(struct password_check *check)
{
    if (check) {
        check->done = NULL;
    }
}

static struct password_check *
password_pool_take_ended(struct password_pool *pool)
{
    struct password_check *check = NULL;

    ovs_mutex_lock(&pool->mutex);
    if (!ovs_list_is_empty(&pool->ended)) {
        check = CONTAINER_OF(ovs_list_pop_front(&pool->ended),
                             struct password_check, node);
    }
    ovs_mutex_unlock(&pool->mutex);
    return check;
}

void
password_pool_run(struct password_pool *pool)
{
    struct password_check *check;

    latch_poll(&pool->latch);
    while ((check = password_pool_take_ended(pool))) {
        pool->n--;
        if (check->done) {
            check->done(check->aux, check->matches);
        }
        password_check_destroy(check);
    }
}

void
password_pool_wait(struct password_pool *pool)
{
    latch_wait(&pool->latch);
}

size_t
password_pool_count(const struct password_pool *pool)
{
    return pool->n;
}
