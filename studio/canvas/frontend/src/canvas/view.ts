/** The world on the screen: one CSS transform for pan and zoom; only what is in view is in the DOM, below 25 % a picture. */
import { drawEdge, drawNode, midpoint, setStatus, updateNode } from "./draw";
import type { Scene, Touched } from "./scene";
import type { Patch, SceneEdge, SceneNode } from "./types";
import { fixed, loose } from "./wire";

export const MIN = 0.004;
export const MAX = 2;
const BLOCKS = 0.25;
/** Below it a name alone stands in a state, larger: the small letters beside it could not be read. */
const NAMES = 0.7;
/** Below it the transitions have no labels either. */
const LABELS = 0.5;
/** Pixels around a workflow that fits: as many as its tools take. */
const TOOLS = 48;
const SIDES = 24;
/** As many as a bar takes that comes above a run when it waits. */
const BAR = 44;
/** But no more of a low canvas than this. */
const SHARE = 0.1;
const MARGIN = 300;
/** Milliseconds after which a view that does not move any more is at rest. */
const REST = 160;
/** World pixels that a scene keeps free around itself (`_MARGIN` of studio/canvas/scene.py). */
const EDGE = 24;

/** A transition on the screen, and where it began when it was drawn: it may have moved since. */
type DrawnEdge = { element: SVGElement; from: [number, number] };

export class View {
  x = 0;
  y = 0;
  zoom = 1;
  readonly world: HTMLElement;
  readonly edgeLayer: SVGSVGElement;
  readonly nodeLayer: HTMLElement;
  readonly overview: HTMLCanvasElement;
  readonly drawn = new Map<string, HTMLElement>();
  private readonly drawnEdges = new Map<string, DrawnEdge>();
  private readonly numbers = new Map<string, string>();
  private chosenEdge = "";
  private readonly restated = new Set<string>();
  /** The host's size. Asked of the page, it would lay out anew what a patch has just changed. */
  private width = 0;
  private height = 0;
  /** Where the host stands in the window. */
  private left = 0;
  private top = 0;
  private frame = 0;
  private moving = 0;
  /** Where the view is moving to. */
  private goal: [number, number, number] | null = null;
  private placed = "";
  private much = "";
  private resting = 0;
  /** Called when what is in view may have changed. */
  onView: () => void = () => {};

  constructor(
    readonly host: HTMLElement,
    readonly scene: Scene,
    private readonly icons: Record<string, string>,
    private readonly prefix: string,
    private readonly editable: boolean,
  ) {
    this.world = document.createElement("div");
    this.world.className = "sc-world";
    this.edgeLayer = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.edgeLayer.setAttribute("class", "sc-edges");
    this.nodeLayer = document.createElement("div");
    this.nodeLayer.className = "sc-nodes";
    this.overview = document.createElement("canvas");
    this.overview.className = "sc-overview";
    this.world.append(this.nodeLayer, this.edgeLayer);
    host.append(this.overview, this.world);
    this.measure();
    new ResizeObserver(() => {
      const { left, top, width } = this;
      this.measure();
      if (width && this.width) this.shift(left - this.left, top - this.top);
      this.schedule();
    }).observe(host);
  }

  /** A bar above or a panel beside takes some of the canvas: what is drawn stays where it is on the screen. */
  private measure(): void {
    this.width = this.host.clientWidth;
    this.height = this.host.clientHeight;
    if (this.width) ({ left: this.left, top: this.top } = this.host.getBoundingClientRect());
  }

  /** Draws what a patch changed. */
  changed(touched: Touched, patch: Patch): void {
    for (const id of touched.moved) {
      const element = this.drawn.get(id);
      const node = this.scene.nodes.get(id);
      if (element && node) element.style.transform = `translate(${node.x}px, ${node.y}px)`;
    }
    for (const id of touched.nodes) {
      const element = this.drawn.get(id);
      const node = this.scene.nodes.get(id);
      if (element && node) updateNode(element, node, this.icons);
      else if (element) {
        element.remove();
        this.drawn.delete(id);
      }
    }
    for (const id of touched.movedEdges) {
      const drawn = this.drawnEdges.get(id);
      const now = this.scene.edges.get(id)?.points[0];
      if (drawn && now) drawn.element.setAttribute("transform", `translate(${now[0] - drawn.from[0]} ${now[1] - drawn.from[1]})`);
    }
    for (const id of touched.edges) this.eraseEdge(id);
    this.edgeLayer.setAttribute("width", String(patch.width));
    this.edgeLayer.setAttribute("height", String(patch.height));
    this.draw();
  }

