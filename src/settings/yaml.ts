/**
 * The used parts of the YAML parser, loaded only if the file exists. It is in its own file because the package is CommonJS:
 * loaded directly from a bundle, it would have no named exports.
 */
export { isAlias, isMap, isScalar, LineCounter, parseDocument, Scalar } from "yaml";
