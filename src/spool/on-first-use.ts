/**
 * A prepared statement costs memory for as long as it is there, in each thread: what is seldom asked for is prepared when it
 * is asked for first.
 */
export function onFirstUse<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
