// Decrypts what was encrypted for an RSA key by PKCS#1 v1.5, which browsers' own cryptography no longer does.
// Keys: PEM, PKCS#1 ("RSA PRIVATE KEY"), PKCS#8 ("PRIVATE KEY") or OpenSSH's, without a passphrase. Nothing leaves the browser.

export class KeyError extends Error {}

const bytesOf = (base64) => Uint8Array.from(atob(base64.replace(/\s+/g, "")), (char) => char.charCodeAt(0));
const number = (bytes) => BigInt(`0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") || "0"}`);

/** Reads one DER value: its tag, its content, and where the next one begins. */
function der(bytes, at = 0) {
  const tag = bytes[at];
  let length = bytes[at + 1];
  let start = at + 2;
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count < 1 || count > 4) throw new KeyError("length");
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + bytes[start++];
  }
  if (!(start + length <= bytes.length)) throw new KeyError("length");
  return { tag, content: bytes.subarray(start, start + length), next: start + length };
}

function inside(sequence) {
  const found = [];
  for (let at = 0; at < sequence.length;) {
    const value = der(sequence, at);
    found.push(value);
    at = value.next;
  }
  return found;
}

/** The numbers of a key as OpenSSH writes it (its PROTOCOL.key): everything has its length before it. */
function openssh(bytes) {
  let at = 15;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const next = () => {
    const length = view.getUint32(at);
    if (at + 4 + length > bytes.length) throw new KeyError("length");
    at += 4 + length;
    return bytes.subarray(at - length, at);
  };
  const word = () => new TextDecoder().decode(next());
  const cipher = word();
  if (cipher !== "none") throw new KeyError("locked");
  next(), next();
  at += 4;
  next();
  at += 4 + 8;
  if (word() !== "ssh-rsa") throw new KeyError("kind");
  const [n, e, d, qInverse, p, q] = Array.from({ length: 6 }, () => number(next()));
  return { n, e, d, p, q, qInverse, dp: d % (p - 1n), dq: d % (q - 1n) };
}

/** The key's numbers out of a PEM file. Throws KeyError; its message is "locked" for a key with a passphrase. */
export function readKey(pem) {
  if (/ENCRYPTED/.test(pem)) throw new KeyError("locked");
  const found = /-----BEGIN (RSA |OPENSSH )?PRIVATE KEY-----([\s\S]+?)-----END (RSA |OPENSSH )?PRIVATE KEY-----/.exec(pem);
  if (!found) throw new KeyError("pem");
  let content;
  try {
    if (found[1] === "OPENSSH ") return openssh(bytesOf(found[2]));
    content = der(bytesOf(found[2])).content;
    // PKCS#8 wraps PKCS#1: version, algorithm, and the key in an octet string.
    if (!found[1]) content = der(inside(content)[2].content).content;
    const [, n, e, d, p, q, dp, dq, qInverse] = inside(content).map((value) => number(value.content));
    if (!qInverse || n !== p * q) throw new KeyError("numbers");
    return { n, e, d, p, q, dp, dq, qInverse };
  } catch (problem) {
    throw new KeyError(problem.message === "locked" ? "locked" : "pem");
  }
}

function power(base, exponent, modulus) {
  let result = 1n;
  base %= modulus;
  while (exponent > 0n) {
    if (exponent & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
    exponent >>= 1n;
  }
  return result;
}

/** The text behind base64; throws KeyError("other") if it was encrypted for another key. */
export function decrypt(base64, pem) {
  const key = readKey(pem);
  const size = Math.ceil(key.n.toString(16).length / 2);
  const cipher = number(bytesOf(base64));
  if (cipher >= key.n) throw new KeyError("other");
  // By the Chinese remainder theorem: a quarter of the time.
  const one = power(cipher, key.dp, key.p);
  const two = power(cipher, key.dq, key.q);
  const h = (((key.qInverse * (one - two)) % key.p) + key.p) % key.p;
  const hex = (two + h * key.q).toString(16).padStart(size * 2, "0");
  const block = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const end = block.indexOf(0, 2);
  if (block[0] !== 0 || block[1] !== 2 || end < 10) throw new KeyError("other");
  return new TextDecoder().decode(block.subarray(end + 1));
}
