/** Putting states by hand: where a drag would leave them, as outlines on the grid, and what Python is told of it. */
import { html } from "./draw";
import type { Scene } from "./scene";
import type { SceneNode } from "./types";
import type { View } from "./view";

const GRID = 8;

/** id -> how far the middle of the state's upper edge is from that of its scope's start, as studio/asl/places.py counts. */
export type Places = Record<string, [number, number]>;

export class Placing {
  private readonly layer = html("div", "sc-landings");
  private readonly moving: SceneNode[];

  constructor(
    private readonly scene: Scene,
    private readonly view: View,
    ids: string[],
    private readonly fromX: number,
    private readonly fromY: number,
  ) {
    this.moving = ids.flatMap((id) => scene.nodes.get(id) ?? []);
  }

  /** The pointer is at a point of the world: shows where the states would stand; answers why they cannot stand there, or "". */
  move(x: number, y: number): string {
    const over = this.around(x, y);
    const homes = new Set(this.moving.map((node) => node.parent));
    const home = homes.size === 1 ? [...homes][0]! : undefined;
    if (home === undefined || over.container !== home) {
      this.hide();
      const into = over.container ? this.scene.nodes.get(over.container)?.name : "";
      return into ? `Drop it on a transition to move it into “${into}”.` : "Drop it on a transition to move it here.";
    }
    if (over.state) {
      this.hide();
      return "";
    }
    const places = this.places(x, y);
    this.layer.replaceChildren();
    for (const node of this.moving) {
      const place = places[node.id];
      const start = this.start(node);
      if (!place || !start) continue;
      const box = html("div", "sc-landing");
      box.style.width = `${node.w}px`;
      box.style.height = `${node.h}px`;
      box.style.transform = `translate(${place[0] + start.x + start.w / 2 - node.w / 2}px, ${place[1] + start.y}px)`;
      this.layer.append(box);
    }
    this.view.world.append(this.layer);
    return "";
  }

  /** What Python is told when the states are let go; null where they would not move or cannot stand. */
  end(x: number, y: number): Places | null {
    const shown = this.layer.isConnected;
    this.hide();
    if (!shown) return null;
    const places = this.places(x, y);
    const stays = this.moving.every((node) => {
      const now = at(node, this.start(node));
      const then = places[node.id];
      return !now || !then || (Math.round(now[0]) === then[0] && Math.round(now[1]) === then[1]);
    });
    return stays ? null : places;
  }

  hide(): void {
    this.layer.remove();
  }

  private start(node: SceneNode): SceneNode | undefined {
    return this.scene.nodes.get(`${node.scope}#start`);
  }

  private places(x: number, y: number): Places {
    return moved(this.scene, this.moving, x - this.fromX, y - this.fromY);
  }

  /** The innermost open container at a point, and another state there; what moves is looked through. */
  private around(x: number, y: number): { container: string | null; state: boolean } {
    let container: SceneNode | null = null;
    let state = false;
    for (const node of this.scene.nodes.values()) {
      if (node.kind !== "state" || x < node.x || x > node.x + node.w || y < node.y || y > node.y + node.h) continue;
      if (this.moving.some((mine) => this.scene.inside(node.id, mine.id))) continue;
      if (!node.container || node.collapsed) state = true;
      else if (!container || node.w * node.h < container.w * container.h) container = node;
    }
    return { container: container?.id ?? null, state };
  }
}

/** The places of states moved by so many pixels, on the grid. */
export function moved(scene: Scene, nodes: SceneNode[], dx: number, dy: number): Places {
  const places: Places = {};
  for (const node of nodes) {
    const now = at(node, scene.nodes.get(`${node.scope}#start`));
    if (now) places[node.id] = [snapped(now[0] + dx), snapped(now[1] + dy)];
  }
  return places;
}

function at(node: SceneNode, start: SceneNode | undefined): [number, number] | null {
  return start ? [node.x + node.w / 2 - start.x - start.w / 2, node.y - start.y] : null;
}

function snapped(value: number): number {
  return Math.round(value / GRID) * GRID;
}
