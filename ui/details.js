/* SPDX-License-Identifier: Apache-2.0
 *
 * One load balancer with all that is below it, kept up to date while it is
 * open.  Its status tree, one small answer, is asked for all the time; all
 * attributes only when something has changed, and now and then.
 */

import { Failure } from './client.js';
import { pause, visible } from './dom.js';

const LOOK_MS = 2000;
const LOOKS_PER_LOAD = 10;
const CALLS_MAX = 4;            /* At the same time. */
const NONE = { code: null, text: null };

/* Calls 'work' with each item, some at the same time. */
async function forEachOf(items, work) {
  const left = items.slice();
  const worker = async () => {
    while (left.length) {
      await work(left.shift());
    }
  };
  await Promise.all(Array.from({ length: CALLS_MAX }, worker));
}

/* Yields the objects of a status tree. */
function* flatten(object) {
  yield object;
  if (object.health_monitor) {
    yield object.health_monitor;
  }
  for (const name of ['listeners', 'pools', 'members']) {
    for (const child of object[name] ?? []) {
      yield* flatten(child);
    }
  }
}

export class Details {
  #client;
  #tell;
  #ends = null;
  #statuses = '';

  /* 'tell' is called with { tree, failure }, one of them null. */
  constructor(client, tell) {
    this.#client = client;
    this.#tell = tell;
    this.id = null;
  }

  open(id) {
    this.close();
    this.id = id;
    this.#ends = new AbortController();
    this.#follow(id, this.#ends.signal);
  }

  close() {
    this.#ends?.abort();
    this.#ends = null;
    this.id = null;
  }

  async #follow(id, signal) {
    let tree = null;
    for (let n = 0; !signal.aborted; n++) {
      try {
        const isNew = await this.#look(id, signal);
        if (isNew || n % LOOKS_PER_LOAD === 0 || !tree) {
          tree = await this.#load(id, signal);
          if (!signal.aborted) {
            this.#tell({ tree, failure: null });
          }
        }
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (!(error instanceof Failure)) {
          throw error;
        }
        tree = null;
        this.#tell({ tree: null, failure: error });
        if (error.status === 404) {
          return;
        }
        await pause(error.retryMs, signal);
      }
      await pause(LOOK_MS, signal);
      await visible();
    }
  }

  /* Returns true if anything in the status tree is not as it was. */
  async #look(id, signal) {
    const body = await this.#client.get(`loadbalancers/${id}/status`, {},
                                        signal);
    const all = [...flatten(body.statuses.loadbalancer)];
    const statuses = JSON.stringify(all.map((one) => [
      one.id, one.name, one.operating_status, one.provisioning_status]));
    const isNew = statuses !== this.#statuses;
    this.#statuses = statuses;
    return isNew;
  }

  async #load(id, signal) {
    const client = this.#client;
    const query = { loadbalancer_id: id };
    const [shown, fault, listeners, pools] = await Promise.all([
      client.get(`loadbalancers/${id}`, {}, signal),
      client.get(`loadbalancers/${id}/fault`, {}, signal),
      client.all('listeners', query, signal),
      client.all('pools', query, signal)]);

    await forEachOf(pools, async (pool) => {
      pool.shownMembers = await client.all(`pools/${pool.id}/members`, {},
                                           signal);
      pool.monitor = pool.healthmonitor_id
        ? (await client.get(`healthmonitors/${pool.healthmonitor_id}`, {},
                            signal)).healthmonitor
        : null;
    });
    return { lb: shown.loadbalancer, fault: fault.fault ?? NONE, listeners,
             pools };
  }
}
