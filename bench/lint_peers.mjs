// The corpus through asl-validator and amazon-states-language-service, in process; milliseconds as JSON. Run by lint.py --peers.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [, , packages, folder] = process.argv;
const load = createRequire(path.join(packages, "x.js"));
const asValidator = load("asl-validator");
const validate = asValidator.default ?? asValidator;
const { getLanguageService } = load("amazon-states-language-service");
const { TextDocument } = load("vscode-languageserver-textdocument");
const texts = fs.readdirSync(folder).filter((f) => f.endsWith(".json") && f !== "index.json").map((f) => fs.readFileSync(path.join(folder, f), "utf8"));

function one(text) {
  try {
    validate(JSON.parse(text), { checkPaths: true });
  } catch {
    // not JSON for it: placeholders, comments
  }
}
const service = getLanguageService({});
async function two(text) {
  const document = TextDocument.create("file://a.asl.json", "asl", 1, text);
  await service.doValidation(document, service.parseJSONDocument(document));
}
async function timed(work) {
  for (const text of texts) await work(text);
  const times = [];
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    for (const text of texts) await work(text);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[1];
}
console.log(JSON.stringify({ files: texts.length, "asl-validator": await timed(one), "amazon-states-language-service": await timed(two) }));
