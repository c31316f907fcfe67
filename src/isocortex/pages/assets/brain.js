// Maps of single voxels: niivue is unpacked when the first is asked for, and draws all of them.
let script = null, voxels = null, viewer = null;

function openNiivue() {
  script = script || unpacked($("niivue").textContent).text().then((code) => {
    const made = document.createElement("script");
    made.textContent = code;
    document.head.append(made);
  });
  voxels = voxels || unpacked($("voxels").textContent).arrayBuffer().then((held) => new Uint8Array(held));
  return Promise.all([script, voxels]);
}

// Maps in the order of the page's bytes, with where each begins.
const maps = [];
if (content.brains.maps) {
  let begin = 0;
  for (const [method, network, layer, recording, subject, grid, length] of content.brains.maps) {
    maps.push({ method, network, layer, recording, subject, grid, begin, length });
    begin += length;
  }
}

// A NIfTI-1 file in memory: a header of 352 bytes, then numbers, the first axis fastest.
function nifti(shape, affine, data) {
  const file = new ArrayBuffer(352 + data.byteLength);
  const view = new DataView(file);
  const bytes = data.BYTES_PER_ELEMENT;
  view.setInt32(0, 348, true);
  [3, ...shape, 1, 1, 1, 1].forEach((x, i) => view.setInt16(40 + 2 * i, x, true));
  view.setInt16(70, bytes === 4 ? 16 : 2, true);
  view.setInt16(72, 8 * bytes, true);
  const sizes = [0, 1, 2].map((j) => Math.hypot(affine[0][j], affine[1][j], affine[2][j]));
  [1, ...sizes, 0, 0, 0, 0].forEach((x, i) => view.setFloat32(76 + 4 * i, x, true));
  view.setFloat32(108, 352, true);
  view.setFloat32(112, 1, true);
  view.setUint8(123, 2);
  view.setInt16(254, 1, true);
  affine.slice(0, 3).forEach((row, i) => row.forEach((x, j) => view.setFloat32(280 + 16 * i + 4 * j, x, true)));
  [0x6e, 0x2b, 0x31, 0].forEach((x, i) => view.setUint8(344 + i, x));
  new Uint8Array(file, 352).set(new Uint8Array(data.buffer));
  return file;
}

function scoresOf(map, bytes) {
  const { low, high } = content.brains;
  const grid = content.brains.grids[map.grid];
  const found = new Float32Array(grid.shape[0] * grid.shape[1] * grid.shape[2]);
  const inside = new Uint8Array(found.length);
  let at = map.begin, best = null;
  for (const [region, places] of Object.entries(grid.regions)) {
    for (const place of places) {
      const level = bytes[at++];
      inside[place] = 110;
      if (level === 255) continue;
      found[place] = low + (level / 254) * (high - low);
      if (region === map.region && (best === null || found[place] > found[best])) best = place;
    }
  }
  return { found, inside, best, grid };
}

// One canvas and one viewer for the whole page: the next map takes the place of the last one.
const canvas = document.createElement("canvas");
canvas.tabIndex = 0;
canvas.setAttribute("role", "img");

async function openViewer() {
  if (viewer) {
    for (const each of [...viewer.volumes]) viewer.removeVolume(each);
    return viewer;
  }
  viewer = new niivue.Niivue({ backColor: [0, 0, 0, 1], isColorbar: true, dragAndDropEnabled: false, loadingText: "", crosshairWidth: 0.5, multiplanarShowRender: 0, logLevel: "silent" });
  await viewer.attachToCanvas(canvas);
  // A canvas that is hidden has no size to draw in.
  const draw = viewer.drawScene.bind(viewer);
  viewer.drawScene = () => (canvas.clientWidth ? draw() : "");
  return viewer;
}

