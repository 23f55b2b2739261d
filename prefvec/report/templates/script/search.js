// The search over all answers: those to one prompt stand together, unsteered first, those of the
// same words on one card, and both a search and an answer have an address.

const PAGE = 25;
const form = document.getElementById("search");
const ORDERS = {
  longest: (a, b) => b.most - a.most,
  shortest: (a, b) => a.least - b.least,
};

const wordsAsked = (asked) => asked.words.toLowerCase().split(/\s+/).filter(Boolean);

const found = (all, asked) => {
  const words = wordsAsked(asked);
  return all.filter(
    (answer) =>
      words.every((word) => answer.lower.includes(word) || answer.prompt.toLowerCase() === word) &&
      (!asked.model || answer.arm.model === asked.model) &&
      (!asked.arm || answer.arm.label === asked.arm) &&
      (!asked.claim || answer.arm.claims.includes(asked.claim)) &&
      (!asked.dose || signed(answer.arm.coefficient) === asked.dose) &&
      (!asked.mark || (asked.mark === "false" ? answer.false.length : answer[asked.mark])),
  );
};

const samePrompt = ({ arm, prompt, sample }) => JSON.stringify([arm.model, prompt, sample]);

const grouped = (answers, all, order) => {
  const groups = new Map();
  for (const answer of answers) {
    const key = samePrompt(answer);
    if (!groups.has(key)) groups.set(key, { key, first: answer, answers: [] });
    groups.get(key).answers.push(answer);
  }
  const plain = new Map(all.filter(({ arm }) => arm.coefficient === 0).map((a) => [a.address, a]));
  for (const group of groups.values()) {
    const lengths = group.answers.map((answer) => answer.words);
    [group.most, group.least] = [Math.max(...lengths), Math.min(...lengths)];
    const claims = group.answers.flatMap(({ arm }) => arm.claims);
    const before = [...plain.values()].find(
      (one) => samePrompt(one) === group.key && one.arm.claims.some((id) => claims.includes(id)),
    );
    group.before = before && !group.answers.includes(before) ? [before] : [];
  }
  const sorted = [...groups.values()];
  return ORDERS[order] ? sorted.sort(ORDERS[order]) : sorted;
};

// The same words have the same faults, but for a text that ends by itself where another is cut off.
const byText = (answers) => {
  const key = ({ text, cut, incoherent, false: spans }) =>
    JSON.stringify([text, cut, incoherent, spans]);
  const cards = new Map(answers.map((answer) => [key(answer), []]));
  for (const answer of answers) cards.get(key(answer)).push(answer);
  return [...cards.values()];
};

const listed = (group, all, words) => {
  const { question, prompt, sample, arm } = group.first;
  const head = element("h3", {}, element("q", { dir: "auto" }, question || prompt));
  head.append(element("span", { class: "muted" }, ` ${arm.model} · ${prompt} · sample ${sample}`));
  const cards = element("div", { class: "answers" });
  const fill = (answers) => {
    const longest = Math.max(...answers.map((each) => each.words), 1);
    cards.replaceChildren(...byText(answers).map((same) => shown(same, longest, words)));
  };
  const few = [...group.before, ...group.answers];
  fill(few);
  const button = element("button", { type: "button", "aria-expanded": "false" });
  button.append("The same prompt under every arm");
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    fill(open ? few : all.filter((other) => samePrompt(other) === group.key));
  });
  return element("li", {}, head, cards, button);
};

if (form) {
  const [status, results] = [document.getElementById("found"), document.getElementById("results")];
  const [more, save] = [document.getElementById("more"), document.getElementById("save")];
  let [unpacked, all, answers, groups, words] = [null, [], [], [], []];

  const next = () => {
    const from = results.children.length;
    results.append(...groups.slice(from, from + PAGE).map((group) => listed(group, all, words)));
    more.hidden = results.children.length >= groups.length;
  };
  const show = (which, sought, order) => {
    [answers, words] = [which, sought];
    groups = grouped(answers, all, order);
    const [some, every] = [answers, all].map((each) => each.length.toLocaleString("en"));
    status.textContent = `${some} of ${every} answers`;
    results.replaceChildren();
    next();
    save.hidden = answers.length === 0;
  };
  const whenUnpacked = async (then) => {
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
    then();
  };
  const search = () => {
    const asked = Object.fromEntries(new FormData(form));
    show(found(all, asked), wordsAsked(asked), asked.order);
  };
  const follow = () => {
    const hash = location.hash;
    if (hash.startsWith("#answer=")) {
      whenUnpacked(() => {
        show(all.filter((answer) => answer.address === hash), []);
        form.parentElement.scrollIntoView();
      });
    } else if (hash.startsWith("#find=")) {
      for (const [name, value] of new URLSearchParams(hash.slice(6))) {
        if (form.elements[name]) form.elements[name].value = value;
      }
      whenUnpacked(search);
      form.parentElement.scrollIntoView();
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = [...new FormData(form)].filter(([, value]) => value);
    history.replaceState(null, "", `#find=${new URLSearchParams(asked)}`);
    whenUnpacked(search);
  });
  more.addEventListener("click", next);
  save.addEventListener("click", () => saved(answers));
  addEventListener("hashchange", follow);
  form.hidden = false;
  follow();
}
