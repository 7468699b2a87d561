/** Pointer gestures: pan, zoom, select, move, connect, and drags that begin in the palette. One intent comes of each. */
import { html } from "./draw";
import { Drops } from "./drop";
import { Placing } from "./placing";
import type { Scene } from "./scene";
import type { Options } from "./types";
import type { View } from "./view";
import { tip, Wire } from "./wire";
import type { End } from "./wire";

/** Pixels a pointer moves before a press is a drag; a finger is less steady than a mouse. */
const THRESHOLD = 4;
const THRESHOLD_OF_A_FINGER = 10;

type Drag =
  | { kind: "pan"; x: number; y: number; moved: boolean }
  | { kind: "select"; x: number; y: number; box: HTMLElement }
  | { kind: "press"; id: string; x: number; y: number; extend: boolean }
  | { kind: "move"; ids: string[]; ghost: HTMLElement; placing: Placing }
  | { kind: "palette"; palette: string; x: number; y: number; ghost: HTMLElement | null; label: string }
  | { kind: "edge"; id: string; x: number; y: number; end: End | null; plus: boolean }
  | { kind: "wire"; wire: Wire };

export type Selection = { ids: () => string[]; set: (ids: string[]) => void; edge: () => string; setEdge: (id: string) => void };

export class Gestures {
  private drag: Drag | null = null;
  private readonly drops: Drops;
  private space = false;
  /** How far two fingers are apart, and the point between them, in screen pixels. */
  private pinch: { distance: number; x: number; y: number } | null = null;
  private readonly pointers = new Map<number, [number, number]>();

  constructor(
    private readonly scene: Scene,
    private readonly view: View,
    private readonly options: Options,
    private readonly selection: Selection,
    private readonly say: (text: string) => void,
  ) {
    this.drops = new Drops(scene, view, say);
    const { host } = view;
    host.addEventListener("pointerdown", (e) => this.down(e));
    host.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
    host.addEventListener("dblclick", (e) => this.double(e));
    if (!options.readonly) document.addEventListener("pointerdown", this.paletteDown, true);
    window.addEventListener("pointermove", this.move);
    window.addEventListener("pointerup", this.up);
    window.addEventListener("pointercancel", this.cancelled);
    document.addEventListener("keydown", this.keys, true);
    document.addEventListener("keyup", this.keys, true);
    document.addEventListener("dragstart", this.noNative, true);
  }

  dispose(): void {
    document.removeEventListener("pointerdown", this.paletteDown, true);
    window.removeEventListener("pointermove", this.move);
    window.removeEventListener("pointerup", this.up);
    window.removeEventListener("pointercancel", this.cancelled);
    document.removeEventListener("keydown", this.keys, true);
    document.removeEventListener("keyup", this.keys, true);
    document.removeEventListener("dragstart", this.noNative, true);
  }

  private readonly noNative = (e: Event): void => {
    if ((e.target as Element | null)?.closest?.("[data-palette]")) e.preventDefault();
  };

  private readonly keys = (e: KeyboardEvent): void => {
    if (e.code === "Space") this.space = e.type === "keydown";
    if (e.key === "Escape" && e.type === "keydown" && this.drag) {
      e.stopPropagation();
      this.cancel();
    }
  };

  /** The system takes a touch away: to scroll with it, or for a gesture of its own. */
  private readonly cancelled = (e: PointerEvent): void => {
    this.lift(e);
    this.cancel();
  };

  private lift(e: PointerEvent): void {
    this.pointers.delete(e.pointerId);
    if (this.pointers.size < 2) this.pinch = null;
  }

  cancel(): void {
    const drag = this.drag;
    this.drag = null;
    if (!drag) return;
    if ("ghost" in drag) drag.ghost?.remove();
    if (drag.kind === "wire") drag.wire.cancel();
    if (drag.kind === "select") drag.box.remove();
    if (drag.kind === "move") drag.placing.hide();
    this.finish();
    this.say("");
  }

  private finish(): void {
    this.drops.hide();
    this.view.host.classList.remove("sc-dragging", "sc-panning");
    document.body.classList.remove("sc-grabbing");
  }

