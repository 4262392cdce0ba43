/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of Identity v3 that only read: versions, the catalog, projects,
 * users, and the one domain.  An administrator sees all, everybody else what
 * is about himself.  'id' is the one in the path, or empty.
 */

#ifndef API_IDENTITY_VIEWS_H
#define API_IDENTITY_VIEWS_H 1

struct ds;
struct request;

/* Bytes of a name or an id in a path: names are tried there, too. */
#define IDENTITY_ID_MAX 255

/* Appends the version, as it stands in a list of them. */
void identity_put_version(struct ds *, const struct request *);

void identity_list_versions(struct request *);
void identity_show_version(struct request *, const char *id);
void identity_show_catalog(struct request *, const char *id);
void identity_show_system(struct request *, const char *id);
void identity_list_own_projects(struct request *, const char *id);
void identity_list_projects(struct request *, const char *id);
void identity_list_user_projects(struct request *, const char *id);
void identity_show_project(struct request *, const char *id);
void identity_list_users(struct request *, const char *id);
void identity_show_user(struct request *, const char *id);
void identity_list_domains(struct request *, const char *id);
void identity_list_no_domains(struct request *, const char *id);
void identity_show_domain(struct request *, const char *id);

#endif /* api/identity-views.h */
