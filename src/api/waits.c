/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the time of requests goes; see waits.h.
 */

#include <config.h>
#include "api/waits.h"
#include "api/access-log.h"
#include "api/request.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(slow);

void
waits_begin(struct waits *waits, enum wait_for what)
{
    waits_end(waits);
    waits->now = what;
    waits->since_us = time_usec();
}

void
waits_end(struct waits *waits)
{
    if (waits->since_us) {
        waits->us[waits->now] += time_usec() - waits->since_us;
        waits->since_us = 0;
    }
}

static void
waits_format(const struct waits *waits, struct ds *out)
{
    static const char *const words[] = {
#define WAIT(NAME, WORDS) WORDS,
        WAITS
#undef WAIT
    };
    const char *before = ", of which ";

    for (size_t i = 0; i < N_WAITS; i++) {
        if (waits->us[i] >= 1000) {
            ds_put_format(out, "%s%lld ms for %s", before,
                          waits->us[i] / 1000, words[i]);
            before = ", ";
        }
    }
}

void
waits_log_slow(const struct request *request, int slow_ms)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);
    long long int us = time_usec() - request->arrived_us;
    struct waits waits = request->waits;

    if (!slow_ms || us < slow_ms * 1000LL) {
        return;
    }
    waits_end(&waits);
    if (us - waits.us[WAIT_SETTLE] < slow_ms * 1000LL
        || vlog_should_drop(&this_module, VLL_INFO, &rl)) {
        return;
    }

    struct ds text = DS_EMPTY_INITIALIZER;
    ds_put_format(&text, "req-"UUID_FMT" ", UUID_ARGS(&request->id));
    access_log_put_call(&text, request->http);
    ds_put_format(&text, " took %lld ms", us / 1000);
    waits_format(&waits, &text);
    VLOG_INFO("%s", ds_cstr(&text));
    ds_destroy(&text);
}
