/* The ladder: one connection's packets as arrows between two lines, what was said of each, what is lit. */

const view = (() => {
  const PACKET_HEIGHT = 46, LINE_HEIGHT = 30, NARROW_HEIGHT = 64, LONGEST_PAUSE = 150, ON_PAPER = 600, MAPPED = 300;
  const scroller = byId("steps"), body = byId("steps-body");
  const list = new VirtualList(scroller, body, render);
  let ladder = null;
  let items = [];
  let itemOf = [];
  let current = -1;
  let lit = { first: new Set(), again: new Set() };
  let timed = false;

  const names = () => (ladder && ladder.prose ? ladder.prose[language].names : [word("client"), word("server")]);

  /** The lines of the ladder: headings, packets, and holes where they became known. */
  function lay() {
    items = [];
    itemOf = [];
    if (!ladder) return;
    const headings = new Map(ladder.prose ? ladder.prose[language].headings : []);
    const gaps = new Map();
    for (const gap of ladder.gaps) {
      if (!gaps.has(gap[0])) gaps.set(gap[0], []);
      gaps.get(gap[0]).push(gap);
    }
    ladder.packets.forEach((packet, index) => {
      if (headings.has(index)) items.push({ heading: headings.get(index) });
      for (const gap of gaps.get(packet[PACKET.no]) || []) items.push({ gap });
      itemOf.push(items.length);
      items.push({ packet: index });
    });
    for (const gap of gaps.get(null) || []) items.push({ gap });
    if (ladder.more) items.push({ note: word("morePackets", { count: ladder.more }) });
  }

  function heights() {
    const packets = ladder ? ladder.packets : [];
    const narrow = scroller.clientWidth < 430;
    const high = narrow ? NARROW_HEIGHT : PACKET_HEIGHT;
    const lasted = packets.length ? packets[packets.length - 1][PACKET.time] - packets[0][PACKET.time] : 0;
    const scale = lasted > 0 ? (packets.length * high) / lasted : 0;
    return (index) => {
      const item = items[index];
      if (item.packet === undefined) return LINE_HEIGHT;
      item.pause = timed && item.packet > 0 ? Math.min(LONGEST_PAUSE, Math.max(0, delta(item.packet)) * scale) : 0;
      return high + item.pause;
    };
  }

  const delta = (index) => ladder.packets[index][PACKET.time] - ladder.packets[index - 1][PACKET.time];

  function relay() {
    lay();
    list.reset(items.length, heights());
  }

  /** What an arrow carries, in a few words. */
  function label(index) {
    const packet = ladder.packets[index];
    const parts = [make("b", {}, flagNames(packet[PACKET.flags]) || "—")];
    parts.push(` seq=${packet[PACKET.seq]}`);
    if (packet[PACKET.ack] !== null) parts.push(` ack=${packet[PACKET.ack]}`);
    if (packet[PACKET.length]) parts.push(` len=${packet[PACKET.length]}`);
    return parts;
  }

  /** The messages that begin in a packet. */
  function begun(index) {
    return (ladder.carriedBy.get(index) || []).filter((entry) => entry[2] === 0 && !entry[4])
      .map((entry) => ladder.spans[entry[1]]);
  }

  function render(at) {
    const item = items[at];
    if (item.heading !== undefined) return make("div", { class: "line heading", role: "presentation" }, item.heading);
    if (item.note !== undefined) return make("div", { class: "line", role: "presentation" }, item.note);
    if (item.gap) return make("div", { class: "line gap", role: "presentation" }, gapText(item.gap));
    return packetRow(item.packet, item.pause || 0);
  }

  function gapText([, sender, seq, length, acked]) {
    const key = acked ? "gapCapture" : "gapUnknown";
    return `⚠ ${word(key, { count: length, bytes: span(seq - 1, seq + length - 1), sender: names()[sender] })}`;
  }

  function packetRow(index, pause) {
    const packet = ladder.packets[index];
    const toServer = packet[PACKET.sender] === CLIENT;
    const states = packet[PACKET.states];
    const first = index === 0;
    const state = (before, after, side) => make("span", { class: `state ${side}` },
      before !== after || first ? core.states[after] : "");
    const again = packet[PACKET.analysis].some((word_) => core.analysis[word_].includes("retransmission"));
    const odd = packet[PACKET.analysis].length > 0;
    const kind = packet[PACKET.flags].includes("R") ? "reset" : again ? "again" : packet[PACKET.length] ? "data" : "bare";
    const [x1, x2] = toServer ? ["1%", "99%"] : ["99%", "1%"];
    const arrow = draw("svg", { class: "arrow", "aria-hidden": "true", preserveAspectRatio: "none" },
      draw("line", { x1, y1: 2, x2, y2: 13, "marker-end": `url(#head-${kind})` }));
    const messages = begun(index).map((one) => make("span", { class: "message" }, one[6] || word(`kind.${one[1]}`)));
    const element = make("div", {
      class: `step ${toServer ? "out" : "in"} ${kind}`, role: "option", id: `p${index}`,
      "aria-selected": String(index === current), "aria-label": spoken(index), onclick: () => page.step(index),
      onmouseenter: () => bytes.hoverPacket(index), onmouseleave: () => bytes.hoverPacket(-1),
    },
      make("span", { class: "when" }, make("b", {}, `No${packet[PACKET.no]}`),
        make("small", {}, first ? "0 ms" : `${delta(index) < 0 ? "" : "+"}${duration(delta(index))}`)),
      state(states[0], states[1], "client"),
      make("span", { class: "middle" },
        make("span", { class: "label" }, messages, make("span", { class: "numbers" }, label(index),
          odd ? make("span", { class: "odd" }, ` ${packet[PACKET.analysis].map((one) => core.analysis[one]).join(" ")}`) : "")),
        arrow, make("span", { class: "dot", "aria-hidden": "true" })),
      state(states[2], states[3], "server"));
    element.style.paddingTop = `${pause}px`;
    if (list.all && ladder.prose) {
      element.append(make("div", { class: "said" }, ladder.prose[language].texts[index].map((text) => make("p", {}, text))));
    }
    dress(element, index);
    return element;
  }

  /** A packet as a screen reader says it. */
  function spoken(index) {
    const packet = ladder.packets[index];
    const [from, to] = packet[PACKET.sender] === CLIENT ? names() : [...names()].reverse();
    const messages = begun(index).map((one) => one[6]).join(", ");
    return word("packetSpoken", {
      no: packet[PACKET.no], from, to, flags: flagNames(packet[PACKET.flags]), seq: packet[PACKET.seq],
      ack: packet[PACKET.ack] === null ? "–" : packet[PACKET.ack], length: packet[PACKET.length],
    }) + (messages ? ` ${messages}` : "") + (packet[PACKET.analysis].length
      ? ` ${packet[PACKET.analysis].map((one) => core.analysis[one]).join(", ")}` : "");
  }

  function dress(element, index) {
    element.classList.toggle("current", index === current);
    element.classList.toggle("lit", lit.first.has(index));
    element.classList.toggle("lit-again", lit.again.has(index) && !lit.first.has(index));
    element.setAttribute("aria-selected", String(index === current));
  }

  /** Where along the ladder the lit packets are, for those out of sight. */
  function map() {
    const high = list.top(items.length) || 1;
    const marks = [...lit.first].map((index) => [index, "first"]).concat([...lit.again].map((index) => [index, "again"]));
    byId("lit-map").replaceChildren(...marks.slice(0, MAPPED).map(([index, kind]) => {
      const mark = make("i", { class: kind });
      mark.style.top = `${(list.top(itemOf[index]) / high) * 100}%`;
      return mark;
    }));
  }

  function redress() {
    for (const [at, element] of list.shown) {
      if (items[at].packet !== undefined) dress(element, items[at].packet);
    }
  }

  scroller.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || !ladder) return;
    event.preventDefault();
    event.stopPropagation();
    page.step(Math.max(0, Math.min(ladder.packets.length - 1, current + step)));
  });
  let width = 0;
  new ResizeObserver(() => {
    if (Math.abs(scroller.clientWidth - width) < 2) return;
    width = scroller.clientWidth;
    if (ladder) list.reset(items.length, heights());
  }).observe(scroller);

  return {
    names,
    get ladder() { return ladder; },
    get current() { return current; },
    /** Show a connection's ladder; null where the report has none. */
    open(stream) {
      ladder = ladderOf(stream);
      current = -1;
      lit = { first: new Set(), again: new Set() };
      byId("no-ladder").hidden = Boolean(ladder);
      scroller.parentElement.hidden = !ladder;
      scroller.scrollTop = 0;
      relay();
    },
    relay,
    /** Make a packet the current one. */
    go(index) {
      current = index;
      if (index >= 0) list.reveal(itemOf[index], PACKET_HEIGHT);
      redress();
      if (index >= 0) scroller.setAttribute("aria-activedescendant", `p${index}`);
      else scroller.removeAttribute("aria-activedescendant");
    },
    /** Bring the current packet into sight. */
    reveal() {
      if (current >= 0) list.reveal(itemOf[current], PACKET_HEIGHT);
    },
    /** Light packets: those that carried something first, and those that carried it again. */
    light(found, reveal = false) {
      lit = found || { first: new Set(), again: new Set() };
      redress();
      map();
      const first = Math.min(...lit.first, ...lit.again);
      if (reveal && Number.isFinite(first)) list.reveal(itemOf[first], PACKET_HEIGHT);
    },
    timed(on) {
      timed = on;
      list.reset(items.length, heights());
      if (current >= 0) list.reveal(itemOf[current], PACKET_HEIGHT);
    },
    paper(on) {
      list.all = on ? ON_PAPER : false;
      list.refresh();
    },
  };
})();
