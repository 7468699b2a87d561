/** The whole workflow in a corner, from thirty states on. */
import { html } from "./draw";
import type { Scene } from "./scene";
import type { View } from "./view";

const WIDTH = 180;
const HEIGHT = 120;
const FROM = 30;
/** Pixels that the map of a long, narrow workflow has at least across; along it may take this part of the canvas. */
const SLIM = 28;
const LONG = 0.45;

export class Minimap {
  private readonly root = html("div", "sc-minimap");
  private readonly canvas = document.createElement("canvas");
  private readonly frame = html("div", "sc-minimap-view");
  /** Map pixels per world pixel, across and down. */
  private scale: [number, number] = [1, 1];
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
      const x = (e.clientX - box.left) / this.scale[0];
      const y = (e.clientY - box.top) / this.scale[1];
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
      this.scale = this.fitting();
      const [w, h] = this.size();
      this.root.style.width = `${w}px`;
      this.root.style.height = `${h}px`;
      this.paintSoon();
    }
    const seen = this.view.visible();
    Object.assign(this.frame.style, {
      left: `${seen.x * this.scale[0]}px`,
      top: `${seen.y * this.scale[1]}px`,
      width: `${seen.w * this.scale[0]}px`,
      height: `${Math.max(4, seen.h * this.scale[1])}px`,
    });
  }

  private fitting(): [number, number] {
    const { width, height } = this.scene;
    const scale = Math.min(WIDTH / width, HEIGHT / height);
    const seen = this.view.size();
    if (width * scale < SLIM) return [SLIM / width, Math.max(HEIGHT, seen.h * LONG) / height];
    if (height * scale < SLIM) return [Math.max(WIDTH, seen.w * LONG) / width, SLIM / height];
    return [scale, scale];
  }

  private size(): [number, number] {
    return [this.scene.width * this.scale[0], this.scene.height * this.scale[1]];
  }

  /** After the frame that shows what changed: to paint all of a large workflow takes longer than the part in view. */
  private paintSoon(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        this.waiting = false;
        this.view.paint(this.canvas, 0, 0, this.scale, ...this.size());
      }),
    );
  }
}
