/* SPDX-License-Identifier: Apache-2.0
 *
 * One question at a time over JSON-RPC, to a control socket or a database
 * server, for commands that have nothing else to wait for.
 */

#ifndef CTL_RPC_H
#define CTL_RPC_H 1

struct json;
struct jsonrpc;
struct jsonrpc_msg;

/* Connects to 'remote', an OVSDB connection method, until the time
 * 'deadline_ms'.  Returns 0, or a positive errno value. */
int rpc_open(const char *remote, long long int deadline_ms,
             struct jsonrpc **ret_rpc);

/* Sends 'request', which it takes over, and waits for the reply to it, which
 * may be an error; the caller frees it.  Returns 0, or as jsonrpc_recv()
 * does, ETIMEDOUT if there is none in time. */
int rpc_call(struct jsonrpc *, struct jsonrpc_msg *request,
             long long int deadline_ms, struct jsonrpc_msg **ret_reply);

#endif /* ctl/rpc.h */
