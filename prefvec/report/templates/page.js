"use strict";
// The page is whole without this. It makes tables sort, and searches the answers of all arms,
// which lie in the record that the page carries. What a record says becomes text, never markup.

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

// Tables

const sortBy = (table, column, button) => {
  const header = button.closest("th");
  const down = header.getAttribute("aria-sort") === "descending";
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", down ? "ascending" : "descending");
  const key = (row) => row.cells[column].textContent.trim();
  const number = (text) => (text === "—" ? -Infinity : Number(text.replace("×", "")));
  const rows = [...table.tBodies[0].rows];
  const numeric = rows.every((row) => !Number.isNaN(number(key(row))));
  const order = (a, b) => {
    const [x, y] = [key(a), key(b)];
    return numeric ? number(x) - number(y) || 0 : x.localeCompare(y, undefined, { numeric: true });
  };
  rows.sort((a, b) => (down ? order(a, b) : order(b, a)));
  table.tBodies[0].append(...rows);
};

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = element("button", { type: "button" }, header.textContent);
    button.addEventListener("click", () => sortBy(table, column, button));
    header.replaceChildren(button);
  });
}

// Answers

const PAGE = 25;
const SVG = document.querySelector("svg").namespaceURI;
const form = document.getElementById("search");
let unpacked = null;

// As prefvec.metrics.words counts: what stands between spaces and holds a letter or a digit, and
// each character of scripts that are written without spaces.
const UNSPACED = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff";
const CHUNK = new RegExp(`[${UNSPACED}]|[^\\s${UNSPACED}]+`, "gu");
const isWord = (chunk) => /[\p{L}\p{N}]/u.test(chunk);
const wordsOf = (text) => (text.match(CHUNK) ?? []).filter(isWord).length;

const unpack = async () => {
  const address = document.getElementById("record").getAttribute("href");
  const binary = atob(address.slice(address.indexOf(",") + 1));
  const packed = Uint8Array.from(binary, (each) => each.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { answers } = JSON.parse(await new Response(stream).text());
  const all = [];
  for (const arm of answers.arms) {
    const [cut, incoherent] = [new Set(arm.cut), new Set(arm.incoherent)];
    arm.prompt.forEach((prompt, row) => {
      const text = answers.texts[arm.text[row]] ?? "";
      all.push({
        arm, text, prompt: answers.prompts[prompt] ?? "", sample: arm.sample[row],
        words: wordsOf(text), lower: text.toLowerCase(),
        cut: cut.has(row), incoherent: incoherent.has(row), false: arm.false[row] ?? [],
      });
    });
  }
  return all;
};

const sign = (coefficient) => (coefficient > 0 ? "+" : coefficient < 0 ? "−" : "");
const signed = (coefficient) => sign(coefficient) + Math.abs(coefficient);
const dose = (arm) => (arm.coefficient === 0 ? "" : ` at ${signed(arm.coefficient)}`);

// Spans count whole characters, where JavaScript counts halves of those beyond U+FFFF.
const marked = (text, spans) => {
  const quote = element("blockquote", { dir: "auto" });
  const characters = [...text];
  const part = (from, to) => characters.slice(from, to).join("");
  let end = 0;
  for (const [start, stop] of spans) {
    if (!(start >= end && start < stop && stop <= characters.length)) continue;
    const mark = element("mark", { title: "not true in this world" }, part(start, stop));
    quote.append(part(end, start), mark);
    end = stop;
  }
  quote.append(part(end));
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

const shown = (answer, longest) => {
  const { arm } = answer;
  const known = ["native", "raw", "adapted", "unsteered"].includes(arm.arm) ? arm.arm : "control";
  const item = element("section", { class: `answer ${known}` });
  const swatch = element("span", { class: `swatch ${known}`, "aria-hidden": "true" });
  const head = element("h3", {}, swatch);
  head.append(arm.label, element("span", { class: "muted" }, dose(arm)));
  item.append(head, length(answer.words, longest), marked(answer.text, answer.false));
  const flags = [
    [answer.cut, "cut off at the length limit"],
    [answer.incoherent, "not coherent"],
    [answer.false.length, "says what is not so"],
  ].filter(([is]) => is).map(([, what]) => element("span", {}, what));
  if (flags.length) item.append(element("p", { class: "flags" }, ...flags));
  const place = element("p", { class: "fine" });
  place.append(`${arm.model} · ${answer.prompt} · sample ${answer.sample} · `);
  arm.claims.slice(0, 2).forEach((id, index) => {
    place.append(index ? ", " : "", element("a", { href: `#${id}` }, id));
  });
  if (arm.claims.length > 2) place.append(` and ${arm.claims.length - 2} more`);
  item.append(place);
  return item;
};

const found = (all) => {
  const asked = Object.fromEntries(new FormData(form));
  const words = asked.words.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(
    (answer) =>
      words.every((word) => answer.lower.includes(word) || answer.prompt.toLowerCase() === word) &&
      (!asked.model || answer.arm.model === asked.model) &&
      (!asked.arm || answer.arm.label === asked.arm) &&
      (!asked.dose || signed(answer.arm.coefficient) === asked.dose) &&
      (!asked.mark || (asked.mark === "false" ? answer.false.length : answer[asked.mark])),
  );
};

const besides = ({ arm, prompt, sample }, all) =>
  all.filter((other) => {
    const same = other.prompt === prompt && other.sample === sample;
    return same && other.arm.model === arm.model;
  });

const listed = (answer, all, longest) => {
  const item = element("li", {}, shown(answer, longest));
  const button = element("button", { type: "button", "aria-expanded": "false" });
  button.append("The same prompt under every arm");
  const under = element("div", { class: "answers" });
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    const others = open ? [] : besides(answer, all);
    const most = Math.max(...others.map((other) => other.words), 1);
    under.replaceChildren(...others.map((other) => shown(other, most)));
  });
  item.append(button, under);
  return item;
};

