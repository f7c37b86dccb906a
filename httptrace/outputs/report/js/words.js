/* Words and numbers in the language of the moment. */

let language = core.languages.indexOf(core.language);
const number = (value) => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** A text of ours, its places filled; where it has two forms, the one that fits `values.count`. */
function word(key, values = {}) {
  let text = core.words[language][key];
  if (text === undefined) throw new Error(`no word for ${key}`);
  if (Array.isArray(text)) text = text[values.count === 1 ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? number(value) : String(value);
  });
}

/** A span of time in three digits and its unit. */
function duration(ns) {
  if (ns === null || ns === undefined) return "–";
  if (ns < 0) return "−" + duration(-ns);
  if (ns === 0) return "0 ms";
  if (ns < 99_950) return `${Math.max(1, Math.round(ns / 1e3))} µs`;
  if (ns < 99_950_000) return `${(ns / 1e6).toFixed(1)} ms`;
  if (ns < 999_500_000) return `${Math.round(ns / 1e6)} ms`;
  if (ns < 9_995_000_000) return `${(ns / 1e9).toFixed(2)} s`;
  if (ns < 99_950_000_000) return `${(ns / 1e9).toFixed(1)} s`;
  return `${number(Math.round(ns / 1e9))} s`;
}

/** An amount of bytes in at most three digits and its unit. */
function size(octets) {
  if (octets === null || octets === undefined) return "–";
  if (octets < 1000) return `${octets} B`;
  let amount = octets;
  for (const unit of ["kB", "MB", "GB", "TB"]) {
    amount /= 1000;
    if (amount < 9.95) return `${amount.toFixed(1)} ${unit}`;
    if (amount < 999.5) return `${Math.round(amount)} ${unit}`;
  }
  return `${Math.round(amount / 1000)} PB`;
}

const seconds = (ns) => (ns / 1e9).toFixed(3);

const FLAG_NAMES = { C: "CWR", E: "ECE", U: "URG", A: "ACK", P: "PSH", R: "RST", S: "SYN", F: "FIN" };

/** The flags as textbooks name them: what opens or ends first, ACK behind. */
const flagNames = (flags) => [..."SFRPUECA"].filter((one) => flags.includes(one)).map((one) => FLAG_NAMES[one]).join(",");

/** The octets of a message from `low` to before `high`, counted from 1: the first and the last. */
const span = (low, high) => (high - low > 1 ? `${number(low + 1)}–${number(high)}` : number(high));

/** What the reference says of something that occurs here: {title, text, rfc}, or null. */
function term(kind, name) {
  const found = (core.terms[kind] || {})[String(name).toLowerCase()];
  return found ? { title: found[language][0], text: found[language][1], rfc: found[core.languages.length] } : null;
}
