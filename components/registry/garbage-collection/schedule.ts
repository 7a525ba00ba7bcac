import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount";
import { Role } from "@pulumi/kubernetes/rbac/v1/role";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding";
import * as pulumi from "@pulumi/pulumi";
import { jobMetadata, type PodIdentity, type PodMarks } from "../identity";
import type { CollectionParts } from "./check";

/** What has to be known of a pod to restart it. */
export interface CollectedPod extends PodIdentity {
  collection: CollectionParts;
  scheduling: PodMarks;
}

/**
 * What restarts the registry on a schedule, so that it collects: a job that may read and change this one deployment,
 * and nothing else.
 */
export function createCollectionSchedule(name: string, input: CollectedPod, parent: pulumi.Resource): void {
  const { collection, namespace } = input;
  const metadata = { name: pulumi.interpolate`${input.name}-cleaning`, namespace };
  const child = `${name}-cleaning`;
  const account = new ServiceAccount(child, { metadata, automountServiceAccountToken: false }, { parent });
  const rules = [
    { apiGroups: ["apps"], resources: ["deployments"], resourceNames: [input.name], verbs: ["get", "patch"] },
  ];
  const role = new Role(child, { metadata, rules }, { parent });
  const subjects = [{ kind: "ServiceAccount", name: account.metadata.name, namespace }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name };
  const binding = new RoleBinding(child, { metadata, subjects, roleRef }, { parent });
  new CronJob(
    child,
    {
      metadata,
      spec: {
        schedule: collection.schedule,
        timeZone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        jobTemplate: {
          spec: {
            backoffLimit: 2,
            activeDeadlineSeconds: 300,
            template: { metadata: jobMetadata(input.scheduling), spec: restart(input, account) },
          },
        },
      },
    },
    { parent, dependsOn: binding },
  );
}

function restart({ name, collection }: CollectedPod, account: ServiceAccount) {
  return {
    serviceAccountName: account.metadata.name,
    automountServiceAccountToken: true,
    restartPolicy: "Never",
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      runAsGroup: 65534,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "restart",
        image: collection.kubectlImage,
        args: ["rollout", "restart", pulumi.interpolate`deployment/${name}`],
        resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "500m", memory: "64Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
}
