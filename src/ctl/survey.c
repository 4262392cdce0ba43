/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking with the driver's eyes; see survey.h.
 */

#include <config.h>
#include "ctl/survey.h"
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "base/uuid-set.h"
#include "ctl/context.h"
#include "model/objects.h"
#include "ovn/db/nb.h"
#include "ovn/want/groups.h"
#include "store/store.h"
#include "store/tree.h"
#include "util.h"
#include "uuid.h"

/* Answers as the driver does, but for addresses that it has promised and not
 * yet written down. */
static bool
survey_ip_is_taken(const struct uuid *subnet_id, const struct in6_addr *ip,
                   void *store)
{
    char *text = ip_format_any(ip);
    bool taken = store_vip_is_taken(store, subnet_id, text, NULL);

    free(text);
    return taken;
}

/* True if the driver has given all VIPs their addresses and ports, or need not
 * any more. */
static bool
vips_are_accepted(const struct model_lb *lb)
{
    bool accepted = true;

    for (size_t i = 0; i < lb->n_vips; i++) {
        accepted = (accepted && lb->vips[i].address
                    && !uuid_is_zero(&lb->vips[i].port_id));
    }
    return accepted || !model_base_is_wanted(&lb->base);
}

bool
survey_lb(struct context *ctx, const struct uuid *lb_id,
          struct survey *survey)
{
    struct store *store = context_store(ctx);
    const struct compare_options options = {
        .use_groups = !strcmp(ctx->association, "group"),
        .enforce_cidrs = (!ctx->allowed_cidrs
                          || strcmp(ctx->allowed_cidrs, "refuse")),
        .ports_are_neutrons = ctx->octavia_conf,
        .is_taken = survey_ip_is_taken,
        .aux = store,
    };

    *survey = (struct survey) { .lb = store_load_lb(store, lb_id) };
    if (!survey->lb) {
        return false;
    }
    survey->is_accepted = vips_are_accepted(survey->lb);
    if (survey->is_accepted) {
        compare_lb(context_nb(ctx), context_sb(ctx), &options, survey->lb,
                   &survey->comparison);
    }
    return true;
}

void
survey_uninit(struct survey *survey)
{
    if (survey->is_accepted) {
        comparison_uninit(&survey->comparison);
    }
    model_lb_destroy(survey->lb);
}

static void
survey_add_id(const struct uuid *id, void *ids)
{
    uuidset_insert(ids, id);
}

struct uuid *
survey_ids(struct context *ctx, size_t *n)
{
    struct uuidset set = UUIDSET_INITIALIZER(&set);

    store_for_each_lb(context_store(ctx), survey_add_id, &set);
    struct uuid *ids = uuidset_array(&set);
    *n = uuidset_count(&set);
    uuid_sort(ids, *n);
    uuidset_destroy(&set);
    return ids;
}

/* Looks at them in a fixed order, since the first may have its way. */
void
survey_all(struct context *ctx)
{
    size_t n;
    struct uuid *ids = survey_ids(ctx, &n);

    for (size_t i = 0; i < n; i++) {
        struct survey survey;
        if (survey_lb(ctx, &ids[i], &survey)) {
            survey_uninit(&survey);
        }
    }
    groups_touch_all(nb_groups(context_nb(ctx)));
    free(ids);
}
