/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws the tree of a load balancer.  As in the list, only what is in sight
 * are elements, so that a pool may have any number of members.
 */

import { beforeNextFrame, make, makeSvg, mark, put } from './dom.js';
import { signOf, stateOf, wordsOf } from './states.js';
import { layOut } from './tree-layout.js';

const SPARE_PIXELS = 200;       /* Above and below what is in sight. */
const ELBOW = 9;                /* From the left of a parent, if narrow. */

/* The lines of a node of each kind: title, then smaller ones. */
const TEXTS = {
  vip: (lb) => [lb.vip_address ?? 'no address yet',
                ...(lb.additional_vips ?? []).map((vip) => vip.ip_address),
                wordsOf(lb)],
  listener: (listener) => [`${listener.protocol} ${listener.protocol_port}`,
                           listener.name, wordsOf(listener)].filter(Boolean),
  pool: (pool) => [pool.name || `${pool.protocol} pool`,
                   `${pool.protocol} · ${pool.lb_algorithm}`
                   + (pool.session_persistence
                      ? ` · ${pool.session_persistence.type}` : ''),
                   wordsOf(pool)],
  monitor: (monitor) => [`probe ${monitor.type} every ${monitor.delay} s`,
                         wordsOf(monitor)],
  member: (member) => [`${addressOf(member)}`,
                       [member.name, wordsOf(member),
                        `weight ${member.weight}`,
                        member.backup ? 'backup' : '']
                         .filter(Boolean).join(' · ')],
};

function addressOf(member) {
  const address = member.address.includes(':') ? `[${member.address}]`
    : member.address;
  return `${address}:${member.protocol_port}`;
}