async function drawBrain(map, status, threshold) {
  const [, bytes] = await openNiivue();
  if (!document.body.contains(canvas)) return;
  const { found, inside, best, grid } = scoresOf(map, bytes);
  const below = content.brains.below[map.grid];
  const opened = await openViewer();
  opened.onLocationChange = (place) => { status.textContent = said(place, map, found, inside, grid); };
  const image = (data, name, more) => niivue.NVImage.loadFromUrl({ url: data, name, ...more });
  const grey = { colormap: "gray", cal_min: 0, cal_max: 255, colorbarVisible: false };
  opened.addVolume(below
    ? await image(nifti(below.shape, below.affine, new Uint8Array(await unpacked(below.values).arrayBuffer())), "below.nii", grey)
    : await image(nifti(grid.shape, grid.affine, inside), "mask.nii", grey));
  opened.addVolume(await image(nifti(grid.shape, grid.affine, found), "scores.nii", { colormap: "plasma", cal_min: threshold, cal_max: Math.max(content.brains.high, threshold + 0.001) }));
  opened.setInterpolation(true);
  opened.setSliceType(opened.sliceTypeMultiplanar);
  if (best !== null) {
    const [nx, ny] = grid.shape;
    const at = [best % nx, Math.floor(best / nx) % ny, Math.floor(best / (nx * ny)), 1];
    const mm = [0, 1, 2].map((i) => grid.affine[i].reduce((sum, x, j) => sum + x * at[j], 0));
    opened.scene.crosshairPos = opened.mm2frac(mm);
    opened.drawScene();
    opened.createOnLocationChange();
  }
  canvas.dataset.drawn = `${map.subject} ${map.network} ${map.layer}`;
}

function said(place, map, found, inside, grid) {
  const score = place.values.length > 1 ? place.values[1] : null;
  const mm = [...place.mm].slice(0, 3).map((x) => Math.round(x)).join(", ");
  if (!score) return `${mm} mm`;
  const [i, j, k] = score.vox.map(Math.round), [nx, ny] = grid.shape;
  const at = i + nx * (j + ny * k);
  return inside[at] ? `${mm} mm: ${shown.unit_of_voxel} ${number(found[at])}` : `${mm} mm: outside of the regions`;
}

// The map of a layer, with a list of people and a threshold.
function brainOf(datum, box) {
  const here = maps.filter((map) => map.method === shown.name && map.network === datum.network && map.layer === datum.layer && map.recording === recording);
  if (!here.length) return;
  const part = cell("div", "", "brain");
  const select = document.createElement("select");
  select.id = "person";
  select.append(...here.map((map) => new Option(map.subject, map.subject)));
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", id: "threshold", min: 0, max: content.brains.high, step: content.brains.high / 100, value: 0 });
  const output = cell("output", "0.000");
  delete canvas.dataset.drawn;
  const status = cell("p", "", "note");
  status.setAttribute("role", "status");
  const labelled = (text, ...of) => { const made = cell("label", text + " "); made.append(...of); return made; };
  const row = cell("div", "", "choose");
  row.append(labelled("Person", select), labelled("Scores from", slider, output));
  const frame = cell("div", "", "frame");
  frame.append(canvas);
  part.append(row, frame, status, cell("p", `Scores of single voxels of all regions (${shown.unit_of_voxel}); those below the threshold are not drawn. ${content.brains.below[here[0].grid] ? "Below them is the study's image of the anatomy." : "Grey is where voxels are: the study names no image of the anatomy."} A click moves the slices.`, "note"));
  box.append(part);
  const draw = async () => {
    const map = { ...here.find((each) => each.subject === select.value), region: datum.region };
    canvas.setAttribute("aria-label", `Map of the scores of ${map.network}, ${map.layer}, for ${map.subject}: three slices`);
    try {
      await drawBrain(map, status, Number(slider.value));
    } catch (error) {
      status.textContent = `The map cannot be drawn here: ${error.message || error}. It needs WebGL 2.`;
    }
  };
  select.addEventListener("change", draw);
  slider.addEventListener("input", () => {
    output.textContent = number(Number(slider.value));
    if (viewer && viewer.volumes.length > 1) {
      viewer.volumes[1].cal_min = Number(slider.value);
      viewer.updateGLVolume();
    }
  });
  draw();
}
