import assert from "node:assert/strict";
import { generated } from "./generate.ts";
import { ROOT } from "../start_task.ts";

Deno.test('generated() equals the files of the project; else run "deno task generate"', async () => {
  for (const [path, content] of Object.entries(generated())) {
    assert.equal(await Deno.readTextFile(new URL(path, ROOT)), content, path);
  }
});
