/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a server listens, as a text:
 *
 *     [http://|https://]HOST:PORT    HOST: an address, IPv6 in brackets
 *     unix:PATH                      PATH: absolute
 *
 * Pure: opening the socket is listener.h's.
 */

#ifndef HTTP_LISTEN_ADDRESS_H
#define HTTP_LISTEN_ADDRESS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listen_address {
    char *text;                 /* As given. */
    char *host;                 /* "" for any IPv4 address.  NULL: a unix
                                 * socket. */
    uint16_t port;              /* 0: the kernel chooses. */
    char *path;                 /* Of a unix socket, else NULL. */
    bool is_tls;
};

struct listen_addresses {
    struct listen_address *list;
    size_t n;
};

/* Adds the addresses in 'text', separated by commas and blanks.  Returns NULL,
 * or what is wrong; the caller frees it. */
char *listen_addresses_parse(struct listen_addresses *, const char *text);
void listen_addresses_destroy(struct listen_addresses *);

/* True if only programs of this machine can connect. */
bool listen_address_is_local(const struct listen_address *);

/* True if the address is IPv6's "any", on which IPv4 clients are accepted,
 * too, unless another address of the list takes them at the same port. */
bool listen_addresses_is_ipv6_only(const struct listen_addresses *,
                                   const struct listen_address *);

#endif /* http/listen-address.h */
