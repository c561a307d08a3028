#!/usr/bin/env node
// Starts the program, which is in the package for this system.
"use strict";
const { spawn } = require("node:child_process");
const { constants } = require("node:os");

const NAME = "onelogin-aws-assume-role";
const system = `-${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? `${NAME}.exe` : NAME;

function find() {
  const names = Object.keys(require("./package.json").optionalDependencies);
  try {
    return require.resolve(`${names.find((name) => name.endsWith(system))}/${file}`);
  } catch {
    console.error(`${NAME}: error: cannot find the program for ${process.platform} on ${process.arch}`);
    console.error(`${NAME}: hint: install it again, with optional dependencies (without --omit=optional)`);
    if (process.platform === "linux") {
      console.error(`${NAME}: hint: it needs glibc 2.27 or newer; Alpine has another C library`);
    }
    process.exit(2);
  }
}

// Before it is started, so that no signal falls between.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  // A terminal sends Ctrl-C to the program as well.
  process.on(signal, () => signal === "SIGINT" && process.stdin.isTTY || child.kill(signal));
}
const child = spawn(find(), process.argv.slice(2), { stdio: "inherit" });
child.on("error", (error) => {
  console.error(`${NAME}: error: cannot start the program: ${error.message}`);
  process.exit(2);
});
child.on("close", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
