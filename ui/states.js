/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two statuses of an object mean to a viewer: one of a few states,
 * each with a sign of its own shape, so that colour is not needed.
 */

/* In the order in which they are offered. */
export const STATES = [
  { id: 'online', label: 'Online', sign: '●' },
  { id: 'error', label: 'Error', sign: '✖' },
  { id: 'degraded', label: 'Degraded', sign: '▲' },
  { id: 'offline', label: 'Offline', sign: '○' },
  { id: 'changing', label: 'Changing', sign: '◌' },
];

const SIGNS = Object.fromEntries(STATES.map((one) => [one.id, one.sign]));

const BY_OPERATING_STATUS = {
  ERROR: 'error', DEGRADED: 'degraded', DRAINING: 'degraded',
  OFFLINE: 'offline',
};

/* Returns the id of the object's state. */
export function stateOf(object) {
  const provisioning = object.provisioning_status ?? 'ACTIVE';
  if (provisioning.startsWith('PENDING')) {
    return 'changing';
  }
  if (provisioning === 'ERROR') {
    return 'error';
  }
  const found = BY_OPERATING_STATUS[object.operating_status];
  return found ?? (object.admin_state_up === false ? 'offline' : 'online');
}

export function signOf(state) {
  return SIGNS[state];
}

/* Returns Octavia's words for it: that of the provisioning status only if it
 * says something. */
export function wordsOf(object) {
  const provisioning = object.provisioning_status ?? 'ACTIVE';
  const words = [object.operating_status ?? ''];
  if (provisioning !== 'ACTIVE') {
    words.unshift(provisioning);
  }
  if (object.admin_state_up === false) {
    words.push('disabled');
  }
  return words.filter(Boolean).join(' · ');
}
