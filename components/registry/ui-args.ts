import type * as pulumi from "@pulumi/pulumi";
import { image } from "../checks/kubernetes";
import { PORT, UI_HOST, UI_PATH } from "../checks/shared";
import { map, type Members, oneOf, plain, table, text, wholeNumber } from "../checks/value";
import { type ContainerResourcesArgs, RESOURCES, VARIABLES } from "./container-args";

/** Which web UI runs beside the registry. */
export const UiKind = {
  /** joxit/docker-registry-ui: static files, the data goes through the gateway. The default. */
  Joxit: "joxit",
  /**
   * konradkleine/docker-registry-frontend, as in the recipe. It reads old (schema 1) manifests only, and asks the
   * registry itself: whoever reaches its port reads every image without a password.
   */
  Konradkleine: "konradkleine",
} as const;
export type UiKind = (typeof UiKind)[keyof typeof UiKind];

/** The web UI. */
export interface RegistryUiArgs {
  /** Host name of the UI; the registry's own only with a `path`. Without it there is no UI. Default: none. */
  host?: pulumi.Input<string>;
  /**
   * Path below which the UI's page is, such as `/ui/`, with which the UI may be at the registry's own name. The UI's
   * links have to be relative, as those of joxit are. Default `/`.
   */
  path?: pulumi.Input<string>;
  /** Which UI. Not an output, since it decides what else exists. Default `joxit`. */
  kind?: UiKind;
  /**
   * Image, with a tag or digest. Default `joxit/docker-registry-ui:2` or `konradkleine/docker-registry-frontend:v2`.
   */
  image?: pulumi.Input<string>;
  /** Port on which the UI listens, without TLS. Range 1-65535, default 80. */
  port?: pulumi.Input<number>;
  /** What the container asks for and may take. Default: neither request nor limit, as in the recipe. */
  resources?: ContainerResourcesArgs;
  /**
   * User id under which the UI runs, from 1 on, without any right; the joxit UI takes 101. Its port then has to be 1024
   * or higher. Default: root, which both UIs need for port 80.
   */
  runAsUser?: number;
  /** Title of the page. Default: the name of the registry. */
  title?: pulumi.Input<string>;
  /** More variables for the UI, by name; one that the component sets itself is replaced. */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The values of `RegistryUiArgs`. */
export const UI = {
  host: UI_HOST,
  path: UI_PATH,
  kind: plain(oneOf(UiKind, { default: UiKind.Joxit })),
  image: text({ rule: image, without: "the UI's own" }),
  port: wholeNumber({ ...PORT, default: 80 }),
  resources: table(RESOURCES),
  runAsUser: plain(wholeNumber({ min: 1, max: 2147483647, without: "root" })),
  title: text({ max: 200, without: "the name of the registry" }),
  environment: map(VARIABLES),
} satisfies Members<RegistryUiArgs>;
