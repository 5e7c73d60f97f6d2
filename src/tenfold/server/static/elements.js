// Elements of the page, made from names, properties and children. Nothing here parses HTML.

/** A new element with properties and children; children are elements or texts. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return made;
}
