"use strict";
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const content = read("content");
const $ = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");
let shown = content.methods[0];
let recording = null;

const number = (x) => (x === null || x === undefined ? "" : typeof x === "number" ? (Number.isInteger(x) ? String(x) : x.toFixed(3)) : x);
// A p-value below what three digits can show is said to be that, and not 0.
const cellText = (name, x) => (/^p\b/.test(name) && typeof x === "number" && x < 0.0005 ? "< 0.001" : number(x));
const MANY = 8, FEW = 6, BANDS = 4;
const here = (rows) => rows.filter((row) => row.recording === recording);

function config() {
  const ink = dark.matches ? "#ddd" : "#222";
  return { background: null, font: "system-ui, sans-serif", view: { stroke: null },
    axis: { labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 13, gridColor: ink, gridOpacity: 0.15, labelLimit: document.body.clientWidth < 600 ? 130 : 300, labelOverlap: true },
    header: { labelColor: ink, titleColor: ink }, legend: { labelColor: ink, titleColor: ink, labelFontSize: 12,
      titleFontSize: 12, labelLimit: 260, symbolBaseStrokeColor: ink, symbolBaseFillColor: ink }, title: { color: ink } };
}

// One panel: a copy of the specification with its rows, its title and the scale that all share.
async function panel(box, spec, rows, title, domain, sort) {
  const own = structuredClone(spec);
  // Bands of many networks over each other hide the lines.
  if (own.layer && new Set(rows.map((row) => row.network)).size > BANDS) own.layer = own.layer.filter((part) => part.mark.type !== "area");
  const room = box.parentElement.clientWidth;
  if (typeof own.width === "number") own.width = Math.min(own.width, room - 90);
  for (const part of own.layer || [own]) {
    const encoding = part.encoding;
    for (const side of ["x", "y"]) {
      if (!encoding[side]) continue;
      if (["score", "low", "ceiling"].includes(encoding[side].field)) encoding[side].scale = { domain, zero: false };
      if (sort && ["layer", "network"].includes(encoding[side].field)) encoding[side].sort = sort;
    }
    if (encoding.color && encoding.color.field === "score") encoding.color.scale.domain = domain;
  }
  own.datasets = { panel: rows };
  own.title = { text: title, fontSize: 14, anchor: "start" };
  const holder = document.createElement("div");
  box.append(holder);
  const made = await vegaEmbed(holder, own, { mode: "vega-lite", ast: true, actions: false, renderer: "svg", config: config() });
  made.view.addEventListener("click", (_, item) => { if (item && item.datum && item.datum.layer && item.datum.region) details(item.datum); });
}

const unique = (values) => [...new Set(values)];
function ends(rows, fields) {
  const all = rows.flatMap((row) => fields.map((field) => row[field])).filter((x) => typeof x === "number");
  const low = Math.min(0, ...all), high = Math.max(...all);
  const more = 0.04 * (high - low || 1);
  return [low < 0 ? low - more : 0, high + more];
}

let turn = 0;
async function draw() {
  const mine = ++turn;
  document.body.dataset.drawn = "";
  const kept = here(shown.means).filter((row) => !hidden.has(row.network));
  const regions = unique(here(shown.means).map((row) => row.region));
  const networks = unique(kept.map((row) => row.network));
  const boxes = Object.fromEntries(["profiles", "map", "ranking"].map((id) => [id, $(id)]));
  for (const box of Object.values(boxes)) box.replaceChildren();
  const span = ends(kept, ["score", "low", "high", "ceiling", "ceiling_high"]);
  const scores = ends(kept, ["score"]);
  const ranked = here(shown.ranked);
  const places = ends(ranked, ["score", "low", "high"]);
  for (const region of regions) {
    const of = (rows) => rows.filter((row) => row.region === region);
    await panel(boxes.profiles, shown.charts.profile, of(kept), region, span);
    if (mine !== turn) return;
    const order = of(ranked).sort((a, b) => b.score - a.score).map((row) => row.network);
    await panel(boxes.ranking, shown.charts.ranking, of(ranked), region, places, order);
    if (mine !== turn) return;
  }
  for (const network of networks) {
    const rows = kept.filter((row) => row.network === network);
    const order = unique([...rows].sort((a, b) => a.depth - b.depth).map((row) => row.layer));
    await panel(boxes.map, shown.charts.map, rows, network, scores, order);
    if (mine !== turn) return;
  }
  document.body.dataset.drawn = dark.matches ? "dark" : "light";
}

