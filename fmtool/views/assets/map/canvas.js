// All facilities on one canvas: a Leaflet renderer of its own, so that panning and zooming move it like any layer.
"use strict";
FMPlan.Canvas = L.Renderer.extend({
  options: { padding: 0.12, pane: "overlayPane" },
  initialize(model) {
    L.Renderer.prototype.initialize.call(this, {});
    this._model = model;
    this._sprites = new Map();
    this._prepare();
  },

  _prepare() {
    const model = this._model, f = model.f;
    this._located = f.id.map((_, at) => at).filter((at) => model.isLocated(at));
    this._order = [...this._located].sort((a, b) => (f.area[b] || 0) - (f.area[a] || 0) || a - b);
    this._step = new Float32Array(model.n * 2);
    for (const group of model.samePlace.values()) {
      group.forEach((facility, at) => {
        if (!at) return;
        const angle = at * 2.39996;
        this._step[facility * 2] = Math.sqrt(at) * Math.cos(angle);
        this._step[facility * 2 + 1] = Math.sqrt(at) * Math.sin(angle);
      });
    }
  },

  _initContainer() {
    const canvas = this._container = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    this._pen = canvas.getContext("2d");
  },
  _destroyContainer() { this._container.remove(); delete this._container; delete this._pen; },
  _updatePaths() { /* no Leaflet paths here */ },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const { min } = this._bounds, size = this._bounds.getSize(), sharp = this._sharp = Math.max(1, window.devicePixelRatio || 1);
    L.DomUtil.setPosition(this._container, min);
    this._container.width = sharp * size.x;
    this._container.height = sharp * size.y;
    this._container.style.width = size.x + "px";
    this._container.style.height = size.y + "px";
    if (this._spriteSharp !== sharp) this._sprites.clear();
    this._spriteSharp = sharp;
    this._place();
    this.draw();
  },

  // Pixel positions; they change with the view only, not with the year.
  _place() {
    const { f, n } = this._model, map = this._map, zoom = map.getZoom();
    this._x ??= new Float32Array(n).fill(NaN);
    this._y ??= new Float32Array(n).fill(NaN);
    this._r ??= new Float32Array(n);
    const crowd = Math.max(0.45, Math.min(1, Math.sqrt(300 / Math.max(1, this._located.length))));
    const grown = Math.max(0.7, Math.min(1.7, Math.pow(1.22, zoom - (this._zoomOfAll ?? zoom))));
    const roomy = Math.max(1, Math.min(1.35, Math.sqrt(map.getSize().y / 520))); // a large screen shows them larger
    this._scale = crowd * grown * roomy;
    for (const at of this._located) {
      const point = map.latLngToLayerPoint([f.lat[at], f.lon[at]]);
      const radius = Math.max(f.costed[at] ? 0 : 4.6, Math.min(13, 3.2 + 0.07 * Math.sqrt(f.area[at] || 60)) * this._scale);
      this._r[at] = Math.round(radius * 2) / 2;
      this._x[at] = point.x + this._step[at * 2] * 8.5 * this._scale;
      this._y[at] = point.y + this._step[at * 2 + 1] * 8.5 * this._scale;
    }
  },
  setZoomOfAll(zoom) { this._zoomOfAll = zoom; },

  draw() {
    if (!this._pen || !this._bounds) return;
    const model = this._model, pen = this._pen, { min, max } = this._bounds, y = model.chosen.year, sharp = this._sharp;
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, max.x - min.x, max.y - min.y);
    pen.translate(-min.x, -min.y);
    this._drawError(pen);
    const isCover = Boolean(model.coverMarks);
    if (!isCover) this._drawNames(pen);
    const inView = (at) => model.isIn[at] && this._x[at] > min.x - 30 && this._x[at] < max.x + 30 && this._y[at] > min.y - 30 && this._y[at] < max.y + 30;
    this._shown = this._order.filter(inView);
    const now = [], rest = [];
    for (const at of this._shown) (FMPlan.isNow(model, at, y) ? now : rest).push(at);
    // Where the districts speak, the facilities stand back, but for those of the chosen service.
    const strength = (at) => { pen.globalAlpha = !isCover || model.f.service[at] === model.chosen.cover ? 1 : 0.35; };
    this._drawArrows(pen, y, false);
    for (const at of rest) { strength(at); this._stamp(pen, at, y); }
    pen.globalAlpha = 1;
    this._drawArrows(pen, y, true);
    for (const at of now) {
      strength(at);
      FMPlan.ring(pen, this._x[at], this._y[at], this._r[at] * 1.28 + 3 * this._scale, "#000", Math.max(1, Math.min(2, 2.2 * this._scale)));
      this._stamp(pen, at, y);
    }
    this._shown = [...rest, ...now];
    pen.globalAlpha = 1;
    if (isCover) this._drawNames(pen);
    const chosen = model.chosen.facility;
    if (chosen >= 0 && model.isLocated(chosen)) this._drawChosen(pen, chosen, y);
  },

  // Within this circle lies the chosen facility, where its place is known roughly only: to scale, under everything.
  _drawError(pen) {
    const { chosen, f } = this._model, at = chosen.facility, metres = at < 0 ? 0 : FMPlan.errorOf(this._model, at);
    this._container.dataset.error = metres;
    if (!metres) return;
    const place = this._map.latLngToLayerPoint([f.lat[at], f.lon[at]]), edge = this._map.latLngToLayerPoint([f.lat[at] + metres / 111320, f.lon[at]]);
    pen.beginPath();
    pen.arc(place.x, place.y, place.y - edge.y, 0, 2 * Math.PI);
    pen.fillStyle = FMPlan.ERROR_LOOK.fill;
    pen.fill();
    pen.strokeStyle = FMPlan.ERROR_LOOK.stroke;
    pen.lineWidth = 1.2;
    pen.setLineDash([4, 3]);
    pen.stroke();
    pen.setLineDash([]);
  },

  _drawChosen(pen, at, y) {
    FMPlan.ring(pen, this._x[at], this._y[at], this._r[at] * 1.3 + 6, "#b35900", 4);
    this._stamp(pen, at, y);
    const name = this._model.f.name[at];
    pen.font = '700 13px "Hiragino Sans","Noto Sans JP","Yu Gothic UI",Meiryo,IPAGothic,sans-serif';
    pen.textAlign = "center";
    pen.textBaseline = "bottom";
    this._halo(pen, name, this._x[at], this._y[at] - this._r[at] * 1.3 - 9, FMPlan.INK, 4);
  },

  _halo(pen, text, x, y, colour, width) {
    pen.lineJoin = "round";
    pen.lineWidth = width;
    pen.strokeStyle = "rgba(255,255,255,.92)";
    pen.strokeText(text, x, y);
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
  },

  // District names, where there is room: under the facilities, but over them where they tell of services.
  _drawNames(pen) {
    const taken = [];
    pen.font = '11.5px "Hiragino Sans","Noto Sans JP","Yu Gothic UI",Meiryo,IPAGothic,sans-serif';
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const [name, lat, lon] of this._model.base.labels) {
      const mark = this._model.coverMarks?.get(name), said = mark ? `${name} ${mark}` : name;
      const point = this._map.latLngToLayerPoint([lat, lon]), half = pen.measureText(said).width / 2 + 3;
      if (taken.some((box) => Math.abs(box[0] - point.x) < box[2] + half && Math.abs(box[1] - point.y) < 17)) continue;
      taken.push([point.x, point.y, half]);
      this._halo(pen, said, point.x, point.y, mark ? FMPlan.INK : "#586673", 3);
    }
  },

  // From each merged facility to its host: thin afterwards, bold in the year itself; a chosen one's also before, dashed.
  _drawArrows(pen, y, isNow) {
    const { e, isIn } = this._model, moves = [];
    for (let at = 0; at < e.f.length; at++) {
      const isChosen = [e.f[at], e.host[at]].includes(this._model.chosen.facility);
      if (e.host[at] < 0 || (e.from[at] > y && !isChosen) || !this._model.isLocated(e.f[at]) || !this._model.isLocated(e.host[at])) continue;
      if (!isIn[e.f[at]] && !isIn[e.host[at]]) continue;
      if ((e.to[at] >= y || isChosen) === isNow) moves.push(at);
    }
    if (!isNow && moves.length > 300) return;
    for (const at of moves) {
      this._arrow(pen, e.f[at], e.host[at], isNow ? 2.6 : 1.1, isNow ? 1 : 0.7, e.from[at] > y);
    }
  },
  _arrow(pen, from, to, width, strength, isPlanned) {
    const [x0, y0, x1, y1] = [this._x[from], this._y[from], this._x[to], this._y[to]], length = Math.hypot(x1 - x0, y1 - y0);
    if (length < 4) return;
    const bend = 0.16, cx = (x0 + x1) / 2 - (y1 - y0) * bend, cy = (y0 + y1) / 2 + (x1 - x0) * bend;
    const angle = Math.atan2(y1 - cy, x1 - cx), gap = this._r[to] * 0.9 + 1, head = 4.5 + width * 1.7;
    const tx = x1 - gap * Math.cos(angle), ty = y1 - gap * Math.sin(angle);
    pen.globalAlpha = strength;
    for (const [colour, wide] of [["#fff", width + 2], ["#9c3d73", width]]) {
      pen.setLineDash(isPlanned && colour !== "#fff" ? [6, 4] : []);
      pen.strokeStyle = colour;
      pen.lineWidth = wide;
      pen.beginPath();
      pen.moveTo(x0, y0);
      pen.quadraticCurveTo(cx, cy, tx - head * 0.7 * Math.cos(angle), ty - head * 0.7 * Math.sin(angle));
      pen.stroke();
    }
    pen.setLineDash([]);
    pen.fillStyle = "#9c3d73";
    pen.beginPath();
    pen.moveTo(tx, ty);
    for (const side of [-0.42, 0.42]) pen.lineTo(tx - head * Math.cos(angle + side), ty - head * Math.sin(angle + side));
    pen.closePath();
    pen.fill();
    pen.globalAlpha = 1;
  },

  // Draw a marker from a picture of it made once.
  _stamp(pen, at, y) {
    const mark = FMPlan.markOf(this._model, at, y), radius = this._r[at], key = mark.number * 256 + radius * 4;
    let sprite = this._sprites.get(key);
    if (!sprite) {
      const half = Math.ceil(radius * 1.35 + 3), canvas = document.createElement("canvas");
      canvas.width = canvas.height = half * 2 * this._sharp;
      const own = canvas.getContext("2d");
      own.scale(this._sharp, this._sharp);
      FMPlan.paint(own, mark, half, half, radius);
      sprite = { canvas, half };
      this._sprites.set(key, sprite);
    }
    const { canvas, half } = sprite;
    pen.drawImage(canvas, this._x[at] - half, this._y[at] - half, half * 2, half * 2);
  },

  // The facility under a point of the map box, or -1; the one drawn last wins.
  facilityAt(containerPoint) {
    const point = this._map.containerPointToLayerPoint(containerPoint);
    let best = -1, nearest = Infinity;
    for (const at of this._shown || []) {
      const distance = Math.hypot(this._x[at] - point.x, this._y[at] - point.y) - this._r[at];
      if (distance < 5 && distance <= nearest) { best = at; nearest = Math.max(distance, -2); }
    }
    return best;
  },
  pixelOf(at) { return this._map.layerPointToContainerPoint([this._x[at], this._y[at]]); },
});
