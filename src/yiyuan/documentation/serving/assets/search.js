// The search of the documentation: words by the index, phrases by the texts. Pages work without it.
"use strict";
(() => {
  const dialog = document.querySelector("dialog.search");
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("ol");
  const status = dialog.querySelector(".status");
  const CHINESE = /[\u3400-\u9fff]+/g;
  const WORD = /c#|[a-z0-9_]+/g;
  const SHOWN_MAX = 20;
  const PREFIX_MIN = 4;
  const ASIDE = 0.6; // what a synonym counts beside the reader's own word
  const PHRASE = { head: 60, text: 30, word: 1 };
  let index = null;
  let texts = null;

  const read = async (address) => (await fetch(address)).json();

  async function openSearch() {
    if (dialog.open) return;
    dialog.showModal();
    field.select();
    index ??= prepared(await read(document.body.dataset.search));
    look();
    texts ??= await read(document.body.dataset.texts);
    look();
  }

  // --- words ---------------------------------------------------------------------------
  // What ends differ in is left off: "stream", "streams" and "streaming" are one word.
  function stem(word) {
    const short = word.replace(/(?:ing|ed|es|s|e)$/, "").replace(/y$/, "i");
    return short.length < 3 ? word : short;
  }

  /** How well a word of the pages answers one that is looked for: 1 when it is the same. */
  function likeness(term, word) {
    if (term === word) return 1;
    if (stem(term) === stem(word)) return 0.8;
    return word.length >= PREFIX_MIN && term.startsWith(word) ? 0.5 : 0;
  }

  function contains(text, phrase) {
    const isLatin = (letter) => /[a-z0-9_]/.test(letter || "");
    for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
      const before = isLatin(text[at - 1]) && isLatin(phrase[0]);
      const after = isLatin(text[at + phrase.length]) && isLatin(phrase.at(-1));
      if (!before && !after) return true;
    }
    return false;
  }

  // Places are written as the distance from the one before, in base 36.
  function places(written) {
    let place = -1;
    return written.split(" ").map((step) => (place += parseInt(step, 36)));
  }

  function prepared(document) {
    const terms = new Map();
    const models = [];
    for (const [written, words] of Object.entries(document.words)) {
      for (const word of words.split(" ")) {
        terms.set(word, places(written));
        if (/[^a-z0-9_]/.test(word)) models.push(word);
      }
    }
    for (const [written, pairs] of Object.entries(document.pairs)) {
      for (const pair of pairs.match(/../g)) terms.set(pair, places(written));
    }
    const heads = document.sections.map(([, , heading]) => heading.toLowerCase());
    const titles = document.pages.map(([, title]) => title.toLowerCase());
    return { ...document, terms, models, heads, titles, common: new Set(document.common) };
  }

  /** The words of a text: names of models whole, Latin words, pairs of Chinese characters. */
  function words(text) {
    const found = [];
    for (const chunk of text.split(/\s+/)) {
      const named = /[-.:/]/.test(chunk) && index.models.some((model) => model.startsWith(chunk));
      found.push(...(named ? [chunk] : chunk.match(WORD) || []));
    }
    for (const run of text.match(CHINESE) || []) {
      if (run.length === 1) found.push(run);
      for (let i = 0; i + 1 < run.length; i += 1) {
        const pair = run.slice(i, i + 2);
        if (![...pair].some((each) => index.particles.includes(each))) found.push(pair);
      }
    }
    const telling = found.filter((word) => !index.common.has(word) && !/^[a-z0-9]$/.test(word));
    return telling.length ? telling : found;
  }

  /** What is wanted: each part of the query, with the parts that mean the same. */
  function wanted(query) {
    const parts = [];
    let rest = query;
    for (const group of index.synonyms) {
      const own = group.find((phrase) => contains(rest, phrase));
      if (own === undefined) continue;
      rest = rest.replace(own, " ");
      parts.push([own, ...group.filter((phrase) => phrase !== own)].map(words));
    }
    if (rest.trim()) parts.push(...words(rest).map((word) => [[word]]));
    return parts;
  }

  // --- finding -------------------------------------------------------------------------
  /** The sections with a word, and how well each answers it. */
  function hits(word) {
    if (/[\u3400-\u9fff]/.test(word)) {
      return new Map((index.terms.get(word) || []).map((place) => [place, 1]));
    }
    const found = new Map();
    for (const [term, where] of index.terms) {
      const like = likeness(term, word);
      if (like) for (const place of where) found.set(place, Math.max(like, found.get(place) || 0));
    }
    return found;
  }

  function inWords(text, word) {
    if (!/^[a-z0-9_#]+$/.test(word)) return contains(text, word) ? 1 : 0;
    return Math.max(0, ...(text.match(WORD) || []).map((each) => likeness(each, word)));
  }

  function scoreOf(place, page, alternative) {
    let score = 0;
    for (const { word, found } of alternative) {
      const head = inWords(index.heads[place], word) * 5;
      const text = found.get(place) || 0;
      if (!head && !text) return 0;
      score += head + text + inWords(index.titles[page], word) * 2;
    }
    return score / (alternative.length || 1);
  }

  function phraseScore(place, phrases) {
    let best = 0;
    phrases.forEach((phrase, i) => {
      const weight = i ? ASIDE : 1;
      const inText = /^[a-z0-9_]+$/.test(phrase) ? PHRASE.word : PHRASE.text;
      if (contains(index.heads[place], phrase)) best = Math.max(best, PHRASE.head * weight);
      else if (texts && contains(texts[place], phrase)) best = Math.max(best, inText * weight);
    });
    return best;
  }

  function find(query) {
    const quoted = /^["“](.+?)["”]?$/.exec(query);
    const plain = quoted ? quoted[1].trim() : query;
    if (!plain) return [];
    const parts = wanted(plain).map((part) =>
      part.map((alternative) => alternative.map((word) => ({ word, found: hits(word) }))),
    );
    const group = index.synonyms.find((each) => each.includes(plain)) || [];
    const phrases = [plain, ...(quoted ? [] : group.filter((each) => each !== plain))];
    const results = [];
    index.sections.forEach(([page, anchor, heading], place) => {
      const scores = parts.map((part) =>
        Math.max(...part.map((each, i) => scoreOf(place, page, each) * (i ? ASIDE : 1))),
      );
      const phrase = phraseScore(place, phrases);
      if (quoted ? !phrase : !phrase && !(scores.length && scores.every((score) => score > 0))) return;
      const score = phrase + scores.reduce((sum, each) => sum + each, 0) + (index.heads[place] === plain ? 20 : 0);
      const [address, title] = index.pages[page];
      results.push({ score, place, title, heading, address: anchor ? `${address}#${anchor}` : address });
    });
    return results.sort((a, b) => b.score - a.score || a.place - b.place).slice(0, SHOWN_MAX);
  }

  // --- the dialog ----------------------------------------------------------------------
  function look() {
    if (!index) return;
    const query = field.value.trim().toLowerCase().replace(/\s+/g, " ");
    const results = find(query);
    list.replaceChildren(
      ...results.map((result) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = result.address;
        const title = document.createElement("small");
        title.textContent = result.title;
        link.append(result.heading, title);
        item.append(link);
        return item;
      }),
    );
    list.dataset.by = texts ? "phrases" : "words";
    const said = results.length ? status.dataset.found.replace("{n}", results.length) : status.dataset.none;
    status.textContent = query ? said : "";
  }

  field.addEventListener("input", look);
  list.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    if (event.key === "Escape") dialog.close(); // a field with text would take the first one
    if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      links[0]?.click();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !links.length) return;
    event.preventDefault();
    const next = links.indexOf(document.activeElement) + step;
    (next < 0 ? field : links[Math.min(next, links.length - 1)]).focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.querySelector(".search-button").addEventListener("click", openSearch);
  addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch();
    }
  });
  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    document.querySelector(".search-button kbd").textContent = "⌘K";
  }
})();
