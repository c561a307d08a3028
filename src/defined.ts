/** Drops keys whose value is undefined: an absent key and an undefined one differ under exactOptionalPropertyTypes. */
export function defined<T extends object>(values: T): { readonly [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
