// Pictures in SVG: yearly cost bars, cumulative cost curves, condition.
"use strict";
FMPlan.ticks = function (largest, most = 4) {
  if (!(largest > 0)) return [0];
  const rough = largest / most, power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((size) => size >= rough);
  const values = [];
  for (let at = 0; at * step <= largest * 1.0001; at++) values.push(at * step);
  return values;
};
FMPlan.tickText = (model, value, step) => model.number(value, step >= 1 || step === 0 ? 0 : step >= 0.1 ? 1 : 2);

// A label every five years; fewer where the plan is long.
FMPlan.isLabelled = (model, y) => {
  const year = model.years[y][0];
  return year % (model.span > 60 ? 10 : model.span > 12 ? 5 : 2) === 0;
};

FMPlan.Bars = class {
  constructor(model, box, onYear) {
    Object.assign(this, { model, box, onYear });
    this.left = 46;
    this.right = 8;
  }

  // Where the columns lie, so that the slider's thumb stands under them.
  get column() { return (this.width - this.left - this.right) / this.model.span; }
  centre(y) { return this.left + this.column * (y + 0.5); }

  draw() {
    const { model, box } = this, { s } = FMPlan, t = model.totals, span = model.span;
    this.width = Math.max(320, box.clientWidth);
    const height = Math.max(80, box.firstChild?.clientHeight || 118), top = 7, foot = height - 15;
    const isWhole = !model.hasFilter(), yearly = model.yearly, stacks = model.bars();
    const most = (values) => values.reduce((high, value) => Math.max(high, value || 0), 0);
    const own = Math.max(most(Array.from(t.outlay)), isWhole ? most(yearly.budget) : 0, 1);
    const replaced = isWhole ? most(yearly.replace) : 0;
    const largest = replaced > own * 1.9 ? own * 1.9 : Math.max(own, replaced);
    const isEarned = isWhole && most(yearly.income || []) > largest * 0.015, income = isEarned ? yearly.income : [];
    const lowest = Math.min(most(income), largest * 0.12);
    this.hasIncome = isEarned;
    const { per, name } = model.moneyUnit(largest);
    this.unit = name;
    this.isCut = replaced > largest ? replaced : 0;
    const at = (amount) => foot - ((amount + lowest) / (largest + lowest)) * (foot - top);
    const svg = s("svg", { viewBox: `0 0 ${this.width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": model.t("bars_label") });
    const ticks = FMPlan.ticks(largest / per, 3);
    for (const value of ticks) {
      const y = at(value * per);
      svg.append(s("line", { x1: this.left, x2: this.width - this.right, y1: y, y2: y, stroke: value ? "#e1e7ec" : "#78858f" }));
      const label = s("text", { x: this.left - 5, y: y + 3.5, "text-anchor": "end" });
      label.textContent = FMPlan.tickText(model, value, ticks[1] || 0);
      svg.append(label);
    }
    this.band = s("rect", { y: top - 5, width: this.column, height: foot - top + 7, fill: "#fbe3b3", stroke: "#8a5a00", "stroke-width": 1.4, rx: 2 });
    svg.append(this.band);
    for (let y = 0; y < span; y++) {
      let base = 0;
      const wide = this.column * 0.82, x = this.left + this.column * y + this.column * 0.09;
      for (const [, colour, values] of stacks) {
        if (!(values[y] > 0)) continue;
        const high = at(base) - at(base + values[y]);
        svg.append(s("rect", { class: "fm-bar", x, y: at(base + values[y]), width: wide, height: Math.max(0.4, high), fill: colour }));
        base += values[y];
      }
      if (income[y] && at(0) - at(income[y]) >= 1.5) svg.append(s("rect", { x, y: at(0), width: wide, height: Math.min(at(-lowest) - at(0), at(0) - at(income[y])), fill: "#fff", stroke: "#5b3f95", "stroke-width": 1.2 }));
      if (FMPlan.isLabelled(model, y)) {
        const label = s("text", { x: this.centre(y), y: height - 3, "text-anchor": "middle" });
        label.textContent = model.years[y][0];
        svg.append(label);
      }
    }
    if (isWhole) {
      svg.append(this._steps(yearly.replace, at, largest, { stroke: "#444", "stroke-width": 1.4, "stroke-dasharray": "1.5 3" }));
      svg.append(this._steps(yearly.budget, at, largest, { stroke: "#b00020", "stroke-width": 1.8, "stroke-dasharray": "7 3" }));
    }
    const hit = s("rect", { class: "fm-hit", x: this.left, y: 0, width: this.column * span, height, fill: "transparent" });
    const under = (event) => {
      const share = (event.clientX - svg.getBoundingClientRect().left) * (this.width / svg.getBoundingClientRect().width);
      return Math.max(0, Math.min(span - 1, Math.floor((share - this.left) / this.column)));
    };
    hit.addEventListener("click", (event) => this.onYear(under(event)));
    hit.addEventListener("mousemove", (event) => this._tell(under(event), stacks));
    hit.addEventListener("mouseleave", () => { FMPlan.el("fm-bartip").hidden = true; });
    svg.append(hit);
    box.replaceChildren(svg);
    this.move();
  }

  // The parts of one year, beside its column.
  _tell(y, stacks) {
    const { model } = this, { h, s, el } = FMPlan, tip = el("fm-bartip");
    const line = (colour, name, amount) => h("tr", {}, h("td", {}, colour ? s("svg", { viewBox: "0 0 10 10" }, s("rect", { width: 10, height: 10, fill: colour })) : ""), h("th", { scope: "row" }, name), h("td", {}, model.money(amount)));
    const parts = stacks.filter(([, , values]) => values[y] > 0).map(([name, colour, values]) => line(colour, name, values[y])).reverse();
    if (!model.hasFilter()) parts.push(line("", model.budgetName(), model.yearly.budget[y]));
    tip.replaceChildren(h("strong", {}, `${model.yearName(y)}  ${model.money(model.totals.outlay[y])}`), h("table", {}, h("tbody", {}, ...parts)));
    tip.hidden = false;
    const room = this.box.clientWidth, at = (this.centre(y) / this.width) * room;
    tip.style.left = Math.max(2, Math.min(room - tip.offsetWidth - 2, at > room / 2 ? at - tip.offsetWidth - 24 : at + 24)) + "px";
  }

  _steps(values, at, largest, look) {
    const points = (values || []).flatMap((value, y) => {
      const high = at(Math.min(value || 0, largest)).toFixed(1);
      return [`${(this.left + this.column * y).toFixed(1)},${high}`, `${(this.left + this.column * (y + 1)).toFixed(1)},${high}`];
    });
    return FMPlan.s("polyline", { points: points.join(" "), fill: "none", ...look });
  }

  move() { this.band?.setAttribute("x", this.left + this.column * this.model.chosen.year); }
};

FMPlan.CURVES = [["plan", "#0072B2", 3, ""], ["replace", "#D55E00", 1.8, "7 3"], ["extend", "#009E73", 1.8, "2 2.5"], ["keep", "#4d5965", 1.6, "9 3 2 3"]];

FMPlan.frame = function (model, { largest, lowest = 0, height, label, ticks, per = 1 }) {
  const { s } = FMPlan, width = 312, left = 38, right = 8, top = 8, foot = height - 16;
  const svg = s("svg", { class: "fm-chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const x = (y) => left + ((width - left - right) * y) / Math.max(1, model.span - 1);
  const v = (amount) => foot - ((amount - lowest) / (largest - lowest || 1)) * (foot - top);
  for (const value of ticks) {
    const line = v(value * per), text = s("text", { x: left - 4, y: line + 3.5, "text-anchor": "end" });
    text.textContent = FMPlan.tickText(model, value, ticks[1] || 0);
    svg.append(s("line", { x1: left, x2: width - right, y1: line, y2: line, stroke: value ? "#e1e7ec" : "#78858f" }), text);
  }
  for (let y = 0; y < model.span; y++) {
    if (model.years[y][0] % 10 && model.span > 12) continue;
    const text = s("text", { x: x(y), y: height - 3, "text-anchor": "middle" });
    text.textContent = model.years[y][0];
    svg.append(text);
  }
  const now = x(model.chosen.year);
  svg.append(s("line", { class: "fm-cursor", x1: now, x2: now, y1: top - 4, y2: foot, stroke: "#8a5a00", "stroke-width": 1.4 }));
  return { svg, x, v };
};

FMPlan.costCurves = function (model, f) {
  const lines = FMPlan.CURVES.map(([label, ...look]) => ({ label, look, points: model.curve(label, f) })).filter((line) => line.points.length);
  if (!lines.length) return null;
  const largest = Math.max(model.curves.high[f], 1), lowest = Math.min(0, model.curves.low[f]), { per, name } = model.moneyUnit(largest);
  const ends = lines.map((line) => ({ ...line, end: line.points[line.points.length - 1][1] }));
  const list = ends.map((line) => `${model.t("curve_" + line.label)} ${model.money(line.end)}`).join(model.l ? ", " : "、");
  const end = model.yearName(model.span - 1);
  const label = model.t("curves_label", { name: model.f.name[f], end, list });
  const { svg, x, v } = FMPlan.frame(model, { largest, lowest, height: 138, label, ticks: FMPlan.ticks(largest / per, 4), per });
  for (const { points, look: [colour, width, dash] } of [...ends].reverse()) {
    svg.append(FMPlan.s("polyline", { points: points.map(([y, amount]) => `${x(y).toFixed(1)},${v(amount).toFixed(1)}`).join(" "), fill: "none", stroke: colour, "stroke-width": width, "stroke-dasharray": dash, "stroke-linejoin": "round" }));
  }
  return { svg, unit: name, end, ends };
};

FMPlan.lineSample = (colour, width, dash) => FMPlan.s("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" },
  FMPlan.s("line", { x1: 0, x2: 26, y1: 5, y2: 5, stroke: colour, "stroke-width": width, "stroke-dasharray": dash }));

FMPlan.conditionPath = function (model, f) {
  const scores = Array.from(model.conditionAt.subarray(f * model.span, (f + 1) * model.span));
  if (scores.every((score) => score < 0)) return null;
  const { svg, x, v } = FMPlan.frame(model, { largest: 100, height: 92, label: model.t("condition_label", { name: model.f.name[f] }), ticks: [0, 50, 100] });
  let piece = [];
  const close = () => {
    if (piece.length) svg.append(FMPlan.s("polyline", { points: piece.join(" "), fill: "none", stroke: "#0072B2", "stroke-width": 2.2, "stroke-linejoin": "round" }));
    piece = [];
  };
  scores.forEach((score, y) => { if (score < 0) close(); else piece.push(`${x(y).toFixed(1)},${v(score).toFixed(1)}`); });
  close();
  return svg;
};
