// Settings of a visitor, kept in the URL: ?read=number&pen=thin&theme=dark. The first choice is the default and left out.

const CHOICES = {
  read: ["digit", "number"],
  pen: ["thick", "thin"],
  theme: ["auto", "light", "dark"],
};

export function setting(name) {
  const value = new URLSearchParams(location.search).get(name);
  return CHOICES[name].includes(value) ? value : CHOICES[name][0];
}

export function set(name, value) {
  const url = new URL(location);
  if (value === CHOICES[name][0]) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(history.state, "", url);
}

export function nextChoice(name) {
  const choices = CHOICES[name];
  return choices[(choices.indexOf(setting(name)) + 1) % choices.length];
}
