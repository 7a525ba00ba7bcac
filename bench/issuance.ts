/**
 * How long one issuance of two names takes, beside certbot's against the same Pebble in the same run: `npm run bench --
 * issuance`.
 *
 * Both make a new account and answer HTTP-01 on the same port. certbot is a program that is started for it; ours runs
 * in the provider's process, which a run of Pulumi has started anyway. So the time until our logic is loaded is printed
 * too. Ends with 1 if ours takes more than a tenth.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { ensureDebianPackages } from "../lab/programs/debian";
import { timeIssuance } from "../rig/acme/issuance";
import { type Pebble, startPebble } from "../rig/acme/pebble";

const ROUNDS = 5;
const SHARE = 0.1;

/** Prints the figures; sets exit code 1 if ours takes more than a tenth. */
export async function benchIssuance(): Promise<void> {
  await ensureDebianPackages(["certbot", "openssl"], (now) => console.error(now));
  const loading = await timeLoading();
  const pebble = await startPebble({ profiles: { default: 7_776_000 } });
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const names = [`registry${round}.example.test`, `ui${round}.example.test`];
      ours.push(await timeIssuance(pebble, names));
      theirs.push(await timeCertbot(pebble, names));
    }
    const share = median(ours) / median(theirs);
    console.log(`ours     ${line(ours)}`);
    console.log(`certbot  ${line(theirs)}`);
    console.log(`share    ${(share * 100).toFixed(1)} % of certbot's time (at most ${SHARE * 100} % is wished)`);
    console.log(`loading  ${Math.round(loading)} ms once for each run, for a new process with all of the logic`);
    process.exitCode = share <= SHARE ? 0 : 1;
  } finally {
    await pebble.stop();
  }
}

async function timeCertbot(pebble: Pebble, names: string[]): Promise<number> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "certbot-"));
  fs.writeFileSync(path.join(folder, "ca.pem"), pebble.caPem);
  const folders = ["config", "work", "logs"].flatMap((kind) => [`--${kind}-dir`, path.join(folder, kind)]);
  const challenge = ["--standalone", "--http-01-address", "127.0.0.1", "--http-01-port", `${pebble.httpPort}`];
  const account = ["--agree-tos", "--no-eff-email", "-m", "admin@example.test", "--non-interactive"];
  const wish = ["--server", pebble.directory, "--key-type", "ecdsa", ...names.flatMap((name) => ["-d", name])];
  const started = performance.now();
  await execa("certbot", ["certonly", ...challenge, ...account, ...wish, ...folders], {
    env: { REQUESTS_CA_BUNDLE: path.join(folder, "ca.pem") },
    stdin: "ignore",
  });
  const took = performance.now() - started;
  fs.rmSync(folder, { recursive: true });
  return took;
}

/** Milliseconds until a new process has loaded everything that an issuance needs, from TypeScript. */
async function timeLoading(): Promise<number> {
  const module = path.join(__dirname, "..", "rig", "acme", "issuance");
  const script = `require("ts-node/register/transpile-only"); require(${JSON.stringify(module)});`;
  const started = performance.now();
  await execa(process.execPath, ["-e", script], { cwd: path.join(__dirname, "..") });
  return performance.now() - started;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

function line(times: readonly number[]): string {
  const all = times.map((time) => Math.round(time)).join(", ");
  return `${Math.round(median(times))} ms (median of ${all})`;
}
