// Search, filters, legend, headline figures, sources.
"use strict";
FMPlan.Search = class {
  constructor(model, choose) {
    const { el } = FMPlan;
    Object.assign(this, { model, choose, found: [], at: -1, input: el("fm-q"), list: el("fm-found"), clear: el("fm-qx") });
    this.folded = model.f.name.map((name, f) => FMPlan.fold(name + " " + model.f.id[f]));
    this.input.addEventListener("input", () => this.find());
    this.input.addEventListener("focus", () => { if (this.input.value) this.find(); });
    this.input.addEventListener("blur", () => { this.closing = setTimeout(() => this.close(), 150); });
    this.input.addEventListener("keydown", (event) => this._key(event));
    this.clear.addEventListener("click", () => { this.input.value = ""; this.find(); this.input.focus(); });
  }

  find() {
    clearTimeout(this.closing);
    const { model } = this, { h } = FMPlan, words = this.input.value.trim().split(/[\s\u3000]+/).map(FMPlan.fold).filter(Boolean);
    this.clear.hidden = !this.input.value;
    this.at = -1;
    this.found = [];
    this.input.removeAttribute("aria-activedescendant");
    if (!words.length) { this.close(); return; }
    for (let f = 0; f < model.n && this.found.length < 40; f++) if (words.every((word) => this.folded[f].includes(word))) this.found.push(f);
    const options = this.found.map((f, at) => h("li", { role: "option", id: `fm-found-${at}`, "aria-selected": "false", on: { mousedown: (event) => { event.preventDefault(); this.take(f); } } },
      h("span", { data: true }, model.f.name[f]), " ", h("small", {}, model.useName(f))));
    if (!options.length) options.push(h("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, model.t("search_none")));
    this.list.replaceChildren(...options);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    FMPlan.el("fm-live").textContent = this.found.length ? model.t("search_found", { n: this.found.length }) : model.t("search_none");
  }

  _key(event) {
    if (event.key === "Escape") { this.close(); return; }
    if (event.key === "Enter" && this.found.length && !this.list.hidden) { event.preventDefault(); this.take(this.found[Math.max(0, this.at)]); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (this.list.hidden) this.find();
    if (!this.found.length) return;
    const step = event.key === "ArrowDown" ? 1 : -1;
    this.at = (this.at + step + this.found.length) % this.found.length;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === this.at)));
    this.input.setAttribute("aria-activedescendant", `fm-found-${this.at}`);
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
  }

  take(f) { this.close(); this.choose(f, true); }
  close() { this.list.hidden = true; this.input.setAttribute("aria-expanded", "false"); this.input.removeAttribute("aria-activedescendant"); }
};

FMPlan.Filters = class {
  constructor(model, onChange, onPlan) {
    const { el } = FMPlan;
    this.model = model;
    this.boxes = { use: el("fm-use"), action: el("fm-action"), district: el("fm-district") };
    this.plans = el("fm-plan");
    this.plans.addEventListener("change", () => onPlan(Number(this.plans.value)));
    for (const [key, box] of Object.entries(this.boxes)) box.addEventListener("change", () => { model.chosen[key] = Number(box.value); onChange(); });
    el("fm-reset").addEventListener("click", () => {
      Object.assign(model.chosen, { use: -1, action: -1, district: -2 });
      onChange();
      this.boxes.use.focus();
    });
  }

  draw() {
    const { model } = this, { el } = FMPlan, f = model.f, acts = new Set(model.e.a);
    f.decision.forEach((action) => acts.add(action));
    document.querySelectorAll(".fm-plans").forEach((part) => { part.hidden = model.plans.length < 2; });
    this.plans.replaceChildren(...model.plans.map((_, at) => FMPlan.h("option", { value: at, data: at > 0 && !model.plans[at].meta.is_replace }, model.planName(at))));
    this.plans.value = model.chosen.plan;
    this._fill("use", -1, f.uses.map((use, at) => [at, use[1 + model.l], false]));
    this._fill("action", -1, model.actions.map((_, at) => [at, model.action(at), false]).filter(([at]) => acts.has(at)));
    const districts = f.districts.map((name, at) => [at, name, true]);
    if (f.district.includes(-1)) districts.push([-1, model.t("no_district"), false]);
    this._fill("district", -2, districts);
    el("fm-shown").textContent = model.t("shown_of", { n: model.number(model.count), all: model.number(model.n) });
    el("fm-reset").hidden = !model.hasFilter();
  }

  _fill(key, all, items) {
    const { h } = FMPlan, box = this.boxes[key];
    box.replaceChildren(h("option", { value: all }, this.model.t("all")), ...items.map(([value, name, isOwn]) => h("option", { value, data: isOwn }, name)));
    box.value = this.model.chosen[key];
  }
};