  private down(e: PointerEvent): void {
    if (e.isPrimary) this.pointers.clear(); // whatever was down before has gone without a word
    this.pointers.set(e.pointerId, [e.clientX, e.clientY]);
    this.cancel();
    if (this.pointers.size > 1) {
      this.pinch = this.pointers.size === 2 ? this.spread() : null;
      return;
    }
    const target = e.target as Element;
    if (target.closest(".sc-minimap, .sc-menu, input, button")) return;
    this.view.host.focus({ preventScroll: true });
    const toggle = target.closest<HTMLElement>("[data-toggle]");
    if (toggle && e.button === 0) {
      e.preventDefault();
      this.options.emit({ kind: "toggle", id: toggle.dataset.toggle });
      return;
    }
    if (e.button === 1 || (this.space && e.button === 0)) {
      e.preventDefault();
      this.startPan(e);
      return;
    }
    if (e.button !== 0) return;
    const exit = target.closest<HTMLElement>("[data-exit]");
    if (exit && !this.options.readonly) {
      e.preventDefault();
      this.startConnect(exit.dataset.exit ?? "", e);
      return;
    }
    const [x, y] = this.view.toWorld(e.clientX, e.clientY);
    const edge = this.options.readonly ? undefined : this.scene.edges.get(target.closest<SVGElement>("[data-slot]")?.dataset.slot ?? "");
    const plus = target.closest(".sc-add") !== null; // which a finger that means an end may touch: what moves takes hold of the end
    if (edge && (plus || !e.shiftKey)) {
      e.preventDefault();
      this.drag = { kind: "edge", id: edge.id, x: e.clientX, y: e.clientY, end: tip(this.scene, edge, x, y, this.view.zoom), plus };
      return;
    }
    const node = this.scene.at(x, y);
    const extend = e.shiftKey || e.ctrlKey || e.metaKey;
    if (node && node.kind === "state" && (!node.container || node.collapsed || y - node.y <= 32 || this.onBorder(node, x, y))) {
      e.preventDefault();
      this.drag = { kind: "press", id: node.id, x: e.clientX, y: e.clientY, extend };
      return;
    }
    if (e.shiftKey) {
      e.preventDefault();
      const box = html("div", "sc-lasso");
      this.view.host.append(box);
      this.drag = { kind: "select", x: e.clientX, y: e.clientY, box };
      return;
    }
    e.preventDefault();
    this.startPan(e);
  }

  private onBorder(node: { x: number; y: number; w: number; h: number }, x: number, y: number): boolean {
    const near = 6 / this.view.zoom;
    return x - node.x < near || node.x + node.w - x < near || node.y + node.h - y < near;
  }

  private startPan(e: { clientX: number; clientY: number }, moved = false): void {
    this.drag = { kind: "pan", x: e.clientX, y: e.clientY, moved };
    this.view.host.classList.add("sc-panning");
  }

  private readonly paletteDown = (e: PointerEvent): void => {
    const entry = (e.target as Element | null)?.closest?.<HTMLElement>("[data-palette]");
    if (!entry || e.button !== 0 || !this.view.host.isConnected || !this.view.host.offsetParent) return;
    const palette = entry.dataset.palette ?? "";
    const label = entry.getAttribute("aria-label")?.replace(/^Add /, "") ?? entry.textContent ?? palette;
    this.drag = { kind: "palette", palette, x: e.clientX, y: e.clientY, ghost: null, label };
  };

  private startConnect(id: string, e: PointerEvent): void {
    const node = this.scene.nodes.get(id);
    if (!node) return;
    const [edge] = [...this.scene.edges.values()].filter((f) => f.fromId === id && (f.kind === "next" || f.kind === "default"));
    const slot = edge?.slot ?? `${id}/Next`;
    const wire = new Wire(this.scene, this.view, this.say, slot, node, edge, "target", false);
    this.drag = { kind: "wire", wire };
    wire.move(e.clientX, e.clientY);
  }

