// The page's own few lines of JavaScript: shortcuts, palette keyboard, panel widths. Everything else is Python's.
"use strict";

const studio = (window.studio = {
  /** [{id, keys: ["Ctrl+Z"], everywhere: bool}], set by the page. */
  keys: [],

  /** "Ctrl+Shift+Z" of a keyboard event; Command counts as Ctrl on a Mac. */
  chord(event) {
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const shifted = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key));
    return [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", shifted && "Shift", key].filter(Boolean).join("+");
  },

  typing(target) {
    return !!target.closest?.("input, textarea, select, [contenteditable], .cm-editor");
  },

  emit(name, detail) {
    try {
      emitEvent(name, detail);
    } catch {
      /* the page is not mounted yet */
    }
  },

  /** Focuses the input of an element as soon as it is on the page: what is typed next belongs there. */
  focusSoon(id, tries = 60) {
    const input = getHtmlElement(id);
    const target = input?.matches?.("input, textarea") ? input : input?.querySelector?.("input, textarea");
    if (target) target.focus();
    if (document.activeElement !== target && tries) requestAnimationFrame(() => studio.focusSoon(id, tries - 1));
  },

  /** Focuses the control of a form's field, as soon as it is on the page, and brings it into view; `all`: what is typed next replaces its text. */
  focusField(id, all = false, tries = 60) {
    const field = getHtmlElement(id);
    if (!field) {
      if (tries) requestAnimationFrame(() => studio.focusField(id, all, tries - 1));
      return;
    }
    field.closest("details")?.setAttribute("open", "");
    field.scrollIntoView({ block: "nearest" });
    const control = field.querySelector("input, textarea") ?? field.querySelector("select, button") ?? field;
    control.focus();
    if (all) control.select?.();
  },

  /** Selects the name in a field that holds a file's path: what is typed next replaces it, and the folder stays. */
  selectName(input) {
    input.setSelectionRange(input.value.lastIndexOf("/") + 1, input.value.length);
  },

  /** Focuses what was drawn anew in the place of what had the focus; whoever went elsewhere meanwhile stays there. */
  focusAgain(selector) {
    if (document.activeElement === document.body) document.querySelector(selector)?.focus();
  },

  /** Whether this browser is to tell of the end of runs; kept by the browser, for the permission is its too. */
  tells() {
    try {
      return localStorage.getItem("asl-studio-tell-end") === "yes" && Notification.permission === "granted";
    } catch {
      return false;
    }
  },

  /** A click on the bell: asks for the browser's permission (which only a click may), or takes the wish back. */
  async askToTell(button) {
    let wish = !studio.tells();
    let refused = false;
    try {
      if (wish) refused = (await Notification.requestPermission()) !== "granted";
      localStorage.setItem("asl-studio-tell-end", wish && !refused ? "yes" : "no");
    } catch {
      refused = true; // no such thing here, or no storage
    }
    studio.showBell(button);
    studio.emit("studio-tells", { on: studio.tells(), refused });
  },

  showBell(button = document.querySelector("[data-tell-end]")) {
    button?.setAttribute("aria-pressed", String(studio.tells()));
  },

  /** A run that was followed has ended. A tab out of sight says so in its title until it is looked at again, and in a notification where wished. */
  tellEnd(mark, words) {
    if (!document.hidden) return;
    const title = document.title;
    document.title = `${mark} ${words}`;
    const back = () => {
      if (document.hidden) return;
      document.title = title;
      document.removeEventListener("visibilitychange", back);
    };
    document.addEventListener("visibilitychange", back);
    if (studio.tells()) {
      const told = new Notification("ASL Studio", { body: words, tag: location.pathname });
      told.onclick = () => (window.focus(), told.close());
    }
  },

  /** Focuses where the states are: their list where that is shown, else the canvas. */
  focusStates() {
    const places = document.querySelectorAll('[data-panel="list"] [role="treeitem"][tabindex="0"], [data-panel="canvas"] [role="application"]');
    [...places].find((place) => place.offsetParent)?.focus();
  },

  /** Copies text and says whether it worked (a page without focus may not write to the clipboard). */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  },
});

