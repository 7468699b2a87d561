/** The context menu: commands of the page's registry for what is selected. */
import { html } from "./draw";
import type { Selection } from "./gestures";
import type { Scene } from "./scene";
import type { Options } from "./types";
import type { View } from "./view";

const STATE: [string, string, string][] = [
  ["rename", "Rename", "F2"],
  ["rewire", "Lead a way out elsewhere…", "R"],
  ["duplicate", "Duplicate", "Ctrl+D"],
  ["copy", "Copy", "Ctrl+C"],
  ["paste-before", "Paste before", ""],
  ["paste-after", "Paste after", "Ctrl+V"],
  ["paste-replace", "Paste in its place", ""],
  ["release", "Release from its place", ""],
  ["delete", "Delete", "Del"],
];
const EDGE: [string, string, string][] = [
  ["rewire", "Lead it elsewhere…", "R"],
  ["add-state", "Add a state here", "A"],
  ["paste", "Paste here", "Ctrl+V"],
];
/** What needs one state, not several. */
const SINGLE = /^(rename|rewire|paste-)/;
const CANVAS: [string, string, string][] = [
  ["paste", "Paste", "Ctrl+V"],
  ["select-all", "Select all", "Ctrl+A"],
  ["fit", "Fit", "1"],
  ["tidy", "Tidy", ""],
];

export class Menu {
  private shown: HTMLElement | null = null;

  constructor(
    private readonly view: View,
    private readonly options: Options,
    private readonly selection: Selection,
    private readonly scene: Scene,
  ) {
    view.host.addEventListener("contextmenu", (e) => {
      e.preventDefault();
      const [x, y] = view.toWorld(e.clientX, e.clientY);
      const edge = options.readonly ? undefined : scene.edges.get((e.target as Element).closest<SVGElement>("[data-slot]")?.dataset.slot ?? "");
      const node = scene.at(x, y);
      if (edge) selection.setEdge(edge.id);
      else if (node?.kind === "state" && !selection.ids().includes(node.id)) selection.set([node.id]);
      else if (node?.kind !== "state") selection.set([]);
      this.open(e.clientX, e.clientY);
    });
  }

  open(x: number, y: number): void {
    this.close();
    const ids = this.selection.ids();
    const placed = ids.some((id) => this.scene.nodes.get(id)?.moved);
    const entries = (ids.length ? STATE : this.selection.edge() ? EDGE : CANVAS).filter(
      ([id]) => (!this.options.readonly || id === "fit" || id === "copy") && (id !== "release" || placed) && (ids.length < 2 || !SINGLE.test(id)),
    );
    const menu = html("div", "sc-menu");
    menu.setAttribute("role", "menu");
    for (const [id, label, keys] of entries) {
      const entry = html("button", "sc-entry");
      entry.setAttribute("role", "menuitem");
      entry.dataset.command = id;
      entry.append(html("span", "", label));
      if (keys) entry.append(html("kbd", "", keys));
      entry.addEventListener("click", () => {
        this.close();
        this.options.emit({ kind: "command", command: id, ids });
      });
      menu.append(entry);
    }
    menu.addEventListener("keydown", (e) => {
      const all = [...menu.querySelectorAll("button")];
      const at = all.indexOf(document.activeElement as HTMLButtonElement);
      if (e.key === "ArrowDown") all[(at + 1) % all.length]?.focus();
      else if (e.key === "ArrowUp") all[(at - 1 + all.length) % all.length]?.focus();
      else if (e.key === "Escape") {
        this.close();
        this.view.host.focus();
      } else return;
      e.preventDefault();
      e.stopPropagation();
    });
    document.body.append(menu);
    menu.style.left = `${Math.min(x, window.innerWidth - menu.offsetWidth - 8)}px`;
    menu.style.top = `${Math.min(y, window.innerHeight - menu.offsetHeight - 8)}px`;
    this.shown = menu;
    menu.querySelector("button")?.focus();
    setTimeout(() => document.addEventListener("pointerdown", this.outside, true));
  }

  private readonly outside = (e: Event): void => {
    if (!this.shown?.contains(e.target as Node)) this.close();
  };

  private close(): void {
    document.removeEventListener("pointerdown", this.outside, true);
    this.shown?.remove();
    this.shown = null;
  }
}
