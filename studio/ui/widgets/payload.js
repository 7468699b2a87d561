// A JSON value as a tree of text: keys, strings and numbers are text nodes, never markup. Numbers are shown as they were spelled.
const PAGE = 100; // elements of an array or object shown at once
const LONG = 2000; // characters of a string shown before "show all"
const OPEN_ROWS = 150; // rows up to which branches are open at first
const HUGE = 1000000; // characters from which on the value is opened only when asked

class Spelled {
  constructor(text) {
    this.text = text;
  }
}
const exact = (key, value, context) =>
  typeof value === "number" && context?.source !== undefined && String(value) !== context.source ? new Spelled(context.source) : value;

const branch = (value) => value !== null && typeof value === "object" && !(value instanceof Spelled);
const count = (value) => (Array.isArray(value) ? value.length : Object.keys(value).length);

export default {
  props: { text: String, src: String, label: String },
  data: () => ({ value: undefined, failed: null, shut: new Set(), opened: new Set(), paged: {}, whole: new Set(), anyway: false, loading: false }),
  computed: {
    huge() {
      return (this.text ?? "").length > HUGE && !this.anyway;
    },
  },
  watch: {
    text() {
      this.read();
    },
  },
  created() {
    this.read();
  },
  methods: {
    read() {
      this.failed = null;
      this.shut = new Set();
      this.opened = new Set();
      this.paged = {};
      if (this.huge) return;
      try {
        this.value = Vue.markRaw({ root: JSON.parse(this.text ?? "null", exact) });
      } catch {
        this.failed = this.text;
      }
      let rows = 0;
      this.depth = 0;
      let level = [this.value?.root];
      while (level.length && rows < OPEN_ROWS) {
        rows += level.reduce((n, v) => n + (branch(v) ? Math.min(count(v), PAGE) : 0), 0);
        if (rows > OPEN_ROWS && this.depth > 0) break;
        this.depth += 1;
        level = level.flatMap((v) => (branch(v) ? Object.values(v).slice(0, PAGE) : []));
      }
    },
    open(path, depth) {
      return this.opened.has(path) || (depth < this.depth && !this.shut.has(path));
    },
    toggle(path, depth) {
      if (this.open(path, depth)) {
        this.opened.delete(path);
        this.shut.add(path);
      } else {
        this.shut.delete(path);
        this.opened.add(path);
      }
      this.$forceUpdate();
    },
    leaf(value, path) {
      const h = Vue.h;
      if (value instanceof Spelled) return [h("span", { class: "j-number" }, value.text)];
      if (typeof value === "string") {
        const text = JSON.stringify(value);
        if (text.length <= LONG || this.whole.has(path)) return [h("span", { class: "j-string" }, text)];
        return [
          h("span", { class: "j-string" }, text.slice(0, LONG) + "…"),
          h("button", { class: "j-more", type: "button", onClick: () => (this.whole.add(path), this.$forceUpdate()) }, `show all ${text.length.toLocaleString("en")} characters`),
        ];
      }
      return [h("span", { class: typeof value === "number" ? "j-number" : "j-word" }, String(value))];
    },
    rows(value, key, path, depth, last, out) {
      const h = Vue.h;
      const name = key === null ? [] : typeof key === "number" ? [] : [h("span", { class: "j-key" }, JSON.stringify(key)), ": "];
      const indent = { style: { paddingLeft: `${depth * 14 + 16}px` } };
      const comma = last ? "" : ",";
      if (!branch(value)) {
        out.push(h("div", { class: "j-row", ...indent, key: path }, [...name, ...this.leaf(value, path), comma]));
        return;
      }
      const [left, right] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
      const total = count(value);
      if (!total) {
        out.push(h("div", { class: "j-row", ...indent, key: path }, [...name, left + right + comma]));
        return;
      }
      const open = this.open(path, depth);
      const toggle = h("button", { class: "j-toggle", type: "button", "aria-expanded": String(open), "aria-label": `${open ? "Close" : "Open"} ${key ?? "value"}`, onClick: () => this.toggle(path, depth) }, open ? "▾" : "▸");
      if (!open) {
        const what = `${total} ${Array.isArray(value) ? (total === 1 ? "item" : "items") : total === 1 ? "key" : "keys"}`;
        out.push(h("div", { class: "j-row", ...indent, key: path }, [toggle, ...name, left, h("span", { class: "j-dim" }, ` ${what} `), right + comma]));
        return;
      }
      out.push(h("div", { class: "j-row", ...indent, key: path }, [toggle, ...name, left]));
      const shown = Math.min(total, this.paged[path] ?? PAGE);
      const entries = Array.isArray(value) ? value.slice(0, shown).map((v, i) => [i, v]) : Object.entries(value).slice(0, shown);
      entries.forEach(([k, v], i) => this.rows(v, k, `${path}/${k}`, depth + 1, i === total - 1, out));
      if (shown < total) {
        const more = () => ((this.paged[path] = shown + PAGE * 5), this.$forceUpdate());
        out.push(h("div", { class: "j-row", key: path + "#more", style: { paddingLeft: `${depth * 14 + 30}px` } }, [h("button", { class: "j-more", type: "button", onClick: more }, `${(total - shown).toLocaleString("en")} more`)]));
      }
      out.push(h("div", { class: "j-row", ...indent, key: path + "#end" }, right + comma));
    },
  },
  render() {
    const h = Vue.h;
    if (this.huge) {
      return h("div", { class: "json-tree" }, [
        h("div", { class: "j-dim" }, `${this.text.length.toLocaleString("en")} characters; the first 50,000:`),
        h("pre", { class: "j-raw" }, this.text.slice(0, 50000)),
        h("button", { class: "j-more", type: "button", onClick: () => ((this.anyway = true), this.read()) }, "Open anyway"),
      ]);
    }
    if (this.failed !== null) return h("div", { class: "json-tree" }, h("pre", { class: "j-raw" }, this.failed ?? ""));
    const out = [];
    this.rows(this.value?.root, null, "", 0, true, out);
    return h("div", { class: "json-tree", role: "region", "aria-label": this.label, tabindex: 0 }, out);
  },
};
