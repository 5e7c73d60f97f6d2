// The files that a visitor drops or chooses, those in folders too. Reads no pictures.

const HIDDEN = /(^|\/)\.|(^|\/)(Thumbs\.db|desktop\.ini)$/i; // what systems put into folders by themselves

/** The files of a drop; folders are walked through. Resolves to [{file, name}], sorted by name in each folder. */
export async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return listed(transfer.files);
  const found = await Promise.all(entries.map((entry) => walk(entry)));
  return found.flat().filter(({ name }) => !HIDDEN.test(name));
}

/** The files of an input, or of a clipboard. */
export const listed = (files) => [...files].map((file) => ({ file, name: file.webkitRelativePath || file.name })).filter(({ name }) => !HIDDEN.test(name));

async function walk(entry, folder = "") {
  const name = folder + entry.name;
  if (entry.isFile) return [{ file: await new Promise((resolve, reject) => { entry.file(resolve, reject); }), name }];
  const reader = entry.createReader(), inside = [];
  for (let some = await next(reader); some.length > 0; some = await next(reader)) inside.push(...some);
  inside.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  return (await Promise.all(inside.map((each) => walk(each, `${name}/`)))).flat();
}

const next = (reader) => new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
