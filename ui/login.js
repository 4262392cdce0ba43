/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks who the user is, in the way that the API says of itself: not at all,
 * by a token of Keystone, or by name and password where the API keeps its
 * users itself.
 */

import { Failure } from './client.js';
import { byId, make, put } from './dom.js';

/* The fields of each way. */
const WAYS = {
  keystone: ['token'],
  local: ['user', 'password', 'project'],
};
const FIELDS = {
  token: { label: 'Token', type: 'password', autocomplete: 'off' },
  user: { label: 'User', type: 'text', autocomplete: 'username' },
  password: { label: 'Password', type: 'password',
              autocomplete: 'current-password' },
  project: { label: 'Project', type: 'text', autocomplete: 'on' },
};

function makeField(name) {
  const { label, ...attributes } = FIELDS[name];
  return make('label', {}, label, make('input', {
    id: `login-${name}`, required: '', ...attributes }));
}

function hintOf(config) {
  return config.auth === 'keystone'
    ? `A token of Keystone (${config.identity}), as “openstack token issue”`
      + ' prints it. It is forgotten when this page is closed or loaded again.'
    : 'You are logged out when this page is closed or loaded again.';
}

function valueOf(name) {
  return byId(`login-${name}`).value;
}

export class Login {
  #client;
  #config;
  #enter;
  #fields;

  /* 'enter' is called when the client may ask. */
  constructor(client, config, enter) {
    this.#client = client;
    this.#config = config;
    this.#enter = enter;
    this.#fields = WAYS[config.auth] ?? WAYS.keystone;
    byId('login-fields').append(...this.#fields.map(makeField));
    byId('login').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#try();
    });
  }

  get isNeeded() {
    return this.#config.auth !== 'none';
  }

  /* Shows the form, with the reason if there is one. */
  ask(reason = '') {
    if (!this.isNeeded) {
      this.#enter();
      return;
    }
    put(byId('login-hint'), hintOf(this.#config));
    put(byId('login-failure'), reason);
    byId('login').hidden = false;
    byId(`login-${this.#fields[0]}`).focus();
  }

  async leave() {
    if (this.#config.auth === 'local') {
      /* A token that is not known any more is as good as one that ends. */
      await this.#client.logOut().catch(() => {});
    }
    this.#client.token = null;
  }

  async #prove() {
    if (this.#config.auth === 'local') {
      await this.#client.logIn(valueOf('user'), valueOf('password'),
                               valueOf('project'));
    } else {
      const token = valueOf('token').trim();
      if (!/^[!-~]+$/.test(token)) {
        throw new Failure(0, 'That is no token.');
      }
      this.#client.token = token;
    }
    await this.#client.get('loadbalancers', { limit: 1, fields: 'id' });
  }

  async #try() {
    put(byId('login-failure'), '');
    try {
      await this.#prove();
    } catch (error) {
      this.#client.token = null;
      put(byId('login-failure'), error.message);
      return;
    }
    for (const name of this.#fields) {
      byId(`login-${name}`).value = '';
    }
    byId('login').hidden = true;
    this.#enter();
  }
}
