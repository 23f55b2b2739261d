// All answers, which lie in the record that the page carries, each with its question.

// As prefvec.text.metrics counts words: what stands between spaces and holds a letter or a digit,
// and each character of scripts that are written without spaces.
const UNSPACED = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff";
const CHUNK = new RegExp(`[${UNSPACED}]|[^\\s${UNSPACED}]+`, "gu");
const isWord = (chunk) => /[\p{L}\p{N}]/u.test(chunk);
const wordsOf = (text) => (text.match(CHUNK) ?? []).filter(isWord).length;

const questionsOf = ({ claims, splits }) => {
  const asked = new Map();
  for (const { texts } of splits) for (const each of Object.entries(texts ?? {})) asked.set(...each);
  for (const { answers } of claims) for (const one of answers) asked.set(one.prompt, one.question);
  return asked;
};

const addressOf = (arm, prompt, sample) => {
  const place = [arm.claims[0] ?? "", arm.arm, arm.coefficient, prompt, sample];
  return `#answer=${place.map((each) => encodeURIComponent(each)).join("/")}`;
};

const unpack = async () => {
  const address = document.getElementById("record").getAttribute("href");
  const binary = atob(address.slice(address.indexOf(",") + 1));
  const packed = Uint8Array.from(binary, (each) => each.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const record = JSON.parse(await new Response(stream).text());
  const { answers } = record;
  const asked = questionsOf(record);
  const all = [];
  for (const arm of answers.arms) {
    const [cut, incoherent] = [new Set(arm.cut), new Set(arm.incoherent)];
    arm.prompt.forEach((place, row) => {
      const text = answers.texts[arm.text[row]] ?? "";
      const [prompt, sample] = [answers.prompts[place] ?? "", arm.sample[row]];
      all.push({
        arm, text, prompt, sample, question: asked.get(prompt) ?? "",
        address: addressOf(arm, prompt, sample),
        words: wordsOf(text), lower: text.toLowerCase(),
        cut: cut.has(row), incoherent: incoherent.has(row), false: arm.false[row] ?? [],
      });
    });
  }
  return all;
};
