import assert from "node:assert/strict";

/** Runs a script with `realTerminal` in a process of its own, hands it a chunk for each read, and gives back its answer. */
async function answerOf(chunks: readonly Uint8Array[], script: string): Promise<unknown> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", TELL_OF_READS + script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = new Response(child.stdout).json();
  const writer = child.stdin.getWriter();
  const reads = child.stderr.getReader();
  for (const chunk of chunks) {
    await reads.read();
    await writer.write(chunk);
  }
  await writer.close();
  while (!(await reads.read()).done);
  await child.status;
  return await output;
}

/** Reports on stderr that a chunk is waited for. */
const TELL_OF_READS = `
import { realTerminal } from ${JSON.stringify(new URL("./terminal.ts", import.meta.url).href)};
const read = Deno.stdin.read.bind(Deno.stdin);
Deno.stdin.read = (bytes) => {
  Deno.stderr.writeSync(new Uint8Array(1));
  return read(bytes);
};`;

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
    await answerOf(
      [bytes("one\r\ntwo\n\nth"), bytes("ree\n"), euro.subarray(0, 1), euro.subarray(1), bytes("last")],
      READ_ALL,
    ),
    ["one", "two", "", "three", "€5", "last", true, true],
  );
});

Deno.test("realTerminal: an aborted read loses no answer, and reports why it ended", async () => {
  const script = `
const terminal = realTerminal();
const controller = new AbortController();
const reason = await Promise.all([
  terminal.readLine(controller.signal).catch((error) => error.message),
  Promise.resolve().then(() => controller.abort(new Error("approved"))),
]);
const refused = await terminal.readLine(AbortSignal.abort(new Error("early"))).catch((error) => error.message);
terminal.writeOut(JSON.stringify([reason[0], refused, await terminal.readLine(), await terminal.readSecretLine()]));`;
  assert.deepEqual(await answerOf([bytes("kept\nsecret\n")], script), [
    "approved",
    "early",
    "kept",
    "secret",
  ]);
});

Deno.test("realTerminal: a question that was withdrawn does not take a line that is here already", async () => {
  const script = `
const terminal = realTerminal();
const first = await terminal.readLine();
const refused = await terminal.readLine(AbortSignal.abort(new Error("withdrawn"))).catch((error) => error.message);
terminal.writeOut(JSON.stringify([first, refused, await terminal.readLine()]));`;
  assert.deepEqual(await answerOf([bytes("one\ntwo\n")], script), ["one", "withdrawn", "two"]);
});

Deno.test("realTerminal: UTF-16 is an error, by its mark at the start or by the NULs in it, never a line", async () => {
  const script = `
const terminal = realTerminal();
const asked = await terminal.readLine().catch((error) => error.message);
terminal.writeOut(JSON.stringify(asked));`;
  const said = "cannot read standard input: it is UTF-16 text";
  assert.equal(await answerOf([new Uint8Array([0xff, 0xfe, 0x70, 0x00, 0x0a, 0x00])], script), said);
  assert.equal(await answerOf([new Uint8Array([0xfe, 0xff, 0x5b, 0xc6, 0x78, 0x01])], script), said);
  assert.equal(await answerOf([bytes("p\0w\0\n\0")], script), said);
  assert.equal(await answerOf([bytes("\ufeffpw\n")], script), "pw");
});

Deno.test("realTerminal: a text larger than a pipe's buffer is written whole", async () => {
  const text = await answerOf([], `realTerminal().writeOut(JSON.stringify("x".repeat(300000)));`);
  assert.equal(typeof text === "string" && text.length, 300_000);
});

Deno.test("realTerminal.writeErr: what cannot be seen becomes a space, and draw() writes what it is handed", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-check",
      `import { realTerminal } from ${JSON.stringify(new URL("./terminal.ts", import.meta.url).href)};
      const terminal = realTerminal();
      terminal.writeErr("a\\u001b]8;;x\\u0007b\\u202ec\\n\\td\\u200be\\n");
      terminal.draw("\\r\\u001b[K");`,
    ],
    stderr: "piped",
  });
  const { stderr } = await child.output();
  assert.equal(new TextDecoder().decode(stderr), "a ]8;;x b c\n d e\n\r\u001b[K");
});
