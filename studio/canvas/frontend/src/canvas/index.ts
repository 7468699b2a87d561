/** The canvas element: holds the scene and the gesture in flight; Python decides what an intent does. */
import { html, midpoint } from "./draw";
import { Gestures } from "./gestures";
import { keyboard } from "./keyboard";
import { Menu } from "./menu";
import { Minimap } from "./minimap";
import { Scene } from "./scene";
import { installStyle } from "./style";
import type { Options, Patch, SceneEdge } from "./types";
import { View } from "./view";

let count = 0;

export class Canvas {
  private readonly scene = new Scene();
  private readonly view: View;
  private readonly gestures: Gestures;
  private readonly minimap: Minimap;
  private readonly status = html("div", "sc-say");
  private readonly live = html("div", "sc-live");
  private chosen: string[] = [];
  /** The selected transition; "" while there is none. */
  private edge = "";
  private fitted = false;

  constructor(
    readonly host: HTMLElement,
    private readonly options: Options,
  ) {
    installStyle();
    host.classList.add("sc");
    host.tabIndex = 0;
    host.setAttribute("role", "application");
    host.setAttribute("aria-roledescription", "workflow canvas");
    host.setAttribute("aria-label", `${options.label}. Arrow keys follow the transitions, Enter opens a state.`);
    this.view = new View(host, this.scene, options.icons, `sc${count++}`, !options.readonly);
    this.status.setAttribute("role", "status");
    this.live.setAttribute("aria-live", "polite");
    host.append(this.status, this.live);
    const selection = {
      ids: () => this.chosen,
      set: (ids: string[]) => this.choose(ids, true),
      edge: () => this.edge,
      setEdge: (id: string) => this.choose([], true, id),
    };
    this.gestures = new Gestures(this.scene, this.view, options, selection, (text) => this.say(text));
    const menu = new Menu(this.view, options, selection, this.scene);
    keyboard(this.scene, this.view, options, selection, (x, y) => menu.open(x, y), () => this.askToAdd());
    host.addEventListener("paste", (e) => {
      const text = e.clipboardData?.getData("text/plain");
      if (!text || options.readonly || (e.target as Element).closest("input, textarea")) return;
      e.preventDefault();
      options.emit({ kind: "command", command: "paste", text, ids: this.chosen, ...(this.edge ? { target: { edge: this.edge } } : {}) });
    });
    this.minimap = new Minimap(this.scene, this.view);
    this.view.onView = () => this.minimap.draw();
    this.view.onStatus = () => this.minimap.changed();
    this.view.onDrawn = (id, element) => element.classList.toggle("sc-selected", this.chosen.includes(id));
    new ResizeObserver(() => {
      if (!this.fitted && host.clientWidth && this.scene.nodes.size) {
        this.fitted = true;
        this.view.fit();
      }
    }).observe(host);
  }

  /** A patch from Python: nodes and edges added, updated and removed. */
  apply(patch: Patch): void {
    const before = this.scene.nodes.size;
    const stands = this.start();
    const touched = this.scene.apply(patch);
    if (!patch.full && !patch.nodes.added.length && !patch.nodes.removed.length) this.stay(stands);
    this.minimap.changed();
    this.view.changed(touched, patch);
    this.chosen = this.chosen.filter((id) => this.scene.nodes.has(id));
    if (!this.scene.edges.has(this.edge)) this.edge = "";
    this.mark();
    if (!this.fitted && this.host.clientWidth && this.scene.nodes.size) {
      this.fitted = true;
      this.view.fit();
    }
    if (before && !patch.full) {
      const news = patch.nodes.added.filter((n) => n.kind === "state").map((n) => n.name);
      const gone = patch.nodes.removed.filter((id) => !id.includes("#")).map((id) => id.split("/").pop());
      if (news.length) this.announce(`Added ${news.slice(0, 3).join(", ")}`);
      else if (gone.length) this.announce(`Removed ${gone.slice(0, 3).join(", ")}`);
    }
  }

  /** Asks the page for the box that adds a state: on the selected transition, at the way out of the selected state, else at the end. */
  askToAdd(): void {
    const edge = this.scene.edges.get(this.edge);
    if (edge) {
      this.view.revealEdge(edge);
      const [wx, wy] = midpoint(edge.points);
      this.options.emit({ kind: "add", edge: edge.slot, x: this.view.x + wx * this.view.zoom, y: this.view.y + wy * this.view.zoom + 10 });
      return;
    }
    const node = this.scene.nodes.get(this.chosen[0] ?? "") ?? this.scene.nodes.get("/States#end") ?? this.scene.nodes.get("/States#empty");
    if (!node) return;
    this.view.reveal(node.id);
    const chosen = node.kind === "state";
    const x = this.view.x + (node.x + node.w / 2) * this.view.zoom;
    const y = this.view.y + (node.y + (chosen ? node.h : 0)) * this.view.zoom;
    this.options.emit({ kind: "add", ...(chosen ? { id: node.id } : {}), x, y: y + (chosen ? 10 : 0) });
  }

