/** The whole workflow in a corner, from thirty states on. */
import { html } from "./draw";
import type { Scene } from "./scene";
import type { View } from "./view";

const WIDTH = 180;
const HEIGHT = 120;
const FROM = 30;

export class Minimap {
  private readonly root = html("div", "sc-minimap");
  private readonly canvas = document.createElement("canvas");
  private readonly frame = html("div", "sc-minimap-view");
  private scale = 1;
  private stale = true;
  private waiting = false;

  constructor(
    private readonly scene: Scene,
    private readonly view: View,
  ) {
    this.root.setAttribute("aria-hidden", "true");
    this.root.append(this.canvas, this.frame);
    view.host.append(this.root);
    const to = (e: PointerEvent): void => {
      const box = this.root.getBoundingClientRect();
      const x = (e.clientX - box.left) / this.scale;
      const y = (e.clientY - box.top) / this.scale;
      view.moveTo(view.host.clientWidth / 2 - x * view.zoom, view.host.clientHeight / 2 - y * view.zoom, view.zoom);
    };
    this.root.addEventListener("pointerdown", (e) => {
      e.stopPropagation();
      this.root.setPointerCapture(e.pointerId);
      to(e);
    });
    this.root.addEventListener("pointermove", (e) => {
      if (this.root.hasPointerCapture(e.pointerId)) to(e);
    });
  }

  changed(): void {
    this.stale = true;
  }

  draw(): void {
    const shown = this.scene.nodes.size >= FROM;
    this.root.style.display = shown ? "" : "none";
    if (!shown) return;
    if (this.stale) {
      this.stale = false;
      this.scale = Math.min(WIDTH / this.scene.width, HEIGHT / this.scene.height);
      this.root.style.width = `${this.scene.width * this.scale}px`;
      this.root.style.height = `${this.scene.height * this.scale}px`;
      this.paintSoon();
    }
    const seen = this.view.visible();
    Object.assign(this.frame.style, {
      left: `${seen.x * this.scale}px`,
      top: `${seen.y * this.scale}px`,
      width: `${seen.w * this.scale}px`,
      height: `${seen.h * this.scale}px`,
    });
  }

  /** After the frame that shows what changed: to paint all of a large workflow takes longer than the part in view. */
  private paintSoon(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        this.waiting = false;
        this.view.paint(this.canvas, 0, 0, this.scale, this.scene.width * this.scale, this.scene.height * this.scale);
      }),
    );
  }
}
