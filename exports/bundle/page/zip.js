/* The bundle's files as the reader hands them over: a zip that is not compressed, or a folder.

   Each becomes a map of names to a function that reads the file. */

const LARGEST = 2 ** 30;
const STRETCH = 2 ** 22;

class NotAsIssued extends Error {}

async function piece(file, from, to) {
  return new Uint8Array(await file.slice(from, to).arrayBuffer());
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const big = (view, at) => Number(view.getBigUint64(at, true));

async function directoryOf(file) {
  const end = viewOf(await piece(file, Math.max(0, file.size - 22), file.size));
  if (end.byteLength < 22 || end.getUint32(0, true) !== 0x06054b50) {
    throw new NotAsIssued("it is no zip file, or something was added behind its end");
  }
  let count = end.getUint16(10, true);
  let size = end.getUint32(12, true);
  let from = end.getUint32(16, true);
  let close = file.size - 22;
  if (count === 0xffff || size === 0xffffffff || from === 0xffffffff) {
    const locator = viewOf(await piece(file, close - 20, close));
    close = big(locator, 8);
    const large = viewOf(await piece(file, close, close + 56));
    if (locator.getUint32(0, true) !== 0x07064b50 || large.getUint32(0, true) !== 0x06064b50) {
      throw new NotAsIssued("its directory cannot be read");
    }
    [count, size, from] = [big(large, 32), big(large, 40), big(large, 48)];
  }
  if (from + size !== close) throw new NotAsIssued("its directory cannot be read");
  return { count, from, bytes: await piece(file, from, close) };
}

function membersOf({ count, bytes }) {
  const view = viewOf(bytes);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const members = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new NotAsIssued("its directory cannot be read");
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const name = decoder.decode(bytes.subarray(at + 46, at + 46 + nameSize));
    let size = view.getUint32(at + 24, true);
    let from = view.getUint32(at + 42, true);
    let extra = at + 46 + nameSize + 4;
    if (size === 0xffffffff) {
      size = big(view, extra);
      extra += 16;
    }
    if (from === 0xffffffff) from = big(view, extra);
    if (view.getUint16(at + 10, true) !== 0) {
      throw new NotAsIssued("it was packed anew: its files are compressed. Unpack it and choose the folder");
    }
    members.push({ name, size, from });
    at += 46 + nameSize + extraSize + commentSize;
  }
  return members;
}

async function filesOfZip(file) {
  const directory = await directoryOf(file);
  const members = membersOf(directory);
  const files = new Map();
  const read = inStretches(file, directory.from);
  for (const [i, { name, size, from }] of members.entries()) {
    const next = i + 1 < members.length ? members[i + 1].from : directory.from;
    const spare = next - from - size - 30 - utf8.encode(name).length;
    if (spare !== 0 && spare !== 20) throw new NotAsIssued(`bytes at ${name} belong to no file`);
    if (files.has(name)) throw new NotAsIssued(`${name} is in it twice`);
    files.set(name, { size, read: () => memberOf(read, name, from, next, size) });
  }
  return files;
}

/* Files are asked for in the order in which they lie: neighbours come from one reading. */
function inStretches(file, end) {
  let held = { from: 0, to: 0, bytes: null };
  return async (from, to) => {
    if (to - from > STRETCH) return piece(file, from, to);
    if (from < held.from || to > held.to) {
      const until = Math.min(from + STRETCH, end);
      held = { from, to: until, bytes: piece(file, from, until) };
    }
    const { from: start, bytes } = held;
    return (await bytes).subarray(from - start, to - start);
  };
}

async function memberOf(read, name, from, next, size) {
  const bytes = await read(from, next);
  const view = viewOf(bytes);
  const nameSize = view.getUint16(26, true);
  const start = 30 + nameSize + view.getUint16(28, true);
  const named = new TextDecoder().decode(bytes.subarray(30, 30 + nameSize));
  if (view.getUint32(0, true) !== 0x04034b50 || named !== name || start + size !== bytes.length) {
    throw new NotAsIssued("damaged in the zip");
  }
  return bytes.subarray(start);
}

/* `found` are pairs of a path and a file; the bundle begins where bagit.txt lies. */
function filesOfFolder(found) {
  const roots = found.map(([path]) => path).filter((path) => /(?:^|\/)bagit\.txt$/.test(path));
  if (!roots.length) throw new NotAsIssued("no bagit.txt is in it: choose the folder that the zip was unpacked to");
  const root = roots.reduce((a, b) => (a.length <= b.length ? a : b)).slice(0, -"bagit.txt".length);
  const files = new Map();
  for (const [path, file] of found) {
    if (!path.startsWith(root)) continue;
    files.set(path.slice(root.length), { size: file.size, read: () => piece(file, 0, file.size) });
  }
  return files;
}

async function dropped(items) {
  const given = [...items].filter((item) => item.kind === "file").map((item) => {
    const entry = item.webkitGetAsEntry();
    const folder = entry !== null && entry.isDirectory;
    const handle = folder && item.getAsFileSystemHandle ? item.getAsFileSystemHandle() : null;
    return { file: item.getAsFile(), entry: folder ? entry : null, handle };
  });
  const found = [];
  for (const { file, entry, handle } of given) {
    if (handle) await walkHandle(await handle, `${entry.name}/`, found);
    else if (entry) await walkEntry(entry, found);
    else found.push([file.name, file]);
  }
  return found;
}

/* Chromium gives a page that is a file itself a folder's handle to read, but not its entries; others have no handle. */
async function walkHandle(folder, path, found) {
  for await (const [name, one] of folder.entries()) {
    if (one.kind === "file") found.push([path + name, await one.getFile()]);
    else await walkHandle(one, `${path}${name}/`, found);
  }
}

async function walkEntry(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => { entry.file(done, failed); });
    found.push([entry.fullPath.slice(1), file]);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => { reader.readEntries(done, failed); });
    if (!some.length) return;
    for (const one of some) await walkEntry(one, found);
  }
}

const looksZipped = (found) => found.length === 1 && /\.zip$/i.test(found[0][0]);
