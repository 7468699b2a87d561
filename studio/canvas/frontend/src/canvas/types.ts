/** What Python sends and hears: the shapes of studio/canvas/shapes.py. Units are world pixels. */

export type Problems = { error: number; warning: number; hint: number };
export type Box = { x: number; y: number; w: number; h: number };

export type SceneNode = Box & {
  id: string;
  name: string;
  type: string;
  kind: "state" | "start" | "end" | "empty";
  scope: string;
  parent: string | null;
  title: string;
  subtitle: string;
  icon: string;
  container: boolean;
  collapsed: boolean;
  branches: Box[];
  chips: string[];
  problems: Problems;
  malformed: boolean;
  status: string | null;
  detail?: string;
  moved: boolean;
  mocked: boolean;
  breakpoint: boolean;
  label: string;
};

export type SceneEdge = {
  id: string;
  slot: string;
  from: string;
  to: string;
  fromId: string;
  toId: string;
  scope: string;
  kind: string;
  label: string;
  fullLabel?: string;
  labelBox: [number, number, number, number] | null;
  points: [number, number][];
  missing: boolean;
  taken: boolean;
  back: boolean;
};

/** `moved`: what only changed its place, as [id, dx, dy]. */
export type Changes<T> = { added: T[]; updated: T[]; moved: [string, number, number][]; removed: string[] };
/** `shifted`: scopes of which everything moved (not what is in the scopes inside them), as [scope, dx, dy]. */
export type Patch = {
  nodes: Changes<SceneNode>;
  edges: Changes<SceneEdge>;
  shifted: [string, number, number][];
  width: number;
  height: number;
  full: boolean;
};

export type Side = "before" | "replace" | "after";
export type Target = { edge: string; scope: string } | { container: string; scope: string } | { node: string; place: Side };
export type Intent = { kind: string } & Record<string, unknown>;

export type Options = {
  icons: Record<string, string>;
  label: string;
  readonly: boolean;
  emit: (intent: Intent) => void;
};