const hidden = new Set();
// Of many networks those that are best in some region are drawn first; the legend adds others.
function hideMost() {
  hidden.clear();
  if (shown.networks.length <= MANY) return;
  const best = unique([...here(shown.ranked)].sort((a, b) => b.score - a.score).map((row) => row.network)).slice(0, FEW);
  for (const name of shown.networks) if (!best.includes(name)) hidden.add(name);
}

function legend() {
  const many = shown.networks.length > MANY;
  $("all").classList.toggle("hidden", !many);
  $("all").textContent = hidden.size ? `Show all ${shown.networks.length}` : `Show the best ${FEW}`;
  $("legend").replaceChildren(...shown.networks.map((name) => {
    const button = cell("button", name);
    const swatch = cell("span", "", "swatch");
    swatch.style.background = shown.colours[name];
    button.type = "button";
    button.prepend(swatch);
    button.setAttribute("aria-pressed", String(!hidden.has(name)));
    button.addEventListener("click", () => {
      if (hidden.has(name)) hidden.delete(name); else hidden.add(name);
      if (hidden.size === shown.networks.length) hidden.clear();
      for (const each of $("legend").children) each.setAttribute("aria-pressed", String(!hidden.has(each.textContent)));
      draw();
    });
    return button;
  }));
}

function cell(tag, text, kind) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function fill(table, columns, rows) {
  table.replaceChildren();
  const head = table.createTHead().insertRow();
  const body = table.createTBody();
  const numeric = columns.map((_, i) => rows.every((row) => row[i] === null || typeof row[i] === "number"));
  columns.forEach((name, i) => {
    const th = document.createElement("th");
    th.scope = "col";
    if (numeric[i]) th.className = "number";
    const button = cell("button", name);
    button.type = "button";
    button.addEventListener("click", () => sort(table, columns, rows, i, th.getAttribute("aria-sort") === "descending" ? 1 : -1));
    th.append(button);
    head.append(th);
  });
  for (const row of rows) {
    const tr = body.insertRow();
    row.forEach((value, i) => tr.append(cell("td", cellText(columns[i], value), numeric[i] ? "number" : "")));
  }
}

function sort(table, columns, rows, i, way) {
  const known = rows.filter((row) => row[i] !== null);
  const missing = rows.filter((row) => row[i] === null);
  known.sort((a, b) => way * (typeof a[i] === "number" ? a[i] - b[i] : String(a[i]).localeCompare(String(b[i]), undefined, { numeric: true })));
  fill(table, columns, [...known, ...missing]);
  const th = table.tHead.rows[0].cells[i];
  th.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
  th.querySelector("button").focus();
}

function details(datum) {
  const box = $("details");
  box.classList.remove("hidden");
  box.replaceChildren(cell("h3", `${datum.network}, ${datum.layer}, ${datum.region}`));
  const said = [`${shown.unit_short} ${number(datum.score)}`];
  if (datum.low !== null && datum.low !== undefined) said.push(`interval ${number(datum.low)} to ${number(datum.high)}`);
  if (datum.ceiling !== null && datum.ceiling !== undefined) said.push(`ceiling ${number(datum.ceiling)} to ${number(datum.ceiling_high)}`);
  box.append(cell("p", said.join(", ")));
  const pair = cell("div", "", "pair");
  for (const [key, label] of [[`${datum.network}/${datum.layer}`, `${datum.network}, ${datum.layer}`], [`${recording}/${datum.region}`, `${recording}, ${datum.region} (mean)`]]) {
    if (!content.pictures[key]) continue;
    const figure = document.createElement("figure");
    const img = document.createElement("img");
    img.alt = `Dissimilarities of the stimuli in ${label}: dark is similar`;
    img.src = "data:image/png;base64," + content.pictures[key];
    figure.append(img, cell("figcaption", label));
    pair.append(figure);
  }
  if (pair.children.length) box.append(pair);
}

