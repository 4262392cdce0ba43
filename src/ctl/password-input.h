/* SPDX-License-Identifier: Apache-2.0
 *
 * Gets a password from a terminal, without showing it, or from a file: never
 * from the command line, which every user of the machine can see.
 */

#ifndef CTL_PASSWORD_INPUT_H
#define CTL_PASSWORD_INPUT_H 1

/* Returns the password, which the caller frees by secret_free(): the first
 * line of 'file_name' ("-": of standard input), or, if that is NULL, what is
 * typed twice at the terminal.  Ends the program if there is none, or none
 * that is fit for a user. */
char *password_input(const char *file_name);

#endif /* ctl/password-input.h */
