/** The connection to OneLogin and AWS, made when the first request is sent. */

import { Exit, printable, quoted, UserError } from "../errors.ts";
import { type Deps, FileError, type Files, type Http } from "./deps.ts";
import { classify, realHttp } from "./http.ts";
import { CA_NAMES } from "./network_env.ts";
import { homeFolder, isNetworkPath, userPath } from "./paths.ts";
import { proxyFor } from "./proxy.ts";

/** What a connection depends on. */
export type Network = Pick<Deps, "env" | "cwd" | "platform"> & { readonly files: Files };

function unusable(variable: string, why: string): UserError {
  return new UserError(`cannot read the certificates of "${variable}": ${why}`, {
    exit: Exit.usage,
    hint: `set ${variable.replaceAll('"', "")} to a file with certificates in PEM form, or unset it`,
  });
}

/**
 * The HTTP client; reads the files with certificates.
 *
 * @throws UserError exit 2 for one that cannot be used
 */
export async function connect(network: Network): Promise<Http> {
  const caCerts: string[] = [];
  for (const name of CA_NAMES) {
    const value = network.env[name];
    if (value) caCerts.push(await readCertificates(network, name, value));
  }
  try {
    return realHttp({ caCerts, proxy: (url) => proxyFor(network.env, url) });
  } catch (error) {
    if (!(error instanceof TypeError)) throw classify(error, "any host");
    // The runtime does not report which one.
    throw unusable(CA_NAMES.filter((name) => network.env[name]).join('" or "'), "a certificate is damaged");
  }
}

async function readCertificates(network: Network, name: string, value: string): Promise<string> {
  const path = userPath(network.platform, homeFolder(network.platform, network.env), network.cwd, value);
  const wrong = (why: string) => unusable(name, why);
  if (isNetworkPath(network.platform, path)) throw wrong(`${quoted(path)} is a network path`);
  let bytes: Uint8Array | undefined;
  try {
    bytes = await network.files.read(path);
  } catch (error) {
    throw error instanceof FileError ? wrong(printable(error.message)) : error;
  }
  if (!bytes) throw wrong(`there is no file ${quoted(path)}`);
  const text = new TextDecoder().decode(bytes);
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw wrong(`${quoted(path)} contains no certificate`);
  return text;
}
