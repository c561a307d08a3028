import { Exit, printable, UserError } from "../errors.ts";
import { homeFolder, userPath } from "../config/paths.ts";
import { type Deps, FileError, type Files, type Http } from "./deps.ts";
import { realHttp } from "./http.ts";

/**
 * The HTTP client for this network: trusts the certificate authorities in AWS_CA_BUNDLE and SSL_CERT_FILE besides the
 * system's, and goes through the proxy in HTTPS_PROXY (the runtime reads that itself). The files are read when the first
 * request is sent, so a run that sends none does not need them.
 */
export function httpFor(deps: Pick<Deps, "env" | "cwd" | "platform"> & { readonly files: Files }): Http {
  let http: Promise<Http> | undefined;
  return {
    async send(request) {
      http ??= connect(deps);
      return await (await http).send(request);
    },
  };
}

async function connect(deps: Parameters<typeof httpFor>[0]): Promise<Http> {
  const caCerts: string[] = [];
  for (const name of ["AWS_CA_BUNDLE", "SSL_CERT_FILE"]) {
    const value = deps.env[name];
    if (value) caCerts.push(await readCertificates(deps, name, value));
  }
  const proxied = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].some((name) => deps.env[name]);
  return realHttp({ caCerts, proxied });
}

async function readCertificates(deps: Parameters<typeof httpFor>[0], name: string, value: string): Promise<string> {
  const path = userPath(deps.platform, homeFolder(deps.platform, deps.env), deps.cwd, value);
  const wrong = (why: string) =>
    new UserError(`cannot read the certificates that "${name}" names: ${why}`, {
      exit: Exit.usage,
      hint: `set ${name} to a file with certificates in PEM form, or unset it`,
    });
  let bytes: Uint8Array | undefined;
  try {
    bytes = await deps.files.read(path);
  } catch (error) {
    throw error instanceof FileError ? wrong(printable(error.message)) : error;
  }
  if (!bytes) throw wrong(`there is no file ${JSON.stringify(path)}`);
  const text = new TextDecoder().decode(bytes);
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw wrong(`${JSON.stringify(path)} holds no certificate`);
  return text;
}
