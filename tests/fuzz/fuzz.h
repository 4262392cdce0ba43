/* SPDX-License-Identifier: Apache-2.0
 *
 * Parsers that meet foreign bytes, each as a function that takes any bytes:
 * THE table of fuzzing targets.  libFuzzer calls one of them for as long as
 * one likes (fuzz-main.c), a unit test all of them for seconds (replay.c).
 *
 * A target does more than survive: what it says of any input is true, or it
 * aborts.  It is called any number of times in one process, and so leaves
 * nothing behind that the next call would see.
 */

#ifndef FUZZ_H
#define FUZZ_H 1

#include <stddef.h>

/* Name, which is that of the folder in corpus/ as well; what it attacks. */
#define FUZZ_TARGETS                                                    \
    /* fuzz-addresses.c */                                              \
    FUZZ_TARGET(address, "an IP address")                               \
    FUZZ_TARGET(prefix, "a subnet's prefix")                            \
    /* fuzz-json.c */                                                   \
    FUZZ_TARGET(json, "JSON, and what we print of it")                  \
    /* fuzz-api.c */                                                    \
    FUZZ_TARGET(body, "the body of a POST or PUT")                      \
    FUZZ_TARGET(path, "the path of a request")                          \
    /* fuzz-query.c */                                                  \
    FUZZ_TARGET(query, "the arguments in a URL")                        \
    FUZZ_TARGET(tags, "an object's tags, and a filter for some")        \
    /* fuzz-head.c */                                                   \
    FUZZ_TARGET(head, "the head of a request")                          \
    /* fuzz-octavia.c */                                                \
    FUZZ_TARGET(frame, "a frame on one of Octavia's sockets")           \
    FUZZ_TARGET(model, "an object of octavia-lib's in a plugin's call") \
    FUZZ_TARGET(status, "driver-agent's answer to a report")            \
    FUZZ_TARGET(items, "an answer of Octavia's REST API")               \
    /* fuzz-keystone.c */                                               \
    FUZZ_TARGET(token, "Keystone's word about a user's token")          \
    FUZZ_TARGET(login, "the token that Keystone gives us")              \
    /* fuzz-login.c */                                                  \
    FUZZ_TARGET(form, "a log-in at the API itself")                     \
    FUZZ_TARGET(users, "the file of users")                             \
    /* fuzz-neutron.c */                                                \
    FUZZ_TARGET(neutron, "an answer of Neutron's")                      \
    /* fuzz-config.c */                                                 \
    FUZZ_TARGET(conf, "an existing Octavia's octavia.conf")             \
    FUZZ_TARGET(config, "our own file of settings")                     \
    /* fuzz-adopt.c */                                                  \
    FUZZ_TARGET(adopt, "Northbound rows to take over")                  \
    /* fuzz-intent.c */                                                 \
    FUZZ_TARGET(intent, "what Octavia wants of OVN_Octavia's rows")

/* 'data' ends with a NUL byte behind its 'size' bytes, and may have others. */
typedef void fuzz_function(const char *data, size_t size);

#define FUZZ_TARGET(NAME, WHAT) fuzz_function fuzz_##NAME;
FUZZ_TARGETS
#undef FUZZ_TARGET

struct fuzz_target {
    const char *name;
    const char *what;
    fuzz_function *run;
};

extern const struct fuzz_target fuzz_targets[];
extern const size_t n_fuzz_targets;

/* NULL if there is no such target. */
const struct fuzz_target *fuzz_target_find(const char *name);

/* Calls the target with a copy of 'data' that has not a byte more than it
 * needs, so that reading behind its end is noticed. */
void fuzz_target_run(const struct fuzz_target *, const void *data,
                     size_t size);

/* What the process of a fuzzer needs: silence in the log. */
void fuzz_init(const char *program);

#endif /* fuzz.h */
