/** Completion asked of Python: which words fit, and what each puts into the text. */
import { type Completion, type CompletionContext, type CompletionResult, startCompletion } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";

export type Choice = { label: string; type: string; detail: string; info: string; text: string; again: boolean };
export type Answers = {
  complete: { from: number; to: number; options: Choice[]; filter: boolean };
  describe: { from: number; to: number; title: string; detail: string; doc: string };
};
/** Offset and length of the text, so that the answer is to the text that was asked about. */
export type Ask<What extends keyof Answers> = (offset: number, length: number) => Promise<Answers[What] | null>;

const CARET = "\u00a7"; // where the caret stands after a proposal was put in
const BEGINS = /[\w"'$.:[\-]$/; // what may be typed before proposals come by themselves

export function completing(ask: Ask<"complete">, tell: () => void) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const line = context.state.doc.lineAt(context.pos);
    if (!context.explicit && !BEGINS.test(line.text.slice(0, context.pos - line.from))) return null;
    tell(); // Python answers about the text it has
    const found = await ask(context.pos, context.state.doc.length);
    if (!found || !found.options.length || context.aborted) return null;
    return {
      from: found.from,
      filter: found.filter,
      validFor: found.filter ? /^[\w.$[\] -]*$/ : undefined,
      options: found.options.map((choice, at) => option(choice, found.options.length - at, found.to - context.pos)),
    };
  };
}

/** `after`: how much of the text behind the caret goes too (the rest of a word, its closing quote); it is no part of what is matched. */
function option(choice: Choice, rank: number, after: number): Completion {
  return {
    label: choice.label,
    type: choice.type,
    detail: choice.detail || undefined,
    info: choice.info || undefined,
    boost: Math.min(99, rank / 10),
    apply: (view, _completion, from, to) => put(view, choice, from, Math.min(to + after, view.state.doc.length)),
  };
}

function put(view: EditorView, choice: Choice, from: number, to: number): void {
  const line = view.state.doc.lineAt(from);
  const indent = /^\s*(- +)*/.exec(line.text)![0].replace(/-/g, " ").slice(0, from - line.from);
  const text = choice.text.replace(/\n/g, "\n" + indent);
  const at = text.indexOf(CARET);
  const insert = at < 0 ? text : text.slice(0, at) + text.slice(at + 1);
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + (at < 0 ? insert.length : at) }, userEvent: "input.complete" });
  if (choice.again) setTimeout(() => startCompletion(view), 0);
}
