// Online map tiles, where the page offers them: asked for only while they are chosen.
"use strict";
FMPlan.Tiles = class {
  constructor(page) {
    const { el } = FMPlan, { map, parts } = page;
    Object.assign(this, { page, map, model: page.model, layer: parts.tiles, areas: [parts.boundary, parts.water].filter(Boolean), box: el("fm-tiles") });
    el("fm-base").hidden = false;
    this.box.addEventListener("change", () => this.show(this.box.value === "tiles"));
    this.layer.on("tileerror", () => {
      if (!this.isOn) return;
      this.show(false);
      page.toast(this.model.t("tiles_failed", { tiles: this.model.tiles.name[this.model.l] }));
    });
    this.draw();
  }

  get isOn() { return this.map.hasLayer(this.layer); }

  show(isOn) {
    this.box.value = isOn ? "tiles" : "plain";
    if (isOn) this.map.addLayer(this.layer); else this.map.removeLayer(this.layer);
    // Borders lie over the tiles, as lines; the built-in map lies under everything.
    this.map.getPane("fmBase").style.zIndex = isOn ? 250 : 150;
    this.areas.forEach((area) => area.setStyle({ fillOpacity: isOn ? 0 : 1 }));
    this.page.recredit();
  }

  draw() {
    const { h } = FMPlan, { model, box } = this, isOn = this.isOn;
    box.replaceChildren(h("option", { value: "plain" }, model.t("base_plain")), h("option", { value: "tiles" }, model.t("base_tiles", { tiles: model.tiles.name[model.l] })));
    box.value = isOn ? "tiles" : "plain";
  }

  credit() {
    if (!this.isOn) return;
    const { credit, terms } = this.model.tiles;
    FMPlan.el("fm-credit").append(" · ", FMPlan.h("a", { href: terms, rel: "noreferrer", data: true }, credit[this.model.l]));
  }
};
