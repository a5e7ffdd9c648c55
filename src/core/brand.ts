/** A value of type `T` that only the parser of its kind can make. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name }

/** Marks the place that a complete `switch` never reaches: a new variant does not compile until it is decided there. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
