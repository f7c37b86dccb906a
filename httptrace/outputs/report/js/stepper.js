/* Going through the ladder: the counters of both sides, what the packet does, play and pause. */

const stepper = (() => {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const shown = new Map(); // element of a counter -> the number it shows
  let counted = null; // the ladder whose numbers they are: none runs from one connection's to another's
  const PACES = [2400, 1200, 600, 250];
  let pace = 1;
  let playing = 0;

  /** Let a counter run to its number. */
  function run(element, to) {
    const from = shown.get(element);
    shown.set(element, to);
    const text = Number.isNaN(to) ? "–" : number(to);
    if (from === undefined || from === to || Number.isNaN(from) || Number.isNaN(to) || calm.matches || playing === 0 && !element.isConnected) {
      element.textContent = text;
      return;
    }
    element.classList.remove("moved");
    void element.offsetWidth; // lets the animation begin anew
    element.classList.add("moved");
    const begin = performance.now();
    const frame = (now) => {
      if (shown.get(element) !== to) return;
      const part = Math.min(1, (now - begin) / 320);
      element.textContent = part < 1 ? number(Math.round(from + (to - from) * part)) : text;
      if (part < 1) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  function counters(ladder, index) {
    if (ladder !== counted) shown.clear();
    counted = ladder;
    for (const side of [CLIENT, SERVER]) {
      const columns = ladder.counters[side], other = ladder.counters[1 - side];
      const id = side === CLIENT ? "client" : "server";
      run(byId(`${id}-next`), columns.next[index]);
      run(byId(`${id}-confirmed`), columns.confirmed[index]);
      const flying = distance(columns.next[index], columns.confirmed[index]);
      const window_ = other.window[index];
      run(byId(`${id}-flying`), Number.isNaN(columns.confirmed[index]) ? NaN : Math.max(0, flying));
      run(byId(`${id}-window`), columns.window[index]);
      const share = window_ > 0 && flying > 0 ? Math.min(1, flying / window_) : 0;
      byId(`${id}-bar`).style.width = `${share * 100}%`;
      const states = ladder.packets[index][PACKET.states];
      const state = byId(`${id}-state`), after = core.states[states[side * 2 + 1]];
      state.replaceChildren(explained("state", after));
      state.classList.toggle("moved", states[side * 2] !== states[side * 2 + 1]);
    }
  }

  /** The options of a SYN in words (RFC 9293 §3.1, RFC 7323, RFC 2018). */
  function options(hex) {
    const octets = hex.match(/../g)?.map((two) => parseInt(two, 16)) || [];
    const said = [];
    for (let at = 0; at < octets.length;) {
      const kind = octets[at];
      if (kind === 0) break;
      if (kind === 1) { at += 1; continue; }
      const length = octets[at + 1];
      if (!(length >= 2) || at + length > octets.length) break;
      if (kind === 2 && length === 4) said.push(word("option.mss", { value: octets[at + 2] * 256 + octets[at + 3] }));
      if (kind === 3 && length === 3) {
        const shift = Math.min(14, octets[at + 2]);
        said.push(word("option.scale", { value: shift, times: 2 ** shift }));
      }
      if (kind === 4 && length === 2) said.push(word("option.sack"));
      if (kind === 8 && length === 10) said.push(word("option.timestamps"));
      at += length;
    }
    return said;
  }

  /** What the current packet is and does. */
  function tell(ladder, index) {
    const packet = ladder.packets[index];
    const [from, to] = packet[PACKET.sender] === CLIENT ? view.names() : [...view.names()].reverse();
    const facts = [
      make("b", {}, `No${packet[PACKET.no]}`), ` ${seconds(packet[PACKET.time])} s · ${from} → ${to} · `,
      ...packetFlags(packet[PACKET.flags]),
      ` · seq ${number(packet[PACKET.seq])} `, make("span", { class: "wire" }, `(${packet[PACKET.wireSeq]})`),
    ];
    if (packet[PACKET.ack] !== null) {
      facts.push(` · ack ${number(packet[PACKET.ack])} `, make("span", { class: "wire" }, `(${packet[PACKET.wireAck]})`));
    }
    facts.push(` · ${word("bytes", { count: packet[PACKET.length] })} · ${word("windowOf", { count: packet[PACKET.window] })}`);
    const lines = [make("p", { class: "facts" }, ...facts)];
    const words = packet[PACKET.analysis].map((one) => explained("analysis", core.analysis[one]));
    if (words.length) lines.push(make("p", { class: "odd" }, words.flatMap((one, at) => (at ? [" · ", one] : [one]))));
    if (packet[PACKET.cut]) lines.push(make("p", { class: "odd" }, word("packetCut", { count: packet[PACKET.cut] })));
    const said = options(packet[PACKET.options]);
    if (said.length) lines.push(make("p", { class: "options" }, word("offers", { what: said.join(" · ") })));
    const prose = ladder.prose ? ladder.prose[language] : null;
    for (const text of prose ? prose.texts[index] : []) lines.push(make("p", { class: "prose" }, text));
    if (prose && index === ladder.packets.length - 1) {
      for (const text of prose.behind) lines.push(make("p", { class: "prose" }, text));
    }
    const carried = (ladder.carriedBy.get(index) || []).map((entry) => {
      const one = ladder.spans[entry[1]];
      const key = entry[4] ? "carriesAgain" : "carries";
      return make("button", { type: "button", class: "link", onclick: () => page.bytesOf(one, entry[2], entry[3]) },
        word(key, { bytes: span(entry[2], entry[3]), what: word(`kind.${one[1]}`), no: one[0] }));
    });
    if (carried.length) lines.push(make("p", { class: "carried" }, carried.slice(0, 12)));
    byId("told").replaceChildren(...lines);
  }

  function packetFlags(flags) {
    return [..."SFRPUECA"].filter((one) => flags.includes(one))
      .flatMap((one, at) => (at ? [",", explained("flag", FLAG_NAMES[one])] : [explained("flag", FLAG_NAMES[one])]));
  }

  function controls() {
    const ladder = view.ladder, index = view.current;
    const last = ladder ? ladder.packets.length - 1 : -1;
    byId("to-first").disabled = byId("back").disabled = index <= 0;
    byId("forward").disabled = byId("to-last").disabled = index >= last;
    byId("play").disabled = !ladder;
    byId("place").textContent = ladder ? word("place", { at: index + 1, count: last + 1 }) : "";
    byId("play").setAttribute("aria-pressed", String(playing > 0));
    byId("play").querySelector("path").setAttribute("d", playing ? "M2 1h3v10H2z M7 1h3v10H7z" : "M2 1v10l9-5z");
    byId("pace").textContent = `${["½", "1", "2", "5"][pace]}×`;
  }

  function stop() {
    clearTimeout(playing);
    playing = 0;
    controls();
  }

  function next() {
    const ladder = view.ladder;
    if (!ladder || view.current >= ladder.packets.length - 1) {
      stop();
      return;
    }
    page.step(view.current + 1);
    playing = setTimeout(next, PACES[pace]);
  }

  function toggle() {
    if (playing) {
      stop();
      return;
    }
    if (view.ladder && view.current >= view.ladder.packets.length - 1) page.step(0);
    playing = setTimeout(next, 200);
    controls();
  }

  byId("to-first").addEventListener("click", () => page.step(0));
  byId("back").addEventListener("click", () => page.step(view.current - 1));
  byId("forward").addEventListener("click", () => page.step(view.current + 1));
  byId("to-last").addEventListener("click", () => page.step(view.ladder.packets.length - 1));
  byId("play").addEventListener("click", toggle);
  byId("pace").addEventListener("click", () => {
    pace = (pace + 1) % PACES.length;
    controls();
  });
  byId("timed").addEventListener("change", (event) => view.timed(event.target.checked));

  return {
    toggle, stop,
    get playing() { return playing > 0; },
    /** Show the current packet. */
    show() {
      const ladder = view.ladder, index = view.current;
      byId("sides").hidden = !ladder || index < 0;
      byId("told").hidden = !ladder || index < 0;
      controls();
      if (!ladder || index < 0) return;
      for (const side of [CLIENT, SERVER]) byId(side === CLIENT ? "client-name" : "server-name").textContent = view.names()[side];
      counters(ladder, index);
      tell(ladder, index);
    },
  };
})();
