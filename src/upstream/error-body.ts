/** `error` of a JSON body as Microsoft's services write it; empty for anything else, a proxy's page for one. */
export function errorOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const reply: unknown = JSON.parse(body)
    if (typeof reply !== 'object' || reply === null || !('error' in reply)) return {}
    return typeof reply.error === 'object' && reply.error !== null ? { ...reply.error } : {}
  } catch {
    return {}
  }
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
