/** The canvas by keyboard: one tab stop, arrows along the edges, single letters for commands. */
import type { Selection } from "./gestures";
import { moved } from "./placing";
import type { Scene } from "./scene";
import type { Options, SceneNode } from "./types";
import type { View } from "./view";

/** Keys that are commands of the page's registry; only while the canvas has the focus. */
const COMMANDS: Record<string, string> = {
  Delete: "delete",
  Backspace: "delete",
  F2: "rename",
  t: "test-state",
  b: "breakpoint",
  m: "mock",
  r: "rewire",
  d: "disable",
  "/": "find",
};
/** Alt with an arrow puts the selected states one step of the grid aside. */
const STEPS: Record<string, [number, number]> = { ArrowUp: [0, -8], ArrowDown: [0, 8], ArrowLeft: [-8, 0], ArrowRight: [8, 0] };
const CONTROLLED: Record<string, string> = { d: "duplicate", z: "undo", y: "redo", a: "select-all", c: "copy", x: "cut" };

export function keyboard(
  scene: Scene,
  view: View,
  options: Options,
  selection: Selection,
  menu: (x: number, y: number) => void,
  add: () => void,
): void {
  const current = (): SceneNode | undefined => scene.nodes.get(selection.ids()[0] ?? "");
  const go = (node: SceneNode | undefined): void => {
    if (node) {
      selection.set([node.id]);
      view.reveal(node.id);
    }
  };
  const first = (scope?: string): SceneNode | undefined => {
    const start = scene.nodes.get(`${scope ?? "/States"}#start`);
    return (start && scene.following(start.id)[0]) ?? scene.states().find((n) => scope === undefined || n.scope === scope);
  };
  const sideways = (node: SceneNode, sign: number): SceneNode | undefined =>
    scene
      .states()
      .filter((n) => n.id !== node.id && n.parent === node.parent && Math.sign(n.x - node.x) === sign && Math.abs(n.y - node.y) < 80 + Math.max(n.h, node.h))
      .sort((a, b) => Math.abs(a.x - node.x) + Math.abs(a.y - node.y) - Math.abs(b.x - node.x) - Math.abs(b.y - node.y))[0];

  view.host.addEventListener("keydown", (e) => {
    if ((e.target as Element).closest("input, textarea")) return;
    const node = current();
    const command = (name: string): void => {
      e.preventDefault();
      options.emit({ kind: "command", command: name, ids: selection.ids() });
    };
    const take = (act: () => void): void => {
      e.preventDefault();
      act();
    };
    if (e.ctrlKey || e.metaKey) {
      const key = e.key.toLowerCase();
      if (key === "z" && e.shiftKey) return e.stopPropagation(), command("redo");
      if (e.key === "Delete") return command("delete-gap");
      const found = CONTROLLED[key];
      if (found && !(e.shiftKey || e.altKey)) {
        e.stopPropagation();
        command(found);
      }
      return;
    }
    const step = STEPS[e.key];
    if (e.altKey && step && !options.readonly) {
      const nodes = selection.ids().flatMap((id) => scene.nodes.get(id) ?? []);
      return take(() => options.emit({ kind: "place", places: moved(scene, nodes, ...step) }));
    }
    if (e.altKey) return;
    const edge = scene.edges.get(selection.edge());
    if (edge && !node) {
      const ways = [...scene.edges.values()].filter((one) => one.fromId === edge.fromId);
      const aside = (by: number): void => selection.setEdge(ways[(ways.indexOf(edge) + by + ways.length) % ways.length]!.id);
      switch (e.key) {
        case "ArrowDown":
          return take(() => go(scene.nodes.get(edge.toId)));
        case "ArrowUp":
          return take(() => go(scene.nodes.get(edge.fromId)));
        case "ArrowLeft":
          return take(() => aside(-1));
        case "ArrowRight":
          return take(() => aside(1));
        case "Enter":
          return command("rewire");
      }
    }
    switch (e.key) {
      case "ArrowDown":
        return take(() => go(node ? scene.following(node.id)[0] : first()));
      case "ArrowUp":
        return take(() => go(node ? scene.preceding(node.id)[0] : first()));
      case "ArrowLeft":
        return take(() => go(node ? sideways(node, -1) : first()));
      case "ArrowRight":
        return take(() => go(node ? sideways(node, 1) : first()));
      case "Home":
        return take(() => go(first()));
      case "Enter":
        if (!node) return take(() => go(first()));
        if (node.container && !node.collapsed && !e.shiftKey) {
          const inner = scene.states().find((n) => n.parent === node.id);
          if (inner) return take(() => go(inner));
        }
        return take(() => options.emit({ kind: "open", id: node.id }));
      case "Escape":
        return take(() => {
          const parent = node?.parent ? scene.nodes.get(node.parent) : undefined;
          if (parent) go(parent);
          else selection.set([]); // a selected transition as well
          options.emit({ kind: "cancel" });
        });
      case "+":
      case "=":
        return take(() => view.zoomAt(1.25, view.host.clientWidth / 2, view.host.clientHeight / 2, true));
      case "-":
        return take(() => view.zoomAt(0.8, view.host.clientWidth / 2, view.host.clientHeight / 2, true));
      case "0":
        return take(() => view.zoomAt(1 / view.zoom, view.host.clientWidth / 2, view.host.clientHeight / 2, true));
      case "1":
        return take(() => view.fit(true));
      case "2":
        return take(() => view.fit(true, selection.ids()));
      case "ContextMenu":
        return take(() => {
          const box = view.host.getBoundingClientRect();
          menu(node ? box.left + (node.x + node.w / 2) * view.zoom + view.x : box.left + 40, node ? box.top + (node.y + 30) * view.zoom + view.y : box.top + 40);
        });
    }
    if (e.key.toLowerCase() === "a" && !e.shiftKey && !options.readonly) return e.stopPropagation(), take(add);
    const found = COMMANDS[e.key.length === 1 ? e.key.toLowerCase() : e.key];
    if (found && !e.shiftKey && !(options.readonly && ["delete", "rename"].includes(found))) {
      e.stopPropagation();
      command(found);
    }
  });
}
