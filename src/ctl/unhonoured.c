/* SPDX-License-Identifier: Apache-2.0
 *
 * Options that are not honoured; see unhonoured.h.
 */

#include <config.h>
#include "ctl/unhonoured.h"
#include <string.h>
#include "model/attrs.h"
#include "model/value.h"
#include "octavia-idl.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl-provider.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

/* NULL if the value is in no column of the row. */
static const struct ovsdb_idl_column *
unhonoured_find_column(const struct ovsdb_idl_row *row,
                       const struct field *field)
{
    const struct ovsdb_idl_table_class *table = row->table->class_;

    for (size_t i = 0; field_is_own_column(field) && i < table->n_columns;
         i++) {
        if (!strcmp(table->columns[i].name, field_column(field))) {
            return &table->columns[i];
        }
    }
    return NULL;
}

static char *
option_to_text(const struct field *field, const struct ovsdb_datum *datum)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_format(&text, "%s ", field->name);
    value_format(field, datum, &text);
    return ds_steal_cstr(&text);
}

void
unhonoured_add(const struct ovsdb_idl_row *row, enum resource_id resource_id,
               struct svec *texts)
{
    const struct resource *resource = resource_get(resource_id);

    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        const struct ovsdb_idl_column *column = unhonoured_find_column(row,
                                                                       field);
        const struct ovsdb_datum *datum = (column ? ovsdb_idl_read(row, column)
                                           : NULL);

        if (datum && !field_is_honoured(field, datum)) {
            svec_add_nocopy(texts, option_to_text(field, datum));
        }
    }
}

static void
unhonoured_add_named(const struct ovsdb_idl_row *row,
                     enum resource_id resource, struct svec *texts)
{
    struct svec options = SVEC_EMPTY_INITIALIZER;
    const char *option;
    size_t i;

    unhonoured_add(row, resource, &options);
    SVEC_FOR_EACH (i, option, &options) {
        svec_add_nocopy(texts, xasprintf("%s of %s "UUID_FMT, option,
                                         resource_get(resource)->key,
                                         UUID_ARGS(&row->uuid)));
    }
    svec_destroy(&options);
}

void
unhonoured_add_tree(const struct octrec_load_balancer *lb,
                    struct svec *texts)
{
    unhonoured_add_named(&lb->header_, RESOURCE_LOAD_BALANCER, texts);
    for (size_t i = 0; i < lb->n_listeners; i++) {
        unhonoured_add_named(&lb->listeners[i]->header_, RESOURCE_LISTENER,
                             texts);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        unhonoured_add_named(&lb->pools[i]->header_, RESOURCE_POOL, texts);
    }
}
