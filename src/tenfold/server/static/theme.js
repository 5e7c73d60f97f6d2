// The theme of a page: light, dark or that of the system. The button #theme switches it; prints are always light.
// Dispatches "themechange" on the document.

import { keepInLinks, nextChoice, set, setting } from "./settings.js";

const printing = matchMedia("print");

apply();
addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("theme");
  button.addEventListener("click", () => {
    set("theme", nextChoice("theme"));
    apply();
    label(button);
  });
  label(button);
  keepInLinks();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dispatch);
printing.addEventListener("change", apply);

function apply() {
  const theme = printing.matches ? "light" : setting("theme");
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  dispatch();
}

function label(button) {
  const theme = setting("theme");
  for (const icon of button.children) icon.toggleAttribute("hidden", icon.dataset.theme !== theme);
  button.setAttribute("aria-label", `Colours: ${theme}`);
  button.title = button.ariaLabel;
}

function dispatch() {
  document.dispatchEvent(new Event("themechange"));
}
