/** The code editor: CodeMirror 6 with JSON and YAML, marks, completion asked of Python, and a way to be written to without losing the caret. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type Ask, completing } from "./complete";
import { describing } from "./hover";

export type CodeOptions = {
  value: string;
  language: "json" | "yaml";
  readonly: boolean;
  label: string;
  changed: (text: string) => void;
  moved: (offset: number) => void;
  complete?: Ask<"complete">;
  describe?: Ask<"describe">;
};

const fromPython = Annotation.define<boolean>();
const setTint = StateEffect.define<{ from: number; to: number } | null>();

const tint = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, tr) {
    set = set.map(tr.changes);
    for (const effect of tr.effects) {
      if (!effect.is(setTint)) continue;
      if (!effect.value) return Decoration.none;
      const { from, to } = effect.value;
      const lines = [];
      for (let line = tr.state.doc.lineAt(from); ; ) {
        lines.push(Decoration.line({ class: "cm-tinted" }).range(line.from));
        if (line.to >= to || line.number >= tr.state.doc.lines || lines.length > 2000) break;
        line = tr.state.doc.line(line.number + 1);
      }
      return Decoration.set(lines);
    }
    return set;
  },
  provide: (f) => EditorView.decorations.from(f),
});

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", color: "var(--text)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono, monospace)", lineHeight: "20px" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "var(--hover)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  ".cm-tinted": { backgroundColor: "var(--action-tint)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--action) 28%, transparent)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "6px", boxShadow: "var(--shadow-pop)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--action-tint)", color: "var(--text)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono, monospace)", fontSize: "12px", maxHeight: "280px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", display: "flex", gap: "8px", alignItems: "baseline" },
  ".cm-completionLabel": { overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "500", color: "var(--action-text)" },
  ".cm-completionDetail": { marginLeft: "auto", paddingLeft: "16px", fontStyle: "normal", fontFamily: "var(--sans)", color: "var(--text-2)" },
  ".cm-completionIcon": { color: "var(--text-3)", opacity: "1" },
  ".cm-tooltip.cm-completionInfo": { fontFamily: "var(--sans)", fontSize: "12px", lineHeight: "16px", padding: "6px 10px", maxWidth: "360px", whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  ".cm-hover": { fontFamily: "var(--sans)", fontSize: "12px", lineHeight: "16px", padding: "6px 10px", maxWidth: "460px", maxHeight: "240px", overflow: "auto", overflowWrap: "anywhere" },
  ".cm-hover-title": { fontFamily: "var(--mono, monospace)", fontWeight: "500" },
  ".cm-hover-detail": { color: "var(--text-2)", marginLeft: "8px" },
  ".cm-hover-doc": { marginTop: "2px", whiteSpace: "pre-wrap" },
  ".cm-panels": { backgroundColor: "var(--page)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", border: "1px solid var(--line)", color: "var(--text-2)" },
  ".cm-matchingBracket": { backgroundColor: "var(--press) !important", outline: "1px solid var(--line-strong)" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", fontSize: "12px", whiteSpace: "pre-wrap", maxWidth: "480px" },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--json-key)" },
  { tag: tags.definition(tags.propertyName), color: "var(--json-key)" },
  { tag: tags.string, color: "var(--json-string)" },
  { tag: tags.number, color: "var(--json-number)" },
  { tag: [tags.bool, tags.null, tags.keyword, tags.atom], color: "var(--json-word)" },
  { tag: tags.comment, color: "var(--text-3)", fontStyle: "italic" },
  { tag: tags.punctuation, color: "var(--text-2)" },
]);

export class Code {
  readonly view: EditorView;
  private timer = 0;
  private pending = false;
  private readonly language = new Compartment();
  private readonly editable = new Compartment();

  constructor(
    host: HTMLElement,
    private readonly options: CodeOptions,
  ) {
    const { complete, describe } = options;
    this.view = new EditorView({
      parent: host,
      state: EditorState.create({
        doc: options.value,
        extensions: [
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          indentUnit.of("  "),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          lintGutter(),
          tint,
          look,
          syntaxHighlighting(colours),
          autocompletion(complete ? { override: [completing(complete, () => this.flush())], maxRenderedOptions: 100, icons: false } : {}),
          describe ? describing(describe, () => this.flush()) : [],
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
          this.language.of(grammar(options.language)),
          this.editable.of(EditorState.readOnly.of(options.readonly)),
          EditorView.contentAttributes.of({ "aria-label": options.label }),
          EditorView.updateListener.of((update) => {
            const own = update.transactions.some((t) => t.annotation(fromPython));
            if (update.docChanged && !own) this.later();
            if (update.selectionSet && !own && !update.docChanged) options.moved(update.state.selection.main.head);
          }),
        ],
      }),
    });
    for (const event of ["blur", "change"]) this.view.contentDOM.addEventListener(event, () => this.flush()); // change: a shortcut is about to act on the text
  }

  private later(): void {
    this.pending = true;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.flush(), 150);
  }

  /** Sends what was typed and not yet told. */
  flush(): void {
    clearTimeout(this.timer);
    if (!this.pending) return;
    this.pending = false;
    this.options.changed(this.view.state.doc.toString());
  }

  /** Another text, changed only where it differs, so that caret and folds stay. */
  setText(text: string): void {
    clearTimeout(this.timer);
    this.pending = false;
    const old = this.view.state.doc.toString();
    if (old === text) return;
    let from = 0;
    const most = Math.min(old.length, text.length);
    while (from < most && old.charCodeAt(from) === text.charCodeAt(from)) from++;
    let end = 0;
    while (end < most - from && old.charCodeAt(old.length - 1 - end) === text.charCodeAt(text.length - 1 - end)) end++;
    this.view.dispatch({ changes: { from, to: old.length - end, insert: text.slice(from, text.length - end) }, annotations: fromPython.of(true) });
  }

  setLanguage(language: "json" | "yaml"): void {
    this.view.dispatch({ effects: this.language.reconfigure(grammar(language)) });
  }

  setDiagnostics(found: { from: number; to: number; severity: string; message: string; code?: string }[]): void {
    const length = this.view.state.doc.length;
    const marks: Diagnostic[] = found.map((d) => ({
      from: Math.min(d.from, length),
      to: Math.min(Math.max(d.to, d.from), length),
      severity: d.severity === "hint" ? "hint" : d.severity === "warning" ? "warning" : "error",
      message: d.code ? `${d.message}\n${d.code}` : d.message,
    }));
    this.view.dispatch(setDiagnostics(this.view.state, marks));
  }

  highlight(range: [number, number] | null, scroll: boolean): void {
    const length = this.view.state.doc.length;
    const clipped = range && { from: Math.min(range[0], length), to: Math.min(range[1], length) };
    this.view.dispatch({ effects: [setTint.of(clipped), ...(clipped && scroll ? [EditorView.scrollIntoView(clipped.from, { y: "start", yMargin: 40 })] : [])], annotations: fromPython.of(true) });
  }

  goTo(line: number, column: number): void {
    const doc = this.view.state.doc;
    const at = doc.line(Math.min(Math.max(1, line), doc.lines));
    const offset = Math.min(at.from + Math.max(0, column - 1), at.to);
    this.view.dispatch({ selection: { anchor: offset }, effects: EditorView.scrollIntoView(offset, { y: "center" }) });
    this.view.focus();
  }

  dispose(): void {
    this.flush();
    this.view.destroy();
  }
}

function grammar(language: "json" | "yaml") {
  return language === "yaml" ? yaml() : json();
}
