import assert from "node:assert/strict";
import { parseArgv } from "../argv/parse.ts";
import { quickAnswer } from "./help.ts";

const page = async (words: string, platform: "linux" | "windows") =>
  await quickAnswer(parseArgv(words.split(" ")), platform) ?? "";

Deno.test("quickAnswer: help names the home folder as the system does, and fits 80 columns", async () => {
  for (const words of ["--help", "help environment", "credential-process --help", "configure --help"]) {
    const [unix, windows] = [await page(words, "linux"), await page(words, "windows")];
    assert.ok(/~\/\.(aws|onelogin)/.test(unix) && !unix.includes("%USERPROFILE%"), words);
    assert.ok(/%USERPROFILE%\\\.(aws|onelogin)/.test(windows) && !/~\//.test(windows), windows);
    assert.deepEqual(windows.split("\n").filter((line) => line.length > 80), []);
    assert.deepEqual(
      windows.replaceAll("%USERPROFILE%", "~").replaceAll("\\", "/").split(/\s+/),
      unix.split(/\s+/),
      "nothing else differs",
    );
  }
  // A file of bash, which knows ~ on Windows too.
  assert.match(await page("completion --help", "windows"), /~\/\.bashrc/);
});
