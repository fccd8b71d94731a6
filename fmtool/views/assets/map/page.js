// Start the page and let its parts speak to one another.
"use strict";
FMPlan.start = async function (map, dataId, parts) {
  const { el } = FMPlan;
  let model;
  try { model = new FMPlan.Model(await FMPlan.read(dataId)); } catch (error) {
    const note = document.createElement("p");
    note.setAttribute("role", "alert");
    note.textContent = "このブラウザーでは地図を表示できません。Edge・Chrome・Firefox の新しい版で開いてください。 / This browser cannot show the map. Open it in a current Edge, Chrome or Firefox.";
    el("fm-notice").prepend(note);
    document.documentElement.classList.remove("fm-on");
    console.error(error);
    return;
  }
  el(dataId).remove();
  el("fm-notice").remove();
  el("fm-app").hidden = false;
  new FMPlan.Page(map, model, parts);
};

FMPlan.Page = class {
  constructor(map, model, parts) {
    const { el } = FMPlan;
    Object.assign(this, { map, model, parts });
    const choose = (f, isFlown) => this.choose(f, isFlown);
    this.canvas = new FMPlan.Canvas(model);
    this.timeline = new FMPlan.Timeline(model, (y) => this.setYear(y));
    this.card = new FMPlan.Card(model, choose, (f) => this.locate(f));
    this.cover = new FMPlan.Cover(model, parts.districts, () => this.recover(), (d) => { model.chosen.district = model.chosen.district === d ? -2 : d; this.refilter(); });
    this.lists = new FMPlan.Lists(model, choose, this.cover);
    this.search = new FMPlan.Search(model, choose);
    this.filters = new FMPlan.Filters(model, () => this.refilter(), (at) => this.take(at));
    this._readAddress();
    this.drawAll(); // the final layout first: the map is fitted into it once
    this._placeMap();
    this._tools();
    this._watchPointer();
    this._watchSize();
    this._watchPrint();
    if (model.chosen.facility >= 0) this.locate(model.chosen.facility);
    document.documentElement.setAttribute("data-fm-ready", "");
    el("fm-live").textContent = "";
  }

  _placeMap() {
    const { map, model } = this, box = map.getContainer();
    FMPlan.el("fm-mapbox").prepend(box);
    if (window.innerWidth < 800) FMPlan.el("fm-legend").open = false;
    map.invalidateSize({ animate: false });
    this.fit();
    this.canvas.setZoomOfAll(map.getZoom());
    map.addLayer(this.canvas);
    this.scale = L.control.scale({ imperial: false, position: "bottomright", maxWidth: 110 }).addTo(map);
    map.keyboard?.enable();
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", this.model.t("map"));
    this.mapBox = box;
  }

  // The whole city beside the legend where that costs little of its size, else under the legend's edge.
  fit() {
    const { map } = this, legend = FMPlan.el("fm-legend"), bounds = L.latLngBounds(this.model.base.extent);
    const zoom = (left) => map.getBoundsZoom(bounds, false, L.point(left + 16, 12));
    const wanted = legend.open ? [legend.offsetWidth + 20, 150].filter((left) => left < map.getSize().x / 2) : [];
    const left = wanted.find((width) => zoom(16) - zoom(width) < 0.4) ?? 16;
    map.fitBounds(bounds, { paddingTopLeft: [left, 5], paddingBottomRight: [16, 7], animate: false });
    this._isFitted = true;
  }

  _tools() {
    const { el } = FMPlan, { map, model } = this;
    el("fm-zin").addEventListener("click", () => map.zoomIn(1));
    el("fm-zout").addEventListener("click", () => map.zoomOut(1));
    el("fm-fit").addEventListener("click", () => this.fit());
    el("fm-print").addEventListener("click", () => window.print());
    el("fm-csv").addEventListener("click", () => this._saveCsv());
    el("fm-lang").addEventListener("click", () => { model.chosen.lang = model.l ? "ja" : "en"; this.drawAll(); this._writeAddress(); });
    document.querySelectorAll('input[name="fm-mode"]').forEach((input) => {
      input.checked = input.value === model.chosen.mode;
      input.addEventListener("change", () => { model.chosen.mode = input.value; this.canvas.draw(); FMPlan.drawLegend(model); this.lists.draw(); this.card.draw(); this._writeAddress(); });
    });
    if (this.parts.tiles) this.tiles = new FMPlan.Tiles(this);
    this.recredit();
  }

  recredit() {
    FMPlan.drawWords(this.model);
    this.tiles?.credit();
  }

  toast(text) {
    const box = FMPlan.el("fm-toast");
    box.textContent = text;
    box.hidden = false;
    clearTimeout(this._toastTimer);
    this._toastTimer = setTimeout(() => { box.hidden = true; }, 6000);
  }

  drawAll() {
    const { el } = FMPlan, { model } = this;
    el("fm-tip").hidden = true;
    el("fm-tip").replaceChildren();
    el("fm-bartip").hidden = true;
    el("fm-bartip").replaceChildren();
    el("fm-live").textContent = "";
    this.tiles?.draw();
    this.recredit();
    this.cover.draw();
    this.mapBox?.setAttribute("aria-label", model.t("map"));
    FMPlan.drawLegend(model);
    this.filters.draw();
    this.lists.draw();
    this.search.close();
    this.timeline.draw();
    FMPlan.drawFigures(model);
    this.card.draw();
    if (this._isFitted) this.fit();
  }

  refilter() {
    this.model.filter();
    this.canvas.draw();
    this.filters.draw();
    this.lists.show(this.lists.tab);
    this.timeline.draw();
    FMPlan.drawFigures(this.model);
    this._writeAddress();
  }

  // Show another plan, in the same year, with the same filters.
  take(at) {
    this.model.take(at);
    this.drawAll();
    this.canvas.draw();
    this._writeAddress();
  }

  // Another choice of service: the districts, their legend, and the list that tells of them.
  recover() {
    this.cover.paint();
    this.canvas.draw();
    FMPlan.drawLegend(this.model);
    if (this.cover.isOn) this.lists.show("cover"); else this.lists.draw();
    this._writeAddress();
  }

  setYear(y) {
    const { model } = this, next = Math.max(0, Math.min(model.span - 1, y));
    if (next === model.chosen.year) return;
    model.chosen.year = next;
    this.cover.paint();
    this.canvas.draw();
    this.timeline.move();
    FMPlan.drawFigures(model);
    this.lists.draw();
    if (model.chosen.facility >= 0) this.card.draw();
    this._writeAddress();
  }

  choose(f, isFlown) {
    const { model } = this, before = model.chosen.facility;
    if (before < 0 && f >= 0) this._cameFrom = document.activeElement;
    model.chosen.facility = f;
    this.card.draw();
    this.canvas.draw();
    this.lists.draw();
    if (f >= 0) {
      if (isFlown && model.isLocated(f)) this.locate(f, true);
      FMPlan.el("fm-cardname").focus({ preventScroll: true });
    } else if (before >= 0) {
      const row = this.lists.box.querySelector(`[data-f="${before}"]`);
      (this._cameFrom?.isConnected && this._cameFrom !== document.body && !this._cameFrom.classList.contains("fm-link") ? this._cameFrom : row || FMPlan.el("fm-q")).focus({ preventScroll: true });
    }
    this._writeAddress();
  }

  locate(f, isGentle) {
    const place = [this.model.f.lat[f], this.model.f.lon[f]], { map } = this;
    if (isGentle && map.getBounds().pad(-0.1).contains(place)) return;
    map.setView(place, Math.max(map.getZoom(), isGentle ? map.getZoom() : (this.canvas._zoomOfAll ?? 12) + 2), { animate: false });
  }

  _watchPointer() {
    const { map, canvas, model } = this, tip = FMPlan.el("fm-tip");
    map.on("click", (event) => { const f = canvas.facilityAt(event.containerPoint); if (f >= 0) this.choose(f); else if (model.chosen.facility >= 0) this.choose(-1); });
    const hide = () => { tip.hidden = true; this.mapBox.style.cursor = ""; };
    map.on("mousemove", (event) => {
      const f = canvas.facilityAt(event.containerPoint);
      if (f < 0) { hide(); return; }
      this.mapBox.style.cursor = "pointer";
      tip.replaceChildren(FMPlan.h("span", { data: true }, model.f.name[f]), ` ${model.stateName(f, model.chosen.year)}`);
      tip.hidden = false;
      const size = map.getSize(), point = canvas.pixelOf(f);
      tip.style.left = Math.max(4, Math.min(point.x + 12, size.x - tip.offsetWidth - 4)) + "px";
      tip.style.top = Math.max(4, point.y - 34) + "px";
    });
    map.on("mouseout movestart zoomstart", hide);
  }

  _watchSize() {
    let timer = 0;
    const redraw = () => { clearTimeout(timer); timer = setTimeout(() => { if (this._isPrinting) return; this.map.invalidateSize({ animate: false }); if (this._isFitted) this.fit(); this.timeline.draw(); }, 80); };
    this.map.on("movestart", () => { this._isFitted = false; });
    new ResizeObserver(redraw).observe(FMPlan.el("fm-bars"));
    new ResizeObserver(redraw).observe(FMPlan.el("fm-mapbox"));
  }

  _readAddress() {
    const given = new URLSearchParams(location.hash.slice(1)), { model } = this, year = Number(given.get("y"));
    const at = model.years.findIndex((entry) => entry[0] === year);
    if (at >= 0) model.chosen.year = at;
    if (given.get("l") === "ja" || given.get("l") === "en") model.chosen.lang = given.get("l");
    if (given.get("m") === "condition") model.chosen.mode = "condition";
    if (given.get("b") === "source") model.chosen.stack = "source";
    const plan = model.plans.findIndex((one) => one.meta.scenario === given.get("s"));
    if (plan > 0) model.take(plan);
    if (given.get("c") === "all") model.chosen.cover = -1;
    else if (given.has("c")) model.chosen.cover = Math.max(-2, model.f.services.findIndex((name) => name[0] === given.get("c")));
    if (given.has("f")) model.chosen.facility = model.f.id.indexOf(given.get("f"));
  }
  _writeAddress() {
    clearTimeout(this._addressTimer);
    this._addressTimer = setTimeout(() => {
      const { chosen, years, f } = this.model, said = new URLSearchParams({ y: years[chosen.year][0], l: chosen.lang });
      if (chosen.mode !== "action") said.set("m", chosen.mode);
      if (chosen.plan > 0) said.set("s", this.model.meta.scenario);
      if (chosen.stack !== "action") said.set("b", chosen.stack);
      if (chosen.cover > -2) said.set("c", chosen.cover < 0 ? "all" : f.services[chosen.cover][0]);
      if (chosen.facility >= 0) said.set("f", f.id[chosen.facility]);
      try { history.replaceState(null, "", "#" + said); } catch { /* some file viewers forbid it */ }
    }, 300);
  }

  _saveCsv() {
    const { model } = this, { e, f } = model;
    const cell = (value) => { const text = String(value ?? ""); return `"${(/^[=+\-@\t\r]/.test(text) ? "'" + text : text).replace(/"/g, '""')}"`; };
    const head = [model.t("csv_id"), model.t("csv_name"), model.t("use"), model.t("district"), model.t("decision"), model.t("csv_start"), model.t("csv_end"), model.t("csv_cost", { currency: model.meta.currency }), model.t("host")];
    const rows = Array.from(e.f, (facility, at) => [f.id[facility], f.name[facility], model.useName(facility), f.districts[f.district[facility]] ?? "", model.action(e.a[at]),
      model.years[0][0] + e.from[at], model.years[0][0] + e.to[at], e.cost[at], e.host[at] >= 0 ? f.name[e.host[at]] : ""]).filter((_, at) => model.isIn[e.f[at]]);
    const text = "\ufeff" + [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
    const link = FMPlan.h("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: model.t("csv_file") });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  _refit() {
    this.map.invalidateSize({ animate: false });
    if (this._view.contains(this.model.base.extent)) this.fit(); else this.map.fitBounds(this._view, { animate: false });
    this.timeline.draw();
  }

  // Chromium applies print styles after `beforeprint`, so the layout is switched by a class; and it would print the
  // canvas's clearing too, which wipes out the base map, so a picture of the canvas takes its place.
  _watchPrint() {
    const { map, model } = this, { h, el } = FMPlan, root = document.documentElement;
    window.addEventListener("beforeprint", () => {
      if (this._isPrinting) return;
      this._isPrinting = true;
      this._view = map.getBounds();
      const y = model.chosen.year, events = this.lists.events();
      const room = 50, rows = events.slice(0, room).map((at) => h("tr", {}, h("td", {}, FMPlan.icon(FMPlan.actionMark(model, model.e.a[at]))), h("td", { data: true }, model.f.name[model.e.f[at]]), h("td", {}, model.action(model.e.a[at])), h("td", {}, model.money(model.e.cost[at] || 0))));
      if (this.lists.tab === "cover") el("fm-printlist").replaceChildren(h("div", { class: "fm-covers" }, ...this.cover.list(92)));
      else el("fm-printlist").replaceChildren(h("h2", {}, model.t("print_events", { year: model.yearName(y, true) })), h("table", { class: events.length > 36 ? "fm-dense" : null }, h("tbody", {}, ...rows)), events.length > room ? h("p", {}, model.t("print_more", { n: model.number(events.length - room) })) : "");
      if (model.chosen.facility < 0) el("fm-side").append(el("fm-printlist"));
      else el("fm-printlist").replaceChildren(); // the sheet is this facility's
      root.classList.add("fm-print");
      this._refit();
      const canvas = this.canvas._container, copy = canvas.cloneNode();
      copy.getContext("2d").drawImage(canvas, 0, 0);
      canvas.replaceWith(copy);
      this._copy = copy;
    });
    window.addEventListener("afterprint", () => {
      if (!this._isPrinting) return;
      this._copy.replaceWith(this.canvas._container);
      root.classList.remove("fm-print");
      el("fm-app").append(el("fm-printlist"));
      el("fm-printlist").replaceChildren();
      this._refit();
      this._isPrinting = false;
    });
  }
};
