/* The table of exchanges: filter, sort, waterfall, one row a line however many there are. */

const PHASES = ["connect", "tls", "send", "wait", "receive"];

const table = (() => {
  const ROW_HEIGHT = 28, ON_PAPER = 1000;
  const COLUMNS = [
    { key: "no", value: (row) => row[ROW.no] },
    { key: "method", value: (row) => row[ROW.method] || "" },
    { key: "url", value: (row) => row[ROW.url] || "" },
    { key: "status", value: (row) => row[ROW.status] || 0 },
    { key: "type", value: (row) => row[ROW.type] || "" },
    { key: "size", value: (row) => row[ROW.size] || 0, greatest: true },
    { key: "took", value: (row) => row[ROW.took] || 0, greatest: true },
    { key: "start", value: (row) => row[ROW.start] },
  ];
  const scroller = byId("grid"), body = byId("grid-body"), box = byId("filter");
  let order = core.rows.map((_, index) => index);
  let sort = { key: "no", falling: false };
  let chosen = null;
  let from = 0, span = 1;
  const haystacks = [];
  const list = new VirtualList(scroller, body, renderRow);

  /** What the free words of the filter are looked for in. */
  function haystack(index) {
    const row = core.rows[index];
    haystacks[index] ??= [row[ROW.method], row[ROW.url], row[ROW.status], row[ROW.reason], row[ROW.type],
      ...row[ROW.notes]].join(" ").toLowerCase();
    return haystacks[index];
  }

  const holds = (text, wanted) => (text || "").toLowerCase().includes(wanted);
  const NAMED = {
    method: (row, wanted) => (row[ROW.method] || "").toLowerCase() === wanted,
    status: (row, wanted) => {
      const status = row[ROW.status] === null ? "none" : String(row[ROW.status]);
      return /^\dxx$/.test(wanted) ? status.startsWith(wanted[0]) && status !== "none" : status === wanted;
    },
    type: (row, wanted) => holds(row[ROW.type], wanted),
    url: (row, wanted) => holds(row[ROW.url], wanted),
    stream: (row, wanted) => String(row[ROW.stream]) === wanted,
    no: (row, wanted) => String(row[ROW.no]) === wanted,
    note: (row, wanted) => row[ROW.notes].some((code) => wanted === "any" || code.includes(wanted)),
    slower: (row, wanted) => row[ROW.took] !== null && row[ROW.took] >= nanoseconds(wanted),
  };

  function nanoseconds(text) {
    const found = /^(\d+(?:\.\d+)?)(us|µs|ms|s)?$/.exec(text);
    if (!found) return Infinity;
    return Number(found[1]) * { us: 1e3, "µs": 1e3, ms: 1e6, s: 1e9 }[found[2] || "ms"];
  }

  /** The filter's words as tests; all of them must hold. */
  function tests(text) {
    return text.toLowerCase().split(/\s+/).filter(Boolean).map((part) => {
      const not = part.length > 1 && part.startsWith("-");
      const plain = not ? part.slice(1) : part;
      const colon = plain.indexOf(":");
      const named = colon > 0 && Object.hasOwn(NAMED, plain.slice(0, colon)) ? NAMED[plain.slice(0, colon)] : null;
      const wanted = plain.slice(colon + 1);
      if (named && !wanted) return () => true;
      const test = named
        ? (index) => named(core.rows[index], wanted)
        : (index) => haystack(index).includes(plain);
      return not ? (index) => !test(index) : test;
    });
  }

  function apply() {
    const all = tests(box.value);
    order = [];
    for (let index = 0; index < core.rows.length; index += 1) {
      if (all.every((test) => test(index))) order.push(index);
    }
    const column = COLUMNS.find((one) => one.key === sort.key);
    if (sort.key !== "no" || sort.falling) {
      const values = core.rows.map(column.value), way = sort.falling ? -1 : 1;
      order.sort((a, b) => (values[a] < values[b] ? -way : values[a] > values[b] ? way : a - b));
    }
    from = Infinity;
    let until = 0;
    for (const index of order) {
      const row = core.rows[index];
      from = Math.min(from, begin(row));
      until = Math.max(until, end(row));
    }
    if (from === Infinity) from = 0;
    span = Math.max(1, until - from);
    scroller.setAttribute("aria-rowcount", String(order.length + 1));
    list.reset(order.length, ROW_HEIGHT);
    byId("shown").textContent = order.length === core.rows.length
      ? word("exchanges", { count: order.length })
      : word("someExchanges", { count: order.length, all: core.rows.length });
    byId("nothing").hidden = order.length > 0 || core.rows.length === 0;
    drawHead();
    point();
  }

  const begin = (row) => row[ROW.start] - (row[ROW.connect] || 0) - (row[ROW.tls] || 0);
  const end = (row) => row[ROW.start] + Math.max(row[ROW.took] || 0, (row[ROW.send] || 0) + (row[ROW.wait] || 0));

  function drawHead() {
    const cells = COLUMNS.map((column) => {
      const is = sort.key === column.key;
      const button = make("button", { type: "button", onclick: () => turn(column) }, word(`column.${column.key}`),
        make("span", { class: "sorted", "aria-hidden": "true" }, is ? (sort.falling ? " ▾" : " ▴") : ""));
      const way = is ? (sort.falling ? "descending" : "ascending") : "none";
      return make("div", { role: "columnheader", class: `c-${column.key}`, "aria-sort": way }, button);
    });
    const focused = [...byId("grid-head").querySelectorAll("button")].indexOf(document.activeElement);
    byId("grid-head").replaceChildren(...cells);
    if (focused >= 0) byId("grid-head").querySelectorAll("button")[focused].focus();
  }

  function turn(column) {
    const same = sort.key === column.key;
    sort = { key: column.key, falling: same ? !sort.falling : Boolean(column.greatest) };
    apply();
    announce(word(sort.falling ? "sortedDown" : "sortedUp", { column: word(`column.${column.key}`) }));
  }

  function statusCell(row) {
    const status = row[ROW.status];
    if (status === null) return make("span", { class: "none" }, "–");
    return make("span", { class: `status s${Math.floor(status / 100)}`, title: row[ROW.reason] }, String(status));
  }

  function waterfall(row) {
    const bars = [];
    let at = begin(row);
    for (const phase of PHASES) {
      const ns = row[ROW[phase]];
      if (!ns) continue;
      const bar = make("i", { class: `p-${phase}` });
      bar.style.left = `${((at - from) / span) * 100}%`;
      bar.style.width = `max(2px, ${(ns / span) * 100}%)`;
      bars.push(bar);
      at += ns;
    }
    if (!bars.length) {
      const bar = make("i", { class: "p-receive" });
      bar.style.left = `${((row[ROW.start] - from) / span) * 100}%`;
      bar.style.width = "2px";
      bars.push(bar);
    }
    const told = PHASES.filter((phase) => row[ROW[phase]] !== null)
      .map((phase) => `${word(`phase.${phase}`)} ${duration(row[ROW[phase]])}`).join(" · ");
    return make("div", { class: "waterfall", role: "img", "aria-label": told, title: told }, bars);
  }

  function renderRow(index) {
    const row = core.rows[order[index]];
    const cell = (key, ...content) => make("div", { role: "gridcell", class: `c-${key}` }, ...content);
    const marked = row[ROW.notes].length > 0;
    const url = row[ROW.url] === null ? word("noRequest") : row[ROW.url];
    const element = make("div", {
      role: "row", id: `x${row[ROW.no]}`, "aria-rowindex": index + 2, "aria-selected": String(row[ROW.no] === chosen),
      class: "row", onclick: () => select(row[ROW.no]),
    },
      cell("no", String(row[ROW.no]), marked ? make("span", { class: "mark", title: row[ROW.notes].join(", ") }, "!") : ""),
      cell("method", row[ROW.method] || "–"),
      cell("url", make("span", { title: url }, url.replace(/^http:\/\//, ""))),
      cell("status", statusCell(row)),
      cell("type", row[ROW.type] || "–"),
      cell("size", size(row[ROW.size])),
      cell("took", duration(row[ROW.took])),
      cell("start", waterfall(row)));
    return element;
  }

  function select(no) {
    page.exchange(no);
  }

  /** Where the keyboard stands among the rows. */
  const place = () => order.findIndex((index) => core.rows[index][ROW.no] === chosen);

  /** Tell assistive technology which row is meant. */
  function point() {
    const element = chosen === null ? null : byId(`x${chosen}`);
    if (element) scroller.setAttribute("aria-activedescendant", element.id);
    else scroller.removeAttribute("aria-activedescendant");
  }

  /** Mark an exchange as the one that is shown. */
  function mark(no, reveal = true) {
    chosen = no;
    for (const element of list.shown.values()) {
      element.setAttribute("aria-selected", String(element.id === `x${no}`));
    }
    const index = place();
    if (reveal && index >= 0) list.reveal(index);
    point();
  }

  scroller.addEventListener("keydown", (event) => {
    const rows = Math.max(1, Math.floor(scroller.clientHeight / ROW_HEIGHT) - 1);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: rows, PageUp: -rows, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || !order.length) {
      if (event.key === "Enter" && chosen !== null) byId("tab-headers").focus();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const here = place();
    const next = here < 0 ? 0 : Math.max(0, Math.min(order.length - 1, here + step));
    select(core.rows[order[next]][ROW.no]);
  });

  let waiting = 0;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      apply();
      announce(byId("shown").textContent);
    }, core.rows.length > 5000 ? 120 : 30);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box.value) {
      box.value = "";
      apply();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      scroller.focus();
      event.preventDefault();
    }
  });

  return {
    apply, mark,
    filter(text) {
      box.value = text;
      apply();
    },
    paper(on) {
      list.all = on ? ON_PAPER : false;
      list.refresh();
    },
    first: () => (order.length ? core.rows[order[0]][ROW.no] : null),
  };
})();
