/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the API, read only.  The token is in this object and nowhere else: it
 * is gone when the page is loaded again, and never part of an address.
 */

const TIMEOUT_MS = 30000;
const PAGE_ROWS = 1000;

/* An answer that is none of the good ones; 'status' is 0 if there is none. */
export class Failure extends Error {
  constructor(status, text, retryMs = 0) {
    super(text);
    this.status = status;
    this.retryMs = retryMs;
  }
}

/* Returns what a failed answer says: Octavia's faults, Keystone's errors. */
async function explain(answer) {
  const text = await answer.text();
  try {
    const body = JSON.parse(text);
    return String(body.faultstring ?? body.error.message);
  } catch {
    return text.slice(0, 300) || `status ${answer.status}`;
  }
}

export class Client {
  #token = null;

  /* 'root' is where the API is, with a final slash. */
  constructor(root) {
    this.root = root;
  }

  set token(token) {
    this.#token = token;
  }

  async #fetch(path, options, signal) {
    const ends = [AbortSignal.timeout(TIMEOUT_MS), signal].filter(Boolean);
    let answer;
    try {
      answer = await fetch(new URL(path, this.root), {
        cache: 'no-store', credentials: 'omit', redirect: 'error',
        referrerPolicy: 'no-referrer', signal: AbortSignal.any(ends),
        ...options });
    } catch (error) {
      throw error instanceof TypeError || error instanceof DOMException
        ? new Failure(0, 'no answer') : error;
    }
    if (!answer.ok) {
      const seconds = Number(answer.headers.get('Retry-After')) || 0;
      throw new Failure(answer.status, await explain(answer), seconds * 1000);
    }
    return answer;
  }

  #headers(more = {}) {
    return { Accept: 'application/json', ...more,
             ...(this.#token ? { 'X-Auth-Token': this.#token } : {}) };
  }

  /* Returns the decoded answer to GET of a path below /v2.0/lbaas. */
  async get(path, query = {}, signal = undefined) {
    const text = new URLSearchParams(query).toString();
    const answer = await this.#fetch(
      `v2.0/lbaas/${path}${text && '?'}${text}`,
      { headers: this.#headers() }, signal);
    try {
      return await answer.json();
    } catch {
      throw new Failure(0, 'the answer has no end');
    }
  }

  /* Yields a list page by page, in the order of creation.  The links of the
   * answers only say whether there is another page: they may begin with an
   * address that this browser does not reach. */
  async* pages(path, query = {}, signal = undefined) {
    const name = path.split('/').at(-1);
    let marker = {};
    for (;;) {
      const body = await this.get(
        path, { limit: PAGE_ROWS, ...query, ...marker }, signal);
      const items = body[name];
      const hasNext = items.length > 0 && (body[`${name}_links`] ?? []).some(
        (link) => link.rel === 'next');
      yield { items, isLast: !hasNext };
      if (!hasNext) {
        return;
      }
      marker = { marker: items.at(-1).id };
    }
  }

  /* Returns all objects of a list. */
  async all(path, query = {}, signal = undefined) {
    const found = [];
    for await (const page of this.pages(path, query, signal)) {
      found.push(...page.items);
    }
    return found;
  }

  /* --- Users that the API itself keeps ---------------------------------- */

  async logIn(user, password, project) {
    const domain = { id: 'default' };
    const answer = await this.#fetch('v3/auth/tokens', {
      method: 'POST',
      headers: this.#headers({ 'Content-Type': 'application/json' }),
      body: JSON.stringify({ auth: {
        identity: { methods: ['password'],
                    password: { user: { name: user, domain, password } } },
        scope: { project: { name: project, domain } } } }) });
    this.#token = answer.headers.get('X-Subject-Token');
  }

  async logOut() {
    const token = this.#token;
    if (!token) {
      return;
    }
    this.#token = null;
    await this.#fetch('v3/auth/tokens', {
      method: 'DELETE',
      headers: { 'X-Auth-Token': token, 'X-Subject-Token': token } });
  }
}
