import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from "@peculiar/asn1-x509";
import { Value } from "../protocol/values";

/** The parts of a subject in the order in which the real plugin (Go's crypto/x509/pkix) writes them. */
const PARTS: readonly (readonly [name: string, oid: string])[] = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
];
const EMAIL = "1.2.840.113549.1.9.1";
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** The input `subject` as a distinguished name; nothing given is the empty name. */
export function distinguishedName(subject: Record<string, Value> = {}): Name {
  const parts = PARTS.map(([name, oid]) => relative(oid, [subject[name] ?? []].flat() as string[]));
  const email = subject["emailAddress"] as string | undefined;
  if (email !== undefined) {
    const value = new AttributeValue({ ia5String: email });
    parts.push(new RelativeDistinguishedName([new AttributeTypeAndValue({ type: EMAIL, value })]));
  }
  return new Name(parts.filter((part) => part.length > 0));
}

/**
 * The subject of a certificate that is made for a request: as the real plugin does, what it doesn't know by name (an
 * email address) is left out.
 */
export function requestedName(requested: Name): Name {
  const given = requested.flatMap((part) => [...part]);
  const parts = PARTS.map(([, oid]) =>
    relative(
      oid,
      given.filter(({ type }) => type === oid).map(({ value }) => value.toString()),
    ),
  );
  return new Name(parts.filter((part) => part.length > 0));
}

function relative(type: string, values: readonly string[]): RelativeDistinguishedName {
  return new RelativeDistinguishedName(
    values
      .filter((text) => text !== "")
      .map((text) => {
        const value = new AttributeValue(PRINTABLE.test(text) ? { printableString: text } : { utf8String: text });
        return new AttributeTypeAndValue({ type, value });
      }),
  );
}
