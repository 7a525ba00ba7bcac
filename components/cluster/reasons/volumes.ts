import type { Event, Pod } from "../objects";
import { LASTING, type Reason } from "./reason";

/** Will be the same at the next try, unless somebody makes what is missing. */
const LASTS =
  /not found|references non-existent|type check failed|no such file|permission denied|access denied|wrong fs type|is not a directory|is not a socket|unknown filesystem|invalid|executable file not found/i;
/** What a kubelet says at every second start. */
const USUAL = /failed to sync (secret|configmap) cache|object ".*" not registered/i;

/** Why a pod that has a node has no container yet: a volume, the network. */
export function volumeReasons(pod: Pod, events: readonly Event[]): Reason[] {
  if (!isCreating(pod)) return [];
  const of = { pod: pod.metadata.name };
  const last = events.filter((event) => isOfVolumes(event) && !USUAL.test(event.message ?? "")).at(-1);
  if (last === undefined) {
    const message = "its volumes and its network are being made";
    return [{ ...of, key: "creating", word: "ContainerCreating", message, fault: "patience", ...LASTING.usual }];
  }
  const { reason: word = "", message = "" } = last;
  const lasts = word === "FailedMount" && LASTS.test(message);
  const fault = word.includes("SandBox") ? "network" : "volume";
  const lasting = lasts ? LASTING.volume : LASTING.passing;
  return [{ ...of, key: `${fault} ${lasts ? "lasting" : "passing"}`, word, message, fault, ...lasting }];
}

/** True if none of a pod's containers has been started, and the kubelet makes what they need. */
function isCreating({ status }: Pod): boolean {
  const states = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(
    ({ state }) => state ?? {},
  );
  if (states.some(({ running, terminated }) => running ?? terminated)) return false;
  return states.some(({ waiting }) => ["ContainerCreating", "PodInitializing"].includes(waiting?.reason ?? ""));
}

function isOfVolumes({ reason = "" }: Event): boolean {
  return ["FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox"].includes(reason);
}
