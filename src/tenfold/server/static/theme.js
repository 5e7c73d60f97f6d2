// The theme of a page: light, dark or that of the system. The button #theme switches it. Dispatches "themechange" on the document.

import { nextChoice, set, setting } from "./settings.js";

const ICONS = {
  auto: '<circle cx="10" cy="10" r="6.5"/><path d="M10 3.500v13a6.5 6.5 0 0 0 0-13z" fill="currentColor"/>',
  light: '<circle cx="10" cy="10" r="3.5"/><path d="M10 2v1.800M10 16.200V18M2 10h1.800M16.2 10H18M4.3 4.300l1.3 1.300M14.4 14.400l1.3 1.300M4.3 15.700l1.3-1.300M14.4 5.600l1.3-1.3"/>',
  dark: '<path d="M16 12.200A6.5 6.5 0 0 1 7.8 4a6.5 6.5 0 1 0 8.2 8.200z"/>',
};

apply();
addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("theme");
  button.addEventListener("click", () => {
    set("theme", nextChoice("theme"));
    apply();
    label(button);
  });
  label(button);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dispatch);

function apply() {
  const theme = setting("theme");
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  dispatch();
}

function label(button) {
  const theme = setting("theme");
  button.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true">${ICONS[theme]}</svg>`;
  button.setAttribute("aria-label", `Colours: ${theme}`);
  button.title = button.ariaLabel;
  for (const link of document.querySelectorAll(".head a")) { // the other pages open in the same theme
    const url = new URL(link.href);
    if (theme === "auto") url.searchParams.delete("theme");
    else url.searchParams.set("theme", theme);
    link.href = url;
  }
}

function dispatch() {
  document.dispatchEvent(new Event("themechange"));
}
