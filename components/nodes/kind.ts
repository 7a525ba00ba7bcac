import { join } from "node:path";
import type { HostKind } from "../hosts/release";

/** A node: containerd, which reads at each pull what a folder has under the registry's name. */
export const NODE_HOST_KIND: HostKind = {
  root: "/etc/private-registry",
  folder: join(__dirname, "activate"),
  parts: ["node", "containerd", "restart", "links", "reach", "kubelet", "provider"],
  words: { flavour: "containerd", restart: "", mirror: "", mirrored: "", provider: "", restart_kubelet: "" },
};
