import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** As ASN.1 object identifiers: RSA with SHA-256, the common name, basic constraints, the subject's other names. */
const SHA256_RSA = Buffer.from('2a864886f70d01010b', 'hex');
const COMMON_NAME = Buffer.from('550403', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('551d13', 'hex');
const OTHER_NAMES = Buffer.from('551d11', 'hex');

/** PEM texts. */
export interface Certificate {
  key: string;
  cert: string;
}

/** A certificate that nobody vouches for, good for an hour: what somebody in the middle would show. */
export function selfSignedCertificate(name: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return certificate({ name, publicKey, issuer: name, signedWith: privateKey, extensions: [], privateKey });
}

export interface CertificateAuthority {
  /** PEM text: who trusts it, trusts what it issues. */
  readonly cert: string;
  /** For a server of these names and IPv4 addresses. */
  issue(hosts: readonly string[]): Certificate;
}

/** An authority of the tests' own, good for an hour. */
export function certificateAuthority(issuer: string): CertificateAuthority {
  const { privateKey: signedWith, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const isAuthority = extension(BASIC_CONSTRAINTS, sequence(der(0x01, Buffer.from([0xff]))));
  const own = { name: issuer, publicKey, issuer, signedWith, privateKey: signedWith };
  return {
    cert: certificate({ ...own, extensions: [isAuthority] }).cert,
    issue(hosts) {
      const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const names = hosts.map((host) =>
        isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
      );
      const extensions = [extension(OTHER_NAMES, sequence(...names))];
      return certificate({ name: hosts.join(' '), issuer, signedWith, extensions, ...pair });
    },
  };
}

interface Content {
  name: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
  issuer: string;
  signedWith: KeyObject;
  extensions: readonly Buffer[];
}

let serial = 0;

function certificate(content: Content): Certificate {
  const { name, publicKey, privateKey, issuer, signedWith, extensions } = content;
  const algorithm = sequence(der(0x06, SHA256_RSA), der(0x05));
  const number = Buffer.alloc(4);
  // No byte of it may be missing, nor be needless.
  number.writeUInt32BE(0x01_00_00_00 + (serial += 1));
  const said = sequence(
    // Version 3: it has extensions.
    ...(extensions.length === 0 ? [] : [der(0xa0, der(0x02, Buffer.from([2])))]),
    der(0x02, number),
    algorithm,
    named(issuer),
    sequence(utcTime(Date.now() - 60_000), utcTime(Date.now() + 3_600_000)),
    named(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const signature = createSign('sha256').update(said).sign(signedWith);
  const whole = sequence(said, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function named(name: string): Buffer {
  return sequence(der(0x31, sequence(der(0x06, COMMON_NAME), der(0x0c, Buffer.from(name)))));
}

function extension(id: Buffer, value: Buffer): Buffer {
  return sequence(der(0x06, id), der(0x04, value));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '');
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.from([length]);
  if (length < 256) return Buffer.from([0x81, length]);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}
