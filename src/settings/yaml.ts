/**
 * What is used of the YAML parser, loaded by those who have the file. In a file of its own, since the package is CommonJS:
 * loaded by itself from a bundle, it would have no names.
 */
export { isAlias, isMap, isScalar, LineCounter, parseDocument } from "yaml";
