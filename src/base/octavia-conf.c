/* SPDX-License-Identifier: Apache-2.0
 *
 * Another project's configuration file; see octavia-conf.h.
 *
 * This is oslo.config's dialect, which inih does not speak: a " ;" inside of a
 * value is part of it, quotes around a value are not, a line may be of any
 * length (inih stops at 200 bytes, and the comments in a stock octavia.conf
 * are longer), and a continued line is something else than the same key
 * again.  Errors name the line and never quote it, since it may hold a
 * password.
 */

#include <config.h>
#include "base/octavia-conf.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "util.h"

struct octavia_conf {
    struct shash sections;      /* Elements: "struct shash", from key to
                                 * "struct conf_value". */
};

struct conf_value {
    char *file_name;
    unsigned int line;          /* Of its key. */
    char text[];
};

/* The state of the reader of a file, from line to line. */
struct reader {
    struct octavia_conf *conf;
    struct shash *section;      /* NULL before the first "[...]". */
    const char *file_name;
    unsigned int line;
    char *key;                  /* NULL, or the value may go on. */
    unsigned int key_line;
    struct ds value;
};

static void
conf_value_destroy(struct conf_value *value)
{
    if (value) {
        free(value->file_name);
        free(value);
    }
}

static void
destroy_section(struct shash *section)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, section) {
        conf_value_destroy(node->data);
    }
    shash_destroy(section);
    free(section);
}

void
octavia_conf_destroy(struct octavia_conf *conf)
{
    if (conf) {
        struct shash_node *node;

        SHASH_FOR_EACH (node, &conf->sections) {
            destroy_section(node->data);
        }
        shash_destroy(&conf->sections);
        free(conf);
    }
}

/* All names but one are the same in upper and lower case. */
static char *
normalize_section(const char *name)
{
    char *normal = xstrdup(name);

    if (strcmp(name, "DEFAULT")) {
        for (char *p = normal; *p; p++) {
            *p = tolower((unsigned char) *p);
        }
    }
    return normal;
}

static struct shash *
find_section(const struct octavia_conf *conf, const char *name)
{
    char *normal = normalize_section(name);
    struct shash *section = shash_find_data(&conf->sections, normal);

    free(normal);
    return section;
}

static struct shash *
add_section(struct octavia_conf *conf, const char *name)
{
    struct shash *section = find_section(conf, name);

    if (!section) {
        section = xmalloc(sizeof *section);
        shash_init(section);
        shash_add_nocopy(&conf->sections, normalize_section(name), section);
    }
    return section;
}

/* --- Reading ------------------------------------------------------------- */

/* "$name" stands for another option, which we leave alone; a dollar sign
 * itself is written "$$" or "\$". */
static void
unescape_dollars(char *value)
{
    char *dst = value;

    for (const char *p = value; *p; p++) {
        if ((*p == '$' || *p == '\\') && p[1] == '$') {
            p++;
        }
        *dst++ = *p;
    }
    *dst = '\0';
}

/* Ends the value that was begun, if there is one. */
static void
end_value(struct reader *r)
{
    if (r->key) {
        struct conf_value *value = xmalloc(sizeof *value + r->value.length
                                           + 1);

        value->file_name = xstrdup(r->file_name);
        value->line = r->key_line;
        memcpy(value->text, ds_cstr(&r->value), r->value.length + 1);
        unescape_dollars(value->text);
        conf_value_destroy(shash_replace(r->section, r->key, value));
        free(r->key);
        r->key = NULL;
    }
    ds_clear(&r->value);
}

/* Strips one pair of quotes around the whole value. */
static void
put_unquoted(struct ds *ds, const char *value)
{
    size_t n = strlen(value);

    if (n && (value[0] == '"' || value[0] == '\'')
        && value[0] == value[n - 1]) {
        value++;
        n = n >= 2 ? n - 2 : 0;
    }
    ds_put_buffer(ds, value, n);
}

static const char *
skip_spaces(const char *s)
{
    while (isspace((unsigned char) *s)) {
        s++;
    }
    return s;
}

static void
trim_end(char *s)
{
    size_t n = strlen(s);

    while (n && isspace((unsigned char) s[n - 1])) {
        n--;
    }
    s[n] = '\0';
}

/* Functions that return NULL, or what is wrong with the line. */

static const char *
read_section(struct reader *r, char *line)
{
    size_t n = strlen(line);

    if (line[n - 1] != ']') {
        return "\"]\" is missing";
    }
    if (n <= 2) {
        return "a section without name";
    }
    line[n - 1] = '\0';
    r->section = add_section(r->conf, line + 1);
    return NULL;
}

static const char *
read_assignment(struct reader *r, char *line)
{
    char *mark = strpbrk(line, "=:");

    if (!mark) {
        return "not KEY = VALUE";
    }
    *mark = '\0';
    trim_end(line);
    if (!*line) {
        return "a value without key";
    }
    if (!r->section) {
        return "a key before the first section";
    }
    r->key = xstrdup(line);
    r->key_line = r->line;
    put_unquoted(&r->value, skip_spaces(mark + 1));
    return NULL;
}

static const char *
read_line(struct reader *r, char *line)
{
    trim_end(line);
    if (*line == ' ' || *line == '\t') {
        if (!r->key) {
            return "continues nothing";
        }
        ds_put_format(&r->value, "\n%s", skip_spaces(line));
        return NULL;
    }

    end_value(r);
    switch (*line) {
    case '\0':
    case '#':
    case ';':
        return NULL;
    case '[':
        return read_section(r, line);
    default:
        return read_assignment(r, line);
    }
}

