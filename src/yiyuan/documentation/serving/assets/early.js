// Runs before the first paint: the reader's theme and choice of snippets, so that nothing jumps.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    // Under the name that the console keeps it by, so that one choice holds for both.
    const theme = localStorage.getItem("mantine-color-scheme-value");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const tab = localStorage.getItem("tab");
    if (tab) root.dataset.tab = tab;
  } catch {
    // Storage is switched off: the system's theme and the first tab will do.
  }
})();
