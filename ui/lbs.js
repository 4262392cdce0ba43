/* SPDX-License-Identifier: Apache-2.0
 *
 * The load balancers that are known, kept up to date page by page, in rounds.
 * A round through thousands pauses between its pages, so that many viewers are
 * no load.
 */

import { Failure } from './client.js';
import { pause, visible } from './dom.js';
import { stateOf } from './states.js';

const FIELDS = ['id', 'name', 'description', 'project_id', 'vip_address',
                'additional_vips', 'provisioning_status', 'operating_status',
                'admin_state_up', 'tags'].join(',');
const PAUSE_MS = 1000;          /* After each page, once all are known. */
const ROUND_MS = 2000;          /* After each round. */
const RETRY_MS = 2000;          /* After a failure; doubles up to the next. */
const RETRY_MS_MAX = 30000;

/* Returns all text in which a search looks. */
function searchTextOf(lb) {
  return [lb.name, lb.id, lb.vip_address, lb.description, lb.project_id,
          ...(lb.additional_vips ?? []).map((vip) => vip.ip_address),
          ...(lb.tags ?? [])].join('\n').toLowerCase();
}

export class LoadBalancers {
  #client;
  #tell;
  #ends = null;
  #known = new Map();

  /* 'tell' is called with { failure } after each page: null, or why there is
   * none. */
  constructor(client, tell) {
    this.#client = client;
    this.#tell = tell;
    this.list = [];             /* In the order of creation. */
    this.isComplete = false;
    this.projects = new Set();
  }

  get(id) {
    return this.#known.get(id);
  }

  /* Begins to follow the load balancers of a project; '' is all. */
  start(project) {
    this.stop();
    this.#known = new Map();
    this.list = [];
    this.isComplete = false;
    this.#ends = new AbortController();
    this.#follow(project ? { project_id: project } : {}, this.#ends.signal);
  }

  stop() {
    this.#ends?.abort();
    this.#ends = null;
  }

  async #follow(query, signal) {
    let retryMs = RETRY_MS;
    while (!signal.aborted) {
      try {
        await this.#round(query, signal);
        retryMs = RETRY_MS;
        await pause(ROUND_MS, signal);
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (!(error instanceof Failure)) {
          throw error;
        }
        /* The marker's load balancer may be gone: another round finds out. */
        if (error.status !== 400) {
          this.#tell({ failure: error });
        }
        await pause(Math.max(retryMs, error.retryMs), signal);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
      await visible();
    }
  }

  async #round(query, signal) {
    const seen = [];
    for await (const page of this.#client.pages(
      'loadbalancers', { fields: FIELDS, ...query }, signal)) {
      if (signal.aborted) {
        return;
      }
      for (const lb of page.items) {
        seen.push(this.#take(lb));
      }
      if (page.isLast) {
        this.#finish(seen);
      } else if (!this.isComplete) {
        this.list = seen.slice();
      }
      this.#tell({ failure: null });
      if (this.isComplete && !page.isLast) {
        await pause(PAUSE_MS, signal);
      }
    }
  }

  /* Stores the news of one; returns the object that stands for it. */
  #take(news) {
    let lb = this.#known.get(news.id);
    if (!lb) {
      lb = {};
      this.#known.set(news.id, lb);
    }
    Object.assign(lb, news, { state: stateOf(news),
                              searchText: searchTextOf(news) });
    if (news.project_id) {
      this.projects.add(news.project_id);
    }
    return lb;
  }

  /* Forgets those that a whole round has not met. */
  #finish(seen) {
    this.list = seen;
    this.isComplete = true;
    if (this.#known.size !== seen.length) {
      this.#known = new Map(seen.map((lb) => [lb.id, lb]));
    }
  }

  /* Returns how many are in each state, and those in 'state' ('' is any) in
   * which the text is found. */
  filter(state, text) {
    const counts = {};
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = this.list.filter((lb) => {
      counts[lb.state] = (counts[lb.state] ?? 0) + 1;
      return ((!state || lb.state === state)
              && words.every((word) => lb.searchText.includes(word)));
    });
    return { rows, counts };
  }
}
