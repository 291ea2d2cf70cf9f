// The sound of a call: a click on a line, a word, the wave or a piece of evidence plays that place, and what plays
// lights up. Without this script the browser's own player stands in its place.
"use strict";

const audio = document.getElementById("audio");
const LEAD_S = 0.15; // starts a little before the word, lest its first sound be lost
const SILENCE_S = 1.5; // a longer gap between lines is skipped
const EDGE_S = 0.25; // of a gap, that is still heard
const SEEK_S = 5;
const ROLE_COLOURS = { agent: ["#8fb4dc", "#1f5c99"], client: ["#dcc48d", "#9a7418"], other: ["#c4c9d1", "#6b7480"] };
let stopAt = null; // where a piece of evidence ends
let looped = null; // {start, end}
let regions = null;

const timed = (element) => ({ element, start: Number(element.dataset.start), end: Number(element.dataset.end) });
const byStart = (one, two) => one.start - two.start;
const utterances = [...document.querySelectorAll(".utterance[data-start]")].map(timed).sort(byStart);
const spoken = [...document.querySelectorAll(".word")].map(timed).sort(byStart);
const gaps = gapsBetween(utterances);

function gapsBetween(lines) {
  const found = [];
  let end = 0;
  for (const line of lines) {
    if (line.start - end > SILENCE_S) found.push({ start: end, end: line.start });
    end = Math.max(end, line.end);
  }
  return found;
}

function at(items, now) { // the last that starts before now, and has not ended
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].start <= now) low = middle + 1;
    else high = middle;
  }
  for (let place = low - 1; place >= 0 && place >= low - 8; place -= 1) if (now < items[place].end) return items[place];
  return null;
}

function showFailure(error) {
  if (error && error.name === "AbortError") return; // another place was chosen before this one began
  document.getElementById("playback-failed").hidden = false;
}

function start() {
  audio.play().catch(showFailure);
}

function playFrom(from, until) {
  stopAt = until;
  audio.currentTime = Math.max(from - LEAD_S, 0);
  start();
}

function toggle() {
  stopAt = null;
  if (audio.paused) start();
  else audio.pause();
}

const lit = { line: null, word: null };

function light(name, item) {
  if (lit[name] === item) return false;
  lit[name]?.element.classList.remove("playing");
  item?.element.classList.add("playing");
  lit[name] = item;
  return item !== null;
}

function follow() {
  const now = audio.currentTime;
  const begun = now > 0 || !audio.paused;
  if (light("line", begun ? at(utterances, now + LEAD_S) : null) && !audio.paused) {
    lit.line.element.scrollIntoView({ block: "nearest" });
  }
  light("word", begun ? at(spoken, now) : null);
  showClock(now);
  if (!audio.paused) keepTo(now);
}

function keepTo(now) {
  if (stopAt !== null && now >= stopAt) {
    stopAt = null;
    audio.pause();
  } else if (looped && now >= looped.end) {
    audio.currentTime = looped.start;
  } else if (document.getElementById("skip-silence").checked) {
    const gap = at(gaps, now - EDGE_S);
    if (gap && now < gap.end - 2 * EDGE_S) audio.currentTime = gap.end - EDGE_S;
  }
}

function eachFrame() {
  follow();
  if (!audio.paused) requestAnimationFrame(eachFrame);
}

function clockOf(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function showClock(now) {
  const clock = document.getElementById("clock");
  const [, total] = clock.textContent.split(" / ");
  const text = `${clockOf(now)} / ${total}`;
  if (clock.textContent !== text) clock.textContent = text;
}

function onPlaceClick(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !getSelection().isCollapsed) return;
  const place = event.target.closest("[data-start]");
  if (!place || !document.contains(place)) return;
  event.preventDefault();
  const isEvidence = place.dataset.utterance !== undefined;
  playFrom(Number(place.dataset.start), isEvidence && place.dataset.end ? Number(place.dataset.end) : null);
  if (isEvidence) document.getElementById(place.dataset.utterance)?.scrollIntoView({ block: "center" });
}

