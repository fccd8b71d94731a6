// The year's actions and all facilities as buttons: the keyboard's way to every marker.
"use strict";
FMPlan.PAGE = 150;
FMPlan.Lists = class {
  constructor(model, choose, cover) {
    Object.assign(this, { model, choose, cover, tab: "year", length: FMPlan.PAGE });
    this.box = FMPlan.el("fm-list");
    this.tabs = { year: FMPlan.el("fm-tab-year"), all: FMPlan.el("fm-tab-all"), cover: FMPlan.el("fm-tab-cover") };
    if (!model.f.districts.length) { this.tabs.cover.hidden = true; delete this.tabs.cover; }
    const order = Object.keys(this.tabs);
    for (const [name, tab] of Object.entries(this.tabs)) {
      tab.addEventListener("click", () => this.show(name));
      tab.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        const other = order[(order.indexOf(name) + (event.key === "ArrowRight" ? 1 : -1) + order.length) % order.length];
        this.show(other);
        this.tabs[other].focus();
      });
    }
  }

  show(name) {
    this.tab = name;
    this.length = FMPlan.PAGE;
    for (const [key, tab] of Object.entries(this.tabs)) {
      tab.setAttribute("aria-selected", String(key === name));
      tab.tabIndex = key === name ? 0 : -1;
    }
    this.box.setAttribute("aria-labelledby", this.tabs[name].id);
    this.draw();
    this.box.scrollTop = 0;
  }

  events() {
    const { model } = this, y = model.chosen.year;
    return model.eventsIn[y].filter((at) => model.isIn[model.e.f[at]])
      .sort((a, b) => (model.e.from[b] === y) - (model.e.from[a] === y) || model.e.cost[b] - model.e.cost[a] || a - b);
  }

  draw() { this.box.replaceChildren(...(this.tab === "year" ? this._year() : this.tab === "all" ? this._all() : this.cover.list())); }

  _year() {
    const { model } = this, { h } = FMPlan, y = model.chosen.year, events = this.events();
    const title = h("h2", {}, model.t("year_events", { year: model.yearName(y), n: model.number(events.length) }));
    if (!events.length) return [title, h("p", {}, model.t("year_none"))];
    return [title, ...this._paged(events, (at) => {
      const goesOn = model.e.from[at] < y ? model.bracket(model.t("continues")) : "";
      return this.row(model.e.f[at], FMPlan.actionMark(model, model.e.a[at]), model.action(model.e.a[at]) + goesOn, model.money(model.e.cost[at] || 0));
    })];
  }

  _all() {
    const { model } = this, { h } = FMPlan, y = model.chosen.year, chosen = [];
    for (let f = 0; f < model.n; f++) if (model.isIn[f]) chosen.push(f);
    const plain = chosen.filter((f) => model.isLocated(f) && model.f.costed[f]), parts = [];
    const line = (f) => this.row(f, FMPlan.markOf(model, f, y), `${model.useName(f)}${model.l ? ", " : "・"}${model.stateName(f, y)}`, "");
    const lost = chosen.filter((f) => !model.isLocated(f)), uncosted = chosen.filter((f) => !model.f.costed[f] && model.isLocated(f));
    if (lost.length) parts.push(h("h2", {}, model.t("unlocated", { n: model.number(lost.length) })), h("p", {}, model.t("unlocated_note")), ...lost.slice(0, 100).map(line));
    if (uncosted.length) {
      parts.push(h("h2", {}, model.t("uncosted", { n: model.number(uncosted.length) })),
        ...uncosted.slice(0, 100).map((f) => this.row(f, FMPlan.markOf(model, f, y), model.f.reasons[model.f.reason[f]][model.l], "")));
    }
    if (parts.length) parts.push(h("h2", {}, `${model.t("tab_all")} (${model.number(plain.length)})`));
    return [...parts, ...this._paged(plain, line)];
  }

  _paged(items, make) {
    const rows = items.slice(0, this.length).map(make), rest = items.length - this.length;
    if (rest > 0) {
      rows.push(FMPlan.h("button", { type: "button", class: "fm-plain", on: { click: () => {
        const from = this.length;
        this.length += FMPlan.PAGE;
        this.draw();
        this.box.querySelectorAll(".fm-row")[from]?.focus();
      } } }, this.model.t("more", { n: this.model.number(Math.min(rest, FMPlan.PAGE)) })));
    }
    return rows;
  }

  row(f, mark, what, cost) {
    const { h } = FMPlan;
    return h("button", { type: "button", class: "fm-row", "data-f": f, "aria-current": this.model.chosen.facility === f ? "true" : null, on: { click: () => this.choose(f, true) } },
      FMPlan.icon(mark), h("span", { class: "fm-name", data: true }, this.model.f.name[f]), h("span", { class: "fm-what" }, what), cost ? h("span", { class: "fm-cost" }, cost) : null);
  }
};
