/**
 * The name in a `Host` header (RFC 9110 section 7.2): lower case, without port, brackets and the root's dot. Undefined
 * if it is none.
 */
export function hostOf(header: string): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/?#@[\]\\]+))(?::\d{1,5})?$/.exec(header)
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '')
}

/**
 * Knows the box's own names and addresses: a page elsewhere that resolves its own name to this box (DNS rebinding) is
 * refused. `addresses` is asked each time, a lease may have changed.
 */
export function knownHosts(
  names: readonly string[],
  addresses: () => readonly string[],
): (host: string) => boolean {
  const known = new Set(['localhost', '127.0.0.1', '::1', ...names.map((name) => name.toLowerCase())])
  return (host) => known.has(host) || addresses().includes(host)
}
