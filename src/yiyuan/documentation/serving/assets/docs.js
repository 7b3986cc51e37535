// The documentation's own script: theme, snippets' tabs, copying. Pages work without it.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const announcer = document.querySelector(".announce");

  function remember(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {
      // Not remembered, then.
    }
  }

  function announce(text) {
    announcer.textContent = "";
    setTimeout(() => (announcer.textContent = text), 50);
  }

  // --- theme ---------------------------------------------------------------------------
  const isDark = () =>
    root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
  const themeButton = document.querySelector(".theme");
  const showTheme = () => themeButton.setAttribute("aria-pressed", String(isDark()));
  themeButton.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember("mantine-color-scheme-value", root.dataset.theme);
    showTheme();
  });
  showTheme();

  // --- contents ------------------------------------------------------------------------
  const contents = document.querySelector(".contents details");
  const isWide = matchMedia("(min-width: 60rem)");
  if (contents) {
    const fold = () => (contents.open = isWide.matches);
    fold();
    contents.classList.add("settled");
    isWide.addEventListener("change", fold);
    const column = contents.parentElement;
    const here = contents.querySelector("[aria-current]");
    if (here && isWide.matches) column.scrollTop = here.offsetTop - column.clientHeight / 2;
    // Following a language switch keeps the section that is being read.
    const language = document.querySelector(".switch");
    language.addEventListener("click", () => (language.hash = location.hash));
  }

  // --- the reader's own key ------------------------------------------------------------
  // While the console shows a new key in another tab, snippets have it in the key's place.
  // It comes by a channel of this origin, stays on this page, and is kept nowhere.
  const PLACEHOLDER = "sk-your-api-key";
  if ("BroadcastChannel" in window) {
    const channel = new BroadcastChannel("yiyuan.new-key");
    channel.onmessage = ({ data }) => {
      if (typeof data?.key !== "string") return;
      for (const code of all("main code")) {
        const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const text = walker.currentNode;
          text.data = text.data.replaceAll(PLACEHOLDER, () => data.key);
        }
      }
      channel.close();
    };
    channel.postMessage("ask");
  }

  // --- snippets ------------------------------------------------------------------------
  const snippets = all(".snippet");

  function show(snippet, tab) {
    const tabs = all("[role=tab]", snippet);
    const chosen = tabs.find((each) => each.dataset.tab === tab) || tabs[0];
    for (const each of tabs) {
      const isChosen = each === chosen;
      each.setAttribute("aria-selected", String(isChosen));
      each.tabIndex = isChosen ? 0 : -1;
    }
    for (const panel of all(".panel", snippet)) panel.hidden = panel.dataset.tab !== chosen.dataset.tab;
    snippet.classList.add("ready");
  }

  function choose(button) {
    const before = button.getBoundingClientRect().top;
    root.dataset.tab = button.dataset.tab;
    remember("tab", button.dataset.tab);
    for (const snippet of snippets) show(snippet, button.dataset.tab);
    // Snippets above may have changed their height: keep the one in hand where it was.
    scrollBy(0, button.getBoundingClientRect().top - before);
  }

  for (const snippet of snippets) {
    show(snippet, root.dataset.tab);
    const tabs = all("[role=tab]", snippet);
    tabs.forEach((button, place) => {
      button.addEventListener("click", () => choose(button));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const end = { Home: 0, End: tabs.length - 1 }[event.key];
        if (step === undefined && end === undefined) return;
        event.preventDefault();
        const next = tabs[end ?? (place + step + tabs.length) % tabs.length];
        choose(next);
        next.focus();
      });
    });
  }

  // --- copying -------------------------------------------------------------------------
  async function copy(button, text) {
    const label = button.textContent;
    let said = button.dataset.done;
    try {
      await navigator.clipboard.writeText(await text());
    } catch {
      said = button.dataset.failed;
    }
    button.textContent = said;
    announce(said);
    setTimeout(() => (button.textContent = label), 2000);
  }

  for (const button of all(".copy")) {
    const code = button.parentElement.querySelector("code");
    button.addEventListener("click", () => copy(button, async () => code.textContent));
  }
  for (const button of all(".copy-page")) {
    const source = async () => (await fetch(button.dataset.source)).text();
    button.addEventListener("click", () => copy(button, source));
  }

  // --- the reader's own limits -----------------------------------------------------------
  async function ask(address) {
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    return answer.ok ? answer.json() : null;
  }

  function addColumn(table, label, cellOf) {
    for (const row of table.rows) {
      const isHead = row.parentElement.tagName === "THEAD";
      const cell = document.createElement(isHead ? "th" : "td");
      cell.className = "right own";
      cell.textContent = isHead ? label : cellOf(row.cells[0].textContent);
      row.append(cell);
    }
  }

  // Somebody who is signed in at the console sees a column more; nobody else is any the wiser.
  async function showOwnLimits(article) {
    const session = await ask("/api/session");
    const found = session?.account && (await ask(`/api/accounts/${session.account}/models`));
    if (!found) return;
    const limits = new Map(found.items.map((model) => [model.name, model.limit_rpm]));
    let place = document.getElementById(article.dataset.limitsUnder);
    while (place && !place.matches(".scroll")) place = place.nextElementSibling;
    if (!place) return;
    addColumn(place.querySelector("table"), article.dataset.ownLimit, (name) => {
      if (!limits.has(name)) return "–";
      return limits.get(name)?.toLocaleString("en") ?? article.dataset.unlimited;
    });
  }

  const withLimits = document.querySelector("[data-limits-under]");
  if (withLimits) showOwnLimits(withLimits);
})();
