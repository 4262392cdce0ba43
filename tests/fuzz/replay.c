/* SPDX-License-Identifier: Apache-2.0
 *
 * Every file of the corpus through its target, and after each a number of
 * damaged copies, the same ones each time.  A unit test for each target, in a
 * process of its own, so that one that dies does not keep the others from
 * running.  What it died of is printed, and stands in a file.
 *
 *     replay CORPUS [TARGET...]
 */

#include <config.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fuzz.h"
#include "hash.h"
#include "mutate.h"
#include "openvswitch/dynamic-string.h"
#include "process.h"
#include "util.h"

/* So many inputs a target, damaged ones included, as far as that goes without
 * leaving a file out: less than a second under sanitizers. */
#define INPUTS_MAX 2000
#define MUTANTS_MAX 300         /* Of one file. */

/* A target that takes more of a processor hangs. */
#define TARGET_CPU_S 60

/* What a target is at: for the parent, if it dies. */
struct progress {
    char file[256];             /* The seed's name. */
    unsigned int mutant;        /* 0: the file as it is. */
    size_t size;
    char data[MUTANT_BYTES_MAX];
    unsigned int n_inputs;
};

struct seed {
    char *name;
    struct ds data;
};

struct corpus {
    struct seed *seeds;
    size_t n;
};

static struct progress *progress;

/* The corpus. */

static int
is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void
read_file(const char *path, struct ds *ret)
{
    FILE *stream = fopen(path, "rb");
    char buffer[4096];
    size_t n;

    if (!stream) {
        ovs_fatal(errno, "%s", path);
    }
    ds_init(ret);
    ds_put_cstr(ret, "");
    while ((n = fread(buffer, 1, sizeof buffer, stream))) {
        ds_put_buffer(ret, buffer, n);
    }
    fclose(stream);
    if (ret->length > MUTANT_BYTES_MAX) {
        ovs_fatal(0, "%s: more than %d bytes", path, MUTANT_BYTES_MAX);
    }
}

/* In the order of the names. */
static void
corpus_load(const char *directory, struct corpus *ret)
{
    struct dirent **entries;
    int n = scandir(directory, &entries, is_seed, alphasort);

    if (n <= 0) {
        ovs_fatal(n ? errno : 0, "%s: no corpus", directory);
    }
    ret->n = n;
    ret->seeds = xcalloc(ret->n, sizeof *ret->seeds);
    for (int i = 0; i < n; i++) {
        char *path = xasprintf("%s/%s", directory, entries[i]->d_name);

        ret->seeds[i].name = xstrdup(entries[i]->d_name);
        read_file(path, &ret->seeds[i].data);
        free(path);
        free(entries[i]);
    }
    free(entries);
}

static void
corpus_uninit(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->n; i++) {
        free(corpus->seeds[i].name);
        ds_destroy(&corpus->seeds[i].data);
    }
    free(corpus->seeds);
}

/* In the target's process. */

static void
run_input(const struct fuzz_target *target, const char *file,
          unsigned int mutant, const struct ds *input)
{
    ovs_strlcpy(progress->file, file, sizeof progress->file);
    progress->mutant = mutant;
    progress->size = input->length;
    memcpy(progress->data, input->string, input->length);
    progress->n_inputs++;
    fuzz_target_run(target, input->string, input->length);
}

static void
run_mutants(const struct fuzz_target *target, const struct corpus *corpus,
            struct seed *seed, unsigned int n)
{
    uint32_t state = hash_string(seed->name, hash_string(target->name, 1)) | 1;

    for (unsigned int i = 1; i <= n; i++) {
        const struct seed *other = &corpus->seeds[i % corpus->n];
        struct ds input;

        ds_clone(&input, &seed->data);
        mutate(&input, &other->data, &state);
        run_input(target, seed->name, i, &input);
        ds_destroy(&input);
    }
}

static void
run_corpus(const struct fuzz_target *target, const struct corpus *corpus)
{
    unsigned int n_mutants = MIN(INPUTS_MAX / corpus->n, MUTANTS_MAX);

    setrlimit(RLIMIT_CPU, &(struct rlimit) { TARGET_CPU_S, TARGET_CPU_S });
    for (size_t i = 0; i < corpus->n; i++) {
        run_input(target, corpus->seeds[i].name, 0, &corpus->seeds[i].data);
    }
    for (size_t i = 0; i < corpus->n; i++) {
        run_mutants(target, corpus, &corpus->seeds[i], n_mutants);
    }
}

/* In the parent. */

static void
save_input(const struct fuzz_target *target)
{
    const char *directory = getenv("OVS_RUNDIR");
    char *path = xasprintf("%s/fuzz-%s.crash", directory ? directory : ".",
                           target->name);
    FILE *stream = fopen(path, "wb");

    if (stream) {
        fwrite(progress->data, 1, progress->size, stream);
        fclose(stream);
        printf("# it is in %s\n", path);
    }
    free(path);
}

static bool
replay(const struct fuzz_target *target, const char *directory)
{
    char *path = xasprintf("%s/%s", directory, target->name);
    struct corpus corpus;
    int status;

    corpus_load(path, &corpus);
    memset(progress, 0, sizeof *progress);
    fflush(stdout);

    pid_t pid = fork();
    if (pid < 0) {
        ovs_fatal(errno, "fork");
    } else if (!pid) {
        run_corpus(target, &corpus);
        corpus_uninit(&corpus);
        free(path);
        exit(EXIT_SUCCESS);     /* And what was lost is looked for. */
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    corpus_uninit(&corpus);
    free(path);
    if (status) {
        char *how = process_status_msg(status);

        printf("# %s: %s after %u inputs, the last of them file %s, mutant "
               "%u\n", target->name, how, progress->n_inputs, progress->file,
               progress->mutant);
        free(how);
        save_input(target);
    }
    return !status;
}

static bool
is_chosen(const struct fuzz_target *target, int argc, char *argv[])
{
    for (int i = 2; i < argc; i++) {
        if (!strcmp(argv[i], target->name)) {
            return true;
        }
    }
    return argc <= 2;
}

int
main(int argc, char *argv[])
{
    unsigned int n = 0, n_failed = 0;

    fuzz_init(argv[0]);
    if (argc < 2) {
        ovs_fatal(0, "usage: %s CORPUS [TARGET...]", argv[0]);
    }
    progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED) {
        ovs_fatal(errno, "mmap");
    }
    for (size_t i = 0; i < n_fuzz_targets; i++) {
        const struct fuzz_target *target = &fuzz_targets[i];

        if (is_chosen(target, argc, argv)) {
            bool ok = replay(target, argv[1]);

            n_failed += !ok;
            printf("%sok %u - %s: %u inputs\n", ok ? "" : "not ", ++n,
                   target->name, progress->n_inputs);
        }
    }
    printf("1..%u\n", n);
    return n_failed || !n ? EXIT_FAILURE : EXIT_SUCCESS;
}