// In the small editors of a form Tab goes on to the next field; in an editor of a whole text it indents.
window.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Tab" && event.target.closest?.("[data-tab-leaves] .cm-editor")) event.stopPropagation();
  },
  true,
);

// The panel with [data-runs] that the keyboard or the pointer was in last: what is drawn anew takes the focus away with it.
let within = null;
for (const kind of ["focusin", "pointerdown"])
  window.addEventListener(kind, (event) => { within = event.target.closest?.("[data-runs]") ?? null; }, true);

// Ctrl+Enter runs, and inside a panel with [data-runs] what that panel runs; the code editor's own use of it comes second.
window.addEventListener(
  "keydown",
  (event) => {
    if (studio.chord(event) !== "Ctrl+Enter" || event.isComposing || document.querySelector(".q-dialog")) return;
    const panel = event.target === document.body ? (within?.offsetParent ? within : null) : event.target.closest?.("[data-runs]");
    const id = panel?.dataset.runs ?? "run";
    if (id === "run" && !event.target.closest?.(".cm-editor")) return; // as every shortcut, below
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return;
    for (const kind of ["change", "blur"]) event.target.dispatchEvent(new Event(kind, { bubbles: kind === "change" })); // tells what was typed
    setTimeout(() => studio.emit("studio-command", { id }), 20);
  },
  true,
);

window.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const chord = studio.chord(event);
  const typing = studio.typing(event.target);
  const dialog = document.querySelector(".q-dialog");
  for (const { id, keys, everywhere } of studio.keys) {
    if (!keys.includes(chord)) continue;
    if ((typing || dialog) && !everywhere) return;
    event.preventDefault();
    if (event.repeat && !["undo", "redo", "next-problem", "previous-problem", "zoom-in", "zoom-out"].includes(id)) return;
    // What is being typed is committed before the command acts on the document: fields tell of it a tick after their change.
    if (typing) event.target.dispatchEvent(new Event("change", { bubbles: true }));
    setTimeout(() => studio.emit("studio-command", { id }), typing ? 10 : 0);
    return;
  }
});

// A list of buttons is walked with the arrow keys: [data-walk] marks the list.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const list = event.target.closest?.("[data-walk]");
  if (!list) return;
  const items = [...list.querySelectorAll("button, a")].filter((item) => item.offsetParent);
  const at = items.indexOf(document.activeElement);
  const next = items[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) {
    next.focus();
    event.preventDefault();
  }
});

// A narrow screen gets the list of the states instead of the canvas: told whenever that changes, and as soon as the page hears.
studio.narrow = window.matchMedia("(max-width: 599px)");
studio.tellNarrow = () => studio.emit("studio-narrow", { narrow: studio.narrow.matches });
studio.narrow.addEventListener("change", studio.tellNarrow);

// Escape leaves the palette's search for what it adds to: the list of the states where that is shown, else the canvas.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.closest?.("[data-palette-search]")) return;
  studio.focusStates();
});

// The inspector's width: drag its edge; remembered by the browser.
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  if (!grip) return;
  event.preventDefault();
  const move = (e) => studio.width(Math.round(window.innerWidth - e.clientX));
  const up = () => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", up);
});
studio.width = (px) => {
  const width = Math.min(640, Math.max(320, px));
  document.documentElement.style.setProperty("--inspector-width", width + "px");
  try {
    localStorage.setItem("asl-studio-inspector-width", String(width));
  } catch {
    /* storage may be switched off */
  }
};
try {
  const width = Number(localStorage.getItem("asl-studio-inspector-width"));
  if (width) studio.width(width);
} catch {
  /* storage may be switched off */
}

// Files dropped on a page go to its uploader (`studio.filesTo`, an element's id); on any other page they are let go, never opened instead of it.
{
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const light = (on) => document.body.classList.toggle("dropping", on && !!studio.filesTo);
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = studio.filesTo ? "copy" : "none";
    light(true);
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && light(false));
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    light(false);
    if (studio.filesTo) runMethod(studio.filesTo, "addFiles", [event.dataTransfer.files]);
  });
}
