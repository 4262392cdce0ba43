/* SPDX-License-Identifier: Apache-2.0
 *
 * A long list, of which only the rows in sight are elements: these are filled
 * anew while the list is scrolled.
 */

import { beforeNextFrame, make, mark, put } from './dom.js';
import { signOf, wordsOf } from './states.js';

const ROW_PIXELS = 48;          /* As in ui.css. */
const SPARE_ROWS = 6;           /* Above and below. */

function makeRow() {
  const row = make('div', { class: 'row', role: 'option' });
  for (const part of ['sign', 'name', 'status', 'place']) {
    row.append(make('span', { class: part }));
  }
  row.firstChild.setAttribute('aria-hidden', 'true');
  return row;
}

function addressesOf(lb) {
  return [lb.vip_address, ...(lb.additional_vips ?? []).map(
    (vip) => vip.ip_address)].filter(Boolean).join(', ');
}

export class Rows {
  #box;
  #canvas = make('div', { class: 'canvas' });
  #elements = [];
  #rows = [];
  #open;

  /* 'open' is called with the row that the user wants to see. */
  constructor(box, open) {
    this.#box = box;
    this.#open = open;
    this.selected = null;       /* Its id. */
    this.draw = beforeNextFrame(() => this.#draw());
    box.append(this.#canvas);
    box.addEventListener('scroll', this.draw, { passive: true });
    box.addEventListener('keydown', (event) => this.#press(event));
    this.#canvas.addEventListener('click', (event) => {
      const row = event.target.closest('.row');
      const lb = row && this.#rows[Number(row.dataset.index)];
      if (lb) {
        this.select(lb.id);
        this.#open(lb.id);
      }
    });
    new ResizeObserver(this.draw).observe(box);
  }

  show(rows) {
    this.#rows = rows;
    this.draw();
  }

  select(id) {
    this.selected = id;
    this.draw();
  }

  #fill(element, lb, index) {
    const [sign, name, status, place] = element.children;
    const isSelected = lb.id === this.selected;

    element.dataset.index = index;
    mark(element, 'id', `row-${index}`);
    mark(element, 'class', `row ${lb.state}${isSelected ? ' selected' : ''}`);
    mark(element, 'aria-selected', String(isSelected));
    mark(element, 'aria-posinset', String(index + 1));
    mark(element, 'aria-setsize', String(this.#rows.length));
    element.style.transform = `translateY(${index * ROW_PIXELS}px)`;
    element.hidden = false;
    put(sign, signOf(lb.state));
    put(name, lb.name || lb.id);
    put(status, wordsOf(lb));
    put(place, `${addressesOf(lb)} · ${lb.project_id ?? ''}`);
    if (isSelected) {
      this.#box.setAttribute('aria-activedescendant', element.id);
    }
  }

  #draw() {
    const { scrollTop, clientHeight } = this.#box;
    const n = Math.ceil(clientHeight / ROW_PIXELS) + 2 * SPARE_ROWS;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PIXELS)
                              - SPARE_ROWS);

    this.#canvas.style.height = `${this.#rows.length * ROW_PIXELS}px`;
    while (this.#elements.length < n) {
      const element = makeRow();
      this.#elements.push(element);
      this.#canvas.append(element);
    }
    while (this.#elements.length > n) {
      this.#elements.pop().remove();
    }
    this.#box.removeAttribute('aria-activedescendant');
    for (let i = first; i < first + n; i++) {
      const element = this.#elements[i % n];
      if (i < this.#rows.length) {
        this.#fill(element, this.#rows[i], i);
      } else {
        element.hidden = true;
        element.removeAttribute('id');
      }
    }
  }

  /* --- Keys -------------------------------------------------------------- */

  #scrollTo(index) {
    const top = index * ROW_PIXELS;
    const box = this.#box;

    if (top < box.scrollTop) {
      box.scrollTop = top;
    } else if (top + ROW_PIXELS > box.scrollTop + box.clientHeight) {
      box.scrollTop = top + ROW_PIXELS - box.clientHeight;
    }
  }

  #press(event) {
    const page = Math.max(1, Math.floor(this.#box.clientHeight / ROW_PIXELS)
                             - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page,
                    PageUp: -page, Home: -Infinity, End: Infinity };
    const at = this.#rows.findIndex((lb) => lb.id === this.selected);

    if (event.key === 'Enter' && at >= 0) {
      this.#open(this.selected);
    } else if (event.key in steps && this.#rows.length) {
      const wanted = at < 0 && steps[event.key] === 1 ? 0
        : Math.max(at, 0) + steps[event.key];
      const index = Math.max(0, Math.min(this.#rows.length - 1, wanted));
      this.select(this.#rows[index].id);
      this.#scrollTo(index);
    } else {
      return;
    }
    event.preventDefault();
  }
}
