import type { ListenerView, Vitals } from '../core/operations.ts'
import type { Spool } from '../core/spool.ts'

export interface ReadyParts {
  listeners(): readonly Pick<ListenerView, 'name' | 'trouble'>[]
  readonly isWritable: Spool['isWritable']
}

/** `/readyz`: every listener accepts and the spool takes mail; else every reason in one sentence. */
export function readiness({ listeners, isWritable }: ReadyParts): Vitals['ready'] {
  return async () => {
    const listening = listeners()
    const reasons = listening.flatMap(({ name, trouble }) =>
      trouble === '' ? [] : [`listener ${name} does not accept: ${trouble}`],
    )
    if (listening.length === 0) reasons.push('no listener is open yet')
    const disk = await isWritable().catch((error: unknown) => ({ writable: false, detail: String(error) }))
    if (!disk.writable) reasons.push(`the spool is not writable: ${disk.detail}`)
    return { ready: reasons.length === 0, reason: reasons.join('; ') }
  }
}
