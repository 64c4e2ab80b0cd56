"use strict";
// Pan by dragging, zoom by the wheel, a tip under the pointer; a click opens a kernel.
const drawing = document.getElementById("drawing");
const view = document.getElementById("view");
const tip = document.getElementById("tip");
const full = { width: WIDTH, height: HEIGHT };
let scale = 1, left = 0, top_ = 0, held = null, moved = false;

function show() {
  view.setAttribute("transform", `translate(${left} ${top_}) scale(${scale})`);
}

function fit() {
  const room = drawing.getBoundingClientRect();
  const whole = Math.min((room.width - 40) / full.width, (room.height - 40) / full.height);
  scale = Math.min(1.4, Math.max(whole, 0.55));   // never too small to read: one scrolls then
  const fits = full.width * scale < room.width;
  left = fits ? (room.width - full.width * scale) / 2 : room.width / 2 - START * scale;
  top_ = full.height * scale < room.height ? (room.height - full.height * scale) / 2 : 20;
  show();
}

function whole() {
  const room = drawing.getBoundingClientRect();
  scale = Math.min((room.width - 40) / full.width, (room.height - 40) / full.height, 1.4);
  left = (room.width - full.width * scale) / 2;
  top_ = (room.height - full.height * scale) / 2;
  show();
}

drawing.addEventListener("wheel", (event) => {
  event.preventDefault();
  const room = drawing.getBoundingClientRect();
  const x = event.clientX - room.left, y = event.clientY - room.top;
  const factor = Math.exp(-event.deltaY * 0.0015);
  const next = Math.min(Math.max(scale * factor, 0.02), 8);
  left = x - (x - left) * next / scale;
  top_ = y - (y - top_) * next / scale;
  scale = next;
  show();
}, { passive: false });

drawing.addEventListener("pointerdown", (event) => {
  held = { x: event.clientX - left, y: event.clientY - top_ };
  moved = false;
});
window.addEventListener("pointermove", (event) => {
  if (!held) return;
  const x = event.clientX - held.x, y = event.clientY - held.y;
  moved = moved || Math.hypot(x - left, y - top_) > 3;
  if (!moved) return;
  drawing.classList.add("held");
  left = x;
  top_ = y;
  show();
});
window.addEventListener("pointerup", () => {
  held = null;
  drawing.classList.remove("held");
});
document.getElementById("fit").addEventListener("click", whole);

// The titles serve as tips of our own, which come at once and are not cut.
for (const title of document.querySelectorAll("svg title")) {
  title.parentNode.dataset.tip = title.textContent;
  title.remove();
}

function light(box, on) {
  for (const edge of document.querySelectorAll(
    `[data-from="${box}"], [data-to="${box}"]`)) edge.classList.toggle("lit", on);
}

document.addEventListener("mouseover", (event) => {
  const at = event.target.closest("[data-tip]");
  tip.style.display = at ? "block" : "none";
  if (at) tip.textContent = at.dataset.tip;
  const box = event.target.closest("[data-box]");
  if (box) light(box.dataset.box, true);
});
document.addEventListener("mouseout", (event) => {
  const box = event.target.closest("[data-box]");
  if (box) light(box.dataset.box, false);
});
document.addEventListener("mousemove", (event) => {
  const room = tip.getBoundingClientRect();
  const x = Math.min(event.clientX + 14, window.innerWidth - room.width - 8);
  const y = event.clientY + 16 + room.height > window.innerHeight
    ? event.clientY - room.height - 8 : event.clientY + 16;
  tip.style.left = `${Math.max(x, 4)}px`;
  tip.style.top = `${Math.max(y, 4)}px`;
});

const NAMESPACE = "http://www.w3.org/2000/svg";

function open(box) {
  const lines = box.dataset.tip.split("\n"), rect = box.querySelector("rect");
  const width = Math.max(...lines.map((line) => line.length)) * 6.05 + 20;
  box.dataset.closed = `${rect.getAttribute("width")} ${rect.getAttribute("height")}`;
  rect.setAttribute("width", width);
  rect.setAttribute("height", 40 + 14 * lines.length);
  for (const [i, line] of lines.entries()) {
    const text = document.createElementNS(NAMESPACE, "text");
    text.setAttribute("class", "line");
    text.setAttribute("x", 10);
    text.setAttribute("y", 48 + 14 * i - 4);
    text.textContent = line.replaceAll(" ", "\u00a0");   // SVG would drop the indentation
    box.append(text);
  }
  for (const text of box.querySelectorAll(".label, .note")) {
    text.dataset.x = text.getAttribute("x");
    text.setAttribute("x", 10);
  }
  box.classList.add("open");
  box.parentNode.append(box);   // above all others
}

function close(box) {
  const [width, height] = box.dataset.closed.split(" ");
  box.querySelector("rect").setAttribute("width", width);
  box.querySelector("rect").setAttribute("height", height);
  for (const text of box.querySelectorAll(".line")) text.remove();
  for (const text of box.querySelectorAll(".label, .note")) text.setAttribute("x", text.dataset.x);
  box.classList.remove("open");
}

drawing.addEventListener("click", (event) => {
  const box = event.target.closest("[data-box]");
  if (!box || moved) return;
  if (box.classList.contains("open")) close(box); else open(box);
});

fit();
