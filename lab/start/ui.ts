import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { caRoots } from "../ca";
import { clientPrefix, run, until } from "../hosts";
import { Lab, logFile, names } from "../lab";
import { which } from "../programs/path";
import { ensureSecrets } from "../secrets";
import { Say } from "../step";
import { Browser } from "./browser";

/** Where the picture of the UI is saved. */
export const screenshotFile = (lab: Lab): string => path.join(lab.dir, "ui.png");

/** What is done at the UI beyond a look. */
export interface UiVisit {
  /** Who signs in. Default: the user who may pull. */
  role?: "pull" | "push";
  /** What is done once the text is there. */
  then?: (browser: Browser) => Promise<void>;
}

/**
 * Opens the UI by its own name on the client host, as the user who may pull, waits until it shows a text, and saves a
 * screenshot. The browser verifies the certificate by the CA's root, as a user's would.
 */
export async function lookAtUi(lab: Lab, text: string, say: Say, visit: UiVisit = {}): Promise<string> {
  say("the browser's trust in the CA");
  return withBrowser(lab, [], async (browser) => {
    const { pushPassword, pullPassword } = ensureSecrets(lab);
    const { role = "pull", then } = visit;
    await signIn(browser, lab.users[role], role === "push" ? pushPassword : pullPassword);
    say(`https://${names.ui}`);
    const { errorText } = await browser.send("Page.navigate", { url: `https://${names.ui}/` });
    if (typeof errorText === "string" && errorText !== "") throw new Error(`https://${names.ui}/: ${errorText}`);
    let seen = "";
    const shown = await until(async () => {
      seen = String(await browser.evaluate("document.body.innerText"));
      return seen.includes(text);
    }, 30);
    await saveScreenshot(browser, screenshotFile(lab));
    if (!shown) {
      const words = seen.trim().replaceAll(/\s+/g, " ").slice(0, 300) || "nothing";
      throw new Error(`the UI does not show ${text} after 30 s but: ${words}; see ${screenshotFile(lab)}`);
    }
    await then?.(browser);
    return screenshotFile(lab);
  });
}

/**
 * Opens a browser on the client host that knows nobody yet, for as long as `visit` takes.
 * @param moreRoots Roots that it trusts beside those of the lab's CA, PEM.
 */
export async function withBrowser<T>(
  lab: Lab,
  moreRoots: readonly string[],
  visit: (browser: Browser) => Promise<T>,
): Promise<T> {
  const home = path.join(lab.dir, "browser");
  await trustRoots(lab, home, moreRoots);
  const browser = await Browser.open(command(home), { ...process.env, HOME: home }, logFile(lab, "browser"));
  try {
    return await visit(browser);
  } finally {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function command(home: string): string[] {
  const chromium = ["chromium", "chromium-browser", "google-chrome"].map((name) => which(name)).find(Boolean);
  if (!chromium) throw new Error("no Chromium is on PATH; install Debian's package chromium");
  const quiet = [
    "--window-size=1200,800",
    "--no-first-run",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
  ];
  // Its sandbox does not start as root; the only page that it opens is the lab's own.
  const flags = ["--headless=new", "--no-sandbox", "--remote-debugging-pipe", `--user-data-dir=${home}/profile`];
  return [...clientPrefix, chromium, ...flags, ...quiet, "about:blank"];
}

/** Puts the CA's roots into the certificate store that Chromium reads: NSS's, in the home folder. */
async function trustRoots(lab: Lab, home: string, more: readonly string[]): Promise<void> {
  const store = path.join(home, ".pki", "nssdb");
  if (existsSync(home)) rmSync(home, { recursive: true });
  mkdirSync(store, { recursive: true, mode: 0o700 });
  await run(["certutil", "-d", `sql:${store}`, "-N", "--empty-password"]);
  const roots = caRoots(lab).issuerRoots.split(/(?<=-----END CERTIFICATE-----\n)/);
  for (const [index, root] of [...roots.filter(Boolean), ...more].entries()) {
    writeFileSync(path.join(home, "root.pem"), root);
    const add = ["-A", "-t", "C,,", "-n", `lab ${index}`, "-i", path.join(home, "root.pem")];
    await run(["certutil", "-d", `sql:${store}`, ...add]);
  }
}

/** Has a browser answer the gateway's question for a password, once a request: a second one means that it was wrong. */
export async function signIn(browser: Browser, username: string, password: string): Promise<void> {
  const asked = new Set<unknown>();
  const answer = (method: string, params: Record<string, unknown>): void =>
    void browser.send(method, params).catch(() => undefined); // of a request that has gone meanwhile
  browser.on("Fetch.requestPaused", ({ requestId }) => answer("Fetch.continueRequest", { requestId }));
  browser.on("Fetch.authRequired", ({ requestId }) => {
    const credentials = { response: "ProvideCredentials", username, password };
    const authChallengeResponse = asked.has(requestId) ? { response: "CancelAuth" } : credentials;
    asked.add(requestId);
    answer("Fetch.continueWithAuth", { requestId, authChallengeResponse });
  });
  await browser.send("Fetch.enable", { handleAuthRequests: true });
}

/** Saves what a browser shows, as PNG. */
export async function saveScreenshot(browser: Browser, file: string): Promise<void> {
  const { data } = await browser.send("Page.captureScreenshot", { format: "png" });
  writeFileSync(file, Buffer.from(data as string, "base64"));
}
