// The year: slider, buttons, playing, bars under the map.
"use strict";
FMPlan.Timeline = class {
  constructor(model, onYear) {
    const { el } = FMPlan;
    this.model = model;
    this.onYear = onYear;
    this.bars = new FMPlan.Bars(model, el("fm-bars"), (y) => { this.stop(); onYear(y); });
    this.slider = el("fm-slider");
    this.slider.max = model.span - 1;
    this.stack = el("fm-stack");
    this.stack.addEventListener("change", () => { model.chosen.stack = this.stack.value; this.draw(); });
    this.slider.addEventListener("input", () => { this.stop(); onYear(Number(this.slider.value)); });
    el("fm-prev").addEventListener("click", () => { this.stop(); onYear(model.chosen.year - 1); });
    el("fm-next").addEventListener("click", () => { this.stop(); onYear(model.chosen.year + 1); });
    el("fm-play").addEventListener("click", () => (this.timer ? this.stop() : this.play()));
  }

  play() {
    const { model } = this;
    if (model.chosen.year >= model.span - 1) this.onYear(0);
    const step = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1800 : 900;
    this.timer = setInterval(() => {
      if (model.chosen.year >= model.span - 1) this.stop();
      else this.onYear(model.chosen.year + 1);
    }, step);
    this.say();
  }
  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.say();
  }
  say() {
    const button = FMPlan.el("fm-play"), key = this.timer ? "pause" : "play";
    button.dataset.t = key;
    button.textContent = this.model.t(key);
  }

  draw() {
    const { model } = this, { h } = FMPlan, canSplit = model.hasSources() && !model.hasFilter();
    this.stack.replaceChildren(...["action", "source"].map((kind) => h("option", { value: kind }, model.t("stack_" + kind))));
    this.stack.value = canSplit ? model.chosen.stack : "action";
    FMPlan.el("fm-stackbox").hidden = !model.hasSources();
    this.stack.disabled = !canSplit;
    this.bars.draw();
    const reach = this.bars.column * (this.model.span - 1), thumb = 16;
    this.slider.style.marginLeft = this.bars.centre(0) - thumb / 2 + "px";
    this.slider.style.width = reach + thumb + "px";
    this._lines();
    this.say();
    this.move();
  }

  move() {
    const { model } = this, { h, el } = FMPlan, y = model.chosen.year;
    this.bars.move();
    this.slider.value = y;
    const parts = [[model.t("kpi_outlay"), model.totals.outlay[y]], ...model.bars().map(([name, , values]) => [name, values[y]]).filter(([, amount]) => amount > 0)];
    this.slider.setAttribute("aria-valuetext", `${model.yearName(y)} ${parts.map(([name, amount]) => `${name} ${model.money(amount)}`).join(model.l ? ", " : "、")}`);
    const [short, long] = [model.yearName(y), model.yearName(y, true)];
    el("fm-year").replaceChildren(short, long === short ? "" : h("small", {}, long.slice(short.length)));
    el("fm-prev").disabled = y === 0;
    el("fm-next").disabled = y === model.span - 1;
  }

  _lines() {
    const { model } = this, { h, s } = FMPlan, parts = [h("span", {}, model.t("bars_title", { unit: this.bars.unit }))];
    if (model.chosen.stack === "source" && model.hasSources() && !model.hasFilter()) {
      parts.push(...model.bars().map(([name, colour]) => h("span", { class: "fm-source" }, s("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, s("rect", { width: 10, height: 10, fill: colour })), name)));
    }
    if (!model.hasFilter()) {
      parts.push(h("span", {}, FMPlan.lineSample("#b00020", 1.8, "7 3"), model.budgetName()));
      const cut = this.bars.isCut ? model.bracket(model.t("beyond", { amount: model.money(this.bars.isCut) })) : "";
      parts.push(h("span", {}, FMPlan.lineSample("#444", 1.4, "1.5 3"), model.t("line_replace") + cut));
      if (this.bars.hasIncome) {
        parts.push(h("span", {}, FMPlan.s("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" }, FMPlan.s("rect", { x: 8, y: 1, width: 10, height: 8, fill: "#fff", stroke: "#5b3f95" })), model.t("income")));
      }
    }
    FMPlan.el("fm-lines").replaceChildren(...parts);
  }
};
