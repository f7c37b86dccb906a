/* Connections, notes and numbers of the whole capture. */

const overview = (() => {
  function connectionRow(row) {
    const stream = row[CONNECTION.stream];
    const trouble = row[CONNECTION.again] || row[CONNECTION.missing];
    const cell = (...content) => make("td", { class: "number" }, ...content);
    const amount = (value) => (value ? number(value) : "–");
    return make("tr", { "data-stream": stream, class: trouble ? "troubled" : "" },
      make("th", { scope: "row" }, make("button", { type: "button", class: "link", onclick: () => page.connection(stream) }, String(stream))),
      make("td", {}, row[CONNECTION.client]), make("td", {}, row[CONNECTION.server], row[CONNECTION.name] ? ` ${row[CONNECTION.name]}` : ""),
      make("td", {}, row[CONNECTION.application]), cell(number(row[CONNECTION.exchanges])), cell(number(row[CONNECTION.packets])),
      cell(size(row[CONNECTION.clientBytes])), cell(size(row[CONNECTION.serverBytes])), cell(duration(row[CONNECTION.rtt])),
      cell(amount(row[CONNECTION.again])), cell(amount(row[CONNECTION.missing])),
      make("td", {}, row[CONNECTION.handshake] === "refused" ? word("close.refused") : word(`close.${row[CONNECTION.close]}`)));
  }

  function connections() {
    const most = 2000;
    byId("connections-body").replaceChildren(...core.connections.slice(0, most).map(connectionRow));
    const hidden = core.connections.length - most + core.bounds.connectionsLeftOut;
    byId("connections-more").textContent = core.connections.length > most || core.bounds.connectionsLeftOut
      ? word("moreConnections", { count: Math.max(hidden, core.bounds.connectionsLeftOut) }) : "";
  }

  function notes() {
    const panel = byId("panel-notes");
    const parts = [];
    if (core.bounds.said[language].length) {
      parts.push(make("h3", {}, word("bounds")), make("ul", {}, core.bounds.said[language].map((text) => make("li", {}, text))));
    }
    if (!core.rows.length) parts.push(make("h3", {}, word("noHttp")), make("ul", {}, core.silence[language].map((text) => make("li", {}, text))));
    const byCode = new Map();
    for (const note of core.notes) {
      if (!byCode.has(note[1])) byCode.set(note[1], []);
      byCode.get(note[1]).push(note);
    }
    for (const [code, list] of byCode) {
      const means = term("note", code);
      parts.push(make("h3", {}, explained("note", code), make("small", {}, ` ${number(list.length)}`)));
      if (means) parts.push(make("p", { class: "dim" }, means.title));
      parts.push(make("ul", { class: "notes" }, list.slice(0, 100).map(([no, , packet, ...texts]) => make("li", {},
        make("button", { type: "button", class: "link", onclick: () => page.exchange(no) }, word("exchangeTitle", { no })), " · ",
        make("button", { type: "button", class: "link", onclick: () => { page.exchange(no); page.packet(packet); } }, `No${packet}`),
        ` · ${texts[language]}`))));
      if (list.length > 100) {
        parts.push(make("button", { type: "button", class: "link", onclick: () => page.filter(`note:${code}`) }, word("allOfCode", { count: list.length })));
      }
    }
    if (!parts.length) parts.push(make("p", { class: "dim" }, word("noNotes")));
    panel.replaceChildren(...parts);
  }

  function bars(title, counts, key) {
    const most = Math.max(1, ...counts.map((one) => one[1]));
    const rows = counts.map(([name, count]) => {
      const bar = make("i", { "aria-hidden": "true" });
      bar.style.width = `${(count / most) * 100}%`;
      const text = name === null ? word("others") : name || word("nothing");
      const shown = key && name ? make("button", { type: "button", class: "link", onclick: () => page.filter(`${key}:${name}`) }, text) : text;
      return make("tr", {}, make("th", { scope: "row" }, key === "status" ? explainedBeside(name, shown) : shown),
        make("td", { class: "number" }, number(count)), make("td", { class: "bar" }, bar));
    });
    return counts.length ? make("section", { class: "card" }, make("h3", {}, title), make("table", {}, make("tbody", {}, rows))) : "";
  }

  function explainedBeside(status, shown) {
    const means = term("status", status);
    return means ? [shown, make("span", { class: "dim" }, ` ${means.title}`)] : [shown];
  }

  function links(title, list, form) {
    if (!list.length) return "";
    return make("section", { class: "card" }, make("h3", {}, title), make("table", {}, make("tbody", {}, list.map(([no, value]) => {
      const row = core.rows[rowByNumber.get(no)];
      return make("tr", {}, make("th", { scope: "row" }, row
        ? make("button", { type: "button", class: "link", onclick: () => page.exchange(no) }, `${no} ${row[ROW.method] || ""} ${(row[ROW.url] || "").replace(/^http:\/\//, "").slice(0, 60)}`)
        : String(no)), make("td", { class: "number" }, form(value)));
    }))));
  }

  function statistics() {
    const all = core.statistics;
    const facts = [
      ["packets", number(core.capture.packets)], ["tcpPackets", number(core.capture.tcp)], ["connections", number(all.connections)],
      ["exchangesName", number(all.exchanges)], ["unanswered", number(all.unanswered)], ["lasted", duration(all.duration)],
      ["median", duration(all.median)], ["slow", duration(all.slow)], ["requestBytes", size(all.requestBytes)],
      ["responseBytes", size(all.responseBytes)], ["again", number(all.retransmissions)], ["outOfOrder", number(all.outOfOrder)],
      ["missing", number(all.missing)], ["missingAcked", number(all.missingAcked)],
    ];
    byId("panel-statistics").replaceChildren(make("div", { class: "cards" },
      make("section", { class: "card" }, make("h3", {}, word("inNumbers")), make("dl", { class: "facts" },
        facts.flatMap(([key, value]) => [make("dt", {}, word(`fact.${key}`)), make("dd", {}, value)]))),
      bars(word("statuses"), all.statuses, "status"), bars(word("methods"), all.methods, "method"), bars(word("types"), all.types, "type"),
      bars(word("hosts"), all.hosts, "url"), bars(word("spoken"), all.spoken), bars(word("ports"), all.ports),
      links(word("slowest"), all.slowest, duration), links(word("largest"), all.largest, size)));
  }

  const PANELS = { "tab-connections": connections, "tab-notes": notes, "tab-statistics": statistics };
  let stale = new Set(Object.keys(PANELS));
  let chosen = "tab-exchanges";
  let marked = null;

  function mark(stream = marked) {
    marked = stream;
    for (const row of byId("connections-body").children) row.classList.toggle("chosen", row.dataset.stream === String(stream));
  }

  /** A tab was chosen: its panel is drawn when it is first looked at. */
  function show(tab) {
    chosen = tab;
    if (!stale.delete(tab)) return;
    PANELS[tab]();
    mark();
  }

  return {
    mark, show,
    /** The language is another, or the page begins. */
    draw() {
      stale = new Set(Object.keys(PANELS));
      show(chosen);
      byId("count-exchanges").textContent = number(core.rows.length);
      byId("count-connections").textContent = number(core.connections.length);
      byId("count-notes").textContent = number(core.notes.length);
    },
  };
})();
