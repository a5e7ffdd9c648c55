const longestMs = 5000

/** Lets sockets and promises go on until the condition holds; throws where that never comes. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + longestMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never came: ${condition}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
