import assert from "node:assert/strict";
import { Exit } from "../../src/errors.ts";
import { HELP_TOPICS, parseArgv } from "../../src/argv/parse.ts";
import { COMMAND_HELP, ENVIRONMENT, EXIT_CODES } from "../../src/argv/command_help.ts";
import { helpText } from "./help_pages.ts";
import { COMMANDS, OPTIONS } from "../../src/argv/options.ts";

Deno.test("helpText: every page fits 80 columns, starts with what the command does and shows how it is called", () => {
  for (const command of COMMANDS) {
    const lines = helpText(command).split("\n");
    for (const line of lines) assert.ok(line.length < 80, `${command}: ${line}`);
    assert.equal(lines[0]?.toLowerCase(), COMMAND_HELP[command].brief.toLowerCase());
    const usage = `Usage: onelogin-aws-assume-role ${command === "login" ? "[COMMAND]" : command}`;
    assert.ok(lines.some((line) => line.startsWith(usage)), command);
    assert.ok(lines.some((line) => /^ {2}\S*.*onelogin-aws-assume-role/.test(line)), `${command}: no example`);
    assert.equal(lines.at(-1), "");
  }
});

Deno.test("helpText: a command's page fits a screen", () => {
  for (const command of COMMANDS.filter((one) => one !== "login")) {
    const { length } = helpText(command).trimEnd().split("\n");
    assert.ok(length <= 40, `${command}: ${length} lines`);
  }
});

Deno.test("helpText: the first page fits two screens and has five examples, every command, and where the rest is", () => {
  const text = helpText("login");
  assert.ok(text.trimEnd().split("\n").length <= 60);
  assert.equal(COMMAND_HELP.login.examples.length, 5);
  for (const command of COMMANDS.filter((one) => one !== "login")) {
    assert.match(text, new RegExp(`^ {2}${command} `, "m"));
  }
  for (const topic of ["help options", "help environment", "help exit-codes", "--help --all"]) {
    assert.ok(text.includes(topic), topic);
  }
});

Deno.test("helpText: each topic fits 80 columns and ends with a line end", () => {
  for (const topic of HELP_TOPICS) {
    const lines = helpText(topic).split("\n");
    for (const line of lines) assert.ok(line.length < 80, `${topic}: ${line}`);
    assert.equal(lines.at(-1), "");
  }
  for (const [name] of ENVIRONMENT) assert.ok(helpText("environment").includes(`  ${name} `), name);
});

Deno.test("helpText: the page of everything explains each option of a login, command and exit code", () => {
  const text = helpText("all");
  for (const row of OPTIONS.filter((one) => one.commands.includes("login"))) {
    assert.match(text, new RegExp(`^ {2}(${row.short}, )?${row.long[0]}[ \n]`, "m"), row.key);
    if (row.env !== undefined) assert.ok(text.includes(`[env: ${row.env}]`), row.env);
    if (row.default !== undefined) assert.ok(text.includes(`[default: ${row.default}]`), row.key);
  }
  for (const command of COMMANDS.filter((one) => one !== "login")) {
    assert.match(text, new RegExp(`^ {2}${command} `, "m"));
  }
  const listed = EXIT_CODES.flatMap(([codes]) => codes.split(", ").map(Number)).sort((a, b) => a - b);
  assert.deepEqual(listed, Object.values(Exit).toSorted((a, b) => a - b));
});

Deno.test("helpText: --output lists exactly the formats that a command takes", () => {
  const row = OPTIONS.find(({ key }) => key === "output");
  for (const command of row?.commands ?? []) {
    const line =
      /--output FORMAT\s+([^[]*?)\n(?= {2}-|\n)/.exec(helpText(command === "login" ? "all" : command))?.[1]?.replace(
        /\s+/g,
        " ",
      ) ?? "";
    const taken = row?.choicesOf?.[command] ?? row?.choices ?? [];
    assert.deepEqual(row?.choices?.filter((choice) => new RegExp(`\\b${choice}\\b`).test(line)), taken, command);
  }
});

Deno.test("helpText: a command's page names each option it takes and none that it does not", () => {
  for (const command of COMMANDS) {
    const named = new Set(helpText(command === "login" ? "all" : command).match(/--[a-z][a-z_-]+/g));
    for (const row of OPTIONS) {
      const name = row.long[0] ?? "";
      if (row.commands.includes(command)) assert.ok(named.has(name), `${command}: ${name} is missing`);
      else if (command !== "login") assert.ok(!named.has(name), `${command}: ${name} is not taken`);
    }
  }
});

Deno.test("COMMAND_HELP: every example is a command line that is accepted", () => {
  for (const command of COMMANDS) {
    for (const example of COMMAND_HELP[command].examples) assert.equal(parseArgv(example.split(" ")).command, command);
  }
});
