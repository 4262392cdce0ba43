/* SPDX-License-Identifier: Apache-2.0
 *
 * The outcome for a load balancer's VIPs, and the reason if it cannot have
 * them.
 */

#ifndef DRIVER_VIP_RESULT_H
#define DRIVER_VIP_RESULT_H 1

#include <stdbool.h>
#include "compiler.h"

struct model_vip;

enum vip_result {
    VIP_RESOLVED,               /* Each has its address and its port. */
    VIP_REFUSED,                /* A VIP is impossible: see vip_refusal. */
    VIP_WAIT                    /* The load balancer's key comes back to the
                                 * queue when there is news. */
};

/* 'code' and 'text' as in model/rollup.h, but 'text' is owned.  NULL: none. */
struct vip_refusal {
    int code;
    char *text;
};

/* Fills '*refusal' and returns false. */
bool vip_refuse(struct vip_refusal *, int code, const char *format, ...)
    OVS_PRINTF_FORMAT(3, 4);
bool vip_refuse_taken(struct vip_refusal *, const struct model_vip *);

#endif /* driver/vip-result.h */
