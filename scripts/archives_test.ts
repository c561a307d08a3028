import assert from "node:assert/strict";
import { type Entry, tarGz, unzipped, zipped } from "./archives.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const FILES: readonly Entry[] = [
  { name: "tool-1/tool", bytes: encode(`a program, ${"again ".repeat(5000)}`), mode: 0o755 },
  { name: "tool-1/LICENSE", bytes: encode("text") },
  { name: "tool-1/empty", bytes: new Uint8Array() },
  // A whole number of tar's blocks.
  { name: "tool-1/block", bytes: encode("x".repeat(1024)) },
];

/** What Python, which is neither writer nor reader here, makes of a file: a JSON text. Undefined if there is no Python. */
async function python(source: string, file: string, bytes: Uint8Array): Promise<unknown> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeFileSync(`${folder}/${file}`, bytes);
    const { success, stdout, stderr } = await new Deno.Command("python3", { args: ["-c", source], cwd: folder })
      .output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const ignore = !(await hasPython());
if (ignore) console.error("archives are not read by another program in a test: python3 is missing");

async function hasPython(): Promise<boolean> {
  try {
    return (await new Deno.Command("python3", { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const expected = FILES.map(({ name, bytes, mode = 0o644 }) => [name, new TextDecoder().decode(bytes), mode]);

Deno.test({
  name: "zipped(): Python finds the files, their modes and no fault",
  ignore,
  async fn() {
    const source = `import json, zipfile
z = zipfile.ZipFile("a.zip")
assert z.testzip() is None
assert all(i.date_time == (1980, 1, 1, 0, 0, 0) and i.create_system == 3 for i in z.infolist())
print(json.dumps([[i.filename, z.read(i).decode(), i.external_attr >> 16 & 0o7777] for i in z.infolist()]))`;
    assert.deepEqual(await python(source, "a.zip", zipped(FILES)), expected);
  },
});

Deno.test({
  name: "tarGz(): Python finds the files, their modes, no owner and no time of this build",
  ignore,
  async fn() {
    const source = `import json, tarfile
t = tarfile.open("a.tar.gz")
assert all(m.isfile() and (m.uid, m.gid, m.uname, m.gname, m.mtime) == (0, 0, "", "", 315532800) for m in t)
print(json.dumps([[m.name, t.extractfile(m).read().decode(), m.mode] for m in t]))`;
    assert.deepEqual(await python(source, "a.tar.gz", tarGz(FILES)), expected);
    assert.throws(() => tarGz([{ name: "x".repeat(101), bytes: new Uint8Array() }]), /too long/);
  },
});

Deno.test("zipped(), tarGz(): the same files make the same bytes", () => {
  for (const make of [zipped, tarGz]) {
    assert.deepEqual(make(FILES), make(FILES.map((file) => ({ ...file, bytes: file.bytes.slice() }))));
    assert.notDeepEqual(make(FILES), make(FILES.slice(1)));
  }
});

Deno.test("unzipped(): takes one file out of an archive; another or damaged archive is an error", () => {
  const zip = zipped(FILES);
  for (const { name, bytes } of FILES) assert.deepEqual(new Uint8Array(unzipped(zip, name)), bytes);
  assert.throws(() => unzipped(zip, "denort.exe"), /has no "denort\.exe"/);
  assert.throws(() => unzipped(zip.slice(0, -1), "tool-1/tool"), /cannot find the directory/);
  assert.throws(() => unzipped(new Uint8Array(), "tool-1/tool"), /cannot find the directory/);
});

Deno.test({
  name: "unzipped(): reads what Python packed, deflated or stored",
  ignore,
  async fn() {
    for (const kind of ["STORED", "DEFLATED"]) {
      const source = `import base64, io, json, zipfile
b = io.BytesIO()
z = zipfile.ZipFile(b, "w", zipfile.ZIP_${kind})
z.writestr("README", "first")
z.write("denort")
z.close()
print(json.dumps(base64.b64encode(b.getvalue()).decode()))`;
      const text = await python(source, "denort", FILES[0]!.bytes) as string;
      const zip = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      assert.deepEqual(new Uint8Array(unzipped(zip, "denort")), FILES[0]!.bytes);
    }
  },
});