  private start(): [number, number] {
    const node = this.scene.nodes.get("/States#start");
    return node ? [node.x, node.y] : [0, 0];
  }

  /** A state put left of all others moves the whole picture to the right: the view goes along, so that nothing seems to jump. */
  private stay([x, y]: [number, number]): void {
    const [nx, ny] = this.start();
    if (nx === x && ny === y) return;
    this.view.x -= (nx - x) * this.view.zoom;
    this.view.y -= (ny - y) * this.view.zoom;
    this.host.classList.add("sc-still");
    requestAnimationFrame(() => requestAnimationFrame(() => this.host.classList.remove("sc-still")));
  }

  select(ids: string[], edge = ""): void {
    this.choose(ids, false, edge);
  }

  /** Statuses of a run that are others now; null: the state has none any more. Drawn with the next frame, the last one of each state. */
  changeStatuses(changes: Record<string, { status: string; detail?: string } | null>): void {
    for (const [id, now] of Object.entries(changes)) {
      const node = this.scene.nodes.get(id);
      if (!node) continue;
      node.status = now?.status ?? null;
      node.detail = now?.detail;
      this.view.restate(id);
    }
  }

  fit(): void {
    this.view.fit(true);
  }

  /** What one sees first, without a journey there: everything, or one node at a legible size. */
  begin(id: string | null): void {
    if (id === null) {
      this.view.fit();
      return;
    }
    this.view.zoomAt(0.75 / this.view.zoom, this.host.clientWidth / 2, this.host.clientHeight / 2);
    this.view.reveal(id, false);
  }

  focus(id: string): void {
    this.view.reveal(id);
  }

  zoomBy(factor: number): void {
    this.view.zoomAt(factor, this.host.clientWidth / 2, this.host.clientHeight / 2, true);
  }

  zoomTo(zoom: number): void {
    this.zoomBy(zoom / this.view.zoom);
  }

  grab(): void {
    this.host.focus({ preventScroll: true });
  }

  dispose(): void {
    this.gestures.dispose();
  }

  private choose(ids: string[], tell: boolean, edge = ""): void {
    if (edge === this.edge && ids.length === this.chosen.length && ids.every((id, i) => id === this.chosen[i])) return;
    this.chosen = ids.filter((id) => this.scene.nodes.has(id));
    this.edge = this.scene.edges.has(edge) ? edge : "";
    this.mark();
    if (tell) {
      const chosen = this.scene.edges.get(this.edge);
      this.options.emit({ kind: "select", ids: this.chosen, ...(chosen ? { edge: chosen.slot } : {}) });
      if (chosen) this.announce(this.inWords(chosen));
      const node = this.scene.nodes.get(this.chosen[0] ?? "");
      if (node) this.announce(this.chosen.length > 1 ? `${this.chosen.length} states selected` : node.label);
    }
  }

  /** A transition as a screen reader says it. */
  private inWords(edge: SceneEdge): string {
    const from = edge.from === "__start__" ? "the start" : edge.from;
    const to = edge.to === "__end__" ? "the end" : edge.to;
    return `Transition from ${from} to ${to}${edge.label ? `, ${edge.fullLabel ?? edge.label}` : ""}. R leads it elsewhere, A adds a state here.`;
  }

  private mark(): void {
    this.view.chooseEdge(this.edge);
    for (const [id, element] of this.view.drawn) {
      const on = this.chosen.includes(id);
      element.classList.toggle("sc-selected", on);
      if (on) element.setAttribute("aria-pressed", "true");
      else element.removeAttribute("aria-pressed");
    }
    const first = this.chosen[0];
    if (first && this.view.drawn.has(first)) this.host.setAttribute("aria-activedescendant", this.view.elementId(first));
    else this.host.removeAttribute("aria-activedescendant");
  }

  private say(text: string): void {
    this.status.textContent = text;
    this.status.classList.toggle("sc-on", text !== "");
  }

  private announce(text: string): void {
    this.live.textContent = text;
  }
}
