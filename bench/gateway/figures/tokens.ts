import * as fs from "node:fs";
import * as path from "node:path";
import { UserRole } from "../../../components";
import { verifierKey } from "../../../components/internal";
import { bcryptFile, putBehind } from "../../../rig/gateway/before-registry";
import { ask } from "../../../rig/gateway/client";
import { certificates, gatewaySite, REGISTRY } from "../../../rig/gateway/fixture";
import { Issuer, startNames } from "../../../rig/identities/issuer";
import { Verifier } from "../../../rig/identities/verifier";
import { medianRatio, median, type Row, spread } from "../figure";
import { makeBlob, push, requestsPerSecond, type Server } from "../load";
import { nginxUse, type Stage } from "../stage";

const REPOSITORY = "bench/tokens";
const NAME = "ci-main";
const SUBJECT = "repo:acme/app:ref:refs/heads/main";
/** Tokens that no gateway knows yet, in each round. */
const FRESH = 200;

/** What a token costs beside a password: remembered, and when a verifier has to be asked. */
export async function tokens(stage: Stage): Promise<Row[]> {
  const { gateway, registry, host } = stage;
  const names = await startNames();
  const issuer = await Issuer.start(REGISTRY, certificates().server);
  const pem = (file: string): string => fs.readFileSync(path.join(registry.folder, file), "utf8");
  const pair = { cert: pem("domain.crt"), key: pem("domain.key") };
  const verifier = await Verifier.start(issuer, REGISTRY, names.port, pair, pair.cert);
  const userFile = await bcryptFile(10);
  try {
    const users = [...(await gatewaySite()).users, { name: NAME, role: UserRole.Pull }];
    const identity = { name: NAME, issuer: "ours", audience: REGISTRY, subject: SUBJECT, groups: [] };
    const verifiers = [{ key: verifierKey("ours", REGISTRY), nodePort: verifier.port }];
    await putBehind(host, registry, { userFile, users, identities: [identity], verifiers });
    return await measured(stage, gateway, verifier, () => issuer.token({ sub: SUBJECT, aud: REGISTRY }));
  } finally {
    await putBehind(host, registry, { userFile });
    await verifier.stop();
    await issuer.stop();
    names.stop();
  }
}

async function measured(
  { host, folder, effort }: Stage,
  gateway: Server,
  verifier: Verifier,
  token: () => string,
): Promise<Row[]> {
  const blob = makeBlob(folder, "config", 500);
  await push(gateway, REPOSITORY, blob);
  const target = `/v2/${REPOSITORY}/blobs/${blob.digest}`;
  const byToken = { ...gateway, auth: `${NAME}:${token()}` };
  const rates: { password: number[]; token: number[] } = { password: [], token: [] };
  const fresh: number[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    rates.password.push(await requestsPerSecond(gateway, target, effort.seconds));
    rates.token.push(await requestsPerSecond(byToken, target, effort.seconds));
    const cpu = async (): Promise<number> => (await nginxUse(host)).cpu + verifier.cpu();
    const [before, known] = [await cpu(), await askedFor(host.httpsPort, target, Array<string>(FRESH).fill(token()))];
    const between = await cpu();
    const all = Array.from({ length: FRESH }, token);
    await askedFor(host.httpsPort, target, all);
    // What a connection and the answer cost is in both.
    fresh.push((((await cpu()) - between - (between - before)) / known) * 1000);
  }
  const detail = `${spread(rates.token)} and ${spread(rates.password)} a second`;
  return [
    {
      what: "small requests, with a remembered token against a remembered password",
      value: medianRatio(rates.token, rates.password),
      atLeast: 0.95,
      detail,
    },
    {
      what: "a token that is not remembered, more CPU of gateway and verifier than a remembered one",
      value: median(fresh),
      unit: "ms",
      atMost: 1,
      detail: `${spread(fresh, 2)} ms, RSA with 2048 bits`,
    },
  ];
}

/** Asks once with each of the tokens, one after the other, and says how many there were. */
async function askedFor(port: number, path: string, all: readonly string[]): Promise<number> {
  for (const token of all) {
    const { status } = await ask({ port, path, auth: `${NAME}:${token}` });
    if (status !== 200) throw new Error(`a good token is answered ${status}`);
  }
  return all.length;
}
