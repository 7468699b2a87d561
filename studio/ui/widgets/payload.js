// A JSON value as a tree of text: keys, strings and numbers are text nodes, never markup. Numbers are shown as they were spelled.
// Paths are JSON pointers. Keys: up and down walk the rows, left and right fold, Enter opens the menu of a row, / goes to the search.
const PAGE = 100; // elements of an array or object shown at once
const LONG = 2000; // characters of a string shown before "show all"
const OPEN_ROWS = 150; // rows up to which branches are open at first
const HUGE = 1000000; // characters from which on the value is opened only when asked
const SEARCHED = 200; // characters from which on there is a search
const MOST = 1000; // places a search finds

class Spelled {
  constructor(text) {
    this.text = text;
  }
}
const exact = (key, value, context) =>
  typeof value === "number" && context?.source !== undefined && String(value) !== context.source ? new Spelled(context.source) : value;

const branch = (value) => value !== null && typeof value === "object" && !(value instanceof Spelled);
const step = (path, key) => `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
const plainKey = (key) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key);

/** The keys of a pointer in a value: numbers in arrays, texts in objects. */
const keysOf = (root, path) => {
  let here = root;
  return path.split("/").slice(1).map((token) => {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    const real = Array.isArray(here) ? Number(key) : key;
    here = here?.[real];
    return real;
  });
};
const jsonPath = (keys) => "$" + keys.map((k) => (typeof k === "number" ? `[${k}]` : plainKey(k) ? `.${k}` : `['${k.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}']`)).join("");
/** JSONata's way from `root` ("" for a value that has no name of its own in a state). */
const jsonata = (keys, root) => (root + keys.map((k) => (typeof k === "number" ? `[${k}]` : plainKey(k) ? `.${k}` : `.\`${k}\``)).join("")).replace(/^\./, "") || "$";
/** The ways to a place as the two query languages write them in a state, by what the tree is: its input, its result, its variables. */
const ways = (keys, label) => {
  if (label === "Variables") return { JSONPath: `$${jsonPath(keys).slice(2)}`, JSONata: `$${jsonata(keys, "")}` };
  return { JSONPath: jsonPath(keys), JSONata: jsonata(keys, { Input: "$states.input", Result: "$states.result" }[label] ?? "") };
};
const plain = (value) =>
  value instanceof Spelled ? value.text
  : Array.isArray(value) ? `[${value.map(plain).join(",")}]`
  : branch(value) ? `{${Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}:${plain(v)}`).join(",")}}`
  : JSON.stringify(value);
const count = (value) => (Array.isArray(value) ? value.length : Object.keys(value).length);

export default {
  props: { text: String, src: String, label: String },
  data: () => ({ value: undefined, failed: null, shut: new Set(), opened: new Set(), paged: {}, whole: new Set(), anyway: false, loading: false, words: "", found: [], at: 0, active: null, menu: null }),
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
      this.menu = this.active = null;
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
    /** The places whose key or value has the words, in the order of the tree. */
    search(words) {
      this.words = words;
      this.at = 0;
      const wanted = words.trim().toLowerCase();
      const found = [];
      const look = (value, key, path) => {
        if (found.length >= MOST) return;
        const own = branch(value) ? "" : value instanceof Spelled ? value.text : String(value);
        if ((typeof key === "string" && key.toLowerCase().includes(wanted)) || own.toLowerCase().includes(wanted)) found.push(path);
        if (Array.isArray(value)) value.forEach((v, i) => look(v, i, step(path, i)));
        else if (branch(value)) for (const [k, v] of Object.entries(value)) look(v, k, step(path, k));
      };
      if (wanted && this.value) look(this.value.root, null, "");
      this.found = found;
      this.hits = new Set(found);
      if (found.length) this.show(found[0]);
    },
    next(by) {
      if (!this.found.length) return;
      this.at = (this.at + by + this.found.length) % this.found.length;
      this.show(this.found[this.at]);
    },
    /** Opens what is around a place, pages far enough, and scrolls to it. */
    show(path) {
      const tokens = path.split("/").slice(1);
      let around = "";
      let here = this.value.root;
      for (const key of keysOf(this.value.root, path)) {
        this.opened.add(around);
        this.shut.delete(around);
        const place = Array.isArray(here) ? key : Object.keys(here).indexOf(key);
        if (place >= (this.paged[around] ?? PAGE)) this.paged[around] = place + PAGE;
        here = here[key];
        around = `${around}/${tokens.shift()}`;
      }
      this.active = path;
      this.$forceUpdate();
      Vue.nextTick(() => this.$el.querySelector?.(".j-active")?.scrollIntoView({ block: "nearest" }));
    },
    openMenu(path) {
      this.menu = path;
      Vue.nextTick(() => this.$el.querySelector?.(".j-menu")?.scrollIntoView({ block: "nearest" }));
    },
    copy(what) {
      const keys = keysOf(this.value.root, this.menu);
      const value = keys.reduce((here, key) => here?.[key], this.value.root);
      const text = { value: typeof value === "string" ? value : plain(value), pointer: this.menu || "/", jsonpath: ways(keys, this.label).JSONPath, jsonata: ways(keys, this.label).JSONata }[what];
      this.menu = null;
      window.studio.copy(text);
    },
    /** A key that is dragged is its path, in the query language of the state in the inspector. */
    drag(event, path) {
      const found = ways(keysOf(this.value.root, path), this.label);
      event.dataTransfer.setData("text/plain", found[document.querySelector("[data-panel=inspector]")?.dataset.language ?? "JSONPath"]);
      event.dataTransfer.effectAllowed = "copy";
      event.stopPropagation();
    },
    key(event) {
      if (event.target.tagName === "INPUT") return;
      const rows = [...this.$el.querySelectorAll("[data-path]")];
      const at = rows.findIndex((row) => row.dataset.path === this.active);
      const toggle = () => rows[at]?.querySelector(".j-toggle");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const next = rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))];
        this.active = next?.dataset.path ?? null;
        next?.scrollIntoView({ block: "nearest" });
      } else if (event.key === "ArrowRight" && toggle()?.getAttribute("aria-expanded") === "false") toggle().click();
      else if (event.key === "ArrowLeft" && toggle()?.getAttribute("aria-expanded") === "true") toggle().click();
      else if (event.key === "Enter" && at >= 0 && this.menu === null) {
        this.openMenu(this.active);
        Vue.nextTick(() => this.$el.querySelector(".j-menu button")?.focus());
      } else if (event.key === "Escape" && this.menu !== null) this.menu = null;
      else if (event.key === "/" && this.$refs.find) this.$refs.find.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    /** What every row of a value has: its place, whether it was found, its menu. */
    row(path, depth, children) {
      const h = Vue.h;
      const open = this.menu === path;
      const menu = open
        ? [h("span", { class: "j-menu", role: "menu" }, [["value", "Copy value"], ["pointer", "Copy path"], ["jsonpath", "Copy as JSONPath"], ["jsonata", "Copy as JSONata"]].map(([what, words]) =>
            h("button", { type: "button", role: "menuitem", "data-copy-as": what, onClick: (event) => (event.stopPropagation(), this.copy(what)) }, words)))]
        : [];
      const button = h("button", { class: "j-copy", type: "button", tabindex: -1, "aria-label": "Copy…", "aria-expanded": String(open), title: "Copy value or path",
        onClick: (event) => (event.stopPropagation(), this.openMenu(open ? null : path)) }, [h("i", { class: "icon icon-16", "data-icon": "content_copy", "aria-hidden": "true" })]);
      return h("div", { class: ["j-row", this.found.length && this.hits.has(path) && "j-hit", path === this.active && "j-active"], key: path, "data-path": path, style: { paddingLeft: `${depth * 14 + 16}px` },
        onClick: () => (this.active = path) }, [...children, button, ...menu]);
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
      const name = key === null ? [] : typeof key === "number" ? [] : [h("span", { class: "j-key", draggable: "true", onDragstart: (event) => this.drag(event, path) }, JSON.stringify(key)), ": "];
      const comma = last ? "" : ",";
      if (!branch(value)) {
        out.push(this.row(path, depth, [...name, ...this.leaf(value, path), comma]));
        return;
      }
      const [left, right] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
      const total = count(value);
      if (!total) {
        out.push(this.row(path, depth, [...name, left + right + comma]));
        return;
      }
      const open = this.open(path, depth);
      const toggle = h("button", { class: "j-toggle", type: "button", "aria-expanded": String(open), "aria-label": `${open ? "Close" : "Open"} ${key ?? "value"}`, onClick: () => this.toggle(path, depth) }, open ? "▾" : "▸");
      if (!open) {
        const what = `${total} ${Array.isArray(value) ? (total === 1 ? "item" : "items") : total === 1 ? "key" : "keys"}`;
        out.push(this.row(path, depth, [toggle, ...name, left, h("span", { class: "j-dim" }, ` ${what} `), right + comma]));
        return;
      }
      out.push(this.row(path, depth, [toggle, ...name, left]));
      const shown = Math.min(total, this.paged[path] ?? PAGE);
      const entries = Array.isArray(value) ? value.slice(0, shown).map((v, i) => [i, v]) : Object.entries(value).slice(0, shown);
      entries.forEach(([k, v], i) => this.rows(v, k, step(path, k), depth + 1, i === total - 1, out));
      if (shown < total) {
        const more = () => ((this.paged[path] = shown + PAGE * 5), this.$forceUpdate());
        out.push(h("div", { class: "j-row", key: path + "#more", style: { paddingLeft: `${depth * 14 + 30}px` } }, [h("button", { class: "j-more", type: "button", onClick: more }, `${(total - shown).toLocaleString("en")} more`)]));
      }
      out.push(h("div", { class: "j-row", style: { paddingLeft: `${depth * 14 + 16}px` }, key: path + "#end" }, right + comma));
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
    const words = this.words.trim();
    const find = (this.text ?? "").length < SEARCHED ? [] : [
      h("div", { class: "j-find" }, [
        h("input", { ref: "find", type: "search", placeholder: "Find", "aria-label": `Find in ${this.label}`, "data-find": "", value: this.words, onInput: (event) => this.search(event.target.value),
          onKeydown: (event) => event.key === "Enter" && (event.preventDefault(), this.next(event.shiftKey ? -1 : 1)) }),
        h("span", { class: "j-dim", role: "status" }, !words ? "" : this.found.length ? `${this.at + 1} of ${this.found.length}${this.found.length >= MOST ? "+" : ""}` : "nothing"),
      ]),
    ];
    return h("div", { class: "json-tree", role: "region", "aria-label": this.label, tabindex: 0, onKeydown: this.key }, [...find, ...out]);
  },
};
