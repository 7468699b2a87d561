/** The canvas's look, from the page's tokens (theme.css), with fallbacks where it stands alone. */

const CSS = `
.sc { position: relative; overflow: hidden; width: 100%; height: 100%; background: var(--page, #f6f7f9); color: var(--text, #0b1220); touch-action: none; user-select: none; outline: none; cursor: default; font: 400 13px/16px var(--sans, system-ui, sans-serif); contain: strict; }
.sc:focus-visible { outline: 2px solid var(--action, #1257b0); outline-offset: -2px; border-radius: 0; }
.sc.sc-panning { cursor: grabbing; }
.sc-world { position: absolute; left: 0; top: 0; transform-origin: 0 0; }
.sc-edges { position: absolute; left: 0; top: 0; overflow: visible; pointer-events: none; z-index: 45; }
.sc-overview { position: absolute; left: 0; top: 0; }
.sc-nodes { position: absolute; left: 0; top: 0; }
.sc-node { position: absolute; left: 0; top: 0; transition: transform 200ms ease-out, width 200ms ease-out, height 200ms ease-out; }
.sc-dragging .sc-node, .sc-panning .sc-node { transition: none; }
.sc-state { background: var(--surface, #fff); border: 1px solid var(--line-strong, #8a94a0); border-radius: 6px; box-shadow: var(--shadow, none); cursor: grab; }
.sc-state:hover { border-color: var(--text-2, #4b5563); }
.sc-t-Choice.sc-state:not(.sc-container) { background: none; border-color: transparent; box-shadow: none; }
.sc-shape { position: absolute; left: -1px; top: -1px; overflow: visible; pointer-events: none; }
.sc-shape path { fill: var(--surface, #fff); stroke: var(--line-strong, #8a94a0); stroke-width: 1; }
.sc-body, .sc-head { position: relative; display: flex; align-items: center; gap: 10px; height: 100%; padding: 0 10px; }
.sc-container { background: color-mix(in srgb, var(--surface, #fff) 55%, transparent); box-shadow: none; border-color: var(--line-strong, #8a94a0); cursor: default; }
.sc-head { height: 32px; border-bottom: 1px solid var(--line, #dde2e8); background: var(--surface, #fff); border-radius: 5px 5px 0 0; cursor: grab; gap: 8px; }
.sc-collapsed .sc-head { border-bottom: 0; border-radius: 5px; height: 100%; }
.sc-head .sc-tile { width: 20px; height: 20px; }
.sc-head .sc-tile .sc-glyph { width: 14px; height: 14px; }
.sc-head .sc-words { flex-direction: row; gap: 8px; align-items: baseline; }
.sc-head .sc-name { flex: 0 0 auto; max-width: 100%; }
.sc-head .sc-subtitle { flex: 1 1 0; min-width: 0; }
.sc-state[data-status] > .sc-head .sc-words { padding-right: 0; }
.sc-tile { --tone: var(--text-2, #4b5563); flex: none; display: grid; place-items: center; width: 32px; height: 32px; border-radius: 6px; color: var(--tone); background: color-mix(in srgb, var(--tone) 12%, transparent); }
.sc-tile[data-tone="compute"] { --tone: #b4560b; } .sc-tile[data-tone="data"] { --tone: #2f5fc4; } .sc-tile[data-tone="messages"] { --tone: #b3246b; } .sc-tile[data-tone="model"] { --tone: #0b7a75; } .sc-tile[data-tone="other"] { --tone: #5b4bc4; }
.body--dark .sc-tile[data-tone="compute"] { --tone: #f0a35e; } .body--dark .sc-tile[data-tone="data"] { --tone: #8fb2f0; } .body--dark .sc-tile[data-tone="messages"] { --tone: #f08bbb; } .body--dark .sc-tile[data-tone="model"] { --tone: #5fd0c8; } .body--dark .sc-tile[data-tone="other"] { --tone: #b3a8f5; }
.sc-glyph { width: 20px; height: 20px; display: block; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.sc-words { display: flex; flex-direction: column; min-width: 0; flex: 1; }
.sc-name { font-weight: 500; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.sc-subtitle { font-size: 11px; line-height: 14px; color: var(--text-2, #4b5563); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.sc-chevron { display: grid; place-items: center; width: 24px; height: 24px; border-radius: 4px; cursor: pointer; flex: none; color: var(--text-2); margin-right: -4px; }
.sc-state[data-status] > .sc-head .sc-chevron { margin-right: 18px; }
.sc-chevron .sc-glyph { width: 16px; height: 16px; }
.sc-chevron:hover { background: var(--press, #0b122014); }
.sc-lane { position: absolute; width: 0; border-left: 1px dotted var(--line-strong, #8a94a0); margin-left: -8px; pointer-events: none; }
.sc-start, .sc-end { display: grid; place-items: center; background: var(--surface, #fff); border: 1px solid var(--line-strong, #8a94a0); border-radius: 14px; color: var(--text-2, #4b5563); font-size: 12px; }
.sc-start:empty { background: var(--line-strong, #8a94a0); }
.sc-empty { display: flex; flex-direction: column; gap: 2px; align-items: center; justify-content: center; border: 1.5px dashed var(--line-strong, #8a94a0); border-radius: 6px; color: var(--text-2, #4b5563); background: transparent; font-size: 12px; }
.sc-plus { width: 16px; height: 16px; }
.sc-chips { position: absolute; right: 8px; bottom: -9px; display: flex; gap: 4px; }
.sc-container > .sc-chips { bottom: auto; top: 24px; }
.sc-chip { font-size: 10px; line-height: 14px; padding: 1px 6px; border-radius: 8px; background: var(--surface, #fff); border: 1px solid var(--line, #dde2e8); color: var(--text-2, #4b5563); white-space: nowrap; }
.sc-badge { position: absolute; left: -8px; top: -8px; min-width: 18px; height: 18px; padding: 0 5px; font: 500 11px/18px var(--sans, sans-serif); text-align: center; color: #fff; background: #a3120a; border-radius: 9px; box-shadow: 0 0 0 2px var(--page, #f6f7f9); }
.sc-badge.sc-warning { background: #8a4500; border-radius: 4px; }
.sc-break { position: absolute; left: -5px; top: -5px; width: 10px; height: 10px; background: #c4221a; outline: 2px solid var(--page); z-index: 2; }
.sc-pin { position: absolute; left: 14px; top: -9px; color: var(--text-2); background: var(--page); border-radius: 8px; }
.sc-pin .sc-glyph { width: 16px; height: 16px; }
.sc-mocked:not(.sc-container)::before { content: ""; position: absolute; inset: 3px; border: 1px dashed var(--line-strong, #8a94a0); border-radius: 4px; pointer-events: none; }
.sc-moved { position: absolute; left: 4px; bottom: 4px; width: 5px; height: 5px; border-radius: 3px; background: var(--action, #1257b0); }
.sc-malformed { background-image: repeating-linear-gradient(45deg, transparent 0 7px, var(--failed-tint, #fbe7e5) 7px 14px); }
.sc-exit { position: absolute; left: 50%; bottom: -7px; width: 12px; height: 12px; margin-left: -6px; border-radius: 6px; background: var(--action, #1257b0); border: 2px solid var(--surface, #fff); opacity: 0; cursor: crosshair; transition: opacity 120ms ease-out; }
.sc-exit::after { content: ""; position: absolute; inset: -8px; }
.sc-state:hover > .sc-exit, .sc-selected > .sc-exit { opacity: 1; }
.sc-readonly .sc-exit { display: none; }
.sc-status { position: absolute; right: 6px; top: 6px; display: flex; align-items: center; gap: 2px; color: var(--st, currentColor); background: var(--stt, transparent); border-radius: 10px; }
.sc-status .sc-glyph { width: 16px; height: 16px; stroke-width: 2.2; }
.sc-container > .sc-status { top: 8px; }
.sc-detail { font-size: 10px; padding-right: 4px; }
.sc-node[data-status="succeeded"] { --st: var(--succeeded); --stt: var(--succeeded-tint); --sw: 2px; --ss: solid; }
.sc-node[data-status="failed"], .sc-node[data-status="timed-out"] { --st: var(--failed); --stt: var(--failed-tint); --sw: 3px; --ss: solid; }
.sc-node[data-status="running"] { --st: var(--running); --stt: var(--running-tint); --sw: 2px; --ss: dashed; }
.sc-node[data-status="waiting"] { --st: var(--waiting); --stt: var(--waiting-tint); --sw: 2px; --ss: dotted; }
.sc-node[data-status="retrying"] { --st: var(--retrying); --stt: var(--retrying-tint); --sw: 2px; --ss: dashed; }
.sc-node[data-status="caught"] { --st: var(--retrying); --stt: var(--retrying-tint); --sw: 2px; --ss: solid; }
.sc-node[data-status="stopped"] { --st: var(--stopped); --stt: var(--stopped-tint); --sw: 2px; --ss: solid; }
.sc-node[data-status="not-reached"] { --st: var(--not-reached); --stt: transparent; --sw: 1px; --ss: dashed; opacity: .6; }
.sc-state[data-status]:not(.sc-t-Choice) { border: var(--sw) var(--ss) var(--st); background-color: color-mix(in srgb, var(--stt) 70%, var(--surface)); }
.sc-state[data-status].sc-t-Choice:not(.sc-container) .sc-shape path { stroke: var(--st); stroke-width: var(--sw); fill: color-mix(in srgb, var(--stt) 70%, var(--surface)); }
.sc-state[data-status="running"].sc-t-Choice .sc-shape path, .sc-state[data-status="not-reached"].sc-t-Choice .sc-shape path { stroke-dasharray: 5 4; }
.sc-container[data-status] { background-color: color-mix(in srgb, var(--stt) 35%, transparent); }
.sc-state[data-status] .sc-head { background: color-mix(in srgb, var(--stt) 70%, var(--surface)); }
.sc-state[data-status] .sc-words { padding-right: 16px; }
.sc-node[data-status="running"] > .sc-status .sc-glyph { animation: sc-turn 1.6s linear infinite; }
@keyframes sc-turn { to { transform: rotate(360deg); } }
.sc-selected { outline: 2px solid var(--action, #1257b0); outline-offset: 3px; border-radius: 6px; }
.sc-over { outline: 2px dashed var(--action, #1257b0); outline-offset: 3px; }
.sc-refused { outline: 2px dotted var(--failed, #a3120a); outline-offset: 3px; }
.sc-line { fill: none; stroke: var(--line-strong, #8a94a0); stroke-width: 1.5; }
.sc-arrow { fill: var(--line-strong, #8a94a0); }
.sc-hit { fill: none; stroke: transparent; stroke-width: 14; pointer-events: stroke; }
.sc:not(.sc-readonly) .sc-edge { cursor: pointer; }
.sc-edge:hover .sc-line { stroke-width: 2.5; stroke: var(--text-2); }
.sc-grip { fill: var(--surface, #fff); stroke: var(--action, #1257b0); stroke-width: 2; opacity: 0; pointer-events: all; cursor: crosshair; transition: opacity 120ms ease-out; }
.sc-add { opacity: 0; pointer-events: none; cursor: pointer; transition: opacity 120ms ease-out; }
.sc-add circle { fill: var(--surface, #fff); stroke: var(--action, #1257b0); stroke-width: 1.5; }
.sc-add path { fill: none; stroke: var(--action, #1257b0); stroke-width: 1.8; stroke-linecap: round; }
.sc-add:hover circle { fill: var(--action, #1257b0); }
.sc-add:hover path { stroke: var(--on-action, #fff); }
.sc-edge:hover .sc-grip, .sc-chosen .sc-grip, .sc-edge:hover .sc-add, .sc-chosen .sc-add { opacity: 1; }
.sc-edge:hover .sc-add, .sc-chosen .sc-add { pointer-events: all; }
.sc-dragging .sc-edge .sc-grip, .sc-dragging .sc-edge .sc-add { opacity: 0; pointer-events: none; }
.sc-k-catch .sc-line { stroke: var(--retrying, #c96a08); stroke-dasharray: 6 4; }
.sc-k-catch .sc-arrow { fill: var(--retrying, #c96a08); }
.sc-k-catch .sc-label { fill: var(--retrying-text, #8a4500); }
.sc-missing .sc-line { stroke-dasharray: 2 4; }
.sc-taken .sc-line { stroke: var(--succeeded, #088f5b); stroke-width: 2.5; }
.sc-taken .sc-arrow { fill: var(--succeeded, #088f5b); }
.sc-taken.sc-k-catch .sc-line { stroke: var(--retrying); } .sc-taken.sc-k-catch .sc-arrow { fill: var(--retrying); }
.sc-edge.sc-chosen.sc-chosen .sc-line { stroke: var(--action, #1257b0); stroke-width: 2.5; }
.sc-edge.sc-chosen.sc-chosen .sc-arrow { fill: var(--action, #1257b0); }
.sc-lifted .sc-line, .sc-lifted .sc-arrow { opacity: .3; }
.sc-chosen .sc-label-box { stroke: var(--action, #1257b0); }
.sc-label-box { pointer-events: all; fill: var(--surface, #fff); stroke: var(--line, #dde2e8); }
.sc-label { font: 400 11px/14px var(--sans, sans-serif); fill: var(--text-2, #4b5563); text-anchor: middle; dominant-baseline: central; }
.sc-wire { fill: none; stroke: var(--action, #1257b0); stroke-width: 2; stroke-dasharray: 5 4; }
.sc-drops { position: absolute; left: 0; top: 0; z-index: 60; pointer-events: none; }
.sc-drop { position: absolute; width: 24px; height: 24px; margin: -12px 0 0 -12px; border-radius: 12px; display: grid; place-items: center; font: 500 16px/24px var(--sans, sans-serif); color: var(--action, #1257b0); background: var(--surface, #fff); border: 1.5px solid var(--action, #1257b0); transition: transform 120ms ease-out, background 120ms ease-out; }
.sc-drop.sc-no { width: 8px; height: 8px; margin: -4px 0 0 -4px; border-color: var(--line-strong); background: var(--page); opacity: .7; }
.sc-drop.sc-into { transform: translate(-50%, -50%); margin: 0; border-radius: 6px; background: color-mix(in srgb, var(--action, #1257b0) 8%, transparent); border-style: dashed; }
.sc-drop.sc-near { transform: scale(1.35); background: var(--action, #1257b0); color: var(--on-action, #fff); }
.sc-drop.sc-into.sc-near { transform: translate(-50%, -50%); background: color-mix(in srgb, var(--action, #1257b0) 22%, transparent); color: var(--action); border-style: solid; }
.sc-drop.sc-no.sc-near { background: var(--failed, #a3120a); border-color: var(--failed); }
.sc-ghost { position: fixed; left: 0; top: 0; z-index: 9000; pointer-events: none; padding: 8px 14px; border-radius: 6px; font: 500 13px/16px var(--sans, sans-serif); color: var(--text, #0b1220); background: var(--raised, #fff); border: 1.5px solid var(--action, #1257b0); box-shadow: var(--shadow-pop, 0 4px 16px #0003); max-width: 224px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.sc-beside { position: absolute; left: 0; top: 0; display: flex; border-radius: 6px; overflow: hidden; border: 1.5px solid var(--action, #1257b0); background: var(--surface, #fff); }
.sc-side { flex: 1 1 0; display: grid; place-items: center; font: 500 12px/16px var(--sans, sans-serif); color: var(--action-text, var(--action, #1257b0)); border-left: 1px solid var(--line, #dde2e8); }
.sc-side:first-child { border-left: 0; }
.sc-side.sc-no { color: var(--text-3, #8a94a0); }
.sc-side.sc-near { background: var(--action, #1257b0); color: var(--on-action, #fff); }
.sc-side.sc-no.sc-near { background: var(--failed, #a3120a); color: #fff; }
.sc-ghost.sc-quiet { opacity: .45; }
.sc-landings { position: absolute; left: 0; top: 0; z-index: 58; pointer-events: none; }
.sc-landing { position: absolute; left: 0; top: 0; border: 1.5px dashed var(--action, #1257b0); border-radius: 6px; background: color-mix(in srgb, var(--action, #1257b0) 8%, transparent); }
.sc-still .sc-node { transition: none; }
body.sc-grabbing, body.sc-grabbing * { cursor: grabbing !important; }
.sc-lasso { position: absolute; border: 1px solid var(--action, #1257b0); background: color-mix(in srgb, var(--action, #1257b0) 10%, transparent); z-index: 70; pointer-events: none; }
.sc-say { position: absolute; left: 50%; bottom: 16px; transform: translateX(-50%); max-width: 80%; padding: 6px 12px; border-radius: 6px; background: var(--text, #0b1220); color: var(--surface, #fff); z-index: 80; opacity: 0; pointer-events: none; transition: opacity 120ms ease-out; }
.sc-say.sc-on { opacity: 1; }
.sc-live { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.sc-minimap { position: absolute; right: 12px; bottom: 12px; z-index: 75; background: color-mix(in srgb, var(--surface, #fff) 92%, transparent); border: 1px solid var(--line, #dde2e8); border-radius: 6px; overflow: hidden; box-shadow: var(--shadow, none); cursor: pointer; }
.sc-minimap-view { position: absolute; border: 1.5px solid var(--action, #1257b0); background: color-mix(in srgb, var(--action, #1257b0) 10%, transparent); pointer-events: none; }
.sc-menu { position: fixed; z-index: 9001; min-width: 180px; padding: 4px; background: var(--raised, #fff); border-radius: 6px; box-shadow: var(--shadow-pop, 0 4px 16px #0003); border: 1px solid var(--line, #dde2e8); }
.sc-entry { display: flex; justify-content: space-between; align-items: center; gap: 24px; width: 100%; height: 28px; padding: 0 8px; border: 0; border-radius: 4px; background: none; color: var(--text, #0b1220); font: 400 13px/20px var(--sans, sans-serif); cursor: pointer; text-align: left; }
.sc-entry:hover, .sc-entry:focus { background: var(--hover, #0b12200a); outline: none; }
.sc-names-only .sc-body .sc-name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; font-size: min(22px, calc(11px * var(--sc-far, 1))); line-height: 1.1; white-space: normal; overflow-wrap: anywhere; }
.sc-names-only .sc-head .sc-name, .sc-names-only .sc-pill { font-size: min(20px, calc(11px * var(--sc-far, 1))); line-height: 24px; }
.sc-names-only .sc-node[data-status="not-reached"] { --sw: calc(1.25px * var(--sc-far, 1)); }
.sc-names-only .sc-state[data-status] .sc-words { padding-right: 0; }
.sc-names-only .sc-status { top: -10px; right: -6px; background: var(--surface, #fff); }
.sc-names-only .sc-status .sc-glyph { width: 24px; height: 24px; }
.sc-names-only .sc-node > .sc-status:has(> .sc-detail) { top: auto; bottom: calc(100% - 6px); }
.sc-names-only .sc-detail { font-size: calc(10px * var(--sc-far, 1)); line-height: 1.1; font-weight: 500; color: var(--text, #0b1220); }
.sc-names-only .sc-badge { transform: scale(1.6); }
.sc-names-only .sc-subtitle, .sc-names-only .sc-chips, .sc-unlabelled .sc-label, .sc-unlabelled .sc-label-box { display: none; }
@media (prefers-reduced-motion: reduce) { .sc-node, .sc-drop, .sc-say { transition: none; } .sc-status .sc-glyph { animation: none !important; } }
`;

export function installStyle(): void {
  if (document.getElementById("asl-studio-canvas-style")) return;
  const made = document.createElement("style");
  made.id = "asl-studio-canvas-style";
  made.textContent = CSS;
  document.head.append(made);
}
