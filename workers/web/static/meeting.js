// The page of a meeting: it grows, plays from any word, and lights the word that is spoken.

import { element, morph } from "./morph.js";
import { keepUp } from "./live.js";
import { Player } from "./player.js";
import { Words } from "./spoken.js";

const main = document.querySelector("main");
const turns = document.getElementById("turns");
const outline = document.getElementById("outline");
const bar = document.getElementById("player");
const help = document.getElementById("help");
const player = new Player(bar.querySelector("audio"), bar.dataset.base, bar.dataset.channel, JSON.parse(bar.dataset.ends));
const words = new Words(turns);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let following = false;
let unseen = 0;
let highest = 0;

// ---- times

function clock(ms) {
  const s = Math.floor(ms / 1000);
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

function parseClock(text) {
  if (!/^\d+(:\d{1,2}){0,2}(\.\d{1,3})?$/.test(text)) return null;
  return Math.round(text.split(":").reduce((total, part) => total * 60 + Number(part), 0) * 1000);
}

// ---- playing

function turnAt(ms) {
  let found = null;
  for (const turn of turns.children) {
    if (Number(turn.dataset.start) > ms) break;
    found = turn;
  }
  return found;
}

function showPosition() {
  const ms = player.positionMs;
  bar.classList.toggle("playing", player.playing);
  bar.querySelector(".main").setAttribute("aria-label", player.playing ? "Pause" : "Play");
  bar.querySelector(".clock").textContent = clock(ms);
  bar.querySelector(".end").textContent = clock(player.endMs);
  const seek = bar.querySelector(".seek");
  seek.max = player.endMs;
  if (!seek.matches(":active")) seek.value = ms;
  seek.setAttribute("aria-valuetext", clock(ms));
  const turn = turnAt(ms);
  const link = bar.querySelector(".now a");
  link.hidden = !turn;
  link.textContent = turn ? turn.dataset.name : "";
  if (turn) link.hash = turn.id;
  const utc = turn && new Date(Date.parse(turn.dataset.utc) + ms - Number(turn.dataset.start));
  bar.querySelector(".utc").textContent = utc ? `${utc.toISOString().slice(11, 19)} UTC` : "";
  for (const item of outline.querySelectorAll("[aria-current]")) item.removeAttribute("aria-current");
  if (turn) document.getElementById(`to-${turn.id}`)?.querySelector("a").setAttribute("aria-current", "true");
}

function light() {
  player.check();
  const before = words.spoken;
  const spoken = words.light(player.positionMs);
  // Turn the page only for somebody who was reading along.
  if (spoken && spoken !== before && before && inView(before) && !inView(spoken)) bring(spoken, "center");
  if (player.playing) requestAnimationFrame(light);
}

let lighting = false;
player.addEventListener("change", () => {
  words.channel = player.channel;
  showPosition();
  if (player.playing && !lighting) requestAnimationFrame(light);
  lighting = player.playing;
  if (!lighting) words.light(player.positionMs);
});
player.addEventListener("fault", () => say("The audio cannot be played."));

function inView(node) {
  const box = node.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight - bar.offsetHeight;
}

function bring(node, block) {
  node.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-play]");
  if (button) {
    if ("lead" in button.dataset) lead(button);
    if (button.dataset.channel && button.dataset.channel !== player.channel) choose(button.dataset.channel);
    player.go(Number(button.dataset.play), { untilMs: button.dataset.until ? Number(button.dataset.until) : null });
    return;
  }
  const word = event.target.closest(".words [data-t]");
  if (word && getSelection().isCollapsed) {
    words.cursor = word;
    hear(word);
    player.go(Number(word.dataset.t));
    return;
  }
  const coverage = event.target.closest(".bar");
  if (coverage) {
    const box = coverage.getBoundingClientRect();
    if (coverage.dataset.channel !== player.channel) choose(coverage.dataset.channel);
    player.go(Math.floor(((event.clientX - box.left) / box.width) * Number(coverage.dataset.until)));
  }
});

// Show the passage that a button plays: its first word comes into view, and the keyboard goes on from it.
function lead(button) {
  const word = button.closest(".turn").querySelector(`.words [data-t="${button.dataset.play}"]`);
  if (!word) return;
  words.cursor = word;
  word.setAttribute("data-cursor", "");
  if (!inView(word)) bring(word, "center");
}

// Listen to the channel that a word was said on.
function hear(word) {
  const { channel } = word.closest(".words").dataset;
  if (channel !== player.channel) choose(channel);
}

function choose(channel) {
  const select = bar.querySelector("[data-do=channel]");
  if (select) select.value = channel;
  player.channel = channel;
}

function step(by) {
  const loud = [...turns.children].filter((turn) => turn.offsetParent !== null);
  const at = player.positionMs;
  const here = loud.findLastIndex((turn) => Number(turn.dataset.start) <= at);
  // "Previous" first goes to the start of what is playing.
  const inside = by < 0 && here >= 0 && at - Number(loud[here].dataset.start) > 3000;
  const turn = loud[Math.max(0, Math.min(loud.length - 1, inside ? here : here + by))];
  if (!turn) return;
  player.go(Number(turn.dataset.start), { play: player.playing });
  if (!inView(turn.querySelector("h3"))) bring(turn, "start");
}

const actions = {
  toggle: () => player.toggle(),
  back: () => player.go(player.positionMs - 5000, { play: player.playing }),
  forward: () => player.go(player.positionMs + 5000, { play: player.playing }),
  previous: () => step(-1),
  next: () => step(1),
  follow: () => follow(!following),
  help: () => (help.open ? help.close() : help.showModal()),
  close: () => help.close(),
};

