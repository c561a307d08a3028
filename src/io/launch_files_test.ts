import assert from "node:assert/strict";
import { PLATFORM } from "../testing.ts";
import { launchFiles } from "./launch_files.ts";

Deno.test("launchFiles: what cannot be read is undefined, a file is no link, each path is looked at once", async () => {
  const folder = Deno.realPathSync(await Deno.makeTempDir());
  const [file, link, missing] = [`${folder}/file`, `${folder}/link`, `${folder}/missing`];
  try {
    await Deno.writeTextFile(file, "abc");
    const links = await Deno.symlink("file", link).then(() => Deno.lstatSync(link).isSymlink, () => false);
    const disk = launchFiles(PLATFORM);
    assert.equal(new TextDecoder().decode(disk.read(file)), "abc");
    assert.equal(disk.read(folder), undefined);
    assert.equal(disk.read(missing), undefined);
    assert.equal(disk.readLink(file), undefined);
    assert.equal(disk.readLink(missing), undefined);
    if (links) assert.equal(disk.readLink(link), "file");
    if (links) assert.equal(disk.realPath(link), Deno.realPathSync(file));
    assert.equal(disk.realPath(missing), undefined);
    assert.deepEqual([file, folder, missing].map((path) => disk.stat(path)?.kind), ["file", "directory", undefined]);
    // What is planted meanwhile changes nothing: the grants and the choices of the launcher come from the same bytes.
    await Deno.writeTextFile(missing, "late");
    await Deno.writeTextFile(file, "other");
    assert.equal(disk.read(missing), undefined);
    assert.equal(new TextDecoder().decode(disk.read(file)), "abc");
    assert.equal(new TextDecoder().decode(launchFiles(PLATFORM).read(file)), "other");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