FMPlan.drawLegend = function (model) {
  const { h, el } = FMPlan, used = new Set(model.e.a), items = [];
  const item = (picture, text) => items.push(h("li", {}, picture, h("span", {}, text)));
  const grey = { shape: "circle", colour: model.actions[0][3], kind: "full" };
  const isByCondition = model.chosen.mode === "condition";
  if (isByCondition) {
    FMPlan.CONDITION.forEach(([colour, from, to], at) => item(FMPlan.icon({ shape: "circle", colour, kind: "full" }),
      model.t("condition_class", { from, to: to === 100 ? 100 : to - 1 }) + (at === 0 ? model.t("condition_best") : at === FMPlan.CONDITION.length - 1 ? model.t("condition_worst") : "")));
    const isUnknown = (score, at) => score < 0 && model.f.costed[Math.floor(at / model.span)] && !model.isClosed[model.stateAt[at]];
    if (model.conditionAt.some(isUnknown)) item(FMPlan.icon({ shape: "circle", colour: FMPlan.NOTHING, kind: "full" }), model.t("legend_unknown"));
  } else item(FMPlan.icon(grey), model.t("legend_before"));
  model.actions.forEach((action, at) => {
    if (at && used.has(at)) item(FMPlan.icon({ shape: action[4], colour: isByCondition ? "#fff" : action[3], kind: "full" }), model.action(at));
  });
  if ([...used].some((at) => ["merge", "sell", "demolish"].includes(model.actions[at][0]))) item(FMPlan.icon({ shape: "triangle_down", colour: "#CC79A7", kind: "closed" }), model.t("legend_closed"));
  item(FMPlan.icon(grey, true), model.t("legend_now"));
  if (model.guestsOf.size) item(FMPlan.s("svg", { viewBox: "0 0 22 22", "aria-hidden": "true" }, FMPlan.s("path", { d: "M2 17Q7 5 16 7", fill: "none", stroke: "#9c3d73", "stroke-width": 2.2 }), FMPlan.s("path", { d: "M21 8.5 14 3v8z", fill: "#9c3d73" })), model.t("legend_arrow"));
  if (model.f.costed.includes(0)) item(FMPlan.icon({ shape: "circle", colour: "#5f6b77", kind: "uncosted" }), model.t("legend_uncosted"));
  if (model.f.accuracy.some((_, at) => FMPlan.errorOf(model, at))) item(FMPlan.s("svg", { viewBox: "-11 -11 22 22", "aria-hidden": "true" }, FMPlan.s("circle", { r: 9, "stroke-dasharray": "4 3", ...FMPlan.ERROR_LOOK })), model.t("legend_error"));
  const sizes = FMPlan.s("svg", { viewBox: "-11 -11 22 22", "aria-hidden": "true" }, FMPlan.s("circle", { cx: -6, r: 3, fill: grey.colour, stroke: FMPlan.INK }), FMPlan.s("circle", { cx: 4, r: 6.5, fill: grey.colour, stroke: FMPlan.INK }));
  item(sizes, model.t("legend_size"));
  if ([...model.samePlace.values()].some((group) => group.length > 1)) items.push(h("li", {}, h("small", {}, model.t("legend_stacked"))));
  el("fm-legend-list").replaceChildren(...items, ...FMPlan.coverLegend(model));
};

FMPlan.drawFigures = function (model) {
  const { h, el } = FMPlan, y = model.chosen.year, t = model.totals, score = t.condition[y];
  let total = 0;
  for (let at = 0; at <= y; at++) total += t.outlay[at];
  const figures = [["kpi_outlay", model.money(t.outlay[y])], ["kpi_total", model.money(total)], ["kpi_open", model.number(t.open[y])],
    ["kpi_floor", `${model.number(t.floor[y])} m²`], ["kpi_condition", Number.isNaN(score) ? "—" : model.number(score)]];
  el("fm-kpis").replaceChildren(...figures.map(([key, value]) => h("div", {}, h("dt", {}, model.t(key) + (model.hasFilter() && key === "kpi_outlay" ? model.bracket(model.t("kpi_filtered")) : "")), h("dd", { id: "fm-" + key }, value))));
};

FMPlan.drawWords = function (model) {
  const { h, el } = FMPlan, meta = model.meta, first = model.years[0][0], last = model.years[model.span - 1][0];
  document.documentElement.lang = model.chosen.lang;
  document.querySelectorAll("#fm-app [data-t]").forEach((element) => { element.textContent = model.t(element.dataset.t); });
  document.querySelectorAll("#fm-app [data-label]").forEach((element) => { element.setAttribute("aria-label", model.t(element.dataset.label)); if (element.tagName === "BUTTON") element.title = model.t(element.dataset.label); });
  el("fm-lang").lang = model.l ? "ja" : "en";
  el("fm-q").placeholder = model.t("search_hint");
  const plan = model.t("plan_of", { from: first, to: last });
  el("fm-case").textContent = meta.title[model.l];
  const isOther = model.chosen.plan > 0;
  el("fm-sub").replaceChildren(plan, ...(isOther ? [] : [model.l ? " · " : "・", model.t("scenario"), ": ", h("span", { data: true }, meta.scenario)]),
    isOther ? h("strong", { class: "fm-other", data: !meta.is_replace }, model.planName(model.chosen.plan)) : "");
  document.title = `${meta.title[model.l]} ${plan}`;
  const said = [...(meta.is_replace ? [model.t("replace_note")] : [meta.status[model.l], model.t("gap", { gap: model.number(meta.gap * 100, 2) })]), model.t("price_year", { year: meta.price_year }), model.t("discount", { rate: model.number(meta.discount_rate * 100, 1) }), model.tiles ? model.t("online", { tiles: model.tiles.name[model.l] }) : model.t("offline"), model.t("made_on", { date: FMPlan.made(model) })];
  const sources = model.base.sources.flatMap((source, at) => [at ? " / " : "", h("span", { data: true }, source[model.l])]);
  el("fm-foot").replaceChildren(...said.map((text) => h("span", {}, text)), sources.length ? h("span", {}, model.t("sources"), ": ", ...sources) : "");
  el("fm-credit").replaceChildren(model.base.approximate ? `${model.t("approximate_districts")} · ` : "", "Leaflet");
};

// The day the file was written, which the browser knows: the page itself is the same for the same plan.
FMPlan.made = (model) => {
  const day = new Date(document.lastModified), known = Number.isNaN(day.getTime()) ? new Date() : day;
  return new Intl.DateTimeFormat(model.l ? "en-GB" : "ja-JP", { dateStyle: "long" }).format(known);
};
