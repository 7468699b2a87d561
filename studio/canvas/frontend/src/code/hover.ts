/** The documentation of the word under the pointer, asked of Python. */
import { hoverTooltip } from "@codemirror/view";
import type { Ask } from "./complete";

export function describing(ask: Ask<"describe">, tell: () => void) {
  return hoverTooltip(
    async (view, pos) => {
      tell();
      const found = await ask(pos, view.state.doc.length);
      if (!found) return null;
      return {
        pos: found.from,
        end: found.to,
        above: true,
        create: () => {
          const dom = document.createElement("div");
          dom.className = "cm-hover";
          for (const [name, text] of [["title", found.title], ["detail", found.detail], ["doc", found.doc]] as const) {
            if (!text || (name === "detail" && text === found.title)) continue;
            const part = document.createElement(name === "doc" ? "div" : "span");
            part.className = `cm-hover-${name}`;
            part.textContent = text;
            dom.append(part);
          }
          return { dom };
        },
      };
    },
    { hoverTime: 400 },
  );
}