  /** One end of a transition in the hand. */
  private startRewire(id: string, end: End, e: PointerEvent): void {
    const edge = this.scene.edges.get(id);
    const from = this.scene.nodes.get(edge?.fromId ?? "");
    this.drag = null;
    if (!edge || !from) return;
    this.selection.setEdge(id);
    const wire = new Wire(this.scene, this.view, this.say, edge.slot, from, edge, end, true);
    this.drag = { kind: "wire", wire };
    wire.move(e.clientX, e.clientY);
  }

  private readonly move = (e: PointerEvent): void => {
    if (this.pointers.has(e.pointerId)) this.pointers.set(e.pointerId, [e.clientX, e.clientY]);
    if (this.pinch && this.pointers.size === 2) {
      const now = this.spread();
      const box = this.view.host.getBoundingClientRect();
      this.view.x += now.x - this.pinch.x;
      this.view.y += now.y - this.pinch.y;
      this.view.zoomAt(now.distance / this.pinch.distance, now.x - box.left, now.y - box.top);
      this.pinch = now;
      return;
    }
    const drag = this.drag;
    if (!drag) return;
    switch (drag.kind) {
      case "pan": {
        if (!drag.moved && Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < slack(e)) return;
        if (!drag.moved) {
          drag.moved = true;
        }
        this.view.x += e.clientX - drag.x;
        this.view.y += e.clientY - drag.y;
        drag.x = e.clientX;
        drag.y = e.clientY;
        this.view.schedule();
        break;
      }
      case "select": {
        const box = this.view.host.getBoundingClientRect();
        Object.assign(drag.box.style, {
          left: `${Math.min(e.clientX, drag.x) - box.left}px`,
          top: `${Math.min(e.clientY, drag.y) - box.top}px`,
          width: `${Math.abs(e.clientX - drag.x)}px`,
          height: `${Math.abs(e.clientY - drag.y)}px`,
        });
        break;
      }
      case "press": {
        if (this.options.readonly || Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < slack(e)) return;
        const chosen = this.selection.ids();
        const ids = chosen.includes(drag.id) ? chosen.filter((id) => this.scene.nodes.get(id)?.kind === "state") : [drag.id];
        if (!chosen.includes(drag.id)) this.selection.set(ids);
        const name = this.scene.nodes.get(drag.id)?.name ?? "";
        const ghost = this.ghost(ids.length > 1 ? `${ids.length} states` : name);
        const type = ids.length === 1 ? (this.scene.nodes.get(ids[0]!)?.type ?? "") : "";
        const [fromX, fromY] = this.view.toWorld(drag.x, drag.y);
        this.drag = { kind: "move", ids, ghost, placing: new Placing(this.scene, this.view, ids, fromX, fromY) };
        this.drops.show(type, ids);
        this.carry(this.drag, e);
        break;
      }
      case "move":
        this.carry(drag, e);
        break;
      case "palette": {
        if (!drag.ghost) {
          if (Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < slack(e)) return;
          drag.ghost = this.ghost(drag.label);
          this.drops.show(drag.palette.startsWith("flow:") ? drag.palette.slice(5) : "Task", []);
        }
        e.preventDefault();
        this.follow(drag.ghost, e);
        break;
      }
      case "edge":
        if (Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < slack(e)) return;
        if (drag.end) this.startRewire(drag.id, drag.end, e);
        else this.startPan({ clientX: drag.x, clientY: drag.y }, true);
        break;
      case "wire":
        drag.wire.move(e.clientX, e.clientY);
        break;
    }
  };

  private ghost(label: string): HTMLElement {
    const made = html("div", "sc-ghost", label);
    document.body.append(made);
    document.body.classList.add("sc-grabbing");
    this.view.host.classList.add("sc-dragging");
    return made;
  }

  private follow(ghost: HTMLElement, e: PointerEvent): void {
    ghost.style.transform = `translate(${e.clientX + 10}px, ${e.clientY + 10}px)`;
    const [x, y] = this.view.toWorld(e.clientX, e.clientY);
    this.drops.move(x, y);
  }

  /** States on the move: near a transition they would go into it, elsewhere they would stand where they are let go. */
  private carry(drag: Drag & { kind: "move" }, e: PointerEvent): void {
    this.follow(drag.ghost, e);
    const reached = this.drops.reached();
    drag.ghost.classList.toggle("sc-quiet", !reached);
    if (reached) drag.placing.hide();
    else this.say(drag.placing.move(...this.view.toWorld(e.clientX, e.clientY)));
  }

