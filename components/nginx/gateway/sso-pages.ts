import { createHash } from "node:crypto";
import { directive, identifier } from "../text";
import type { GatewaySite, SsoSite } from "./site";

/** Pages of the gateway's own at the UI's name. */
export const PAGES = {
  login: "/.private-registry/my-login",
  again: "/.private-registry/my-login/new",
  logout: "/.private-registry/logout",
  gone: "/.private-registry/logged-out",
  password: "/.private-registry/password",
} as const;

const STYLE =
  "body{font:1rem/1.5 sans-serif;max-width:50rem;margin:3rem auto;padding:0 1rem}" +
  "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#eee;padding:1rem}";

/** Says until when the token holds, by the token's own claim. */
const SCRIPT =
  'var b=document.body,t=b.dataset.token.split(".")[1],e=new Date(1000*JSON.parse(atob(t.replace(/-/g,"+").replace(/_/g,"/"))).exp);' +
  'b.querySelector("output").textContent=(e>new Date()?"It holds until ":"It has ended, at ")+e.toLocaleString()+"."';

const sum = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const POLICY = `default-src 'none'; style-src ${sum(STYLE)}; script-src ${sum(SCRIPT)}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/**
 * A page as a location's answer. In its text `$` is a variable of nginx, and an apostrophe would end it.
 * @param headers Those that every answer has.
 */
export function answered(status: number, body: string, headers: readonly string[]): string[] {
  return [
    directive("default_type", "text/html"),
    directive("charset", "utf-8"),
    ...headers,
    directive("add_header", "Cache-Control", "no-store", "always"),
    directive("add_header", "Referrer-Policy", "no-referrer", "always"),
    directive("add_header", "Content-Security-Policy", `"${POLICY}"`, "always"),
    directive(
      "return",
      status,
      `'<!doctype html><html lang="en"><title>Registry</title><style>${STYLE}</style>${body}'`,
    ),
  ];
}

/** Of whoever has ended the session. */
export const LOGGED_OUT =
  '<h1>Logged out</h1><p>Of the registry; the login itself may still know you.<p><a href="/">Log in again</a>';

const links = (...all: [string, string][]): string =>
  `<p>${all.map(([to, what]) => `<a href="${to}">${what}</a>`).join(" · ")}`;

/** Of whoever is logged in, and may not see what was asked for. */
export function strangerPage(id: string): string {
  return (
    `<h1>No access</h1><p>You are logged in as $${id}_session_user, and none of your groups may see this page.` +
    links([PAGES.login, "My login"], [PAGES.logout, "Log out"])
  );
}

/** How a group logs in with its member's token. */
export function loginLine({ site, registryHost, httpsPort }: GatewaySite, identity: string): string {
  const host = httpsPort === 443 ? registryHost : `${registryHost}:${httpsPort}`;
  const line = `docker login --username ${identity} --password-stdin ${host}`;
  return `<pre>${line} &lt;&lt;&lt;$${identifier(site)}_page_token</pre>`;
}

/** "My login": a line for each of the groups that one is in. */
export function loginPage({ site, sso }: GatewaySite & { sso: SsoSite }): string {
  const id = identifier(site);
  const lines = sso.groups.map((_, index) => `$${id}_line_${index}`).join("");
  return (
    `<body data-token="$${id}_page_token"><h1>My login</h1><p>You are logged in as $${id}_session_user. ` +
    "Docker takes this token as a password, for bash or zsh. <output></output>" +
    lines +
    links([PAGES.again, "A new token"], ["/", "The registry"], [PAGES.logout, "Log out"]) +
    `<script>${SCRIPT}</script>`
  );
}
