// The national map: circles of the cities, joined to the list beside the map.
"use strict";
document.documentElement.classList.add("fm-on");
const FMCities = {};

FMCities.start = function (map, dataId) {
  const data = JSON.parse(document.getElementById(dataId).textContent);
  const box = map.getContainer(), root = document.documentElement;
  document.getElementById("fm-mapbox").append(box);
  box.setAttribute("role", "application");
  map.invalidateSize({ animate: false });
  FMCities.grid(map);
  const circles = new Map(), text = (said) => document.createTextNode(said);
  const choose = (at) => {
    for (const row of document.querySelectorAll("tr[data-at]")) row.classList.toggle("fm-chosen", row.dataset.at === String(at));
    for (const [key, circle] of circles) circle.setStyle({ color: key === at ? "#000" : "#fff", weight: key === at ? 3 : 1 });
    circles.get(at)?.bringToFront();
  };
  // The largest first, so that the small lie on top.
  for (const each of [...data.circles].sort((a, b) => b.radius - a.radius)) {
    const circle = L.circleMarker(each.place, { radius: each.radius, color: "#fff", weight: 1, fillOpacity: 0.85, fillColor: each.saving });
    circle.bindTooltip(() => { const holder = document.createElement("span"); holder.append(text(each[root.lang])); return holder; });
    circle.on("click", () => { choose(each.at); document.querySelector(`tr[data-at="${each.at}"]`).scrollIntoView({ block: "nearest" }); });
    circles.set(each.at, circle.addTo(map));
  }
  const fit = () => { if (data.circles.length) map.fitBounds(L.latLngBounds(data.circles.map((each) => each.place)), { padding: [40, 40], maxZoom: 10, animate: false }); };
  fit();
  document.getElementById("fm-list").addEventListener("click", (event) => {
    const button = event.target.closest("button.fm-city");
    if (!button) return;
    const at = Number(button.closest("tr").dataset.at), circle = circles.get(at);
    choose(at);
    map.panTo(circle.getLatLng(), { animate: false });
    circle.openTooltip();
  });
  document.getElementById("fm-by").addEventListener("change", (event) => {
    for (const each of data.circles) circles.get(each.at).setStyle({ fillColor: each[event.target.value] });
    for (const list of document.querySelectorAll("#fm-legend ul")) list.hidden = list.dataset.by !== event.target.value;
  });
  document.getElementById("fm-lang").addEventListener("click", (event) => {
    root.lang = root.lang === "ja" ? "en" : "ja";
    event.target.textContent = root.lang === "ja" ? "English" : "日本語";
    FMCities.name(box);
  });
  FMCities.name(box);
  window.addEventListener("resize", () => map.invalidateSize());
  root.setAttribute("data-fm-ready", "");
};

FMCities.name = function (box) {
  box.setAttribute("aria-label", document.documentElement.lang === "ja" ? "都市の地図" : "Map of the cities");
};

// Lines of latitude and longitude: there is no map under the circles that would need a network.
FMCities.grid = function (map) {
  const line = { color: "#b9c6d2", weight: 1, interactive: false };
  for (let at = -180; at <= 180; at += 5) L.polyline([[-85, at], [85, at]], line).addTo(map);
  for (let at = -85; at <= 85; at += 5) L.polyline([[at, -180], [at, 180]], line).addTo(map);
};
