// Who loses and who gains a service: districts coloured and counted against today.
"use strict";
FMPlan.LOSS = ["#fbd9bd", "#f4ae7b", "#e0803c"];
FMPlan.GAIN = ["#d3e6f5", "#9ecae9", "#5a9fd0"];
FMPlan.MIXED = "#d9d0e3";

FMPlan.Cover = class {
  constructor(model, shapes, onChoose, onDistrict) {
    Object.assign(this, { model, shapes, onDistrict });
    this.box = FMPlan.el("fm-cover");
    this.box.addEventListener("change", () => { model.chosen.cover = Number(this.box.value); onChoose(); });
    FMPlan.el("fm-coverbox").hidden = !model.f.districts.length || !shapes;
    model.coverAt = (y) => this.at(y);
  }

  // Places and ways of every district and service at the end of a year; -1 = today.
  at(y) {
    const { cover } = this.model;
    if (this._of !== cover || this._year !== y) {
      const n = Int32Array.from(cover.n), m = Int32Array.from(cover.m);
      for (let at = 0; at < cover.cell.length && cover.t[at] <= y + 1; at++) { n[cover.cell[at]] = cover.cn[at]; m[cover.cell[at]] = cover.cm[at]; }
      Object.assign(this, { _of: cover, _year: y, _now: { n, m } });
    }
    return this._now;
  }

  // -1 a service is lost, thinned out or farther away; 1 the opposite; 0 as today.
  step(cell, now) {
    const { cover } = this.model, far = (way) => (way < 0 ? 1e7 : way);
    if (now.n[cell] !== cover.n[cell]) return Math.sign(now.n[cell] - cover.n[cell]);
    const farther = far(now.m[cell]) - far(cover.m[cell]);
    return Math.abs(farther) > cover.farther ? -Math.sign(farther) : 0;
  }

  // Services that a district loses and gains, of all or of the chosen one.
  district(d) {
    const { model } = this, count = model.f.services.length, only = model.chosen.cover, now = this.at(model.chosen.year), lost = [], gained = [];
    for (let s = 0; s < count; s++) {
      if (only >= 0 && s !== only) continue;
      const step = this.step(d * count + s, now);
      if (step) (step < 0 ? lost : gained).push(s);
    }
    return { lost, gained };
  }

  static colour(lost, gained) {
    const net = gained - lost;
    if (!net) return lost ? FMPlan.MIXED : null;
    return (net < 0 ? FMPlan.LOSS : FMPlan.GAIN)[Math.min(3, Math.abs(net)) - 1];
  }

  get isOn() { return this.model.chosen.cover > -2; }

  // The words of the selection, and the colours of the districts.
  draw() {
    const { model, box } = this, { h } = FMPlan, moved = new Set(), count = model.f.services.length;
    for (const cell of model.plans.flatMap((plan) => plan.cover.cell)) moved.add(cell % count);
    const services = [...moved].sort((a, b) => a - b).map((s) => [s, model.f.services[s]]);
    box.replaceChildren(h("option", { value: -2 }, model.t("cover_off")), h("option", { value: -1 }, model.t("cover_all")),
      ...services.map(([s, name]) => h("option", { value: s, data: name[0] === name[1] }, name[model.l])));
    box.value = model.chosen.cover;
    this.paint();
  }

  paint() {
    const { model } = this, { areas } = model.base;
    model.coverMarks = null;
    if (!this.shapes) return;
    if (this.isOn) model.coverMarks = new Map();
    this.shapes.getLayers().forEach((shape, at) => {
      const d = this.isOn ? model.f.districts.indexOf(areas[at]) : -1, { lost, gained } = d < 0 ? { lost: [], gained: [] } : this.district(d);
      const colour = FMPlan.Cover.colour(lost.length, gained.length);
      shape.setStyle({ fillColor: colour || "#fdfcf8", fillOpacity: colour ? 0.85 : 0 });
      if (colour) model.coverMarks.set(areas[at], [lost.length ? `−${lost.length}` : "", gained.length ? `+${gained.length}` : ""].filter(Boolean).join(" "));
    });
  }

  // The districts in words, those that lose most first; on paper, as many as a sheet holds.
  list(mostLines = Infinity) {
    const { model } = this, { h } = FMPlan, y = model.chosen.year, found = [];
    model.f.districts.forEach((name, d) => { const { lost, gained } = this.district(d); if (lost.length || gained.length) found.push({ d, name, lost, gained }); });
    found.sort((a, b) => b.lost.length - a.lost.length || a.gained.length - b.gained.length || a.d - b.d);
    const losing = found.filter((one) => one.lost.length > one.gained.length), gaining = found.filter((one) => one.gained.length > one.lost.length);
    const people = (ones) => {
      const known = ones.filter((one) => one.name in model.base.people);
      return known.length ? model.bracket(model.t("cover_people", { n: model.number(known.reduce((sum, one) => sum + model.base.people[one.name], 0)) })) : "";
    };
    let lines = 0;
    const shown = found.filter((one) => (lines += 1.7 + one.lost.length + one.gained.length) <= mostLines), rest = found.length - shown.length;
    const only = model.chosen.cover, head = only >= 0 ? h("h2", { data: model.f.services[only][0] === model.f.services[only][1] }, model.f.services[only][model.l]) : "";
    return [head, h("h2", {}, model.t("cover_head", { year: model.yearName(y) })),
      h("p", { id: "fm-coversum" }, model.t("cover_losing", { n: model.number(losing.length) }) + people(losing), h("br"), model.t("cover_gaining", { n: model.number(gaining.length) }) + people(gaining)),
      h("p", {}, model.t("cover_note", { m: model.number(model.cover.farther) })),
      ...(found.length ? shown.map((one) => this._row(one)) : [h("p", {}, model.t("cover_none"))]),
      rest ? h("p", {}, model.t("print_districts", { n: model.number(rest) })) : ""];
  }

  _row({ d, name, lost, gained }) {
    const { model } = this, { h, s } = FMPlan, count = model.f.services.length, now = this.at(model.chosen.year), { cover } = model;
    const way = (metres) => (metres < 0 ? model.t("cover_nowhere") : `${model.number(metres / 1000, 1)} km`);
    const line = (service, sign) => {
      const cell = d * count + service, name_ = model.f.services[service], isMoved = cover.m[cell] !== now.m[cell];
      const places = cover.n[cell] === now.n[cell] ? "" : model.t("cover_change", { from: model.number(cover.n[cell]), to: model.number(now.n[cell]) });
      const nearest = isMoved ? model.t("cover_way", { from: way(cover.m[cell]), to: way(now.m[cell]) }) : "";
      return h("li", {}, sign, " ", h("span", { data: name_[0] === name_[1] }, name_[model.l]), " ", places && nearest ? places + model.bracket(nearest) : places || nearest);
    };
    const colour = FMPlan.Cover.colour(lost.length, gained.length);
    return h("div", { class: "fm-district" },
      h("button", { type: "button", class: "fm-row", "data-d": d, on: { click: () => this.onDistrict(d) } },
        s("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, s("rect", { x: 2, y: 2, width: 16, height: 16, rx: 2, fill: colour, stroke: "#4a5a6a" })),
        h("span", { class: "fm-name", data: true }, name), h("span", { class: "fm-cost" }, [lost.length ? `−${lost.length}` : "", gained.length ? `+${gained.length}` : ""].filter(Boolean).join(" "))),
      h("ul", {}, ...lost.map((service) => line(service, "▼")), ...gained.map((service) => line(service, "▲"))));
  }
};

FMPlan.coverLegend = function (model) {
  if (!model.coverMarks) return [];
  const { h, s } = FMPlan, square = (colour) => s("svg", { viewBox: "0 0 22 22", "aria-hidden": "true" }, s("rect", { x: 2, y: 4, width: 18, height: 14, fill: colour, stroke: "#4a5a6a" }));
  return [["legend_loss", FMPlan.LOSS[1]], ["legend_gain", FMPlan.GAIN[1]], ["legend_mixed", FMPlan.MIXED]].map(([key, colour]) => h("li", {}, square(colour), h("span", {}, model.t(key))));
};