  /** A node has another status: shown with the next frame. */
  restate(id: string): void {
    this.restated.add(id);
    this.schedule();
  }

  private drawStatuses(): void {
    for (const id of this.restated) {
      const element = this.drawn.get(id);
      const node = this.scene.nodes.get(id);
      if (element && node) setStatus(element, node, this.icons);
    }
    if (this.restated.size) this.onStatus();
    this.restated.clear();
  }

  /** Called when statuses were drawn anew. */
  onStatus: () => void = () => {};

  schedule(): void {
    if (!this.frame) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.drawStatuses();
        this.draw();
      });
    }
  }

  /** Pixels of the canvas on the screen. */
  size(): { w: number; h: number } {
    return { w: this.width, h: this.height };
  }

  /** The part of the world that is in view. */
  visible(): { x: number; y: number; w: number; h: number } {
    return { x: -this.x / this.zoom, y: -this.y / this.zoom, w: this.width / this.zoom, h: this.height / this.zoom };
  }

  draw(): void {
    this.place();
    const blocks = this.zoom < BLOCKS;
    const far = this.zoom < NAMES && !blocks;
    this.host.classList.toggle("sc-names-only", far);
    this.host.classList.toggle("sc-unlabelled", far && this.zoom < LABELS);
    const much = (1 / this.zoom).toFixed(1); // names and counts stay as large as they are near by; each value lays them out anew
    if (far && much !== this.much) this.host.style.setProperty("--sc-far", (this.much = much));
    this.world.style.display = blocks ? "none" : "";
    this.overview.style.display = blocks ? "" : "none";
    if (blocks) this.paint(this.overview, this.x, this.y, [this.zoom, this.zoom], this.width, this.height, true);
    else this.populate();
    this.onView();
  }

  /**
   * Puts the world where it belongs. While it moves it is a layer of its own, which the browser paints at full size and scales down,
   * quickly; at rest it is painted as it is seen: scaled down, thin lines and small text would be lost.
   */
  private place(): void {
    // on whole pixels: text between them is blurred
    const transform = `translate(${Math.round(this.x)}px, ${Math.round(this.y)}px) scale(${this.zoom})`;
    if (transform === this.placed) return;
    this.placed = transform;
    this.world.style.willChange = "transform";
    this.world.style.transform = transform;
    window.clearTimeout(this.resting);
    this.resting = window.setTimeout(() => (this.world.style.willChange = "auto"), REST);
  }

  private populate(): void {
    const view = this.visible();
    const margin = MARGIN / this.zoom;
    const left = view.x - margin;
    const top = view.y - margin;
    const right = view.x + view.w + margin;
    const bottom = view.y + view.h + margin;
    for (const node of this.scene.nodes.values()) {
      const seen = node.x < right && node.x + node.w > left && node.y < bottom && node.y + node.h > top;
      const element = this.drawn.get(node.id);
      if (seen && !element) {
        const made = drawNode(node, this.icons, this.number(node.id));
        this.drawn.set(node.id, made);
        if (node.container) this.nodeLayer.prepend(made);
        else this.nodeLayer.append(made);
        this.onDrawn(node.id, made);
      } else if (!seen && element && document.activeElement !== element) {
        element.remove();
        this.drawn.delete(node.id);
      }
    }
    for (const edge of this.scene.edges.values()) {
      const box = this.scene.bounds(edge);
      const seen = box[0] < right && box[2] > left && box[1] < bottom && box[3] > top;
      const drawn = this.drawnEdges.has(edge.id);
      if (seen && !drawn) {
        const element = this.drawEdge(edge);
        this.drawnEdges.set(edge.id, { element, from: edge.points[0] ?? [0, 0] });
        this.edgeLayer.append(element);
      } else if (!seen && drawn) this.eraseEdge(edge.id);
    }
  }

  private eraseEdge(id: string): void {
    this.drawnEdges.get(id)?.element.remove();
    this.drawnEdges.delete(id);
  }

  private drawEdge(edge: SceneEdge): SVGElement {
    const free = this.editable && !fixed(edge, this.scene.nodes.get(edge.fromId)?.type ?? "");
    const made = drawEdge(edge, { target: free, source: free && loose(edge) });
    made.classList.toggle("sc-chosen", edge.id === this.chosenEdge);
    return made;
  }

  /** Shows one transition as selected, in front of those it shares a way with; "" for none. */
  chooseEdge(id: string): void {
    this.drawnEdges.get(this.chosenEdge)?.element.classList.remove("sc-chosen");
    this.chosenEdge = id;
    const element = this.drawnEdges.get(id)?.element;
    if (!element) return;
    element.classList.add("sc-chosen");
    this.edgeLayer.append(element);
  }

  /** Shows a transition as taken off its place, or back on it. */
  lift(id: string, lifted: boolean): void {
    this.drawnEdges.get(id)?.element.classList.toggle("sc-lifted", lifted);
  }

  /** Called for each node element that is made. */
  onDrawn: (id: string, element: HTMLElement) => void = () => {};

  private number(id: string): string {
    let found = this.numbers.get(id);
    if (!found) {
      found = `${this.prefix}-n${this.numbers.size}`;
      this.numbers.set(id, found);
    }
    return found;
  }

  elementId(id: string): string {
    return this.number(id);
  }

  /** Blocks and lines on a canvas: the far view, which has the counts too, and the minimap, which may be zoomed otherwise across than down. */
  paint(
    canvas: HTMLCanvasElement,
    x: number,
    y: number,
    [zoom, down]: [number, number],
    width: number,
    height: number,
    counted = false,
  ): void {
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d");
    if (!pen) return;
    const style = getComputedStyle(this.host);
    const colour = (name: string): string => style.getPropertyValue(name).trim() || "#888";
    const palette = new Map<string, string>();
    const of = (name: string): string => {
      let found = palette.get(name);
      if (!found) palette.set(name, (found = colour(name)));
      return found;
    };
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.setTransform(ratio * zoom, 0, 0, ratio * down, ratio * x, ratio * y);
    pen.lineWidth = 1 / zoom;
    pen.strokeStyle = of("--line-strong");
    pen.beginPath();
    for (const edge of this.scene.edges.values()) {
      edge.points.forEach(([px, py], i) => (i ? pen.lineTo(px, py) : pen.moveTo(px, py)));
    }
    pen.stroke();
    const nodes = [...this.scene.nodes.values()].sort((a, b) => Number(b.container) - Number(a.container) || b.w * b.h - a.w * a.h);
    for (const node of nodes) {
      const status = node.status ? (node.status === "caught" ? "retrying" : node.status === "timed-out" ? "failed" : node.status) : "";
      pen.fillStyle = node.container ? of("--surface") : status ? of(`--${status}`) : node.problems.error ? of("--failed") : of("--line-strong");
      pen.strokeStyle = status ? of(`--${status}`) : of("--line-strong");
      if (node.container) pen.strokeRect(node.x, node.y, node.w, node.h);
      else pen.fillRect(node.x, node.y, node.w, node.h);
    }
    if (!counted) return;
    const size = 10 / zoom;
    pen.font = `500 ${size}px ${style.fontFamily}`;
    pen.textBaseline = "middle";
    for (const node of nodes) {
      if (!node.detail) continue;
      const width = pen.measureText(node.detail).width;
      const left = Math.max(node.x + node.w - width - size / 2, node.x);
      pen.fillStyle = of("--surface");
      pen.fillRect(left - size / 2, node.y - size * 1.3, width + size, size * 1.4);
      pen.fillStyle = of("--text");
      pen.fillText(node.detail, left, node.y - size * 0.6);
    }
  }

  // Moving about

  private shift(dx: number, dy: number): void {
    if (!dx && !dy) return;
    const [x, y, zoom] = this.goal ?? [this.x, this.y, this.zoom];
    this.moveTo(x + dx, y + dy, zoom);
  }

  moveTo(x: number, y: number, zoom: number, animate = false): void {
    cancelAnimationFrame(this.moving);
    this.goal = null;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!animate || still) {
      [this.x, this.y, this.zoom] = [x, y, zoom];
      this.draw();
      return;
    }
    const [fx, fy, fz] = [this.x, this.y, this.zoom];
    const began = performance.now();
    this.goal = [x, y, zoom];
    const step = (now: number): void => {
      const t = Math.min(1, (now - began) / 200);
      const k = 1 - (1 - t) ** 3;
      [this.x, this.y, this.zoom] = [fx + (x - fx) * k, fy + (y - fy) * k, fz + (zoom - fz) * k];
      this.draw();
      if (t < 1) this.moving = requestAnimationFrame(step);
      else this.goal = null;
    };
    this.moving = requestAnimationFrame(step);
  }

  zoomAt(factor: number, px: number, py: number, animate = false): void {
    const zoom = Math.min(MAX, Math.max(MIN, this.zoom * factor));
    const k = zoom / this.zoom;
    this.moveTo(px - (px - this.x) * k, py - (py - this.y) * k, zoom, animate);
  }

  fit(animate = false, ids?: string[]): void {
    const nodes = ids?.length ? ids.flatMap((id) => this.scene.nodes.get(id) ?? []) : [...this.scene.nodes.values()];
    if (!nodes.length || !this.host.clientWidth) return;
    const some = !!ids?.length; // else everything, the transitions beside the states included
    const left = some ? Math.min(...nodes.map((n) => n.x)) : EDGE;
    const top = some ? Math.min(...nodes.map((n) => n.y)) : EDGE;
    const right = some ? Math.max(...nodes.map((n) => n.x + n.w)) : this.scene.width - EDGE;
    const bottom = some ? Math.max(...nodes.map((n) => n.y + n.h)) : this.scene.height - EDGE;
    const { clientWidth: w, clientHeight: h } = this.host;
    const below = Math.min(TOOLS, h * SHARE);
    const above = this.editable ? below : Math.min(BAR, h * SHARE * 1.4); // a run has no tools above
    const zoom = Math.max(MIN, Math.min(1, (w - SIDES * 2) / (right - left), (h - above - below) / (bottom - top)));
    const x = (w - (right - left) * zoom) / 2 - left * zoom;
    const y = Math.max(above, Math.min((h - (bottom - top) * zoom) / 2, h - below - (bottom - top) * zoom)) - top * zoom;
    this.moveTo(x, y, zoom, animate);
  }

  /** Brings the middle of a transition into view. */
  revealEdge(edge: SceneEdge): void {
    const [wx, wy] = midpoint(edge.points);
    const x = wx * this.zoom + this.x;
    const y = wy * this.zoom + this.y;
    const { clientWidth: w, clientHeight: h } = this.host;
    if (x > 40 && y > 40 && x < w - 40 && y < h - 40) return;
    this.moveTo(w / 2 - wx * this.zoom, h / 2 - wy * this.zoom, this.zoom, true);
  }

  /** Brings a node into view, moving no more than needed. */
  reveal(id: string, animate = true): void {
    const node = this.scene.nodes.get(id);
    if (!node) return;
    const zoom = Math.max(this.zoom, LABELS);
    const view = { w: this.host.clientWidth, h: this.host.clientHeight };
    const pad = 40;
    const below = TOOLS + 8;
    const h = Math.min(node.h, 120);
    let { x, y } = this;
    if (zoom !== this.zoom) {
      x = view.w / 2 - (node.x + node.w / 2) * zoom;
      y = node.kind === "start" ? pad - node.y * zoom : view.h / 2 - (node.y + h / 2) * zoom;
    } else {
      const left = node.x * zoom + x;
      const top = node.y * zoom + y;
      const w = Math.min(node.w * zoom, view.w - pad * 2);
      if (left < pad) x += pad - left;
      else if (left + w > view.w - pad) x -= left + w - (view.w - pad);
      if (top < pad) y += pad - top;
      else if (top + h * zoom > view.h - below) y -= top + h * zoom - (view.h - below);
    }
    if (x !== this.x || y !== this.y || zoom !== this.zoom) this.moveTo(x, y, zoom, animate);
  }

  toWorld(clientX: number, clientY: number): [number, number] {
    const box = this.host.getBoundingClientRect();
    return [(clientX - box.left - this.x) / this.zoom, (clientY - box.top - this.y) / this.zoom];
  }
}
