// The states as a tree: one tab stop, arrows move, left and right fold, Enter opens; what edits is the page's commands.
const FOLD = { ArrowRight: true, ArrowLeft: false };

export default {
  props: { rows: Array, chosen: Array, label: String },
  emits: ["choose", "open", "move"],
  data: () => ({ folded: new Set(), at: null }),
  computed: {
    visible() {
      const hidden = new Set();
      return this.rows.filter((row) => {
        const out = row.parent !== null && (hidden.has(row.parent) || this.folded.has(row.parent));
        if (out) hidden.add(row.id);
        return !out;
      });
    },
    current() {
      const wanted = [this.at, ...(this.chosen ?? [])];
      return wanted.find((id) => this.visible.some((row) => row.id === id)) ?? this.visible[0]?.id;
    },
  },
  watch: {
    chosen(ids) {
      if (ids.length && !ids.includes(this.at)) this.go(ids[0], false);
    },
  },
  beforeUpdate() {
    const at = document.activeElement;
    this.held = this.$el.contains(at) || (at === document.body && !!this.$el.offsetParent);
  },
  updated() {
    // a row that was moved or renamed is another element: what is walked on stays there
    if (this.held && document.activeElement === document.body) this.$el.querySelector('[tabindex="0"]')?.focus({ preventScroll: true });
  },
  methods: {
    go(id, tell = true, extend = false) {
      this.at = id;
      let parent = this.rows.find((row) => row.id === id)?.parent;
      while (parent) {
        this.folded.delete(parent);
        parent = this.rows.find((row) => row.id === parent)?.parent;
      }
      if (tell) this.tell(id, extend);
      const held = this.$el.contains(document.activeElement);
      Vue.nextTick(() => {
        const item = this.$el.querySelector(`[data-item="${CSS.escape(id)}"]`);
        item?.scrollIntoView({ block: "nearest" });
        if (held) item?.focus({ preventScroll: true });
      });
    },
    tell(id, extend) {
      if (this.rows.find((row) => row.id === id)?.kind !== "state") return;
      const others = extend ? (this.chosen ?? []).filter((one) => one !== id) : [];
      this.$emit("choose", [id, ...others]);
    },
    fold(id, open) {
      const next = new Set(this.folded);
      if (open) next.delete(id);
      else next.add(id);
      this.folded = next;
    },
    key(event) {
      const at = this.visible.findIndex((row) => row.id === this.current);
      const row = this.visible[at];
      if (!row || event.ctrlKey || event.metaKey) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.altKey && step) this.$emit("move", row.id, step);
      else if (event.altKey) return;
      else if (step && this.visible[at + step]) this.go(this.visible[at + step].id, true, event.shiftKey);
      else if (event.key === "Home") this.go(this.visible[0].id);
      else if (event.key === "End") this.go(this.visible[this.visible.length - 1].id);
      else if (event.key === "Enter") this.$emit("open", row.id);
      else if (event.key in FOLD) {
        const open = FOLD[event.key];
        const isOpen = row.inner && !this.folded.has(row.id);
        if (row.inner && isOpen !== open) this.fold(row.id, open);
        else if (open && isOpen) this.go(this.visible[at + 1]?.id ?? row.id);
        else if (!open && row.parent) this.go(row.parent);
      } else if (!step) return;
      event.preventDefault();
      event.stopPropagation();
    },
    item(row) {
      const h = Vue.h;
      const open = !this.folded.has(row.id);
      const picked = (this.chosen ?? []).includes(row.id);
      const marks = row.kind === "state" ? { "data-state": row.name, "data-type": row.type, "data-scope": row.scope, "data-status": row.status } : {};
      return h(
        "div",
        {
          key: row.id,
          class: `t-row t-${row.kind}`,
          role: "treeitem",
          tabindex: row.id === this.current ? 0 : -1,
          "aria-level": row.level,
          "aria-label": row.spoken,
          "aria-selected": row.kind === "state" ? String(picked) : undefined,
          "aria-expanded": row.inner ? String(open) : undefined,
          "data-item": row.id,
          style: { paddingLeft: `${8 + (row.level - 1) * 20}px` },
          ...marks,
          onClick: (event) => this.go(row.id, true, event.ctrlKey || event.metaKey || event.shiftKey),
          onDblclick: () => this.$emit("open", row.id),
        },
        [
          h("span", { class: "t-fold", "aria-hidden": "true", onClick: (event) => (event.stopPropagation(), row.inner && this.fold(row.id, !open)) }, row.inner ? (open ? "▾" : "▸") : ""),
          row.number ? h("span", { class: "t-number" }, row.number) : null,
          h("span", { class: "t-name", title: row.name }, row.name),
          row.subtitle ? h("span", { class: "t-sub" }, row.subtitle) : null,
          h("span", { class: "t-leads", title: row.leads }, row.leads),
          row.problems ? h("span", { class: `count ${row.severity}`, title: `${row.problems} problems` }, String(row.problems)) : null,
          row.word
            ? h("span", { class: "status", "data-tone": row.status }, [h("i", { class: "icon", "data-icon": row.glyph, "aria-hidden": "true" }), row.word])
            : null,
        ],
      );
    },
  },
  render() {
    return Vue.h(
      "div",
      { class: "state-tree", role: "tree", "aria-label": this.label, "aria-multiselectable": "true", onKeydown: this.key },
      this.visible.map((row) => this.item(row)),
    );
  },
};
