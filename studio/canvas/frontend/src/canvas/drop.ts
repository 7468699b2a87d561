/** Drop targets while something is dragged: legal places show a plus, illegal ones say why in the status line. */
import { html, open } from "./draw";
import type { Scene } from "./scene";
import type { SceneEdge, SceneNode, Side, Target } from "./types";
import type { View } from "./view";

const NEAR = 48;
const HEAD = 32;
/** World pixels around a plus in which it goes before the state that lies under it. */
const HIT = 14;
const SIDES: Record<Side, string> = { before: "↑ Before", replace: "⇄ Replace", after: "↓ After" };

/** World pixels beside a line that still mean it, where no plus is near. */
const BESIDE = 24;

/** `element`: how the place is shown, once it came into view; `edge`: the transition whose line and label mean it as well. */
type Place = {
  target: Target;
  name: string;
  x: number;
  y: number;
  reason: string;
  element?: HTMLElement;
  box?: { x: number; y: number; w: number; h: number };
  edge?: SceneEdge;
};

export class Drops {
  private places: Place[] = [];
  private near: Place | null = null;
  private over: { node: SceneNode; element: HTMLElement; sides: Map<Side, [HTMLElement, string]> } | null = null;
  private side: Side | null = null;
  private moving: string[] = [];
  private last = "";
  private readonly layer = html("div", "sc-drops");

  constructor(
    private readonly scene: Scene,
    private readonly view: View,
    private readonly say: (text: string) => void,
  ) {}

  /** Shows every place for a palette entry (`type` of the new state) or for states that move. */
  show(type: string, moving: string[]): void {
    this.hide();
    const last = type === "Succeed" || type === "Fail" ? type : "";
    this.last = last;
    this.moving = moving;
    for (const edge of this.scene.edges.values()) {
      const [x, y] = open(edge);
      let reason = "";
      if (moving.some((id) => edge.scope.startsWith(`${id}/`))) reason = "A state cannot be moved into itself.";
      else if (moving.length === 1 && (edge.fromId === moving[0] || edge.toId === moving[0])) continue; // it is there already
      else if (last && edge.to !== "__end__" && edge.kind !== "catch" && edge.kind !== "choice" && edge.kind !== "default") {
        reason = `${last} ends the workflow: nothing can follow it. Drop it where nothing follows.`;
      }
      this.places.push({ target: { edge: edge.slot, scope: edge.scope }, name: `edge:${edge.from}->${edge.to}`, x, y, reason, edge });
    }
    for (const node of this.scene.nodes.values()) {
      if (node.kind !== "empty") continue;
      const owner = node.parent ? (this.scene.nodes.get(node.parent)?.name ?? "") : "";
      const reason = moving.some((id) => node.scope.startsWith(`${id}/`)) ? "A state cannot be moved into itself." : "";
      const target = { container: node.parent ?? "", scope: node.scope };
      this.places.push({ target, name: `container:${owner}`, x: node.x + node.w / 2, y: node.y + node.h / 2, reason, box: node });
    }
    this.view.world.append(this.layer);
    this.showInView();
  }

  /** Makes the places that came into view: a large workflow has thousands. */
  private showInView(): void {
    const seen = this.view.visible();
    for (const place of this.places) {
      const { x, y, box } = place;
      const [w, h] = box ? [box.w / 2, box.h / 2] : [24, 24];
      if (place.element || x + w < seen.x || x - w > seen.x + seen.w || y + h < seen.y || y - h > seen.y + seen.h) continue;
      place.element = this.mark(place);
    }
  }

  private mark({ name, x, y, reason, box }: Place): HTMLElement {
    const element = html("div", `sc-drop${reason ? " sc-no" : ""}${box ? " sc-into" : ""}`);
    element.dataset.drop = name;
    if (reason) element.dataset.reason = reason;
    if (box) {
      element.style.width = `${box.w}px`;
      element.style.height = `${box.h}px`;
    }
    element.style.left = `${x}px`;
    element.style.top = `${y}px`;
    element.textContent = reason ? "" : "+";
    this.layer.append(element);
    return element;
  }