// What a click on a chart shows, by two lists, for whoever has no pointer.
function lists() {
  const means = here(shown.means);
  const fillList = (id, names) => $(id).replaceChildren(new Option("", ""), ...names.map((name) => new Option(name, name)));
  fillList("layer", unique(means.map((row) => `${row.network}, ${row.layer}`)));
  fillList("region", unique(means.map((row) => row.region)));
}

function listed() {
  const found = here(shown.means).find((row) => `${row.network}, ${row.layer}` === $("layer").value && row.region === $("region").value);
  if (found) details(found);
}

function points() {
  const means = here(shown.means);
  const known = (field) => means.some((row) => row[field] !== null);
  return [known("low") ? "Points are means over people, bands their intervals." : "Points are scores of one person, so that there are no intervals over people.",
    known("ceiling") ? "The grey band is the noise ceiling." : "There is no noise ceiling."].join(" ");
}

// How many pairs of networks differ in each region.
function differences(pairs) {
  return unique(pairs.map((p) => p.region)).map((region) => {
    const of = pairs.filter((p) => p.region === region);
    return `${region}: ${of.filter((p) => p.p < 0.05).length} of ${of.length} pairs differ (p < 0.05).`;
  }).join(" ");
}

function choose() {
  const found = [...new Set(shown.means.map((row) => row.recording))];
  const select = $("recording");
  select.replaceChildren(...found.map((name) => new Option(name, name)));
  recording = found[0];
  select.parentElement.classList.toggle("hidden", found.length < 2);
  update();
}

function update() {
  $("words").textContent = shown.words;
  $("honest").textContent = shown.honest
    ? "For each person the layer was chosen by the scores of the others, so that choosing does not raise the score."
    : "Layers were chosen by the same scores that are shown, which raises them a little: there are too few people to choose by others.";
  $("points").textContent = points();
  $("details").classList.add("hidden");
  hideMost();
  legend();
  lists();
  const pairs = here(shown.pairs).filter((p) => p.p !== null);
  $("how-many").textContent = differences(pairs);
  fill($("pairs"), ["region", "network", "other", "difference", "p (Holm)"], pairs.map((p) => [p.region, p.first, p.second, p.difference, p.p]));
  $("differ").classList.toggle("hidden", !pairs.length);
  const order = shown.order.filter((row) => row.recording === recording);
  fill($("order"), ["network", "rank correlation", "regions"], order.map((o) => [o.network, o.rho, o.regions]));
  $("hierarchy").classList.toggle("hidden", !order.length);
  draw();
}

function rowsThatMatch() {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = content.table.rows.filter((row) => {
    const text = row.map((value) => number(value)).join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const most = 200;
  fill($("rows"), content.table.columns, rows.slice(0, most));
  $("count").textContent = rows.length > most ? `${most} of ${rows.length} rows; filter for others` : `${rows.length} rows`;
}

$("method").replaceChildren(...content.methods.map((each) => new Option(each.name, each.name)));
$("method").addEventListener("change", (event) => { shown = content.methods.find((each) => each.name === event.target.value); choose(); });
$("recording").addEventListener("change", (event) => { recording = event.target.value; update(); });
$("layer").addEventListener("change", listed);
$("region").addEventListener("change", listed);
$("all").addEventListener("click", () => { if (hidden.size) hidden.clear(); else hideMost(); legend(); draw(); });
$("filter").addEventListener("input", rowsThatMatch);
dark.addEventListener("change", draw);
let last = document.body.clientWidth;
addEventListener("resize", () => { if (Math.abs(document.body.clientWidth - last) > 60) { last = document.body.clientWidth; draw(); } });
rowsThatMatch();
choose();
