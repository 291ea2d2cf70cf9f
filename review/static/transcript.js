// Search inside the conversation: what is found is marked without a change to the page, and steps lead through it.
"use strict";

(() => {
  const field = document.getElementById("find");
  const transcript = document.getElementById("transcript");
  if (!field || !window.CSS?.highlights) return; // then the server marks the lines
  const found = document.getElementById("found");
  const steps = { "find-previous": -1, "find-next": 1 };
  let ranges = [];
  let place = -1;

  function textOf(line) { // its text nodes, with where each begins in the whole
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    const nodes = [];
    let text = "";
    while (walker.nextNode()) {
      nodes.push({ node: walker.currentNode, from: text.length });
      text += walker.currentNode.data;
    }
    return { nodes, text: text.toLowerCase() };
  }

  function rangeOf(nodes, from, to) {
    const holding = (offset) => nodes.findLast((item) => item.from <= offset);
    const first = holding(from);
    const last = holding(to - 1);
    const range = new Range();
    range.setStart(first.node, from - first.from);
    range.setEnd(last.node, to - last.from);
    return range;
  }

  function find(wanted) {
    const all = [];
    for (const line of transcript.querySelectorAll(".utterance > p")) {
      const { nodes, text } = textOf(line);
      for (let from = text.indexOf(wanted); from >= 0; from = text.indexOf(wanted, from + wanted.length)) {
        all.push(rangeOf(nodes, from, from + wanted.length));
      }
    }
    return all;
  }

  function show() {
    CSS.highlights.set("found", new Highlight(...ranges));
    CSS.highlights.set("found-here", new Highlight(...ranges.slice(place, place + 1)));
    ranges[place]?.startContainer.parentElement.scrollIntoView({ block: "center" });
    const wanted = field.value.trim();
    found.textContent = !wanted ? "" : !ranges.length ? found.dataset.none
      : found.dataset.text.replace("{number}", String(place + 1)).replace("{count}", String(ranges.length));
    for (const id of Object.keys(steps)) document.getElementById(id).hidden = ranges.length < 2;
  }

  function search() {
    const wanted = field.value.trim().toLowerCase().replace(/\s+/g, " ");
    ranges = wanted ? find(wanted) : [];
    place = ranges.length ? 0 : -1;
    show();
  }

  function step(by) {
    if (!ranges.length) return;
    place = (place + by + ranges.length) % ranges.length;
    show();
  }

  field.addEventListener("input", search);
  field.form.addEventListener("submit", (event) => { event.preventDefault(); step(1); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); step(-1); }
    if (event.key === "Escape") { field.value = ""; search(); field.blur(); }
  });
  for (const [id, by] of Object.entries(steps)) document.getElementById(id).addEventListener("click", () => step(by));
  if (field.value) search();
})();
