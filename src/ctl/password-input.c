/* SPDX-License-Identifier: Apache-2.0
 *
 * Gets a password; see password-input.h.
 */

#include <config.h>
#include "ctl/password-input.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include "auth/local/password.h"
#include "auth/local/secret.h"
#include "base/limits.h"
#include "db-ctl-base.h"
#include "util.h"

/* Returns the first line without its end; NULL if there is none.  A line that
 * is too long is too long in what is returned, too. */
static char *
password_read_line(FILE *stream)
{
    char line[PASSWORD_BYTES_MAX + 3];
    char *password = NULL;

    /* No copy is to stay in a buffer of the library. */
    setvbuf(stream, NULL, _IONBF, 0);
    if (fgets(line, sizeof line, stream)) {
        line[strcspn(line, "\r\n")] = '\0';
        password = xstrdup(line);
    }
    explicit_bzero(line, sizeof line);
    return password;
}

static char *
password_read_file(const char *name)
{
    FILE *stream = strcmp(name, "-") ? fopen(name, "r") : stdin;
    char *password;

    if (!stream) {
        ctl_fatal("%s: %s", name, ovs_strerror(errno));
    }
    password = password_read_line(stream);
    if (stream != stdin) {
        fclose(stream);
    }
    return password;
}

static char *
password_ask(FILE *terminal, const char *prompt)
{
    struct termios shown, hidden;
    char *password;
    int fd = fileno(terminal);

    if (tcgetattr(fd, &shown)) {
        ctl_fatal("the terminal: %s", ovs_strerror(errno));
    }
    hidden = shown;
    hidden.c_lflag &= ~ECHO;
    tcsetattr(fd, TCSAFLUSH, &hidden);
    fputs(prompt, stderr);
    password = password_read_line(terminal);
    tcsetattr(fd, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return password;
}

static char *
password_ask_twice(void)
{
    FILE *terminal = fopen("/dev/tty", "r");
    char *password, *again;

    if (!terminal) {
        ctl_fatal("there is no terminal to ask for the password at; name a "
                  "file with --password-file (\"-\": standard input)");
    }
    password = password_ask(terminal, "Password: ");
    again = password_ask(terminal, "Once more: ");
    fclose(terminal);
    if (!password || !again || strcmp(password, again)) {
        secret_free(password);
        secret_free(again);
        ctl_fatal("the two differ; nothing is changed");
    }
    secret_free(again);
    return password;
}

char *
password_input(const char *file_name)
{
    char *password = (file_name ? password_read_file(file_name)
                      : password_ask_twice());
    const char *wrong = (password ? password_find_fault(password)
                         : "there is none");

    if (wrong) {
        secret_free(password);
        ctl_fatal("the password: %s", wrong);
    }
    return password;
}
