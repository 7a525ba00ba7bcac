import { X509Certificate } from "node:crypto";
import type { Checks } from "./checks";
import { Unchecked } from "./checks";
import { type Answer, ask, look, type Shown } from "./https";
import { type Site, siteOf, type SmokeTarget, type SmokeUser } from "./target";

/** How far a gateway's clock may be off, in seconds: signed URLs and fresh certificates fail with more. */
const CLOCK_SECONDS = 30;

/** Looks at everything that one gateway does by itself. True if passwords may be sent to it. */
export async function checkGateway(checks: Checks, target: SmokeTarget, address: string): Promise<boolean> {
  const site = siteOf(target, target.registryUrl, address);
  let shown: Shown | undefined;
  const reached = await checks.run(address, "connection", async () => {
    shown = await look(site);
    return `${shown.protocol} on port ${site.port}`;
  });
  if (!reached || !shown) return false;
  const { certificate } = shown;
  const trusted = await checkTrust(checks, site, shown, target);
  await checks.run(address, "validity", () => validity(certificate));
  await checks.run(address, "key", () => keyOf(certificate));
  await checkUiName(checks, target, address);
  if (!trusted) return false;
  await checkDoor(checks, site);
  await checkLogins(checks, site, target);
  return true;
}

async function checkTrust(checks: Checks, site: Site, shown: Shown, target: SmokeTarget): Promise<boolean> {
  const chain = await checks.run(site.address, `chain of ${site.host}`, () => verified(site, shown));
  await checks.run(site.address, `certificate of ${site.host}`, () => sameAsState(shown.certificate, target));
  return chain;
}

async function checkUiName(checks: Checks, target: SmokeTarget, address: string): Promise<void> {
  if (target.uiUrl === "" || new URL(target.uiUrl).host === new URL(target.registryUrl).host) return;
  const site = siteOf(target, target.uiUrl, address);
  await checks.run(address, `certificate of ${site.host}`, async () => {
    const shown = await look(site);
    return `${sameAsState(shown.certificate, target)}, ${verified(site, shown)}`;
  });
}

/** Throws in plain words if a certificate is not to be trusted. */
function verified(site: Site, { certificate, complaint }: Shown): string {
  const issuer = certificate.issuer.replaceAll("\n", ", ");
  if (complaint === "") return `verified, by ${issuer}`;
  const names = certificate.subjectAltName ?? "no name";
  const words: Record<string, string> = {
    CERT_HAS_EXPIRED: `the certificate has expired, on ${certificate.validTo}; run pulumi up`,
    CERT_NOT_YET_VALID: `the certificate is not valid before ${certificate.validFrom}; is a clock wrong?`,
    ERR_TLS_CERT_ALTNAME_INVALID: `the certificate is not for ${site.host} but for ${names}`,
  };
  const advice = "set certificate.trustedRootsPem, or NODE_EXTRA_CA_CERTS";
  const unknown = `no root that is known here has signed it (${complaint}, issuer ${issuer}); ${advice}`;
  throw new Error(words[complaint] ?? unknown);
}

function sameAsState(served: X509Certificate, target: SmokeTarget): string {
  const wanted = new X509Certificate(target.certificateChain);
  if (served.fingerprint256 === wanted.fingerprint256) return `the stack's own, serial number ${served.serialNumber}`;
  const [got, want] = [served, wanted].map((each) => `${each.serialNumber} until ${each.validTo}`);
  throw new Error(
    `it serves ${got} and the stack's state has ${want}; run pulumi up, and npm run drift if that says nothing`,
  );
}

/**
 * Throws if a certificate has ended or is in the last tenth of its life, in which it should have been renewed long ago.
 */
function validity(certificate: X509Certificate): string {
  const [from, to] = [certificate.validFrom, certificate.validTo].map((text) => Date.parse(text)) as [number, number];
  const left = to - Date.now();
  const until = `until ${new Date(to).toISOString().slice(0, 16).replace("T", " ")}`;
  if (left <= 0) throw new Error(`${until}: it has expired; run pulumi up`);
  if (left < (to - from) / 10)
    throw new Error(`${until}: the last tenth of its life has begun; run pulumi up, which renews it`);
  return `${until}, ${left < 2 * 86_400_000 ? `${Math.floor(left / 3_600_000)} hours` : `${Math.floor(left / 86_400_000)} days`} left`;
}

function keyOf(certificate: X509Certificate): string {
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details = {} } = certificate.publicKey;
  if (type !== "rsa") return `${type} ${details.namedCurve ?? ""}`.trim();
  const { modulusLength = 0 } = details;
  if (modulusLength < 2048)
    throw new Error(`RSA of ${modulusLength} bits; browsers want 2048: set certificate.keyType`);
  return `RSA ${modulusLength}`;
}

