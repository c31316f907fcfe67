"use strict";
const $ = (id) => document.getElementById(id);
const content = JSON.parse($("content").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const hidden = new Set();
let shown = null, recording = null;

const MANY = 8, FEW = 6, BANDS = 4, LOW_P = 0.05;
const number = (x) => (x === null || x === undefined ? "" : typeof x === "number" ? (Number.isInteger(x) ? String(x) : x.toFixed(3)) : x);
// A p-value below what three digits can show is said to be that, and not 0.
const cellText = (name, x) => (/^p\b/.test(name) && typeof x === "number" ? (x < 0.0005 ? "< 0.001" : x.toFixed(3)) : number(x));
const here = (rows) => rows.filter((row) => row.recording === recording);
const unique = (values) => [...new Set(values)];

function cell(tag, text, kind) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function config() {
  const ink = dark.matches ? "#ddd" : "#222";
  return { background: null, font: "system-ui, sans-serif", view: { stroke: null },
    axis: { labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 13, titleFontWeight: 500, gridColor: ink, gridOpacity: 0.12, labelLimit: document.body.clientWidth < 600 ? 130 : 220, labelOverlap: true },
    header: { labelColor: ink, titleColor: ink }, legend: { labelColor: ink, titleColor: ink, labelFontSize: 12,
      titleFontSize: 12, labelLimit: 260, titleLimit: 300, symbolBaseStrokeColor: ink, symbolBaseFillColor: ink }, title: { color: ink } };
}

// One panel: a copy of the specification with its rows, its title and the scale that all share.
async function panel(box, spec, rows, title, { domain, sort, width, legend = true }) {
  const own = structuredClone(spec);
  // Bands of many networks over each other hide the lines.
  if (own.layer && unique(rows.map((row) => row.network)).length > BANDS) own.layer = own.layer.filter((part) => part.mark.type !== "area");
  const room = box.parentElement.clientWidth;
  if (typeof own.width === "number") own.width = Math.min(width || own.width, room - 90);
  for (const part of own.layer || [own]) {
    const encoding = part.encoding;
    for (const side of ["x", "y"]) {
      if (!encoding[side]) continue;
      if (encoding[side].type === "quantitative" && encoding[side].field !== "depth") encoding[side].scale = { domain, zero: false, nice: false };
      if (sort && ["layer", "network"].includes(encoding[side].field)) encoding[side].sort = sort;
    }
    if (encoding.color && encoding.color.field === "score") {
      encoding.color.scale.domain = domain;
      if (!legend) encoding.color.legend = null;
    }
  }
  own.datasets = { panel: rows };
  own.title = { text: title, fontSize: 14, anchor: "start", limit: room - 20 };
  const holder = document.createElement("div");
  box.append(holder);
  const made = await vegaEmbed(holder, own, { mode: "vega-lite", ast: true, actions: false, renderer: "svg", config: config() });
  made.view.addEventListener("click", (_, item) => { if (item && item.datum && item.datum.layer && item.datum.region) details(item.datum); });
  return holder;
}

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
  const boxes = Object.fromEntries(["ranking", "profiles", "map"].map((id) => [id, $(id)]));
  for (const box of Object.values(boxes)) box.replaceChildren();
  const ceiling = Object.fromEntries(here(shown.means).map((row) => [row.region, row]));
  const ranked = here(shown.ranked).map((row) => ({ ...row, ceiling: ceiling[row.region].ceiling, ceiling_high: ceiling[row.region].ceiling_high }));
  const span = ends(kept, ["score", "low", "high", "ceiling", "ceiling_high"]);
  const places = ends(ranked, ["score", "low", "high", "wide_low", "wide_high", "ceiling", "ceiling_high"]);
  const scores = ends(kept, ["score"]);
  const each = Math.min(3, Math.max(regions.length, 1));
  const wide = Math.max(240, Math.floor(boxes.profiles.parentElement.clientWidth / each) - 100);
  const long = Math.max(...ranked.map((row) => Math.min(row.network.length, 30)), 4) * 7;
  for (const region of regions) {
    const rows = ranked.filter((row) => row.region === region);
    const sort = [...rows].sort((a, b) => b.score - a.score).map((row) => row.network);
    await panel(boxes.ranking, shown.charts.ranking, rows, region, { domain: places, sort, width: Math.max(180, Math.min(wide + 30, 520) - long) });
    if (mine !== turn) return;
  }
  for (const region of regions) {
    await panel(boxes.profiles, shown.charts.profile, kept.filter((row) => row.region === region), region, { domain: span, width: Math.min(wide, 520) });
    if (mine !== turn) return;
  }
  for (const network of networks) {
    const rows = kept.filter((row) => row.network === network);
    const sort = unique([...rows].sort((a, b) => a.depth - b.depth).map((row) => row.layer));
    const last = network === networks[networks.length - 1];
    reachable(await panel(boxes.map, shown.charts.map, rows, network, { domain: scores, sort, legend: last }), sort, regions);
    if (mine !== turn) return;
  }
  document.body.dataset.drawn = dark.matches ? "dark" : "light";
}

