/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers that the route table names, each in the file of its subject.
 */

#ifndef API_HANDLERS_H
#define API_HANDLERS_H 1

struct request;

typedef void request_handler(struct request *);

request_handler handle_versions;        /* versions.c */
request_handler handle_v2;
request_handler handle_openapi;         /* openapi.c */
request_handler handle_missing_id;      /* pipeline.c */
request_handler handle_list;            /* list.c */
request_handler handle_show;            /* show.c */
request_handler handle_failover;
request_handler handle_status;          /* status-tree.c */
request_handler handle_lb_fault;        /* lb-fault.c */
request_handler handle_providers;       /* providers.c */
request_handler handle_write;           /* write.c */
request_handler handle_write_list;
request_handler handle_tree;            /* tree-show.c */
request_handler handle_tree_write;      /* trees.c */
request_handler handle_stats;           /* stats.c */
request_handler handle_l7_policy_create;    /* l7policies.c */
request_handler handle_l7_rules;

/* absent.c */
request_handler handle_absent_list, handle_absent_object;
request_handler handle_absent_guarded, handle_absent_create;
request_handler handle_absent_stats, handle_capabilities;

request_handler handle_network_list;    /* network-api.c */
request_handler handle_network_show;
request_handler handle_network_tags;
request_handler handle_network_write;
request_handler handle_extensions;      /* network-extensions.c */
request_handler handle_extension;

request_handler handle_quotas;          /* quota-list.c */
request_handler handle_quota;           /* quotas.c */
request_handler handle_quota_default, handle_quota_defaults;
request_handler handle_quota_write;

#endif /* api/handlers.h */
