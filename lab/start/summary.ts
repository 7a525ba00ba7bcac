import { Lab, names } from "../lab";
import { Timing } from "../progress";
import { pluginKind } from "../tools";
import { PushedImage, REPOSITORY } from "./image";
import { screenshotFile } from "./ui";

/** What `npm start` has found. */
export interface Findings {
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly timings: readonly Timing[];
  /** From the start of the lab to now. */
  readonly seconds: number;
  readonly image: PushedImage;
  /** The program that pushed and pulled it, with its version. */
  readonly client: string;
}

/** What a person wants to know at the end of `npm start`. No secret is in it. */
export function summary(lab: Lab, { outputs, timings, seconds, image, client }: Findings): string {
  const output = (name: string): string => JSON.stringify(outputs[name] ?? "unknown").replace(/^"|"$/g, "");
  const docker = client.startsWith("docker ");
  const times = timings.filter((one) => one.seconds >= 0.05).map((one) => `  ${duration(one.seconds)}  ${one.title}`);
  return [
    "",
    `registry      ${output("registryUrl")}`,
    `UI            ${output("uiUrl")}  (picture: ${screenshotFile(lab)})`,
    `certificate   until ${output("certificateNotAfter")}, next renewal ${output("certificateRenewAt")}`,
    `image         ${image.reference}@${image.digest}, ${image.layers} layers, ${image.mebibytes} MiB, pushed and pulled`,
    `pushed by     ${client}`,
    `plugins       ${pluginKind(lab) === "real" ? "Pulumi's own" : "the lab's stand-ins for command and tls"}`,
    "",
    "to look around, first in any shell in this folder:",
    `  eval "$(npm run --silent lab -- env)"`,
    "then to log in:",
    `  $LAB_EXEC ${docker ? "docker" : "crane auth"} login $LAB_REGISTRY_HOST -u $LAB_USER --password-stdin <<<"$LAB_PASSWORD"`,
    "and for example:",
    ...(docker ? [`  $LAB_EXEC docker pull ${image.reference}`] : []),
    `  SSL_CERT_FILE=$LAB_CA_FILE $LAB_EXEC crane ls ${names.registry}/${REPOSITORY}`,
    "  kubectl -n kube-system get pods,services,secrets      pulumi stack --stack $LAB_STACK",
    `  $LAB_EXEC curl --cacert $LAB_CA_FILE -u $LAB_USER:$LAB_PASSWORD https://${names.registry}/v2/_catalog`,
    `  ssh -i $LAB_SSH_KEY_FILE $LAB_SSH_USER@$LAB_GATEWAY_HOST      npm run lab -- logs`,
    "to take it all down:",
    "  npm run lab -- down",
    "",
    "time it took:",
    ...times,
    `  ${duration(seconds)}  in all (steps of a stage run side by side)`,
  ].join("\n");
}

/** Seconds for a person, eight characters wide. */
function duration(seconds: number): string {
  const text =
    seconds < 90 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return text.padStart(11);
}
