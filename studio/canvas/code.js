// The NiceGUI component around the code editor bundle. Long texts go over HTTP: the socket refuses messages above 1 MB.
import { Code } from "asl-studio-code";

const LONG = 200_000;

export default {
  template: "<div></div>",
  emits: ["change", "cursor", "ask"], // not the DOM's own change events, which bubble up from inside
  props: { value: String, language: String, readonly: Boolean, label: String, upload: String, completes: Boolean, describes: Boolean },
  mounted() {
    this.asked = new Map();
    this.questions = 0;
    this.code = new Code(this.$el, {
      value: this.value,
      language: this.language,
      readonly: this.readonly,
      label: this.label,
      changed: (text) => this.changed(text),
      moved: (offset) => this.$emit("cursor", offset),
      complete: this.completes ? (offset, length) => this.ask("complete", offset, length) : undefined,
      describe: this.describes ? (offset, length) => this.ask("describe", offset, length) : undefined,
    });
  },
  beforeUnmount() {
    this.code?.dispose();
  },
  methods: {
    changed(text) {
      if (text.length > LONG) fetch(this.upload, { method: "POST", body: text, headers: { "Content-Type": "text/plain; charset=utf-8" } });
      else this.$emit("change", text);
    },
    ask(what, offset, length) {
      const id = ++this.questions;
      return new Promise((resolve) => {
        this.asked.set(id, resolve);
        setTimeout(() => this.answer(id, null), 6000);
        this.$emit("ask", { id, what, offset, length });
      });
    },
    answer(id, found) {
      this.asked.get(id)?.(found);
      this.asked.delete(id);
    },
    setText(text) {
      this.code.setText(text);
    },
    setLanguage(language) {
      this.code.setLanguage(language);
    },
    setDiagnostics(found) {
      this.code.setDiagnostics(found);
    },
    highlight(range, scroll) {
      this.code.highlight(range, scroll);
    },
    goTo(line, column) {
      this.code.goTo(line, column);
    },
  },
};
