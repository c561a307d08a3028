/** onelogin.sdk.json: the API client. */

import { type JsonFile, keyProblem, membersOf, textOf, unknownKey } from "./fields.ts";
import { readJson } from "./json_text.ts";
import { fileProblem, positionAt } from "./text_file.ts";

export interface SdkFile {
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly region?: "us" | "eu";
  readonly ip?: string;
}

const KEYS = ["client_id", "client_secret", "region", "ip"] as const;

/**
 * Reads the text of onelogin.sdk.json. Absent, `null` and empty values are unset.
 *
 * @param warn gets one line for each unknown or repeated key
 * @throws UserError exit 2 naming the file, the place and the key
 */
export function readSdkFile(path: string, text: string, warn: (line: string) => void): SdkFile {
  const file: JsonFile = { path, text };
  const root = readJson(path, text);
  if (root.kind !== "object") throw fileProblem(path, positionAt(text, root.at), "the file must be an object: { … }");
  const members = membersOf(file, root, warn);
  const value = (key: typeof KEYS[number]) => {
    const member = members.get(key);
    return member === undefined ? undefined : textOf(file, key, member.value);
  };
  for (const [name, member] of members) {
    if (name !== "$schema" && !KEYS.some((key) => key === name)) warn(unknownKey(file, member, KEYS));
  }
  const region = value("region")?.toLowerCase();
  if (region !== undefined && region !== "us" && region !== "eu") {
    throw keyProblem(
      file,
      members.get("region")?.value.at ?? 0,
      "region",
      'must be "us" or "eu"',
      "write the region of the OneLogin account, not that of AWS",
    );
  }
  const clientId = value("client_id");
  const clientSecret = value("client_secret");
  const ip = value("ip");
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(region === undefined ? {} : { region }),
    ...(ip === undefined ? {} : { ip }),
  };
}
