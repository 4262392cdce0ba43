/* SPDX-License-Identifier: Apache-2.0
 *
 * The page: connects the list, the tree, the filters and the keys.
 */

import { Client } from './client.js';
import { Details } from './details.js';
import { beforeNextFrame, byId, make, mark, put } from './dom.js';
import { LoadBalancers } from './lbs.js';
import { Login } from './login.js';
import { Rows } from './rows.js';
import { STATES, signOf, stateOf, wordsOf } from './states.js';
import { Tree } from './tree.js';

/* Attributes that the tree shows as objects of their own. */
const UNLISTED = new Set(['shownMembers', 'monitor', 'members', 'listeners',
                          'pools', 'loadbalancers', 'l7policies']);
const NAMES = { vip: 'Load balancer', listener: 'Listener', pool: 'Pool',
                monitor: 'Health monitor', member: 'Member' };

class Page {
  #client;
  #login;
  #lbs;
  #details;
  #rows;
  #tree;
  #state = '';
  #failure = null;
  #shownProjects = -1;
  #shownFacts = '';

  constructor(client, config) {
    this.#client = client;
    this.#login = new Login(client, config, () => this.#enter());
    this.#lbs = new LoadBalancers(client, ({ failure }) => {
      this.#note(failure);
    });
    this.#details = new Details(client, (news) => this.#showTree(news));
    this.#rows = new Rows(byId('list'), (id) => this.#open(id));
    this.#tree = new Tree(byId('tree'), (node) => this.#showFacts(node));
    this.show = beforeNextFrame(() => this.#show());
    this.#makeStates();
    this.#listen();
  }

  begin() {
    this.#login.ask();
  }

  /* --- In and out -------------------------------------------------------- */

  #enter() {
    byId('view').hidden = false;
    byId('leave').hidden = !this.#login.isNeeded;
    this.#failure = null;
    this.#shownProjects = -1;
    this.#lbs.projects = new Set();
    this.#makeProjects();
    this.#lbs.start('');
    byId('list').focus();
    this.#openFromAddress();
  }

  /* Forgets all that was shown: another user may be next. */
  async #leave(reason = '') {
    this.#lbs.stop();
    this.#close();
    this.#lbs.list = [];
    this.#rows.show([]);
    byId('view').hidden = true;
    byId('project').replaceChildren();
    await this.#login.leave();
    this.#login.ask(reason);
  }

  #note(failure) {
    if (failure?.status === 401 && this.#login.isNeeded) {
      this.#leave('The token is not valid, or not any more.');
      return;
    }
    this.#failure = failure;
    this.show();
  }

  /* --- The list ---------------------------------------------------------- */

  #makeStates() {
    const all = { id: '', label: 'All', sign: '' };
    for (const state of [all, ...STATES]) {
      const button = make('button', { class: `state ${state.id}` },
                          make('span', { class: 'sign',
                                         'aria-hidden': 'true' }, state.sign),
                          ` ${state.label} `,
                          make('span', { class: 'count' }));
      button.dataset.state = state.id;
      button.addEventListener('click', () => {
        this.#state = state.id;
        byId('list').scrollTop = 0;
        this.show();
      });
      byId('states').append(button);
    }
  }

  /* Offers the projects that were met so far. */
  #makeProjects() {
    const select = byId('project');
    const projects = this.#lbs.projects;

    if (projects.size === this.#shownProjects) {
      return;
    }
    this.#shownProjects = projects.size;
    const chosen = select.value;
    select.replaceChildren(
      make('option', { value: '' }, 'All projects'),
      ...[...projects].sort().map(
        (project) => make('option', { value: project }, project)));
    select.value = chosen;
  }

  #show() {
    const { rows, counts } = this.#lbs.filter(this.#state,
                                              byId('search').value);
    const total = this.#lbs.list.length;

    for (const button of byId('states').children) {
      const { state } = button.dataset;
      const n = state ? counts[state] ?? 0 : total;

      mark(button, 'aria-pressed', String(state === this.#state));
      put(button.lastChild, n.toLocaleString('en'));
      mark(button, 'data-count', String(n));
    }
    this.#makeProjects();
    this.#rows.show(rows);
    this.#showNews(rows.length, total);
    this.#showHead();
  }

  #showNews(n, total) {
    const text = this.#failure ? `not up to date: ${this.#failure.message}`
      : !this.#lbs.isComplete ? 'loading …'
        : `${n.toLocaleString('en')} of ${total.toLocaleString('en')}, live`;

    put(byId('news'), text);
    mark(byId('news'), 'class', this.#failure ? 'error' : '');
  }

  /* --- One load balancer ------------------------------------------------- */

  #open(id) {
    this.#details.open(id);
    this.#rows.select(id);
    this.#tree.show(null);
    byId('facts').replaceChildren();
    this.#shownFacts = '';
    byId('fault').hidden = true;
    byId('hint').hidden = true;
    byId('opened').hidden = false;
    document.body.classList.add('open');
    history.replaceState(null, '', `#${id}`);
    put(byId('title'), this.#lbs.get(id)?.name || id);
    this.#showHead();
    byId('tree').focus({ preventScroll: true });
  }

  #close() {
    this.#details.close();
    this.#tree.show(null);
    byId('hint').hidden = false;
    byId('opened').hidden = true;
    document.body.classList.remove('open');
    history.replaceState(null, '', location.pathname);
    byId('list').focus();
  }

  #openFromAddress() {
    const id = location.hash.slice(1);
    if (/^[0-9a-f-]{36}$/.test(id)) {
      this.#open(id);
    }
  }

  #showHead() {
    const lb = this.#lbs.get(this.#details.id);
    if (lb) {
      const state = stateOf(lb);
      put(byId('title'), lb.name || lb.id);
      put(byId('head-status'), `${signOf(state)} ${wordsOf(lb)}`);
      mark(byId('head-status'), 'class', state);
    }
  }

  #showTree({ tree, failure }) {
    if (failure?.status === 401) {
      this.#note(failure);
      return;
    }
    const text = failure ? (failure.status === 404
                            ? 'This load balancer is gone.'
                            : `Not up to date: ${failure.message}`)
      : tree.fault.text ? `Last error: ${tree.fault.text}` : '';

    byId('fault').hidden = !text;
    put(byId('fault'), text);
    if (tree) {
      this.#tree.show(tree);
    } else if (failure.status === 404) {
      this.#tree.show(null);
    }
  }

  #showFacts(node) {
    const text = node.kind + JSON.stringify(node.object);
    if (text === this.#shownFacts) {
      return;
    }
    this.#shownFacts = text;
    const facts = [make('dt', { class: 'kind' }, NAMES[node.kind])];
    for (const [name, value] of Object.entries(node.object)) {
      const isEmpty = value === null || value === ''
        || (Array.isArray(value) && !value.length);
      if (!UNLISTED.has(name) && !isEmpty) {
        facts.push(make('dt', {}, name), make(
          'dd', {}, typeof value === 'string' ? value
            : JSON.stringify(value, (_, part) => part ?? undefined)));
      }
    }
    byId('facts').replaceChildren(...facts);
  }

  /* --- Keys and filters -------------------------------------------------- */

  #listen() {
    byId('search').addEventListener('input', () => {
      byId('list').scrollTop = 0;
      this.show();
    });
    byId('project').addEventListener('change', () => {
      this.#lbs.start(byId('project').value);
      byId('list').scrollTop = 0;
      this.show();
    });
    byId('leave').addEventListener('click', () => this.#leave());
    byId('back').addEventListener('click', () => this.#close());
    document.addEventListener('keydown', (event) => this.#press(event));
  }

  #press(event) {
    const inField = event.target.matches('input, select');

    if (byId('view').hidden || event.ctrlKey || event.metaKey
        || event.altKey) {
      return;
    }
    if (event.key === '/' && !inField) {
      event.preventDefault();
      byId('search').focus();
      byId('search').select();
    } else if (event.key === 'Escape' && event.target.matches('#search')) {
      byId('search').value = '';
      byId('list').focus();
      this.show();
    } else if (event.key === 'Escape' && this.#details.id) {
      this.#close();
    } else if (['Enter', 'ArrowDown'].includes(event.key)
               && event.target.matches('#search')) {
      event.preventDefault();
      byId('list').focus();
    }
  }
}

const client = new Client(new URL('../', location.href));
const config = await (await fetch('config.json', {
  cache: 'no-store', credentials: 'omit' })).json();
new Page(client, config).begin();
