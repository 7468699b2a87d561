// A native select whose options are data: one element of the page, however many states there are to choose from.
export default {
  props: { options: Array, value: String },
  emits: ["choose"],
  render() {
    const h = Vue.h;
    const known = this.options.some(([key]) => key === this.value);
    const options = known ? this.options : [[this.value, this.value], ...this.options];
    return h(
      "select",
      { value: this.value, onChange: (event) => this.$emit("choose", event.target.value) },
      options.map(([key, label]) => h("option", { key, value: key, selected: key === this.value }, label)),
    );
  },
};