  /** The pointer moved, in world coordinates: the nearest place within reach lights up. */
  move(x: number, y: number): void {
    this.showInView();
    let best: Place | null = null;
    let distance = NEAR / Math.min(1, this.view.zoom);
    for (const place of this.places) {
      const { box } = place;
      const inside = box ? x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h : onLabel(place.edge, x, y);
      const away = inside ? 0 : Math.hypot(place.x - x, place.y - y);
      if (away < distance || (away === distance && inside)) {
        best = place;
        distance = away;
      }
    }
    if (!this.moving.length) best ??= this.beside(x, y); // a state that is there may be meant to stand beside a line
    const direct = best !== null && !best.box && Math.hypot(best.x - x, best.y - y) <= HIT;
    const node = direct || best?.box ? null : this.under(x, y);
    if (node) best = null;
    if (best !== this.near) {
      this.near?.element?.classList.remove("sc-near");
      best?.element?.classList.add("sc-near");
      this.near = best;
      this.say(best?.reason ?? "");
    }
    this.offer(node, x);
  }

  /** The transition whose line passes the pointer most closely. */
  private beside(x: number, y: number): Place | null {
    let best: Place | null = null;
    let distance = BESIDE / Math.min(1, this.view.zoom);
    for (const place of this.places) {
      const away = place.edge ? fromLine(place.edge.points, x, y) : Infinity;
      if (away < distance) {
        best = place;
        distance = away;
      }
    }
    return best;
  }

  /** The state under the pointer, beside which something may be dropped; of an open container only its head. */
  private under(x: number, y: number): SceneNode | null {
    const node = this.scene.at(x, y);
    if (!node || node.kind !== "state" || this.moving.some((id) => this.scene.inside(node.id, id))) return null;
    return node.container && !node.collapsed && y - node.y > HEAD ? null : node;
  }

  /** Shows before, replace and after on a state; what moves replaces nothing. */
  private offer(node: SceneNode | null, x: number): void {
    if (node?.id !== this.over?.node.id) {
      this.over?.element.remove();
      this.over = node ? this.sides(node) : null;
      this.side = null;
      if (!node) this.say(this.near?.reason ?? "");
    }
    if (!this.over) return;
    const names = [...this.over.sides.keys()];
    const at = Math.floor(((x - this.over.node.x) / this.over.node.w) * names.length);
    const side = names[Math.max(0, Math.min(names.length - 1, at))]!;
    if (side === this.side) return;
    this.side = side;
    for (const [name, [element]] of this.over.sides) element.classList.toggle("sc-near", name === side);
    this.say(this.over.sides.get(side)![1]);
  }

  private sides(node: SceneNode): { node: SceneNode; element: HTMLElement; sides: Map<Side, [HTMLElement, string]> } {
    const element = html("div", "sc-beside");
    element.style.width = `${node.w}px`;
    element.style.height = `${node.container && !node.collapsed ? HEAD : node.h}px`;
    element.style.transform = `translate(${node.x}px, ${node.y}px)`;
    const sides = new Map<Side, [HTMLElement, string]>();
    for (const side of ["before", "replace", "after"] as Side[]) {
      if (side === "replace" && this.moving.length) continue;
      let reason = "";
      if (side === "before" && this.last) reason = `${this.last} ends the workflow: “${node.name}” cannot follow it.`;
      if (side === "after" && (node.type === "Succeed" || node.type === "Fail")) reason = `“${node.name}” ends the workflow: nothing can follow it.`;
      const part = html("div", `sc-side${reason ? " sc-no" : ""}`, SIDES[side]);
      part.dataset.drop = `${side}:${node.name}`;
      element.append(part);
      sides.set(side, [part, reason]);
    }
    this.layer.append(element);
    return { node, element, sides };
  }

  /** Whether the pointer is at a place, be it one where nothing may be dropped. */
  reached(): boolean {
    return this.near !== null || this.over !== null;
  }

  /** The place the pointer is at, if something may be dropped there. */
  chosen(): Target | null {
    if (this.over && this.side) return this.over.sides.get(this.side)![1] ? null : { node: this.over.node.id, place: this.side };
    return this.near && !this.near.reason ? this.near.target : null;
  }

  hide(): void {
    this.layer.remove();
    this.layer.replaceChildren();
    this.places = [];
    this.near = null;
    this.over = null;
    this.side = null;
  }
}

function onLabel(edge: SceneEdge | undefined, px: number, py: number): boolean {
  if (!edge?.labelBox) return false;
  const [x, y, w, h] = edge.labelBox;
  return px >= x && px <= x + w && py >= y && py <= y + h;
}

/** The distance of a point from a line of several pieces. */
function fromLine(points: [number, number][], x: number, y: number): number {
  let least = Infinity;
  for (let i = 1; i < points.length; i++) {
    const [ax, ay] = points[i - 1]!;
    const [bx, by] = points[i]!;
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const t = length ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
    least = Math.min(least, Math.hypot(ax + t * (bx - ax) - x, ay + t * (by - ay) - y));
  }
  return least;
}
