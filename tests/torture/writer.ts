/**
 * One run of the writer under torture: `writer.ts FILE ID WRITES [PROFILES]` saves ID's own profiles that many times and
 * prints `begin N` before and `done N` after each write, N being the number the session token carries.
 * It is a process of its own so that it can be killed.
 */

import { writeProfiles } from "../../src/aws/files/credentials_file.ts";
import { realClock } from "../../src/io/clock.ts";
import { realFiles } from "../../src/io/files.ts";
import { UserError } from "../../src/errors.ts";
import { credentialsNumber } from "./numbers.ts";

const [file = "", id = "", writes = "0", first = "0"] = Deno.args;
const deps = { files: realFiles("linux"), clock: realClock() };
const encoder = new TextEncoder();
const say = (text: string) => Deno.stdout.writeSync(encoder.encode(`${text}\n`));

for (let n = Number(first); n < Number(first) + Number(writes); n++) {
  say(`begin ${n}`);
  try {
    await writeProfiles(deps, file, [{
      profile: `w${id}`,
      credentials: credentialsNumber(id, n),
      region: "eu-west-1",
    }]);
    say(`done ${n}`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(`refused ${n} ${error.exit} ${error.message}`);
  }
}