function edgePath([from, to], isNarrow) {
  if (isNarrow) {
    const x = from.x + ELBOW;
    return `M${x} ${from.y + from.height}V${to.y + to.height / 2}H${to.x}`;
  }
  if (to.kind === 'monitor') {
    const x = to.x + to.width / 2;
    return `M${x} ${from.y + from.height}V${to.y}`;
  }
  const [x1, y1] = [from.x + from.width, from.y + Math.min(from.height, 60)
                                                  / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

export class Tree {
  #box;
  #canvas = make('div', { class: 'canvas' });
  #edges = makeSvg('svg', { 'aria-hidden': 'true' });
  #elements = new Map();
  #tree = null;
  #plan = null;
  #selected = null;
  #choose;

  /* 'choose' is called with the object that the user has selected. */
  constructor(box, choose) {
    this.#box = box;
    this.#choose = choose;
    this.draw = beforeNextFrame(() => this.#draw());
    this.#canvas.append(this.#edges);
    box.append(this.#canvas);
    box.addEventListener('scroll', this.draw, { passive: true });
    box.addEventListener('keydown', (event) => this.#press(event));
    this.#canvas.addEventListener('click', (event) => {
      const element = event.target.closest('.node');
      if (element) {
        this.#select(element.dataset.key);
      }
    });
    new ResizeObserver(() => this.#arrange()).observe(box);
  }

  /* Shows a tree as details.js has it; null is none. */
  show(tree) {
    if (tree?.lb.id !== this.#tree?.lb.id) {
      this.#selected = null;
      this.#box.scrollTop = 0;
    }
    this.#tree = tree;
    this.#arrange();
    if (this.#plan) {
      this.#choose(this.#find(this.#selected) ?? this.#plan.nodes[0]);
    }
  }

  #arrange() {
    this.#plan = this.#tree && this.#box.clientWidth
      ? layOut(this.#tree, this.#box.clientWidth) : null;
    this.draw();
  }

  #find(key) {
    return this.#plan?.nodes.find((one) => one.key === key);
  }

  /* --- Elements ---------------------------------------------------------- */

  #fill(element, one) {
    const state = stateOf(one.object);
    const isSelected = one.key === this.#selected;
    const texts = TEXTS[one.kind](one.object);

    mark(element, 'class', `node ${one.kind} ${state}`
                           + (isSelected ? ' selected' : ''));
    mark(element, 'aria-selected', String(isSelected));
    if (isSelected) {
      this.#box.setAttribute('aria-activedescendant', element.id);
    }
    element.style.transform = `translate(${one.x}px, ${one.y}px)`;
    element.style.width = `${one.width}px`;
    element.style.height = `${one.height}px`;

    const lines = element.lastChild;
    while (lines.children.length < texts.length) {
      lines.append(make('span'));
    }
    while (lines.children.length > texts.length) {
      lines.lastChild.remove();
    }
    put(element.firstChild, signOf(state));
    texts.forEach((text, i) => put(lines.children[i], text));
    mark(element, 'title', texts.join('\n'));
    this.#fillWeight(element, one);
  }

  /* Draws the weight of a member, beside the greatest of its pool. */
  #fillWeight(element, one) {
    if (one.kind === 'member') {
      const max = Math.max(1, ...one.pool.shownMembers.map(
        (member) => member.weight));
      const bar = element.children[1];
      bar.style.width = `${100 * one.object.weight / max}%`;
    }
  }

  #make(one) {
    const element = make('div', { role: 'treeitem', id: `node-${one.key}` },
                         make('span', { class: 'sign',
                                        'aria-hidden': 'true' }));
    element.dataset.key = one.key;
    if (one.kind === 'member') {
      element.append(make('span', { class: 'weight' }));
    }
    element.append(make('span', { class: 'lines' }));
    this.#elements.set(one.key, element);
    this.#canvas.append(element);
    return element;
  }

  #drawEdges(edges, isNarrow) {
    const paths = this.#edges.children;
    while (paths.length < edges.length) {
      this.#edges.append(makeSvg('path'));
    }
    while (paths.length > edges.length) {
      this.#edges.lastChild.remove();
    }
    edges.forEach((edge, i) => {
      mark(paths[i], 'd', edgePath(edge, isNarrow));
      mark(paths[i], 'class', stateOf(edge[1].object));
    });
  }

  #draw() {
    const { nodes, edges, height, isNarrow } = this.#plan
      ?? { nodes: [], edges: [], height: 0, isNarrow: false };
    const top = this.#box.scrollTop - SPARE_PIXELS;
    const bottom = top + this.#box.clientHeight + 2 * SPARE_PIXELS;
    const isSeen = (from, to) => (Math.min(from.y, to.y) < bottom
      && Math.max(from.y + from.height, to.y + to.height) > top);
    const seen = nodes.filter((one) => isSeen(one, one));
    const keys = new Set(seen.map((one) => one.key));

    this.#canvas.style.height = `${height}px`;
    mark(this.#edges, 'height', String(height));
    this.#box.removeAttribute('aria-activedescendant');
    for (const [key, element] of this.#elements) {
      if (!keys.has(key)) {
        element.remove();
        this.#elements.delete(key);
      }
    }
    for (const one of seen) {
      this.#fill(this.#elements.get(one.key) ?? this.#make(one), one);
    }
    this.#drawEdges(edges.filter(([, to]) => isSeen(to, to)), isNarrow);
  }

  /* --- Selection --------------------------------------------------------- */

  #select(key) {
    const one = this.#find(key);
    if (!one) {
      return;
    }
    this.#selected = key;
    if (one.y < this.#box.scrollTop) {
      this.#box.scrollTop = one.y;
    }
    this.#box.scrollTop = Math.max(
      this.#box.scrollTop, one.y + one.height - this.#box.clientHeight);
    this.draw();
    this.#choose(one);
  }

  #press(event) {
    const nodes = this.#plan?.nodes ?? [];
    const at = nodes.findIndex((one) => one.key === this.#selected);
    const one = nodes[at];
    const next = {
      ArrowDown: nodes[at + 1], ArrowUp: nodes[Math.max(at - 1, 0)],
      ArrowLeft: one?.parent, ArrowRight: one ? one.children[0] : nodes[0],
      Home: nodes[0], End: nodes.at(-1),
    };
    if (event.key in next) {
      event.preventDefault();
      this.#select(next[event.key]?.key);
    }
  }
}