for (const button of document.querySelectorAll("button[data-do]")) {
  button.addEventListener("click", () => actions[button.dataset.do]());
}
bar.querySelector("[data-do=rate]").addEventListener("change", (event) => (player.rate = Number(event.target.value)));
bar.querySelector("[data-do=channel]")?.addEventListener("change", (event) => player.listenTo(event.target.value));
bar.querySelector(".seek").addEventListener("input", (event) => player.go(Number(event.target.value), { play: player.playing }));

// ---- keyboard

const KEYS = { " ": "toggle", k: "toggle", j: "back", l: "forward", p: "previous", n: "next", f: "follow", "?": "help" };
const shortcuts = document.getElementById("shortcuts");
shortcuts.checked = localStorage.getItem("shortcuts") !== "off";
shortcuts.addEventListener("change", () => localStorage.setItem("shortcuts", shortcuts.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const text = event.target.closest?.(".words");
  if (text && words.key(text, event.key)) {
    event.preventDefault();
    if (event.key === "Enter") {
      hear(words.cursor);
      player.go(Number(words.cursor.dataset.t));
    }
    return;
  }
  if (event.target.closest?.("input, select, textarea, dialog") || !shortcuts.checked) return;
  if (event.key === " " && event.target.closest?.("button, a, summary")) return;
  const action = KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  actions[action]();
});

// ---- growing

function place(list, node) {
  const start = Number(node.dataset.start);
  let after = list.lastElementChild;
  while (after && Number(after.dataset.start) > start) after = after.previousElementSibling;
  if (after) after.after(node);
  else list.prepend(node);
}

function put(list, html) {
  const wanted = element(html);
  const there = document.getElementById(wanted.id);
  if (!there) {
    place(list, wanted);
    return wanted;
  }
  const moved = there.dataset.start !== wanted.dataset.start;
  morph(there, wanted);
  if (moved) place(list, there);
  return null;
}

// Whatever changes above, what the reader looks at stays where it is.
function steadily(change) {
  const looked = [...turns.children].filter((turn) => turn.offsetParent !== null && inView(turn));
  const tops = looked.map((turn) => turn.getBoundingClientRect().top);
  const atTop = scrollY === 0;
  change();
  const index = looked.findIndex((turn) => turn.isConnected);
  if (following) scrollTo({ top: document.documentElement.scrollHeight, behavior: calm.matches ? "auto" : "smooth" });
  else if (!atTop && index >= 0) scrollBy({ top: looked[index].getBoundingClientRect().top - tops[index], behavior: "instant" });
}

function apply(change) {
  steadily(() => {
    const ids = new Set(change.ids);
    for (const turn of [...turns.children]) {
      if (ids.has(turn.id)) continue;
      turn.remove();
      document.getElementById(`to-${turn.id}`)?.remove();
    }
    for (const { html, outline: entry } of change.changed) {
      const added = put(turns, html);
      put(outline, entry);
      if (added && !added.classList.contains("quiet")) announce(added);
    }
    const summary = document.getElementById("summary");
    const wanted = document.createElement("div");
    wanted.id = "summary";
    wanted.innerHTML = change.summary;
    morph(summary, wanted);
    document.getElementById("nothing").hidden = ids.size > 0;
    main.dataset.state = change.state;
  });
  words.changed();
  player.ends = change.audioEnds;
  showPlayer();
}

function announce(turn) {
  say(`${turn.dataset.name}: ${turn.dataset.kind}`);
  if (!following) unseen += 1;
  showFollowing();
}

function say(text) {
  document.getElementById("news").textContent = text;
}

function follow(on) {
  following = on;
  if (on) {
    unseen = 0;
    scrollTo({ top: document.documentElement.scrollHeight, behavior: calm.matches ? "auto" : "smooth" });
  }
  showFollowing();
}

function showFollowing() {
  const button = bar.querySelector("[data-do=follow]");
  button.setAttribute("aria-pressed", String(following));
  const lost = document.documentElement.dataset.link === "lost";
  const news = unseen ? ` (${unseen} new)` : "";
  button.querySelector(".follow-label").textContent = lost ? "Reconnecting…" : `Follow live${news}`;
}

function showPlayer() {
  bar.hidden = !player.endMs;
  bar.querySelector("[data-do=follow]").hidden = main.dataset.state === "ended";
}

addEventListener("scroll", () => {
  // Scrolling up by hand ends following; growing only ever scrolls down.
  if (following && scrollY < highest - 40) follow(false);
  highest = following ? Math.max(scrollY, highest) : scrollY;
  const last = turns.lastElementChild;
  if (unseen && last && last.getBoundingClientRect().top < innerHeight - bar.offsetHeight) {
    unseen = 0;
    showFollowing();
  }
}, { passive: true });

// ---- beginning

const withChair = document.getElementById("with-chair");
const showChair = () => turns.classList.toggle("no-chair", !withChair.checked);
withChair.addEventListener("change", () => steadily(showChair));
showChair();
document.getElementById("speakers").open = matchMedia("(min-width: 62rem)").matches;

const asked = parseClock(new URLSearchParams(location.search).get("t") ?? "");
if (asked !== null) {
  player.go(asked, { play: false });
  const word = words.light(asked);
  if (word) bring(word, "center");
  else if (turnAt(asked)) bring(turnAt(asked), "start"); // nobody speaks at that moment, or the words are hidden
}
showPlayer();
showFollowing();
showPosition();
const query = main.dataset.channel ? `?channel=${main.dataset.channel}` : "";
keepUp(`/meetings/${main.dataset.meeting}/events${query}`, main.dataset.version, apply, (link) => {
  document.documentElement.dataset.link = link;
  showFollowing();
});
