/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the parts of a load balancer are drawn.  Computes places and nothing
 * else: in columns from left to right if there is room, else one below the
 * other, indented.
 */

const NARROW_PIXELS = 640;
const MARGIN = 16;
const COLUMN_GAP = 40;
const GAP = 8;
const BLOCK_GAP = 20;
const INDENT = 18;
const HEIGHTS = { vip: 60, listener: 60, pool: 60, monitor: 44, member: 44 };
const ADDRESS_PIXELS = 18;      /* Of each additional one. */
const SHARES = { vip: 0.2, listener: 0.21, pool: 0.3, member: 0.29 };

function node(kind, object, parent) {
  const made = { key: `${kind}/${object.id}`, kind, object, parent,
                 children: [], height: HEIGHTS[kind] };
  parent?.children.push(made);
  return made;
}

function poolNodes(pool, parent) {
  const made = node('pool', pool, parent);
  if (pool.monitor) {
    node('monitor', pool.monitor, made);
  }
  for (const member of pool.shownMembers) {
    node('member', member, made).pool = pool;
  }
  return made;
}

/* Returns the nodes, each below its parent, and links between others: a pool
 * belongs to its first listener, and others lead to it. */
function build(tree) {
  const vip = node('vip', tree.lb, null);
  vip.height += ADDRESS_PIXELS * (tree.lb.additional_vips ?? []).length;

  const pools = new Map(tree.pools.map((pool) => [pool.id, pool]));
  const placed = new Map();
  const links = [];
  const listeners = tree.listeners.slice().sort(
    (a, b) => a.protocol_port - b.protocol_port);
  for (const listener of listeners) {
    const above = node('listener', listener, vip);
    const id = listener.default_pool_id;
    if (placed.has(id)) {
      links.push([above, placed.get(id)]);
    } else if (pools.has(id)) {
      placed.set(id, poolNodes(pools.get(id), above));
    }
  }
  for (const pool of tree.pools) {
    if (!placed.has(pool.id)) {
      poolNodes(pool, vip);
    }
  }
  return { vip, links };
}

function* walk(from, depth = 0) {
  yield [from, depth];
  for (const child of from.children) {
    yield* walk(child, depth + 1);
  }
}

/* --- Columns ------------------------------------------------------------- */

function placeColumn(column, nodes, top) {
  let y = top;
  for (const one of nodes) {
    Object.assign(one, column, { y });
    y += one.height + GAP;
  }
  return y - GAP;
}

function placePool(columns, pool, top) {
  const monitors = pool.children.filter((one) => one.kind === 'monitor');
  const members = pool.children.filter((one) => one.kind === 'member');
  return Math.max(placeColumn(columns.pool, [pool, ...monitors], top),
                  placeColumn(columns.member, members, top));
}

/* Returns the other listeners of the pools below a listener. */
function sharersOf(listener, links) {
  return links.filter(([, pool]) => pool.parent === listener).map(
    ([sharer]) => sharer);
}

function placeInColumns(vip, width, links) {
  const room = width - 2 * MARGIN - 3 * COLUMN_GAP;
  const columns = {};
  let x = MARGIN;
  for (const [kind, share] of Object.entries(SHARES)) {
    columns[kind] = { x, width: Math.floor(room * share) };
    x += columns[kind].width + COLUMN_GAP;
  }

  const bottom = placeColumn(columns.vip, [vip], MARGIN);
  const sharers = new Set(links.map(([sharer]) => sharer));
  let y = MARGIN;
  for (const child of vip.children.filter((one) => !sharers.has(one))) {
    let end = y;
    if (child.kind === 'listener') {
      end = placeColumn(columns.listener,
                        [child, ...sharersOf(child, links)], y);
      for (const pool of child.children) {
        end = Math.max(end, placePool(columns, pool, y));
      }
    } else {
      end = placePool(columns, child, y);
    }
    y = end + BLOCK_GAP;
  }
  return Math.max(bottom + BLOCK_GAP, y);
}

/* --- One below the other ------------------------------------------------- */

function placeIndented(vip, width) {
  let y = MARGIN / 2;
  for (const [one, depth] of walk(vip)) {
    const x = MARGIN / 2 + INDENT * depth;
    Object.assign(one, { x, y, width: width - x - MARGIN / 2 });
    y += one.height + GAP;
  }
  return y;
}

/* Returns { nodes, edges, height, isNarrow } for a box of that width.  Nodes
 * are in the order in which keys go through them. */
export function layOut(tree, width) {
  const { vip, links } = build(tree);
  const isNarrow = width < NARROW_PIXELS;
  const height = (isNarrow ? placeIndented : placeInColumns)(vip, width,
                                                             links);
  const nodes = [...walk(vip)].map(([one]) => one);
  const edges = nodes.filter((one) => one.parent).map(
    (one) => [one.parent, one]).concat(links);
  return { nodes, edges, height, isNarrow };
}
