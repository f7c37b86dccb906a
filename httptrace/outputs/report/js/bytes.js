/* Bytes to packets: a message as it was sent, cut where one packet ends and the next begins. */

const bytes = (() => {
  const LISTED = 40, STRIP = 240, HEX = 16, STAYS = 60;
  const panel = byId("panel-bytes");
  const offsets = new WeakMap(); // span element -> the byte offset of each of its characters, and one behind
  let exchange = null;
  let kind = "response";
  let at = -1; // the index of the message's span in the ladder
  let pinned = null; // [low, high) that the reader chose

  /** The message cut by first copies: [low, high, packet], packet -1 where nothing carried it. */
  function pieces(ladder, whole) {
    const firsts = (ladder.carriersOf.get(at) || []).filter((entry) => !entry[4])
      .map(([packet, , low, high]) => [low, high, packet]).sort((a, b) => a[0] - b[0]);
    const found = [];
    let behind = 0;
    for (const [low, high, packet] of firsts) {
      if (low > behind) found.push([behind, low, -1]);
      found.push([low, high, packet]);
      behind = high;
    }
    if (behind < whole) found.push([behind, whole, -1]);
    return found;
  }

  function open(shown) {
    exchange = shown;
    if (!shown[kind] || !shown[kind].sent) kind = shown.response && shown.response.sent ? "response" : "request";
    pinned = null;
    draw_();
  }

  function choice() {
    const option = (value) => make("label", {},
      make("input", { type: "radio", name: "bytes-of", value, checked: kind === value, disabled: !exchange[value],
        onchange: () => { kind = value; pinned = null; draw_(); panel.querySelector(`input[value=${value}]`).focus(); } }),
      ` ${word(value)}`);
    return make("fieldset", { class: "choice" }, make("legend", { class: "hidden" }, word("bytesOf")), option("request"), option("response"));
  }

  function draw_() {
    const ladder = view.ladder, message = exchange && exchange[kind];
    at = ladder && exchange ? spanOf(ladder, exchange.no, kind) : -1;
    if (!message) {
      panel.replaceChildren(make("p", { class: "dim" }, word("notCaptured")));
      return;
    }
    if (at < 0) {
      panel.replaceChildren(choice(), make("p", { class: "bound" }, word(exchange.tls && exchange.tls.length ? "noMapTls" : "noMap")));
      return;
    }
    const placed = ladder.spans[at], whole = placed[4] - placed[3];
    const cut = pieces(ladder, whole);
    panel.replaceChildren(
      choice(),
      make("p", { class: "dim" }, word("bytesHow")),
      make("div", { class: "stays" }, strip(cut, whole, placed[5]), make("p", { class: "found", id: "found" })),
      text(ladder, message, cut, placed[5], whole),
      carriersList(ladder, cut));
    say();
  }

  /** The whole message as a bar, one part a packet. */
  function strip(cut, whole, head) {
    const scale = whole / STRIP;
    const repeats = (view.ladder.carriersOf.get(at) || []).some((entry) => entry[4]);
    const parts = [];
    let held = null;
    for (const [low, high, packet] of cut) {
      if (held && high - held.low < scale) { held.high = high; continue; }
      held = { low, high, packet };
      parts.push(held);
    }
    const bar = make("div", { class: "strip", "aria-hidden": "true" }, parts.map((one, index) => {
      const twice = repeats && carriers(view.ladder, at, one.low, one.high).again.size;
      const kinds = `tint${index % 3}${one.low < head ? " head" : ""}${twice ? " again" : ""}`;
      const part = make("i", { class: one.packet < 0 ? "missing" : kinds });
      part.style.flexGrow = String(one.high - one.low);
      part.addEventListener("mouseenter", () => show(one.low, one.high));
      part.addEventListener("mouseleave", () => settle());
      part.addEventListener("click", () => pin(one.low, one.high));
      return part;
    }));
    return bar;
  }

  /** The kept bytes; each run from one packet is a part of its own. */
  function text(ladder, message, cut, head, whole) {
    const box = make("pre", { class: "bytes", role: "group", "aria-label": word("bytesAsSent"), onkeydown: keys });
    if (!message.sent) {
      box.append(make("span", { class: "bound" }, word("bytesLeftOut")));
      return box;
    }
    const plain = message.sent.text && !message.encoding;
    let kept = 0, tint = 0, behind = 0;
    for (const [place, encoded] of message.sent.pieces) {
      const octets = fromBase64(encoded);
      kept = Math.max(kept, place + octets.length);
      if (place > behind) box.append(gap(behind, place));
      behind = place + octets.length;
      const binary = [];
      for (const [low, high, packet] of cut) {
        const from = Math.max(low, place), to = Math.min(high, behind);
        if (from >= to || packet < 0) continue;
        tint = (tint + 1) % 3;
        const text_ = plain ? to : Math.max(from, Math.min(to, head));
        for (const [one, other] of from < head && text_ > head ? [[from, head], [head, text_]] : [[from, text_]]) {
          if (one >= other) continue;
          const isHead = one < head;
          box.append(run(ladder, octets.subarray(one - place, other - place), one, packet, tint, isHead, isHead ? "latin1" : charset(message)));
        }
        if (text_ < to) binary.push([text_, to, packet, tint]);
      }
      if (binary.length) box.append(...hexLines(ladder, octets, place, binary));
    }
    if (kept < whole) box.append(make("span", { class: "bound" }, `\n${word("bytesCut", { kept, whole })}`));
    const first = box.querySelector(".run[role]");
    if (first) first.tabIndex = 0;
    return box;
  }

  const gap = (low, high) => make("span", { class: "gap" }, `⚠ ${word("bytesMissing", { count: high - low })}\n`);

  /** Bytes that one packet carried, as text; the first of a packet's parts is the one that the keyboard reaches. */
  function run(ladder, octets, low, packet, tint, isHead, name) {
    const [letters, places] = decoded(octets, low, name);
    const element = part(ladder, low, low + octets.length, packet, tint, isHead, letters);
    offsets.set(element, places);
    return element;
  }

  function part(ladder, low, high, packet, tint, isHead, letters, reached = true) {
    const again = (ladder.carriersOf.get(at) || []).some((entry) => entry[4] && entry[2] < high && entry[3] > low);
    return make("span", {
      class: `run tint${tint}${isHead ? " head" : ""}${again ? " again" : ""}`,
      ...(reached ? { tabindex: -1, role: "button", "aria-label": word("runSpoken", { bytes: span(low, high), no: ladder.packets[packet][PACKET.no] }) } : {}),
      "data-packet": packet, "data-low": low, "data-high": high,
      onmouseenter: () => show(low, high), onmouseleave: settle, onfocus: () => show(low, high),
      onclick: () => { if (document.getSelection().isCollapsed) pin(low, high); },
    }, letters);
  }

  /** Bytes as lines of hexadecimal and letters; `runs` are [low, high, packet, tint] without holes between. */
  function hexLines(ladder, octets, place, runs) {
    const begun = new Set();
    const lines = [];
    const from = runs[0][0], until = runs[runs.length - 1][1];
    for (let line = from - (from % HEX); line < until; line += HEX) {
      const hex = [], letters = [];
      for (const [low, high, packet, tint] of runs) {
        const one = Math.max(low, line), other = Math.min(high, line + HEX);
        if (one >= other) continue;
        const own = octets.subarray(one - place, other - place);
        const behind = other < Math.min(until, line + HEX) ? " " : "";
        const shown = [[...own].map((octet) => octet.toString(16).padStart(2, "0")).join(" ") + behind,
          String.fromCharCode(...own).replace(/[^ -~]/g, "·")];
        [hex, letters].forEach((list, index) => {
          const element = part(ladder, low, high, packet, tint, false, shown[index], index === 0 && !begun.has(low));
          const width = index ? 1 : 3;
          offsets.set(element, [...shown[index]].map((_, letter) => one + Math.floor(letter / width)).concat(other));
          list.push(element);
        });
        begun.add(low);
      }
      const before = " ".repeat(3 * Math.max(0, from - line)), count = Math.min(until, line + HEX) - Math.max(from, line);
      lines.push(make("span", { class: "hex-line" },
        make("span", { class: "offset" }, `${line.toString(16).padStart(6, "0")}  ${before}`), hex,
        make("span", { class: "offset" }, " ".repeat(3 * (Math.min(until, line + HEX) === until ? HEX - count - Math.max(0, from - line) : 0) + 2)), letters));
    }
    return lines;
  }

  function charset(message) {
    const type = message.headers.find(([name]) => name.toLowerCase() === "content-type");
    const found = type && /charset="?([\w:.-]+)/i.exec(type[1]);
    try {
      return new TextDecoder(found ? found[1] : "utf-8").encoding;
    } catch {
      return "utf-8";
    }
  }

  /** Bytes as text, with the place of each character: decoders are fed byte by byte where it is not ASCII. */
  function decoded(octets, low, name) {
    const places = [];
    let letters = "";
    let decoder = null;
    let begun = low;
    octets.forEach((octet, index) => {
      let piece;
      if (octet < 0x80 && !decoder) {
        piece = octet === 13 ? "" : octet === 10 || octet === 9 || octet > 31 ? String.fromCharCode(octet) : "·";
        begun = low + index;
      } else {
        if (!decoder) {
          decoder = new TextDecoder(name);
          begun = low + index;
        }
        piece = decoder.decode(octets.subarray(index, index + 1), { stream: true });
        if (piece) decoder = null;
      }
      for (let i = 0; i < piece.length; i += 1) places.push(begun);
      letters += piece.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, "·");
    });
    if (decoder) {
      letters += "·"; // the rest of the character is in the next packet
      places.push(begun);
    }
    places.push(low + octets.length);
    return [letters, places];
  }

  /** The packets in words, for who cannot see tints; each is a way to the ladder. */
  function carriersList(ladder, cut) {
    const entries = (ladder.carriersOf.get(at) || []);
    const shown_ = entries.slice(0, LISTED).map(([packet, , low, high, repeated]) => make("li", { class: repeated ? "again" : "" },
      make("button", { type: "button", class: "link", onclick: () => page.step(packet, false) }, `No${ladder.packets[packet][PACKET.no]}`),
      ` ${word(repeated ? "bytesAgain" : "bytesFirst", { bytes: span(low, high) })}`));
    if (entries.length > LISTED) shown_.push(make("li", {}, word("moreCarriers", { count: entries.length - LISTED })));
    const lost = cut.filter((one) => one[2] < 0).slice(0, 20).map(([low, high]) => make("li", { class: "gap" },
      `⚠ ${word("bytesMissing", { count: high - low })} (${span(low, high)})`));
    return make("details", { class: "carriers" }, make("summary", {}, word("carriersTitle", { count: entries.length })),
      make("ul", {}, shown_, lost));
  }

  /** Light a range: its runs here, its packets in the ladder. */
  function show(low, high, reveal = false) {
    const found = carriers(view.ladder, at, low, high);
    view.light(found, reveal);
    for (const element of panel.querySelectorAll(".run")) {
      const from = Number(element.dataset.low), to = Number(element.dataset.high);
      element.classList.toggle("lit", from < high && to > low);
    }
    say(low, high, found);
  }

  function say(low, high, found) {
    const line = byId("found");
    if (!line) return;
    if (low === undefined) {
      line.textContent = word("nothingChosen");
      return;
    }
    const name = (index) => `No${view.ladder.packets[index][PACKET.no]}`;
    const list = (set) => {
      const all = [...set];
      return all.length > 8 ? `${all.slice(0, 4).map(name).join(", ")} … ${name(all[all.length - 1])}` : all.map(name).join(", ");
    };
    const parts = [word("bytesRange", { bytes: span(low, high) })];
    if (found.first.size) parts.push(word("carriedBy", { packets: list(found.first) }));
    else parts.push(word("carriedByNone"));
    if (found.again.size) parts.push(word("againBy", { packets: list(found.again) }));
    line.textContent = parts.join(" · ");
  }

  /** Scroll the panel, and nothing else, to the first part that is lit. */
  function reveal() {
    const lit = panel.querySelector(".run.lit");
    if (!lit || panel.hidden || panel.scrollHeight <= panel.clientHeight) return;
    const place = lit.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    if (place < STAYS || place > panel.clientHeight - 40) panel.scrollTop += place - STAYS - 20;
  }

  function pin(low, high) {
    pinned = [low, high];
    show(low, high, true);
    announce(byId("found").textContent);
  }

  /** Back to what was pinned, or to what the current packet carries. */
  function settle() {
    if (pinned) show(pinned[0], pinned[1]);
    else page.relight();
  }

  function keys(event) {
    const runs = [...panel.querySelectorAll(".run[role]")];
    const here = runs.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (here < 0) return;
    if (step) {
      const next = runs[Math.max(0, Math.min(runs.length - 1, here + step))];
      runs[here].tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      const one = runs[here];
      pin(Number(one.dataset.low), Number(one.dataset.high));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The byte that stands at a place of the selection. */
  function byteAt(node, offset) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const places = offsets.get(element.closest(".run"));
    return places ? places[Math.min(node.nodeType === Node.TEXT_NODE ? offset : offset ? places.length - 1 : 0, places.length - 1)] : null;
  }

  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (selection.isCollapsed || !selection.rangeCount || at < 0) return;
    const range = selection.getRangeAt(0);
    if (!panel.contains(range.startContainer) || !panel.contains(range.endContainer)) return;
    const low = byteAt(range.startContainer, range.startOffset), high = byteAt(range.endContainer, range.endOffset);
    if (low === null || high === null || low >= high) return;
    pinned = [low, high];
    show(low, high);
  });

  return {
    open, reveal,
    get kind() { return kind; },
    get pinned() { return pinned; },
    unpin() { pinned = null; },
    /** Show the request or the response, and choose a part of it. */
    choose(of, low, high) {
      if (of !== kind && exchange && exchange[of]) {
        kind = of;
        draw_();
      }
      if (at >= 0) pin(low, high);
      reveal();
    },
    /** Light the runs that a packet carried; with `follow`, turn to the message it carried and scroll there. */
    ofPacket(index, follow = false) {
      const ladder = view.ladder;
      if (follow && ladder && exchange) {
        const carried = (ladder.carriedBy.get(index) || []).map((entry) => ladder.spans[entry[1]]);
        const other = carried.find((one) => one[0] === exchange.no && exchange[one[1]]);
        if (other && other[1] !== kind && !carried.some((one) => one[0] === exchange.no && one[1] === kind)) {
          kind = other[1];
          draw_();
        }
      }
      const mine = ladder ? (ladder.carriedBy.get(index) || []).filter((entry) => entry[1] === at) : [];
      for (const element of panel.querySelectorAll(".run")) {
        const low = Number(element.dataset.low), high = Number(element.dataset.high);
        element.classList.toggle("lit", mine.some((entry) => entry[2] < high && entry[3] > low));
      }
      if (mine.length) {
        const [packet, , low, high, repeated] = mine[0];
        byId("found").textContent = `No${ladder.packets[packet][PACKET.no]} · ${word(repeated ? "bytesAgain" : "bytesFirst", { bytes: span(low, high) })}`;
        if (follow) reveal();
      } else say();
    },
    /** The mouse is over a packet of the ladder (-1: no longer). */
    hoverPacket(index) {
      if (pinned || !exchange) return;
      this.ofPacket(index < 0 ? view.current : index);
    },
  };
})();
