import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret.box.js';

const PLACE = { provider: 'fake', keyId: '0194a0de-0000-7000-8000-000000000001' };
const SECRET = 'whsec_of_an_endpoint';

describe('a secret in the box', () => {
  const box = new SecretBox({ key: randomBytes(32) });
  const sealed = box.seal(SECRET, PLACE);

  it('comes out as it went in, and cannot be read meanwhile', () => {
    expect(box.open(sealed, PLACE)).toBe(SECRET);
    expect(Buffer.from(sealed).includes(SECRET)).toBe(false);
  });

  it('never looks the same twice', () => {
    expect(Buffer.from(box.seal(SECRET, PLACE))).not.toEqual(Buffer.from(sealed));
  });

  it('does not open in another row', () => {
    expect(() => box.open(sealed, { ...PLACE, keyId: '0194a0de-0000-7000-8000-000000000002' })).toThrow();
    expect(() => box.open(sealed, { ...PLACE, provider: 'other' })).toThrow();
  });

  it('does not open with another key', () => {
    expect(() => new SecretBox({ key: randomBytes(32) }).open(sealed, PLACE)).toThrow();
  });

  it('does not open with any byte changed', () => {
    for (let at = 0; at < sealed.byteLength; at += 1) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => box.open(changed, PLACE)).toThrow();
    }
  });

  it('does not open when it was cut short', () => {
    for (const length of [0, 11, 12, 20, 28]) {
      expect(() => box.open(sealed.subarray(0, length), PLACE)).toThrow();
    }
  });

  it('cannot be put in without a key', () => {
    expect(() => new SecretBox({ key: undefined }).seal(SECRET, PLACE)).toThrow(
      expect.objectContaining({ code: 'encryption_key_missing' }),
    );
  });
});
