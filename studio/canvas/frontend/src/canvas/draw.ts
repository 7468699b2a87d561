/** Nodes and edges as DOM elements. Everything a person wrote is set as text, never as markup. */
import type { Problems, SceneEdge, SceneNode } from "./types";

const SVG = "http://www.w3.org/2000/svg";

export const STATUS_ICON: Record<string, string> = {
  succeeded: "check_circle",
  failed: "cancel",
  running: "autorenew",
  waiting: "hourglass_top",
  retrying: "replay",
  caught: "shield",
  "timed-out": "timer_off",
  stopped: "stop_circle",
  "not-reached": "radio_button_unchecked",
};

export function html(tag: string, classes: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (text) made.textContent = text;
  return made;
}

export function svg(tag: string, attributes: Record<string, string> = {}): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export function glyph(path: string | undefined, classes: string): SVGElement {
  const made = svg("svg", { viewBox: "0 0 24 24", class: `sc-glyph ${classes}`, "aria-hidden": "true" });
  made.append(svg("path", { d: path ?? "" }));
  return made;
}

let pen: CanvasRenderingContext2D | null = null;
const widths = new Map<string, number>();

/** How wide a name is drawn, in pixels. */
function widthOf(text: string): number {
  let found = widths.get(text);
  if (found === undefined) {
    const fresh = pen === null;
    pen ??= document.createElement("canvas").getContext("2d");
    if (pen && fresh) pen.font = `500 13px ${getComputedStyle(document.documentElement).getPropertyValue("--sans") || "Roboto, sans-serif"}`;
    found = pen?.measureText(text).width ?? text.length * 7;
    if (widths.size > 20_000) widths.clear();
    widths.set(text, found);
  }
  return found;
}

/** A name on one line of so many pixels: what does not fit is left out of its middle. */
export function middle(text: string, room: number): string {
  if (widthOf(text) <= room) return text;
  const cut = (limit: number): string => {
    const head = Math.ceil((limit - 1) * 0.6);
    return `${text.slice(0, head)}…${text.slice(text.length - (limit - 1 - head))}`;
  };
  let [low, high] = [2, text.length];
  while (high - low > 1) {
    const half = (low + high) >> 1;
    if (widthOf(cut(half)) <= room) low = half;
    else high = half;
  }
  return cut(low);
}

/** Pixels of a node that its name does not get: icon, gaps and, in a container's head, the chevron. */
const BODY_TAKEN = 64;
const HEAD_TAKEN = 84;

export function drawNode(node: SceneNode, icons: Record<string, string>, index: string): HTMLElement {
  const made = html("div", "sc-node");
  made.id = index;
  updateNode(made, node, icons);
  return made;
}

export function updateNode(made: HTMLElement, node: SceneNode, icons: Record<string, string>): void {
  made.className = `sc-node sc-${node.kind} sc-t-${node.type.replace(/[^A-Za-z]/g, "")}${node.container ? " sc-container" : ""}${node.collapsed ? " sc-collapsed" : ""}${node.malformed ? " sc-malformed" : ""}${node.mocked ? " sc-mocked" : ""}`;
  made.style.transform = `translate(${node.x}px, ${node.y}px)`;
  made.style.width = `${node.w}px`;
  made.style.height = `${node.h}px`;
  made.style.zIndex = node.container ? String(Math.min(40, node.id.split("/").length)) : "50";
  made.setAttribute("role", node.kind === "state" ? "button" : "img");
  made.setAttribute("aria-label", node.status ? `${node.label.replace(/, (status )?[a-z-]+$/, "")}, ${node.status}` : node.label);
  made.dataset.node = node.id;
  made.dataset.scope = node.scope;
  if (node.kind === "state") {
    made.dataset.state = node.name;
    made.dataset.type = node.type;
  } else {
    delete made.dataset.state;
  }
  made.replaceChildren();
  if (node.kind === "start" || node.kind === "end") {
    if (node.title) made.append(html("span", "sc-pill", node.title));
    return;
  }
  if (node.kind === "empty") {
    made.append(glyph(icons["add"], "sc-plus"), html("span", "sc-hint", node.title));
    return;
  }
  if (node.type === "Choice" && !node.container) made.append(corners(node));
  const head = html("div", node.container ? "sc-head" : "sc-body");
  const tile = html("span", "sc-tile");
  tile.dataset.tone = tone(node.subtitle, node.type);
  tile.append(glyph(icons[node.icon], "sc-icon"));
  const words = html("span", "sc-words");
  const name = html("span", "sc-name", middle(node.title, node.w - (node.container ? HEAD_TAKEN : BODY_TAKEN)));
  name.title = node.title;
  words.append(name);
  if (node.subtitle) {
    const subtitle = html("span", "sc-subtitle", node.subtitle);
    subtitle.title = node.subtitle;
    words.append(subtitle);
  }
  head.append(tile, words);
  if (node.container) {
    const chevron = html("span", "sc-chevron");
    chevron.dataset.toggle = node.id;
    chevron.title = node.collapsed ? "Expand" : "Collapse";
    chevron.append(glyph(node.collapsed ? "M9 6l6 6-6 6" : "M6 9l6 6 6-6", ""));
    head.append(chevron);
  }
  made.append(head);
  if (!node.collapsed && node.branches.length > 1) {
    for (const lane of node.branches.slice(1)) {
      const divider = html("span", "sc-lane");
      divider.style.left = `${lane.x - node.x}px`;
      divider.style.top = `${lane.y - node.y}px`;
      divider.style.height = `${lane.h}px`;
      made.append(divider);
    }
  }
  if (node.chips.length) {
    const chips = html("span", "sc-chips");
    for (const chip of node.chips) chips.append(html("span", "sc-chip", chip));
    made.append(chips);
  }
  const badge = problemBadge(node.problems);
  if (badge) made.append(badge);
  if (node.breakpoint) {
    const stop = html("span", "sc-break");
    stop.title = "Breakpoint";
    made.append(stop);
  }
  if (node.mocked) {
    const pin = html("span", "sc-pin");
    pin.title = "Mocked";
    pin.append(glyph(icons["push_pin"], ""));
    made.append(pin);
  }
  if (node.moved) {
    const moved = html("span", "sc-moved");
    moved.title = "Placed by hand";
    made.append(moved);
  }
  if (node.type !== "Succeed" && node.type !== "Fail") {
    // nothing follows these
    const exit = html("span", "sc-exit");
    exit.dataset.exit = node.id;
    exit.title = "Drag to another state to connect";
    made.append(exit);
  }
  setStatus(made, node, icons);
}

