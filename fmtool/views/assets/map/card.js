// One facility: what happens to it, why, and what each way would cost.
"use strict";
FMPlan.Card = class {
  constructor(model, choose, locate) {
    Object.assign(this, { model, choose, locate });
    this.box = FMPlan.el("fm-card");
    this.estimated = {};
    for (const [key, steps] of Object.entries(model.f.estimated)) { let at = 0; this.estimated[key] = new Set(steps.map((step) => (at += step))); }
    this.box.addEventListener("keydown", (event) => { if (event.key === "Escape") choose(-1); });
  }

  draw() {
    const { model, box } = this, f = model.chosen.facility;
    box.hidden = f < 0;
    FMPlan.el("fm-panel").inert = f >= 0 && getComputedStyle(box).position === "absolute";
    if (f < 0) { box.replaceChildren(); return; }
    const scrolled = box.dataset.f === String(f) ? box.scrollTop : 0;
    box.dataset.f = f;
    box.replaceChildren(this._head(f), this._state(f), ...this._place(f), this._why(f), this._plan(f), ...this._curves(f), this._facts(f), ...this._others(f));
    box.scrollTop = scrolled;
  }

  _head(f) {
    const { model } = this, { h } = FMPlan;
    return h("div", { class: "fm-cardhead" }, FMPlan.icon(FMPlan.markOf(model, f, model.chosen.year)),
      h("h2", { data: true, id: "fm-cardname", tabindex: "-1" }, model.f.name[f]),
      model.isLocated(f) ? h("button", { type: "button", id: "fm-locate", on: { click: () => this.locate(f) } }, model.t("locate")) : null,
      h("button", { type: "button", id: "fm-close", "aria-label": model.t("close"), on: { click: () => this.choose(-1) } }, "×"));
  }

  _state(f) {
    const { model } = this, { h } = FMPlan, y = model.chosen.year, at = f * model.span + y, state = model.stateAt[at];
    const look = state === model.worksState ? " fm-works" : model.isClosed[state] ? " fm-closed" : "", score = model.conditionAt[at];
    return h("p", { class: "fm-state" }, h("span", {}, model.t("state_in", { year: model.yearName(y) })),
      h("strong", { class: "fm-badge" + look, id: "fm-statebadge" }, model.stateName(f, y)),
      score >= 0 ? h("span", {}, `${model.t("condition")} `, h("strong", {}, model.number(score)), " / 100") : null);
  }

  _place(f) {
    const { model } = this, { h } = FMPlan, error = FMPlan.errorOf(model, f);
    if (!model.isLocated(f)) return [h("p", { class: "fm-warn" }, model.t("no_position"))];
    return error ? [h("p", { class: "fm-warn" }, model.t("approximate", { m: model.number(error) }))] : [];
  }

  _why(f) {
    const { model } = this, { h } = FMPlan, reason = model.f.reasons[model.f.reason[f]][model.l];
    return h("div", {}, h("h3", {}, model.t(model.f.costed[f] ? "reason" : "not_costed")), h("p", { class: "fm-reason", id: "fm-reason" }, reason));
  }

  _plan(f) {
    const { model } = this, { h } = FMPlan, events = model.eventsOf[f], y = model.chosen.year;
    const part = h("div", {}, h("h3", {}, model.t("life_plan")));
    if (!events.length) { part.append(h("p", {}, model.f.costed[f] ? model.t("no_events") : "—")); return part; }
    const rows = events.map((at) => {
      const { e } = model, from = e.from[at], to = Math.min(e.to[at], model.span - 1), last = model.years[0][0] + e.to[at];
      const when = from === to && e.to[at] === from ? model.yearName(from) : model.l ? `FY${model.years[0][0] + from}–${last}` : `${model.years[0][0] + from}–${last}年度`;
      const host = e.host[at] >= 0 ? [" → ", this._link(e.host[at])] : [];
      return h("tr", { class: from <= y && y <= to ? "fm-now" : null }, h("th", { scope: "row", class: "fm-when" }, when),
        h("td", {}, FMPlan.icon(FMPlan.actionMark(model, e.a[at])), model.action(e.a[at]), ...host), h("td", {}, model.money(e.cost[at] || 0)));
    });
    const total = events.reduce((sum, at) => sum + (model.e.cost[at] || 0), 0);
    part.append(h("table", { id: "fm-plantable" },
      h("thead", {}, h("tr", {}, ...["when", "what", "cost"].map((key) => h("th", { scope: "col" }, model.t(key))))), h("tbody", {}, ...rows),
      events.length > 1 ? h("tfoot", {}, h("tr", {}, h("th", { scope: "row", colspan: 2 }, model.t("total")), h("td", {}, model.money(total)))) : null));
    return part;
  }

  _curves(f) {
    const { model } = this, { h } = FMPlan, found = FMPlan.costCurves(model, f), parts = [];
    if (found) {
      const key = found.ends.map(({ label, look, end }) => h("li", {},
        FMPlan.lineSample(...look), h("span", { class: "fm-" + label }, model.t("curve_" + label)), h("b", { class: "fm-" + label }, model.money(end))));
      parts.push(h("div", { id: "fm-curves" }, h("h3", {}, model.t("curves", { unit: found.unit })), found.svg, h("p", { class: "fm-keyhead" }, model.t("by_end", { end: found.end })), h("ul", { class: "fm-key" }, ...key)));
    }
    const condition = FMPlan.conditionPath(model, f);
    if (condition) parts.push(h("div", {}, h("h3", {}, model.t("condition_path")), condition));
    return parts;
  }

  _facts(f) {
    const { model } = this, { h } = FMPlan, c = model.f, built = c.built[f], list = h("dl", { class: "fm-facts" });
    const estimated = (key) => (this.estimated[key]?.has(f) ? model.t("estimated") : "");
    const fact = (key, value, isOwn) => { if (value !== null && value !== "") list.append(h("dt", {}, model.t(key)), h("dd", { data: isOwn }, value)); };
    fact("use", model.useName(f));
    const service = c.service[f] >= 0 ? c.services[c.service[f]] : ["", ""];
    fact("service", service[0] !== c.uses[c.use[f]][0] ? service[model.l] : "", service[0] === service[1]);
    fact("district", c.district[f] >= 0 ? c.districts[c.district[f]] : "", true);
    fact("floor_area", c.area[f] === null ? "" : `${model.number(c.area[f])} m²` + estimated("area"));
    fact("built", built === null ? "" : (model.l ? `FY${built}` : c.built_ja[built]) + estimated("built"));
    fact("structure", c.structure[f] >= 0 ? c.structures[c.structure[f]][1 + model.l] + estimated("structure") : "");
    fact("facility_id", c.id[f], true);
    return list;
  }

  _others(f) {
    const { model } = this, { h } = FMPlan, parts = [];
    const guests = (model.guestsOf.get(f) || []).map((at) => h("li", {}, `${model.yearName(Math.max(0, model.e.from[at]))} `, this._link(model.e.f[at])));
    if (guests.length) parts.push(h("div", {}, h("h3", {}, model.t("guests")), h("ul", {}, ...guests)));
    const place = model.f.lat[f] + "," + model.f.lon[f], same = (model.samePlace.get(place) || []).filter((at) => at !== f);
    if (same.length) parts.push(h("div", {}, h("h3", {}, model.t("same_place")), h("ul", {}, ...same.slice(0, 20).map((at) => h("li", {}, this._link(at))))));
    return parts;
  }

  _link(f) {
    return FMPlan.h("button", { type: "button", class: "fm-link", data: true, on: { click: () => this.choose(f, true) } }, this.model.f.name[f]);
  }
};
