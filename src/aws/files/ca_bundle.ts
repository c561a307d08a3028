import { decodeIni, parseIni } from "./ini.ts";
import { profileOf } from "./profile_name.ts";

/** `ca_bundle` of a profile in the AWS config file: certificates to trust (AWS SDKs and Tools Reference). */
export function caBundle(bytes: Uint8Array, profile: string): string | undefined {
  const text = decodeIni(bytes);
  let found: string | undefined;
  let inProfile = false;
  for (const line of parseIni(text.replace(/^\ufeff+/, ""))) {
    if (line.kind === "header") inProfile = profileOf("config", line.name) === profile;
    if (inProfile && line.kind === "entry" && line.key === "ca_bundle" && line.value !== "") found = line.value;
  }
  return found;
}
