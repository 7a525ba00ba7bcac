import type * as pulumi from "@pulumi/pulumi";
import { Checker, type Given } from "../checks/checker";
import { absolutePath, dataKey, image, integer, labelName, labelValue, objectName, port } from "../checks/rules";
import { quantity, text, variables } from "../checks/rules";
import {
  type ContainerSizeArgs,
  type RegistryContainerArgs,
  type RegistryPodArgs,
  type RegistryUiArgs,
  UiKind,
} from "./args";
import type { RegistryShutdownArgs } from "./args";
import { type StorageParts, storageParts } from "./storage";
import { UI_IMAGES } from "./ui";

/** The arguments of a `RegistryPod`, checked and with their defaults. */
export interface CheckedPod {
  name: pulumi.Output<string>;
  namespace: pulumi.Output<string>;
  appLabel: pulumi.Output<string>;
  versionLabel: pulumi.Output<string>;
  tlsSecretName: pulumi.Output<string>;
  certificateFile: pulumi.Output<string>;
  keyFile: pulumi.Output<string>;
  httpSecret: pulumi.Output<string>;
  waitSeconds: pulumi.Output<number>;
  drainSeconds: pulumi.Output<number>;
  registry: ReturnType<typeof checkRegistry>;
  ui: ReturnType<typeof checkUi>;
  storage: StorageParts;
}

const keep = (standard: string): string => `leave it out to use ${standard}`;

/** Checks the arguments of a `RegistryPod`; throws one error that names every one that is not right. */
export function checkPod(name: string, args: RegistryPodArgs): CheckedPod {
  const checker = new Checker(`RegistryPod "${name}"`);
  const checked = {
    name: checker.check("name", args.name ?? "kube-registry-v0", objectName("kube-registry-v0")),
    namespace: checker.check("namespace", args.namespace ?? "kube-system", labelName("kube-system")),
    appLabel: checker.check("appLabel", args.appLabel ?? "kube-registry", labelValue(keep("kube-registry"))),
    versionLabel: checker.check("versionLabel", args.versionLabel ?? "v0", labelValue(keep("v0"))),
    tlsSecretName: checker.check("tlsSecretName", args.tlsSecretName, objectName("the output of a TlsSecret")),
    certificateFile: checker.check("certificateFile", args.certificateFile ?? "domain.crt", dataKey("domain.crt")),
    keyFile: checker.check("keyFile", args.keyFile ?? "domain.key", dataKey("domain.key")),
    httpSecret: checker.check("httpSecret", args.httpSecret, text(4096, "give 32 random characters or more"), {
      secret: true,
    }),
    ...checkShutdown(checker, args.shutdown ?? {}),
    registry: checkRegistry(checker, args.registry ?? {}),
    ui: checkUi(checker, args.ui ?? {}),
    storage: storageParts(checker, args.storage),
  };
  checker.done();
  return checked;
}

function checkShutdown(checker: Checker, args: RegistryShutdownArgs) {
  return {
    waitSeconds: checker.check("shutdown.waitSeconds", args.waitSeconds ?? 5, integer(0, 300, keep("5"))),
    drainSeconds: checker.check("shutdown.drainSeconds", args.drainSeconds ?? 300, integer(1, 3600, keep("300"))),
  };
}

function checkRegistry(checker: Checker, args: RegistryContainerArgs) {
  return {
    image: checker.check("registry.image", args.image ?? "registry:2", image("registry:2")),
    port: checker.check("registry.port", args.port ?? 5000, port(5000)),
    storagePath: checker.check(
      "registry.storagePath",
      args.storagePath ?? "/var/lib/registry",
      absolutePath("leave it out to use /var/lib/registry"),
    ),
    certificatePath: checker.check(
      "registry.certificatePath",
      args.certificatePath ?? "/certs",
      absolutePath("leave it out to use /certs"),
    ),
    size: checkSize(checker, "registry.size", args.size ?? { cpu: "100m", memory: "100Mi" }),
    environment: checkVariables(checker, "registry.environment", args.environment),
    secretEnvironment: checkVariables(checker, "registry.secretEnvironment", args.secretEnvironment, true),
  };
}

function checkUi(checker: Checker, args: RegistryUiArgs) {
  const kind = args.kind ?? UiKind.Joxit;
  const known = Object.values(UiKind);
  if (!known.includes(kind)) {
    checker.add({
      property: "ui.kind",
      expected: `one of ${known.join(", ")}`,
      got: JSON.stringify(kind),
      advice: "leave it out to use joxit",
    });
  }
  const standard = UI_IMAGES[kind] ?? "";
  return {
    kind,
    image: kind === UiKind.None ? undefined : checker.check("ui.image", args.image ?? standard, image(standard)),
    port: checker.check("ui.port", args.port ?? 80, port(80)),
    size: args.size && checkSize(checker, "ui.size", args.size),
    environment: checkVariables(checker, "ui.environment", args.environment),
  };
}

function checkSize(checker: Checker, property: string, size: ContainerSizeArgs) {
  return {
    cpu: checker.check(`${property}.cpu`, size.cpu, quantity("100m")),
    memory: checker.check(`${property}.memory`, size.memory, quantity("100Mi")),
  };
}

function checkVariables(
  checker: Checker,
  property: string,
  given: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined,
  secret = false,
): pulumi.Output<Record<string, string>> {
  const value = (given ?? {}) as Given<Record<string, string>>;
  return checker.check(property, value, variables('write each as NAME: "text"'), { secret });
}
