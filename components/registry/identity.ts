import * as pulumi from "@pulumi/pulumi";

/** By which names and labels the cluster knows the registry's pods. */
export interface PodIdentity {
  /** The deployment's name. */
  name: pulumi.Output<string>;
  namespace: pulumi.Output<string>;
  appLabel: pulumi.Output<string>;
  versionLabel: pulumi.Output<string>;
}

/** The labels that every pod of the deployment has, and no other. */
export function selectorLabels({ appLabel, versionLabel }: PodIdentity): Record<string, pulumi.Output<string>> {
  return { "k8s-app": appLabel, version: versionLabel };
}

/** What users want to have on every pod. */
export interface PodMarks {
  labels: pulumi.Output<Record<string, string>>;
  annotations: pulumi.Output<Record<string, string>>;
}

type Texts = Record<string, pulumi.Input<string>>;

/** The metadata of a pod's template: what users want on every pod, and what is this one's own, which wins. */
export function podMetadata({ labels, annotations }: PodMarks, own: { labels: Texts; annotations: Texts }): PodMarks {
  const both = (wanted: pulumi.Output<Record<string, string>>, fixed: Texts) =>
    pulumi.all([wanted, fixed]).apply(([more, mine]): Record<string, string> => ({ ...more, ...mine }));
  return { labels: both(labels, own.labels), annotations: both(annotations, own.annotations) };
}

/** The metadata of a job's pod: as above, and none at all where nothing is wanted. */
export function jobMetadata(marks: PodMarks): pulumi.Output<Partial<pulumi.Unwrap<PodMarks>> | undefined> {
  return pulumi.all([marks.labels, marks.annotations]).apply(([labels, annotations]) => {
    const wanted = Object.entries({ labels, annotations }).filter(([, texts]) => Object.keys(texts).length > 0);
    return wanted.length === 0 ? undefined : Object.fromEntries(wanted);
  });
}
