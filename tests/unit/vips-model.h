/* SPDX-License-Identifier: Apache-2.0
 *
 * What clients must find, said in the simplest way: a second opinion on
 * ovn/backends.c, ovn/layout.c and the vips of ovn/desired.c.
 */

#ifndef VIPS_MODEL_H
#define VIPS_MODEL_H 1

#include "svec.h"

struct model_lb;
struct ovn_lb;

/* A floating IP for 'address'. */
struct vips_model_float {
    const char *address;
    const char *floating;
};

/* "PROTOCOL VIP:PORT BACKEND,BACKEND...", one for each address and listener,
 * sorted.  The caller frees the text. */
char *vips_model_expect(const struct model_lb *,
                        const struct vips_model_float *, size_t n_floats);

/* The same of rows.  Fails if a VIP is there twice. */
char *vips_model_read(const struct ovn_lb *);

#endif /* vips-model.h */