/* Returns 0 and what is wrong, if anything, with which line; or an errno. */
static int
read_stream(struct reader *r, FILE *stream, const char **problemp,
            unsigned int *line_number)
{
    char *line = NULL;
    size_t allocated = 0;

    *problemp = NULL;
    *line_number = 0;
    errno = 0;
    while (!*problemp && getline(&line, &allocated, stream) >= 0) {
        r->line = ++*line_number;
        *problemp = read_line(r, line);
    }

    int error = !*problemp && ferror(stream) ? (errno ? errno : EIO) : 0;
    free(line);
    end_value(r);
    return error;
}

/* Functions that return false and set '*errorp' if something cannot be read,
 * or is no INI file. */

static bool
load_conf_file(struct octavia_conf *conf, const char *file_name, char **errorp)
{
    struct reader r = {
        .conf = conf,
        .file_name = file_name,
        .value = DS_EMPTY_INITIALIZER,
    };
    unsigned int line_number = 0;
    const char *problem = NULL;
    FILE *stream = fopen(file_name, "r");
    int error = errno;

    if (stream) {
        error = read_stream(&r, stream, &problem, &line_number);
        ds_destroy(&r.value);
        fclose(stream);
    }
    if (error) {
        *errorp = xasprintf("%s: cannot be read (%s)", file_name,
                            ovs_strerror(error));
    } else if (problem) {
        *errorp = xasprintf("%s:%u: %s", file_name, line_number, problem);
    }
    return !error && !problem;
}

static int
is_conf(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return n > 5 && !strcmp(entry->d_name + n - 5, ".conf");
}

static bool
load_directory(struct octavia_conf *conf, const char *directory,
               char **errorp)
{
    struct dirent **entries;
    int n = scandir(directory, &entries, is_conf, alphasort);
    bool ok = n >= 0;

    if (!ok) {
        *errorp = xasprintf("%s: cannot be read (%s)", directory,
                            ovs_strerror(errno));
    }
    for (int i = 0; i < n; i++) {
        char *path = xasprintf("%s/%s", directory, entries[i]->d_name);

        ok = ok && load_conf_file(conf, path, errorp);
        free(path);
        free(entries[i]);
    }
    if (n >= 0) {
        free(entries);
    }
    return ok;
}

static bool
load_path(struct octavia_conf *conf, const char *path, char **errorp)
{
    struct stat s;

    return (!stat(path, &s) && S_ISDIR(s.st_mode)
            ? load_directory(conf, path, errorp)
            : load_conf_file(conf, path, errorp));
}

struct octavia_conf *
octavia_conf_load(const char *paths, char **errorp)
{
    struct octavia_conf *conf = xmalloc(sizeof *conf);
    char *copy = xstrdup(paths);
    char *rest = copy, *path;
    bool ok = true;

    shash_init(&conf->sections);
    while (ok && (path = strsep(&rest, ","))) {
        ok = load_path(conf, path, errorp);
    }
    free(copy);
    if (!ok) {
        octavia_conf_destroy(conf);
        conf = NULL;
    }
    return conf;
}

/* --- Asking -------------------------------------------------------------- */

static const struct conf_value *
conf_find_value(const struct octavia_conf *conf, const char *section_name,
                const char *key)
{
    const struct shash *section = find_section(conf, section_name);

    return section ? shash_find_data(section, key) : NULL;
}

const char *
octavia_conf_get(const struct octavia_conf *conf, const char *section,
                 const char *key)
{
    const struct conf_value *value = conf_find_value(conf, section, key);

    return value ? value->text : NULL;
}

char *
octavia_conf_place(const struct octavia_conf *conf, const char *section,
                   const char *key)
{
    const struct conf_value *value = conf_find_value(conf, section, key);

    return xasprintf("%s:%u: [%s] %s", value->file_name, value->line, section,
                     key);
}

const char *
octavia_conf_get_first(const struct octavia_conf *conf,
                       const char *const *sections, const char *key)
{
    const char *value = NULL;

    for (size_t i = 0; !value && sections[i]; i++) {
        value = octavia_conf_get(conf, sections[i], key);
    }
    return value;
}

void
octavia_conf_for_each_key(const struct octavia_conf *conf,
                          const char *section_name,
                          void (*cb)(const char *key, void *aux), void *aux)
{
    const struct shash *section = find_section(conf, section_name);
    const struct shash_node *node;

    if (section) {
        SHASH_FOR_EACH (node, section) {
            cb(node->name, aux);
        }
    }
}

bool
octavia_conf_has_section(const struct octavia_conf *conf, const char *section)
{
    return find_section(conf, section) != NULL;
}

bool
octavia_conf_get_bool(const struct octavia_conf *conf, const char *section,
                      const char *key, bool fallback)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {
        { "true", true }, { "1", true }, { "on", true }, { "yes", true },
        { "false", false }, { "0", false }, { "off", false }, { "no", false },
    };
    const char *value = octavia_conf_get(conf, section, key);

    for (size_t i = 0; value && i < ARRAY_SIZE(words); i++) {
        if (!strcasecmp(value, words[i].word)) {
            return words[i].value;
        }
    }
    return fallback;
}
