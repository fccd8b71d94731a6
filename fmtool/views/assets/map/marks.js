// Markers: one shape and colour an action, as paths for the canvas and as small pictures for legends and lists.
"use strict";
FMPlan.CONDITION = [["#2166ac", 80, 100], ["#67a9cf", 60, 80], ["#f7d560", 40, 60], ["#ef7a3c", 20, 40], ["#a50026", 0, 20]];
FMPlan.INK = "#1b2733";
FMPlan.NOTHING = "#c9d1d9";

FMPlan.conditionColour = (score) => {
  if (score < 0) return FMPlan.NOTHING;
  return FMPlan.CONDITION.find(([, from]) => score >= from)[0];
};

FMPlan.polygon = (corners, radius, turn) => Array.from({ length: corners }, (_, at) => {
  const angle = turn + (at * 2 * Math.PI) / corners;
  return [radius * Math.sin(angle), -radius * Math.cos(angle)];
});

// Corner points around (0, 0) for a marker whose circle would have radius 1; null = circle.
FMPlan.OUTLINES = {
  circle: null,
  square: [[-0.89, -0.89], [0.89, -0.89], [0.89, 0.89], [-0.89, 0.89]],
  pill: [[-1.1, -0.62], [1.1, -0.62], [1.1, 0.62], [-1.1, 0.62]],
  triangle: [[0, -1.2], [1.14, 0.85], [-1.14, 0.85]],
  triangle_down: [[0, 1.2], [1.14, -0.85], [-1.14, -0.85]],
  diamond: FMPlan.polygon(4, 1.26, 0),
  diamond_dot: FMPlan.polygon(4, 1.26, 0),
  house: [[0, -1.2], [1, -0.3], [1, 0.95], [-1, 0.95], [-1, -0.3]],
  pentagon: FMPlan.polygon(5, 1.12, 0),
  hexagon: FMPlan.polygon(6, 1.1, Math.PI / 6),
  star: FMPlan.polygon(10, 1.3, 0).map(([x, y], at) => (at % 2 ? [x * 0.46, y * 0.46] : [x, y])),
  cross: [[-1, -0.5], [-0.5, -1], [0, -0.5], [0.5, -1], [1, -0.5], [0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5], [-0.5, 1], [-1, 0.5], [-0.5, 0]],
};

FMPlan.trace = function (pen, shape, x, y, radius) {
  const outline = FMPlan.OUTLINES[shape];
  pen.beginPath();
  if (!outline) pen.arc(x, y, radius, 0, 2 * Math.PI);
  else { outline.forEach(([dx, dy], at) => pen[at ? "lineTo" : "moveTo"](x + dx * radius, y + dy * radius)); pen.closePath(); }
};

// kind: "full", "closed" (outline only), "uncosted" (dashed outline).
FMPlan.paint = function (pen, mark, x, y, radius) {
  FMPlan.trace(pen, mark.shape, x, y, radius);
  pen.lineJoin = "round";
  if (mark.kind === "full") {
    pen.fillStyle = mark.colour;
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = mark.isPlain ? "#fff" : FMPlan.INK; // nothing decided yet: no dark outline, so that what happens stands out
    pen.stroke();
    if (mark.shape === "diamond_dot") { pen.beginPath(); pen.arc(x, y, radius * 0.36, 0, 2 * Math.PI); pen.fillStyle = "#fff"; pen.fill(); pen.stroke(); }
    return;
  }
  pen.fillStyle = mark.kind === "uncosted" ? "#fff" : "rgba(255,255,255,.82)";
  pen.fill();
  pen.lineWidth = mark.kind === "closed" ? 2 : 1.4;
  pen.setLineDash(mark.kind === "uncosted" ? [2.2, 1.7] : []);
  pen.strokeStyle = mark.colour;
  pen.stroke();
  pen.setLineDash([]);
};

FMPlan.ring = function (pen, x, y, radius, colour, width) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.lineWidth = width + 2.4;
  pen.strokeStyle = "rgba(255,255,255,.95)";
  pen.stroke();
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
};

// How a facility looks in a year.
FMPlan.markOf = function (model, f, y) {
  const at = f * model.span + y, state = model.stateAt[at], event = model.lastEvent[at];
  if (!model.f.costed[f] && event < 0) return FMPlan.mark("circle", "#5f6b77", "uncosted");
  const action = model.actions[event >= 0 ? model.e.a[event] : 0], isClosed = model.isClosed[state];
  const colour = model.chosen.mode === "condition" && !isClosed ? FMPlan.conditionColour(model.conditionAt[at]) : action[3];
  return FMPlan.mark(action[4], colour, isClosed ? "closed" : "full");
};
// One object for each look, numbered, so that pictures of it are found without making text.
FMPlan._marks = new Map();
FMPlan.mark = function (shape, colour, kind) {
  let byColour = FMPlan._marks.get(shape);
  if (!byColour) FMPlan._marks.set(shape, (byColour = new Map()));
  let byKind = byColour.get(colour);
  if (!byKind) byColour.set(colour, (byKind = {}));
  return (byKind[kind] ??= { shape, colour, kind, isPlain: colour === FMPlan.plain, number: FMPlan._markCount++ });
};
FMPlan._markCount = 0;
FMPlan.isNow = function (model, f, y) {
  const event = model.lastEvent[f * model.span + y];
  return event >= 0 && model.e.from[event] <= y && y <= model.e.to[event];
};

FMPlan.icon = function (mark, isRinged) {
  const { s } = FMPlan, radius = isRinged ? 5 : 7, outline = FMPlan.OUTLINES[mark.shape];
  const isFull = mark.kind === "full";
  const look = { fill: isFull ? mark.colour : "#fff", stroke: !isFull ? mark.colour : mark.colour === FMPlan.plain ? "#fff" : FMPlan.INK, "stroke-width": isFull ? 1 : 1.8, "stroke-linejoin": "round" };
  if (mark.kind === "uncosted") look["stroke-dasharray"] = "2.5 2";
  const picture = s("svg", { viewBox: "-11 -11 22 22", "aria-hidden": "true", focusable: "false" });
  picture.append(outline ? s("polygon", { points: outline.map((p) => p.map((v) => (v * radius).toFixed(1)).join(",")).join(" "), ...look }) : s("circle", { r: radius, ...look }));
  if (mark.shape === "diamond_dot" && isFull) picture.append(s("circle", { r: 2.4, fill: "#fff", stroke: FMPlan.INK }));
  if (isRinged) picture.append(s("circle", { r: 9.4, fill: "none", stroke: "#000", "stroke-width": 2 }));
  return picture;
};
// The likely error in metres of a place known roughly only; 0 for an exact place, or none.
FMPlan.errorOf = (model, f) => (model.isLocated(f) && model.f.accuracy[f] > 100 ? model.f.accuracy[f] : 0);
FMPlan.ERROR_LOOK = { fill: "rgba(179,89,0,.15)", stroke: "#b35900" };
FMPlan.actionMark = (model, at) => ({ shape: model.actions[at][4], colour: model.actions[at][3], kind: "full" });
