// What the page knows: the plan's columns, the words, the chosen year and filters. Draws nothing.
"use strict";
document.documentElement.classList.add("fm-on");
const FMPlan = {};

FMPlan.read = async function (id) {
  const holder = document.getElementById(id);
  if (holder.type === "application/json") return JSON.parse(holder.textContent);
  const bytes = Uint8Array.from(atob(holder.textContent), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
};

FMPlan.Model = class {
  constructor(data) {
    Object.assign(this, data);
    this.n = this.f.id.length;
    this.span = this.years.length;
    this.chosen = { year: 0, lang: this.lang, mode: "action", use: -1, action: -1, district: -2, facility: -1, plan: 0, stack: "action", cover: -2 };
    this._numbers = {};
    this._digit = new Int16Array(256).fill(-1);
    [...this.digits].forEach((sign, at) => { this._digit[sign.charCodeAt(0)] = at; });
    FMPlan.plain = this.actions[0][3];
    this.take(0);
  }

  // Show one of the plans: the chosen one, another scenario's, or the conventional way.
  take(at) {
    const plan = this.plans[at];
    this.chosen.plan = at;
    Object.assign(this.f, plan.choice);
    const located = (table) => { let facility = 0; return { ...table, f: Int32Array.from(table.f, (step) => (facility += step)) }; };
    this.e = located(plan.e);
    this.o = located(plan.o);
    this.state = located(plan.state);
    this.e.to = this.e.from.map((from, event) => from + this.e.years[event] - 1);
    Object.assign(this, { meta: plan.meta, yearly: plan.yearly, condition: plan.condition, cover: plan.cover, curves: plan.curves || this.plans[0].curves });
    this._readStates();
    this._readConditions();
    this._readEvents();
    this._readCurves();
    this.filter();
  }

  _readStates() {
    const { n, span } = this, changes = this.state;
    this.stateAt = new Uint8Array(n * span);
    for (let at = 0; at < changes.f.length; at++) {
      const row = changes.f[at] * span;
      this.stateAt.fill(changes.s[at], row + changes.y[at], row + span);
    }
    this.worksState = this.states.findIndex((state) => state[0] === "works");
    this.isClosed = this.states.map((state) => Boolean(state[3]));
  }

  _readConditions() {
    const score = new Int16Array(512).fill(-1), text = this.condition;
    [...this.scores].forEach((sign, at) => { score[sign.charCodeAt(0)] = at; });
    this.conditionAt = new Int16Array(this.n * this.span).fill(-1);
    for (let at = 0; at < text.length; at++) this.conditionAt[at] = score[text.charCodeAt(at)];
  }

  _readEvents() {
    const { n, span, e } = this;
    this.lastEvent = new Int32Array(n * span).fill(-1);
    this.eventsOf = Array.from({ length: n }, () => []);
    this.eventsIn = Array.from({ length: span }, () => []);
    this.guestsOf = new Map();
    const order = Array.from(e.f, (_, at) => at).sort((a, b) => e.from[a] - e.from[b] || a - b);
    for (const at of order) {
      const row = e.f[at] * span, from = Math.max(0, e.from[at]);
      this.eventsOf[e.f[at]].push(at);
      this.lastEvent.fill(at, row + Math.min(from, span), row + span);
      for (let y = from; y <= Math.min(e.to[at], span - 1); y++) this.eventsIn[y].push(at);
      if (e.host[at] >= 0) {
        if (!this.guestsOf.has(e.host[at])) this.guestsOf.set(e.host[at], []);
        this.guestsOf.get(e.host[at]).push(at);
      }
    }
    this.samePlace = new Map();
    for (let f = 0; f < n; f++) {
      if (this.f.lat[f] === null || this.f.lon[f] === null) continue;
      const place = this.f.lat[f] + "," + this.f.lon[f];
      if (!this.samePlace.has(place)) this.samePlace.set(place, []);
      this.samePlace.get(place).push(f);
    }
  }

  _readCurves() {
    this._curveStart = {};
    for (const [label, [counts]] of Object.entries(this.curves.labels)) {
      const starts = new Uint32Array(this.n + 1);
      for (let f = 0; f < this.n; f++) starts[f + 1] = starts[f] + this._digit[counts.charCodeAt(f)];
      this._curveStart[label] = starts;
    }
  }

  // Points [year index, amount] of one facility's cumulative cost.
  curve(label, f) {
    if (!(label in this._curveStart)) return [];
    const starts = this._curveStart[label], text = this.curves.labels[label][1], points = [];
    const low = this.curves.low[f], high = this.curves.high[f], base = this.digits.length;
    for (let at = starts[f]; at < starts[f + 1]; at++) {
      const [y, a, b] = [0, 1, 2].map((place) => this._digit[text.charCodeAt(at * 3 + place)]);
      points.push([y, low + ((a * base + b) / this.curves.levels) * (high - low)]);
    }
    return points;
  }

  isLocated(f) { return this.f.lat[f] !== null && this.f.lon[f] !== null; }
  hasFilter() { return this.chosen.use >= 0 || this.chosen.action >= 0 || this.chosen.district >= -1; }

  // Apply the filters: which facilities are in, and every yearly total of them.
  filter() {
    const { n, span, f, o, chosen } = this;
    this.isIn = new Uint8Array(n);
    this.count = 0;
    for (let i = 0; i < n; i++) {
      const fits = (chosen.use < 0 || f.use[i] === chosen.use) && (chosen.district < -1 || f.district[i] === chosen.district)
        && (chosen.action < 0 || this._does(i, chosen.action));
      this.isIn[i] = fits ? 1 : 0;
      this.count += this.isIn[i];
    }
    const t = { spend: new Map(), outlay: new Float64Array(span), floor: new Float64Array(span), open: new Int32Array(span), condition: new Float64Array(span) };
    const scored = new Int32Array(span);
    for (let i = 0; i < n; i++) {
      if (!this.isIn[i]) continue;
      for (let y = 0, at = i * span; y < span; y++, at++) {
        const state = this.states[this.stateAt[at]][0];
        if (this.isClosed[this.stateAt[at]]) continue;
        if (state !== "leased") t.open[y]++;
        t.floor[y] += f.area[i] || 0;
        if (this.conditionAt[at] >= 0) { t.condition[y] += this.conditionAt[at]; scored[y]++; }
      }
    }
    for (let y = 0; y < span; y++) t.condition[y] = scored[y] ? t.condition[y] / scored[y] : NaN;
    if (this.hasFilter()) {
      for (let at = 0; at < o.f.length; at++) {
        if (!this.isIn[o.f[at]]) continue;
        if (!t.spend.has(o.a[at])) t.spend.set(o.a[at], new Float64Array(span));
        t.spend.get(o.a[at])[o.y[at]] += o.v[at] * 1000;
        t.outlay[o.y[at]] += o.v[at] * 1000;
      }
    } else {
      this.yearly.spend.forEach(([action, values]) => t.spend.set(action, Float64Array.from(values)));
      this.yearly.outlay.forEach((value, y) => { t.outlay[y] = value; });
      this.yearly.floor_area_m2.forEach((value, y) => { t.floor[y] = value; });
    }
    t.spend = new Map([...t.spend].sort((a, b) => a[0] - b[0]));
    this.totals = t;
  }

  _does(facility, action) {
    const events = this.eventsOf[facility];
    return events.length ? events.some((at) => this.e.a[at] === action) : this.f.decision[facility] === action;
  }

  // ---- words and numbers ----
  get l() { return this.chosen.lang === "ja" ? 0 : 1; }
  t(key, values) {
    const text = this.words[key][this.l];
    return values ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole)) : text;
  }
  bracket(text) { return this.l ? ` (${text})` : `（${text}）`; }
  action(at) { return this.actions[at][1 + this.l]; }
  stateName(f, y) { return this.states[this.stateAt[f * this.span + y]][1 + this.l]; }
  planName(at) {
    const { meta } = this.plans[at];
    if (meta.is_replace) return this.t("plan_replace");
    return at ? this.t("plan_other", { name: meta.scenario }) : this.t("plan_own");
  }
  // Bars hold subsidies and bonds too; the budget of a city that gives its finances holds general funds alone.
  budgetName() { return this.yearly.isGeneral ? this.t("line_budget_general") : this.t("line_budget"); }
  hasSources() { return this.yearly.sources.length > 0; }
  // What the bars are stacked from: [name, colour, values].
  bars() {
    if (this.chosen.stack === "source" && this.hasSources() && !this.hasFilter()) {
      return this.sources.map((source, at) => [source[this.l], source[2], this.yearly.sources[at]]).filter(([, , values]) => values.some((value) => value > 0));
    }
    return [...this.totals.spend].map(([action, values]) => [this.action(action), this.actions[action][3], values]);
  }
  useName(f) { return this.f.uses[this.f.use[f]][1 + this.l]; }
  yearName(y, isLong) { return this.l ? "FY" + this.years[y][0] : this.years[y][isLong ? 2 : 1]; }
  number(value, digits = 0) {
    const key = this.l + "." + digits;
    this._numbers[key] ??= new Intl.NumberFormat(this.l ? "en" : "ja-JP", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return this._numbers[key].format(value);
  }
  money(amount) {
    const size = Math.abs(amount);
    if (!size) return this.meta.currency !== "JPY" ? `${this.meta.currency} 0` : this.l ? "¥0" : "0円";
    if (this.meta.currency === "JPY" && !this.l) {
      if (size >= 1e8) return this.number(amount / 1e8, size < 1e10 ? 1 : 0) + "億円";
      return this.number(amount / 1e4) + "万円";
    }
    const unit = this.meta.currency === "JPY" ? "¥" : this.meta.currency + " ";
    if (size >= 1e9) return unit + this.number(amount / 1e9, size < 1e11 ? 2 : 1) + "bn";
    return unit + this.number(amount / 1e6, size < 1e8 ? 1 : 0) + "m";
  }
  // Unit of a chart's axis: amounts are divided by `per`.
  moneyUnit(largest) {
    if (this.meta.currency === "JPY" && !this.l && largest >= 1e8) return { per: 1e8, name: this.t("unit_oku") };
    return { per: 1e6, name: this.l ? this.t("unit_million", { currency: this.meta.currency }) : this.meta.currency === "JPY" ? this.t("unit_million") : this.meta.currency + " " + this.t("unit_million") };
  }
};

// Make an element; text is always text, never markup. `data: true` marks the city's own words, which no switch translates.
FMPlan.h = function (tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "data") element.setAttribute("data-fm-own", "");
    else if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== "") element.append(child);
  return element;
};
FMPlan.s = function (tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};
FMPlan.fold = (text) => text.normalize("NFKC").toLowerCase()
  .replace(/[\u30a1-\u30f6]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0x60)).replace(/[\s\u30fb・]/g, "");
FMPlan.el = (id) => document.getElementById(id);
