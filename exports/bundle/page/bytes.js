"use strict";

/* Bytes: strict readings of text, and a SHA-256 that answers at once.

   A bundle of 10,000 records takes half a million digests of some fifty bytes each. The browser's
   own SHA-256 answers each of them later, which takes longer than the digest; this one is compared
   with it before it is relied on. Whole files are left to the browser's. */

const utf8 = new TextEncoder();

/* The value of each character as a hexadecimal digit in small letters; 255 where it is none. */
const DIGITS = new Uint8Array(65536).fill(255);
[..."0123456789abcdef"].forEach((digit, value) => { DIGITS[digit.charCodeAt(0)] = value; });

function hexInto(out, start, text, length) {
  let wrong = typeof text === "string" && text.length === 2 * length ? 0 : 255;
  for (let i = 0; i < length; i += 1) {
    const high = DIGITS[text.charCodeAt(2 * i)];
    const low = DIGITS[text.charCodeAt(2 * i + 1)];
    wrong |= (high | low) & 240;
    out[start + i] = (high << 4) | low;
  }
  if (wrong) throw new Error("not hexadecimal");
}

function fromHex(text, length) {
  const out = new Uint8Array(length);
  hexInto(out, 0, text, length);
  return out;
}

function toHex(bytes) {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function fromBase64(text) {
  const characters = atob(text);
  if (btoa(characters) !== text) throw new Error("not base64");
  const out = new Uint8Array(characters.length);
  for (let i = 0; i < out.length; i += 1) out[i] = characters.charCodeAt(i);
  return out;
}

const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));

const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

const ROUND = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2);
const START = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);

const state = new Int32Array(8);
const words = new Int32Array(64);

function compress(bytes, start) {
  for (let i = 0, at = start; i < 16; i += 1, at += 4) {
    words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const x = words[i - 15];
    const y = words[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0;
    d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

/* A message is put together in one buffer, which is used again for the next. */
const message = {
  bytes: new Uint8Array(1 << 16),
  length: 0,

  begin(domain) {
    this.bytes[0] = domain;
    this.length = 1;
  },
  room(more) {
    if (this.length + more + 128 <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (this.length + more + 128));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  },
  add(bytes) {
    this.room(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  },
  addHex(text, length) {
    this.room(length);
    hexInto(this.bytes, this.length, text, length);
    this.length += length;
  },
  addText(text) {
    this.room(3 * text.length);
    const { written } = utf8.encodeInto(text, this.bytes.subarray(this.length));
    this.length += written;
    return written;
  },
  addNumber(value, size) {
    this.room(size);
    for (let i = size - 1; i >= 0; i -= 1) this.bytes[this.length++] = (value >>> (8 * i)) & 255;
  },
  digest() {
    const { length } = this;
    this.room(0);
    const { bytes } = this;
    const end = (length + 72) & ~63;
    bytes[length] = 0x80;
    for (let at = length + 1; at < end; at += 1) bytes[at] = 0;
    for (let at = end - 1, bits = 8 * length; bits; at -= 1, bits = Math.floor(bits / 256)) bytes[at] = bits & 255;
    state.set(START);
    for (let at = 0; at < end; at += 64) compress(bytes, at);
    const out = new Uint8Array(32);
    for (let i = 0; i < 32; i += 1) out[i] = state[i >> 2] >>> (24 - 8 * (i & 3));
    return out;
  },
};

function sha256(bytes) {
  message.length = 0;
  message.add(bytes);
  return message.digest();
}

async function digestsAgree() {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 128, 1000]) {
    const sample = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255);
    if (!same(sha256(sample), new Uint8Array(await crypto.subtle.digest("SHA-256", sample)))) return false;
  }
  return true;
}
