import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { DOMParser } from "@xmldom/xmldom";
import { execa } from "execa";

/** What a run of OCI's conformance suite is about. */
export interface ConformanceTarget {
  /** Words of the command: the program itself, and before it what runs it somewhere else. */
  command: readonly string[];
  /** `host` or `host:port`, over TLS. */
  registry: string;
  /** Roots to verify the registry with. */
  caFile: string;
  /** Who logs in. Nobody by default. */
  login?: { user: string; password: string };
  /** Where it pushes to; what an earlier run left there would count. */
  repositories: string;
  /** More of the suite's own variables, as in its README: `OCI_DATA_SHA512`. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * The outcome of every test: "OCI Conformance Test/ping: passed"; one that runs several times is there as often.
 * Sorted.
 */
export type Verdicts = readonly string[];

/** A run with fewer tests has not run: the suite says nothing of a bad setting, and ends with 0. */
const LEAST_TESTS = 500;

/**
 * Runs the suite and returns its verdicts, from its junit.xml. A test that fails is a verdict; an error is a suite that
 * did not run.
 */
export async function runConformance(target: ConformanceTarget): Promise<Verdicts> {
  const results = fs.mkdtempSync(path.join(os.tmpdir(), "conformance-"));
  const [program = "", ...args] = target.command;
  const login = target.login && { OCI_USERNAME: target.login.user, OCI_PASSWORD: target.login.password };
  try {
    const ran = await execa(program, args, {
      env: {
        PATH: process.env["PATH"] ?? "",
        SSL_CERT_FILE: target.caFile,
        OCI_REGISTRY: target.registry,
        OCI_REPO1: `${target.repositories}/one`,
        OCI_REPO2: `${target.repositories}/two`,
        OCI_RESULTS_DIR: results,
        OCI_LOG: "error",
        ...login,
        ...target.settings,
      },
      extendEnv: false,
      cwd: results, // a file of settings in the current folder would count
      reject: false,
      all: true,
      timeout: 240_000,
    });
    const report = path.join(results, "junit.xml");
    const verdicts = fs.existsSync(report) ? readVerdicts(fs.readFileSync(report, "utf8")) : [];
    if (verdicts.length < LEAST_TESTS) {
      const words = (ran.all ?? "").slice(0, 2000);
      throw new Error(`the conformance suite ran ${verdicts.length} tests and not ${LEAST_TESTS} or more:\n${words}`);
    }
    return verdicts;
  } finally {
    fs.rmSync(results, { recursive: true, force: true });
  }
}

/** How often each verdict came: `{ passed: 557, skipped: 8 }`. */
export function countVerdicts(verdicts: Verdicts): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const verdict of verdicts) {
    const kind = verdict.slice(verdict.lastIndexOf(" ") + 1);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function readVerdicts(junit: string): string[] {
  const cases = new DOMParser().parseFromString(junit, "text/xml").getElementsByTagName("testcase");
  return [...cases].map((one) => `${one.getAttribute("name")}: ${one.getAttribute("status")}`).sort();
}
