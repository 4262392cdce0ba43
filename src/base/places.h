/* SPDX-License-Identifier: Apache-2.0
 *
 * The directories of the programs, and where databases are by default:
 *
 *   $OVN_OCTAVIA_RUNDIR, /run/ovn-octavia      pid files, sockets
 *   $OVN_OCTAVIA_LOGDIR, /var/log/ovn-octavia  logs
 *   $OVN_RUNDIR, /run/ovn                      the sockets of OVN's databases
 *
 * Those of Open vSwitch, which libopenvswitch would use, belong to it.
 */

#ifndef BASE_PLACES_H
#define BASE_PLACES_H 1

/* Makes the directories ovs_rundir()'s and ovs_logdir()'s values.  Call first
 * in main(). */
void places_init(void);

/* Return connection methods, which the caller frees. */
char *places_octavia_db(void);
char *places_nb_db(void);
char *places_sb_db(void);

/* Make the directory, unless it is there.  If that cannot be done, or files
 * cannot be made in it, end the program with a message that says what would
 * help. */
void places_make_rundir(void);
void places_make_logdir(void);

#endif /* base/places.h */
