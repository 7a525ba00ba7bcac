import { isIP } from "node:net";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { Extension, GeneralName, id_ce_subjectAltName, SubjectAlternativeName } from "@peculiar/asn1-x509";
import { Log } from "../protocol/resource";
import { Value } from "../protocol/values";
import { failure } from "./diagnostics";

/** The other names of a subject, from the inputs `dnsNames`, `ipAddresses` and `uris`. */
export function alternativeNames(planned: Record<string, Value>, log: Log): GeneralName[] {
  const list = (name: string): string[] => (planned[name] ?? []) as string[];
  const address = (text: string): GeneralName => {
    if (isIP(text) === 0) throw failure(log, "Invalid IP address", `Failed to parse ${JSON.stringify(text)}`);
    return new GeneralName({ iPAddress: text });
  };
  return [
    ...list("dnsNames").map((name) => new GeneralName({ dNSName: name })),
    ...list("ipAddresses").map(address),
    ...list("uris").map((uri) => new GeneralName({ uniformResourceIdentifier: uri })),
  ];
}

/** The extension with a subject's other names; nothing if there are none. It is critical if there is no subject. */
export function alternativeNamesExtension(names: GeneralName[], critical: boolean): Extension[] {
  if (names.length === 0) return [];
  const extnValue = new OctetString(AsnConvert.serialize(new SubjectAlternativeName(names)));
  return [new Extension({ extnID: id_ce_subjectAltName, critical, extnValue })];
}
