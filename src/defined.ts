/** The keys that have a value: an absent key and one that is undefined are not the same. */
export function defined<T extends object>(
  values: T,
): { readonly [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
