/* What keeps the panes in step: which exchange, which connection, which packet. Then keys, language, theme, paper. */

const page = (() => {
  let exchangeNo = null;
  let stream = null;

  function openStream(wanted) {
    if (wanted === stream) return;
    stream = wanted;
    stepper.stop();
    view.open(stream);
    const row = connectionByNumber.get(stream);
    byId("ladder-title").textContent = word("streamTitle", { stream });
    byId("ladder-ends").textContent = row ? `${row[CONNECTION.client]} → ${row[CONNECTION.server]}` : "";
    overview.mark(stream);
  }

  /** The messages of the current packet that belong to the exchange that is shown. */
  function ranges() {
    const ladder = view.ladder;
    if (!ladder || view.current < 0) return [];
    return (ladder.carriedBy.get(view.current) || []).filter((entry) => ladder.spans[entry[1]][0] === exchangeNo)
      .map((entry) => [ladder.spans[entry[1]][1], entry[2], entry[3]]);
  }

  function remember() {
    const parts = [];
    if (exchangeNo !== null) parts.push(`exchange=${exchangeNo}`);
    else if (stream !== null) parts.push(`stream=${stream}`);
    if (view.ladder && view.current >= 0) parts.push(`packet=${view.ladder.packets[view.current][PACKET.no]}`);
    try {
      history.replaceState(null, "", `#${parts.join("&")}`);
    } catch {
      // a page opened from some mail programs has no address of its own
    }
  }

  const self = {
    /** Show an exchange, its connection, and the packet that begins it. */
    exchange(no, step = true) {
      if (!rowByNumber.has(no)) return;
      exchangeNo = no;
      const row = core.rows[rowByNumber.get(no)];
      openStream(row[ROW.stream]);
      detail.open(no);
      table.mark(no);
      if (step && view.ladder) {
        const ladder = view.ladder;
        const at = Math.max(spanOf(ladder, no, "request"), -1) >= 0 ? spanOf(ladder, no, "request") : spanOf(ladder, no, "response");
        const first = (ladder.carriersOf.get(at) || []).find((entry) => !entry[4]);
        if (first) self.step(first[0], false);
        else if (view.current < 0) self.step(0, false);
        else stepper.show();
      } else stepper.show();
      remember();
    },
    /** Show a connection; its first exchange where it has one. */
    connection(wanted) {
      openStream(wanted);
      const row = core.rows.find((one) => one[ROW.stream] === wanted);
      exchangeNo = row ? row[ROW.no] : null;
      detail.open(exchangeNo);
      table.mark(exchangeNo);
      if (view.ladder) self.step(0, false);
      else stepper.show();
      remember();
    },
    /** Make a packet of the ladder the current one; the exchange it carries comes along. */
    step(index, follow = true) {
      const ladder = view.ladder;
      if (!ladder || index < 0 || index >= ladder.packets.length) return;
      bytes.unpin();
      view.go(index);
      if (follow) {
        const carried = (ladder.carriedBy.get(index) || []).map((entry) => ladder.spans[entry[1]][0]);
        if (carried.length && !carried.includes(exchangeNo) && rowByNumber.has(carried[0])) self.exchange(carried[0], false);
      }
      stepper.show();
      view.reveal(); // what is told may have taken room from the ladder
      self.relight(true);
      remember();
    },
    /** Make the packet of that number the current one, where the ladder has it. */
    packet(no) {
      const index = view.ladder ? view.ladder.packets.findIndex((packet) => packet[PACKET.no] === no) : -1;
      if (index >= 0) self.step(index);
    },
    /** Show the bytes of a message that a packet carried. */
    bytesOf(placed, low, high) {
      if (placed[0] !== exchangeNo) self.exchange(placed[0], false);
      chooseDetail("tab-bytes");
      bytes.choose(placed[1], low, high);
    },
    /** Light what the current packet carried, unless the reader chose a part of a message. */
    relight(follow = false) {
      view.light(null);
      detail.mark(ranges());
      bytes.ofPacket(view.current, follow);
    },
    filter(text) {
      chooseList("tab-exchanges");
      table.filter(text);
      byId("filter").focus();
    },
  };

  function speak(to) {
    language = to;
    document.documentElement.lang = core.languages[to] === "zh" ? "zh-Hans" : core.languages[to];
    translate();
    document.title = word("title", { file: core.file });
    byId("language").textContent = core.languages[to] === "zh" ? "English" : "中文";
    byId("language").lang = core.languages[to] === "zh" ? "en" : "zh-Hans";
    byId("capture-facts").textContent = core.facts[to];
    overview.draw();
    table.apply();
    const at = view.current;
    if (stream !== null) {
      byId("ladder-title").textContent = word("streamTitle", { stream });
      view.relay();
      view.go(at);
    }
    detail.redraw();
    stepper.show();
    self.relight();
  }

  const chooseList = tabs(byId("list-tabs"), (id) => {
    byId("filter-bar").hidden = id !== "tab-exchanges";
    overview.show(id);
  });
  const chooseDetail = tabs(byId("detail-tabs"), (id) => {
    if (id === "tab-bytes") bytes.reveal();
  });

  byId("language").addEventListener("click", () => speak(1 - language));
  const THEMES = ["auto", "light", "dark"];
  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
    announce(word(`theme.${root.dataset.theme}`));
    byId("theme").title = word(`theme.${root.dataset.theme}`);
  });
  const help = byId("help");
  byId("help-button").addEventListener("click", () => help.showModal());
  byId("help-close").addEventListener("click", () => help.close());

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape" && tip.open) {
      tip.hide();
      return;
    }
    const target = event.target;
    if (target instanceof HTMLInputElement && target.type !== "radio" && target.type !== "checkbox") return;
    const act = {
      "/": () => { chooseList("tab-exchanges"); byId("filter").focus(); byId("filter").select(); },
      "?": () => help.showModal(),
      ArrowRight: () => self.step(view.current + 1),
      ArrowLeft: () => self.step(view.current - 1),
      p: () => stepper.toggle(),
      j: () => neighbour(1),
      k: () => neighbour(-1),
      l: () => speak(1 - language),
    }[event.key];
    if (!act || (target instanceof HTMLInputElement && event.key.startsWith("Arrow"))) return;
    act();
    event.preventDefault();
  });

  /** The next exchange of the table, wherever the keyboard is. */
  function neighbour(way) {
    byId("grid").dispatchEvent(new KeyboardEvent("keydown", { key: way > 0 ? "ArrowDown" : "ArrowUp" }));
  }

  function paper(on) {
    table.paper(on);
    view.paper(on);
  }
  window.addEventListener("beforeprint", () => paper(true));
  window.addEventListener("afterprint", () => paper(false));

  /** What the address asks for: #exchange=3&packet=12, #stream=1. */
  function fromAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (rowByNumber.has(Number(asked.get("exchange"))) && asked.has("exchange")) self.exchange(Number(asked.get("exchange")));
    else if (asked.has("stream") && connectionByNumber.has(Number(asked.get("stream")))) self.connection(Number(asked.get("stream")));
    else return false;
    if (asked.has("packet")) self.packet(Number(asked.get("packet")));
    return true;
  }
  window.addEventListener("hashchange", fromAddress);

  self.start = () => {
    speak(language);
    if (fromAddress()) return;
    if (core.rows.length) {
      self.exchange(table.first(), false); // its packet is not shown before the connection's first: counters would run
      self.step(0, false);
    }
    else {
      if (core.connections.length) self.connection(core.connections[0][CONNECTION.stream]);
      else stepper.show();
      chooseList(core.connections.length ? "tab-connections" : "tab-notes");
      byId("no-connection").hidden = core.connections.length > 0;
      byId("steps").parentElement.hidden = !core.connections.length;
    }
  };
  return self;
})();

page.start();
document.documentElement.dataset.ready = "yes";
