import { UiKind } from "./ui-args";

/** What a UI's variables are made of; all of it is plain data. */
export interface UiSettings {
  kind: UiKind;
  port: number;
  registryPort: number;
  deleteEnabled: boolean;
  title?: string | undefined;
  /** Where the page is, such as `https://www.example.com`; the page asks for its data there. */
  pageUrl?: string | undefined;
  /** The host name that a `docker pull` needs. */
  registryHost?: string | undefined;
}

/** The image of each UI, if no other is named. */
export const UI_IMAGES: Record<UiKind, string> = {
  [UiKind.Joxit]: "joxit/docker-registry-ui:2",
  [UiKind.Konradkleine]: "konradkleine/docker-registry-frontend:v2",
};

/**
 * True if the UI's container passes requests on to the registry by itself, without a password. The registry refuses
 * them if it requires client certificates; the page still has its data, since the gateway sends `/v2/` under the UI's
 * name to the registry itself.
 */
export function uiProxies(kind: UiKind): boolean {
  return kind === UiKind.Konradkleine;
}

/** The variables of a UI, by name. */
export function uiVariables(settings: UiSettings): Record<string, string> {
  switch (settings.kind) {
    case UiKind.Joxit:
      return joxit(settings);
    case UiKind.Konradkleine:
      return {
        ENV_DOCKER_REGISTRY_HOST: "localhost",
        ENV_DOCKER_REGISTRY_PORT: String(settings.registryPort),
        ENV_DOCKER_REGISTRY_USE_SSL: "1",
      };
  }
}

/**
 * The page asks its own origin: the registry would refuse a browser's question from another one (CORS) for want of a
 * password.
 */
function joxit(settings: UiSettings): Record<string, string> {
  const { pageUrl, registryHost } = settings;
  const title = settings.title ?? registryHost;
  return {
    SINGLE_REGISTRY: "true",
    ...(pageUrl ? { REGISTRY_URL: pageUrl } : {}),
    ...(title ? { DOCKER_REGISTRY_UI_TITLE: shown(title) } : {}),
    ...(registryHost ? { REGISTRY_TITLE: registryHost } : {}),
    ...(registryHost ? { PULL_URL: registryHost } : {}),
    REGISTRY_SECURED: "true",
    DELETE_IMAGES: String(settings.deleteEnabled),
    SHOW_CONTENT_DIGEST: "true",
    NGINX_LISTEN_PORT: String(settings.port),
  };
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * A text as the page shows it: the image puts it into its HTML by sed (`s~...~text~`), to which `&`, `~` and a
 * backslash mean something.
 */
function shown(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign).replace(/[\\&~]/g, "\\$&");
}
