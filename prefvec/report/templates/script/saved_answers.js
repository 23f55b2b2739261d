// What was found, as CSV.

const cell = (value) => {
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

const saved = (answers) => {
  const head = "model,arm,coefficient,prompt,sample,words,cut,incoherent,false_parts,question,text";
  const rows = answers.map((a) => {
    const place = [a.arm.model, a.arm.label, a.arm.coefficient, a.prompt, a.sample];
    const found = [a.words, Number(a.cut), Number(a.incoherent), a.false.length, a.question, a.text];
    return [...place, ...found].map(cell).join(",");
  });
  keep("answers.csv", new Blob([[head, ...rows].join("\n") + "\n"], { type: "text/csv" }));
};
