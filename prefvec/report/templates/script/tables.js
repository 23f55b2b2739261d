// Tables that sort by any of their columns.

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
