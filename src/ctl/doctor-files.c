/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of "doctor" that look at files of this machine: which provider
 * Octavia finds, and who may read secrets.
 */

#include <config.h>
#include "ctl/doctor.h"
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "auth/local/users-file.h"
#include "auth/local/users.h"
#include "base/octavia-conf.h"
#include "base/octavia-settings.h"
#include "ctl/context.h"
#include "util.h"

/* --- Providers ----------------------------------------------------------- */

/* Where Debian's Python looks, after $PYTHONPATH. */
static const char *const python_directories[] = {
    "/usr/local/lib/python3*/dist-packages",
    "/usr/lib/python3/dist-packages",
};

/* Returns the file 'name' in a directory, which may be a pattern, or NULL.
 * The caller frees it. */
static char *
python_find_in(const char *directory, const char *name)
{
    char *pattern = xasprintf("%s/%s", directory, name);
    char *path = NULL;
    glob_t found;

    if (!glob(pattern, 0, NULL, &found)) {
        path = xstrdup(found.gl_pathv[0]);
        globfree(&found);
    }
    free(pattern);
    return path;
}

static char *
python_find(const char *name)
{
    const char *variable = getenv("PYTHONPATH");
    char *copy = xstrdup(variable ? variable : "");
    char *rest = copy, *directory, *path = NULL;

    while (!path && (directory = strsep(&rest, ":"))) {
        path = *directory ? python_find_in(directory, name) : NULL;
    }
    for (size_t i = 0; !path && i < ARRAY_SIZE(python_directories); i++) {
        path = python_find_in(python_directories[i], name);
    }
    free(copy);
    return path;
}

/* Octavia names providers as "NAME:text, ..." or with quotes around. */
static bool
providers_have_ovn(const char *list)
{
    for (const char *p = list; (p = strstr(p, "ovn")); p += 3) {
        bool begins = p == list || strchr(" \t\n,'\"{", p[-1]);

        if (begins && (!p[3] || strchr(" \t\n,:'\"}", p[3]))) {
            return true;
        }
    }
    return false;
}

static void
check_provider_option(struct doctor *doctor, const char *section,
                      const char *key)
{
    const char *list = octavia_conf_get(doctor->conf, section, key);

    if (!list || !providers_have_ovn(list)) {
        doctor_say(doctor, DOCTOR_PROVIDER_OFF, "%s: [%s] %s does not name "
                   "ovn", doctor->ctx->octavia_conf, section, key);
    }
}

void
doctor_check_provider(struct doctor *doctor)
{
    if (!doctor->conf) {
        return;
    }

    char *old = python_find("ovn_octavia_provider/driver.py");
    char *ours = python_find("ovn_octavia_plugin/driver.py");
    if (old) {
        doctor_say(doctor, ours ? DOCTOR_PROVIDERS_BOTH : DOCTOR_PROVIDER_OLD,
                   "%s", old);
    } else {
        doctor_say(doctor, DOCTOR_PROVIDER_GOOD, "%s", "");
    }
    check_provider_option(doctor, "api_settings", "enabled_provider_drivers");
    check_provider_option(doctor, "driver_agent", "enabled_provider_agents");
    free(old);
    free(ours);
}

/* --- Sockets ------------------------------------------------------------- */

void
doctor_check_socket_mode(struct doctor *doctor, const char *path)
{
    struct stat s;

    if (!stat(path, &s) && S_ISSOCK(s.st_mode) && s.st_mode & S_IWOTH) {
        doctor_say(doctor, DOCTOR_SOCKET_OPEN, "%s", path);
    }
}

/* --- Secrets ------------------------------------------------------------- */

static void
check_secret(struct doctor *doctor, const char *path)
{
    struct stat s;

    if (stat(path, &s) || access(path, R_OK)) {
        doctor_say(doctor, DOCTOR_FILE_UNREADABLE, "%s: %s", path,
                   ovs_strerror(errno));
    } else if (s.st_mode & S_IROTH) {
        doctor_say(doctor, DOCTOR_SECRET_OPEN, "%s", path);
    } else {
        doctor_say(doctor, DOCTOR_SECRET_GOOD, "not every user may read %s",
                   path);
    }
}

/* octavia.conf may be several files, and directories. */
static void
check_conf_files(struct doctor *doctor)
{
    char *copy = xstrdup(doctor->ctx->octavia_conf);
    char *rest = copy, *path;

    while ((path = strsep(&rest, ","))) {
        char *pattern = xasprintf("%s/*.conf", path);
        glob_t found;

        if (!glob(pattern, 0, NULL, &found)) {
            for (size_t i = 0; i < found.gl_pathc; i++) {
                check_secret(doctor, found.gl_pathv[i]);
            }
            globfree(&found);
        } else {
            check_secret(doctor, path);
        }
        free(pattern);
    }
    free(copy);
}

/* The users of an API with auth = local, if there are any.  A file at another
 * place is the API's to tell about (api/status). */
static void
check_users(struct doctor *doctor)
{
    struct users *users;
    char *error;

    if (access(USERS_FILE_DEFAULT, F_OK)) {
        return;
    }
    users = users_file_load(USERS_FILE_DEFAULT, &error);
    if (users) {
        doctor_say(doctor, DOCTOR_SECRET_GOOD, "not every user may read %s",
                   USERS_FILE_DEFAULT);
    } else {
        doctor_say(doctor, DOCTOR_FILE_UNREADABLE, "%s", error);
        free(error);
    }
    users_destroy(users);
}

void
doctor_check_files(struct doctor *doctor)
{
    struct tls_files nb, sb;
    char *error;

    check_users(doctor);
    if (!doctor->conf) {
        return;
    }
    check_conf_files(doctor);
    if (!octavia_settings_tls(doctor->conf, &nb, &sb, &error)) {
        doctor_say(doctor, DOCTOR_CONF_BAD, "%s: %s",
                   doctor->ctx->octavia_conf, error);
        free(error);
        return;
    }
    if (*nb.private_key) {
        check_secret(doctor, nb.private_key);
    }
    if (strcmp(nb.private_key, sb.private_key)) {
        check_secret(doctor, sb.private_key);
    }
}