export function setStatus(made: HTMLElement, node: SceneNode, icons: Record<string, string>): void {
  made.querySelector(":scope > .sc-status")?.remove();
  if (!node.status) {
    delete made.dataset.status;
    return;
  }
  made.dataset.status = node.status;
  made.setAttribute("aria-label", `${node.label}${node.label.endsWith(node.status) ? "" : `, ${node.status}`}`);
  const mark = html("span", "sc-status");
  mark.title = node.detail ? `${node.status} ${node.detail}` : node.status;
  mark.append(glyph(icons[STATUS_ICON[node.status] ?? "help_outline"], ""));
  if (node.detail) mark.append(html("span", "sc-detail", node.detail));
  made.append(mark);
}

function corners(node: SceneNode): SVGElement {
  const c = 12;
  const { w, h } = node;
  const made = svg("svg", { class: "sc-shape", width: String(w), height: String(h), "aria-hidden": "true" });
  made.append(svg("path", { d: `M${c} .5H${w - c}L${w - 0.5} ${c}V${h - c}L${w - c} ${h - 0.5}H${c}L.5 ${h - c}V${c}Z` }));
  return made;
}

function problemBadge(problems: Problems): HTMLElement | null {
  const count = problems.error + problems.warning;
  if (!count) return null;
  const severe = problems.error > 0;
  const made = html("span", `sc-badge ${severe ? "sc-error" : "sc-warning"}`, String(count));
  made.title = `${problems.error} errors, ${problems.warning} warnings`;
  return made;
}

function tone(subtitle: string, type: string): string {
  if (type !== "Task") return "flow";
  const service = subtitle.split("·")[0]?.trim().toLowerCase() ?? "";
  if (/lambda|ecs|batch|fargate/.test(service)) return "compute";
  if (/dynamo|s3|rds|athena|glue|redshift/.test(service)) return "data";
  if (/sns|sqs|eventbridge|mail|ses/.test(service)) return "messages";
  if (/bedrock|sagemaker|comprehend|textract|rekognition|polly|transcribe/.test(service)) return "model";
  return "other";
}

const RADIUS = 8;

