/* Evidence: docs/format.md of Muniment, sections 3 to 6; RFC 9162; C2SP signed-note, tlog-checkpoint. */

function digestOf(part) {
  if (part.digest !== undefined) return fromHex(part.digest, 32);
  message.begin(0);
  message.addHex(part.salt, 16);
  const place = message.length;
  message.addNumber(0, 2);
  const length = message.addText(part.path);
  message.bytes[place] = length >> 8;
  message.bytes[place + 1] = length & 255;
  if (part.value !== undefined) message.addText(part.value);
  else message.add(fromBase64(part.base64));
  return message.digest();
}

function commitmentOf(parts) {
  const digests = parts.map(digestOf);
  message.begin(2);
  message.addNumber(digests.length, 4);
  for (const digest of digests) message.add(digest);
  return message.digest();
}

function leafOf(header) {
  message.begin(0);
  message.addText(header);
  return message.digest();
}

function above(left, right) {
  message.begin(1);
  message.add(left);
  message.add(right);
  return message.digest();
}

function rootFrom(leaf, index, size, path) {
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const text of path) {
    if (last === 0) throw new Error("the proof is too long");
    const sibling = fromBase64(text);
    if (sibling.length !== 32) throw new Error("not a hash");
    if (position % 2 === 1 || position === last) {
      hash = above(sibling, hash);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = above(hash, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) throw new Error("the proof is too short");
  return hash;
}

/* "" when everything about a record holds, else what does not. */
function faultOf(record, head) {
  if (record.unreadable) return "it cannot be read";
  const { header } = factsOf(record);
  if (header.subject !== record.record) return "its header is of another record";
  const { hidden } = countsOf(record);
  const fits = { release: hidden === 0, redact: hidden > 0, withhold: record.parts.length === 0 };
  if (!fits[record.outcome]) return `it hides ${hidden} parts, which is not what its outcome says`;
  let step = "its parts cannot be read";
  try {
    if (record.outcome !== "withhold" && toHex(commitmentOf(record.parts)) !== header.commitment) {
      return "its parts are not what was captured";
    }
    if (!(Number.isSafeInteger(record.index) && record.index >= 0 && record.index < head.size)) {
      return "it stands outside the log";
    }
    step = "its proof cannot be read";
    const root = rootFrom(leafOf(record.header), record.index, head.size, record.path);
    return same(root, head.root) ? "" : "it does not lead to the log's head";
  } catch {
    return step;
  }
}

function readHead(note) {
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const lines = text.split("\n");
  const [origin, size, root] = lines;
  if (end < 0 || lines.length !== 4 || !/^(?:0|[1-9][0-9]{0,15})$/.test(size)) throw new Error("no head");
  const signatures = note.slice(end + 2).split("\n");
  if (signatures.pop() !== "" || !signatures.length) throw new Error("no signatures");
  const hash = fromBase64(root);
  if (hash.length !== 32) throw new Error("no root");
  return { text, origin, size: Number(size), root: hash, signatures };
}

function readKey(text) {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text);
  if (!match) throw new Error("no key");
  const [, name, id, encoded] = match;
  const typed = fromBase64(encoded);
  const expected = sha256(new Uint8Array([...utf8.encode(`${name}\n`), ...typed])).slice(0, 4);
  if (typed.length !== 33 || typed[0] !== 1 || toHex(expected) !== id) throw new Error("no key");
  return { name, id: fromHex(id, 4), bytes: typed.slice(1) };
}

/* As `openssl pkey -pubin -in log-key.pem -outform DER | sha256sum` prints it. */
const DER_ED25519 = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
const derOf = (key) => new Uint8Array([...DER_ED25519, ...key.bytes]);
const fingerprintOf = (key) => toHex(sha256(derOf(key)));

/* "" when the head is signed by the key, null when this browser cannot tell, else what is wrong. */
async function signatureFault(head, key) {
  if (key.name !== head.origin) return "the log's key is of another log";
  const before = `\u2014 ${key.name} `;
  const own = head.signatures.filter((line) => line.startsWith(before)).map((line) => {
    try {
      return fromBase64(line.slice(before.length));
    } catch {
      return new Uint8Array(4);
    }
  }).filter((signature) => same(signature.slice(0, 4), key.id));
  if (!own.length) return "the log's head is not signed by the log's key";
  let known;
  try {
    known = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  for (const signature of own) {
    const right = await crypto.subtle.verify({ name: "Ed25519" }, known, signature.slice(4), utf8.encode(head.text));
    if (!right) return "the signature of the log's head is wrong";
  }
  return "";
}

const breath = () => new Promise((done) => setTimeout(done));

/* Calls `work` for each item, and lets the page breathe between some of them. */
async function inSlices(items, work, tell) {
  let until = performance.now() + 50;
  for (let i = 0; i < items.length; i += 1) {
    work(items[i], i);
    if (performance.now() < until) continue;
    tell(i / items.length);
    await breath();
    until = performance.now() + 50;
  }
}
