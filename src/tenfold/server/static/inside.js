// Inside the network: the feature maps of its layers, lit by the digit on the paper.

import { element } from "./elements.js";

const find = (id) => document.getElementById(id);

export function hideInside() {
  find("inside").hidden = true;
}

/** The maps shown belong to an older drawing. */
export function fadeInside() {
  find("inside").classList.add("stale");
}

/** Show the layers of an answer of /v1/inside. */
export function showInside({ layers }) {
  find("inside").hidden = layers.length === 0;
  find("inside").classList.remove("stale");
  find("layers").replaceChildren(...layers.map(({ channels, size: [width, height], maps }, i) => {
    const title = `Layer ${i + 1}`;
    const facts = width === 1 ? `${channels} numbers, each of the whole image` : `${channels} maps of ${width} × ${height}`;
    const image = element("img", { className: "on-dark pixelated", src: maps, alt: `${title}: ${facts}, the stronger the more active` });
    return element("figure", {}, element("div", { className: "maps" }, image), element("figcaption", {}, element("b", {}, title), `: ${facts}`));
  }));
}
