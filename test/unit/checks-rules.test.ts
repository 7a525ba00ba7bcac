import assert from "node:assert/strict";
import * as kubernetes from "../../components/checks/kubernetes";
import type { Rule } from "../../components/checks/problems";
import * as rules from "../../components/checks/rules";
import { newKeyPem } from "../../rig/acme/inputs";
import { makeCertificate } from "../support/acme-made";
import { newPrivateKey } from "../support/ssh-made";
import { generateKeyPairSync } from "node:crypto";

/** What a rule takes, and what it refuses. */
interface Case {
  rule: Rule<string>;
  takes: string[];
  refuses: string[];
}

const L63 = "a".repeat(63);
const HOST_OF_253 = `${`${"a".repeat(49)}.`.repeat(5)}abc`;

const CASES: Record<string, Case> = {
  "a host name or an address to connect to": {
    rule: rules.hostOrAddress,
    takes: ["gw1", "GW1.example.com", "192.0.2.1", "2001:db8::1", HOST_OF_253, "xn--bcher-kva.example"],
    refuses: ["", "a b", "a_b", "-a", "a-", "a..b", "a.", "a:22", "http://a", "root@a", `${HOST_OF_253}d`, `${L63}a.b`],
  },
  "an IP address": {
    rule: rules.ipAddress,
    takes: ["192.0.2.1", "::1", "2001:db8::1"],
    refuses: ["", "node-1", "192.0.2", "192.0.2.256", "192.0.2.1/32", "fe80::1%eth0", "[::1]", "192.0.2.1 "],
  },
  "a range of addresses": {
    rule: rules.cidr,
    takes: ["192.0.2.10/32", "0.0.0.0/0", "2001:db8::/64", "::/0", "2001:db8::1/128"],
    refuses: [
      ...["", "192.0.2.10", "192.0.2.10/", "192.0.2.10/33", "::/129", "192.0.2.10/-1", "192.0.2.10/1/2"],
      ...["192.0.2.10/ 8"],
      ...["192.0.2.10/032", "192.0.2.10/00", "fe80::1%eth0/64", "node-1/32", "192.0.2.10/8\n"],
    ],
  },
  "a path below which a page is": {
    rule: rules.basePath,
    takes: ["/", "/ui/", "/a/b/", "/a.b_c~d-e/", "/v2ui/", "/v1/v2/", "/.../", `/${"a/".repeat(8)}`],
    refuses: [
      ...["", "ui", "/ui", "ui/", "//", "/a//b/", "/v2/", "/v2/a/", "/../", "/a/./", "/./", "/a b/", "/$a/", "/a%2f/"],
      ...["/.private-registry/", `/${"a/".repeat(9)}`, `/${"a".repeat(65)}/`, "/a/\n", "/a;/", "/ü/"],
    ],
  },
  "an absolute path": {
    rule: rules.absolutePath,
    takes: ["/var/log/nginx/docker.access.log", "/a", "/a@b+c-d_e", "/..a/b."],
    refuses: ["", "/", "a", "/a/", "//a", "/a/../b", "/a/..", "/./a", "/a b", "/a\n", "/a;b", "/a$b", "~/a"],
  },
  "a URL of a server": {
    rule: rules.url,
    takes: ["https://example.com", "http://192.0.2.1:5000/a?b", "https://[2001:db8::1]/"],
    refuses: [
      ...[
        "",
        "example.com",
        "ftp://example.com",
        "https://",
        "https:///a",
        "x:https://a.b",
        "https://a/ b",
        "https://a b",
      ],
      ...["https://[", "file:///a"],
    ],
  },
  "the name of an object in Kubernetes": {
    rule: kubernetes.objectName,
    takes: ["a", "a-b.c", "0", HOST_OF_253],
    refuses: ["", "A", "a_b", "-a", "a-", "a..b", ".a", `${HOST_OF_253}d`, "a\n", `${L63}a`],
  },
  "a label of DNS": {
    rule: kubernetes.labelName,
    takes: ["a", "kube-system", "0a", L63],
    refuses: ["", "A", "a.b", "-a", "a-", "a_b", `${L63}a`, "a\n"],
  },
  "a node's name": {
    rule: kubernetes.nodeName,
    takes: ["node-1", "node-1.example.com", L63, `${"a.".repeat(31)}bc`],
    refuses: ["", "Node", "node_1", `${L63}a`, `${"a.".repeat(126)}bc`, "node-1."],
  },
  "a label's value": {
    rule: kubernetes.labelValue,
    takes: ["", "a", "A.b_c-d", L63],
    refuses: ["-a", "a-", ".a", "a b", "a/b", `${L63}a`, "ä", "a\n"],
  },
  "a label's key": {
    rule: kubernetes.labelKey,
    takes: ["a", "app.kubernetes.io/name", "A_b.c", `example.com/${L63}`],
    refuses: ["", "/a", "a/", "a/b/c", "A.example/x_", "Example.com/a", "-a", `${L63}a`, "a b", "a.b/"],
  },
  "the name of a file in a secret": {
    rule: kubernetes.dataKey,
    takes: ["domain.crt", "a", ".a", "A_b-c", "a".repeat(253)],
    refuses: ["", ".", "..", "..a", "a/b", "a b", "a".repeat(254), "a\n"],
  },
  "an amount of CPU": {
    rule: kubernetes.cpuQuantity,
    takes: ["100m", "1", "0.5", "0.001", "2.125", "1m"],
    refuses: [
      "",
      "0",
      "0m",
      "0.0",
      "00",
      "00m",
      "0.00",
      "-1",
      "1.",
      ".5",
      "0.0001",
      "1k",
      "100 m",
      "1e3",
      "100M",
      "1.5m",
    ],
  },
  "an amount of memory": {
    rule: kubernetes.memoryQuantity,
    takes: ["100Mi", "1Gi", "0.5Gi", "1.25Gi", "1M", "1T", "1024Ki", "1000k", "1048576", "2Ti"],
    refuses: [
      "",
      "0",
      "0Mi",
      "0.0Gi",
      "100",
      "512Ki",
      "0.5Mi",
      "0001Ki",
      "0.0001Gi",
      "100m",
      "100MB",
      "1gi",
      "-1Gi",
      "1 Gi",
    ],
  },
  "an image": {
    rule: kubernetes.image,
    takes: [
      "registry:2",
      "registry:3.0.0",
      "example.com:5000/a/b:v1",
      `a@sha256:${"0".repeat(64)}`,
      `a:1@sha256:${"f".repeat(64)}`,
    ],
    refuses: [
      ...["", "registry", "registry:", "registry:latest", "a/b:latest", "example.com:5000/a", "a:b c", "a:-1", "A:1"],
      ...[`a@sha256:${"0".repeat(63)}`, `a@sha256:${"F".repeat(64)}`, `a:${"1".repeat(129)}`, "a:1\n"],
    ],
  },
  "an image of the registry": {
    rule: kubernetes.registryImage,
    takes: [
      "registry:2",
      "registry:2.8.3",
      "registry:3",
      "mirror.example.com/library/registry:3.0.0",
      "my-registry:1",
      "registry:10",
    ],
    refuses: [
      "registry:1",
      "registry:0.9",
      "registry:1.0",
      "mirror.example.com/registry:1",
      "registry:latest",
      "registry",
    ],
  },
  "a variable's name": {
    rule: kubernetes.variableName,
    takes: ["A", "a_B1", "_"],
    refuses: ["", "1A", "A-B", "A.B", "A B", "A=B", "A\n"],
  },
  "a variable's text": {
    rule: kubernetes.variableText,
    takes: ["", "a\nb", "é".repeat(1000)],
    refuses: ["a\0b"],
  },
  "one or more certificates": (() => {
    const { leafPem, caPem, keyPem } = makeCertificate(["registry.example.com"]);
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    return {
      rule: rules.certificates,
      takes: [leafPem, leafPem + caPem, `subject=a-b\n${leafPem}\n\n${caPem}`, leafPem.replaceAll("\n", "\r\n")],
      refuses: ["", "/etc/ssl/a.pem", keyPem, leafPem + keyPem, leafPem.slice(0, -30), broken, leafPem + broken],
    };
  })(),
  "a private key": (() => {
    const encrypt = (type: "pkcs8" | "pkcs1") =>
      generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
        ...{ type, format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
      }) as string;
    const key = newPrivateKey();
    const publicKey = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }) as string;
    return {
      rule: rules.keyPem,
      takes: [key, newKeyPem(), key.trimEnd()],
      refuses: ["", "/etc/ssl/a.key", encrypt("pkcs8"), encrypt("pkcs1"), key.replace(/\n.{20}/, "\n"), publicKey],
    };
  })(),
};

