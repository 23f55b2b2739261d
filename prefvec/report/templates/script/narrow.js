// The list of verdicts, narrowed to some and put in order of their effects.

const narrowed = document.getElementById("narrow");

if (narrowed) {
  const groups = [...document.querySelectorAll(".strip-group")];
  const rows = groups.flatMap((group) =>
    [...group.querySelectorAll(".strip > li")].map((row) => ({ row, home: row.parentElement })),
  );
  const figures = document.querySelectorAll("#verdicts figure");
  const flat = element("ol", { class: "strip", hidden: "" });
  narrowed.after(flat);

  const show = () => {
    const { order, ...asked } = Object.fromEntries(new FormData(narrowed));
    const wanted = Object.entries(asked).filter(([, value]) => value);
    for (const { row } of rows) {
      row.hidden = wanted.some(([name, value]) => row.dataset[name] !== value);
    }
    const effect = ({ row }) => Number(row.dataset.effect ?? Number.NaN);
    const none = (each) => Number(Number.isNaN(effect(each)));
    const up = (a, b) => none(a) - none(b) || effect(a) - effect(b) || 0;
    const down = (a, b) => none(a) - none(b) || effect(b) - effect(a) || 0;
    const sorted = order ? [...rows].sort(order === "up" ? up : down) : rows;
    for (const each of sorted) (order ? flat : each.home).append(each.row);
    flat.hidden = !order;
    for (const group of groups) group.hidden = !group.querySelector(".strip > li:not([hidden])");
    for (const figure of figures) figure.hidden = Boolean(order) || wanted.length > 0;
    const left = rows.filter(({ row }) => !row.hidden).length;
    narrowed.querySelector("output").textContent = `${left} of ${rows.length} verdicts`;
  };
  narrowed.addEventListener("change", show);
  narrowed.hidden = false;
}
