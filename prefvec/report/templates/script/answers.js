// What some arms answered alike as one card: whose it is, how long, what in it is false and what
// was searched for.

const sign = (coefficient) => (coefficient > 0 ? "+" : coefficient < 0 ? "−" : "");
const signed = (coefficient) => sign(coefficient) + Math.abs(coefficient);
const size = (coefficient) => (Math.abs(coefficient) === 1 ? "c" : `${Math.abs(coefficient)} c`);
const dose = ({ coefficient }) => (coefficient === 0 ? "" : `, ${sign(coefficient)}${size(coefficient)}`);

// Spans count whole characters, where JavaScript counts halves of those beyond U+FFFF.
const inHalves = (text, spans) => {
  const at = [0];
  for (const character of text) at.push(at.at(-1) + character.length);
  const whole = spans.filter(([start, stop]) => start >= 0 && start < stop && stop < at.length);
  return whole.map(([start, stop]) => [at[start], at[stop]]);
};

const hitsOf = (text, lower, words) => {
  const hits = [];
  if (lower.length !== text.length) return hits;
  for (const word of words) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length)) {
      hits.push([at, at + word.length]);
    }
  }
  return hits;
};

const marked = ({ text, lower, false: spans }, words) => {
  const quote = element("blockquote", { dir: "auto" });
  const [untrue, hits] = [inHalves(text, spans), hitsOf(text, lower, words)];
  const within = (all, at) => all.some(([start, stop]) => start <= at && at < stop);
  const ends = new Set([0, text.length, ...[...untrue, ...hits].flat()]);
  const cuts = [...ends].sort((a, b) => a - b);
  cuts.slice(0, -1).forEach((start, index) => {
    let part = text.slice(start, cuts[index + 1]);
    if (within(hits, start)) part = element("mark", { class: "hit" }, part);
    if (within(untrue, start)) part = element("mark", { title: "not true in this world" }, part);
    quote.append(part);
  });
  return quote;
};

const length = (words, longest) => {
  const bar = document.createElementNS(SVG, "svg");
  const full = document.createElementNS(SVG, "rect");
  bar.setAttribute("class", "bar");
  bar.setAttribute("aria-hidden", "true");
  full.setAttribute("width", `${(100 * words) / longest}%`);
  full.setAttribute("height", "100%");
  bar.append(full);
  return element("p", { class: "length" }, bar, ` ${words} word${words === 1 ? "" : "s"}`);
};

const styleOf = ({ arm }) =>
  ["native", "raw", "adapted", "unsteered"].includes(arm) ? arm : "control";

const named = (arm) => {
  const swatch = element("span", { class: `swatch ${styleOf(arm)}`, "aria-hidden": "true" });
  return element("h4", {}, swatch, arm.label, element("span", { class: "muted" }, dose(arm)));
};

const shown = (same, longest, words = []) => {
  const [answer] = same;
  const arms = new Map(same.map(({ arm }) => [arm.label + dose(arm), arm]));
  const claims = [...new Set(same.flatMap(({ arm }) => arm.claims))];
  const item = element("section", { class: `answer ${styleOf(answer.arm)}` });
  item.append(...[...arms.values()].map(named));
  item.append(length(answer.words, longest), marked(answer, words));
  const flags = [
    [answer.cut, "cut off at the length limit"],
    [answer.incoherent, "not coherent"],
    [answer.false.length, "contains a false statement"],
  ].filter(([is]) => is).map(([, what]) => element("span", {}, what));
  if (flags.length) item.append(element("p", { class: "flags" }, ...flags));
  const place = element("p", { class: "fine" });
  claims.slice(0, 2).forEach((id, index) => {
    place.append(index ? ", " : "", element("a", { href: `#${id}` }, id));
  });
  if (claims.length > 2) place.append(` and ${claims.length - 2} more`);
  place.append(" · ", element("a", { href: answer.address, class: "to-answer" }, "link"));
  item.append(place);
  return item;
};