// The cells of a map by keyboard: arrows move, Enter opens.
function reachable(holder, layers, regions) {
  const cells = [...holder.querySelectorAll(".mark-rect.role-mark path")].filter((path) => path.__data__ && path.__data__.datum);
  const at = (path) => [layers.indexOf(path.__data__.datum.layer), regions.indexOf(path.__data__.datum.region)];
  cells.forEach((path, i) => {
    path.setAttribute("tabindex", i ? "-1" : "0");
    const datum = path.__data__.datum;
    path.setAttribute("aria-label", `${datum.network}, ${datum.layer}, ${datum.region}: ${number(datum.score)}`);
    path.setAttribute("role", "button");
    path.removeAttribute("aria-roledescription");
    path.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.key === "Enter" || event.key === " ") details(datum);
      else if (!step) return;
      event.preventDefault();
      if (!step) return;
      const [row, column] = at(path);
      const next = cells.find((each) => { const [r, c] = at(each); return r === row + step[0] && c === column + step[1]; });
      if (!next) return;
      path.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  });
}

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

function fill(table, columns, rows) {
  table.replaceChildren();
  const head = table.createTHead().insertRow();
  const body = table.createTBody();
  const numeric = columns.map((_, i) => rows.every((row) => row[i] === null || typeof row[i] === "number"));
  columns.forEach((name, i) => head.append(headCell(name, numeric[i], () => sort(table, columns, rows, i))));
  for (const row of rows) {
    const tr = body.insertRow();
    row.forEach((value, i) => tr.append(cell("td", cellText(columns[i], value), numeric[i] ? "number" : "")));
  }
}

function sort(table, columns, rows, i) {
  const way = table.tHead.rows[0].cells[i].getAttribute("aria-sort") === "descending" ? 1 : -1;
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
  const mean = here(shown.means).find((row) => row.network === datum.network && row.layer === datum.layer && row.region === datum.region) || datum;
  box.classList.remove("hidden");
  box.replaceChildren(cell("h3", `${mean.network}, ${mean.layer}, ${mean.region}`));
  const said = [`${shown.unit_short} ${number(mean.score)}`];
  if (mean.low !== null && mean.low !== undefined) said.push(`interval ${number(mean.low)} to ${number(mean.high)}`);
  if (mean.ceiling !== null && mean.ceiling !== undefined) said.push(`noise ceiling ${number(mean.ceiling)} to ${number(mean.ceiling_high)}`);
  box.append(cell("p", said.join(", ")));
  const pair = cell("div", "", "pair");
  for (const [key, label] of [[`${mean.network}/${mean.layer}`, `${mean.network}, ${mean.layer}`], [`${recording}/${mean.region}`, `${recording}, ${mean.region} (mean over people)`]]) {
    const held = content.pictures[`${shown.kind}|${key}`];
    if (!held) continue;
    const figure = document.createElement("figure");
    const img = document.createElement("img");
    img.alt = `Dissimilarities of the stimuli in ${label}: dark is similar`;
    img.src = "data:image/png;base64," + held;
    figure.append(img, cell("figcaption", label));
    pair.append(figure);
  }
  if (pair.children.length) box.append(pair, cell("p", "Dissimilarity of each two stimuli, in the order of the study: ranks, dark is similar.", "note"));
  brainOf(mean, box);
  box.scrollIntoView({ block: "nearest" });
}

