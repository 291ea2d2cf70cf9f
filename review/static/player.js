// The player of a call: a click on a line, a word or a piece of evidence plays that place, and what plays lights up.
"use strict";

const audio = document.getElementById("audio");
const utterances = [...document.querySelectorAll(".utterance[data-start]")].map(timed);
const words = [...document.querySelectorAll(".word")].map(timed);
const LEAD_S = 0.15; // starts a little before the word, lest its first sound be lost
let stopAt = null;

function timed(element) {
  return { element, start: Number(element.dataset.start), end: Number(element.dataset.end) };
}

function play(start, end) {
  stopAt = end;
  audio.currentTime = Math.max(start - LEAD_S, 0);
  audio.play().catch(showFailure);
}

function showFailure(error) {
  if (error && error.name === "AbortError") return; // another place was chosen before this one began
  document.getElementById("playback-failed").hidden = false;
}

function light(items, now, active) {
  let lit = null;
  for (const { element, start, end } of items) {
    const on = active && start <= now && now < end;
    element.classList.toggle("playing", on);
    if (on) lit = element;
  }
  return lit;
}

let lastLit = null;

function follow() {
  const now = audio.currentTime;
  const started = now > 0 || !audio.paused;
  const lit = light(utterances, now + LEAD_S, started);
  light(words, now, started);
  if (lit && lit !== lastLit) lit.scrollIntoView({ block: "nearest" });
  lastLit = lit || lastLit;
  if (stopAt !== null && now >= stopAt) {
    stopAt = null;
    audio.pause();
  }
  if (!audio.paused) requestAnimationFrame(follow);
}

function onClick(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !getSelection().isCollapsed) return;
  const place = event.target.closest("[data-start]");
  if (!place) return;
  event.preventDefault();
  const isEvidence = place.dataset.utterance !== undefined;
  play(Number(place.dataset.start), isEvidence && place.dataset.end ? Number(place.dataset.end) : null);
  if (isEvidence) document.getElementById(place.dataset.utterance)?.scrollIntoView({ block: "center" });
}

function onKey(event) {
  const busy = event.target.closest("input, textarea, select, button, a, summary, audio");
  if (event.key !== " " || busy || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  stopAt = null;
  if (audio.paused) audio.play().catch(showFailure);
  else audio.pause();
}

if (audio) {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  audio.addEventListener("play", follow);
  audio.addEventListener("seeked", follow);
  audio.addEventListener("error", showFailure);
  audio.addEventListener("seeking", () => { if (audio.paused) stopAt = null; });
}
