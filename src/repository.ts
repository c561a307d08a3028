/** The repository of this project. A fork changes this line only. */
export const REPOSITORY = "onelogin/onelogin-aws-assume-role";

export const HOMEPAGE = `https://github.com/${REPOSITORY}`;

/** `host:port` that only `doctor --check-release` may ask for the newest release. */
export const RELEASES_HOST = "github.com:443";
