/** A version that a program on PATH must have to be used instead of one that is built. */
export interface Probe {
  /** Arguments with which the program prints its version. */
  args: string[];
  /** Matches what it prints if the version is fit. */
  fits: RegExp;
}

/** One Go module under lab/programs: a go.mod, a go.sum, and where there is a `main` of ours its source. */
export interface ProgramModule {
  /** Its folder under lab/programs (or relative to it). */
  folder: string;
  /** A name for people. */
  title: string;
  /** The executables it makes. */
  makes: readonly string[];
  /** What `go build` is given: "tool" for the tools that go.mod names, or folders with a `main` of ours. */
  targets: readonly string[];
  /** Links to a binary that picks its part by the name it is called by: the binary, and the names. */
  links?: { to: string; names: readonly string[] };
  /**
   * True if its code is compiled without inlining, which is a quarter less work for the compiler. For what the lab runs
   * beside what it is about, not for what is measured in it.
   */
  quick?: boolean;
  /** Values laid into variables by the linker, `package.variable=value`. */
  variables?: readonly string[];
  /**
   * Files of a required module that are laid into our folder for the build: the module, and path there by path here.
   */
  overlay?: { module: string; files: Readonly<Record<string, string>> };
  /** How an executable from PATH proves to be fit; without it, it is always built (it must be static, or is ours). */
  probe?: Readonly<Record<string, Probe>>;
  /**
   * Free space that a build from nothing needs for sources, Go's build cache and the result, in MiB (measured, rounded
   * up).
   */
  spaceMiB: number;
}

const KUBERNETES_VERSION = "v1.35.4";
const PULUMI_VERSION = "v3.259.0";
const PROVIDER_VERSION = "4.24.0";

/** The components of Kubernetes that the lab runs, and kubectl. */
export const KUBERNETES_PROGRAMS = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-proxy",
  "kube-scheduler",
  "kubectl",
  "kubelet",
] as const;

/** Every program that can be had, by the name of its executable. */
export type Executable =
  | (typeof KUBERNETES_PROGRAMS)[number]
  | "pulumi"
  | "pulumi-language-nodejs"
  | "pulumi-language-yaml"
  | "pulumi-resource-kubernetes"
  | "pebble"
  | "pebble-challtestsrv"
  | "registry"
  | "conformance"
  | "crane"
  | "oras"
  | "helm"
  | "actionlint"
  | "oauth2-proxy"
  | "containerd"
  | "ctr"
  | "pause"
  | "kubelet-stand-in"
  | "registry-ui";

const kubernetesProbe: Probe = { args: ["--version"], fits: /^Kubernetes v1\.35\./ };

/**
 * All modules, in the order in which they are built: small ones first, meanwhile the sources of the large ones are
 * fetched.
 */
