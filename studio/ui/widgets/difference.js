// Changed lines of a JSON text with their sign, all as text: one element of the page, however many lines there are.
const SIGN = { added: "+", removed: "−", same: " " };
const SPOKEN = { added: "added: ", removed: "removed: ", same: "" };

export default {
  props: { rows: Array, label: String },
  data: () => ({ whole: false }),
  render() {
    const h = Vue.h;
    const rows = this.rows.slice(0, this.whole ? undefined : 400);
    const shown = rows.map(([kind, text], index) =>
      kind === "gap"
        ? h("div", { key: index, class: "d-gap" }, text)
        : h("div", { key: index, class: `d-line d-${kind}` }, [
            h("span", { class: "d-sign", "aria-hidden": "true" }, SIGN[kind]),
            kind === "same" ? null : h("span", { class: "sr" }, SPOKEN[kind]),
            text,
          ]),
    );
    if (rows.length < this.rows.length)
      shown.push(h("button", { type: "button", class: "j-more", onClick: () => (this.whole = true) }, `${this.rows.length - rows.length} more lines`));
    return h("div", { class: "difference", role: "group", tabindex: 0, "aria-label": this.label }, shown);
  },
};
