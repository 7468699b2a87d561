// Compared lines: [kind, old number, new number, text, count]. Text nodes only, never markup.
const WORD = { "-": "removed", "+": "added", "=": "", "~": "" };

export default {
  props: { lines: Array, label: String, more: Number },
  render() {
    const h = Vue.h;
    const row = ([kind, old, now, text, count], at) =>
      kind === "~"
        ? h("div", { key: at, class: "diff-row diff-gap" }, `${count} equal lines`)
        : h("div", { key: at, class: "diff-row", "data-diff": kind }, [
            h("span", { class: "diff-no", "aria-hidden": "true" }, old || ""),
            h("span", { class: "diff-no", "aria-hidden": "true" }, now || ""),
            h("span", { class: "diff-sign", "aria-label": WORD[kind] }, kind === "=" ? " " : kind === "-" ? "\u2212" : "+"),
            h("span", { class: "diff-text" }, text),
          ]);
    const rows = (this.lines ?? []).map(row);
    if (this.more) rows.push(h("div", { class: "diff-row diff-gap" }, `${this.more} more lines are left out`));
    return h("div", { class: "diff", role: "region", tabindex: 0, "aria-label": this.label }, rows);
  },
};