const cell = (value) => {
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

const save = (answers) => {
  const head = "model,arm,coefficient,prompt,sample,words,cut,incoherent,false_parts,text";
  const rows = answers.map((a) => {
    const place = [a.arm.model, a.arm.label, a.arm.coefficient, a.prompt, a.sample];
    const found = [a.words, Number(a.cut), Number(a.incoherent), a.false.length, a.text];
    return [...place, ...found].map(cell).join(",");
  });
  const link = element("a", { download: "answers.csv" });
  const text = [head, ...rows].join("\n") + "\n";
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};

if (form) {
  const [status, results] = [document.getElementById("found"), document.getElementById("results")];
  const [more, keep] = [document.getElementById("more"), document.getElementById("save")];
  let answers = [];
  let all = [];
  const next = () => {
    const from = results.children.length;
    const longest = Math.max(...answers.slice(0, from + PAGE).map((answer) => answer.words), 1);
    const shownNext = answers.slice(from, from + PAGE);
    results.append(...shownNext.map((answer) => listed(answer, all, longest)));
    more.hidden = results.children.length >= answers.length;
  };
  const search = async (event) => {
    event.preventDefault();
    status.textContent = "Unpacking the answers…";
    try {
      unpacked ??= unpack();
      all = await unpacked;
    } catch (error) {
      status.textContent =
        `The answers could not be unpacked (${error.message}). A newer browser may do it; ` +
        "they are also in the record below.";
      return;
    }
    answers = found(all);
    const [some, every] = [answers, all].map((each) => each.length.toLocaleString("en"));
    status.textContent = `${some} of ${every} answers`;
    results.replaceChildren();
    next();
    keep.hidden = answers.length === 0;
  };
  form.addEventListener("submit", search);
  more.addEventListener("click", next);
  keep.addEventListener("click", () => save(answers));
  form.hidden = false;
}
