"use strict";
// The page can be read without this: it only hides rows that do not match the search.
(() => {
  const box = document.getElementById("search");
  const found = document.getElementById("found");
  const rows = Array.from(document.querySelectorAll("table.requirements tbody tr"));
  const texts = rows.map((row) => row.textContent.toLowerCase());
  box.closest(".search").hidden = false;
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(" ").filter(Boolean);
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !words.every((word) => texts[at].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    found.textContent = words.length === 0 ? "" : shown + " of " + rows.length;
  });
})();