// What a click on a chart shows, by two lists, for whoever has no pointer.
function lists() {
  const means = here(shown.means);
  const fillList = (id, names, first) => $(id).replaceChildren(...first, ...names.map((name) => new Option(name, name)));
  fillList("layer", unique(means.map((row) => `${row.network}, ${row.layer}`)), [new Option("choose one", "")]);
  fillList("region", unique(means.map((row) => row.region)), []);
}

function listed() {
  const found = here(shown.means).find((row) => `${row.network}, ${row.layer}` === $("layer").value && row.region === $("region").value);
  if (found) details(found);
}

function points() {
  const means = here(shown.means);
  const known = (field) => means.some((row) => row[field] !== null);
  return [known("low") ? `Points are means over people, bands their ${content.level} intervals (drawn of at most ${BANDS} networks).` : "Points are scores of one person, so that there are no intervals over people.",
    known("ceiling") ? "The grey band is the noise ceiling." : "There is no noise ceiling."].join(" ");
}

function bars() {
  const ranked = here(shown.ranked);
  const has = (field) => ranked.some((row) => row[field] !== null && row[field] !== undefined);
  const said = [];
  if (has("low")) said.push(`Thick lines are ${content.level} intervals over people.`);
  if (has("wide_low")) said.push("Thin lines are 95 % intervals of infer, which hold for other stimuli as well.");
  if (here(shown.means).some((row) => row.ceiling !== null)) said.push("The grey band is the noise ceiling.");
  return said.join(" ");
}

// How many pairs of networks differ in each region.
function differences(pairs) {
  return unique(pairs.map((p) => p.region)).map((region) => {
    const of = pairs.filter((p) => p.region === region);
    return `${region}: ${of.filter((p) => p.p < LOW_P).length} of ${of.length} pairs differ (corrected p < .05).`;
  }).join(" ");
}

function verdicts() {
  $("verdicts").replaceChildren(...here(shown.verdicts).flatMap((each) => [cell("dt", each.region), cell("dd", each.text)]));
  $("tested").textContent = unique(here(shown.verdicts).map((each) => each.tested)).join(" ");
}

function pairsTable() {
  const pairs = here(shown.pairs).filter((p) => p.p !== null);
  $("how-many").textContent = differences(pairs);
  const two = pairs.some((p) => p.p_people !== undefined && p.p_people !== null);
  const columns = ["region", "network", "other", "difference", "low", "high", "p (corrected)", ...(two ? ["p (people only)"] : [])];
  fill($("pairs"), columns, pairs.map((p) => [p.region, p.first, p.second, p.difference, p.low, p.high, p.p, ...(two ? [p.p_people ?? null] : [])]));
  $("differ").classList.toggle("hidden", !pairs.length);
}

function hierarchy() {
  const scores = here(shown.hierarchy), order = here(shown.order);
  const columns = ["network", "score", "low", "high", "p", "voxels or units", "regions", "layers", "subjects", "why there is none"];
  fill($("score"), columns, scores.map((o) => [o.network, o.score, o.low, o.high, o.p, o.n, o.regions, o.layers, o.subjects, o.error || ""]));
  $("score-part").classList.toggle("hidden", !scores.length);
  fill($("order"), ["network", "rank correlation", "regions"], order.map((o) => [o.network, o.rho, o.regions]));
  $("order-part").classList.toggle("hidden", !order.length);
  $("no-order").classList.toggle("hidden", Boolean(scores.length || order.length));
}

function choose() {
  if (!Array.isArray(shown.means)) shown.means = rowsOf(shown.means);
  const found = unique(shown.means.map((row) => row.recording));
  const select = $("recording");
  select.replaceChildren(...found.map((name) => new Option(name, name)));
  recording = found[0];
  select.parentElement.classList.toggle("hidden", found.length < 2);
  update();
}

function update() {
  $("honest").textContent = shown.honest
    ? "For each person the layer was chosen by the scores of the others, so that choosing does not raise the score; infer takes the layer that was chosen for most."
    : "Layers were chosen by the same scores that are shown, which raises them a little: there are too few people to choose by others.";
  $("words").textContent = shown.words;
  $("points").textContent = points();
  $("bars").textContent = bars();
  $("details").classList.add("hidden");
  $("details").replaceChildren();
  hideMost();
  legend();
  lists();
  verdicts();
  pairsTable();
  hierarchy();
  draw();
}
