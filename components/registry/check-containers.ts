import * as pulumi from "@pulumi/pulumi";
import type { Checker, Given } from "../checks/checker";
import { absolutePath, image, integer, objectName, oneOf, port, quantity, variables } from "../checks/rules";
import {
  type ContainerSizeArgs,
  RegistryLogFormat,
  RegistryLogLevel,
  type RegistryContainerArgs,
  type RegistryUiArgs,
  StoreCheck,
  UiKind,
} from "./args";
import { UI_IMAGES } from "./ui";

const keep = (standard: string): string => `leave it out to use ${standard}`;

/** The container `registry`, checked. */
export type CheckedRegistry = ReturnType<typeof registryParts>;
/** The container `registry-ui`, checked. */
export type CheckedUi = ReturnType<typeof uiParts>;

/** Checks the container `registry`; `notifies` is true if it sends notices. */
export function checkRegistry(checker: Checker, args: RegistryContainerArgs, notifies: boolean): CheckedRegistry {
  return registryParts(checker, args, notifies);
}

/** Checks the container `registry-ui`. */
export function checkUi(checker: Checker, args: RegistryUiArgs): CheckedUi {
  return uiParts(checker, args);
}

function registryParts(checker: Checker, args: RegistryContainerArgs, notifies: boolean) {
  const path = (property: "storagePath" | "certificatePath", standard: string) =>
    checker.check(`registry.${property}`, args[property] ?? standard, absolutePath(keep(standard)));
  return {
    image: checker.check("registry.image", args.image ?? "registry:2", image("registry:2")),
    port: checker.check("registry.port", args.port ?? 5000, port(5000)),
    storagePath: path("storagePath", "/var/lib/registry"),
    certificatePath: path("certificatePath", "/certs"),
    size: checkSize(checker, "registry.size", args.size ?? { cpu: "100m", memory: "100Mi" }),
    runAsUser: checkUser(checker, "registry.runAsUser", args.runAsUser, 0),
    storeCheck: checkStoreCheck(checker, args.storeCheck),
    readOnly: pulumi.output(args.readOnly ?? false),
    uploadHours: checker.check("registry.uploadHours", args.uploadHours ?? 168, integer(1, 8760, keep("168"))),
    secretNames: checkSecretNames(checker, args.secretNames),
    ...logging(checker, args, notifies),
    environment: checkVariables(checker, "registry.environment", args.environment),
    secretEnvironment: checkVariables(checker, "registry.secretEnvironment", args.secretEnvironment, true),
  };
}

/** Undefined for none: the container then has no such member. */
function checkSecretNames(
  checker: Checker,
  given: RegistryContainerArgs["secretNames"],
): pulumi.Output<string[]> | undefined {
  const advice = "give the names of secrets as in `kubectl get secrets`";
  const name = objectName("");
  return given === undefined
    ? undefined
    : checker.check<string[]>("registry.secretNames", given, (list) =>
        Array.isArray(list) && list.every((each) => name(each) === undefined)
          ? undefined
          : { expected: "a list of names of secrets", advice },
      );
}

function checkStoreCheck(checker: Checker, given: StoreCheck | undefined): StoreCheck {
  const storeCheck = given ?? StoreCheck.Write;
  const complaint = oneOf(Object.values(StoreCheck), keep("write"))(storeCheck);
  if (complaint) checker.add({ property: "registry.storeCheck", ...complaint, got: JSON.stringify(storeCheck) });
  return storeCheck;
}

/** At level info and below the registry writes the endpoints of its notices to the log, with the headers; its lines about requests come at any level. */
function logging(checker: Checker, args: RegistryContainerArgs, notifies: boolean) {
  const standard = notifies ? RegistryLogLevel.Warn : RegistryLogLevel.Info;
  const allowed = notifies ? [RegistryLogLevel.Error, RegistryLogLevel.Warn] : Object.values(RegistryLogLevel);
  const why = notifies ? ", since at other levels the registry logs the secrets of notifications" : "";
  const levels = oneOf(allowed, `${keep(standard)}${why}`);
  const formats = oneOf(Object.values(RegistryLogFormat), keep("text"));
  return {
    logLevel: checker.check<string>("registry.logLevel", args.logLevel ?? standard, levels),
    logFormat: checker.check<string>("registry.logFormat", args.logFormat ?? RegistryLogFormat.Text, formats),
  };
}

function uiParts(checker: Checker, args: RegistryUiArgs) {
  const kind = args.kind ?? UiKind.Joxit;
  const known: string[] = Object.values(UiKind);
  if (!known.includes(kind)) {
    const problem = { expected: `one of ${known.join(", ")}`, got: JSON.stringify(kind), advice: keep("joxit") };
    checker.add({ property: "ui.kind", ...problem });
  }
  const standard = UI_IMAGES[kind] ?? "";
  const runAsUser = checkUser(checker, "ui.runAsUser", args.runAsUser, 1);
  const lowest = runAsUser === undefined ? 1 : 1024;
  const advice = lowest === 1 ? keep("80") : "give a port from 1024 on: only root may take a lower one";
  return {
    kind,
    image: kind === UiKind.None ? undefined : checker.check("ui.image", args.image ?? standard, image(standard)),
    port: checker.check("ui.port", args.port ?? 80, integer(lowest, 65535, advice)),
    size: args.size && checkSize(checker, "ui.size", args.size),
    runAsUser,
    environment: checkVariables(checker, "ui.environment", args.environment),
  };
}

function checkUser(checker: Checker, property: string, user: number | undefined, lowest: number): number | undefined {
  const complaint = user === undefined ? undefined : integer(lowest, 2147483647, "leave it out")(user);
  if (complaint) checker.add({ property, ...complaint, got: JSON.stringify(user) });
  return user;
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
