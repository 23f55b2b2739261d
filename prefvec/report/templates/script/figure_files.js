// Each figure as a file of its own, SVG or PNG, as it looks here and with its legend.

const PROPERTIES = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity",
  "font-family", "font-size", "font-weight", "paint-order", "text-anchor",
];
const XMLNS = "http:" + "//www.w3.org/2000/xmlns/";

const inkOf = (original, clone) => {
  const style = getComputedStyle(original);
  for (const name of PROPERTIES) {
    const value = style.getPropertyValue(name);
    clone.setAttribute(name, value === style.color ? "currentColor" : value);
  }
  if (original.localName === "svg") clone.setAttribute("color", style.color);
};

const inked = (original) => {
  const clone = original.cloneNode(false);
  inkOf(original, clone);
  const source = original.localName === "use" ? iconOf(original) : original;
  if (source !== original) {
    const group = document.createElementNS(SVG, "g");
    group.append(...[...source.children].map(inked));
    return group;
  }
  for (const child of original.childNodes) {
    clone.append(child.nodeType === Node.ELEMENT_NODE ? inked(child) : child.cloneNode());
  }
  return clone;
};

const iconOf = (use) => document.querySelector(use.getAttribute("href"));

const alone = (figure) => {
  const original = figure.querySelector("svg[role]");
  const drawn = inked(original);
  const [x, y, width, height] = original.getAttribute("viewBox").split(" ").map(Number);
  let foot = y + height + 8;
  for (const item of figure.querySelectorAll(".legend li")) {
    const key = inked(item.querySelector("svg"));
    const text = document.createElementNS(SVG, "text");
    Object.entries({ x, y: foot, width: 30, height: 13 }).forEach(([k, v]) => key.setAttribute(k, v));
    inkOf(original.querySelector("text") ?? original, text);
    Object.entries({ x: x + 38, y: foot + 11, "text-anchor": "start" }).forEach(([k, v]) =>
      text.setAttribute(k, v),
    );
    text.textContent = item.textContent.trim();
    drawn.append(key, text);
    foot += 19;
  }
  drawn.setAttribute("viewBox", `${x} ${y} ${width} ${foot - y}`);
  drawn.setAttribute("width", width);
  drawn.setAttribute("height", foot - y);
  drawn.setAttributeNS(XMLNS, "xmlns", SVG);
  const paper = document.createElementNS(SVG, "rect");
  const background = getComputedStyle(document.body).backgroundColor;
  Object.entries({ x, y, width, height: foot - y, fill: background }).forEach(([k, v]) =>
    paper.setAttribute(k, v),
  );
  drawn.prepend(paper);
  return { text: new XMLSerializer().serializeToString(drawn), width, height: foot - y };
};

const asPng = ({ text, width, height }, then) => {
  const picture = new Image();
  picture.addEventListener("load", () => {
    const canvas = element("canvas", { width: 3 * width, height: Math.round(3 * height) });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(then, "image/png");
  });
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
};

for (const figure of document.querySelectorAll("figure:has(svg[role])")) {
  const name = figure.querySelector("svg[role] > title").id.replace(/--title$/, "");
  const [svg, png] = ["SVG", "PNG"].map((kind) => {
    const label = `This figure as ${kind}`;
    return element("button", { type: "button", title: label, "aria-label": label }, kind);
  });
  svg.addEventListener("click", () =>
    keep(`${name}.svg`, new Blob([alone(figure).text], { type: "image/svg+xml" })),
  );
  png.addEventListener("click", () => asPng(alone(figure), (blob) => keep(`${name}.png`, blob)));
  figure.append(element("div", { class: "tools" }, svg, png));
}
