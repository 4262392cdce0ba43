/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes elements.  Text that came from users is only ever set as text, never
 * as markup: the browser refuses everything else (see src/api/ui.c).
 */

const SVG = 'http://www.w3.org/2000/svg';

/* Returns the element of index.html that has the id. */
export function byId(id) {
  return document.getElementById(id);
}

/* Returns a new element.  Children are elements or texts. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function makeSvg(tag, attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  return element;
}

/* Sets a text, if it is another one: the browser has nothing to do then. */
export function put(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/* Sets an attribute in the same way; null removes it. */
export function mark(element, name, value) {
  if (value === null) {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

/* Calls 'work' once before the next picture, however often it is asked. */
export function beforeNextFrame(work) {
  let isAsked = false;
  return () => {
    if (!isAsked) {
      isAsked = true;
      requestAnimationFrame(() => {
        isAsked = false;
        work();
      });
    }
  };
}

/* Resolves after so many milliseconds, or earlier if 'signal' aborts. */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

/* Resolves when the page can be seen: one that cannot asks nothing. */
export function visible() {
  return new Promise((resolve) => {
    const look = () => {
      if (!document.hidden) {
        document.removeEventListener('visibilitychange', look);
        resolve();
      }
    };
    document.addEventListener('visibilitychange', look);
    look();
  });
}
