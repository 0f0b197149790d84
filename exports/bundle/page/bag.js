/* The bundle's files against its manifests (RFC 8493), and against what this page holds. */

const ALGORITHMS = { sha256: "SHA-256", sha512: "SHA-512" };
const AT_A_TIME = 16;
const KNOWN = new RegExp("^(?:VERIFY\\.md|bag-info\\.txt|bagit\\.txt|(?:tag)?manifest-sha(?:256|512)\\.txt|"
  + "data/(?:index\\.html|records\\.(?:csv|jsonl|warc)|withheld\\.csv|response(?:-[1-9][0-9]*)?\\.pdf|"
  + "proofs/(?:checkpoint|log-key\\.(?:pem|pub)|timestamp(?:\\.(?:tsr|checkpoint|consistency)|-authority\\.pem)|[0-9]{6,}\\.tlog-proof)|attachments/[0-9A-Za-z._-]+|"
  + "load/(?:records\\.(?:dat|opt)|text/[0-9]{6,}\\.txt)))$");
const ATTACHED = /^data\/attachments\/[0-9]{6,}-([0-9]+)-[A-Za-z0-9._-]+$/;

class Bag {
  constructor(files, tell) {
    this.files = files;
    this.tell = tell;
    this.problems = [];
    this.large = [];
    this.digests = new Map();
  }

  fault(place, what) {
    this.problems.push({ place, what });
  }

  async text(name) {
    const file = this.files.get(name);
    if (!file) {
      this.fault(name, "missing");
      return null;
    }
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.read());
    } catch {
      this.fault(name, "cannot be read");
      return null;
    }
  }

  async check() {
    if (await this.text("bagit.txt") !== "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n") {
      this.fault("bagit.txt", "not the declaration of a BagIt 1.0 bag in UTF-8");
    }
    const names = [...this.files.keys()];
    for (const name of names) if (!KNOWN.test(name)) this.fault(name, "a file that no bundle has");
    const payload = names.filter((name) => name.startsWith("data/"));
    const tags = names.filter((name) => !name.startsWith("data/") && !name.startsWith("tagmanifest-"));
    const listed = new Map();
    await this.readManifests("manifest", payload, listed);
    await this.readManifests("tagmanifest", tags, listed);
    const bytes = payload.reduce((sum, name) => sum + this.files.get(name).size, 0);
    const info = await this.text("bag-info.txt");
    if (info !== null && !info.split("\n").includes(`Payload-Oxum: ${bytes}.${payload.length}`)) {
      this.fault("bag-info.txt", `Payload-Oxum is not ${bytes}.${payload.length}`);
    }
    const earlier = info === null ? undefined : /^Supersedes: (.*)$/m.exec(info);
    if (earlier !== undefined && (earlier ? earlier[1] : "") !== bundle.supersedes) {
      this.fault("bag-info.txt", "not what this page says that the bundle supersedes");
    }
    await this.digestAll([...listed].filter(([name]) => this.files.has(name)));
    await this.compareWithPage();
    return this;
  }

  async readManifests(kind, names, listed) {
    for (const algorithm of Object.keys(ALGORITHMS)) {
      const manifest = `${kind}-${algorithm}.txt`;
      const text = await this.text(manifest);
      if (text === null) continue;
      const known = new Set();
      const width = algorithm === "sha256" ? 64 : 128;
      const lines = text.split("\n");
      if (lines.pop() !== "") this.fault(manifest, "its last line does not end");
      for (const [i, line] of lines.entries()) {
        const match = /^([0-9a-f]+) {2}(\S.*)$/.exec(line);
        if (!match || match[1].length !== width || known.has(match[2])) {
          this.fault(manifest, `line ${i + 1} is not a digest and a file of its own`);
          continue;
        }
        known.add(match[2]);
        if (!this.files.has(match[2])) this.fault(match[2], `listed in ${manifest}, but not there`);
        listed.set(match[2], { ...listed.get(match[2]), [algorithm]: [manifest, match[1]] });
      }
      for (const name of names) if (!known.has(name)) this.fault(name, `not listed in ${manifest}`);
    }
  }

  async digestAll(listed) {
    let next = 0;
    const worker = async () => {
      while (next < listed.length) {
        const [name, expected] = listed[next];
        next += 1;
        await this.digest(name, expected);
        if (next % 64 === 0) this.tell(next / listed.length);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  }

  async digest(name, expected) {
    const file = this.files.get(name);
    if (file.size > LARGEST) {
      this.large.push(name);
      return;
    }
    try {
      const bytes = await file.read();
      for (const [algorithm, [manifest, hex]] of Object.entries(expected)) {
        const digest = toHex(new Uint8Array(await crypto.subtle.digest(ALGORITHMS[algorithm], bytes)));
        if (digest !== hex) this.fault(name, `not the file that is listed in ${manifest}`);
        if (algorithm === "sha256") this.digests.set(name, digest);
      }
    } catch {
      this.fault(name, "cannot be read");
    }
  }

  /* What the page holds is what the files hold. A file too large, or missing, has been told already. */
  expect(name, digest, what) {
    if (this.digests.has(name) && this.digests.get(name) !== digest) this.fault(name, what);
    if (!this.files.has(name)) this.fault(name, "missing");
  }

  async compareWithPage() {
    const expectText = (name, text, what) => this.expect(name, toHex(sha256(utf8.encode(text))), what);
    expectText("data/proofs/checkpoint", bundle.checkpoint, "not the log's head that this page holds");
    expectText("data/proofs/log-key.pub", `${bundle.key}\n`, "not the key that this page holds");
    try {
      const pem = `-----BEGIN PUBLIC KEY-----\n${toBase64(derOf(readKey(bundle.key)))}\n-----END PUBLIC KEY-----\n`;
      expectText("data/proofs/log-key.pem", pem, "not the key that this page holds");
    } catch {
      this.fault("data/index.html", "the key that this page holds cannot be read");
    }
    const text = await this.text("data/records.jsonl");
    const lines = text === null ? null : text.split("\n");
    if (lines && (lines.pop() !== "" || lines.length !== records.length)) {
      this.fault("data/records.jsonl", `not the ${records.length} records that this page shows`);
    }
    await inSlices(records, (record, i) => this.compareRecord(record, lines && lines[i]), this.tell);
  }

  compareRecord(record, line) {
    if (record.unreadable) return;
    const { path, answers, ...held } = record;
    if (typeof line === "string" && JSON.stringify(held) !== line) {
      this.fault("data/records.jsonl", `record ${record.number} is not what this page shows`);
    }
    const proof = ["c2sp.org/tlog-proof@v1", `index ${record.index}`, ...path, "", bundle.checkpoint].join("\n");
    this.expect(record.proof, toHex(sha256(utf8.encode(proof))), `not the proof of record ${record.number} that this page holds`);
    for (const name of record.attachments) {
      const match = ATTACHED.exec(name);
      const shown = record.parts.find((part) => match && part.path === `attachment/${match[1]}/sha256`);
      const painted = imagesOf(record).find((one) => one.name === name);
      const digest = painted ? painted.sha256 : shown && shown.value;
      this.expect(name, digest, `not the attachment that record ${record.number} names`);
    }
  }
}
