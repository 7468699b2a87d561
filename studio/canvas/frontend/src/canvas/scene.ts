/** The scene as last sent, and questions about it. Hit-testing asks these boxes, never the DOM. */
import type { Changes, Patch, SceneEdge, SceneNode } from "./types";

/** Ids that a patch changed: nodes and edges to draw anew, and those that only moved. */
export type Touched = { nodes: Set<string>; moved: Set<string>; edges: Set<string>; movedEdges: Set<string> };

/** Left, top, right, bottom. */
type Bounds = [number, number, number, number];

export class Scene {
  readonly nodes = new Map<string, SceneNode>();
  readonly edges = new Map<string, SceneEdge>();
  private readonly reach = new WeakMap<[number, number][], Bounds>();
  width = 0;
  height = 0;

  /** Takes a patch in; answers the ids that changed, for the renderer. */
  apply(patch: Patch): Touched {
    const touched: Touched = { nodes: new Set(), moved: new Set(), edges: new Set(), movedEdges: new Set() };
    if (patch.full) {
      for (const id of this.nodes.keys()) touched.nodes.add(id);
      for (const id of this.edges.keys()) touched.edges.add(id);
      this.nodes.clear();
      this.edges.clear();
    }
    if (patch.shifted.length) this.shift(new Map(patch.shifted.map(([scope, dx, dy]) => [scope, [dx, dy]])), touched);
    for (const [id, dx, dy] of patch.nodes.moved) {
      const node = this.nodes.get(id);
      if (node) moveNode(node, dx, dy);
      touched.moved.add(id);
    }
    for (const [id, dx, dy] of patch.edges.moved) {
      const edge = this.edges.get(id);
      if (edge) moveEdge(edge, dx, dy);
      touched.movedEdges.add(id);
    }
    take(this.nodes, patch.nodes, touched.nodes);
    take(this.edges, patch.edges, touched.edges);
    this.width = patch.width;
    this.height = patch.height;
    return touched;
  }

  /** Moves all that is in some scopes. */
  private shift(by: Map<string, [number, number]>, touched: Touched): void {
    for (const node of this.nodes.values()) {
      const shift = by.get(node.scope);
      if (!shift) continue;
      moveNode(node, ...shift);
      touched.moved.add(node.id);
    }
    for (const edge of this.edges.values()) {
      const shift = by.get(edge.scope);
      if (!shift) continue;
      moveEdge(edge, ...shift);
      touched.movedEdges.add(edge.id);
    }
  }

  /** The part of the world that a transition and its label take. */
  bounds(edge: SceneEdge): Bounds {
    let found = this.reach.get(edge.points);
    if (!found) this.reach.set(edge.points, (found = bounds(edge.points, edge.labelBox)));
    return found;
  }

  states(): SceneNode[] {
    return [...this.nodes.values()].filter((n) => n.kind === "state");
  }

  /** The innermost node at a point of the world. */
  at(x: number, y: number): SceneNode | null {
    let found: SceneNode | null = null;
    for (const n of this.nodes.values()) {
      if (x >= n.x && x <= n.x + n.w && y >= n.y && y <= n.y + n.h && (!found || n.w * n.h < found.w * found.h)) found = n;
    }
    return found;
  }

  inside(id: string, ancestor: string): boolean {
    return id === ancestor || id.startsWith(ancestor + "/");
  }

  following(id: string): SceneNode[] {
    return this.neighbours(id, (e) => (e.fromId === id ? e.toId : null));
  }

  preceding(id: string): SceneNode[] {
    return this.neighbours(id, (e) => (e.toId === id ? e.fromId : null));
  }

  private neighbours(_id: string, other: (e: SceneEdge) => string | null): SceneNode[] {
    const found: SceneNode[] = [];
    for (const e of this.edges.values()) {
      const key = other(e);
      const node = key === null ? undefined : this.nodes.get(key);
      if (node && node.kind === "state" && !found.includes(node)) found.push(node);
    }
    return found;
  }
}

function bounds(points: [number, number][], label: [number, number, number, number] | null): Bounds {
  let [l, t, r, b] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    l = Math.min(l, x);
    t = Math.min(t, y);
    r = Math.max(r, x);
    b = Math.max(b, y);
  }
  if (label) {
    l = Math.min(l, label[0]);
    t = Math.min(t, label[1]);
    r = Math.max(r, label[0] + label[2]);
    b = Math.max(b, label[1] + label[3]);
  }
  return [l, t, r, b];
}

function moveNode(node: SceneNode, dx: number, dy: number): void {
  node.x += dx;
  node.y += dy;
  for (const lane of node.branches) {
    lane.x += dx;
    lane.y += dy;
  }
}

function moveEdge(edge: SceneEdge, dx: number, dy: number): void {
  edge.points = edge.points.map(([x, y]) => [x + dx, y + dy]);
  if (edge.labelBox) edge.labelBox = [edge.labelBox[0] + dx, edge.labelBox[1] + dy, edge.labelBox[2], edge.labelBox[3]];
}

function take<T extends { id: string }>(into: Map<string, T>, changes: Changes<T>, touched: Set<string>): void {
  for (const id of changes.removed) {
    into.delete(id);
    touched.add(id);
  }
  for (const item of [...changes.added, ...changes.updated]) {
    into.set(item.id, item);
    touched.add(item.id);
  }
}