/** What a gateway says to somebody without a password. */
async function checkDoor(checks: Checks, site: Site): Promise<void> {
  let answer: Answer | undefined;
  await checks.run(site.address, "without a password", async () => {
    answer = await ask(site, "/v2/");
    if (answer.status !== 401) throw new Error(`/v2/ is answered ${answer.status} and not 401`);
    const api = answer.rawHeaders.filter((name) => name.toLowerCase() === "docker-distribution-api-version").length;
    if (api !== 1) throw new Error(`the 401 carries Docker-Distribution-Api-Version ${api} times and not once`);
    if (!/^(Basic|Bearer) /i.test(answer.headers["www-authenticate"] ?? ""))
      throw new Error("the 401 asks neither for Basic nor, as with open repositories, for a token");
    return `401, Docker-Distribution-Api-Version: ${String(answer.headers["docker-distribution-api-version"])}`;
  });
  await checks.run(site.address, "clock", () => {
    const date = Date.parse(answer?.headers.date ?? "");
    if (!answer || Number.isNaN(date)) throw new Unchecked("the answer has no Date");
    // A Date is cut to whole seconds: up to one second back is no skew.
    const early = answer.asked - (date + 999);
    const late = date - answer.answered;
    const seconds = Math.max(early, late, 0) / 1000;
    if (seconds <= CLOCK_SECONDS) return `within ${Math.ceil(seconds)} s of this machine's`;
    const which = early > 0 ? "behind" : "ahead of";
    throw new Error(`${Math.round(seconds)} s ${which} this machine's; let both keep time by NTP`);
  });
}

async function checkLogins(checks: Checks, site: Site, target: SmokeTarget): Promise<void> {
  for (const user of onePerRole(target.users)) {
    await checks.run(site.address, `login of ${user.name} (${user.role})`, async () => {
      const { status } = await ask(site, "/v2/", { auth: authOf(user) });
      if (status === 200) return user.role === "limited" ? limited(site, user) : "200";
      throw new Error(loginProblem(status));
    });
  }
  const { identity } = target;
  if (identity) await checks.run(site.address, `login of ${identity.name} (token)`, () => byToken(site, identity));
  if (target.uiUrl !== "") await checkUi(checks, siteOf(target, target.uiUrl, site.address), target);
}

/** Whoever has rights in only some repositories must not see the names of the others. */
async function limited(site: Site, user: SmokeUser): Promise<string> {
  const { status } = await ask(site, "/v2/_catalog", { auth: authOf(user) });
  if (status === 403) return "200, and the catalog is closed: 403";
  throw new Error(`the catalog shows all repositories: it is answered ${status} and not 403`);
}

async function byToken(site: Site, { name, token }: NonNullable<SmokeTarget["identity"]>): Promise<string> {
  const { status } = await ask(site, "/v2/", { auth: `${name}:${token}` });
  if (status === 200) return "200";
  throw new Error(TOKEN_PROBLEMS[status] ?? loginProblem(status));
}

const TOKEN_PROBLEMS: Record<number, string> = {
  401: "401: the token has ended, is for another audience, or of another issuer; see docs/identities.md",
  403: "403: the token is somebody else's: its subject or its groups are not those of this identity",
  503: "503: tokens can't be verified: are the verifier's pods running, and do they reach the issuer?",
};

function loginProblem(status: number): string {
  if (status === 401) return "401: it does not take the password that the stack has; run pulumi up, then npm run drift";
  if (status === 429) return "429: too many passwords were tried from here; wait a minute";
  if (status === 502 || status === 504)
    return `${status}: it does not reach the registry on a node; is the pod running?`;
  return `/v2/ is answered ${status} and not 200`;
}

async function checkUi(checks: Checks, site: Site, target: SmokeTarget): Promise<void> {
  await checks.run(site.address, "UI", async () => {
    const { pathname } = new URL(target.uiUrl);
    const anonymous = await ask(site, pathname);
    if (anonymous.status !== 401)
      throw new Error(`without a password the page is answered ${anonymous.status} and not 401`);
    const user = onePerRole(target.users).find(({ role }) => role !== "limited");
    if (!user) throw new Unchecked("the stack has no user of role pull or push whose password it knows");
    const page = await ask(site, pathname, { auth: authOf(user) });
    if (page.status !== 200) throw new Error(`the page is answered ${page.status} and not 200`);
    if (!/<html/i.test(page.body.toString("utf8"))) throw new Error("what is served is no HTML page");
    const data = await ask(site, "/v2/_catalog", { auth: authOf(user) });
    if (data.status !== 200) throw new Error(`its data, /v2/_catalog, is answered ${data.status} and not 200`);
    return "asks for a password, serves its page and the registry's data";
  });
}

/** The first user of each role whose password is known. */
export function onePerRole(users: readonly SmokeUser[]): SmokeUser[] {
  const known = users.filter(({ password }) => password !== undefined);
  return known.filter(({ role }, index) => known.findIndex((other) => other.role === role) === index);
}

export function authOf(user: SmokeUser): string {
  return `${user.name}:${user.password ?? ""}`;
}
