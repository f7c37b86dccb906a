/* One exchange: its heads with every field explained, its bodies as what they are, its timing and notes. */

const detail = (() => {
  let shown = null; // the exchange's detail, or null where the report has none
  let row = null;

  /** The places of the header fields in a message's head as it was sent: [low, high) for each field, by its order. */
  function fieldPlaces(message) {
    const piece = message.sent && message.sent.pieces[0];
    if (!piece || piece[0] !== 0) return [];
    const head = atob(piece[1]).slice(0, message.head);
    if (head.length < message.head) return [];
    const places = [];
    let at = head.indexOf("\n") + 1;
    while (at > 0 && at < head.length) {
      const end = head.indexOf("\n", at) + 1 || head.length;
      if (/^\r?\n?$/.test(head.slice(at, end))) break;
      if (/^[ \t]/.test(head[at]) && places.length) places[places.length - 1][1] = end;
      else places.push([at, end]);
      at = end;
    }
    return places.length === message.headers.length + message.more ? places : [];
  }

  /** What lights the packets of a part of a message while the mouse or the keyboard is on it. */
  function lighting(element, kind, low, high) {
    const ladder = view.ladder, at = spanOf(ladder, shown.no, kind);
    if (at < 0) return element;
    const on = () => view.light(carriers(ladder, at, low, high));
    element.addEventListener("mouseenter", on);
    element.addEventListener("focusin", on);
    element.addEventListener("mouseleave", () => page.relight());
    element.dataset.span = kind;
    element.dataset.low = low;
    element.dataset.high = high;
    return element;
  }

  function fields(message, kind) {
    const places = fieldPlaces(message);
    const rows = message.headers.map(([name, value], index) => {
      const gloss = term("field", name);
      const element = make("tr", {},
        make("th", { scope: "row" }, explained("field", name)),
        make("td", { class: "value" }, value),
        make("td", { class: "gloss" }, gloss ? gloss.title : ""));
      return places[index] ? lighting(element, kind, places[index][0], places[index][1]) : element;
    });
    const table_ = make("table", { class: "fields" }, make("tbody", {}, rows));
    const more = message.more ? make("p", { class: "dim" }, word("moreFields", { count: message.more })) : "";
    return [table_, more];
  }

  function heading(text, message) {
    const packets = message
      ? make("small", {}, message.first === message.last ? ` No${message.first}` : ` No${message.first}–No${message.last}`)
      : "";
    return make("h3", {}, text, packets);
  }

  function startLine(message, kind, isRequest) {
    const line = message.line || word(message.version === "HTTP/0.9" ? "bareBody" : "noStatusLine");
    const parts = [];
    if (isRequest && message.method && line.startsWith(message.method)) {
      parts.push(explained("method", message.method), line.slice(message.method.length));
    } else if (!isRequest && message.status) {
      const at = line.indexOf(` ${message.status}`) + 1;
      parts.push(line.slice(0, at), explained("status", String(message.status)), line.slice(at + 3));
    } else parts.push(line);
    const status = !isRequest && message.status ? term("status", String(message.status)) : null;
    const element = make("p", { class: "start-line", tabindex: -1 }, make("code", {}, parts),
      status && !line.endsWith(status.title) ? make("span", { class: "gloss" }, ` ${status.title}`) : "");
    const places = fieldPlaces(message);
    return lighting(element, kind, 0, places.length ? places[0][0] : message.head);
  }

  function head(message, kind, title, isRequest) {
    if (!message) return [heading(title, null), make("p", { class: "dim" }, word("notCaptured"))];
    const found = [heading(title, message), startLine(message, kind, isRequest), ...fields(message, kind)];
    if (message.url) found.splice(2, 0, make("p", { class: "dim url" }, message.url));
    if (message.trailers.length) {
      found.push(make("h4", {}, word("trailers")), ...fields({ ...message, headers: message.trailers, more: 0, sent: null }, kind));
    }
    return found;
  }

  function headers() {
    const parts = [...head(shown.request, "request", word("request"), true)];
    for (const one of shown.informational) parts.push(...head(one, "informational", word("interim"), false));
    parts.push(...head(shown.response, "response", word("response"), false));
    return parts;
  }

  /** How long a body is, how that was known, how it was coded. */
  function bodyFacts(message) {
    const facts = [];
    if (message.framing === "none") return [word("noBody")];
    facts.push(word("bytes", { count: message.size }));
    if (message.framing === "length") facts.push(word("byLength"));
    if (message.framing === "chunked") facts.push(word("byChunks", { count: message.chunks }));
    if (message.framing === "close") facts.push(word("byClose"));
    if (message.declared !== undefined) facts.push(word("declared", { count: message.declared }));
    if (message.encoding && message.size) facts.push(word("coded", { coding: message.encoding, count: message.decoded }));
    if (message.incomplete) facts.push(word("incomplete"));
    return facts;
  }

  function section(one) {
    if (one.text !== undefined) return make("pre", { class: "text", tabindex: 0 }, colours(one.text, one.language));
    if (one.hex) return make("pre", { class: "hex" }, one.hex.join("\n"));
    if (one.columns) {
      return make("div", { class: "wide" }, make("table", {},
        make("thead", {}, make("tr", {}, one.columns[language].map((name) => make("th", { scope: "col" }, name)))),
        make("tbody", {}, one.rows.map((cells) => make("tr", {}, cells.map((cell) => make("td", {}, cell)))))));
    }
    return make("dl", { class: "facts" }, one.pairs[language].flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  }

  function picture(one, type) {
    const image = make("img", { alt: word("pictureOf", { type, width: one.width, height: one.height }) });
    image.src = `data:${one.type};base64,${one.data}`;
    return make("figure", {}, image, make("figcaption", {}, `${one.type} · ${one.width} × ${one.height}`));
  }

  function body(message, kind, title) {
    if (!message || (message.framing === "none" && kind === "request")) return [];
    const facts = lighting(make("p", { class: "facts", tabindex: 0 }, bodyFacts(message).join(" · ")), kind,
      message.head, Number.MAX_SAFE_INTEGER);
    const found = [heading(title, message), facts];
    const content = message.body;
    if (content && content.picture) found.push(picture(content.picture, content.picture.type));
    if (content) {
      found.push(...content.sections.map(section));
      if (content.cut || content.kept < content.total) {
        found.push(make("p", { class: "bound" }, word("bodyCut", { kept: content.kept, total: content.total })));
      }
    } else if (message.size && message.framing !== "none") {
      found.push(make("p", { class: "bound" }, word("bodyLeftOut", { no: shown.no })));
    }
    if (message.sha256) found.push(make("p", { class: "dim hash" }, `SHA-256 ${message.sha256}`));
    return found;
  }

  function bodies() {
    const found = [...body(shown.response, "response", word("responseBody")), ...body(shown.request, "request", word("requestBody"))];
    return found.length ? found : [make("p", { class: "dim" }, word("noBody"))];
  }

  function timing() {
    const known = PHASES.filter((phase) => row[ROW[phase]] !== null);
    const total = known.reduce((sum, phase) => sum + row[ROW[phase]], 0);
    let before = 0;
    const rows = known.map((phase) => {
      const ns = row[ROW[phase]];
      const bar = make("i", { class: `p-${phase}` });
      bar.style.left = `${total ? (before / total) * 100 : 0}%`;
      bar.style.width = total ? `max(1px, ${(ns / total) * 100}%)` : "0";
      before += ns;
      return make("tr", {}, make("th", { scope: "row" }, word(`phase.${phase}`)), make("td", { class: "number" }, duration(ns)),
        make("td", { class: "bar" }, make("span", { class: "waterfall", "aria-hidden": "true" }, bar)),
        make("td", { class: "gloss" }, word(`phase.${phase}.what`)));
    });
    const found = [make("h3", {}, word("timing")),
      rows.length ? make("table", { class: "phases" }, make("tbody", {}, rows)) : make("p", { class: "dim" }, word("noTiming"))];
    const notes_ = shown ? shown.notes : [];
    found.push(make("h3", {}, word("notes")));
    if (!notes_.length) found.push(make("p", { class: "dim" }, word("noNotes")));
    else found.push(make("ul", { class: "notes" }, notes_.map(noteLine)));
    return found;
  }

  function noteLine([code, packet, ...texts]) {
    return make("li", {}, explained("note", code), " · ",
      make("button", { type: "button", class: "link", onclick: () => page.packet(packet) }, `No${packet}`), " · ", texts[language]);
  }

  function draw_() {
    const title = byId("detail-title");
    if (row === null) {
      title.textContent = word("noExchange");
      for (const id of ["headers", "body", "bytes", "timing"]) byId(`panel-${id}`).replaceChildren();
      byId("panel-headers").replaceChildren(...(core.rows.length ? [] : core.silence[language]).map((text) => make("p", {}, text)));
      byId("detail-tabs").hidden = true;
      return;
    }
    byId("detail-tabs").hidden = false;
    title.replaceChildren(word("exchangeTitle", { no: row[ROW.no] }), " ",
      make("small", {}, `${row[ROW.method] || "–"} → ${row[ROW.status] ?? "–"}`));
    if (!shown) {
      const bound = make("p", { class: "bound" }, word("detailLeftOut", { no: row[ROW.no] }));
      byId("panel-headers").replaceChildren(bound);
      byId("panel-body").replaceChildren(bound.cloneNode(true));
      byId("panel-bytes").replaceChildren(bound.cloneNode(true));
    } else {
      byId("panel-headers").replaceChildren(...headers());
      byId("panel-body").replaceChildren(...bodies());
      bytes.open(shown);
    }
    byId("panel-timing").replaceChildren(...timing());
  }

  return {
    get shown() { return shown; },
    /** Show an exchange; null for none. */
    open(no) {
      row = no === null ? null : core.rows[rowByNumber.get(no)];
      shown = no === null ? null : detailOf(no);
      draw_();
    },
    redraw: draw_,
    /** Mark the header fields whose bytes a packet carried. */
    mark(ranges) {
      for (const element of byId("panel-headers").querySelectorAll("[data-span]")) {
        const low = Number(element.dataset.low), high = Number(element.dataset.high);
        element.classList.toggle("lit", ranges.some(([kind, from, to]) => kind === element.dataset.span && from < high && to > low));
      }
    },
  };
})();
