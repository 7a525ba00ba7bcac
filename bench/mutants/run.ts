import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { LogLevel } from "@stryker-mutator/api/core" with { "resolution-mode": "import" };
import type { Area } from "./areas";
import type { Score } from "./score";

/** What a mutant's result holds that is read here. */
interface Mutant {
  fileName: string;
  location: { start: Position; end: Position };
  replacement: string;
  status: string;
}

interface Position {
  line: number;
  column: number;
}

/** What the command line says. */
export interface Choices {
  workers: string;
  only?: string;
}

/** The tool's folder: out of git, the package and every check. */
const FOLDER = ".mutants";

/**
 * Runs the tests of an area once, and then for each mutant those that run through it. The property tests try the same
 * values each time, as on CI: a mutant that only luck finds would be noticed by one run and not by the next.
 * The longest of them try a twentieth of their values (`test/support/tries.ts`).
 */
export async function runArea(name: string, area: Area, { workers, only }: Choices): Promise<Score> {
  process.env["CI"] = "true";
  process.env["FEWER_TRIES"] = "20";
  const begun = Date.now();
  const { Stryker } = await import("@stryker-mutator/core");
  const mutants: Mutant[] = await new Stryker({
    mutate: only === undefined ? area.mutate : [only],
    testRunner: "mocha",
    plugins: ["./bench/mutants/mocha-12.mjs"],
    mochaOptions: {
      config: "test/.mocharc.json",
      spec: ["unit", "property"].flatMap((folder) => area.tests.map((each) => `test/${folder}/${each}.test.ts`)),
    },
    coverageAnalysis: "perTest",
    timeoutMS: 15_000, // a busy machine is not to be taken for a test that does not end
    concurrency: Number(workers),
    reporters: ["json", "html", "progress-append-only"],
    jsonReporter: { fileName: `${FOLDER}/${name}.json` },
    htmlReporter: { fileName: `${FOLDER}/${name}.html` },
    tempDirName: `${FOLDER}/tmp`,
    ignorePatterns: [".lab", "dist", "coverage"],
    disableTypeChecks: false,
    logLevel: "warn" as LogLevel,
  }).runMutationTest();
  const of = (...statuses: string[]): Mutant[] => mutants.filter(({ status }) => statuses.includes(status));
  for (const mutant of of("Survived", "NoCoverage")) console.log(described(mutant));
  return {
    name,
    noticed: of("Killed", "Timeout").length,
    endless: of("Timeout").length,
    survived: of("Survived").length,
    unreached: of("NoCoverage").length,
    seconds: (Date.now() - begun) / 1000,
  };
}

/** "components/chain/time.ts:7: minutes < 120 -> minutes <= 120". */
function described({ fileName, location: { start, end }, replacement, status }: Mutant): string {
  const lines = readFileSync(fileName, "utf8")
    .split("\n")
    .slice(start.line - 1, end.line);
  const last = (lines.at(-1) ?? "").slice(0, end.column - 1);
  const [first = "", ...rest] = [...lines.slice(0, -1), last];
  const original = [first.slice(start.column - 1), ...rest].join("\n");
  const where = `${relative(process.cwd(), fileName)}:${start.line}`;
  return `${where}: ${short(original)} -> ${short(replacement)}${status === "NoCoverage" ? " (no test runs it)" : ""}`;
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= 100 ? line : `${line.slice(0, 60)} ... ${line.slice(-35)}`;
}