for (const [what, { rule, takes, refuses }] of Object.entries(CASES)) {
  describe(what, () => {
    it("is taken in all its forms", () => {
      for (const each of takes) assert.equal(rule(each), undefined, each);
    });

    it("is refused in others, with what is expected", () => {
      for (const each of refuses) assert.ok(rule(each)?.expected, JSON.stringify(each));
    });
  });
}

describe("what is said of", () => {
  const got = (rule: Rule<string>, value: string): string => rule(value)?.got ?? "the value";

  it("a key or certificate holds none of it", () => {
    const key = newPrivateKey();
    const { leafPem, caPem } = makeCertificate(["registry.example.com"]);
    assert.equal(got(rules.keyPem, "/a/path"), "a text without one");
    assert.equal(got(rules.keyPem, key.replace(/\n.{20}/, "\n")), "one that can't be read");
    const broken = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    assert.equal(got(rules.keyPem, broken), "one that can't be read");
    assert.equal(got(rules.keyPem, broken.replaceAll("RSA PRIVATE", "PUBLIC")), "a text without one");
    assert.equal(got(rules.keyPem, key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE")), "one with a passphrase");
    assert.equal(got(rules.certificates, "/a/path"), "a text without one");
    assert.equal(got(rules.certificates, leafPem + key), "a text with something else in it, or cut short");
    assert.equal(
      got(rules.certificates, leafPem + caPem.slice(0, 100)),
      "a text with something else in it, or cut short",
    );
    assert.equal(got(rules.certificates, leafPem.replace(/\n.{20}/, "\n")), "a certificate that can't be read");
  });

  it("an image without a fixed tag is why", () => {
    assert.match(kubernetes.image("a:latest")?.expected ?? "", /and not latest, which is another one tomorrow$/);
    assert.match(kubernetes.registryImage("registry:1")?.expected ?? "", /version 2 or 3/);
  });
});
