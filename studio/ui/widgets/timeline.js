// The timeline of a run: rows of bars on one axis of time. Only rows in view are in the page. Names and notes are text, never markup.
const ROW = 28;
const NAMES = 260; // width of the names, px
const LABEL = 56; // room that the label of a tick needs: nearer to the end it stands before its tick
const STEPS = [1, 2, 5];
const MANY = 300; // bars of a row from which on those out of sight are left out and those nearer than a pixel are one

const seconds = (value) => {
  if (value < 0.9995) return `${Math.max(0, Math.round(value * 1000))} ms`;
  if (value < 59.95) return `${value.toFixed(1)} s`;
  const minutes = Math.floor(Math.round(value) / 60);
  if (minutes < 60) return `${minutes} m ${Math.round(value) % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} m` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
};

export default {
  // text (an update without it changes no row) is the JSON text of rows: [{key, name, type, index, depth, opened, tone, icon, word, note, bars: [[kind, start, end|null, tone, attempt, event, words]], density: [[tone, count]]}]
  props: { text: String, seconds: Number, open: Boolean, chosen: String, chosenEvent: Number, playhead: Number, label: String },
  emits: ["choose", "fold", "scrub", "again"],
  data: () => ({ rows: Vue.markRaw([]), top: 0, left: 0, room: 400, width: 900, zoom: 1, grown: 0, dragging: null }),
  created() {
    if (this.text) this.rows = Vue.markRaw(JSON.parse(this.text));
    else this.$emit("again"); // drawn anew in the page: what was told before is gone
  },
  mounted() {
    this.observer = new ResizeObserver(() => {
      this.room = this.$refs.scroller.clientHeight || 400;
      this.width = this.$refs.scroller.clientWidth || 900;
    });
    this.observer.observe(this.$refs.scroller);
    this.since = performance.now();
    this.clock = setInterval(() => {
      if (this.open) this.grown = (performance.now() - this.since) / 1000;
    }, 100);
    this.reveal(this.chosen);
  },
  unmounted() {
    this.observer.disconnect();
    clearInterval(this.clock);
  },
  watch: {
    text() {
      if (!this.text) return;
      this.rows = Vue.markRaw(JSON.parse(this.text));
      this.since = performance.now();
      this.grown = 0;
    },
    chosen(key) {
      this.reveal(key);
    },
  },
  computed: {
    now() {
      return this.seconds + (this.open ? this.grown : 0);
    },
    total() {
      return Math.max(this.now, 0.001) * 1.03;
    },
    track() {
      return Math.max(120, (this.width - NAMES - 16) * this.zoom);
    },
    ticks() {
      const wanted = (this.total / this.track) * 110;
      const power = 10 ** Math.floor(Math.log10(wanted));
      let step = Math.max(0.001, (STEPS.find((s) => s * power >= wanted) ?? 10) * power); // no history tells less than a millisecond
      if (step > 20) step = [30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400].find((s) => s >= step) ?? Math.ceil(step / 86400) * 86400;
      const found = [];
      for (let at = 0; at <= this.total && found.length < 500; at += step) found.push(at);
      return found;
    },
  },
  methods: {
    reveal(key) {
      const at = (this.rows ?? []).findIndex((row) => row.key === key);
      const box = this.$refs.scroller;
      if (at < 0 || !box) return;
      const y = at * ROW;
      if (y < box.scrollTop) box.scrollTop = y;
      else if (y + ROW * 2 > box.scrollTop + box.clientHeight - 30) box.scrollTop = y + ROW * 2 + 30 - box.clientHeight;
    },
    x(value) {
      return (value / this.total) * this.track;
    },
    /** The bars of a row that are drawn. */
    seen(bars) {
      if (bars.length <= MANY) return bars;
      const scale = this.track / this.total;
      const [from, until] = [(this.left - 200) / scale, (this.left + this.width + 200) / scale];
      const made = [];
      for (const bar of bars) {
        const end = bar[2] ?? this.now;
        if (end < from || bar[1] > until) continue;
        const last = made.at(-1);
        if (last && last[0] === bar[0] && last[3] === bar[3] && bar[5] !== this.chosenEvent && last[5] !== this.chosenEvent && (end - last[1]) * scale < 4) last[2] = bar[2] === null ? null : Math.max(end, last[2]);
        else made.push([...bar]);
      }
      return made;
    },
    zoomTo(zoom) {
      const box = this.$refs.scroller;
      const middle = (box.scrollLeft + (this.width - NAMES) / 2) / this.track;
      this.zoom = Math.min(200, Math.max(1, zoom));
      Vue.nextTick(() => (box.scrollLeft = middle * this.track - (this.width - NAMES) / 2));
    },
    wheel(event) {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoomTo(this.zoom * (event.deltaY < 0 ? 1.25 : 0.8));
    },
    key(event, at) {
      const rows = this.rows;
      const row = rows[at];
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (step) {
        event.preventDefault();
        const next = Math.max(0, Math.min(rows.length - 1, at + step));
        this.reveal(rows[next].key);
        this.$emit("choose", { key: rows[next].key, event: null });
        Vue.nextTick(() => this.$el.querySelector(`[data-at="${next}"]`)?.focus());
      } else if ((event.key === "ArrowRight" && row.opened === false) || (event.key === "ArrowLeft" && row.opened === true)) {
        event.preventDefault();
        this.$emit("fold", row.key);
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        if (row.opened !== null) this.$emit("fold", row.key);
        this.$emit("choose", { key: row.key, event: null });
      }
    },
    at(event) {
      const box = this.$refs.axis.getBoundingClientRect();
      return Math.min(this.now, Math.max(0, ((event.clientX - box.left) / this.track) * this.total));
    },
    scrub(event) {
      if (event.button) return;
      event.preventDefault();
      event.currentTarget.focus();
      let sent = 0;
      const tell = (value, force) => {
        this.dragging = value;
        if (force || performance.now() - sent > 80) {
          sent = performance.now();
          this.$emit("scrub", value);
        }
      };
      const move = (e) => tell(this.at(e), false);
      const up = (e) => {
        removeEventListener("pointermove", move);
        removeEventListener("pointerup", up);
        tell(this.at(e), true);
        this.dragging = null;
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", up);
      tell(this.at(event), true);
    },
    slide(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[event.key];
      const from = this.playhead ?? this.now;
      if (step) this.$emit("scrub", Math.min(this.now, Math.max(0, from + (step * this.total) / 100)));
      else if (event.key === "Home") this.$emit("scrub", 0);
      else if (event.key === "End" || event.key === "Escape") this.$emit("scrub", null);
      else return;
      event.preventDefault();
    },
  },
  render() {
    const h = Vue.h;
    const rows = this.rows ?? [];
    const first = Math.max(0, Math.floor(this.top / ROW) - 10);
    const last = Math.min(rows.length, Math.ceil((this.top + this.room) / ROW) + 10);
    const head = this.dragging ?? this.playhead;
    const bar = (row, [kind, start, end, tone, attempt, event, words], i) => {
      const left = this.x(start);
      const width = Math.max(3, this.x((end ?? this.now) - start));
      return h("span", {
        key: i,
        class: ["tl-bar", `tl-${kind}`, end === null && "tl-open", event === this.chosenEvent && "tl-chosen"],
        "data-bar": kind, "data-tone": tone, "data-attempt": attempt || null, title: words.replace("%", seconds((end ?? this.now) - start)),
        style: { left: left + "px", width: width + "px" },
        onClick: (e) => (e.stopPropagation(), this.$emit("choose", { key: row.key, event })),
      }, attempt > 1 && width > 18 && kind !== "backoff" ? String(attempt) : undefined);
    };
    const strip = (row) => {
      if (!row.density.length || !row.bars.length) return null;
      const start = Math.min(...row.bars.map((b) => b[1]));
      const end = Math.max(...row.bars.map((b) => b[2] ?? this.now));
      return h("span", { class: "tl-density", style: { left: this.x(start) + "px", width: Math.max(3, this.x(end - start)) + "px" } },
        row.density.map(([tone, count], i) => h("i", { key: i, "data-tone": tone, style: { flexGrow: count } })));
    };
    const body = rows.slice(first, last).map((row, i) => {
      const at = first + i;
      const fold = row.opened === null ? null : h("button", { type: "button", class: "tl-fold", tabindex: -1, "aria-label": row.opened ? "Fold" : "Unfold",
        onClick: (e) => (e.stopPropagation(), this.$emit("fold", row.key)) }, row.opened ? "▾" : "▸");
      return h("div", {
        key: row.key, role: "row", class: ["tl-row", row.type === "More" && "tl-more"], tabindex: 0, "data-at": at, "data-row": row.key, "data-status": row.tone,
        "aria-level": row.depth + 1, "aria-expanded": row.opened === null ? undefined : String(row.opened), "aria-selected": String(row.key === this.chosen),
        style: { height: ROW + "px" }, onClick: () => row.type !== "More" && this.$emit("choose", { key: row.key, event: null }), onKeydown: (event) => this.key(event, at),
      }, [
        h("span", { role: "rowheader", class: "tl-name", style: { width: NAMES + "px", paddingLeft: 8 + row.depth * 14 + "px" } }, [
          h("span", { class: "tl-gap" }, fold ? [fold] : []),
          row.icon ? h("span", { class: "status", "data-tone": row.tone, title: row.word }, [h("i", { class: "icon icon-16", "data-icon": row.icon, role: "img", "aria-label": row.word })]) : null,
          h("span", { class: "clip", title: row.name }, row.name),
          row.note ? h("span", { class: "tl-note clip", title: row.note }, row.note) : null,
        ]),
        h("span", { role: "cell", class: "tl-track", style: { width: this.track + "px" } }, [...this.seen(row.bars).map((b, n) => bar(row, b, n)), strip(row)]),
      ]);
    });
    const tools = [
      h("button", { type: "button", class: "btn quiet icon-only", "aria-label": "Shorter time", title: "Zoom in (Ctrl+wheel)", onClick: () => this.zoomTo(this.zoom * 1.6) }, [h("i", { class: "icon", "data-icon": "zoom_in", "aria-hidden": "true" })]),
      h("button", { type: "button", class: "btn quiet icon-only", "aria-label": "Longer time", title: "Zoom out", onClick: () => this.zoomTo(this.zoom / 1.6) }, [h("i", { class: "icon", "data-icon": "zoom_out", "aria-hidden": "true" })]),
      h("span", { class: "dim small" }, head === null || head === undefined ? "Drag the time to look back" : `+${seconds(head)}`),
    ];
    return h("div", { class: "tl", onWheel: this.wheel }, [
      h("div", { class: "tl-scroll", ref: "scroller",
        onScroll: (event) => ([this.top, this.left] = [event.target.scrollTop, event.target.scrollLeft]) }, [
        h("div", { class: "tl-head" }, [
          h("span", { class: "tl-name tl-tools", style: { width: NAMES + "px" } }, tools),
          h("span", { class: "tl-axis", ref: "axis", role: "slider", tabindex: 0, "aria-label": "Moment shown", "aria-valuemin": 0, "aria-valuemax": this.now, "aria-valuenow": head ?? this.now,
            "aria-valuetext": head === null || head === undefined ? "now" : seconds(head), style: { width: this.track + "px" }, onPointerdown: this.scrub, onKeydown: this.slide, "data-scrub": "" },
            [...this.ticks.map((t) => h("span", { key: t, class: t && this.x(t) > this.track - LABEL ? "tl-tick tl-late" : "tl-tick", style: { left: this.x(t) + "px" } }, seconds(t).replace(/\.0 s$/, " s").replace(/^0 ms$/, "0"))),
              head === null || head === undefined ? null : h("span", { class: "tl-handle", style: { left: this.x(head) + "px" } })]),
        ]),
        h("div", { class: "tl-body", role: "treegrid", "aria-label": this.label, "aria-rowcount": rows.length, style: { height: rows.length * ROW + "px", width: NAMES + this.track + "px" } }, [
          h("div", { style: { height: first * ROW + "px" } }),
          ...body,
          ...this.ticks.map((t) => h("span", { key: "t" + t, class: "tl-line", style: { left: NAMES + this.x(t) + "px" } })),
          head === null || head === undefined ? null : h("span", { class: "tl-playhead", style: { left: NAMES + this.x(head) + "px" } }),
        ]),
      ]),
    ]);
  },
};
