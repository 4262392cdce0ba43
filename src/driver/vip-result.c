/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusals of VIPs, in Octavia's words; see vip-result.h.
 */

#include <config.h>
#include "driver/vip-result.h"
#include <stdarg.h>
#include "model/objects.h"
#include "util.h"
#include "uuid.h"

bool
vip_refuse(struct vip_refusal *refusal, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    refusal->code = code;
    refusal->text = xvasprintf(format, args);
    va_end(args);
    return false;
}

bool
vip_refuse_taken(struct vip_refusal *refusal, const struct model_vip *vip)
{
    return vip_refuse(refusal, 409, "The VIP IP address is already in use: "
                      "IP address %s is already allocated in subnet "UUID_FMT,
                      vip->address, UUID_ARGS(&vip->subnet_id));
}