export const MODULES: readonly ProgramModule[] = [
  { folder: "pause", title: "pause", makes: ["pause"], targets: ["."], spaceMiB: 100 },
  {
    folder: "kubelet-stand-in",
    title: "kubelet stand-in",
    makes: ["kubelet-stand-in"],
    targets: ["."],
    spaceMiB: 150,
  },
  { folder: "../images/ui", title: "UI stand-in", makes: ["registry-ui"], targets: ["."], spaceMiB: 150 },
  { folder: "actionlint", title: "actionlint", makes: ["actionlint"], targets: ["tool"], spaceMiB: 150 },
  {
    folder: "crane",
    title: "crane",
    makes: ["crane"],
    targets: ["tool"],
    variables: ["github.com/google/go-containerregistry/cmd/crane/cmd.Version=0.22.1"],
    probe: { crane: { args: ["version"], fits: /^v?0\.(2[0-9]|[3-9][0-9])\./ } },
    spaceMiB: 300,
  },
  {
    folder: "oauth2-proxy",
    title: "oauth2-proxy",
    makes: ["oauth2-proxy"],
    targets: ["tool"],
    variables: ["github.com/oauth2-proxy/oauth2-proxy/v7/pkg/version.VERSION=v7.15.6"],
    probe: { "oauth2-proxy": { args: ["--version"], fits: /^oauth2-proxy v7\.(1[5-9]|[2-9][0-9])\./ } },
    spaceMiB: 600,
  },
  { folder: "conformance", title: "OCI's conformance suite", makes: ["conformance"], targets: ["tool"], spaceMiB: 150 },
  {
    folder: "pebble",
    title: "Pebble",
    makes: ["pebble", "pebble-challtestsrv"],
    targets: ["tool"],
    variables: ["main.version=v2.8.0"],
    probe: {
      pebble: { args: ["-version"], fits: /^Pebble version: v2\.(8|9|[1-9][0-9])\./ },
      "pebble-challtestsrv": { args: ["-help"], fits: /-management/ },
    },
    spaceMiB: 200,
  },
  {
    // The provider is in the same module to share its packages with the cluster: built by itself it takes eight
    // minutes.
    folder: "kubernetes",
    title: "Kubernetes and Pulumi's provider for it",
    makes: [...KUBERNETES_PROGRAMS, "pulumi-resource-kubernetes"],
    targets: [".", "./pulumi-resource-kubernetes"],
    links: { to: "kubernetes", names: KUBERNETES_PROGRAMS },
    quick: true,
    variables: [
      `k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`,
      "k8s.io/component-base/version.gitMajor=1",
      "k8s.io/component-base/version.gitMinor=35",
      `github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=${PROVIDER_VERSION}`,
    ],
    overlay: {
      module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
      files: {
        "pulumi-resource-kubernetes/schema.json": "cmd/pulumi-resource-kubernetes/schema.json",
        "pulumi-resource-kubernetes/terraform-mapping.json": "cmd/pulumi-resource-kubernetes/terraform-mapping.json",
      },
    },
    probe: {
      ...Object.fromEntries(KUBERNETES_PROGRAMS.map((name) => [name, kubernetesProbe])),
      kubectl: { args: ["version", "--client"], fits: /Client Version: v1\.3[4-6]\./ },
    },
    spaceMiB: 3000,
  },
  {
    folder: "pulumi",
    title: "Pulumi",
    quick: true,
    makes: ["pulumi"],
    targets: ["tool"],
    variables: [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${PULUMI_VERSION}`],
    probe: { pulumi: { args: ["version"], fits: /^v3\.(2[2-9][0-9]|[3-9][0-9]{2})\./ } },
    spaceMiB: 3000,
  },
  {
    // The lab itself runs Debian's, which is 1.6.
    folder: "containerd",
    title: "containerd 2",
    quick: true,
    makes: ["containerd", "ctr"],
    targets: ["tool"],
    variables: ["github.com/containerd/containerd/v2/version.Version=2.4.2"],
    spaceMiB: 1000,
  },
  { folder: "registry", title: "registry", makes: ["registry"], targets: ["tool"], spaceMiB: 1500 },
  {
    folder: "nodehost",
    title: "Pulumi's language host for Node",
    quick: true,
    makes: ["pulumi-language-nodejs"],
    targets: ["tool"],
    spaceMiB: 500,
  },
  {
    folder: "yamlhost",
    title: "Pulumi's language host for YAML",
    quick: true,
    makes: ["pulumi-language-yaml"],
    targets: ["tool"],
    spaceMiB: 1500,
  },
  {
    folder: "oras",
    title: "ORAS",
    quick: true,
    makes: ["oras"],
    targets: ["tool"],
    probe: { oras: { args: ["version"], fits: /^Version: +1\.([3-9]|[1-9][0-9])\./ } },
    spaceMiB: 300,
  },
  {
    folder: "helm",
    title: "Helm",
    quick: true,
    makes: ["helm"],
    targets: ["tool"],
    variables: ["helm.sh/helm/v4/internal/version.version=v4.3.1"],
    probe: { helm: { args: ["version", "--short"], fits: /^v4\.([3-9]|[1-9][0-9])\./ } },
    spaceMiB: 1500,
  },
];

/** The module that makes an executable. */
export function moduleOf(executable: string): ProgramModule {
  const found = MODULES.find((module) => module.makes.includes(executable));
  if (!found)
    throw new Error(`${executable} is not a program of the lab; known: ${MODULES.flatMap((m) => m.makes).join(", ")}`);
  return found;
}
