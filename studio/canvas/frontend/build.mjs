// Bundles the two elements into ../dist: one ES module each, nothing loaded from elsewhere, the same bytes for the same sources.
import { build } from "esbuild";

const common = { bundle: true, format: "esm", target: "es2022", minify: true, legalComments: "none", charset: "utf8" };
await build({ ...common, entryPoints: ["src/canvas/index.ts"], outfile: "../dist/canvas/index.js" });
await build({ ...common, entryPoints: ["src/code/index.ts"], outfile: "../dist/code/index.js" });
