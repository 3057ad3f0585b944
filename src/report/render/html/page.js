"use strict";
// The page can be read, and filtered by verdict, without this. It searches, opens what a link leads to, and
// copies.
(() => {
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const box = document.getElementById("search");
  const found = document.getElementById("found");
  const rows = all(".requirement");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const features = all("details.feature");
  const folded = features.map((feature) => !feature.open);
  const choice = () => document.querySelector("input[name=show]:checked");

  // Hides what does not match the search, and opens the features in which something is left.
  const update = () => {
    const words = box ? box.value.toLowerCase().split(" ").filter(Boolean) : [];
    const verdict = choice() ? choice().value : "all";
    const isShown = (row) => row.hidden ? false : verdict === "all" || row.classList.contains(verdict);
    rows.forEach((row, at) => { row.hidden = !words.every((word) => texts[at].includes(word)); });
    features.forEach((feature, at) => {
      const any = all(".requirement", feature).some(isShown);
      feature.hidden = any ? false : words.length > 0;
      feature.open = words.length > 0 || verdict !== "all" ? any : !folded[at];
    });
    if (found) found.textContent = words.length === 0 ? "" : rows.filter(isShown).length + " of " + rows.length;
  };

  const unfold = (target) => {
    for (let it = target; it; it = it.parentElement) if (it.localName === "details") it.open = true;
  };

  // What a link leads to is shown, whatever is folded, searched for or filtered.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    unfold(target);
    if (!target.checkVisibility()) {
      const first = document.getElementById("show-all");
      if (first) first.checked = true;
      if (box) box.value = "";
      update();
      unfold(target);
    }
    target.scrollIntoView();
  };

  const select = (text) => {
    const range = document.createRange();
    range.selectNodeContents(text);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };

  const copy = async (button) => {
    const text = button.parentElement.querySelector("code");
    let done = true;
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      select(text);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Selected";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  };

  if (box) {
    box.closest(".search").hidden = false;
    box.addEventListener("input", update);
  }
  all("input[name=show]").forEach((it) => it.addEventListener("change", update));
  all("button.copy").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("a[href^='#']")) setTimeout(reveal);
  });
  addEventListener("hashchange", reveal);
  // A browser may remember what was chosen before the page was loaded again.
  update();
  reveal();
})();
