// The NiceGUI component around the canvas bundle: props in, one `intent` event out.
import { Canvas } from "asl-studio-canvas";

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
    this.$emit("ready");
  },
  beforeUnmount() {
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
    },
    fit() {
      this.canvas.fit();
    },
    reveal(id) {
      this.canvas.focus(id);
    },
    zoomBy(factor) {
      this.canvas.zoomBy(factor);
    },
    zoomTo(zoom) {
      this.canvas.zoomTo(zoom);
    },
    askToAdd() {
      this.canvas.askToAdd();
    },
    grab() {
      this.canvas.grab();
    },
  },
};
