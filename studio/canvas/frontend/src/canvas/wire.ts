/** A wire in the hand: the end of a transition on its way to another state. Says why it cannot end where the pointer is. */
import { gripAt } from "./draw";
import type { Scene } from "./scene";
import type { Intent, SceneEdge, SceneNode } from "./types";
import type { View } from "./view";

/** Which end of the transition is loose: the one it leads to, or the one it comes from. */
export type End = "target" | "source";

/** Screen pixels from a grip within which a press on the line takes hold of that end. */
const REACH = 20;

export class Wire {
  private readonly line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  private over: SceneNode | null = null;
  private open = false;

  /**
   * `slot`: the transition that is led elsewhere; `edge`: as it is drawn, undefined where it leads nowhere yet; `from`: the state
   * (or start) that it belongs to. From a state's way out the wire begins in the middle of its lower edge.
   */
  constructor(
    private readonly scene: Scene,
    private readonly view: View,
    private readonly say: (text: string) => void,
    private readonly slot: string,
    private readonly from: SceneNode,
    private readonly edge: SceneEdge | undefined,
    private readonly end: End,
    private readonly grabbed: boolean,
  ) {
    this.line.setAttribute("class", "sc-wire");
    view.edgeLayer.append(this.line);
    view.host.classList.add("sc-dragging");
    if (grabbed && edge) view.lift(edge.id, true);
  }

  move(clientX: number, clientY: number): void {
    const [x, y] = this.view.toWorld(clientX, clientY);
    const [fx, fy] = this.fixed();
    const bend = Math.min(40, Math.hypot(x - fx, y - fy) / 2);
    const d = this.end === "target" ? `M${fx} ${fy}C${fx} ${fy + bend} ${x} ${y - bend} ${x} ${y}` : `M${x} ${y}C${x} ${y + bend} ${fx} ${fy - bend} ${fx} ${fy}`;
    this.line.setAttribute("d", d);
    const node = this.scene.at(x, y);
    this.open = (!node || node.id === this.from.parent) && this.inside(clientX, clientY);
    const reason = this.open ? "" : this.reason(node);
    this.over = !this.open && !reason && node && this.takes(node) ? node : null;
    if (this.open) this.say(this.end === "target" ? "Let go to add a state here." : `Let go over the state that shall lead to “${this.edge?.to ?? ""}”.`);
    else this.say(reason);
    this.mark(this.over?.id ?? null, reason && node ? node.id : null);
  }

  /** Lets go: what Python is told, or null where nothing comes of it. */
  drop(clientX: number, clientY: number): Intent | null {
    this.move(clientX, clientY);
    const { over, open } = this;
    this.cancel();
    if (over && this.end === "source") return over.id === this.edge?.fromId ? null : { kind: "reconnect", slot: this.slot, from: over.id };
    if (over) return over.id === this.edge?.toId ? null : { kind: "connect", slot: this.slot, to: over.kind === "end" ? null : over.id };
    if (!open || this.end === "source") return null;
    const box = this.view.host.getBoundingClientRect();
    return { kind: "add", ...(this.grabbed ? { edge: this.slot } : { id: this.from.id }), x: clientX - box.left, y: clientY - box.top };
  }

  cancel(): void {
    this.line.remove();
    this.mark(null, null);
    if (this.edge) this.view.lift(this.edge.id, false);
  }

  /** The end that stays. */
  private fixed(): [number, number] {
    if (this.grabbed && this.edge) return this.end === "target" ? this.edge.points[0]! : this.edge.points[this.edge.points.length - 1]!;
    return [this.from.x + this.from.w / 2, this.from.y + this.from.h];
  }

  private takes(node: SceneNode): boolean {
    if (node.kind === "state") return this.grabbed || node.id !== this.from.id;
    return node.kind === "end" && this.end === "target";
  }

  private reason(node: SceneNode | null): string {
    if (!node || (node.kind !== "state" && node.kind !== "end")) return "";
    if (node.scope !== this.from.scope) {
      const what = node.kind === "end" ? "This end" : `“${node.name}”`;
      if (node.parent && node.parent === this.from.parent) return `${what} is in another branch: a transition stays within its own.`;
      if (this.scene.inside(node.id, this.from.id)) return `${what} is inside “${this.from.name}” itself.`;
      const around = node.parent ? this.scene.nodes.get(node.parent) : undefined;
      if (around && !(this.from.parent && this.scene.inside(this.from.parent, around.id))) return `${what} is inside “${around.name}”: a transition cannot lead into it.`;
      const own = this.from.parent ? this.scene.nodes.get(this.from.parent) : undefined;
      return `A transition cannot leave ${own ? `“${own.name}”` : "its workflow"}.`;
    }
    if (this.end === "source") {
      if (node.type === "Succeed" || node.type === "Fail") return `“${node.name}” ends the workflow: nothing can follow it.`;
      return node.id === this.edge?.toId ? `“${node.name}” would lead to itself.` : "";
    }
    if (node.kind !== "end") return "";
    if (this.from.kind === "start") return "There has to be a state to start with.";
    switch (this.edge?.kind) {
      case "choice":
        return "A rule has to lead to a state. Let go over nothing to add one.";
      case "default":
        return "The Default has to lead to a state. Let go over nothing to add one.";
      case "catch":
        return "A catcher has to lead to a state. Let go over nothing to add one.";
    }
    return "";
  }

  private inside(clientX: number, clientY: number): boolean {
    const box = this.view.host.getBoundingClientRect();
    return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
  }

  private mark(over: string | null, refused: string | null): void {
    for (const [id, element] of this.view.drawn) {
      element.classList.toggle("sc-over", id === over);
      element.classList.toggle("sc-refused", id === refused);
    }
  }
}

/** The end of a transition that a press at a point of the world takes hold of; null away from both, or where it cannot be led elsewhere. */
export function tip(scene: Scene, edge: SceneEdge, x: number, y: number, zoom: number): End | null {
  const from = scene.nodes.get(edge.fromId);
  if (!from || fixed(edge, from.type)) return null;
  const away = (end: End): number => {
    const [gx, gy] = gripAt(edge, end);
    return Math.hypot(gx - x, gy - y) * zoom;
  };
  const [target, source] = [away("target"), loose(edge) ? away("source") : Infinity];
  if (Math.min(target, source) > REACH) return null;
  return target <= source ? "target" : "source";
}

/** Whether a transition cannot be led elsewhere: the end of a Succeed or Fail state. */
export function fixed(edge: SceneEdge, type: string): boolean {
  return edge.kind === "next" && (type === "Succeed" || type === "Fail");
}

/** Whether the end that a transition comes from can be led elsewhere: a rule and a catcher stay with their state. */
export function loose(edge: SceneEdge): boolean {
  return edge.kind === "next" && edge.from !== "__start__" && !edge.missing && edge.to !== "__end__";
}