  private readonly up = (e: PointerEvent): void => {
    this.lift(e);
    const drag = this.drag;
    this.drag = null;
    if (!drag) return;
    switch (drag.kind) {
      case "pan":
        if (!drag.moved && !this.space && e.button === 0) this.selection.set([]);
        break;
      case "select":
        this.lasso(drag, e);
        break;
      case "press": {
        const chosen = this.selection.ids();
        if (!drag.extend) this.selection.set([drag.id]);
        else this.selection.set(chosen.includes(drag.id) ? chosen.filter((id) => id !== drag.id) : [...chosen, drag.id]);
        break;
      }
      case "move": {
        drag.ghost.remove();
        const target = this.drops.chosen();
        const places = drag.placing.end(...this.view.toWorld(e.clientX, e.clientY));
        if (target) this.options.emit({ kind: "move", ids: drag.ids, target });
        else if (places) this.options.emit({ kind: "place", places });
        break;
      }
      case "palette": {
        drag.ghost?.remove();
        const target = drag.ghost ? this.drops.chosen() : null;
        if (target) this.options.emit({ kind: "drop", palette: drag.palette, target });
        else if (drag.ghost) this.swallowClick();
        if (target) this.swallowClick();
        break;
      }
      case "edge": {
        const box = this.view.host.getBoundingClientRect();
        const slot = this.scene.edges.get(drag.id)?.slot;
        if (drag.plus && slot) this.options.emit({ kind: "add", edge: slot, x: drag.x - box.left, y: drag.y - box.top + 14 });
        else this.selection.setEdge(drag.id);
        break;
      }
      case "wire": {
        const intent = drag.wire.drop(e.clientX, e.clientY);
        if (intent) this.options.emit(intent);
        break;
      }
    }
    this.finish();
    this.say("");
  };

  /** A drag out of the palette is not also a click on its entry. */
  private swallowClick(): void {
    const stop = (e: Event): void => {
      e.stopPropagation();
      e.preventDefault();
    };
    document.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", stop, { capture: true }), 50);
  }

  private lasso(drag: { x: number; y: number; box: HTMLElement }, e: PointerEvent): void {
    drag.box.remove();
    const [ax, ay] = this.view.toWorld(Math.min(drag.x, e.clientX), Math.min(drag.y, e.clientY));
    const [bx, by] = this.view.toWorld(Math.max(drag.x, e.clientX), Math.max(drag.y, e.clientY));
    const hit = this.scene.states().filter((n) => n.x >= ax && n.y >= ay && n.x + n.w <= bx && n.y + n.h <= by);
    this.selection.set([...new Set([...this.selection.ids(), ...hit.map((n) => n.id)])]);
  }

  private spread(): { distance: number; x: number; y: number } {
    const [[ax, ay], [bx, by]] = [...this.pointers.values()] as [[number, number], [number, number]];
    return { distance: Math.hypot(ax - bx, ay - by) || 1, x: (ax + bx) / 2, y: (ay + by) / 2 };
  }

  private wheel(e: WheelEvent): void {
    e.preventDefault();
    const unit = e.deltaMode === 1 ? 16 : 1;
    if (e.ctrlKey || e.metaKey) {
      const box = this.view.host.getBoundingClientRect();
      this.view.zoomAt(Math.exp((-e.deltaY * unit) / 300), e.clientX - box.left, e.clientY - box.top);
      return;
    }
    const sideways = e.shiftKey && !e.deltaX;
    this.view.x -= (sideways ? e.deltaY : e.deltaX) * unit;
    this.view.y -= (sideways ? 0 : e.deltaY) * unit;
    this.view.schedule();
  }

  private double(e: MouseEvent): void {
    const [x, y] = this.view.toWorld(e.clientX, e.clientY);
    const node = this.scene.at(x, y);
    if (node?.kind === "state") this.options.emit({ kind: "open", id: node.id });
  }
}

function slack(e: PointerEvent): number {
  return e.pointerType === "touch" ? THRESHOLD_OF_A_FINGER : THRESHOLD;
}