function selectedSpan() { // of the words that are selected in the conversation
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return null;
  const chosen = spoken.filter(({ element }) => selection.containsNode(element, true));
  return chosen.length ? { start: chosen[0].start, end: Math.max(...chosen.map(({ end }) => end)) } : null;
}

function setLoop(span) {
  looped = span;
  document.getElementById("loop").setAttribute("aria-pressed", String(span !== null));
  regions?.getRegions().filter((region) => !span || region.start !== span.start).forEach((region) => region.remove());
  if (span && regions && !regions.getRegions().length) regions.addRegion({ ...span, color: "rgba(255, 200, 40, 0.28)" });
}

function toggleLoop() {
  const line = lit.line || utterances.find(({ end }) => end > audio.currentTime);
  const span = looped ? null : selectedSpan() || (line && { start: line.start, end: line.end });
  setLoop(span);
  if (span) playFrom(span.start, null);
}

function remember(name, control, property) {
  const kept = localStorage.getItem(name);
  if (kept !== null) control[property] = property === "checked" ? kept === "true" : kept;
  control.addEventListener("change", () => localStorage.setItem(name, String(control[property])));
}

function setUpSound() {
  const speed = document.getElementById("speed");
  remember("prescore.speed", speed, "value");
  remember("prescore.skip", document.getElementById("skip-silence"), "checked");
  const setSpeed = () => { audio.playbackRate = audio.defaultPlaybackRate = Number(speed.value) || 1; };
  speed.addEventListener("change", setSpeed);
  setSpeed();
  document.getElementById("play").addEventListener("click", toggle);
  document.getElementById("loop").addEventListener("click", toggleLoop);
  document.getElementById("sound").hidden = false;
  audio.hidden = true;
}

function showPlaying() {
  document.getElementById("play").setAttribute("aria-pressed", String(!audio.paused));
  eachFrame();
}

async function drawWave() {
  const player = document.getElementById("player");
  const response = await fetch(player.dataset.peaks);
  if (!response.ok) throw new Error(response.statusText);
  const { duration_s: duration, lanes } = await response.json();
  const names = document.getElementById("lane-names");
  for (const { role } of lanes) {
    const name = document.createElement("li");
    name.className = role;
    name.textContent = names.dataset[role];
    names.append(name);
  }
  regions = window.WaveSurfer.Regions.create();
  const wave = window.WaveSurfer.create({
    container: document.getElementById("lanes"),
    media: audio,
    duration,
    peaks: lanes.map(({ peaks }) => peaks.map((value) => value / 100)),
    height: lanes.length > 2 ? 20 : 28,
    cursorColor: "#a8261c",
    cursorWidth: 2,
    barWidth: 2,
    barGap: 1,
    barRadius: 1,
    dragToSeek: false,
    splitChannels: lanes.map(({ role }) => ({ waveColor: ROLE_COLOURS[role][0], progressColor: ROLE_COLOURS[role][1] })),
    cspNonce: document.getElementById("call-style").nonce,
    plugins: [regions],
  });
  wave.on("interaction", () => { stopAt = null; setLoop(null); });
  regions.enableDragSelection({ color: "rgba(255, 200, 40, 0.28)" });
  regions.on("region-created", (region) => setLoop({ start: region.start, end: region.end }));
  regions.on("region-updated", (region) => { looped = { start: region.start, end: region.end }; });
}

if (audio) {
  setUpSound();
  const wave = document.getElementById("wave");
  wave.hidden = false; // its place is kept while it is made
  drawWave().catch(() => { wave.hidden = true; }); // the player works without it
  document.addEventListener("click", onPlaceClick);
  audio.addEventListener("play", showPlaying);
  audio.addEventListener("pause", showPlaying);
  audio.addEventListener("seeked", follow);
  audio.addEventListener("timeupdate", follow); // also where no frames are drawn: in a tab behind
  audio.addEventListener("error", showFailure);
  document.addEventListener("player:seek", ({ detail }) => { audio.currentTime = Math.max(audio.currentTime + detail * SEEK_S, 0); });
}
