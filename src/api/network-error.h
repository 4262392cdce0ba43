/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors as Neutron answers them, in its own shape: {"NeutronError": ...}.
 */

#ifndef API_NETWORK_ERROR_H
#define API_NETWORK_ERROR_H 1

#include "compiler.h"

struct request;

struct network_error {
    int status;
    const char *type;           /* NULL: no error. */
    char *message;              /* Owned. */
};

/* Sets the error, unless there is one. */
void network_error_set(struct network_error *, int status, const char *type,
                       const char *format, ...) OVS_PRINTF_FORMAT(4, 5);

/* Ends the request with the error, and frees that. */
void network_error_reply(struct network_error *, struct request *);

#endif /* api/network-error.h */
