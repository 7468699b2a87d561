// Words proposed under a field that is being typed in: [data-completes] marks such fields. Python knows the words (widgets/proposing.py);
// this asks for them, shows them under the caret and puts the chosen one in. The field keeps the focus all the time.
"use strict";

(() => {
  const CARET = "\u00a7"; // where the caret stands after a word was put in
  const BEGINS = /[\w"'`$.:[-]$|\{%\s?$/; // what may be typed before words come by themselves
  const GLYPHS = { function: "ƒ", variable: "x", field: "•", constant: "=", enum: "=", state: "▢", type: "▢", text: "→" };
  let asked = 0;
  let open = null; // {field, answer, at, moved}
  let pause = 0;
  let stood = ""; // where the field of the list stood
  let following = 0;
  let about = ""; // the text that was asked about

  const list = document.createElement("div");
  list.className = "proposals";
  list.id = "proposals";
  list.hidden = true;
  const doc = document.createElement("div");
  doc.className = "proposals-doc";
  doc.setAttribute("aria-live", "polite");
  const rows = document.createElement("div");
  rows.className = "proposals-rows";
  rows.id = "proposals-rows";
  rows.setAttribute("role", "listbox");
  rows.setAttribute("aria-label", "Proposals");
  list.append(rows, doc);

  const completes = (target) => target?.matches?.("input[data-completes], textarea[data-completes]");

  function ask(field) {
    clearTimeout(pause);
    pause = setTimeout(() => {
      if (document.activeElement !== field) return;
      about = field.value;
      studio.emit("studio-complete", { ask: ++asked, field: field.dataset.completes, text: about, offset: field.selectionStart ?? 0 });
    }, 40);
  }

  function close() {
    clearTimeout(pause);
    asked++; // an answer that is on its way comes too late
    if (!open) return;
    for (const name of ["aria-activedescendant", "aria-controls"]) open.field.removeAttribute(name);
    open = null;
    list.hidden = true;
  }

  studio.proposed = (ask, answer) => {
    const field = document.activeElement;
    if (ask !== asked || !completes(field) || field.value !== about) return; // else the next question is on its way
    if (!answer.options.length) return close();
    // a list that comes late does not take the word away that somebody moved to
    const kept = open?.moved ? answer.options.findIndex((option) => option.label === open.answer.options[open.at].label) : -1;
    open = { field, answer, at: Math.max(0, kept), moved: kept >= 0 };
    if (!list.isConnected) document.body.append(list);
    rows.replaceChildren(...answer.options.map(row));
    list.hidden = false;
    field.setAttribute("aria-controls", rows.id);
    mark();
    place(field, answer.from);
    stood = where(field);
    cancelAnimationFrame(following);
    following = requestAnimationFrame(follow);
  };

  const where = (field) => Object.values(field.getBoundingClientRect().toJSON()).join();

  /** The list goes where its field goes: it scrolls, or a note appears above it. Out of sight, the list is closed. */
  function follow() {
    if (!open) return;
    const { field, answer } = open;
    const now = where(field);
    if (now !== stood) {
      stood = now;
      if (!inSight(field)) return close();
      place(field, answer.from);
    }
    following = requestAnimationFrame(follow);
  }

  function inSight(field) {
    const box = field.getBoundingClientRect();
    if (!box.height) return false;
    for (let holder = field.parentElement; holder; holder = holder.parentElement) {
      if (holder !== document.body && getComputedStyle(holder).overflowY === "visible") continue;
      const around = holder === document.body ? { top: 0, bottom: innerHeight } : holder.getBoundingClientRect();
      if (box.bottom <= around.top || box.top >= around.bottom) return false;
    }
    return true;
  }

  function row(option, at) {
    const made = document.createElement("div");
    made.className = "proposal";
    made.id = `proposal-${at}`;
    made.setAttribute("role", "option");
    made.dataset.proposal = option.label;
    for (const [kind, text] of [["glyph", GLYPHS[option.kind] ?? "•"], ["label", option.label], ["detail", option.detail]]) {
      const part = document.createElement("span");
      part.className = `proposal-${kind}`;
      part.textContent = text;
      if (kind === "glyph") part.ariaHidden = "true";
      made.append(part);
    }
    made.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the field keeps the focus
      open.at = at;
      take();
    });
    return made;
  }

  function mark() {
    [...rows.children].forEach((made, at) => made.setAttribute("aria-selected", String(at === open.at)));
    const chosen = rows.children[open.at];
    open.field.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
    const told = open.answer.options[open.at].doc;
    doc.textContent = told;
    doc.hidden = !told;
  }

  /** The list goes under the caret's line, or over it where there is no room below. */
  function place(field, offset) {
    const caret = caretAt(field, offset);
    const { width, height } = list.getBoundingClientRect();
    const left = Math.max(8, Math.min(caret.left, innerWidth - width - 8));
    const below = caret.bottom + 4;
    const top = below + height <= innerHeight - 8 ? below : Math.max(8, caret.top - height - 4);
    list.style.left = `${left}px`;
    list.style.top = `${top}px`;
  }

  /** Where a character of a field stands on the screen: measured on a copy of the field's box. */
  function caretAt(field, offset) {
    const style = getComputedStyle(field);
    const copy = document.createElement("div");
    for (const name of ["fontFamily", "fontSize", "fontWeight", "letterSpacing", "lineHeight", "tabSize", "wordBreak", "overflowWrap"]) {
      copy.style[name] = style[name];
    }
    for (const side of ["Top", "Right", "Bottom", "Left"]) {
      copy.style[`padding${side}`] = style[`padding${side}`];
      copy.style[`border${side}Width`] = style[`border${side}Width`];
    }
    const lines = field.tagName === "TEXTAREA";
    Object.assign(copy.style, {
      position: "absolute", visibility: "hidden", borderStyle: "solid", boxSizing: "border-box", top: "0", left: "0",
      width: `${field.offsetWidth}px`, whiteSpace: lines ? "pre-wrap" : "pre",
    });
    copy.textContent = field.value.slice(0, offset);
    const mark = document.createElement("span");
    mark.textContent = field.value.slice(offset) || ".";
    copy.append(mark);
    document.body.append(copy);
    const box = field.getBoundingClientRect();
    const at = mark.getClientRects()[0] ?? mark.getBoundingClientRect();
    const origin = copy.getBoundingClientRect();
    copy.remove();
    const left = box.left + at.left - origin.left - field.scrollLeft;
    const top = lines ? box.top + at.top - origin.top - field.scrollTop : box.top;
    return { left: Math.min(left, box.right), top, bottom: lines ? Math.min(top + at.height, box.bottom) : box.bottom };
  }

  /** Puts the chosen word in, as if it were typed: the field's own undo takes it back. */
  function take() {
    const { field, answer, at } = open;
    const choice = answer.options[at];
    close();
    const put = choice.text.indexOf(CARET);
    const text = choice.text.replace(CARET, "");
    field.setSelectionRange(answer.from, answer.to + field.value.length - about.length); // what was typed since goes too
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const caret = answer.from + (put < 0 ? text.length : put);
    field.setSelectionRange(caret, caret);
    if (put >= 0) field.dispatchEvent(new Event("input", { bubbles: true })); // Quasar puts the caret back to where the last input left it
    if (choice.again) ask(field);
    else clearTimeout(pause);
  }

  /** A path that was dropped into an empty field of a JSONata state gets the braces that make it an expression. */
  function dropped(field) {
    const text = field.value.trim();
    if (field.dataset.holds !== "json" || !/^\$[\w.`[\]]+$/.test(text)) return;
    if (document.querySelector("[data-panel=inspector]")?.dataset.language !== "JSONata") return;
    field.setSelectionRange(0, field.value.length);
    document.execCommand("insertText", false, `{% ${text} %}`);
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!completes(field) || event.isComposing) return;
    if (event.inputType === "insertFromDrop") {
      setTimeout(() => dropped(field));
      return close();
    }
    const before = field.value.slice(0, field.selectionStart ?? 0);
    if (event.inputType?.startsWith("delete") && !open) return;
    if (BEGINS.test(before.slice(-4))) ask(field);
    else close();
  });

  addEventListener(
    "keydown",
    (event) => {
      if (!completes(event.target) || event.isComposing) return;
      const chord = studio.chord(event);
      if (chord === "Ctrl+ ") {
        event.preventDefault();
        event.stopImmediatePropagation();
        ask(event.target);
        return;
      }
      if (!open) return;
      const count = open.answer.options.length;
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
      if (chord in steps) {
        const page = Math.abs(steps[chord]) > 1;
        open.at = page ? Math.max(0, Math.min(count - 1, open.at + steps[chord])) : (open.at + steps[chord] + count) % count;
        open.moved = true;
        mark();
      } else if (chord === "Enter" || (chord === "Tab" && open.moved)) take();
      else if (chord === "Escape") close();
      else {
        if (["Tab", "Shift+Tab", "ArrowLeft", "ArrowRight", "Home", "End"].includes(chord)) close();
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  document.addEventListener("focusout", close);
})();
