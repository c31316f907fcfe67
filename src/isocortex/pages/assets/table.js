// The table of all numbers: unpacked after the charts are there, and shown a hundred rows at a time.
const PAGE = 100;
const all = { names: [], columns: [], n: 0, order: [], from: 0, by: -1, way: -1 };

const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const unpacked = (text) => new Response(new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip")));

// A column of words is held as places in a list of them.
function valueAt(column, row) {
  if (!column.words) return column[row];
  return column.codes[row] < 0 ? null : column.words[column.codes[row]];
}

function rowsOf(columns) {
  const names = Object.keys(columns);
  const n = names.length ? (columns[names[0]].codes || columns[names[0]]).length : 0;
  return Array.from({ length: n }, (_, i) => Object.fromEntries(names.map((name) => [name, valueAt(columns[name], i)])));
}

async function openTable() {
  const held = await unpacked($("table").textContent).json();
  all.names = Object.keys(held);
  all.columns = all.names.map((name) => held[name]);
  all.n = all.columns.length ? (all.columns[0].codes || all.columns[0]).length : 0;
  const head = $("rows").createTHead().insertRow();
  all.names.forEach((name, i) => head.append(headCell(name, !all.columns[i].words, () => sortAll(i))));
  $("rows").createTBody();
  match();
  document.body.dataset.table = "drawn";
}

function headCell(name, numeric, act) {
  const th = document.createElement("th");
  th.scope = "col";
  if (numeric) th.className = "number";
  const button = cell("button", name);
  button.type = "button";
  button.addEventListener("click", act);
  th.append(button);
  return th;
}

// Rows in which each word occurs in some column; numbers as they are shown.
function match() {
  const words = $("filter").value.toLowerCase().replaceAll("−", "-").split(/\s+/).filter(Boolean);
  const kept = new Uint8Array(all.n).fill(1);
  for (const word of words) {
    const hit = new Uint8Array(all.n);
    for (const column of all.columns) {
      if (column.words) {
        const has = column.words.map((each) => each.toLowerCase().includes(word));
        column.codes.forEach((code, i) => { if (code >= 0 && has[code]) hit[i] = 1; });
      } else if (/^[-.\d]+$/.test(word)) {
        column.forEach((x, i) => { if (x !== null && number(x).includes(word)) hit[i] = 1; });
      }
    }
    for (let i = 0; i < all.n; i++) kept[i] &= hit[i];
  }
  all.order = [];
  for (let i = 0; i < all.n; i++) if (kept[i]) all.order.push(i);
  all.from = 0;
  arrange();
}

function arrange() {
  if (all.by >= 0) {
    const column = all.columns[all.by];
    let key = column;
    if (column.words) {
      const place = new Int32Array(column.words.length);
      column.words.map((word, i) => [word, i]).sort((a, b) => a[0].localeCompare(b[0], undefined, { numeric: true })).forEach(([, i], at) => { place[i] = at; });
      key = column.codes.map((code) => (code < 0 ? null : place[code]));
    }
    const known = all.order.filter((i) => key[i] !== null), missing = all.order.filter((i) => key[i] === null);
    known.sort((a, b) => all.way * (key[a] - key[b]) || a - b);
    all.order = [...known, ...missing];
  }
  showRows();
}

function showRows() {
  const end = Math.min(all.from + PAGE, all.order.length);
  $("rows").tBodies[0].replaceChildren(...all.order.slice(all.from, end).map((i) => {
    const tr = document.createElement("tr");
    all.columns.forEach((column, j) => tr.append(cell("td", cellText(all.names[j], valueAt(column, i)), column.words ? "" : "number")));
    return tr;
  }));
  $("count").textContent = all.order.length ? `${all.from + 1} to ${end} of ${all.order.length} rows` : "No row has all these words";
  $("previous").disabled = all.from === 0;
  $("next").disabled = end >= all.order.length;
}

function sortAll(i) {
  all.way = all.by === i ? -all.way : all.columns[i].words ? 1 : -1;
  all.by = i;
  all.from = 0;
  [...$("rows").tHead.rows[0].cells].forEach((th, j) => {
    if (j === i) th.setAttribute("aria-sort", all.way > 0 ? "ascending" : "descending"); else th.removeAttribute("aria-sort");
  });
  arrange();
}

function turnPage(pages) {
  all.from = Math.max(0, Math.min(all.from + pages * PAGE, all.order.length - 1));
  showRows();
}
