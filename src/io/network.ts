import { Exit, printable, quoted, UserError } from "../errors.ts";
import { homeFolder, isNetworkPath, userPath } from "./paths.ts";
import { type Deps, FileError, type Files, type Http } from "./deps.ts";
import { proxyFor } from "./proxy.ts";

/**
 * The HTTP client for this network: trusts the certificate authorities in {@linkcode CA_NAMES} in addition to the
 * system's, and goes through the proxy in HTTPS_PROXY (the runtime reads that itself). The files are read when the first
 * request is sent, so a run without requests does not need them.
 */
export function httpFor(deps: Pick<Deps, "env" | "cwd" | "platform"> & { readonly files: Files }): Http {
  let http: Promise<Http> | undefined;
  return {
    async send(request) {
      http ??= connect(deps);
      return await (await http).send(request);
    },
    open(request) {
      http ??= connect(deps);
      http.then((real) => real.open(request)).catch(() => {});
    },
  };
}

/**
 * Names of a file with certificate authorities: for the AWS CLI and SDKs, as a variable and in the config file (the
 * launcher adds that to the environment), for Python and for OpenSSL.
 */
export const CA_NAMES = ["AWS_CA_BUNDLE", "ca_bundle", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"] as const;

function unusable(variable: string, why: string): UserError {
  return new UserError(`cannot read the certificates of "${variable}": ${why}`, {
    exit: Exit.usage,
    hint: `set ${variable.replaceAll('"', "")} to a file with certificates in PEM form, or unset it`,
  });
}

async function connect(deps: Parameters<typeof httpFor>[0]): Promise<Http> {
  const { classify, realHttp } = await import("./http.ts");
  const caCerts: string[] = [];
  for (const name of CA_NAMES) {
    const value = deps.env[name];
    if (value) caCerts.push(await readCertificates(deps, name, value));
  }
  try {
    return realHttp({ caCerts, proxy: (url) => proxyFor(deps.env, url) });
  } catch (error) {
    if (!(error instanceof TypeError)) throw classify(error, "any host");
    // The runtime does not report which one.
    throw unusable(CA_NAMES.filter((name) => deps.env[name]).join('" or "'), "a certificate is damaged");
  }
}

async function readCertificates(deps: Parameters<typeof httpFor>[0], name: string, value: string): Promise<string> {
  const path = userPath(deps.platform, homeFolder(deps.platform, deps.env), deps.cwd, value);
  const wrong = (why: string) => unusable(name, why);
  if (isNetworkPath(deps.platform, path)) throw wrong(`${quoted(path)} is a network path`);
  let bytes: Uint8Array | undefined;
  try {
    bytes = await deps.files.read(path);
  } catch (error) {
    throw error instanceof FileError ? wrong(printable(error.message)) : error;
  }
  if (!bytes) throw wrong(`there is no file ${quoted(path)}`);
  const text = new TextDecoder().decode(bytes);
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw wrong(`${quoted(path)} contains no certificate`);
  return text;
}
