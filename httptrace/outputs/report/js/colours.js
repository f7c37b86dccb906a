/* Colours for texts: enough to see strings, names and tags. What is not understood stays as it is. */

const COLOURED = {
  json: /("(?:[^"\\\n]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)/g,
  markup: /(<!--[\s\S]*?-->)|(<\/?[A-Za-z][\w:.-]*|\/?>)|("[^"\n]*"|'[^'\n]*')(?=[^<]*>)/g,
};

/** Longer texts stay plain: each piece of colour is an element. */
const MOST_COLOURED = 40_000;

/** A text as nodes, coloured where its language is known. */
function colours(text, name) {
  const rule = name === "json" ? COLOURED.json : name === "html" || name === "xml" ? COLOURED.markup : null;
  if (!rule || text.length > MOST_COLOURED) return [text];
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(rule)) {
    if (found.index > at) nodes.push(text.slice(at, found.index));
    let kind;
    if (name === "json") kind = found[1] ? (found[2] ? "name" : "string") : found[3] ? "constant" : "number";
    else kind = found[1] ? "comment" : found[2] ? "tag" : "string";
    const token = name === "json" && found[1] ? found[1] : found[0];
    nodes.push(make("span", { class: `t-${kind}` }, token));
    at = found.index + token.length;
  }
  nodes.push(text.slice(at));
  return nodes;
}
