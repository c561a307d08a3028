/** Names for accounts, written into the text of accounts.yaml. */

import { accountsReader } from "./accounts.ts";

/** The text with these names by account id; other lines and comments stay. Throws as the reader of the file does. */
type EditAccounts = (path: string, text: string, names: ReadonlyMap<string, string>) => string;

/** Loads the YAML parser, which is large. */
export async function accountsEditor(): Promise<EditAccounts> {
  const [read, { parseDocument, Scalar }] = [await accountsReader(), await import("./yaml.ts")];
  const quoted = (text: string) => Object.assign(new Scalar(text), { type: "QUOTE_DOUBLE" as const });
  return (path, text, names) => {
    if (names.size === 0) return text;
    read(path, text, () => {});
    const document = parseDocument(text, { schema: "failsafe", uniqueKeys: false });
    const list = document.get("accounts");
    if (list === undefined || list === null || list === "") document.setIn(["accounts"], document.createNode({}));
    for (const [id, name] of names) {
      if (document.hasIn(["accounts", id])) document.setIn(["accounts", id], quoted(name));
      else document.addIn(["accounts"], document.createPair(quoted(id), quoted(name)));
    }
    const edited = document.toString({ lineWidth: 0 });
    read(path, edited, () => {});
    return text.includes("\r\n") ? edited.replaceAll("\n", "\r\n") : edited;
  };
}
