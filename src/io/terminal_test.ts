import assert from "node:assert/strict";

/** Reads every line of a piped stdin in a process of its own, and gives back what it got. */
async function linesOf(chunks: readonly Uint8Array[], script = READ_ALL): Promise<unknown> {
  const terminal = new URL("./terminal.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", `import { realTerminal } from ${JSON.stringify(terminal)};\n${script}`],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  for (const chunk of chunks) {
    await writer.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  await writer.close();
  const { stdout } = await child.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const READ_ALL = `
const terminal = realTerminal();
const lines = [];
for (let line; (line = await terminal.readLine()) !== undefined;) lines.push(line);
lines.push(await terminal.readLine() === undefined, await terminal.readSecretLine() === undefined);
terminal.writeOut(JSON.stringify(lines));`;

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("realTerminal: lines of a pipe, whatever ends them and however they arrive", async () => {
  const euro = bytes("€5\n");
  assert.deepEqual(
    await linesOf([bytes("one\r\ntwo\n\nth"), bytes("ree\n"), euro.subarray(0, 1), euro.subarray(1), bytes("last")]),
    ["one", "two", "", "three", "€5", "last", true, true],
  );
});

Deno.test("realTerminal: an aborted read loses no answer, and says why it ended", async () => {
  const script = `
const terminal = realTerminal();
const controller = new AbortController();
const reason = await Promise.all([
  terminal.readLine(controller.signal).catch((error) => error.message),
  Promise.resolve().then(() => controller.abort(new Error("approved"))),
]);
const refused = await terminal.readLine(AbortSignal.abort(new Error("early"))).catch((error) => error.message);
terminal.writeOut(JSON.stringify([reason[0], refused, await terminal.readLine(), await terminal.readSecretLine()]));`;
  assert.deepEqual(await linesOf([new Uint8Array(), bytes("kept\nsecret\n")], script), [
    "approved",
    "early",
    "kept",
    "secret",
  ]);
});

Deno.test("realTerminal: a text larger than a pipe's buffer is written whole", async () => {
  const text = await linesOf([], `realTerminal().writeOut(JSON.stringify("x".repeat(300000)));`);
  assert.equal(typeof text === "string" && text.length, 300_000);
});
