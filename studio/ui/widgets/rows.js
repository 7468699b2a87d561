// A long list of rows of which only those in view are in the page. Cells are text, never markup.
const FEW = 300; // rows up to which all are in the page, so that the browser's own search finds them
const HEAD = 28; // height of the line of column names, px
const GAP = 12; // between columns, px
const BEYOND = 8; // rows above and below those in view that are in the page too

export default {
  // told: {from, text}: the rows from that place on as `{"names", "rows": [[…]]}`; from 0: all of them anew. An update without it changes no row.
  props: { told: Object, columns: Array, height: { type: Number, default: 28 }, chosen: [String, Number], picked: Array, label: String, follow: Boolean, more: Boolean, marks: Object },
  emits: ["choose", "pick", "more", "again"],
  data: () => ({ top: 0, room: 400, rows: Vue.markRaw([]) }),
  created() {
    if (this.told) this.hear();
    else this.$emit("again"); // drawn anew in the page: what was told before is gone
  },
  mounted() {
    this.observer = new ResizeObserver(() => (this.room = this.$refs.scroller.clientHeight || 400));
    this.observer.observe(this.$refs.scroller);
  },
  unmounted() {
    this.observer.disconnect();
  },
  watch: {
    told() {
      if (this.told) this.hear();
    },
    "rows.length"() {
      if (this.chosen !== undefined && this.chosen !== null) Vue.nextTick(() => this.reveal(this.chosen));
      else if (this.follow) Vue.nextTick(() => this.$refs.scroller && (this.$refs.scroller.scrollTop = 1e9));
    },
    chosen(id) {
      this.reveal(id);
    },
    rows() {
      this.asked = false;
    },
  },
  methods: {
    hear() {
      if (this.told.from && this.told.from !== this.rows.length) return void this.$emit("again");
      const { names, rows } = JSON.parse(this.told.text);
      const made = rows.map((values) => Object.fromEntries(names.map((name, i) => [name, values[i]])));
      this.rows = Vue.markRaw(this.told.from ? this.rows.concat(made) : made);
    },
    scrolled(event) {
      this.top = event.target.scrollTop;
      const left = (this.rows ?? []).length * this.height - this.top - this.room;
      if (this.more && !this.asked && left < 20 * this.height) {
        this.asked = true;
        this.$emit("more");
      }
    },
    reveal(id) {
      const at = (this.rows ?? []).findIndex((row) => row.id === id);
      const box = this.$refs.scroller;
      if (at < 0 || !box) return;
      const y = at * this.height;
      if (y < box.scrollTop) box.scrollTop = y;
      else if (y + this.height * 2 > box.scrollTop + box.clientHeight - HEAD) box.scrollTop = y + this.height * 2 + HEAD - box.clientHeight;
    },
    place(event) {
      const row = event.target.closest("[data-at]");
      return row ? Number(row.dataset.at) : -1;
    },
    clicked(event) {
      const at = this.place(event);
      if (at >= 0) this.$emit("choose", this.rows[at].id);
    },
    /** What a cell cuts off is told when the pointer comes to it: titles for all cells would be made while scrolling. */
    entitle(event) {
      const cell = event.target.closest(".cell");
      if (cell && !cell.children.length && cell.title !== cell.textContent) cell.title = cell.textContent;
    },
    key(event) {
      const at = this.place(event);
      if (at < 0) return;
      if (event.key === "Enter") return void this.$emit("choose", this.rows[at].id);
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = Math.max(0, Math.min(this.rows.length - 1, at + step));
      this.reveal(this.rows[next].id);
      this.$emit("choose", this.rows[next].id);
      Vue.nextTick(() => this.$el.querySelector(`[data-at="${next}"]`)?.focus());
    },
  },
  render() {
    const h = Vue.h;
    const rows = this.rows ?? [];
    const template = this.columns.map((column) => column.width).join(" ");
    const least = this.columns.reduce((sum, column) => sum + Number(/\d+/.exec(column.width)[0]) + GAP, GAP) + "px"; // narrower than that it scrolls
    const few = rows.length <= FEW;
    const first = few ? 0 : Math.max(0, Math.floor(this.top / this.height) - BEYOND);
    const last = few ? rows.length : Math.min(rows.length, Math.ceil((this.top + this.room) / this.height) + BEYOND);
    const cells = (row) =>
      this.columns.map((column) => {
        const value = row[column.name];
        if (column.kind === "status")
          return h("span", { role: "cell", class: "cell cell-status" }, value ? [h("span", { class: "status", "data-tone": value.tone }, [h("i", { class: "icon", "data-icon": value.icon, "aria-hidden": "true" }), h("span", value.word)])] : []);
        if (column.kind === "pick")
          return h("span", { role: "cell", class: "cell", onClick: (event) => event.stopPropagation() }, [
            h("input", { type: "checkbox", "aria-label": `${column.label} ${value}`, "data-pick": row.id, checked: (this.picked ?? []).includes(row.id), onChange: () => this.$emit("pick", row.id), onKeydown: (event) => event.stopPropagation() }),
          ]);
        if (column.kind === "spans")
          return h("span", { role: "cell", class: "cell spans" }, (value ?? []).map(([start, end, tone], i) => h("i", { key: i, "data-tone": tone, style: { left: 100 * start + "%", width: Math.max(0.5, 100 * (end - start)) + "%" } })));
        return h("span", { role: "cell", class: column.class ? `cell ${column.class}` : "cell" }, String(value ?? ""));
      });
    const marks = Object.entries(this.marks ?? {});
    const marked = (row) => Object.fromEntries(marks.map(([name, column]) => [name, row[column]]));
    const body = rows.slice(first, last).map((row, i) =>
      h(
        "div",
        { key: row.id, role: "row", class: row.class ? `vrow ${row.class}` : "vrow", tabindex: 0, "data-at": first + i, ...marked(row), ...row.attributes, "aria-selected": String(row.id === this.chosen),
          style: { gridTemplateColumns: template, height: this.height + "px", minWidth: least } },
        cells(row),
      ),
    );
    return h("div", { class: "vtable", role: "table", "aria-label": this.label, "aria-rowcount": rows.length }, [
      h("div", { class: "vbody", ref: "scroller", onScroll: this.scrolled, onClick: this.clicked, onKeydown: this.key, onMouseover: this.entitle }, [
        h("div", { role: "row", class: "vrow vhead", style: { gridTemplateColumns: template, minWidth: least } }, this.columns.map((column) => h("span", { role: "columnheader", class: "cell" }, column.label))),
        h("div", { style: { height: first * this.height + "px" } }),
        ...body,
        h("div", { style: { height: (rows.length - last) * this.height + "px" } }),
      ]),
    ]);
  },
};
