/* The data of the page. It stands in JSON blocks of the page itself, and each is parsed when it is first needed. */

/** Columns of a row of the table of exchanges (gather.py writes them). Times are in nanoseconds. */
const ROW = {
  no: 0, stream: 1, method: 2, url: 3, status: 4, reason: 5, type: 6, size: 7, start: 8, took: 9,
  connect: 10, tls: 11, send: 12, wait: 13, receive: 14, notes: 15,
};

/** Columns of a connection. */
const CONNECTION = {
  stream: 0, client: 1, server: 2, application: 3, exchanges: 4, packets: 5, clientBytes: 6, serverBytes: 7,
  again: 8, outOfOrder: 9, missing: 10, missingAcked: 11, rtt: 12, handshake: 13, close: 14, start: 15, lasted: 16,
  name: 17,
};

/** Columns of a packet (ladder.py writes them). `states`: client before and after, server before and after. */
const PACKET = {
  no: 0, time: 1, sender: 2, flags: 3, seq: 4, ack: 5, length: 6, window: 7, analysis: 8, states: 9,
  wireSeq: 10, wireAck: 11, options: 12, cut: 13,
};

const CLIENT = 0, SERVER = 1;

const block = (id) => JSON.parse(document.getElementById(id).textContent);
const core = block("data-core");
const rowByNumber = new Map(core.rows.map((row, index) => [row[ROW.no], index]));
const connectionByNumber = new Map(core.connections.map((row) => [row[CONNECTION.stream], row]));

/** Finds one thing in chunks: `index` lists the keys of each chunk, `prefix` names its block. */
function chunked(index, prefix) {
  const chunkOf = new Map();
  index.forEach((keys, chunk) => keys.forEach((key, place) => chunkOf.set(key, [chunk, place])));
  const parsed = new Map();
  return (key) => {
    const found = chunkOf.get(key);
    if (!found) return null;
    const [chunk, place] = found;
    if (!parsed.has(chunk)) {
      if (parsed.size > 24) parsed.delete(parsed.keys().next().value);
      parsed.set(chunk, block(prefix + chunk));
    }
    return parsed.get(chunk)[place];
  };
}

const detailOf = ((find) => (no) => {
  const found = find(no);
  return found && { ...found, request: whole(found.request), response: whole(found.response),
    informational: found.informational.map(whole) };
})(chunked(core.details, "details-"));
const ladderData = chunked(core.ladders, "ladders-");

/** Bytes from base64. */
function fromBase64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** The distance a - b on the 32-bit circle of sequence numbers (RFC 9293 §3.4). */
const distance = (a, b) => (a - b) | 0;

/** A message with everything that was left out because it is as usual; fields by number stand in the core. */
function whole(message) {
  if (!message) return null;
  const fields = (list) => list.map((one) => (typeof one === "number" ? core.fields[one] : one));
  const found = {
    version: "HTTP/1.1", more: 0, trailers: [], incomplete: false, framing: "none", chunks: 0, size: 0, decoded: 0,
    encoding: null, sha256: null, status: null, url: null, ...message,
  };
  return { ...found, headers: fields(found.headers), trailers: fields(found.trailers) };
}

const ladders = new Map();

/** A connection's ladder with what stepping needs: the counters behind each packet, what each packet carried. */
function ladderOf(stream) {
  if (ladders.has(stream)) return ladders.get(stream);
  const found = ladderData(stream);
  if (!found) return null;
  if (ladders.size > 8) ladders.delete(ladders.keys().next().value);
  const ladder = { ...found, counters: counters(found.packets), carriedBy: new Map(), carriersOf: new Map() };
  for (const entry of found.carried) {
    const [packet, span] = entry;
    if (!ladder.carriedBy.has(packet)) ladder.carriedBy.set(packet, []);
    ladder.carriedBy.get(packet).push(entry);
    if (!ladder.carriersOf.has(span)) ladder.carriersOf.set(span, []);
    ladder.carriersOf.get(span).push(entry);
  }
  ladders.set(stream, ladder);
  return ladder;
}

/** Behind each packet, of each side: the next number it will send, how far it was confirmed, its window. */
function counters(packets) {
  const columns = [0, 1].map(() => ({
    next: new Float64Array(packets.length), confirmed: new Float64Array(packets.length),
    window: new Float64Array(packets.length),
  }));
  const next = [NaN, NaN], confirmed = [NaN, NaN], window = [NaN, NaN];
  packets.forEach((packet, index) => {
    const sender = packet[PACKET.sender], flags = packet[PACKET.flags];
    let behind = packet[PACKET.seq] + packet[PACKET.length];
    if (flags.includes("S")) behind += 1;
    if (flags.includes("F")) behind += 1;
    behind = behind >>> 0;
    if (!flags.includes("R") && (Number.isNaN(next[sender]) || distance(behind, next[sender]) > 0)) next[sender] = behind;
    const ack = packet[PACKET.ack];
    if (ack !== null && (Number.isNaN(confirmed[1 - sender]) || distance(ack, confirmed[1 - sender]) > 0)) {
      confirmed[1 - sender] = ack;
    }
    window[sender] = packet[PACKET.window];
    for (const side of [0, 1]) {
      columns[side].next[index] = next[side];
      columns[side].confirmed[index] = confirmed[side];
      columns[side].window[index] = window[side];
    }
  });
  return columns;
}

/** The span (an index) of an exchange's message in its ladder, or -1. `kind`: request, response, informational. */
function spanOf(ladder, exchange, kind) {
  return ladder ? ladder.spans.findIndex((span) => span[0] === exchange && span[1] === kind) : -1;
}

/** Packets (indices) that carried the octets `low` to before `high` of a span, first copies and those sent again. */
function carriers(ladder, span, low, high) {
  const first = new Set(), again = new Set();
  for (const [packet, , from, to, repeated] of ladder.carriersOf.get(span) || []) {
    if (from < high && to > low) (repeated ? again : first).add(packet);
  }
  return { first, again };
}
