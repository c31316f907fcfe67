// All is declared: show the first method, then unpack the table.
shown = content.methods[0];
$("method").replaceChildren(...content.methods.map((each) => new Option(each.name, each.name)));
$("method").addEventListener("change", (event) => { shown = content.methods.find((each) => each.name === event.target.value); choose(); });
$("recording").addEventListener("change", (event) => { recording = event.target.value; update(); });
$("layer").addEventListener("change", listed);
$("region").addEventListener("change", listed);
$("all").addEventListener("click", () => { if (hidden.size) hidden.clear(); else hideMost(); legend(); draw(); });
let typed = 0;
$("filter").addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(match, all.n > 5000 ? 200 : 0); });
$("previous").addEventListener("click", () => turnPage(-1));
$("next").addEventListener("click", () => turnPage(1));
dark.addEventListener("change", draw);
let last = document.body.clientWidth;
addEventListener("resize", () => { if (Math.abs(document.body.clientWidth - last) > 60) { last = document.body.clientWidth; draw(); } });
choose();
openTable();
