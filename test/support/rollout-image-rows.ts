import type { ContainerStatus, Event, Pod, Snapshot } from "../../components/cluster/objects";
import type { Reason } from "../../components/cluster/reasons/reason";
import { event, waiting } from "./rollout";

/** What a row expects of the one reason that is found. */
export interface Row {
  what: string;
  pod?: Pod["status"];
  events?: Event[];
  snapshot?: Snapshot;
  is: { word: string; fault: Reason["fault"]; final: number | undefined; says: RegExp; log?: Reason["log"] };
}

/** A pod's status with these containers. */
export const of = (...containerStatuses: ContainerStatus[]): Pod["status"] => ({ containerStatuses });
const pulling = (message: string): Pod["status"] => of(waiting("ErrImagePull", message));
const UNPULLED = 'failed to pull and unpack image "docker.io/library/registry:nosuch"';

/** What kubelets say of images. */
export const IMAGES: readonly Row[] = [
  {
    what: "an image that is not there",
    pod: pulling(`${UNPULLED}: docker.io/library/registry:nosuch: not found`),
    is: { word: "ErrImagePull", fault: "image", final: 10, says: /nosuch: not found/ },
  },
  {
    what: "an image for which a password is needed",
    pod: pulling(`${UNPULLED}: pull access denied, repository does not exist or may require authorization`),
    is: { word: "ErrImagePull", fault: "image", final: 10, says: /pull access denied/ },
  },
  {
    what: "an image for a different processor",
    pod: pulling(`${UNPULLED}: no match for platform in manifest: not found`),
    is: { word: "ErrImagePull", fault: "platform", final: 10, says: /no match for platform/ },
  },
  {
    what: "a name of an image that can't be one",
    pod: of(
      waiting("InvalidImageName", 'Failed to apply default image tag "Registry:2:3": couldn\'t parse image name'),
    ),
    is: { word: "InvalidImageName", fault: "image", final: 10, says: /couldn't parse/ },
  },
  {
    what: "a registry that does not answer may come back",
    pod: pulling(`${UNPULLED}: dial tcp 192.0.2.1:443: i/o timeout`),
    is: { word: "ErrImagePull", fault: "image", final: undefined, says: /i\/o timeout/ },
  },
  {
    what: "a host that no name server knows",
    pod: pulling(`${UNPULLED}: dial tcp: lookup registry.example.org: no such host`),
    is: { word: "ErrImagePull", fault: "image", final: 30, says: /no such host/ },
  },
  {
    what: "a node that has no way out",
    pod: pulling(`${UNPULLED}: dial tcp: lookup registry-1.docker.io: connect: network is unreachable`),
    is: { word: "ErrImagePull", fault: "image", final: 30, says: /network is unreachable/ },
  },
  {
    what: "a pause before the next pull, with the cause in the message",
    pod: of(
      waiting("ImagePullBackOff", `Back-off pulling image "registry:nosuch": ErrImagePull: ${UNPULLED}: not found`),
    ),
    is: { word: "ImagePullBackOff", fault: "image", final: 10, says: /: not found$/ },
  },
  {
    what: "a pause before the next pull, with the cause in an event",
    pod: of(waiting("ImagePullBackOff", 'Back-off pulling image "registry:nosuch"')),
    events: [
      event("Failed", `Failed to pull image "registry:nosuch": ${UNPULLED}: not found`),
      event("Failed", "Error: ErrImagePull"),
      event("Failed", "Error: ImagePullBackOff"),
    ],
    is: { word: "ImagePullBackOff", fault: "image", final: 10, says: /Failed to pull image.*not found$/ },
  },
];
