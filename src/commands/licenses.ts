import { LICENSES } from "./license_texts.ts";
import { PROGRAM } from "../version.ts";

const HEAD = `What the ${PROGRAM} executable contains besides the program itself (MIT), and under which licences.\n` +
  "The source of each crate is at https://crates.io/crates/NAME.\n" +
  `V8 also contains ${LICENSES.besides}.\n`;

/** The answer to `--licenses`. */
export function licenseText(): string {
  const parts = LICENSES.licenses.map(({ of, text }) => `${of.join("\n")}\n\n${text}\n`);
  return [HEAD, ...parts].join(`\n${"-".repeat(80)}\n\n`);
}
