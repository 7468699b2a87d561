// The NiceGUI component around the canvas bundle: props in, one `intent` event out.
import { Canvas } from "asl-studio-canvas";

const LEGIBLE = 0.45; // the zoom below which names are small print
const LITTLE = 64; // pixels by which the room may become another and the picture stays: a bar above it, say

export default {
  template: "<div></div>",
  props: { icons: Object, label: String, readonly: Boolean },
  mounted() {
    this.canvas = new Canvas(this.$el, {
      icons: this.icons,
      label: this.label,
      readonly: this.readonly,
      emit: (intent) => this.$emit("intent", intent),
    });
    if (this.readonly) this.$el.classList.add("sc-readonly");
    for (const kind of ["wheel", "pointermove", "keydown"]) this.$el.addEventListener(kind, (event) => this.heard(event), { capture: true, passive: true });
    this.$emit("ready");
  },
  beforeUnmount() {
    this.observer?.disconnect();
    this.room?.disconnect();
    this.canvas?.dispose();
  },
  methods: {
    apply(patch) {
      this.canvas.apply(patch);
    },
    select(ids, edge) {
      this.canvas.select(ids, edge);
    },
    changeStatuses(changes) {
      this.canvas.changeStatuses(changes);
    },
    begin(id) {
      this.canvas.begin(id);
      this.$el.dataset.begun = ""; // from here on the view is the person's
    },
    /** Everything (so wide and high) where that is legible in the room there is, else one node at a legible size; anew when the room is another. */
    frame(width, height, id) {
      this.byHand = false;
      this.framed = [width, height, id];
      this.size = [this.$el.clientWidth, this.$el.clientHeight];
      if (!this.room) {
        this.room = new ResizeObserver(() => {
          const [width, height] = this.size;
          const little = Math.abs(this.$el.clientWidth - width) < LITTLE && Math.abs(this.$el.clientHeight - height) < LITTLE;
          if (!this.byHand && !little && this.$el.clientWidth) this.frame(...this.framed);
        });
        this.room.observe(this.$el);
      }
      const zoom = Math.min((this.$el.clientWidth - 96) / width, (this.$el.clientHeight - 96) / height);
      this.canvas.begin(null);
      if (id && zoom < LEGIBLE) this.canvas.begin(id);
    },
    /** Brings a node into view, unless somebody has moved the picture by hand since `frame`. */
    follow(id) {
      if (this.byHand || !this.framed) return;
      this.framed[2] = id;
      this.canvas.focus(id);
    },
    heard(event) {
      if (event.type === "pointermove" ? event.buttons : event.type === "keydown" ? "+-=01".includes(event.key) : true) this.byHand = true;
    },
    fit() {
      this.byHand = true;
      this.canvas.fit();
    },
    reveal(id) {
      if (this.framed) this.framed[2] = id; // what is looked at stays in the picture when the room is another
      this.canvas.focus(id);
    },
    zoomBy(factor) {
      this.byHand = true;
      this.canvas.zoomBy(factor);
    },
    zoomTo(zoom) {
      this.byHand = true;
      this.canvas.zoomTo(zoom);
    },
    askToAdd() {
      this.canvas.askToAdd();
    },
    /** Whose path a transition is on and what is otherwise in a state: {edges: {"from->to": side}, states: {name: [side, words]}}. */
    sides(sides) {
      this.shownSides = sides;
      this.observer ??= new MutationObserver(() => this.markSides());
      this.observer.observe(this.$el.querySelector(".sc-world"), { childList: true, subtree: true });
      this.markSides();
    },
    /** The canvas draws what comes into view; that is marked too. */
    markSides() {
      for (const edge of this.$el.querySelectorAll("[data-edge]")) {
        const side = this.shownSides.edges[edge.dataset.edge] ?? "none";
        if (edge.dataset.side === side) continue;
        edge.dataset.side = side;
        edge.querySelector(".sc-whose")?.remove();
        const line = edge.querySelector(".sc-line");
        if (line && (side === "a" || side === "b")) {
          const middle = line.getPointAtLength(line.getTotalLength() / 2);
          const mark = document.createElementNS("http://www.w3.org/2000/svg", "text");
          mark.setAttribute("class", "sc-whose");
          mark.setAttribute("x", middle.x);
          mark.setAttribute("y", middle.y);
          mark.textContent = side === "a" ? "◀" : "▶";
          edge.append(mark);
        }
      }
      for (const node of this.$el.querySelectorAll("[data-state]")) {
        const [side, words] = this.shownSides.states[node.dataset.state] ?? ["", ""];
        const known = node.querySelector(":scope > .sc-compared");
        if (known?.textContent === words && node.dataset.side === side) continue;
        known?.remove();
        node.dataset.side = side;
        if (!words) continue;
        const told = document.createElement("span");
        told.className = "sc-compared";
        told.title = told.textContent = words;
        node.append(told);
        node.setAttribute("aria-description", words);
      }
    },
    grab() {
      this.canvas.grab();
    },
  },
};
