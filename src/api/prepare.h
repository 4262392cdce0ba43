/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of the facts from outside the database that a write needs.
 */

#ifndef API_PREPARE_H
#define API_PREPARE_H 1

enum prepare_result {
    PREPARE_READY,
    PREPARE_WAIT,               /* For a network fact, or for Neutron. */
    PREPARE_REFUSED,            /* The fault says why. */
};

#endif /* api/prepare.h */
