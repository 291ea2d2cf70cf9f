// The keys of a call's page. Each presses a button or chooses an answer that stands on the page; off in text fields.
"use strict";

(() => {
  const TYPED_INTO = "textarea, select, input:not([type=radio]):not([type=checkbox])";
  const PRESSED = `${TYPED_INTO}, button, a, summary`; // Enter and Space mean something of their own there
  const dialog = document.getElementById("keys");
  const undoDialog = document.getElementById("undo-dialog");
  let currentId = null;
  let evidencePlace = -1;

  const criteria = () => [...document.querySelectorAll(".criterion")];
  const current = () => document.getElementById(currentId);
  const press = (id) => document.getElementById(id)?.click();

  function choose(criterion, { focus = true, scroll = true } = {}) {
    if (!criterion) return;
    if (criterion.id !== currentId) evidencePlace = -1;
    current()?.classList.remove("current");
    currentId = criterion.id;
    criterion.classList.add("current");
    if (focus) criterion.focus({ preventScroll: true });
    if (scroll) criterion.scrollIntoView({ block: "nearest" });
  }

  function move(by) {
    const all = criteria();
    const place = all.indexOf(current());
    choose(all[place < 0 ? 0 : Math.min(Math.max(place + by, 0), all.length - 1)]);
  }

  function answer(selector) {
    const criterion = current() || criteria()[0];
    choose(criterion, { focus: false });
    const choice = criterion?.querySelector(`.choices input${selector}`);
    if (!choice || choice.disabled || choice.checked) return;
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function playEvidence() {
    const criterion = current() || criteria()[0];
    choose(criterion, { focus: false });
    const chips = criterion ? [...criterion.querySelectorAll(".chip")] : [];
    if (!chips.length) return;
    evidencePlace = (evidencePlace + 1) % chips.length;
    chips[evidencePlace].click();
  }

  function comment() {
    const details = (current() || criteria()[0])?.querySelector(".comment");
    if (!details?.checkVisibility()) return; // a comment belongs to an answer
    details.open = true;
    details.querySelector("textarea").focus();
  }

  function undo() {
    const form = document.getElementById("undo") || document.getElementById("toast");
    if (form && !document.querySelector(".choices input:checked")) form.requestSubmit();
    else undoDialog?.showModal(); // asks: it leads away from what was answered here, or is some time ago
  }

  const actions = {
    " ": () => press("play"),
    ArrowUp: () => move(-1),
    ArrowDown: () => move(1),
    ArrowLeft: () => document.dispatchEvent(new CustomEvent("player:seek", { detail: -1 })),
    ArrowRight: () => document.dispatchEvent(new CustomEvent("player:seek", { detail: 1 })),
    n: () => answer('[data-key="n"]'),
    u: () => answer('[data-key="u"]'),
    c: comment,
    e: playEvidence,
    a: () => answer("[data-suggested]"),
    A: () => press("accept"),
    l: () => press("loop"),
    "/": () => { document.getElementById("find")?.focus(); document.getElementById("find")?.select(); },
    "?": () => dialog.showModal(),
    Enter: () => press("submit"),
    Backspace: undo,
  };
  const BY_PLACE = { KeyN: "n", KeyU: "u", KeyC: "c", KeyE: "e", KeyA: "a", KeyL: "l" }; // on a keyboard with other letters

  function actionOf({ key, code, shiftKey }) {
    if (/^[0-9]$/.test(key)) return () => answer(`[data-key="${key}"]`);
    if (actions[key]) return actions[key];
    if (code === "Slash") return actions[shiftKey ? "?" : "/"];
    const letter = BY_PLACE[code];
    return letter && actions[shiftKey && letter === "a" ? "A" : letter];
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && event.target.matches("textarea")) return leave(event.target);
    if (event.target.closest(TYPED_INTO)) return;
    if ((event.key === "Enter" || event.key === " ") && event.target.closest(PRESSED)) return;
    const onRadio = event.target.matches("input[type=radio]");
    if (onRadio && (event.key === "ArrowLeft" || event.key === "ArrowRight")) return; // the browser's own
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    action();
  }

  function leave(textarea) { // back to where the keys mean something
    textarea.blur();
    choose(textarea.closest(".criterion"), { scroll: false });
  }

  function onClick(event) {
    const summary = event.target.closest(".comment summary");
    if (summary) setTimeout(() => summary.parentElement.open && summary.nextElementSibling.focus()); // it opens after this
    const criterion = event.target.closest(".criterion");
    if (!criterion) return;
    const isNew = criterion.id !== currentId;
    const onControl = event.target.closest("a, button, input, label, select, textarea, summary");
    choose(criterion, { focus: !onControl, scroll: false });
    if (isNew && !onControl && getSelection().isCollapsed) playEvidence(); // opening it plays its first evidence
  }

  function say(kind) {
    const saved = document.getElementById("saved");
    if (saved) {
      saved.textContent = saved.dataset[kind];
      saved.classList.toggle("failed", kind === "unsaved");
    }
  }

  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  let isPressed = false; // what is current unfolds: under a pressed button it would move away, and nothing be clicked
  for (const kind of ["pointerdown", "pointerup", "pointercancel"]) {
    document.addEventListener(kind, () => { isPressed = kind === "pointerdown"; }, true);
  }
  document.addEventListener("focusin", ({ target }) => {
    if (!isPressed) choose(target.closest(".criterion"), { focus: false, scroll: false });
  });
  document.getElementById("open-keys")?.addEventListener("click", () => dialog.showModal());
  document.addEventListener("htmx:beforeRequest", () => say("saving"));
  for (const failed of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failed, () => say("unsaved"));
  }
  const firstOpen = () => document.querySelector(".asked:not(:has(.choices input:checked))");
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const accepted = detail.requestConfig?.path.includes("/accept");
    choose((accepted && firstOpen()) || current(), { focus: accepted, scroll: accepted });
  });
  choose(firstOpen() || document.querySelector(".asked"), { focus: false, scroll: false });
})();