/** A polyline with rounded corners. */
export function rounded(points: [number, number][]): string {
  const first = points[0];
  if (!first) return "";
  let d = `M${first[0]} ${first[1]}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [ax, ay] = points[i - 1]!;
    const [bx, by] = points[i]!;
    const [cx, cy] = points[i + 1]!;
    const r = Math.min(RADIUS, Math.hypot(bx - ax, by - ay) / 2, Math.hypot(cx - bx, cy - by) / 2);
    const from = towards(bx, by, ax, ay, r);
    const to = towards(bx, by, cx, cy, r);
    d += `L${from[0]} ${from[1]}Q${bx} ${by} ${to[0]} ${to[1]}`;
  }
  const last = points[points.length - 1]!;
  return `${d}L${last[0]} ${last[1]}`;
}

function towards(x: number, y: number, tx: number, ty: number, by: number): [number, number] {
  const length = Math.hypot(tx - x, ty - y) || 1;
  return [x + ((tx - x) / length) * by, y + ((ty - y) / length) * by];
}

/** A transition: its line, arrow and label, and a grip at each end that can be led elsewhere. */
export function drawEdge(edge: SceneEdge, grips: { target: boolean; source: boolean }): SVGElement {
  const group = svg("g", { class: `sc-edge sc-k-${edge.kind}${edge.missing ? " sc-missing" : ""}${edge.taken ? " sc-taken" : ""}` });
  group.setAttribute("data-edge", `${edge.from}->${edge.to}`);
  group.setAttribute("data-kind", edge.kind === "start" ? "next" : edge.kind);
  group.setAttribute("data-slot", edge.slot);
  const d = rounded(edge.points);
  group.append(svg("path", { d, class: "sc-hit" }), svg("path", { d, class: "sc-line" }));
  const n = edge.points.length;
  if (n > 1) {
    const [ax, ay] = edge.points[n - 2]!;
    const [bx, by] = edge.points[n - 1]!;
    const angle = (Math.atan2(by - ay, bx - ax) * 180) / Math.PI;
    group.append(svg("path", { d: "M0 0L-7 -4L-7 4Z", class: "sc-arrow", transform: `translate(${bx} ${by}) rotate(${angle})` }));
  }
  if (edge.label && edge.labelBox) {
    const [x, y, w, h] = edge.labelBox;
    group.append(svg("rect", { x: String(x), y: String(y), width: String(w), height: String(h), rx: "4", class: "sc-label-box" }));
    const text = svg("text", { x: String(x + w / 2), y: String(y + h / 2), class: "sc-label" });
    text.textContent = edge.label;
    const title = svg("title");
    title.textContent = edge.fullLabel ?? edge.label;
    group.append(text, title);
  }
  if (n > 1 && grips.target) group.append(plus(edge));
  if (n > 1 && grips.target) group.append(grip(gripAt(edge, "target"), "Drag to lead it to another state"));
  if (n > 1 && grips.source) group.append(grip(gripAt(edge, "source"), "Drag to let another state lead here"));
  return group;
}

/** Pixels along the line from its end: the grip of the target stands behind the arrow, that of the source below the state's way out. */
const GRIPS = { target: 9, source: 19 };

/** Where the grip of one end of a transition stands. */
export function gripAt(edge: SceneEdge, end: "target" | "source"): [number, number] {
  return along(end === "target" ? edge.points : [...edge.points].reverse(), GRIPS[end]);
}

/** The plus beside the middle of a transition: a click asks what comes there. */
function plus(edge: SceneEdge): SVGElement {
  const [x, y] = open(edge);
  const made = svg("g", { class: "sc-add", transform: `translate(${x + ASIDE} ${y})` });
  const title = svg("title");
  title.textContent = "Add a state here";
  made.append(svg("circle", { r: "9" }), svg("path", { d: "M-4.5 0H4.5M0 -4.5V4.5" }), title);
  return made;
}

/** Pixels by which the plus stands aside: a short transition has its grips on the line. */
const ASIDE = 16;

/** A place near the middle of a transition that its label leaves open. */
export function open(edge: SceneEdge): [number, number] {
  const [mx, my] = midpoint(edge.points);
  const box = edge.labelBox;
  if (!box) return [mx, my];
  const [x, y, w, h] = box;
  if (mx < x - 12 || mx > x + w + 12 || my < y - 12 || my > y + h + 12) return [mx, my];
  const end = edge.points[edge.points.length - 1]!;
  return Math.abs(end[1] - (y + h)) > 30 ? [end[0], (end[1] + y + h) / 2] : [x + w + 14, y + h / 2];
}

function grip([x, y]: [number, number], words: string): SVGElement {
  const made = svg("circle", { cx: String(x), cy: String(y), r: "4", class: "sc-grip" });
  const title = svg("title");
  title.textContent = words;
  made.append(title);
  return made;
}

/** The point of a polyline at a distance from its end. */
function along(points: [number, number][], distance: number): [number, number] {
  let left = distance;
  for (let i = points.length - 1; i > 0; i--) {
    const [ax, ay] = points[i]!;
    const [bx, by] = points[i - 1]!;
    const length = Math.hypot(bx - ax, by - ay);
    if (left <= length || i === 1) return towards(ax, ay, bx, by, Math.min(left, length));
    left -= length;
  }
  return points[0] ?? [0, 0];
}

/** Half way along a polyline: where a drop target stands. */
export function midpoint(points: [number, number][]): [number, number] {
  let total = 0;
  for (let i = 1; i < points.length; i++) total += Math.hypot(points[i]![0] - points[i - 1]![0], points[i]![1] - points[i - 1]![1]);
  let walked = 0;
  for (let i = 1; i < points.length; i++) {
    const [ax, ay] = points[i - 1]!;
    const [bx, by] = points[i]!;
    const length = Math.hypot(bx - ax, by - ay);
    if (length > 0 && walked + length >= total / 2) {
      const t = (total / 2 - walked) / length;
      return [ax + (bx - ax) * t, ay + (by - ay) * t];
    }
    walked += length;
  }
  return points[0] ?? [0, 0];
}
