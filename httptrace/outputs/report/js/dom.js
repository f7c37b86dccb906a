/* Elements made without markup: text from a capture only ever becomes a text node. */

/** An element: `make("td", {class: "no", onclick: …}, "text", child)`. */
function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

const SVG = "http://www.w3.org/2000/svg";

/** An element of SVG. */
function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const byId = (id) => document.getElementById(id);

/** Elements with data-word, and attributes named in data-words, take their texts in the language of the moment. */
function translate(root = document) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of root.querySelectorAll("[data-words]")) {
    for (const pair of element.dataset.words.split(" ")) {
      const [attribute, key] = pair.split("=");
      element.setAttribute(attribute, word(key));
    }
  }
}

/** Say something to who listens instead of looking. */
function announce(text) {
  byId("live").textContent = text;
}

/** A list of which only the visible part is in the page. `heights`: a number, or a function of the index. */
class VirtualList {
  constructor(scroller, body, render) {
    this.scroller = scroller;
    this.body = body;
    this.render = render;
    this.count = 0;
    this.tops = null;
    this.height = 0;
    this.all = false;
    this.shown = new Map();
    scroller.addEventListener("scroll", () => this.update(), { passive: true });
    new ResizeObserver(() => this.update()).observe(scroller);
  }

  /** So many items; each `height` high, or as high as height(index) says. */
  reset(count, height) {
    this.count = count;
    this.tops = null;
    if (typeof height === "number") this.height = height;
    else {
      this.tops = new Float64Array(count + 1);
      for (let i = 0; i < count; i += 1) this.tops[i + 1] = this.tops[i] + height(i);
    }
    this.refresh();
  }

  top(index) {
    return this.tops ? this.tops[index] : index * this.height;
  }

  at(y) {
    if (!this.tops) return Math.floor(y / this.height);
    let low = 0, high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] <= y) low = middle + 1; else high = middle;
    }
    return low;
  }

  /** Draw everything anew. */
  refresh() {
    for (const element of this.shown.values()) element.remove();
    this.shown.clear();
    this.body.style.height = `${this.top(this.count)}px`;
    this.update();
  }

  /** Draw what is in sight. With `all` (on paper) that is everything, up to so many. */
  update() {
    const above = 240;
    let first = Math.max(0, this.at(Math.max(0, this.scroller.scrollTop - above)));
    let last = Math.min(this.count, this.at(this.scroller.scrollTop + this.scroller.clientHeight + above) + 1);
    if (this.all) [first, last] = [0, Math.min(this.count, this.all)];
    for (const [index, element] of this.shown) {
      if (index < first || index >= last) {
        element.remove();
        this.shown.delete(index);
      }
    }
    let before = null;
    for (let index = last - 1; index >= first; index -= 1) {
      let element = this.shown.get(index);
      if (!element) {
        element = this.render(index);
        element.style.top = `${this.top(index)}px`;
        this.shown.set(index, element);
        this.body.insertBefore(element, before);
      }
      before = element;
    }
  }

  /** Bring an item into sight. */
  reveal(index, margin = 0) {
    const top = this.top(index) - margin, bottom = this.top(index + 1) + margin;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = Math.max(0, top);
    else if (bottom > scrollTop + clientHeight) this.scroller.scrollTop = bottom - clientHeight;
    this.update();
  }
}

/** Tabs by the pattern of ARIA: arrows move between them, only the chosen one is in the tab order. */
function tabs(list, chosen) {
  const buttons = [...list.querySelectorAll("[role=tab]")];
  const choose = (button, focus = false) => {
    for (const one of buttons) {
      const is = one === button;
      one.setAttribute("aria-selected", String(is));
      one.tabIndex = is ? 0 : -1;
      const panel = byId(one.getAttribute("aria-controls"));
      if (panel && panel.getAttribute("aria-labelledby") === one.id) panel.hidden = !is;
    }
    if (focus) button.focus();
    chosen(button.id);
  };
  for (const button of buttons) button.addEventListener("click", () => choose(button));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const here = buttons.indexOf(document.activeElement);
    if (!step || here < 0) return;
    choose(buttons[(here + step + buttons.length) % buttons.length], true);
    event.preventDefault();
    event.stopPropagation();
  });
  return (id) => choose(byId(id));
}
