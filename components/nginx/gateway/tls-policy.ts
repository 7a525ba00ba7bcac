import type { Place } from "../../hosts/release";
import { directive } from "../text";

/** TLS 1.2 with forward secrecy and authenticated encryption only; TLS 1.3 has no others. */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/**
 * Certificate and policy of a TLS server: TLS 1.2 and 1.3 (RFC 8996 retires the others). Curves are OpenSSL's own
 * choice, which is a modern one on every version, while a list can name one that a host doesn't have. No tickets: nginx
 * before 1.23.2 never changes their key. No OCSP stapling: CAs have ended it.
 */
export function tlsPolicy(id: string, place: Place): string[] {
  return [
    directive("ssl_certificate", `${place.directory}/chain.pem`),
    directive("ssl_certificate_key", `${place.directory}/key.pem`),
    directive("ssl_protocols", "TLSv1.2", "TLSv1.3"),
    directive("ssl_ciphers", CIPHERS),
    directive("ssl_prefer_server_ciphers", "off"),
    directive("ssl_session_cache", `shared:${id}_tls:10m`),
    directive("ssl_session_timeout", "1d"),
    directive("ssl_session_tickets", "off"),
    directive("ssl_stapling", "off"),
  ];
}
