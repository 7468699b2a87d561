// A long list of rows of which only those in view are in the page. Cells are text, never markup.
const FEW = 300; // rows up to which all are in the page, so that the browser's own search finds them
const HEAD = 28; // height of the line of column names, px
const GAP = 12; // between columns, px
const BEYOND = 8; // rows above and below those in view that are in the page too
const AHEAD = 60; // rows beyond those in view that are asked for before they come into view
const ASKED = 300; // rows beyond those in view that are asked for with them
const PATIENCE = 1000; // how long an answer is waited for before it is asked again, ms
const least = (columns) => columns.reduce((sum, column) => sum + Number(/\d+/.exec(column.width)[0]) + GAP, GAP); // narrower than that it scrolls, px

export default {
  // told: {edition, fresh, count, at, text}: there are `count` rows, those from `at` on are the text's `{"names", "rows": [[…]]}`; fresh: other rows than
  // before. Rows that were not told are asked for when they come into view (`need`), and come by `fill`. An update without it changes no row.
  // place: where the chosen row is among those that may not have been told.
  props: { told: Object, place: Number, columns: Array, height: { type: Number, default: 28 }, chosen: [String, Number], picked: Array, label: String, follow: Boolean, more: Boolean, marks: Object },
  emits: ["choose", "pick", "more", "again", "need"],
  data: () => ({ top: 0, room: 400, wide: Infinity, rows: Vue.markRaw([]) }),
  created() {
    if (this.told) this.hear();
    else this.$emit("again"); // drawn anew in the page: what was told before is gone
  },
  mounted() {
    const scroller = this.$refs.scroller;
    this.wide = scroller.clientWidth || Infinity;
    this.observer = new ResizeObserver(() => {
      this.room = scroller.clientHeight || 400;
      this.wide = scroller.clientWidth || this.wide; // out of sight it has none
      this.top = scroller.scrollTop; // what was out of sight is at its beginning again
    });
    this.observer.observe(scroller);
    this.look();
  },
  updated() {
    this.look();
  },
  unmounted() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  },
  watch: {
    told() {
      if (this.told) this.hear();
    },
    "rows.length"(count, before) {
      const others = this.others; // else the same ones with more behind them: who has scrolled away from the end stays where he is
      this.others = false;
      if (others && this.chosen !== undefined && this.chosen !== null) Vue.nextTick(() => this.reveal(this.chosen));
      else if (this.follow && (others || this.top + this.room > (before - 2) * this.height)) this.scroll(1e9);
    },
    chosen(id) {
      this.reveal(id);
    },
    rows() {
      this.asked = false;
    },
  },
  computed: {
    /** The columns there is room for: of those that can be spared, the one with the highest number goes first. */
    fitting() {
      let shown = this.columns;
      while (least(shown) > this.wide) {
        const spared = shown.reduce((most, column) => ((column.spare ?? 0) > (most?.spare ?? 0) ? column : most), null);
        if (!spared) break;
        shown = shown.filter((column) => column !== spared);
      }
      return shown;
    },
  },
  methods: {
    scroll(top) {
      Vue.nextTick(() => this.$refs.scroller && (this.$refs.scroller.scrollTop = top));
    },
    hear() {
      const { edition, fresh, count, at, text } = this.told;
      if (!fresh && edition !== this.edition) return void this.$emit("again");
      const rows = fresh ? [] : this.rows.slice();
      rows.length = count;
      this.edition = edition;
      this.others ||= fresh;
      this.pending = null;
      this.put(rows, at, text);
    },
    /** Rows that were asked for. */
    fill(edition, at, text) {
      if (edition !== this.edition) return;
      this.pending = null;
      this.put(this.rows.slice(), at, text);
    },
    put(rows, at, text) {
      const told = text ? JSON.parse(text) : { names: [], rows: [] };
      told.rows.forEach((values, i) => (rows[at + i] = Object.fromEntries(told.names.map((name, j) => [name, values[j]]))));
      this.rows = Vue.markRaw(rows);
    },
    /** Which rows are in the page: [from, to). */
    shown() {
      const count = this.rows.length;
      if (count <= FEW) return [0, count];
      return [Math.max(0, Math.min(count, Math.floor(this.top / this.height)) - BEYOND), Math.min(count, Math.ceil((this.top + this.room) / this.height) + BEYOND)];
    },
    /** Looks what is missing once it is scrolled to where it will be. */
    look() {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.ask());
    },
    /** Asks for rows that are in view, or soon will be, and were not told. */
    ask() {
      const rows = this.rows;
      let [from, to] = this.shown();
      const near = (first, last) => {
        for (let i = Math.max(0, first); i < Math.min(rows.length, last); i++) if (!rows[i]) return true;
        return false;
      };
      if (!near(from - AHEAD, to + AHEAD)) return;
      const asked = this.pending;
      if (asked && asked.from <= from && asked.to >= to && performance.now() < asked.when + PATIENCE) return;
      from = Math.max(0, from - ASKED);
      to = Math.min(rows.length, to + ASKED);
      while (rows[from]) from++;
      while (rows[to - 1]) to--;
      this.pending = { from, to, when: performance.now() };
      this.$emit("need", [this.edition, from, to]);
    },
    scrolled(event) {
      this.top = event.target.scrollTop;
      const left = this.rows.length * this.height - this.top - this.room;
      if (this.more && !this.asked && left < 20 * this.height) {
        this.asked = true;
        this.$emit("more");
      }
    },
    reveal(id) {
      const at = this.place ?? this.rows.findIndex((row) => row?.id === id);
      this.bring(at);
    },
    bring(at) {
      const box = this.$refs.scroller;
      if (at < 0 || !box) return;
      const y = at * this.height;
      if (y < box.scrollTop) box.scrollTop = y;
      else if (y + this.height * 2 > box.scrollTop + box.clientHeight - HEAD) box.scrollTop = y + this.height * 2 + HEAD - box.clientHeight;
      this.top = box.scrollTop; // now: the browser tells of it only before it draws, and the row must be in the page to take the focus
    },
    rowOf(event) {
      const row = event.target.closest("[data-at]");
      return row ? Number(row.dataset.at) : -1;
    },
    clicked(event) {
      const at = this.rowOf(event);
      if (this.rows[at]) this.$emit("choose", this.rows[at].id);
    },
    /** What a cell cuts off is told when the pointer comes to it: titles for all cells would be made while scrolling. */
    entitle(event) {
      const cell = event.target.closest(".cell");
      if (cell && !cell.children.length && cell.title !== cell.textContent) cell.title = cell.textContent;
    },
    key(event) {
      const at = this.rowOf(event);
      if (!this.rows[at]) return;
      if (event.key === "Enter") return void this.$emit("choose", this.rows[at].id);
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = Math.max(0, Math.min(this.rows.length - 1, at + step));
      if (!this.rows[next]) return;
      this.bring(next);
      this.$emit("choose", this.rows[next].id);
      Vue.nextTick(() => this.$el.querySelector(`[data-at="${next}"]`)?.focus());
    },
  },
  render() {
    const h = Vue.h;
    const rows = this.rows;
    const columns = this.fitting;
    const template = columns.map((column) => column.width).join(" ");
    const minWidth = least(columns) + "px";
    const [first, last] = this.shown();
    const cells = (row) =>
      columns.map((column) => {
        const value = row[column.name];
        if (column.kind === "status")
          return h("span", { role: "cell", class: "cell cell-status" }, value ? [h("span", { class: "status", "data-tone": value.tone }, [h("i", { class: "icon", "data-icon": value.icon, "aria-hidden": "true" }), h("span", value.word)])] : []);
        if (column.kind === "pick")
          return h("span", { role: "cell", class: "cell", onClick: (event) => event.stopPropagation() }, [
            h("input", { type: "checkbox", "aria-label": `${column.label} ${value}`, "data-pick": row.id, checked: (this.picked ?? []).includes(row.id), onChange: () => this.$emit("pick", row.id), onKeydown: (event) => event.stopPropagation() }),
          ]);
        if (column.kind === "spans")
          return h("span", { role: "cell", class: "cell spans" }, (value ?? []).map(([start, end, tone], i) => h("i", { key: i, "data-tone": tone, style: { left: `min(${100 * start}%, 100% - 3px)`, width: 100 * (end - start) + "%" } })));
        return h("span", { role: "cell", class: column.class ? `cell ${column.class}` : "cell" }, String(value ?? ""));
      });
    const marks = Object.entries(this.marks ?? {});
    const marked = (row) => Object.fromEntries(marks.map(([name, column]) => [name, row[column]]));
    const waiting = (at) => h("div", { key: `at ${at}`, role: "row", class: "vrow", "aria-busy": "true", style: { height: this.height + "px", minWidth } }, [h("span", { role: "cell", class: "cell dim" }, "…")]);
    const body = Array.from({ length: last - first }, (_, i) => {
      const row = rows[first + i];
      if (!row) return waiting(first + i);
      return h(
        "div",
        { key: row.id, role: "row", class: row.class ? `vrow ${row.class}` : "vrow", tabindex: 0, "data-at": first + i, ...marked(row), ...row.attributes, "aria-selected": String(row.id === this.chosen),
          style: { gridTemplateColumns: template, height: this.height + "px", minWidth } },
        cells(row),
      );
    });
    return h("div", { class: "vtable", role: "table", "aria-label": this.label, "aria-rowcount": rows.length }, [
      h("div", { class: "vbody", ref: "scroller", onScroll: this.scrolled, onClick: this.clicked, onKeydown: this.key, onMouseover: this.entitle }, [
        h("div", { role: "row", class: "vrow vhead", style: { gridTemplateColumns: template, minWidth } }, columns.map((column) => h("span", { role: "columnheader", class: "cell" }, column.label))),
        h("div", { style: { height: first * this.height + "px" } }),
        ...body,
        h("div", { style: { height: (rows.length - last) * this.height + "px" } }),
      ]),
    ]);
  },
};
